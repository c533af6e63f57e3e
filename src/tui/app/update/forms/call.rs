//! `C` in panel 5: a call of an API.

use std::path::PathBuf;

use super::{refuse, send};
use crate::{
    net::request::Method,
    oauth::{
        call::{self, Call},
        client::Client,
    },
    registry::book::SANDBOX,
    tui::app::{
        dialog::{FormDialog, FormKind},
        effect::Effect,
        form::{Field, Form},
        state::State,
        update::clients,
    },
};

/// The method that follows from the body.
const AUTO: &str = "GET, with a body POST";

/// The fields: as they were for the last call of that client.
pub(super) fn form(state: &State, client: &str) -> Form {
    let mut methods = vec![AUTO.to_owned()];
    methods.extend(Method::ALL.map(|method| method.name().to_owned()));
    let running = state
        .sandbox
        .at_hand
        .as_ref()
        .map(|at_hand| &at_hand.running);
    let url = match running {
        Some(running) if client == SANDBOX => {
            format!("{}/protected", running.api)
        }
        _ => "https://".to_owned(),
    };
    Form::new(vec![
        Field::text("URL", &url, ""),
        Field::choice("method", methods, AUTO, "←/→ or a letter"),
        Field::text("headers", "", "NAME: VALUE, NAME: VALUE"),
        Field::text("body", "", "text, or @FILE; JSON goes as JSON"),
    ])
}

/// `Enter`: shows what will be sent; a file is read for it first.
pub(super) fn accept(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let body = dialog.form.value("body").to_owned();
    if let Some(file) = body.strip_prefix('@') {
        let path = PathBuf::from(file);
        let task = send(state, dialog, format!("reading {file}"));
        return vec![Effect::ReadBody { task, path }];
    }
    with_body(state, dialog, Some(body).filter(|body| !body.is_empty()))
}

/// The same, its body at hand.
pub(super) fn with_body(
    state: &mut State,
    dialog: FormDialog,
    body: Option<String>,
) -> Vec<Effect> {
    let FormKind::Call(name) = &dialog.kind else {
        return Vec::new();
    };
    let name = name.clone();
    let mut rows = state.clients().into_iter();
    let row = rows.find(|row| row.name == name);
    let client = row.and_then(|row| {
        let settings = row.settings?;
        let name = row.name;
        Some(Client { name, settings })
    });
    let call = read(&dialog.form, body).and_then(|call| match &client {
        Some(client) => match call.policy(client) {
            Ok(_) => Ok(call),
            Err(error) => Err(error.to_string()),
        },
        None => Err(format!("the client {name} is gone")),
    });
    match call {
        Ok(call) => {
            state.kept.retain(|kept| kept.kind != dialog.kind);
            state.kept.push(dialog);
            clients::call_asked(state, &name, call)
        }
        Err(reason) => refuse(state, dialog, reason),
    }
}

fn read(form: &Form, body: Option<String>) -> Result<Call, String> {
    let mut methods = Method::ALL.into_iter();
    let method = methods.find(|method| method.name() == form.value("method"));
    let headers = headers(form.value("headers"))
        .into_iter()
        .map(|text| call::header(text).map_err(|error| format!("headers: {error}")))
        .collect::<Result<_, String>>()?;
    Call::new(form.value("URL"), method, headers, body).map_err(|error| error.to_string())
}

/// The headers of one line: a comma parts them where a name and a colon follow it.
fn headers(text: &str) -> Vec<&str> {
    let mut headers = Vec::new();
    let mut begin = 0;
    for (place, _) in text.match_indices(',') {
        if begins_header(&text[place + 1..]) {
            headers.push(text[begin..place].trim());
            begin = place + 1;
        }
    }
    headers.push(text[begin..].trim());
    headers.retain(|header| !header.is_empty());
    headers
}

fn begins_header(text: &str) -> bool {
    let Some((name, _)) = text.trim_start().split_once(": ") else {
        return false;
    };
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_parts_headers_only_where_a_name_follows() {
        for (text, expected) in [
            ("", &[][..]),
            ("A: b", &["A: b"]),
            (
                "Accept: a/b;q=1, c/d, X-Y: z",
                &["Accept: a/b;q=1, c/d", "X-Y: z"],
            ),
            ("A: b,", &["A: b,"]),
            ("no header, A: b", &["no header", "A: b"]),
        ] {
            assert_eq!(headers(text), expected, "{text}");
        }
    }
}
