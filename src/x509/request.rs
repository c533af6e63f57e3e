//! A certificate signing request (RFC 2986) that somebody else wrote: whose public key it has.

use der::{Decode, Encode};
use x509_cert::request::CertReq;

use super::{
    certificate::CertificateError,
    details::DistinguishedName,
    signature::{self, Check, SignatureAlgorithm},
};
use crate::jose::key::PublicKey;

/// A certificate signing request whose signature was made by its own key.
#[derive(Clone, Debug)]
pub struct Request {
    public: PublicKey,
    subject: String,
}

impl Request {
    /// Reads DER. A key that is refused everywhere is refused here too; so is a request that another
    /// key has signed, or that was changed since (RFC 2986 section 3).
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let bad = |reason: String| CertificateError::Request(reason);
        let request = CertReq::from_der(der).map_err(|error| bad(error.to_string()))?;
        let spki = request.info.public_key.to_der();
        let spki = spki.map_err(|error| bad(error.to_string()))?;
        let public = PublicKey::from_spki_der(&spki).map_err(|error| bad(error.to_string()))?;
        let algorithm = SignatureAlgorithm::of(&request.algorithm);
        match signature::check(der, &algorithm, &public) {
            Check::Good => Ok(Self {
                public,
                subject: DistinguishedName::of(&request.info.subject).text,
            }),
            Check::Bad => Err(bad(
                "its signature is not that of its own key: ask for it anew".to_owned(),
            )),
            Check::NotChecked(why) => Err(bad(why)),
        }
    }

    /// The key that a certificate is asked for.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Whom the certificate is to be about, as RFC 4514 writes it; empty where it says nothing.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;

    use super::*;
    use crate::{
        jose::{key::Signer, pem::fixture},
        x509::{
            issue,
            profile::{Profile, Subject},
        },
    };

    fn der() -> Vec<u8> {
        let key = fixture::private(fixture::P256);
        let profile = Profile::named("minimal", &[]).unwrap();
        let nothing = Subject::default();
        let pem = issue::request(&key, "k", &profile, &nothing, &SystemRandom::new()).unwrap();
        let (_, der) = pem_rfc7468::decode_vec(pem.as_bytes()).unwrap();
        der
    }

    #[test]
    fn a_request_says_its_key_and_its_subject() {
        let request = Request::from_der(&der()).unwrap();
        assert_eq!(request.public(), fixture::private(fixture::P256).public());
        assert_eq!(request.subject(), "CN=k");
    }

    #[test]
    fn a_request_that_was_changed_is_refused() {
        let mut der = der();
        let name = der.iter().position(|octet| *octet == b'k').unwrap();
        der[name] = b'j';
        assert_eq!(
            Request::from_der(&der).unwrap_err().to_string(),
            "the certificate signing request: its signature is not that of its own key: ask for it \
             anew"
        );
    }

    #[test]
    fn a_request_cut_off_is_refused() {
        let der = der();
        let error = Request::from_der(&der[..der.len() - 1]).unwrap_err();
        assert!(matches!(error, CertificateError::Request(_)), "{error}");
    }
}
