//! Panel 2: the certificate of the selected key.

use jiff::Timestamp;

use crate::{
    keystore::certify,
    tui::app::{
        content::moments,
        layout,
        msg::Certified,
        panel::Panel,
        rich::{self, Rich, Role, pair},
        state::{Folding, State},
    },
    x509::{
        certificate::Certificate,
        chain::{self, LinkState},
        details::{Authority, Criticality, Details, DistinguishedName},
        signature::Strength,
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
            "n makes a key, and its certificate stands here.",
        )];
    };
    let Some(leaf) = record.leaf() else {
        return vec![Rich::new(
            Role::Dim,
            "This key has no certificate: C makes one, asks a CA for one, or takes one.",
        )];
    };
    let mut lines = vec![validity(leaf, state)];
    lines.push(if chain::belongs(leaf, &record.public) {
        Rich::new(Role::Good, "✓ it belongs to this key")
    } else {
        Rich::new(Role::Bad, "✗ it belongs to another key")
    });
    let details = Details::of(leaf);
    lines.extend(details_lines(&details, state));
    lines.extend(chain_lines(&record.chain));
    lines.extend(extension_lines(&details, state.certificate.folding));
    lines
}

/// What there is to say when `certified` has its new certificate; `drift` is what differs at the
/// endpoints that have the key, where that can be known.
pub fn news(
    certified: &Certified,
    drift: &[(String, Option<Vec<String>>)],
    state: &State,
) -> Vec<Rich> {
    let mut lines = Vec::new();
    if let Some(leaf) = certified.new.leaf() {
        lines.push(validity(leaf, state));
        let until = moments::whole(leaf.not_after(), &state.zone);
        lines.push(pair("until", LABEL, Role::Text, &until));
        let above = certified.new.chain.len() - 1;
        if above > 0 {
            lines.push(pair("above it", LABEL, Role::Text, &above.to_string()));
        }
    }
    for note in &certified.notes {
        let role = if note.starts_with('!') {
            Role::Care
        } else {
            Role::Text
        };
        lines.push(Rich::new(role, note));
    }
    for (endpoint, what) in drift {
        let (role, text) = match what {
            Some(what) if what.is_empty() => (
                Role::Text,
                certify::unchanged(&certified.old, &certified.new, endpoint),
            ),
            Some(what) => (
                Role::Care,
                format!("◐ {endpoint} differs now ({}): r", what.join(", ")),
            ),
            None => (
                Role::Care,
                format!("! {endpoint} is not configured any more: what is there is not known"),
            ),
        };
        lines.push(Rich::new(role, &text));
    }
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
        Validity::Never => (Role::Bad, "✗ ends before it begins".to_owned()),
        Validity::NotYet => (Role::Care, "! not valid yet".to_owned()),
        Validity::EndsSoon { days } => (
            Role::Care,
            format!("! {days} of {whole} d: renew within {WARN_DAYS} d"),
        ),
        Validity::Good { days } => (Role::Good, format!("● {days} of {whole} d")),
    };
    Rich::new(role, &bar).and(role, &format!(" {text}"))
}

/// Subject, issuer, times, fingerprints.
fn details_lines(details: &Details, state: &State) -> Vec<Rich> {
    let own = details.subject == details.issuer;
    let named = |name: &DistinguishedName| {
        if name.text.is_empty() {
            "an empty name".to_owned()
        } else {
            name.text.clone()
        }
    };
    let issuer = if own {
        "itself".to_owned()
    } else {
        named(&details.issuer)
    };
    let from = moments::whole(details.not_before, &state.zone);
    let until = if details.not_after == Timestamp::MAX {
        "9999-12-31: without an end".to_owned()
    } else {
        moments::whole(details.not_after, &state.zone)
    };
    let mut lines: Vec<Rich> = [
        ("subject", named(&details.subject)),
        ("issuer", issuer),
        ("from", from),
        ("until", until),
        ("serial", details.serial.clone()),
        ("version", details.version.to_string()),
        ("key", details.public_key.clone()),
    ]
    .into_iter()
    .map(|(label, text)| pair(label, LABEL, Role::Text, &text))
    .collect();
    let role = match details.signature.strength {
        Strength::Good | Strength::Unknown => Role::Text,
        Strength::Weak => Role::Care,
    };
    lines.push(pair("signed with", LABEL, role, &details.signature.words()));
    for (label, text) in [
        ("x5t", &details.x5t),
        ("x5t#S256", &details.x5t_s256),
        ("SHA-256", &details.sha256),
        ("SHA-1", &details.sha1),
    ] {
        lines.push(pair(label, LABEL, Role::Text, text));
    }
    if details.authority == Authority::Ca {
        lines.push(Rich::new(
            Role::Care,
            "! a CA: who trusts it trusts every certificate that this key signs",
        ));
    }
    lines
}

/// Every certificate of the chain, and what holds it to the next.
fn chain_lines(chain: &[Certificate]) -> Vec<Rich> {
    let all = chain::links(chain);
    let many = all.len() > 1;
    let mut lines = Vec::new();
    for (position, link) in all.iter().enumerate() {
        let words = link.words();
        let role = match &link.state {
            LinkState::BadSignature | LinkState::IssuerNoCa => Role::Bad,
            _ if link.signature.strength == Strength::Weak => Role::Care,
            LinkState::SelfSigned | LinkState::SignedByNext => Role::Good,
            LinkState::IssuerElsewhere { .. } => Role::Care,
            LinkState::IssuerMissing { .. } | LinkState::NotChecked(_) => Role::Text,
        };
        let label = if position == 0 { "chain" } else { "" };
        if many {
            let subject = if link.subject.is_empty() {
                "an empty name"
            } else {
                &link.subject
            };
            let text = format!("{} {subject}", position + 1);
            lines.push(pair(label, LABEL, Role::Text, &text));
            lines.push(pair("", LABEL, role, &format!("  {words}")));
        } else {
            lines.push(pair(label, LABEL, role, &words));
        }
    }
    lines
}

/// Every extension by name with its meaning, or how many there are.
fn extension_lines(details: &Details, folding: Folding) -> Vec<Rich> {
    let count = match details.extensions.len() {
        0 => return vec![Rich::new(Role::Dim, "no extensions")],
        1 => "1 extension".to_owned(),
        count => format!("{count} extensions"),
    };
    let sign = match folding {
        Folding::Folded => "▸",
        Folding::Unfolded => "▾",
    };
    let mut lines = vec![Rich::new(Role::Dim, &format!("{sign} {count}"))];
    if folding == Folding::Folded {
        return lines;
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
