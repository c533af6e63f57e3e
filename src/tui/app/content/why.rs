//! Why a server may refuse a token: each reason with its remedy, and the number that does it.

use crate::{
    jose::why::{Act, Likelihood, Reason},
    tui::app::rich::{Rich, Role},
};

/// The most remedies that have a number: each is one key.
pub const MOST: usize = 9;

/// Where reasons and remedies begin, in columns.
const HANG: usize = 11;

/// The reasons, the likeliest first; what keyfob does itself has a number.
pub fn lines(reasons: &[Reason]) -> Vec<Rich> {
    if reasons.is_empty() {
        return vec![Rich::new(Role::Good, "Nothing known speaks against it.")];
    }
    let mut lines = Vec::new();
    let mut numbers = 1..;
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
                .and(Role::Text, &reason.text)
                .hanging(HANG),
        );
        let remedy = Rich::new(Role::Dim, "         → ")
            .and(Role::Text, &reason.remedy)
            .hanging(HANG);
        let number = reason
            .act
            .as_ref()
            .and_then(|act| Some((act, numbers.next()?)));
        lines.push(match number {
            Some((act, number)) if number <= MOST => remedy
                .and(Role::Accent, &format!("  {number} "))
                .and(Role::Dim, &verb(act)),
            _ => remedy,
        });
    }
    lines.push(Rich::default());
    lines.push(Rich::new(
        Role::Dim,
        "From what is recorded here; keyfob why --online asks the endpoints.",
    ));
    lines
}

/// What the number does.
fn verb(act: &Act) -> String {
    match act {
        Act::Copy => "copies it alone".to_owned(),
        Act::Import => "imports".to_owned(),
        Act::Mint(Some(kid)) => format!("mints anew with {kid}"),
        Act::Mint(None) => "mints anew".to_owned(),
        Act::Register {
            kid,
            place: Some(place),
        } => format!("registers {kid} at {place}"),
        Act::Register { kid, place: None } => format!("registers {kid}"),
        Act::Template { template, .. } => format!("opens {template}"),
        Act::Renew(kid) => format!("renews the certificate of {kid}"),
    }
}
