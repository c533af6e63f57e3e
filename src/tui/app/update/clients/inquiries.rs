//! `o` and `x`: what the server is asked of the access token at hand.

use super::{confirm, is_sandbox, proceed, ready};
use crate::{
    oauth::{
        client::Client,
        inquiry::{self, Inquiry},
        metadata::Place as Address,
        token_request::PLACEHOLDER,
    },
    tui::app::{
        activity::Severity,
        clients_panel::{Asked, Way},
        effect::Effect,
        rich::{Rich, Role},
        state::State,
    },
};

/// Asks, after what will be sent was shown; the sandbox is asked at once.
pub(super) fn ask(state: &mut State, inquiry: Inquiry) -> Vec<Effect> {
    let Some(row) = state.client() else {
        return Vec::new();
    };
    if !is_possible(state) {
        let text = format!(
            "{} has no access token to ask about: ⏎ asks for one",
            row.name
        );
        state.say(Severity::Care, text);
        return Vec::new();
    }
    let Some(settings) = ready(state, &row) else {
        return Vec::new();
    };
    let asked = Asked::Inquire {
        client: row.name.clone(),
        inquiry,
    };
    if is_sandbox(state, &settings) {
        return proceed(state, asked);
    }
    let client = Client {
        name: row.name,
        settings,
    };
    let endpoint = match inquiry {
        Inquiry::Introspect => Address::Introspection,
        Inquiry::Revoke => Address::Revocation,
    };
    let text = |text: &str| Rich::new(Role::Text, text);
    let mut lines = vec![
        Rich::new(
            Role::Strong,
            &format!("POST ‹the {} it names›", endpoint.member()),
        ),
        text("Content-Type: application/x-www-form-urlencoded"),
        Rich::default(),
    ];
    lines.extend(
        Inquiry::parameters(&client)
            .into_iter()
            .map(|(name, value)| {
                let value = match value {
                    inquiry::PLACEHOLDER => "‹the access token›",
                    PLACEHOLDER => "‹an assertion as for an access token›",
                    value => value,
                };
                text(&format!("{name}={value}"))
            }),
    );
    let title = match inquiry {
        Inquiry::Introspect => format!("About the access token of {}", client.name),
        Inquiry::Revoke => format!("Revoke the access token of {}", client.name),
    };
    let curl = Some(command(inquiry, &client.name));
    confirm(state, title, lines, curl, "sends", asked);
    Vec::new()
}

/// What is done meanwhile.
pub(super) fn label(inquiry: Inquiry, client: &str) -> String {
    match inquiry {
        Inquiry::Introspect => format!("asking about the access token of {client}"),
        Inquiry::Revoke => format!("revoking the access token of {client}"),
    }
}

/// Whether there is a token to ask about.
pub(super) fn is_possible(state: &State) -> bool {
    let way = state.client().and_then(|row| state.clients.way(&row.name));
    way.and_then(Way::access).is_some()
}

/// The command that does the same.
fn command(inquiry: Inquiry, client: &str) -> String {
    let option = match inquiry {
        Inquiry::Introspect => "--introspect --of",
        Inquiry::Revoke => "--revoke",
    };
    format!("keyfob token {client} {option} \"$TOKEN\"")
}
