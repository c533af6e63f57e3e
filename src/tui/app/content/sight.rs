//! A key at an endpoint, in words.

use super::{activity::exchange, moments};
use crate::{
    registry::view::{Sight, Standing},
    tui::app::{
        dialog::Failure,
        rich::{Rich, Role, pair},
        state::State,
    },
};

/// The width of the labels.
const LABEL: usize = 12;

/// Sign and words of whose a key is.
pub fn standing(sight: &Sight, state: &State) -> (Role, String) {
    let (role, mut text) = match &sight.standing {
        Standing::Ours => (Role::Good, "● ours".to_owned()),
        Standing::Adoptable => (Role::Care, "◐ ours, not noted: A notes it".to_owned()),
        Standing::Differs(what) => {
            let what = what.join(", ");
            (Role::Care, format!("◐ ours, but differs: {what}"))
        }
        Standing::Missing => (Role::Bad, "✗ noted, and not there".to_owned()),
        Standing::Foreign => (Role::Dim, "○ foreign".to_owned()),
        Standing::Unreadable(why) => (Role::Bad, format!("! {why}")),
    };
    match sight.expired {
        None => (role, text),
        Some(end) => {
            let at = moments::short(end, state.now, &state.zone);
            text.push_str("; ! certificate expired ");
            text.push_str(&at);
            let role = match role {
                Role::Bad => Role::Bad,
                _ => Role::Care,
            };
            (role, text)
        }
    }
}

/// All about it.
pub fn lines(sight: &Sight, state: &State) -> Vec<Rich> {
    let (role, text) = standing(sight, state);
    let mut lines = vec![Rich::new(role, &text)];
    for (label, text) in [("kid", &sight.kid), ("id there", &sight.id)] {
        lines.push(pair(label, LABEL, Role::Text, text));
    }
    let Some(jwk) = &sight.jwk else {
        return lines;
    };
    lines.push(pair("key", LABEL, Role::Text, &jwk.key.label()));
    let thumbprint = jwk.key.thumbprint().to_string();
    lines.push(pair("thumbprint", LABEL, Role::Text, &thumbprint));
    if sight.ours.is_none() {
        let text = "Esc, then i on its row takes it into the keystore, without a private half.";
        lines.push(Rich::new(Role::Dim, text));
    }
    lines.push(Rich::default());
    let jwk = jwk.to_json_pretty();
    lines.extend(jwk.lines().map(|line| Rich::new(Role::Claims, line)));
    lines
}

/// Why nothing was seen, and what came back.
pub fn failure(failure: &Failure) -> Vec<Rich> {
    let mut lines = vec![Rich::new(Role::Bad, &format!("✗ {}", failure.summary))];
    lines.push(Rich::default());
    lines.extend(failure.lines.iter().map(|line| exchange(line)));
    lines
}
