//! Panel 4, decode: a token of others, taken apart, with its verdict.

use super::coloured;
use crate::{
    jose::{
        token::{Body, UnverifiedToken},
        verdict::{Check, CheckOutcome, Outcome},
    },
    tui::app::{
        content::json,
        rich::{Rich, Role},
        state::State,
        token_panel::Judged,
    },
};

/// The lines of the mode.
pub(super) fn lines(state: &State) -> Vec<Rich> {
    let Some(decoded) = &state.token.decoded else {
        return vec![Rich::new(
            Role::Dim,
            "Paste a token here (p, or your terminal's paste): it is taken apart and checked with \
             the keys of the keystore. Nothing leaves this machine.",
        )];
    };
    match &decoded.result {
        Ok(judged) => judged_lines(judged, state),
        Err(reason) => vec![
            Rich::new(Role::Bad, &format!("✗ {reason}")),
            Rich::new(Role::Dim, "p clears it and pastes another"),
        ],
    }
}

fn judged_lines(judged: &Judged, state: &State) -> Vec<Rich> {
    let (role, text) = match judged.verdict.outcome {
        Outcome::Valid => (Role::Good, "✓ valid"),
        Outcome::Invalid => (Role::Bad, "✗ invalid"),
        Outcome::NotChecked => (Role::Care, "○ not checked"),
    };
    let with = match &judged.checked_with {
        Some(kid) => format!("  checked with {kid}"),
        None => "  no key of the keystore fits".to_owned(),
    };
    let mut lines = vec![Rich::new(role, text).and(Role::Dim, &with)];
    lines.extend(judged.verdict.checks.iter().map(check));
    for remark in &judged.token.remarks {
        lines.push(Rich::new(Role::Dim, remark));
    }
    lines.extend(parts(&judged.token, state));
    lines
}

fn check(check: &Check) -> Rich {
    let (role, sign) = match check.outcome {
        CheckOutcome::Passed => (Role::Good, "✓"),
        CheckOutcome::Failed => (Role::Bad, "✗"),
        CheckOutcome::NotChecked => (Role::Dim, "○"),
        CheckOutcome::Finding => (Role::Care, "!"),
    };
    let text_role = match check.outcome {
        CheckOutcome::Failed => Role::Bad,
        CheckOutcome::NotChecked => Role::Dim,
        CheckOutcome::Passed | CheckOutcome::Finding => Role::Text,
    };
    Rich::new(role, sign)
        .and(Role::Dim, &format!(" {:<12} ", check.name))
        .and(text_role, &check.detail)
}

fn parts(token: &UnverifiedToken, state: &State) -> Vec<Rich> {
    let mut lines = json::lines(&token.header, Role::Header, state, &[]);
    match &token.body {
        Body::Claims { claims, signature } => {
            lines.extend(json::lines(claims, Role::Claims, state, &[]));
            lines.push(signature_line(signature));
        }
        Body::Payload { payload, signature } => {
            let text = String::from_utf8_lossy(payload);
            lines.push(Rich::new(
                Role::Dim,
                &format!("payload of {} bytes, no claims", payload.len()),
            ));
            lines.extend(text.lines().map(|line| Rich::new(Role::Claims, line)));
            lines.push(signature_line(signature));
        }
        Body::Encrypted => lines.push(Rich::new(
            Role::Dim,
            "encrypted (JWE): only the header can be read",
        )),
    }
    lines.push(Rich::new(
        Role::Dim,
        &format!("{} characters", token.text.len()),
    ));
    lines.push(coloured(&token.text));
    lines
}

fn signature_line(signature: &[u8]) -> Rich {
    let text = match signature.len() {
        0 => "no signature".to_owned(),
        length => format!("signature of {length} bytes"),
    };
    Rich::new(Role::Signature, &text)
}
