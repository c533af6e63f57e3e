//! Panel 4: what it says while nothing is being edited.

use super::json;
use crate::{
    jose::{
        token::{Body, UnverifiedToken},
        verdict::{Check, CheckOutcome, Outcome},
    },
    tui::app::{
        layout,
        panel::Panel,
        rich::{self, Rich, Role},
        state::{State, Vault},
        token_panel::{Judged, MintedToken, Mode, Presentation, Preview, Problem},
    },
};

/// The lines of the panel, not yet wrapped.
pub fn lines(state: &State) -> Vec<Rich> {
    match state.token.mode {
        Mode::Mint => mint(state),
        Mode::Decode => decode(state),
    }
}

/// The lines as wide as the panel.
pub fn wrapped(state: &State) -> Vec<Rich> {
    let columns = layout::inner_width(state, Panel::Token);
    rich::wrapped(&lines(state), columns, 0)
}

/// A token in three colours; without a signature its place is marked.
pub fn coloured(token: &str) -> Rich {
    let mut parts = token.splitn(3, '.');
    let mut line = Rich::new(Role::Header, parts.next().unwrap_or_default());
    if let Some(claims) = parts.next() {
        line = line.and(Role::Dim, ".").and(Role::Claims, claims);
    }
    if let Some(signature) = parts.next() {
        line = line.and(Role::Dim, ".").and(Role::Signature, signature);
    }
    line
}

/// What a draft would be signed as, or why it cannot be.
pub fn preview(preview: &Result<Preview, Problem>) -> Vec<Rich> {
    match preview {
        Ok(preview) => {
            let length = preview.signing_input.len();
            let mut lines: Vec<Rich> = preview
                .findings
                .iter()
                .map(|finding| Rich::new(Role::Care, &format!("! {}", finding.0)))
                .collect();
            lines.push(Rich::new(
                Role::Dim,
                &format!("not signed yet, {length} characters and the signature"),
            ));
            lines.push(
                coloured(&preview.signing_input)
                    .and(Role::Dim, ".")
                    .and(Role::Signature, "…"),
            );
            lines
        }
        Err(problem) => vec![Rich::new(
            Role::Bad,
            &format!("✗ {}: {}", problem.part.name(), problem.reason),
        )],
    }
}

fn mint(state: &State) -> Vec<Rich> {
    let Some((thumbprint, record, draft)) = state.draft() else {
        let text = if state.keys.selected_pending().is_some() {
            "The key is being made: m waits for it."
        } else {
            "A token signed with the selected key stands here: n makes a key, m mints."
        };
        return vec![Rich::new(Role::Dim, text)];
    };
    let mut lines = Vec::new();
    if let Some(minted) = state.token.minted.get(&thumbprint) {
        lines.extend(signed(minted, state));
        return lines;
    }
    let template = state.template(&draft.template);
    lines.push(
        Rich::new(Role::Dim, "template ")
            .and(Role::Strong, &draft.template)
            .and(
                Role::Dim,
                template.map_or("", |_| "  m mints, ⏎ edits, t another template"),
            ),
    );
    if state.vault == Vault::Locked {
        lines.push(Rich::new(Role::Dim, "locked: m asks for the passphrase"));
    }
    let draft = draft.preview(&record, template, state.now);
    if let Ok(draft) = &draft {
        lines.extend(json::lines(&draft.header, Role::Header, state, &[]));
        let is_fresh = draft.draft.members().get("jti") != draft.claims.members().get("jti");
        let notes: &[(&str, &str)] = if is_fresh {
            &[("jti", "another when it is minted")]
        } else {
            &[]
        };
        lines.extend(json::lines(&draft.claims, Role::Claims, state, notes));
    }
    lines.extend(preview(&draft));
    lines
}

fn signed(minted: &MintedToken, state: &State) -> Vec<Rich> {
    let mut lines = Vec::new();
    lines.extend(minted.presented.as_ref().map(presented));
    let token = minted.token.expose();
    lines.extend(json::lines(&minted.header, Role::Header, state, &[]));
    lines.extend(json::lines(&minted.claims, Role::Claims, state, &[]));
    lines.push(Rich::new(
        Role::Dim,
        &format!("{} characters, y copies", token.len()),
    ));
    lines.push(coloured(token));
    lines
}

fn presented(presentation: &Presentation) -> Rich {
    match presentation {
        Presentation::UnderWay(url) => Rich::new(Role::Dim, &format!("GET {url} …")),
        Presentation::Answered { url, status, body } => {
            let (role, sign) = if (200..300).contains(status) {
                (Role::Good, "✓")
            } else {
                (Role::Bad, "✗")
            };
            Rich::new(role, &format!("{sign} {status}"))
                .and(Role::Dim, &format!(" GET {url} "))
                .and(Role::Text, body)
        }
        Presentation::Failed { url, reason } => Rich::new(Role::Bad, "✗ ")
            .and(Role::Dim, &format!("GET {url} "))
            .and(Role::Bad, reason),
    }
}

fn decode(state: &State) -> Vec<Rich> {
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
