//! The header of a new token (RFC 7515 section 4.1), and what is filled in from the key and its
//! certificate.

use aws_lc_rs::digest;
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

use super::{algorithm::SignatureAlgorithm, claims::JsonObject, key::PublicKey, verdict::Leaf};

/// A member that is filled from the key on request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeaderMember {
    /// The public key itself, for proofs of possession (RFC 9449 section 4.2).
    Jwk,
    /// The key's name.
    Kid,
    /// SHA-1 of the certificate.
    X5t,
    /// SHA-256 of the certificate.
    X5tS256,
    /// The certificate chain.
    X5c,
}

/// The key that signs, as far as a header tells of it.
#[derive(Clone, Debug)]
pub struct HeaderSource {
    /// The public half; a shared secret has none.
    pub key: Option<PublicKey>,
    /// Its name.
    pub kid: Option<String>,
    /// Its certificates, leaf first.
    pub chain: Vec<Leaf>,
}

/// Why a member cannot be filled.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HeaderError {
    /// The key has no certificate.
    #[error("{0}: this key has no certificate to fill it from: keyfob cert new makes one")]
    NoCertificate(&'static str),
    /// The key has no name.
    #[error("kid: this key has no name: give one, kid=NAME")]
    NoKid,
    /// A shared secret has no public half.
    #[error("jwk: this key has no public half to show")]
    NoPublicKey,
    /// The certificate was made for another key.
    #[error("{0}: the certificate at hand is another key's: import this key's own")]
    OtherKey(&'static str),
}

impl HeaderMember {
    /// All of them, in the order in which a header lists them.
    pub const ALL: [Self; 5] = [Self::Kid, Self::Jwk, Self::X5t, Self::X5tS256, Self::X5c];

    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jwk => "jwk",
            Self::Kid => "kid",
            Self::X5t => "x5t",
            Self::X5tS256 => "x5t#S256",
            Self::X5c => "x5c",
        }
    }

    /// The member of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|member| member.name() == name)
    }

    /// What a key fills it with; refused where there is nothing, or a certificate of another key.
    pub fn filled(self, source: &HeaderSource) -> Result<Value, HeaderError> {
        let b64 = |bytes: &[u8]| Value::String(Base64UrlUnpadded::encode_string(bytes));
        match self {
            Self::Jwk => {
                let key = source.key.as_ref().ok_or(HeaderError::NoPublicKey)?;
                Ok(Value::Object(key.required_members()))
            }
            Self::Kid => {
                let kid = source.kid.clone().ok_or(HeaderError::NoKid)?;
                Ok(kid.into())
            }
            Self::X5t => {
                let leaf = self.leaf(source)?;
                let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &leaf.der);
                Ok(b64(hash.as_ref()))
            }
            Self::X5tS256 => {
                let leaf = self.leaf(source)?;
                Ok(b64(digest::digest(&digest::SHA256, &leaf.der).as_ref()))
            }
            Self::X5c => {
                self.leaf(source)?;
                let chain = source.chain.iter();
                let chain = chain.map(|leaf| Base64::encode_string(&leaf.der).into());
                Ok(Value::Array(chain.collect()))
            }
        }
    }

    fn leaf(self, source: &HeaderSource) -> Result<&Leaf, HeaderError> {
        let leaf = source.chain.first();
        let leaf = leaf.ok_or(HeaderError::NoCertificate(self.name()))?;
        if leaf.key.is_some() && leaf.key == source.key {
            Ok(leaf)
        } else {
            Err(HeaderError::OtherKey(self.name()))
        }
    }
}

/// `alg` and `typ`, and `kid` where the key has one.
pub fn header_for(algorithm: SignatureAlgorithm, typ: &str, kid: Option<&str>) -> JsonObject {
    let mut header = Map::new();
    header.insert("alg".to_owned(), algorithm.name().into());
    header.insert("typ".to_owned(), typ.into());
    if let Some(kid) = kid {
        header.insert("kid".to_owned(), kid.into());
    }
    JsonObject::from_members(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{key::Signer, pem::fixture};

    fn source(chain: Vec<Leaf>) -> HeaderSource {
        HeaderSource {
            key: Some(fixture::private(fixture::P256).public().clone()),
            kid: None,
            chain,
        }
    }

    fn leaf(key: Option<PublicKey>) -> Leaf {
        Leaf {
            der: b"der".to_vec(),
            key,
        }
    }

    #[test]
    fn members_are_filled_from_the_certificate() {
        let own = fixture::private(fixture::P256).public().clone();
        let source = source(vec![leaf(Some(own)), leaf(None)]);
        let members = [
            HeaderMember::Kid,
            HeaderMember::X5t,
            HeaderMember::X5tS256,
            HeaderMember::X5c,
        ];
        let filled = members.map(|member| {
            member
                .filled(&source)
                .map_or_else(|error| error.to_string(), |value| value.to_string())
        });
        assert_eq!(
            filled,
            [
                "kid: this key has no name: give one, kid=NAME",
                "\"fUTDPPmoKrm9UwDSZnhFBOl3IXc\"",
                "\"UFDYDSLs1HHqVd9wNAQsHgQTQf9AZuf2_zjiC3IN-Oo\"",
                r#"["ZGVy","ZGVy"]"#,
            ]
        );
    }

    #[test]
    fn a_header_shows_the_key_itself_and_nothing_of_its_name() {
        let filled = HeaderMember::Jwk.filled(&source(Vec::new())).unwrap();
        assert_eq!(
            filled.to_string(),
            r#"{"kty":"EC","crv":"P-256","x":"XXnxroxgfF-_ovL-0JHfBr0K7VDCF_GKbS028NWS-Y4","y":"vvcyFSL6HJlJybqrxPmFNd7_IP4SnNBkd6jnvlCLyEE"}"#
        );
        let secret = HeaderSource {
            key: None,
            ..source(Vec::new())
        };
        assert_eq!(
            HeaderMember::Jwk.filled(&secret),
            Err(HeaderError::NoPublicKey)
        );
    }

    #[test]
    fn no_certificate_and_that_of_another_key_are_refused() {
        let other = fixture::private(fixture::ED25519).public().clone();
        for member in [HeaderMember::X5t, HeaderMember::X5tS256, HeaderMember::X5c] {
            let name = member.name();
            assert_eq!(
                member.filled(&source(Vec::new())),
                Err(HeaderError::NoCertificate(name))
            );
            for key in [None, Some(other.clone())] {
                let source = source(vec![leaf(key)]);
                assert_eq!(member.filled(&source), Err(HeaderError::OtherKey(name)));
            }
        }
    }
}
