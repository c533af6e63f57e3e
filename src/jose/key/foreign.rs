//! Kinds of keys that are known by name and not kept here.

use spki::ObjectIdentifier;

use super::KeyError;

/// Types and curves by their OID (RFC 5639, RFC 5758, RFC 8017, RFC 8410, SEC 2, …).
const NAMES: [(&str, &str); 15] = [
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// Why a key of the type `oid` is refused.
pub(super) fn of_type(oid: &ObjectIdentifier) -> KeyError {
    refused("type", oid)
}

/// Why a key on the curve `oid` is refused.
pub(super) fn on_curve(oid: &ObjectIdentifier) -> KeyError {
    refused("curve", oid)
}

fn refused(what: &str, oid: &ObjectIdentifier) -> KeyError {
    let dotted = oid.to_string();
    let known = NAMES.iter().find(|(number, _)| *number == dotted);
    KeyError::Unsupported(match known {
        Some((_, name)) => (*name).to_owned(),
        None => format!("{what} {dotted}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_key_is_named_and_an_unknown_one_numbered() {
        let said = |error: KeyError| error.to_string();
        let oid = ObjectIdentifier::new_unwrap;
        assert_eq!(
            said(on_curve(&oid("1.3.132.0.10"))),
            "a secp256k1 key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 keys"
        );
        assert_eq!(
            said(of_type(&oid("1.2.3"))),
            "a type 1.2.3 key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 keys"
        );
        for (number, name) in NAMES {
            assert_eq!(
                of_type(&oid(number)),
                KeyError::Unsupported(name.to_owned())
            );
        }
    }
}
