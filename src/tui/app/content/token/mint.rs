//! Panel 4, mint: the draft and what it would be signed as, or the signed token.

use super::coloured;
use crate::{
    jose::template::Weight,
    tui::app::{
        content::json,
        rich::{Rich, Role},
        state::{State, Vault},
        token_panel::{Draft, MintedToken, Part, Presentation, Preview, Problem},
    },
};

/// The lines of the mode.
pub(super) fn lines(state: &State) -> Vec<Rich> {
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
    let template = state.template_for(&draft);
    let begun = match &draft.template {
        Some(name) => Rich::new(Role::Dim, "template ").and(Role::Strong, name),
        None => Rich::new(Role::Dim, "from a token"),
    };
    lines.push(begun.and(Role::Dim, "  m mints, ⏎ edits, t another template"));
    if state.token.edited(&thumbprint).is_none()
        && state.token.edited_for_others(&thumbprint).next().is_some()
    {
        let text = "what was written for another key is kept there: t takes it over";
        lines.push(Rich::new(Role::Dim, text));
    }
    if state.vault == Vault::Locked {
        lines.push(Rich::new(Role::Dim, "locked: m asks for the passphrase"));
    }
    let written = draft;
    let draft = written.preview(&record, template, state.now, &state.zone);
    if draft.is_err() {
        for (part, role) in [(Part::Header, Role::Header), (Part::Claims, Role::Claims)] {
            let text = written.text(part);
            lines.extend(text.split('\n').map(|line| Rich::new(role, line)));
        }
    }
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
    lines.extend(findings(&written, &draft));
    lines.extend(would_be(&draft));
    lines
}

/// What is worth a word about a draft, or why it cannot be signed.
pub fn findings(draft: &Draft, preview: &Result<Preview, Problem>) -> Vec<Rich> {
    match preview {
        Ok(preview) => preview
            .findings
            .iter()
            .map(|finding| match finding.weight {
                Weight::Care => Rich::new(Role::Care, &format!("! {}", finding.text)),
                Weight::Refused => Rich::new(Role::Bad, &format!("✗ {}", finding.text)),
            })
            .collect(),
        Err(first) => {
            let problems = draft.problems(first).into_iter();
            let lines = problems.map(|problem| Rich::new(Role::Bad, &format!("✗ {problem}")));
            lines.collect()
        }
    }
}

/// The token that a draft would become, and its length; none where it cannot be signed.
pub fn would_be(preview: &Result<Preview, Problem>) -> Vec<Rich> {
    let Ok(preview) = preview else {
        return Vec::new();
    };
    let length = preview.length;
    let told = format!("not signed yet: {length} characters with its signature");
    let token = coloured(&preview.signing_input).and(Role::Dim, ".");
    vec![Rich::new(Role::Dim, &told), token.and(Role::Signature, "…")]
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
