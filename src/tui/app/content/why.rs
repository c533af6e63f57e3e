//! Why a server may refuse a token: each reason with its remedy, and the key that does it.

use crate::{
    jose::why::{Act, Likelihood, Reason},
    tui::app::{
        action::{Action, Context},
        rich::{Rich, Role},
        state::State,
    },
};

/// The reasons, the likeliest first.
pub fn lines(reasons: &[Reason], state: &State) -> Vec<Rich> {
    if reasons.is_empty() {
        return vec![Rich::new(Role::Good, "Nothing known speaks against it.")];
    }
    let mut lines = Vec::new();
    for reason in reasons {
        let role = match reason.likelihood {
            Likelihood::Certain => Role::Bad,
            Likelihood::Likely => Role::Care,
            Likelihood::Possible => Role::Dim,
        };
        let head = format!("{:<9}", reason.likelihood.name());
        lines.push(
            Rich::new(role, &head)
                .and(Role::Strong, &format!("{}  ", reason.cause))
                .and(Role::Text, &reason.text),
        );
        let remedy = Rich::new(Role::Dim, "         → ").and(Role::Text, &reason.remedy);
        lines.push(match reason.act.as_ref().and_then(|act| key(act, state)) {
            Some(key) => remedy.and(Role::Accent, &format!("  {key}")),
            None => remedy,
        });
    }
    lines.push(Rich::default());
    lines.push(Rich::new(
        Role::Dim,
        "From what is recorded here; keyfob why --online asks the endpoints.",
    ));
    lines
}

/// `m`, and what it is pressed on.
fn key(act: &Act, state: &State) -> Option<String> {
    let (context, action, on) = match act {
        Act::Import => (Context::Everywhere, Action::Import, None),
        Act::Mint(kid) => (Context::Everywhere, Action::Mint, kid.as_ref()),
        Act::Register { kid, .. } => (Context::Everywhere, Action::Register, Some(kid)),
        Act::Renew(kid) => (Context::Certificate, Action::Certificate, Some(kid)),
    };
    let key = state.keymap.shown(context, action)?;
    Some(match on {
        Some(kid) => format!("{key} on {kid}"),
        None => key.to_string(),
    })
}
