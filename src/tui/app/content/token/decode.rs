//! Panel 4, decode: a token of others, taken apart, with its verdict.

use super::coloured;
use crate::{
    jose::{
        reading::{Content, Part, PartName, Reading},
        registered::{self, CLAIMS, HEADER, Kind, Registered},
        search::Cleaned,
        time,
        verdict::{Check, CheckOutcome, Outcome},
    },
    tui::app::{
        content::json,
        rich::{Rich, Role},
        state::State,
        token_panel::{Decoded, Judged, Keys},
    },
};

/// The lines of the mode.
pub(super) fn lines(state: &State) -> Vec<Rich> {
    let Some(decoded) = &state.token.decoded else {
        return vec![Rich::new(
            Role::Dim,
            "Paste a token here (p, or your terminal's paste), or any text with tokens in it: it is \
             taken apart and checked with the keys of the keystore. Nothing leaves this machine.",
        )];
    };
    let mut lines = which(decoded);
    match &decoded.result {
        Ok(judged) => lines.extend(verdict(judged, &state.token.judging.keys)),
        Err(reasons) => {
            lines.extend(reasons.lines().map(fault));
            let cleaned = decoded.found().into_iter().flat_map(|found| &found.cleaned);
            let remarks = cleaned.map(Cleaned::remark);
            lines.extend(remarks.map(|remark| Rich::new(Role::Dim, &remark)));
        }
    }
    match &decoded.reading {
        Some(reading) => {
            let untold = untold(reading, &decoded.result);
            lines.extend(untold.iter().map(|each| fault(each)));
            lines.extend(of(reading, state));
        }
        None => lines.push(Rich::new(Role::Dim, "p clears it and pastes another")),
    }
    lines
}

/// The faults that neither the verdict tells nor the reasons why there is none.
fn untold(reading: &Reading, result: &Result<Judged, String>) -> Vec<String> {
    let payload = PartName::Payload.label();
    let is_told = |fault: &String| match result {
        Ok(judged) => {
            let mut failed = judged.verdict.failures();
            fault.starts_with(payload) && failed.any(|check| check.name == payload)
        }
        Err(reasons) => reasons.lines().any(|reason| reason == fault),
    };
    let mut faults = reading.all_faults();
    faults.retain(|fault| !is_told(fault));
    faults
}

fn fault(text: &str) -> Rich {
    Rich::new(Role::Bad, &format!("✗ {text}"))
}

/// Which token of the text it is, and what was skipped.
fn which(decoded: &Decoded) -> Vec<Rich> {
    let search = &decoded.search;
    let mut lines = Vec::new();
    if let Some(found) = decoded.found()
        && (search.tokens.len() > 1 || search.skipped > 0)
    {
        let place = &found.place;
        let name = place.name.as_ref();
        let name = name.map_or_else(String::new, |name| format!("{name}, "));
        let line = Rich::new(
            Role::Strong,
            &format!("token {} of {}", decoded.chosen + 1, search.tokens.len()),
        );
        let skipped = match search.skipped {
            0 => String::new(),
            1 => "; 1 byte skipped".to_owned(),
            bytes => format!("; {bytes} bytes skipped"),
        };
        let (row, column) = (place.line, place.column);
        let place = format!("  {name}line {row}, column {column}{skipped}");
        lines.push(line.and(Role::Dim, &place));
    }
    for passed in &search.passed {
        let (row, column) = (passed.place.line, passed.place.column);
        let text = format!("skipped: line {row}, column {column}: it only begins like a token");
        lines.push(Rich::new(Role::Care, "! ").and(Role::Text, &text));
    }
    lines
}

fn verdict(judged: &Judged, keys: &Keys) -> Vec<Rich> {
    let (role, text) = match judged.verdict.outcome {
        Outcome::Valid => (Role::Good, "✓ valid"),
        Outcome::Invalid => (Role::Bad, "✗ invalid"),
        Outcome::NotChecked => (Role::Care, "○ not checked"),
    };
    let with = match (&judged.checked_with, keys) {
        (Some(kid), Keys::Keystore) => format!("  checked with {kid}"),
        (Some(kid), Keys::Given { name, .. }) => format!("  checked with {kid} of {name}"),
        (None, keys) => format!("  no key of {} fits", keys.name()),
    };
    let mut lines = vec![Rich::new(role, text).and(Role::Dim, &with)];
    lines.extend(judged.verdict.checks.iter().map(check));
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
        .hanging(15)
}

