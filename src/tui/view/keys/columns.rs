//! The columns of panel 1: which of them have room, and what stands in them.

use ratatui::{
    style::{Modifier, Style},
    text::Span,
};
use unicode_width::UnicodeWidthStr;

use super::super::{fitted, theme::Theme};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::{Half, Origin, Record, Status},
    tui::app::{
        keys_panel::{Row, column::Column},
        register_panel::Standing,
        rich::Role,
        state::State,
    },
    x509::validity::Validity,
};

/// Who gets room first.
const FIRST: [Column; 9] = [
    Column::Algorithm,
    Column::Expiry,
    Column::Key,
    Column::Registered,
    Column::Status,
    Column::Tags,
    Column::Created,
    Column::Subject,
    Column::Thumbprint,
];
/// What the kid keeps, where it is that long.
const KID: usize = 16;
/// What a text that can be cut keeps at least.
const LEAST: usize = 8;
/// The most endpoints that have a sign of their own in a row.
const MOST_SIGNS: usize = 8;
/// Stands behind the kid of a key whose file came from elsewhere.
const NEW: &str = " new here";
/// Stands behind the kid of a key without a private half.
const PUBLIC: &str = " public only";

/// The columns that have room.
pub(super) struct Columns {
    pub(super) kid: usize,
    /// Behind the kid, in their order, with their widths.
    rest: Vec<(Column, usize)>,
    endpoints: Vec<String>,
}

impl Columns {
    /// The columns for the rows that are seen, in so many columns of the terminal.
    pub(super) fn of(rows: &[&Row], state: &State, width: usize) -> Self {
        let mut endpoints = state.endpoints();
        endpoints.truncate(MOST_SIGNS);
        let widest = |text: &dyn Fn(&Row) -> usize| rows.iter().map(|row| text(row)).max();
        let kid = widest(&|row| {
            let (_, mark) = row.key().map_or((Role::Text, ""), |(_, key)| mark(key));
            row.name().width() + mark.len()
        });
        let mut free = width.saturating_sub(kid.unwrap_or(0).min(KID));
        let mut rest = Vec::new();
        for column in FIRST {
            if !state.keys.arrangement.shows(column) {
                continue;
            }
            let wanted = match column {
                Column::Algorithm => 6,
                Column::Created => 10,
                Column::Expiry | Column::Status => 7,
                Column::Key => 9,
                Column::Kid => continue,
                Column::Registered => endpoints.len(),
                Column::Subject | Column::Tags => {
                    let text = |row: &Row| {
                        let key = row.key();
                        key.map_or(0, |(at, record)| {
                            flexible(column, at, record, state).width()
                        })
                    };
                    widest(&text).unwrap_or(0).min(40)
                }
                Column::Thumbprint => 12,
            };
            let can_be_cut = matches!(column, Column::Subject | Column::Tags);
            let least = if can_be_cut {
                wanted.min(LEAST)
            } else {
                wanted
            };
            if wanted > 0 && least < free {
                let width = wanted.min(free - 1);
                free -= width + 1;
                rest.push((column, width));
            }
        }
        let place = |column: &Column| Column::ALL.iter().position(|each| each == column);
        rest.sort_by_key(|(column, _)| place(column));
        let used: usize = rest.iter().map(|(_, width)| width + 1).sum();
        Self {
            kid: width.saturating_sub(used),
            rest,
            endpoints,
        }
    }

