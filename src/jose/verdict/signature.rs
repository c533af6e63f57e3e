//! The checks on header, key and signature.

use aws_lc_rs::{digest, hmac};
use serde_json::Value;

use super::{Ask, Check, Expectations, KeyOrigin, Leaf, Standing, VerificationKey};
use crate::{
    jose::{
        algorithm::{Algorithm, KeyType, MacAlgorithm},
        jwk::Jwk,
        key::{PublicKey, Verifier},
        pem::{self, Found},
        token::UnverifiedToken,
    },
    secret::Secret,
};

pub(super) fn judge(
    token: &UnverifiedToken,
    key: Option<&VerificationKey>,
    expectations: &Expectations,
    checks: &mut Vec<Check>,
) {
    for remark in &token.remarks {
        checks.push(Check::finding("paste", remark));
    }
    checks.push(signature(token, key, expectations));
    checks.push(alg(token, key, expectations));
    checks.push(kid(token, key));
    checks.push(typ(token, expectations));
    checks.extend(crit(token));
    checks.extend(b64(token));
    checks.extend(wrong_types(token));
    for name in ["jwk", "jku", "x5u", "x5c"] {
        if token.header.members().contains_key(name) {
            let detail = format!("{name} in the header is shown and never trusted");
            checks.push(Check::finding(name, detail));
        }
    }
    match key {
        Some(VerificationKey::Public {
            key,
            leaf,
            standing,
            ..
        }) => {
            if *standing == Standing::Revoked {
                let detail = "the key is revoked: nothing that it signed counts";
                checks.push(Check::failed("key status", detail));
            }
            checks.push(Check::passed("key strength", key.label()));
            checks.extend(leaf.as_ref().map(|leaf| certificate(token, key, leaf)));
        }
        Some(VerificationKey::Symmetric { secret, .. }) => checks.extend(published(secret)),
        None => {}
    }
}

fn signature(
    token: &UnverifiedToken,
    key: Option<&VerificationKey>,
    expectations: &Expectations,
) -> Check {
    let name = "signature";
    let Some(signature) = token.signature() else {
        return Check::failed(name, "an encrypted token (JWE) has none");
    };
    if signature.is_empty() {
        return Check::failed(name, "the token is not signed");
    }
    let Some(key) = key else {
        return Check::not_checked(name, "no key to check it with").asking(Ask::Key);
    };
    let input = token.signing_input().as_bytes();
    let matches = match key {
        VerificationKey::Public { key, alg, .. } => allowed(token, key, *alg, expectations)
            .is_some_and(|alg| key.verify(alg, input, signature).is_ok()),
        VerificationKey::Symmetric { alg, secret } => allowed_mac(token, *alg, expectations)
            .is_some_and(|alg| mac_matches(alg, secret, input, signature)),
    };
    match (matches, key) {
        (false, _) => Check::failed(name, mismatch(token, key, signature, expectations)),
        (true, VerificationKey::Public { kid, key, .. }) => {
            let kid = kid.clone().unwrap_or_else(|| key.thumbprint().to_string());
            Check::passed(name, format!("matches the key {kid}"))
        }
        (true, VerificationKey::Symmetric { .. }) => Check::passed(name, "matches the secret"),
    }
}

/// Why a signature does not match: its length tells what was cut off, and ECDSA in DER.
fn mismatch(
    token: &UnverifiedToken,
    key: &VerificationKey,
    signature: &[u8],
    expectations: &Expectations,
) -> String {
    let found = signature.len();
    if let VerificationKey::Public { key, alg, .. } = key
        && let Some(alg) = allowed(token, key, *alg, expectations)
        && let wanted = alg.signature_length(key.bits())
        && wanted != found
    {
        return match alg.key_type() {
            KeyType::Rsa => format!(
                "it has {found} bytes, {alg} of this key has {wanted}: another key, or cut off"
            ),
            _ => format!(
                "it has {found} bytes, {alg} has {wanted}: cut off, or in another form (DER)"
            ),
        };
    }
    "it does not match: another key, or a changed token".to_owned()
}

