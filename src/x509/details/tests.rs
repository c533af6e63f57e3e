use super::*;
use crate::x509::{
    chain::{self, LinkState},
    signature::Strength,
};

const CHAIN: &str = include_str!("../../../tests/vectors/chain.pem");
const ODD: &str = include_str!("../../../tests/vectors/odd.pem");

fn states(chain: &[Certificate]) -> Vec<LinkState> {
    chain::links(chain)
        .into_iter()
        .map(|link| link.state)
        .collect()
}

#[test]
fn what_rfc_5280_forbids_is_shown() {
    let odd = Certificate::all_from_pem(ODD).unwrap();
    let details = Details::of(&odd[0]);
    assert_eq!(details.serial, "-12:34");
    assert_eq!(details.subject.text, "");
    assert_eq!(details.signature.name, "sha1WithRSAEncryption");
    assert_eq!(details.signature.strength, Strength::Weak);
    let names = &details.extensions[1];
    assert_eq!(names.name, "subjectAltName");
    assert_eq!(names.meaning.len(), 100);
    assert_eq!(states(&odd), [LinkState::SelfSigned]);
}

#[test]
fn a_certificate_may_have_no_end() {
    let pem = include_str!("../../../tests/vectors/endless.pem");
    let endless = Certificate::all_from_pem(pem).unwrap();
    assert_eq!(Details::of(&endless[0]).not_after, Timestamp::MAX);
}

#[test]
fn an_unknown_extension_is_shown_by_its_oid() {
    let odd = Certificate::all_from_pem(ODD).unwrap();
    assert_eq!(
        Details::of(&odd[0]).extensions[2],
        Extension {
            name: "1.2.3.4.5".to_owned(),
            oid: "1.2.3.4.5".to_owned(),
            critical: Criticality::Critical,
            meaning: vec!["01:02:ff".to_owned()],
        }
    );
}

#[test]
fn every_link_of_a_chain_is_checked() {
    let chain = Certificate::all_from_pem(CHAIN).unwrap();
    let whole = [
        LinkState::SignedByNext,
        LinkState::SignedByNext,
        LinkState::SelfSigned,
    ];
    assert_eq!(states(&chain), whole);
    assert_eq!(
        states(&chain[..1]),
        [LinkState::IssuerMissing {
            issuer: "CN=Intermediate".to_owned()
        }]
    );
    assert_eq!(Details::of(&chain[2]).serial, "ff:01");
}

#[test]
fn an_issuer_that_does_not_follow_is_found_where_it_stands() {
    let chain = Certificate::all_from_pem(CHAIN).unwrap();
    let [leaf, intermediate, root] = chain.as_slice() else {
        panic!("{chain:?}")
    };
    let disordered = [root.clone(), leaf.clone(), intermediate.clone()];
    let elsewhere = LinkState::IssuerElsewhere {
        issuer: Details::of(root).subject.text,
        place: 1,
    };
    let expected = [LinkState::SelfSigned, LinkState::SignedByNext, elsewhere];
    assert_eq!(states(&disordered), expected);
}

#[test]
fn one_changed_octet_breaks_the_signature() {
    let chain = Certificate::all_from_pem(CHAIN).unwrap();
    let mut der = chain[0].der().to_vec();
    let place = der
        .windows(12)
        .position(|part| part == b"host.example")
        .unwrap();
    der[place] = b'm';
    let changed = [Certificate::from_der(&der).unwrap(), chain[1].clone()];
    assert_eq!(states(&changed)[0], LinkState::BadSignature);
}

#[test]
fn names_escape_what_rfc_4514_says() {
    let chain = Certificate::all_from_pem(CHAIN).unwrap();
    let root = Details::of(&chain[2]).subject;
    assert_eq!(root.text, "CN=Würzel,O=Acme\\, Inc.,C=DE");
    assert_eq!(root.attributes[1].value, "Acme, Inc.");
}

#[test]
fn serials_are_signed_numbers() {
    for (der, expected) in [
        (&[2, 1, 0][..], "00"),
        (&[2, 2, 0, 0xff], "ff"),
        (&[2, 1, 0xff], "-01"),
        (&[2, 1, 0x80], "-80"),
        (&[2, 2, 0xff, 0x00], "-01:00"),
    ] {
        assert_eq!(serial(der), expected);
    }
}

#[test]
fn spoiled_bytes_that_were_stored_end_nothing() {
    let chain = Certificate::all_from_pem(CHAIN).unwrap();
    let mut der = chain[0].der().to_vec();
    // An object identifier of a name becomes something else.
    let place = der
        .windows(3)
        .position(|octets| octets == [0x06, 0x03, 0x55])
        .unwrap();
    der[place] = 0x05;
    let stored = Certificate::from_stored_der(der).unwrap();
    let details = Details::of(&stored);
    assert!(details.public_key.starts_with("not usable: "));
    assert_eq!(
        (details.subject.text.as_str(), details.serial.as_str()),
        ("", "")
    );
    assert_eq!(details.not_after, stored.not_after());
}
