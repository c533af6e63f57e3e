//! Panel 6: what is served, and the log.

use ratatui::{Frame, layout::Rect, style::Style};

use super::{draw_lines, styled, theme::Theme};
use crate::{
    sandbox::server::{LogLine, TOKEN},
    tui::app::{
        content::moments,
        msg::Whose,
        rich::{Rich, Role, pair},
        state::State,
    },
};

/// The width of the labels.
const LABEL: usize = 10;

/// Where the rest of a long log line goes on: below its status.
const INDENT: usize = 14;

pub(super) fn draw(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let head = head(state);
    let rows = u16::try_from(head.len()).unwrap_or(0).min(area.height);
    draw_lines(
        head.iter().map(|line| styled(line, theme)),
        frame,
        area,
        Style::new(),
    );
    let below = Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    };
    let log = state.sandbox.log();
    let height = usize::from(below.height);
    let width = usize::from(below.width);
    let wrapped = |line| log_line(line, state).wrapped(width, INDENT);
    let mut lines: Vec<Rich> = Vec::new();
    // The chosen line is the last of the window: a log is read at its end.
    let end = (state.sandbox.scroll.0 + 1).min(log.len());
    for line in log.iter().take(end).rev() {
        let above = wrapped(line);
        if above.len() + lines.len() > height && !lines.is_empty() {
            break;
        }
        lines.splice(0..0, above);
    }
    for line in log.iter().skip(end) {
        if lines.len() >= height {
            break;
        }
        lines.extend(wrapped(line));
    }
    lines.truncate(height);
    draw_lines(
        lines.iter().map(|line| styled(line, theme)),
        frame,
        below,
        Style::new(),
    );
}

fn head(state: &State) -> Vec<Rich> {
    let Some(at_hand) = &state.sandbox.at_hand else {
        let mut head = vec![
            Rich::new(
                Role::Dim,
                "○ The sandbox does not run. ⏎ starts it, and so does registering there.",
            ),
            Rich::new(
                Role::Dim,
                "It serves, on this machine only, an authorization server with a key",
            ),
            Rich::new(
                Role::Dim,
                "registry shaped like GoodData's, and a protected API. The keys registered",
            ),
            Rich::new(Role::Dim, "there are kept in memory."),
        ];
        if !state.sandbox.log().is_empty() {
            head.push(Rich::default());
        }
        return head;
    };
    let running = &at_hand.running;
    let whose = match at_hand.whose {
        Whose::Ours => "● runs here",
        Whose::Another => "● runs in another process: its log is there",
    };
    let line = |label, text: &str| pair(label, LABEL, Role::Text, text);
    vec![
        Rich::new(Role::Good, whose),
        line("server", &running.auth),
        line(
            "registry",
            &format!("{}/api/v1/entities/jwks  token: {TOKEN}", running.auth),
        ),
        line(
            "profile",
            &format!("{}/api/v1/profile  a registered key's token", running.auth),
        ),
        line("API", &format!("{}/protected", running.api)),
        faults(state),
        Rich::default(),
    ]
}

fn faults(state: &State) -> Rich {
    let faults = state.sandbox.active_faults();
    if !faults.is_empty() {
        let text = format!("! refuses on purpose: {faults}");
        return pair("faults", LABEL, Role::Care, &text);
    }
    let text = "none: f makes the servers refuse on purpose";
    pair("faults", LABEL, Role::Dim, text)
}

fn log_line(line: &LogLine, state: &State) -> Rich {
    let role = match line.status {
        200..=299 => Role::Good,
        400..=599 => Role::Bad,
        _ => Role::Care,
    };
    let note = if line.note.contains("fault ") {
        Role::Care
    } else {
        Role::Dim
    };
    let at = moments::time_of_day(line.at, &state.zone);
    Rich::new(Role::Dim, &format!("{at} {:<4} ", line.server.name()))
        .and(role, &format!("{} ", line.status))
        .and(Role::Text, &format!("{:<6} {}", line.method, line.path))
        .and(note, &format!("  {}", line.note))
}
