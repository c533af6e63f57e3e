//! What was sent and what came back.

use crate::tui::app::{
    activity::Event,
    rich::{Rich, Role},
};

/// An event with its requests and answers.
pub fn lines(event: &Event) -> Vec<Rich> {
    let mut lines = vec![Rich::new(Role::Text, &event.what)];
    if event.exchanges.is_empty() {
        lines.push(Rich::new(Role::Dim, "Nothing was sent over the network."));
    } else {
        lines.push(Rich::default());
        lines.extend(event.exchanges.iter().map(|line| exchange(line)));
    }
    lines
}

/// A line of a request or an answer.
pub fn exchange(line: &str) -> Rich {
    let role = if line.starts_with("→ ") {
        Role::Strong
    } else {
        Role::Text
    };
    Rich::new(role, line)
}