/// A token as far as it could be read.
fn of(reading: &Reading, state: &State) -> Vec<Rich> {
    let mut lines = Vec::new();
    match &reading.content {
        Content::Signed {
            signatures,
            payload,
            ..
        } => {
            for each in signatures {
                lines.extend(part(&each.header, state));
                if let Some(unprotected) = &each.unprotected {
                    lines.push(Rich::new(Role::Dim, "header that is not protected"));
                    lines.extend(json::lines(unprotected, Role::Header, state, &[]));
                }
            }
            lines.extend(part(payload, state));
            lines.extend(signatures.iter().map(|each| size(&each.signature)));
        }
        Content::Encrypted {
            header,
            unprotected,
            recipients,
            parts,
        } => {
            lines.extend(part(header, state));
            if let Some(unprotected) = unprotected {
                lines.push(Rich::new(Role::Dim, "header that is not protected"));
                lines.extend(json::lines(unprotected, Role::Header, state, &[]));
            }
            lines.push(Rich::new(
                Role::Dim,
                "encrypted (JWE): only the header can be read",
            ));
            for recipient in recipients {
                if let Some(header) = &recipient.header {
                    lines.push(Rich::new(Role::Dim, "header of a recipient"));
                    lines.extend(json::lines(header, Role::Header, state, &[]));
                }
                lines.push(size(&recipient.encrypted_key));
            }
            lines.extend(parts.iter().map(size));
        }
        Content::Unreadable => {}
    }
    let findings = reading.findings().into_iter();
    lines.extend(findings.map(|finding| Rich::new(Role::Care, &format!("! {finding}"))));
    lines.push(Rich::new(
        Role::Dim,
        &format!("{}, {} characters", reading.kind(), reading.text.len()),
    ));
    lines.push(coloured(&reading.text));
    if let Some(nested) = reading.nested() {
        lines.push(Rich::new(Role::Strong, "the token in it"));
        lines.extend(nested.all_faults().iter().map(|each| fault(each)));
        lines.extend(of(nested, state));
    }
    lines
}

/// Header or payload.
fn part(part: &Part, state: &State) -> Vec<Rich> {
    let (role, table) = match part.name {
        PartName::Header => (Role::Header, HEADER),
        _ => (Role::Claims, CLAIMS),
    };
    if let Some(object) = &part.object {
        let notes = notes(table, object.members(), state);
        let notes: Vec<(&str, &str)> = notes
            .iter()
            .map(|(name, note)| (*name, note.as_str()))
            .collect();
        return json::folding(object, role, state, &notes, state.token.folding);
    }
    match part.text() {
        Some("") => Vec::new(),
        Some(text) => {
            let bytes = part.octets.len();
            let label = format!("{} of {bytes} bytes, no JSON object", part.name.label());
            let mut lines = vec![Rich::new(Role::Dim, &label)];
            lines.extend(text.lines().map(|line| Rich::new(role, line)));
            lines
        }
        None => vec![size(part)],
    }
}

/// What registered members mean, and how far their dates are away; `exp` tells that itself.
fn notes(
    table: &'static [Registered],
    members: &serde_json::Map<String, serde_json::Value>,
    state: &State,
) -> Vec<(&'static str, String)> {
    let rows = members
        .iter()
        .filter_map(|(name, value)| Some((registered::of(table, name)?, value)));
    rows.filter(|(row, _)| row.name != "exp")
        .map(|(row, value)| {
            let date = match row.kind {
                Kind::Date => time::numeric_date(value),
                Kind::Other => None,
            };
            let note = match date {
                Some(at) => format!("{}, {}", row.title, time::distance(at, state.now)),
                None => row.title.to_owned(),
            };
            (row.name, note)
        })
        .collect()
}

/// `signature of 64 bytes`.
fn size(part: &Part) -> Rich {
    let role = match part.name {
        PartName::Signature => Role::Signature,
        _ => Role::Dim,
    };
    let label = part.name.label();
    let text = match part.octets.len() {
        0 => format!("no {label}"),
        1 => format!("{label} of 1 byte"),
        length => format!("{label} of {length} bytes"),
    };
    Rich::new(role, &text)
}
