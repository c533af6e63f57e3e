//! Help, made from the table of actions.

use crate::tui::app::{
    action::{Context, of},
    rich::{Rich, Role},
    state::State,
};

/// Every key: those of the panel at hand first.
pub fn lines(state: &State) -> Vec<Rich> {
    let here = state.context();
    let mut contexts = vec![here];
    contexts.extend(Context::ALL.into_iter().filter(|each| *each != here));
    let mut lines = Vec::new();
    for context in contexts {
        if !lines.is_empty() {
            lines.push(Rich::default());
        }
        lines.push(Rich::new(Role::Strong, context.title()));
        for binding in of(context) {
            let mut keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            if let Some(shown) = state.keymap.shown(context, binding.action)
                && !binding.keys.contains(&shown)
            {
                keys = vec![shown.to_string()];
            }
            lines.push(
                Rich::new(Role::Accent, &format!("  {:<16}", keys.join(" ")))
                    .and(Role::Text, binding.description),
            );
        }
    }
    lines
}
