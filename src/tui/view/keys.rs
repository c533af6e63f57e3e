//! Panel 1.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};

use super::{
    draw_lines, fitted, spinner,
    theme::{Focus, Theme},
};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::{Half, Origin, Record, Status},
    tui::app::{
        keys_panel::{Listing, Row},
        panel::Panel,
        register_panel::Standing,
        rich::Role,
        state::{State, Vault},
    },
    x509::validity::Validity,
};

/// The widths of the columns behind the kid.
const ALG: usize = 6;
const KEY: usize = 9;
const EXPIRY: usize = 6;
/// Stands before a marked key.
const MARK: &str = "◆";
/// The most endpoints that have a sign of their own in a row.
const MOST_SIGNS: usize = 8;

/// The panel's title, and what is told at its right.
pub(super) fn titles(state: &State) -> (String, String) {
    let (shown, count) = (state.keys.shown().len(), state.keys.count());
    let mut counted = if shown == count {
        count.to_string()
    } else {
        format!("{shown} of {count}")
    };
    if state.keys.marks() > 0 {
        counted = format!("{MARK} {} of {counted}", state.keys.marks());
    }
    let order = state.keys.order.name();
    let right = match (count, &state.keys.listing) {
        (0, _) => String::new(),
        (_, Listing::UnderWay) => format!("{counted}…"),
        (_, Listing::Done | Listing::Failed(_)) => format!("{counted} by {order}"),
    };
    (Panel::Keys.title().to_owned(), right)
}

pub(super) fn draw(
    state: &State,
    theme: Theme,
    focus: Focus,
    frame: &mut Frame<'_>,
    mut area: Rect,
) {
    if let Some(filter) = &state.keys.filter {
        let line = Line::from(vec![
            Span::styled("/ ", theme.style(Role::Accent)),
            Span::raw(crate::display::line(filter.line.text()).into_owned()),
        ]);
        let top = Rect { height: 1, ..area };
        frame.render_widget(Paragraph::new(line), top);
        if state.is_filtering() && state.waiting.is_none() {
            let column = u16::try_from(filter.line.cursor()).unwrap_or(u16::MAX);
            let column = area.x.saturating_add(2).saturating_add(column);
            frame.set_cursor_position((column.min(area.right() - 1), area.y));
        }
        area.y += 1;
        area.height = area.height.saturating_sub(1);
    }
    if state.keys.shown().len() == 0 {
        let text = Paragraph::new(empty(state))
            .style(theme.style(Role::Dim))
            .wrap(Wrap { trim: true });
        frame.render_widget(text, area);
        return;
    }
    let height = usize::from(area.height);
    let first = state.keys.scroll.first(state.keys.shown().len(), height);
    let endpoints = state.endpoints();
    let rows = state
        .keys
        .shown()
        .enumerate()
        .skip(first)
        .take(height)
        .map(|(place, row)| {
            let chosen = place == state.keys.scroll.0;
            line(row, chosen, state, theme, focus, &endpoints, area)
        });
    draw_lines(rows, frame, area, ratatui::style::Style::new());
}

fn empty(state: &State) -> String {
    match (&state.keys.listing, state.vault) {
        _ if state.keys.count() > 0 => "No key matches: Esc shows all again.".to_owned(),
        (_, Vault::Missing) => "n creates the keystore and the first key.".to_owned(),
        (Listing::Failed(reason), _) => crate::display::line(reason).into_owned(),
        (Listing::UnderWay, _) => String::new(),
        (Listing::Done, _) => {
            "Keys stand here, each with its certificate and where it is registered. n makes one, \
             i imports one."
                .to_owned()
        }
    }
}

fn line<'a>(
    row: &Row,
    chosen: bool,
    state: &State,
    theme: Theme,
    focus: Focus,
    endpoints: &[String],
    area: Rect,
) -> Line<'a> {
    let signs = endpoints.len().min(MOST_SIGNS);
    let behind = ALG + KEY + EXPIRY + signs + 4;
    let kid_width = usize::from(area.width).saturating_sub(behind + 2);
    let cursor = match (chosen, focus) {
        (false, _) => Span::raw(" "),
        (true, Focus::Here) => Span::styled("▌", theme.style(Role::Accent)),
        (true, Focus::Elsewhere) => Span::styled("▌", theme.style(Role::Dim)),
    };
    let marked = row
        .key()
        .is_some_and(|(thumbprint, _)| state.keys.is_marked(&thumbprint));
    let mark = if marked {
        Span::styled(MARK, theme.style(Role::Accent))
    } else {
        Span::raw(" ")
    };
    let name_style = if chosen {
        theme.chosen()
    } else {
        ratatui::style::Style::new()
    };
    let mut spans = vec![cursor, mark];
    match row {
        Row::Key { thumbprint, record } => {
            let new = match record.origin {
                Origin::NewHere => " new here",
                Origin::Ours => "",
            };
            let width = kid_width.saturating_sub(new.len());
            spans.push(Span::styled(fitted(&record.kid, width), name_style));
            spans.push(Span::styled(new, theme.style(Role::Care)));
            spans.push(Span::raw(format!(
                " {:<ALG$} {:<KEY$} ",
                record.alg.name(),
                record.public.label()
            )));
            let (role, expiry) = expiry(record, state);
            spans.push(Span::styled(
                format!("{expiry:>EXPIRY$} "),
                theme.style(role),
            ));
            for endpoint in endpoints.iter().take(MOST_SIGNS) {
                let (role, sign) = sign(*thumbprint, record, endpoint, state);
                spans.push(Span::styled(sign, theme.style(role)));
            }
        }
        Row::Pending {
            task, kid, label, ..
        } => {
            let since = state.tasks.task(*task).map_or(state.now, |task| task.since);
            spans.push(Span::styled(fitted(kid, kid_width), name_style));
            spans.push(Span::styled(
                format!(" {} making {label}", spinner(state, since)),
                theme.style(Role::Accent),
            ));
        }
        Row::Unreadable { file, reason } => {
            let width = usize::from(area.width).saturating_sub(4);
            let text = format!("{} {reason}", crate::display::middle(file, 12));
            spans.push(Span::styled("✗ ", theme.style(Role::Bad)));
            let text: String = crate::display::line(&text).chars().take(width).collect();
            spans.push(Span::styled(text, theme.style(Role::Bad)));
        }
    }
    Line::from(spans)
}

/// Days until the certificate ends, or what stands in their place.
fn expiry(record: &Record, state: &State) -> (Role, String) {
    match record.status {
        Status::Retired => return (Role::Dim, "retird".to_owned()),
        Status::Revoked => return (Role::Bad, "revokd".to_owned()),
        Status::Active => {}
    }
    let Some(leaf) = record.leaf() else {
        return match record.half {
            Half::PublicOnly => (Role::Dim, "public".to_owned()),
            Half::Private => (Role::Dim, "—".to_owned()),
        };
    };
    match Validity::of(leaf, state.now) {
        Validity::Expired => (Role::Bad, "✗ end".to_owned()),
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
        Standing::Differs { .. } => (Role::Care, "◐"),
        Standing::UnderWay => (Role::Accent, "◌"),
        Standing::Unknown(_) => (Role::Care, "?"),
        Standing::NotThere | Standing::NoSandbox => (Role::Dim, "○"),
    }
}
