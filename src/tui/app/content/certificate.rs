//! Panel 2: the certificate of the selected key.

use crate::{
    tui::app::{
        content::moments,
        layout,
        panel::Panel,
        rich::{self, Rich, Role, pair},
        state::{Folding, State},
    },
    x509::{
        certificate::Certificate,
        chain,
        details::{Authority, Criticality, Details},
        validity::{Validity, WARN_DAYS},
    },
};

/// The width of the labels.
const LABEL: usize = 11;
/// The width of the bar, in columns.
const BAR: u16 = 12;

/// What the panel says of the selected key.
pub fn lines(state: &State) -> Vec<Rich> {
    let Some((_, record)) = state.keys.selected() else {
        return vec![Rich::new(
            Role::Dim,
            "The certificate of the selected key stands here.",
        )];
    };
    let Some(leaf) = record.leaf() else {
        return vec![Rich::new(
            Role::Dim,
            "This key has no certificate. A new key gets one by its profile.",
        )];
    };
    let mut lines = vec![validity(leaf, state)];
    if !chain::belongs(leaf, &record.public) {
        lines.push(Rich::new(Role::Bad, "✗ it belongs to another key"));
    }
    let details = Details::of(leaf);
    lines.extend(details_lines(&details, state));
    lines
}

/// The lines as wide as the panel.
pub fn wrapped(state: &State) -> Vec<Rich> {
    let columns = layout::inner_width(state, Panel::Certificate);
    rich::wrapped(&lines(state), columns, LABEL + 1)
}

/// `▕██████░░░░▏ 364 of 365 days`.
fn validity(leaf: &Certificate, state: &State) -> Rich {
    let left = Validity::left(leaf, state.now);
    let full = usize::from((left * BAR).div_ceil(1000).min(BAR));
    let bar = format!(
        "▕{}{}▏",
        "█".repeat(full),
        "░".repeat(usize::from(BAR) - full)
    );
    let whole = leaf.not_after().duration_since(leaf.not_before()).as_secs() / 86_400;
    let (role, text) = match Validity::of(leaf, state.now) {
        Validity::Expired => (Role::Bad, "✗ expired".to_owned()),
        Validity::NotYet => (Role::Care, "! not valid yet".to_owned()),
        Validity::EndsSoon { days } => (
            Role::Care,
            format!("! {days} of {whole} d: renew within {WARN_DAYS} d"),
        ),
        Validity::Good { days } => (Role::Good, format!("● {days} of {whole} d")),
    };
    Rich::new(role, &bar).and(role, &format!(" {text}"))
}

/// Subject, issuer, times, fingerprints and extensions.
pub fn details_lines(details: &Details, state: &State) -> Vec<Rich> {
    let own = details.subject.text == details.issuer.text;
    let empty = |text: &str| {
        if text.is_empty() {
            "(empty)".to_owned()
        } else {
            text.to_owned()
        }
    };
    let issuer = if own {
        "itself".to_owned()
    } else {
        empty(&details.issuer.text)
    };
    let from = moments::whole(details.not_before, &state.zone);
    let until = moments::whole(details.not_after, &state.zone);
    let mut lines: Vec<Rich> = [
        ("subject", empty(&details.subject.text)),
        ("issuer", issuer),
        ("from", from),
        ("until", until),
        ("serial", details.serial.clone()),
        ("key", details.public_key.clone()),
        ("signed with", details.signature.name.clone()),
        ("x5t", details.x5t.clone()),
        ("x5t#S256", details.x5t_s256.clone()),
        ("SHA-256", details.sha256.clone()),
        ("SHA-1", details.sha1.clone()),
    ]
    .into_iter()
    .map(|(label, text)| pair(label, LABEL, Role::Text, &text))
    .collect();
    let count = details.extensions.len();
    if state.certificate.folding == Folding::Folded {
        lines.push(Rich::new(Role::Dim, &format!("{count} extensions ⏎")));
        return lines;
    }
    if details.authority == Authority::Ca {
        lines.push(Rich::new(
            Role::Care,
            "! a CA: who trusts it trusts every certificate that this key signs",
        ));
    }
    for extension in &details.extensions {
        lines.push(Rich::new(Role::Strong, &extension.name).and(
            Role::Dim,
            match extension.critical {
                Criticality::Critical => " critical",
                Criticality::NonCritical => "",
            },
        ));
        for meaning in &extension.meaning {
            lines.push(Rich::new(Role::Text, &format!("  {meaning}")));
        }
    }
    lines
}
