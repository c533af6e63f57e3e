//! The reasons that the verdict holds.

use super::{Act, Case, Likelihood, Reason};
use crate::jose::{
    token::Body,
    verdict::{Check, CheckOutcome, Expectations, Verdict, VerificationKey},
};

pub(super) fn reasons(case: &Case<'_>) -> Vec<Reason> {
    if matches!(case.token.body, Body::Encrypted) {
        return vec![Reason::new(
            Likelihood::Likely,
            "kind",
            "it is encrypted (JWE): who has not the key to open it reads no claim",
            "send the signed token, or check that the server expects encrypted ones",
        )];
    }
    let failed = case.verdict.failures();
    let mut reasons: Vec<Reason> = failed.filter_map(|check| told(case, check)).collect();
    reasons.extend(pasted(case));
    if case.key.is_none() && is_signed(case) {
        reasons.push(unknown_key(case));
    }
    reasons
}

/// Quotes and spaces in a paste may be in what was sent, too.
fn pasted(case: &Case<'_>) -> Option<Reason> {
    let remarks = &case.token.remarks;
    let told = ["quotes", "white space inside"]
        .into_iter()
        .filter(|what| remarks.iter().any(|remark| remark.starts_with(what)));
    let found = told.collect::<Vec<_>>().join(" and ");
    (!found.is_empty()).then(|| {
        Reason::new(
            Likelihood::Likely,
            "paste",
            format!("the paste has {found} beside the token, and so may what was sent"),
            "send the token alone: no quotes, spaces or line breaks in it",
        )
        .by(Act::Copy)
    })
}

fn told(case: &Case<'_>, check: &Check) -> Option<Reason> {
    let unsigned = !is_signed(case);
    let certain = |remedy: &str| {
        Reason::new(
            Likelihood::Certain,
            &check.name,
            check.detail.as_str(),
            remedy,
        )
    };
    Some(match check.name.as_str() {
        "signature" if unsigned => {
            certain("sign it: no server may take an unsigned token").by(case.mint())
        }
        "signature" => signature(case, check),
        // The signature's reason says it all.
        "alg" if unsigned => return None,
        "alg" => certain("sign with the algorithm of the key").by(case.mint()),
        "exp" => certain("mint it anew, and send it before it expires").by(case.mint()),
        "nbf" | "iat" => certain("set the clock of the machine that minted it, or wait until then")
            .by(case.mint()),
        "kid" => certain("name the key that signs").by(case.mint()),
        "crit" | "b64" => certain("leave the member out: few servers know it").by(case.mint()),
        "payload" => certain("mint it with claims that are one JSON object").by(case.mint()),
        "key status" => certain("sign with a key that is not revoked").by(Act::Mint(None)),
        "key strength" => certain("sign with another key").by(Act::Mint(None)),
        "certificate" => match case.kid() {
            Some(kid) => {
                certain("renew the certificate, and register the key again").by(Act::Renew(kid))
            }
            None => certain("use the certificate of the key that signs"),
        },
        _ => certain("mint it with a value of the right kind").by(case.mint()),
    })
}

/// A signature that fails: another key of ours may have made it.
fn signature(case: &Case<'_>, check: &Check) -> Reason {
    let anything = Expectations::default();
    let matches = |key: &&VerificationKey| {
        let verdict = Verdict::of(case.token, Some(key), &anything, case.now);
        let passed =
            |check: &Check| check.name == "signature" && check.outcome == CheckOutcome::Passed;
        verdict.checks.iter().any(passed)
    };
    let signer = case.keys.iter().find(matches);
    match (signer.and_then(VerificationKey::kid), case.token.kid()) {
        (Some(signer), Some(named)) => Reason::new(
            Likelihood::Certain,
            "signature",
            format!("it is signed by {signer}, and its kid names {named}"),
            "sign with the key that it names, or name the one that signs",
        )
        .by(Act::Mint(Some(signer.to_owned()))),
        _ => Reason::new(
            Likelihood::Certain,
            "signature",
            check.detail.as_str(),
            "mint it anew: a token cannot be changed once it is signed",
        )
        .by(case.mint()),
    }
}

fn unknown_key(case: &Case<'_>) -> Reason {
    match case.token.kid() {
        Some(kid) => Reason::new(
            Likelihood::Possible,
            "kid",
            format!("no key {kid} is here: whether the signature holds is not known"),
            "bring the key in, its public half is enough",
        )
        .by(Act::Import),
        None => Reason::new(
            Likelihood::Likely,
            "kid",
            "the header names no key: a server with several keys does not know which to take",
            "mint it with a kid",
        )
        .by(case.mint()),
    }
}

fn is_signed(case: &Case<'_>) -> bool {
    let none = case
        .token
        .alg()
        .is_some_and(|alg| alg.eq_ignore_ascii_case("none"));
    !none
        && case
            .token
            .signature()
            .is_some_and(|octets| !octets.is_empty())
}