fn alg(
    token: &UnverifiedToken,
    key: Option<&VerificationKey>,
    expectations: &Expectations,
) -> Check {
    let name = "alg";
    let Some(alg) = token.alg() else {
        return Check::failed(name, "the header has no alg, or it is no text");
    };
    if alg.eq_ignore_ascii_case("none") {
        return Check::failed(name, "none: an unsigned token is never valid");
    }
    let listed = &expectations.algorithms;
    if !listed.is_empty() && !listed.iter().any(|one| one == alg) {
        return Check::failed(name, format!("{alg} is not allowed: {}", listed.join(", ")));
    }
    match key {
        None => Check::not_checked(name, format!("{alg}: no key to hold it against")),
        Some(VerificationKey::Public { key, alg: own, .. }) => {
            if let Some(alg) = allowed(token, key, *own, expectations) {
                return Check::passed(name, alg.name());
            }
            let own = own.map_or_else(|| key.label(), |own| own.name().to_owned());
            Check::failed(name, format!("{alg} is not the key's: {own}"))
        }
        Some(VerificationKey::Symmetric { alg: own, secret }) => {
            match allowed_mac(token, *own, expectations) {
                None => Check::failed(name, format!("{alg} does not fit a shared secret")),
                Some(mac) if secret.expose().len() < mac.least_secret() => Check::failed(
                    name,
                    format!(
                        "{alg} needs a secret of {} bytes; this one has {} (RFC 7518 section 3.2)",
                        mac.least_secret(),
                        secret.expose().len()
                    ),
                ),
                Some(mac) => Check::passed(name, mac.name()),
            }
        }
    }
}

/// The algorithm to verify with: the token's, where the key or the caller allows it.
fn allowed(
    token: &UnverifiedToken,
    key: &PublicKey,
    own: Option<Algorithm>,
    expectations: &Expectations,
) -> Option<Algorithm> {
    let alg: Algorithm = token.alg()?.parse().ok()?;
    let listed = expectations.algorithms.iter().any(|one| one == alg.name());
    let fits = match (listed, own) {
        (true, _) | (false, None) => true,
        // EdDSA and Ed25519 name the same algorithm (RFC 9864 section 2.2).
        (false, Some(own)) => {
            own == alg || own.key_type() == alg.key_type() && is_ed25519(own) && is_ed25519(alg)
        }
    };
    (fits && key.supports(alg)).then_some(alg)
}

fn is_ed25519(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::EdDsa | Algorithm::Ed25519)
}

fn allowed_mac(
    token: &UnverifiedToken,
    own: Option<MacAlgorithm>,
    expectations: &Expectations,
) -> Option<MacAlgorithm> {
    let alg: MacAlgorithm = token.alg()?.parse().ok()?;
    let listed = expectations.algorithms.iter().any(|one| one == alg.name());
    (listed || own.is_none_or(|own| own == alg)).then_some(alg)
}

fn mac_matches(
    algorithm: MacAlgorithm,
    secret: &Secret<Vec<u8>>,
    input: &[u8],
    signature: &[u8],
) -> bool {
    let hash = match algorithm {
        MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
        MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
        MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
    };
    let key = hmac::Key::new(hash, secret.expose());
    hmac::verify(&key, input, signature).is_ok()
}

/// A secret that is the text of a public key is no secret: whoever has the key forges tokens.
fn published(secret: &Secret<Vec<u8>>) -> Option<Check> {
    let found = pem::detect(secret).ok()?;
    let detail = "the secret is the text of a key or certificate: whoever has it forges tokens";
    let asymmetric = |part: &Found| match part {
        Found::Certificate(_) | Found::Private(..) | Found::Public(..) | Found::Request(_) => true,
        Found::Jwk(jwk) => !matches!(**jwk, Jwk::Symmetric { .. }),
        Found::Refused(_) => false,
    };
    let any = found.iter().any(asymmetric);
    any.then(|| Check::failed("key strength", detail))
}

