//! All keys at one endpoint.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::marker;
use crate::{
    display,
    registry::{
        book::SANDBOX,
        view::{Sight, Standing},
    },
    tui::{
        app::{
            content,
            keys_panel::Typing,
            register_panel::EndpointView,
            rich::{Rich, Role, wrapped},
            state::State,
        },
        view::{
            draw_lines, filter, fitted, styled,
            theme::{Focus, Theme},
        },
    },
};

pub(super) fn draw(
    keys: &EndpointView,
    state: &State,
    theme: Theme,
    focus: Focus,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let width = usize::from(area.width);
    let area = match &keys.filter {
        Some(filter) => {
            let typing = if state.is_filtering() && state.waiting.is_none() {
                Typing::UnderWay
            } else {
                Typing::Done
            };
            filter::draw(&filter.line, typing, theme, frame, area)
        }
        None => area,
    };
    if keys.sights.is_empty() || keys.failure.is_some() {
        let lines = wrapped(&nothing(keys, state), width, 2);
        let lines = lines.iter().map(|line| styled(line, theme));
        draw_lines(lines, frame, area, Style::new());
        return;
    }
    let height = usize::from(area.height);
    let count = keys.shown().len();
    let first = keys.scroll.first(count, height);
    let window = keys.shown().enumerate().skip(first).take(height);
    let names = window.clone().map(|(_, sight)| name(sight).width());
    let name_width = names.max().unwrap_or(0).clamp(8, (width / 3).max(8));
    let mut lines: Vec<Line<'_>> = window
        .map(|(place, sight)| {
            let chosen = place == keys.scroll.0;
            let style = if chosen { theme.chosen() } else { Style::new() };
            let (role, text) = content::sight::standing(sight, state);
            let alg = sight.jwk.as_ref().and_then(|jwk| jwk.alg.as_deref());
            let alg = display::middle(alg.unwrap_or_default(), 10);
            let free = width.saturating_sub(name_width + alg.width() + 5);
            Line::from(vec![
                marker(chosen, focus, theme),
                Span::styled(fitted(name(sight), name_width), style),
                Span::styled(format!("  {}", fitted(&text, free)), theme.style(role)),
                Span::styled(format!(" {alg}"), theme.style(Role::Dim)),
            ])
        })
        .collect();
    if lines.len() + 2 <= height {
        lines.push(Line::default());
        let text = match (count, keys.sights.len()) {
            (0, _) => "no key matches: Esc shows all".to_owned(),
            (shown, all) if shown < all => format!("{shown} of {all} match"),
            _ => told(&keys.sights),
        };
        let text = display::middle(&text, width);
        lines.push(Line::styled(text, theme.style(Role::Dim)));
    }
    draw_lines(lines, frame, area, Style::new());
}

/// The kid, else the service's own name.
fn name(sight: &Sight) -> &str {
    if sight.kid.is_empty() {
        &sight.id
    } else {
        &sight.kid
    }
}

/// Why no key is shown.
fn nothing(keys: &EndpointView, state: &State) -> Vec<Rich> {
    let dim = |text: &str| vec![Rich::new(Role::Dim, text)];
    if let Some(failure) = &keys.failure {
        return vec![
            Rich::new(Role::Bad, &format!("✗ {}", failure.summary)),
            Rich::new(Role::Dim, "Ctrl-R asks again, v goes back."),
        ];
    }
    if keys.looking.is_some() {
        return dim(&format!("◌ asking {} for its keys…", keys.endpoint));
    }
    if keys.endpoint == SANDBOX && state.sandbox.at_hand.is_none() {
        return dim("○ The sandbox does not run: r registers the selected key and starts it.");
    }
    if keys.at.is_none() {
        return dim("? not asked: Ctrl-R asks");
    }
    dim("No key is there: r registers the selected one, v goes back.")
}

/// `5 keys there: 2 ours, 1 differing, 2 foreign`.
fn told(sights: &[Sight]) -> String {
    let mut counts = [
        ("ours", 0),
        ("not noted", 0),
        ("differing", 0),
        ("missing", 0),
        ("foreign", 0),
        ("unreadable", 0),
    ];
    for sight in sights {
        let place = match sight.standing {
            Standing::Ours => 0,
            Standing::Adoptable => 1,
            Standing::Differs(_) => 2,
            Standing::Missing => 3,
            Standing::Foreign => 4,
            Standing::Unreadable(_) => 5,
        };
        counts[place].1 += 1;
    }
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let missing = counts[3].1;
    let keys = match sights.len() - missing {
        1 => "1 key there".to_owned(),
        many => format!("{many} keys there"),
    };
    format!("{keys}: {}", parts.join(", "))
}
