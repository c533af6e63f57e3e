//! Pastes, and dialogs that are only read.

use std::sync::Arc;

use crate::{
    jose::search::Search,
    secret::Secret,
    tui::app::{
        activity::Severity,
        content,
        dialog::{Dialog, FormKind, TextDialog},
        effect::{Effect, Source},
        layout,
        line::Line,
        panel::Panel,
        rich::Rich,
        scroll::Scroll,
        state::State,
    },
    x509::compare::Side,
};

/// A bracketed paste: into what has the keys; outside of text a key is imported and anything else
/// is taken for a token.
pub(super) fn pasted(state: &mut State, text: &Secret<String>) -> Vec<Effect> {
    if state.waiting.is_some() {
        return Vec::new();
    }
    match state.dialog.take() {
        Some(Dialog::Form(mut dialog)) => {
            if dialog.kind == FormKind::Import && is_key(text.expose()) {
                let passphrase = super::forms::file_passphrase(&dialog);
                return import(state, text, passphrase);
            }
            if let FormKind::ImportCertificate(thumbprint) = dialog.kind
                && text.expose().contains("-----BEGIN ")
                && let Some(record) = state.keys.record(&thumbprint).map(Arc::clone)
            {
                let source = pasted_bytes(text);
                return super::forms::take(state, dialog, &record, source);
            }
            dialog.form.paste(text.expose());
            dialog.touched();
            state.dialog = Some(Dialog::Form(dialog));
        }
        Some(Dialog::Menu(mut menu)) => {
            menu.filter.insert(text.expose());
            super::dialogs::filter(&mut menu);
            state.dialog = Some(Dialog::Menu(menu));
        }
        Some(other) => state.dialog = Some(other),
        None if state.is_filtering() => super::filtering::pasted(state, text.expose()),
        None if state.is_searching() => super::token::search::pasted(state, text.expose()),
        None if state.is_editing() => super::token::editor::pasted(state, text.expose()),
        None if is_key(text.expose()) => return import(state, text, None),
        None => {
            super::focus(state, Panel::Token);
            super::token::decode::decode(state, text.clone());
        }
    }
    Vec::new()
}

/// The file that the app was opened on: a token is taken apart, anything else is imported.
pub(super) fn opened(state: &mut State) -> Vec<Effect> {
    let Some(content) = state.opened.take() else {
        return Vec::new();
    };
    let token = std::str::from_utf8(content.expose())
        .ok()
        .filter(|text| !is_key(text) && holds_token(text))
        .map(|text| Secret::new(text.to_owned()));
    if let Some(token) = token {
        super::focus(state, Panel::Token);
        super::token::decode::decode(state, token);
        return Vec::new();
    }
    let task = state.tasks.begin("importing the file", state.now);
    vec![Effect::Import {
        task,
        source: Source::Pasted(content),
        passphrase: None,
        kid: None,
    }]
}

/// `Enter` on a row of panel 1.
pub(super) fn details(state: &mut State) {
    let Some(row) = state.keys.selected_row() else {
        return;
    };
    let copy = state
        .keys
        .selected()
        .map(|(_, record)| record.jwk().to_json_pretty());
    let body = content::details::lines(row, state);
    let title = row.name().to_owned();
    show(state, &title, body, copy);
}

/// `=`: the two marked keys side by side.
pub(super) fn compare(state: &mut State) {
    let marked = state.keys.marked();
    let [(_, a), (_, b)] = marked.as_slice() else {
        let reason = "= compares two keys: mark them with Space";
        state.say(Severity::Care, reason);
        return;
    };
    let sides = [a, b].map(|record| Side::of_jwk(&record.jwk()));
    let Some(rows) = sides[0].compare(&sides[1]) else {
        return;
    };
    let differing = rows.iter().filter(|row| !row.is_equal()).count();
    let title = match differing {
        0 => "They say the same".to_owned(),
        some => format!("{some} of {} members differ", rows.len()),
    };
    let columns = usize::from(layout::dialog_columns(state.size.0)).saturating_sub(4);
    let body = content::comparison::lines([&a.kid, &b.kid], &rows, columns);
    show(state, &title, body, None);
}

/// `Enter` on a row of panel 7.
pub(super) fn exchange(state: &mut State) {
    let Some(event) = state.activity.selected() else {
        return;
    };
    let body = content::activity::lines(event);
    let copy = event.curl.clone();
    show(state, "What was sent and what came back", body, copy);
}

/// Opens a text to read.
pub(super) fn show(state: &mut State, title: &str, body: Vec<Rich>, copy: Option<String>) {
    state.dialog = Some(Dialog::Text(TextDialog {
        title: Line::new(title).text().to_owned(),
        body,
        scroll: Scroll::default(),
        copy,
        acts: Vec::new(),
    }));
}

fn import(
    state: &mut State,
    text: &Secret<String>,
    passphrase: Option<Secret<String>>,
) -> Vec<Effect> {
    let task = state.tasks.begin("importing what was pasted", state.now);
    vec![Effect::Import {
        task,
        source: pasted_bytes(text),
        passphrase,
        kid: None,
    }]
}

fn pasted_bytes(text: &Secret<String>) -> Source {
    Source::Pasted(Secret::new(text.expose().as_bytes().to_vec()))
}

/// Whether a text is PEM or a JWK rather than a token.
fn is_key(text: &str) -> bool {
    let start = text.trim_start();
    let is_json = start.starts_with('{') && start.contains("\"k");
    (text.contains("-----BEGIN ") || is_json) && !holds_token(text)
}

/// Whether a token in compact or JSON form stands in a text.
fn holds_token(text: &str) -> bool {
    let tokens = Search::of(text).tokens;
    let mut texts = tokens.iter().map(|found| &found.text);
    texts.any(|each| each.starts_with('{') || each.contains('.'))
}
