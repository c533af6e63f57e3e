//! Panel 7: what was done, without secrets.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::scroll::Scroll;
use crate::registry::answer::Exchange;

/// The most entries that are kept.
const MOST: usize = 1_000;

/// The panel.
#[derive(Debug, Default)]
pub struct Activity {
    events: VecDeque<Event>,
    pub scroll: Scroll,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Timestamp,
    pub severity: Severity,
    pub what: String,
    /// What was sent and answered, secrets masked.
    pub exchanges: Vec<String>,
    /// The last request as curl, with a placeholder.
    pub curl: Option<String>,
}

/// How something stands or went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    Bad,
    Care,
    Good,
}

impl Activity {
    /// The events, newest first.
    pub fn events(&self) -> impl ExactSizeIterator<Item = &Event> {
        self.events.iter()
    }

    /// The event under the cursor.
    pub fn selected(&self) -> Option<&Event> {
        self.events.get(self.scroll.0)
    }

    /// Adds an event; the cursor stays on its row, or on the newest.
    pub fn add(
        &mut self,
        at: Timestamp,
        severity: Severity,
        what: impl Into<String>,
        exchanges: &[Exchange],
    ) {
        let curl = exchanges.last().map(|exchange| exchange.request.curl());
        self.note(at, severity, what, shown(exchanges), curl);
    }

    /// As [`Self::add`], with what was sent and answered as lines, secrets masked.
    pub fn note(
        &mut self,
        at: Timestamp,
        severity: Severity,
        what: impl Into<String>,
        exchanges: Vec<String>,
        curl: Option<String>,
    ) {
        if self.scroll.0 > 0 {
            self.scroll.0 = (self.scroll.0 + 1).min(MOST - 1);
        }
        self.events.push_front(Event {
            at,
            severity,
            what: what.into(),
            exchanges,
            curl,
        });
        self.events.truncate(MOST);
    }
}

/// Requests and answers as lines: secrets masked, bodies cut.
pub fn shown(exchanges: &[Exchange]) -> Vec<String> {
    /// The longest answer that is kept, in lines.
    const LINES: usize = 200;
    let mut lines = Vec::new();
    for exchange in exchanges {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(exchange.request.shown());
        let response = &exchange.response;
        lines.push(String::new());
        lines.push(format!(
            "→ {} in {} ms",
            response.status,
            response.elapsed.as_millis()
        ));
        let body = indented(&response.text());
        lines.extend(body.lines().take(LINES).map(str::to_owned));
    }
    lines
}

/// JSON on one line, other text as it is.
pub fn compact(body: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(value) => value.to_string(),
        Err(_) => body.to_owned(),
    }
}

/// JSON indented, other text as it is.
fn indented(body: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(value) => format!("{value:#}"),
        Err(_) => body.to_owned(),
    }
}
