//! What a file holds, with checkboxes.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{draw_lines, fitted, open, styled};
use crate::{
    keystore::{
        import::{Candidate, Source, Standing},
        store::Material,
    },
    tui::{
        app::{
            dialog::{Check, Checklist},
            layout::dialog_columns,
            rich::{Rich, Role},
        },
        view::{filter, theme::Theme},
    },
};

pub(super) fn draw(list: &Checklist, theme: Theme, frame: &mut Frame<'_>) {
    let offered = &list.offered;
    let all = offered.standings.len() + offered.offer.refused.len();
    let count = list.shown.len();
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let about = about(list).wrapped(columns, 2);
    let most = usize::from(frame.area().height).saturating_sub(6);
    let foot = about.len().clamp(1, most / 2);
    let typed = usize::from(list.filter.is_some());
    let rows = count.max(1).min(most.saturating_sub(foot + typed));
    let checked = list
        .checks
        .iter()
        .filter(|check| **check == Check::On)
        .count();
    let title = if count == all {
        format!("Import {checked} of {all}")
    } else {
        format!("Import {checked} of {all}, {count} shown")
    };
    let mut inner = open(&title, typed + rows + foot, theme, frame);
    if let Some(filter) = &list.filter {
        inner = filter::draw(&filter.line, filter.typing, theme, frame, inner);
    }
    let above = Rect {
        height: inner
            .height
            .saturating_sub(u16::try_from(foot).unwrap_or(0)),
        ..inner
    };
    let height = usize::from(above.height);
    let first = list.scroll.first(count, height);
    let shown = list.shown.iter().copied().enumerate();
    let shown = shown.skip(first).take(height);
    draw_lines(
        shown.map(|(at, place)| row(list, (at, place), columns, theme)),
        frame,
        above,
        Style::new(),
    );
    let below = Rect {
        y: above.bottom(),
        height: inner.height.saturating_sub(above.height),
        ..inner
    };
    draw_lines(
        about.iter().map(|line| styled(line, theme)),
        frame,
        below,
        Style::new(),
    );
}

/// The row of a thing at a place among those shown.
fn row<'a>(
    list: &Checklist,
    (at, place): (usize, usize),
    columns: usize,
    theme: Theme,
) -> Line<'a> {
    let chosen = at == list.scroll.0;
    let style = if chosen { theme.chosen() } else { Style::new() };
    let marker = if chosen { "▌ " } else { "  " };
    let offered = &list.offered;
    let lead = |sign: &'static str, role| {
        let marker = Span::styled(marker, theme.style(Role::Accent));
        [marker, Span::styled(sign, theme.style(role))]
    };
    let Some(standing) = offered.standings.get(place) else {
        let reason = &offered.offer.refused[place - offered.standings.len()];
        let reason = format!(" {}", fitted(reason, columns.saturating_sub(6)));
        let [marker, sign] = lead(" ✗ ", Role::Bad);
        return Line::from(vec![marker, sign, Span::styled(reason, style)]);
    };
    let candidate = &offered.offer.keys[place];
    let (sign, role) = match (standing, list.checks[place]) {
        (Standing::Lacking(_) | Standing::New, Check::On) => ("[✓]", Role::Good),
        (Standing::Lacking(_) | Standing::New, Check::Off) => ("[ ]", Role::Text),
        (Standing::Here(_), _) => (" ● ", Role::Dim),
        (Standing::NameTaken(_), _) => (" ! ", Role::Care),
        (Standing::Refused(_), _) => (" ✗ ", Role::Bad),
    };
    let detail = match standing {
        Standing::New => what(candidate),
        Standing::Lacking(_) => "here already, lacks some of this".to_owned(),
        Standing::Here(_) => "already here".to_owned(),
        Standing::NameTaken(_) => "its name is taken".to_owned(),
        Standing::Refused(reason) => reason.clone(),
    };
    let width = 26;
    let [marker, sign] = lead(sign, role);
    Line::from(vec![
        marker,
        sign,
        Span::styled(format!(" {}  ", fitted(&candidate.name(), width)), style),
        Span::styled(
            fitted(&detail, columns.saturating_sub(width + 8)),
            theme.style(Role::Dim),
        ),
    ])
}

/// `ES256  P-256, 2 certificates`.
fn what(candidate: &Candidate) -> String {
    let half = match candidate.material {
        Material::Private(_) => "",
        Material::Public(_) => ", public half only",
    };
    let certificates = match candidate.chain.len() {
        0 => String::new(),
        1 => ", certificate".to_owned(),
        more => format!(", {more} certificates"),
    };
    let label = candidate.public().label();
    format!("{}, {label}{half}{certificates}", candidate.alg)
}

fn lacked(candidate: &Candidate) -> &'static str {
    match candidate.source {
        Source::Certificates => "certificates",
        Source::Key => "parts",
    }
}

/// The problem, else all about the row under the cursor.
fn about(list: &Checklist) -> Rich {
    if let Some(problem) = &list.problem {
        return Rich::new(Role::Bad, &format!("✗ {problem}"));
    }
    let offered = &list.offered;
    let Some(&place) = list.shown.get(list.scroll.0) else {
        return Rich::new(Role::Dim, "nothing here is called so: Esc shows all");
    };
    let text = match offered.standings.get(place) {
        Some(Standing::New) => {
            let thumbprint = offered.offer.keys[place].public().thumbprint();
            format!("thumbprint {thumbprint}")
        }
        Some(Standing::Here(kid)) => format!("the same key is here already, as {kid}"),
        Some(Standing::Lacking(kid)) => format!(
            "the same key is here already, as {kid}: it gets the {} it lacks",
            lacked(&offered.offer.keys[place])
        ),
        Some(Standing::NameTaken(kid)) => format!("another key is called {kid}"),
        Some(Standing::Refused(reason)) => reason.clone(),
        None => {
            let refused = &offered.offer.refused;
            let reason = refused.get(place.saturating_sub(offered.standings.len()));
            reason.cloned().unwrap_or_default()
        }
    };
    Rich::new(Role::Dim, &text)
}
