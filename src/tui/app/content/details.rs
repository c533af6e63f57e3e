//! All about one row of panel 1.

use super::moments;
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::{Half, Origin, Record},
    tui::app::{
        keys_panel::Row,
        rich::{Rich, Role, pair},
        state::State,
    },
};

/// The width of the labels.
const LABEL: usize = 12;

/// What is known of a row.
pub fn lines(row: &Row, state: &State) -> Vec<Rich> {
    match row {
        Row::Key { thumbprint, record } => key(thumbprint, record, state),
        Row::Pending { label, .. } => {
            vec![Rich::new(Role::Text, &format!("{label} is being made"))]
        }
        Row::Unreadable { file, reason } => vec![
            pair("file", LABEL, Role::Text, file),
            Rich::new(Role::Bad, &format!("✗ {reason}")),
            Rich::new(Role::Dim, "keyfob leaves it as it is."),
        ],
    }
}

fn key(thumbprint: &Thumbprint, record: &Record, state: &State) -> Vec<Rich> {
    let half = match record.half {
        Half::Private => "private and public",
        Half::PublicOnly => "public only: it can verify, not sign",
    };
    let template = state.template_of(record);
    let mut lines: Vec<Rich> = [
        ("kid", record.kid.clone()),
        ("formerly", record.former.join(", ")),
        ("algorithm", record.alg.to_string()),
        ("key", record.public.label()),
        ("halves", half.to_owned()),
        ("status", record.status.to_string()),
        ("created", moments::whole(record.created, &state.zone)),
        ("thumbprint", thumbprint.to_string()),
        ("file", format!("keys/{}.key", thumbprint.hex())),
        (
            "template",
            template.map_or_else(String::new, |template| template.name.clone()),
        ),
        ("tags", record.tags.join(", ")),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(label, text)| pair(label, LABEL, Role::Text, &text))
    .collect();
    if record.origin == Origin::NewHere {
        lines.push(Rich::new(
            Role::Care,
            "! new here: its file came from elsewhere, keyfob did not write it",
        ));
    }
    for place in &record.registrations {
        let at = moments::whole(place.at, &state.zone);
        let text = format!("{} as {}, seen {at}", place.endpoint, place.id);
        lines.push(pair("registered", LABEL, Role::Text, &text));
    }
    lines.push(Rich::default());
    let jwk = record.jwk().to_json_pretty();
    lines.extend(jwk.lines().map(|line| Rich::new(Role::Claims, line)));
    lines
}
