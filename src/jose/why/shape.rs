//! The reasons that header and claims hold, and what services take.

use serde_json::Value;

use super::{Act, Case, Likelihood, Reason};
use crate::jose::{
    algorithm::{Algorithm, SignatureAlgorithm},
    claims::JsonObject,
    template::{Template, Token, findings},
    time,
    verdict::VerificationKey,
};

/// The findings that speak of what a service takes; the others are reasons of their own.
const OF_THE_SERVICE: [&str; 4] = ["algorithm", "lifetime", "claim_missing", "exp_missing"];

pub(super) fn reasons(case: &Case<'_>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = hashes(case).into_iter().chain(certificate(case)).collect();
    if let Some(claims) = case.token.claims() {
        reasons.extend(service(case, claims));
        reasons.extend(aud(case, claims));
        reasons.extend(jti(case, claims));
    }
    reasons
}

/// `x5t` and `x5t#S256` of another certificate than the key's.
fn hashes(case: &Case<'_>) -> Vec<Reason> {
    let Some(key) = case.key else {
        return Vec::new();
    };
    let own = [("x5t", key.leaf_hash1()), ("x5t#S256", key.leaf_hash256())];
    let differing = own.into_iter().filter_map(|(name, own)| {
        let said = case.token.header_text(name)?;
        (Some(said) != own.as_deref()).then(|| {
            let own = own.unwrap_or_else(|| "none: it has no certificate".to_owned());
            Reason::new(
                Likelihood::Likely,
                name,
                format!("{said} is of another certificate; the key's is {own}"),
                "mint it anew with the hash of the key's certificate, or without",
            )
            .by(case.mint())
        })
    });
    differing.collect()
}

fn certificate(case: &Case<'_>) -> Option<Reason> {
    let validity = case.certificate?;
    let text = if case.now > validity.until {
        let ago = time::relative(validity.until, case.now);
        format!("the key's certificate expired {}, {ago}", validity.until)
    } else if case.now < validity.from {
        let to_come = time::relative(validity.from, case.now);
        format!(
            "the key's certificate is not valid before {}, {to_come}",
            validity.from
        )
    } else {
        return None;
    };
    let remedy = "renew the certificate, and register the key again";
    let reason = Reason::new(Likelihood::Likely, "certificate", text, remedy);
    Some(match case.kid() {
        Some(kid) => reason.by(Act::Renew(kid)),
        None => reason,
    })
}

/// What the service takes for which the token was made.
fn service(case: &Case<'_>, claims: &JsonObject) -> Vec<Reason> {
    let Some(template) = template(case, claims) else {
        return Vec::new();
    };
    let alg: Option<Algorithm> = case.token.alg().and_then(|alg| alg.parse().ok());
    let Some(alg) = alg else {
        return Vec::new();
    };
    let found = findings(&Token {
        template: Some(template),
        filled: &[],
        header: &case.token.header,
        claims,
        algorithm: SignatureAlgorithm::Asymmetric(alg),
        now: case.now,
        length: case.token.text.len(),
    });
    let told = found
        .into_iter()
        .filter(|finding| OF_THE_SERVICE.contains(&finding.code))
        .map(|finding| {
            let likelihood = if finding.text.contains("not confirmed") {
                Likelihood::Possible
            } else {
                Likelihood::Likely
            };
            let remedy = format!("mint it from the template {}", template.name);
            Reason::new(likelihood, "service", finding.text, remedy).by(Act::Template {
                kid: case.kid(),
                template: template.name.clone(),
            })
        });
    told.collect()
}

/// The template that the token's shape, the place of its key, or its key speak for.
fn template<'a>(case: &Case<'a>, claims: &JsonObject) -> Option<&'a Template> {
    let named = |name: &str| case.templates.iter().find(|template| template.name == name);
    if let Some(template) = case.templates.iter().find(|template| template.made(claims)) {
        return Some(template);
    }
    if is_assertion(claims) {
        return named("client-assertion");
    }
    if case
        .token
        .header_text("typ")
        .is_some_and(|typ| typ.to_ascii_lowercase().ends_with("at+jwt"))
    {
        return named("access-token");
    }
    let thumbprint = case.key.and_then(VerificationKey::thumbprint);
    let holds = |place: &&super::Place| {
        thumbprint.is_some() && place.keys.iter().any(|key| key.thumbprint == thumbprint)
    };
    case.places
        .iter()
        .filter(holds)
        .find_map(|place| named(&place.preset))
        .or_else(|| case.template.and_then(named))
}

/// `iss` and `sub` of a client that proves itself are both its id (RFC 7523 section 3).
fn is_assertion(claims: &JsonObject) -> bool {
    let text = |name| claims.members().get(name).and_then(Value::as_str);
    text("iss").is_some() && text("iss") == text("sub")
}

fn aud(case: &Case<'_>, claims: &JsonObject) -> Vec<Reason> {
    let likelihood = if is_assertion(claims) {
        Likelihood::Likely
    } else {
        Likelihood::Possible
    };
    let aud = claims.members().get("aud");
    let array = matches!(aud, Some(Value::Array(_))).then(|| {
        Reason::new(
            likelihood,
            "aud",
            "aud is an array: many servers take one text only",
            "mint it with one audience as text",
        )
        .by(case.mint())
    });
    let all: Vec<&str> = match aud {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_endpoint = |text: &&&str| {
        text.contains("://")
            && text
                .trim_end_matches('/')
                .to_ascii_lowercase()
                .ends_with("/token")
    };
    // Some services want their token endpoint there.
    let is_wanted = case.templates.iter().any(|template| template.made(claims));
    let endpoint = all.iter().find(|text| is_endpoint(text) && !is_wanted);
    let endpoint = endpoint.map(|text| {
        Reason::new(
            likelihood,
            "aud",
            format!("aud is {text}, a token endpoint: servers of today want their issuer there"),
            "mint it with the issuer as aud, letter by letter as its metadata says it",
        )
        .by(case.mint())
    });
    array.into_iter().chain(endpoint).collect()
}

/// What was used is not recorded: it can only be said what a second use means.
fn jti(case: &Case<'_>, claims: &JsonObject) -> Option<Reason> {
    let jti = claims.members().get("jti")?.as_str()?;
    is_assertion(claims).then(|| {
        Reason::new(
            Likelihood::Possible,
            "jti",
            format!("jti {jti} counts once: if the token was sent before, it is refused now"),
            "mint a fresh one for each request",
        )
        .by(case.mint())
    })
}
