//! The table of actions with the user's own keys in it.

use std::collections::BTreeMap;

use super::{
    action::{Action, Context, TABLE},
    key::Key,
};

/// Which key means which action where.
#[derive(Clone, Debug)]
pub struct Keymap {
    bound: Vec<(Context, Key, Action)>,
}

/// A `keys:` entry that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeymapError {
    /// No such action.
    #[error("keys: there is no action {0}: the palette and README list their names")]
    Action(String),
    /// No such key.
    #[error("keys.{action}: {reason}")]
    Key { action: String, reason: String },
    /// Two actions on one key.
    #[error("keys.{action}: {key} already means {other} there")]
    Taken {
        action: String,
        key: String,
        other: String,
    },
}

impl Keymap {
    /// The table's keys, with `own` (action's name to key) in their place.
    pub fn new(own: &BTreeMap<String, String>) -> Result<Self, KeymapError> {
        let mut bound: Vec<(Context, Key, Action)> = TABLE
            .iter()
            .flat_map(|each| {
                each.keys
                    .iter()
                    .map(|key| (each.context, *key, each.action))
            })
            .collect();
        let mut changed = Vec::new();
        for (name, text) in own {
            let binding = TABLE
                .iter()
                .find(|binding| binding.name == name)
                .ok_or_else(|| KeymapError::Action(name.clone()))?;
            let key = text.parse().map_err(|error| KeymapError::Key {
                action: name.clone(),
                reason: format!("{error}"),
            })?;
            bound.retain(|(context, _, action)| {
                (*context, *action) != (binding.context, binding.action)
            });
            changed.push((binding, key));
        }
        for (binding, key) in changed {
            let taken = bound
                .iter()
                .find(|(context, each, _)| *each == key && overlap(*context, binding.context));
            if let Some((context, _, action)) = taken {
                let other = TABLE
                    .iter()
                    .find(|each| each.action == *action && each.context == *context);
                return Err(KeymapError::Taken {
                    action: binding.name.to_owned(),
                    key: key.to_string(),
                    other: other.map_or("another", |each| each.name).to_owned(),
                });
            }
            bound.push((binding.context, key, binding.action));
        }
        Ok(Self { bound })
    }

    /// What `key` means in `context`, and outside text everywhere.
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        let here = |context: &Context| {
            let found = self
                .bound
                .iter()
                .find(|(each, bound, _)| each == context && *bound == key);
            found.map(|(_, _, action)| *action)
        };
        std::iter::successors(Some(context), |context| context.outer())
            .find_map(|context| here(&context))
    }

    /// The key that is shown for an action.
    pub fn shown(&self, context: Context, action: Action) -> Option<Key> {
        let found = self
            .bound
            .iter()
            .find(|(each, _, bound)| *each == context && *bound == action);
        found.map(|(_, key, _)| *key)
    }
}

/// Whether a key cannot mean two things in both.
fn overlap(one: Context, other: Context) -> bool {
    let text = |context| matches!(context, Context::Editor | Context::Dialog);
    one == other
        || one == Context::Everywhere && !text(other)
        || other == Context::Everywhere && !text(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keymap(own: &[(&str, &str)]) -> Result<Keymap, KeymapError> {
        let own = own
            .iter()
            .map(|(name, key)| ((*name).to_owned(), (*key).to_owned()));
        Keymap::new(&own.collect())
    }

    #[test]
    fn a_panels_key_wins_and_the_rest_means_the_same_everywhere() {
        let keymap = keymap(&[]).unwrap();
        let action = |context, key| keymap.action(context, key);
        assert_eq!(
            action(Context::Register, Key::Char('d')),
            Some(Action::Unregister)
        );
        assert_eq!(action(Context::Token, Key::Char('n')), Some(Action::NewKey));
        assert_eq!(action(Context::Editor, Key::Char('n')), None);
    }

    #[test]
    fn the_users_key_replaces_the_tables() {
        let keymap = keymap(&[("register", "b")]).unwrap();
        assert_eq!(
            keymap.action(Context::Keys, Key::Char('b')),
            Some(Action::Register)
        );
        assert_eq!(keymap.action(Context::Keys, Key::Char('r')), None);
        assert_eq!(
            keymap.shown(Context::Everywhere, Action::Register),
            Some(Key::Char('b'))
        );
    }

    #[test]
    fn two_keys_can_be_exchanged() {
        let keymap = keymap(&[("register", "m"), ("mint", "r")]).unwrap();
        assert_eq!(
            keymap.action(Context::Keys, Key::Char('r')),
            Some(Action::Mint)
        );
    }

    #[test]
    fn what_cannot_be_is_told() {
        let told = |own: &[(&str, &str)]| keymap(own).unwrap_err().to_string();
        assert_eq!(
            told(&[("fly", "f")]),
            "keys: there is no action fly: the palette and README list their names"
        );
        assert_eq!(
            told(&[("mint", "d")]),
            "keys.mint: d already means delete there"
        );
        assert_eq!(
            told(&[("mint", "Hyper-M")]),
            "keys.mint: `Hyper-M` is no key: write r, R, Ctrl-R, F2, Enter, Space, Up, PgDn or the \
             like"
        );
    }
}