    /// The cells of a key at a place of those shown.
    pub(super) fn cells<'a>(
        &self,
        place: usize,
        (thumbprint, record): (Thumbprint, &Record),
        name_style: Style,
        state: &State,
        theme: Theme,
    ) -> Vec<Span<'a>> {
        let plain = Style::new();
        let mut shown = vec![Column::Kid];
        shown.extend(self.rest.iter().map(|(column, _)| *column));
        let matched = state.keys.matched(place, &shown);
        let found = |column: Column| {
            let found = matched.iter().find(|(each, _)| *each == column);
            found.map_or(&[][..], |(_, found)| found.as_slice())
        };
        let (role, mark) = mark(record);
        let width = self.kid.saturating_sub(mark.len());
        let mut spans = lit(&record.kid, width, found(Column::Kid), name_style, theme);
        spans.push(Span::styled(mark, theme.style(role)));
        for &(column, width) in &self.rest {
            spans.push(Span::raw(" "));
            match column {
                Column::Kid => {}
                Column::Algorithm => {
                    let name = record.alg.name();
                    spans.extend(lit(name, width, found(column), plain, theme));
                }
                Column::Key => spans.push(Span::raw(fitted(&record.public.label(), width))),
                Column::Created => {
                    let day = record.created.strftime("%Y-%m-%d").to_string();
                    spans.push(Span::styled(fitted(&day, width), theme.style(Role::Dim)));
                }
                Column::Expiry => {
                    let told = state.keys.arrangement.shows(Column::Status);
                    let (role, text) = match record.status {
                        Status::Active => expiry(record, state),
                        _ if told => expiry(record, state),
                        status => (status_role(status), status.to_string()),
                    };
                    let text = format!("{text:>width$}");
                    spans.push(Span::styled(text, theme.style(role)));
                }
                Column::Status => {
                    let style = theme.style(status_role(record.status));
                    spans.push(Span::styled(fitted(record.status.name(), width), style));
                }
                Column::Registered => {
                    for endpoint in &self.endpoints {
                        let (role, sign) = sign(thumbprint, record, endpoint, state);
                        spans.push(Span::styled(sign, theme.style(role)));
                    }
                }
                Column::Subject | Column::Tags => {
                    let text = flexible(column, thumbprint, record, state);
                    let dim = theme.style(Role::Dim);
                    spans.extend(lit(&text, width, found(column), dim, theme));
                }
                Column::Thumbprint => {
                    let text = fitted(&thumbprint.to_string(), width);
                    spans.push(Span::styled(text, theme.style(Role::Dim)));
                }
            }
        }
        spans
    }
}

/// What stands behind the kid of a key that cannot be used as any other.
fn mark(record: &Record) -> (Role, &'static str) {
    match (record.origin, record.half) {
        (Origin::NewHere, _) => (Role::Care, NEW),
        (_, Half::PublicOnly) => (Role::Dim, PUBLIC),
        _ => (Role::Text, ""),
    }
}

/// The text of a column whose width is that of its texts.
fn flexible(column: Column, thumbprint: Thumbprint, record: &Record, state: &State) -> String {
    match column {
        Column::Tags => record.tags.join(" "),
        _ => state
            .keys
            .subject(&thumbprint)
            .unwrap_or_default()
            .to_owned(),
    }
}

/// A text in its column, the characters that matched the filter underlined; a text that is cut or
/// escaped has none.
fn lit<'a>(
    text: &str,
    width: usize,
    matched: &[usize],
    style: Style,
    theme: Theme,
) -> Vec<Span<'a>> {
    let shown = fitted(text, width);
    if matched.is_empty() || !shown.starts_with(text) {
        return vec![Span::styled(shown, style)];
    }
    let found = theme.style(Role::Accent).add_modifier(Modifier::UNDERLINED);
    let mut spans: Vec<(bool, String)> = Vec::new();
    for (place, character) in shown.chars().enumerate() {
        let is_found = matched.binary_search(&place).is_ok();
        match spans.last_mut() {
            Some((last, text)) if *last == is_found => text.push(character),
            _ => spans.push((is_found, character.to_string())),
        }
    }
    spans
        .into_iter()
        .map(|(is_found, text)| Span::styled(text, if is_found { found } else { style }))
        .collect()
}

fn status_role(status: Status) -> Role {
    match status {
        Status::Active => Role::Text,
        Status::Retired => Role::Dim,
        Status::Revoked => Role::Bad,
    }
}

/// Days until the certificate ends, or what stands in their place.
fn expiry(record: &Record, state: &State) -> (Role, String) {
    let Some(leaf) = record.leaf() else {
        return (Role::Dim, "—".to_owned());
    };
    match Validity::of(leaf, state.now) {
        Validity::Expired | Validity::Never => (Role::Bad, "✗ end".to_owned()),
        Validity::NotYet => (Role::Care, "! soon".to_owned()),
        Validity::EndsSoon { days } => (Role::Care, format!("! {days}d")),
        Validity::Good { days } => (Role::Text, format!("{days}d")),
    }
}

/// How a key stands at an endpoint, in one sign.
fn sign(
    thumbprint: Thumbprint,
    record: &Record,
    endpoint: &str,
    state: &State,
) -> (Role, &'static str) {
    match state.standing(thumbprint, record, endpoint) {
        Standing::Registered(_) | Standing::Recorded(_) => (Role::Good, "●"),
        Standing::Differs { .. } | Standing::Said(_) => (Role::Care, "◐"),
        Standing::UnderWay => (Role::Accent, "◌"),
        Standing::Unknown(_) => (Role::Care, "?"),
        Standing::NotThere | Standing::NoSandbox => (Role::Dim, "○"),
    }
}
