//! Files with keys and certificates, as an import reads them.

#![no_main]

use keyfob::{
    jose::pem::{Found, Passphrases, detect_sealed},
    keystore::import::Offer,
    secret::Secret,
    x509::{certificate::Certificate, chain, details::Details},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut lookup = |_: &str| Some(Secret::new("hunter2".to_owned()));
    let content = Secret::new(bytes.to_vec());
    if let Ok(found) = detect_sealed(&content, &mut Passphrases::new(&mut lookup)) {
        for found in &found {
            if let Found::Certificate(der) = found {
                shown(der);
            }
        }
        let _ = Offer::of(found);
    }
    shown(bytes);
});

fn shown(der: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(der) {
        let _ = Details::of(&certificate);
        let _ = chain::is_self_signed(&certificate);
    }
}
