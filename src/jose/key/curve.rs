//! The NIST curves: sizes, names, and points that were checked.

use spki::ObjectIdentifier;

use crate::jose::{algorithm::KeyType, key::KeyError};

/// One of the curves of RFC 7518 section 6.2.1.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::jose) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(in crate::jose) fn of(key_type: KeyType) -> Option<Self> {
        match key_type {
            KeyType::P256 => Some(Self::P256),
            KeyType::P384 => Some(Self::P384),
            KeyType::P521 => Some(Self::P521),
            KeyType::Rsa | KeyType::Ed25519 => None,
        }
    }

    pub(super) fn of_oid(oid: &ObjectIdentifier) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.oid() == *oid)
    }

    /// The name of the curve in DER (RFC 5480 section 2.1.1.1).
    pub(super) fn oid(self) -> ObjectIdentifier {
        const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
        const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
        const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
        match self {
            Self::P256 => P256,
            Self::P384 => P384,
            Self::P521 => P521,
        }
    }

    /// The `crv` of a JWK.
    pub(in crate::jose) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Octets of a coordinate (RFC 7518 section 6.2.1.2).
    pub(in crate::jose) fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(super) fn key_type(self) -> KeyType {
        match self {
            Self::P256 => KeyType::P256,
            Self::P384 => KeyType::P384,
            Self::P521 => KeyType::P521,
        }
    }

    /// A SEC1 point, compressed or not, as an uncompressed one that is on the curve.
    pub(in crate::jose) fn point(self, sec1: &[u8]) -> Result<Vec<u8>, KeyError> {
        macro_rules! checked {
            ($curve:ident) => {
                $curve::PublicKey::from_sec1_bytes(sec1)
                    .map(|key| {
                        use $curve::elliptic_curve::sec1::ToSec1Point;
                        key.to_sec1_point(false).as_bytes().to_vec()
                    })
                    .map_err(|_| KeyError::OffCurve(self.name()))
            };
        }
        match self {
            Self::P256 => checked!(p256),
            Self::P384 => checked!(p384),
            Self::P521 => checked!(p521),
        }
    }
}
