use tempfile::TempDir;

use super::*;
use crate::{
    config::home::Home,
    jose::{
        key::Signer,
        pem::{
            detect,
            fixture::{ED25519, P256, P384, private},
        },
    },
    keystore::sealing::Protection,
};

fn offer(keystore: &Keystore, text: String) -> Offer {
    let mut offer = Offer::of(detect(&Secret::new(text.into_bytes())).unwrap());
    offer.take_names(keystore).unwrap();
    offer
}

#[test]
fn each_key_of_an_offer_stands_somewhere_to_what_is_stored() {
    let folder = TempDir::new().unwrap();
    let home = Home::at(&folder.path().join("home"));
    let (keystore, _) = Keystore::create(&home, &Protection::None).unwrap();
    let now: Timestamp = "2026-11-25T14:00:00Z".parse().unwrap();
    let public_half = Offer {
        keys: vec![Candidate::bare(
            Material::Public(private(ED25519).public().clone()),
            None,
        )],
        ..Offer::default()
    };
    add_all(&keystore, public_half, Some("edge"), now).unwrap();
    add_all(
        &keystore,
        offer(&keystore, P256.to_owned()),
        Some("partner"),
        now,
    )
    .unwrap();

    let many = offer(&keystore, [P384, P256, ED25519].concat());
    assert_eq!(
        many.standings(&keystore).unwrap(),
        [
            Standing::New,
            Standing::Here("partner".to_owned()),
            Standing::Lacking("edge".to_owned()),
        ]
    );

    let mut named = offer(&keystore, P384.to_owned());
    named.keys[0].kid = Some("edge".to_owned());
    assert_eq!(
        named.standings(&keystore).unwrap(),
        [Standing::NameTaken("edge".to_owned())]
    );

    let chosen = add_all(&keystore, many.only(&[2]), None, now).unwrap();
    assert!(matches!(&chosen[..], [Imported::Completed(record)] if record.kid == "edge"));
    assert_eq!(keystore.list().unwrap().len(), 2);
}
