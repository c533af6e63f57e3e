//! The forms of before PKCS#8: PKCS#1 for RSA, SEC1 for curves.

use der::{Decode, asn1::ObjectIdentifier};
use pkcs8::{LineEnding, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::{Curve, KeyError, PrivateKey, Signer};
use crate::{jose::algorithm::KeyType, secret::Secret};

impl PrivateKey {
    /// `-----BEGIN RSA PRIVATE KEY-----` (RFC 8017 appendix A.1.2), with a line feed at the end;
    /// only RSA keys have it.
    pub fn pkcs1_pem(&self) -> Result<Secret<String>, KeyError> {
        match self.public().key_type() {
            KeyType::Rsa => pem("RSA PRIVATE KEY", self.inner()?),
            _ => Err(self.has_no("PKCS#1", "RSA")),
        }
    }

    /// `-----BEGIN EC PRIVATE KEY-----` (RFC 5915) with the curve's name and the public half, with
    /// a line feed at the end; only keys of curves P-256, P-384 and P-521 have it.
    pub fn sec1_pem(&self) -> Result<Secret<String>, KeyError> {
        let Some(curve) = Curve::of(self.public().key_type()) else {
            return Err(self.has_no("SEC1", "EC"));
        };
        let bare = sec1::EcPrivateKey::from_der(self.inner()?).map_err(malformed)?;
        let oid: ObjectIdentifier = curve.oid();
        let named = sec1::EcPrivateKey {
            private_key: bare.private_key,
            parameters: Some(sec1::EcParameters::NamedCurve(oid)),
            public_key: bare.public_key,
        };
        let der = Zeroizing::new(der::Encode::to_der(&named).map_err(malformed)?);
        pem("EC PRIVATE KEY", &der)
    }

    /// What stands inside the PKCS#8 structure.
    fn inner(&self) -> Result<&[u8], KeyError> {
        PrivateKeyInfoRef::from_der(self.pkcs8_der().expose())
            .map(|info| info.private_key.as_bytes())
            .map_err(malformed)
    }

    fn has_no(&self, form: &'static str, type_of_key: &'static str) -> KeyError {
        KeyError::NoSuchForm {
            form,
            type_of_key,
            key: self.public().label(),
        }
    }
}

fn pem(label: &str, der: &[u8]) -> Result<Secret<String>, KeyError> {
    pem_rfc7468::encode_string(label, LineEnding::LF, der)
        .map(Secret::new)
        .map_err(|_| KeyError::Internal("writing PEM"))
}

fn malformed(error: der::Error) -> KeyError {
    KeyError::Malformed {
        form: "PKCS#8",
        reason: error.to_string(),
    }
}
