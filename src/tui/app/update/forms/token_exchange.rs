//! `X` in panel 5: a token that is exchanged for one of the client's (RFC 8693).

use super::refuse;
use crate::{
    config::settings::TokenKind,
    tui::app::{
        dialog::FormDialog,
        effect::{Effect, Subject},
        form::{Field, Form},
        state::State,
        update::clients,
    },
};

pub(super) fn form() -> Form {
    let kinds = TokenKind::ALL.map(|kind| kind.name().to_owned()).to_vec();
    let usual = TokenKind::default().name();
    Form::new(vec![
        Field::secret("token", "paste somebody else's token"),
        Field::choice("kind", kinds, usual, "←/→ or a letter"),
    ])
}

/// `Enter`: shows what will be sent.
pub(super) fn accept(state: &mut State, dialog: FormDialog, client: &str) -> Vec<Effect> {
    let token = dialog
        .form
        .secret("token")
        .map(|line| line.secret().clone());
    let Some(token) = token.filter(|token| !token.expose().trim().is_empty()) else {
        return refuse(state, dialog, "token: paste the one to exchange");
    };
    match dialog.form.value("kind").parse() {
        Ok(kind) => clients::exchange_asked(state, client, Subject { kind, token }),
        Err(reason) => refuse(state, dialog, format!("kind: {reason}")),
    }
}