fn kid(token: &UnverifiedToken, key: Option<&VerificationKey>) -> Check {
    let name = "kid";
    let own = match key {
        Some(VerificationKey::Public {
            kid, key, origin, ..
        }) => Some((kid.clone(), key.thumbprint(), *origin)),
        _ => None,
    };
    match (token.header.members().get(name), token.kid()) {
        (None, _) => Check::finding(name, "the header names no key"),
        (Some(_), None) => Check::failed(name, "it is no text"),
        (Some(_), Some(kid)) => match own {
            None => Check::not_checked(name, format!("{kid}: no key of that name to compare with")),
            Some((own, thumbprint, _))
                if own.as_deref() == Some(kid)
                    || kid == thumbprint.to_string()
                    || kid == thumbprint.hex() =>
            {
                Check::passed(name, kid)
            }
            Some((own, thumbprint, origin)) => {
                let own = own.unwrap_or_else(|| thumbprint.to_string());
                let detail = format!("the token says {kid}, the key is {own}");
                match origin {
                    KeyOrigin::SingleFile => Check::finding(name, detail),
                    KeyOrigin::Keystore | KeyOrigin::Set => Check::failed(name, detail),
                }
            }
        },
    }
}

/// `typ` is compared without case and without `application/` (RFC 7515 section 4.1.9).
fn typ(token: &UnverifiedToken, expectations: &Expectations) -> Check {
    let name = "typ";
    let plain = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.strip_prefix("application/")
            .map(str::to_owned)
            .unwrap_or(text)
    };
    let present = token.header.members().get(name);
    if present.is_some_and(|value| !value.is_string()) {
        return Check::failed(name, "it is no text");
    }
    match (token.header_text(name), &expectations.typ) {
        (Some(typ), None) => {
            Check::not_checked(name, format!("{typ}: not checked")).asking(Ask::Typ)
        }
        (None, None) => Check::not_checked(name, "none"),
        (Some(typ), Some(expected)) if plain(typ) == plain(expected) => Check::passed(name, typ),
        (Some(typ), Some(expected)) => {
            Check::failed(name, format!("{typ}, and {expected} was expected"))
        }
        (None, Some(expected)) => Check::failed(name, format!("none, and {expected} was expected")),
    }
}

/// No extension is understood here, so every `crit` fails (RFC 7515 section 4.1.11).
fn crit(token: &UnverifiedToken) -> Option<Check> {
    let crit = token.header.members().get("crit")?;
    let detail = format!("{crit}: extensions that must be understood and are not");
    Some(Check::failed("crit", detail))
}

/// An unencoded payload (RFC 7797 section 3) is not accepted.
fn b64(token: &UnverifiedToken) -> Option<Check> {
    let name = "b64";
    match token.header.members().get(name)? {
        Value::Bool(true) => None,
        Value::Bool(false) => Some(Check::failed(
            name,
            "false: an unencoded payload is not accepted",
        )),
        other => Some(Check::failed(name, format!("{other} is not true or false"))),
    }
}

/// Registered members of a wrong type (RFC 7515 section 4.1), except those with a check of their
/// own.
fn wrong_types(token: &UnverifiedToken) -> Vec<Check> {
    let mut checks = Vec::new();
    for (name, value) in token.header.members() {
        let (fits, kind) = match name.as_str() {
            "jku" | "x5u" | "x5t" | "x5t#S256" | "cty" => (value.is_string(), "text"),
            "jwk" => (value.is_object(), "JSON object"),
            "x5c" => (value.is_array(), "array"),
            _ => continue,
        };
        if !fits {
            checks.push(Check::failed(name, format!("it is no {kind}")));
        }
    }
    checks
}

fn certificate(token: &UnverifiedToken, key: &PublicKey, leaf: &Leaf) -> Check {
    let name = "certificate";
    if leaf.key.as_ref() != Some(key) {
        return Check::failed(name, "the key's certificate is another key's");
    }
    let hashes = [
        ("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY),
        ("x5t#S256", &digest::SHA256),
    ];
    for (member, algorithm) in hashes {
        if token
            .header_text(member)
            .is_some_and(|said| said != leaf.hash(algorithm))
        {
            let detail = format!("{member} is not the hash of the key's certificate");
            return Check::failed(name, detail);
        }
    }
    Check::passed(name, "belongs to the key")
}
