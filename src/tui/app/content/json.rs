//! JSON objects as lines, times told beside their numbers.

use jiff::Timestamp;
use serde_json::Value;

use super::moments;
use crate::{
    jose::{
        claims::JsonObject,
        time::{self, DATES},
    },
    tui::app::{
        rich::{Rich, Role},
        state::{Folding, State},
    },
};

/// `object` indented, in `role`; `NumericDate`s of claims also as people read them, and `notes`
/// beside the members they name.
pub fn lines(object: &JsonObject, role: Role, state: &State, notes: &[(&str, &str)]) -> Vec<Rich> {
    folding(object, role, state, notes, Folding::Unfolded)
}

/// As [`lines`]; where folded, the objects and arrays in it take a line each.
pub fn folding(
    object: &JsonObject,
    role: Role,
    state: &State,
    notes: &[(&str, &str)],
    folding: Folding,
) -> Vec<Rich> {
    let members = object.members();
    if members.is_empty() {
        return vec![Rich::new(role, "{}")];
    }
    let mut lines = vec![Rich::new(role, "{")];
    let last = members.len() - 1;
    for (place, (name, value)) in members.iter().enumerate() {
        let comma = if place == last { "" } else { "," };
        let text = match folding {
            Folding::Folded if is_foldable(value) => folded(name, value),
            _ => indented(name, value),
        };
        let mut parts = text.lines().peekable();
        while let Some(part) = parts.next() {
            let is_end = parts.peek().is_none();
            let spaces = part.len() - part.trim_start().len();
            let mut line = Rich::new(role, part).hanging(spaces + 2);
            if is_end {
                line = line.and(role, comma);
                if let Some(date) = date(name, value) {
                    line = line.and(Role::Dim, &format!("  {}", told(date, name, state)));
                }
                for (_, note) in notes.iter().filter(|(each, _)| each == name) {
                    line = line.and(Role::Dim, &format!("  {note}"));
                }
            }
            lines.push(line);
        }
    }
    lines.push(Rich::new(role, "}"));
    lines
}

/// Whether a value takes more than a line.
pub fn is_foldable(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    }
}

/// A date as `2026-11-23 14:31:07`, and for `exp` how long it is until then.
fn told(date: Timestamp, name: &str, state: &State) -> String {
    let whole = moments::whole(date, &state.zone);
    if name == "exp" {
        let relative = time::countdown(date, state.now);
        let word = if date <= state.now { "expired" } else { "ends" };
        format!("{whole}, {word} {relative}")
    } else {
        whole
    }
}

fn date(name: &str, value: &Value) -> Option<Timestamp> {
    DATES
        .contains(&name)
        .then(|| time::numeric_date(value))
        .flatten()
}

/// A member on one line, with how much there is in it.
fn folded(name: &str, value: &Value) -> String {
    let name = Value::String(name.to_owned());
    match value {
        Value::Array(items) => format!("  {name}: [… {}]", items.len()),
        Value::Object(members) => format!("  {name}: {{… {}}}", members.len()),
        _ => format!("  {name}: {value}"),
    }
}

/// A member on as many lines as it takes, indented by two spaces.
fn indented(name: &str, value: &Value) -> String {
    let name = Value::String(name.to_owned());
    let text = format!("{name}: {value:#}");
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
