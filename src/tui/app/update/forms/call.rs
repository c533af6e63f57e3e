//! `C` in panel 5: a call of an API.

use super::refuse;
use crate::{
    net::request::Method,
    oauth::call::{self, Call},
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
        Some(running) if client == crate::registry::book::SANDBOX => {
            format!("{}/protected", running.api)
        }
        _ => "https://".to_owned(),
    };
    Form::new(vec![
        Field::text("URL", &url, ""),
        Field::choice("method", methods, AUTO, "←/→ or a letter"),
        Field::text("headers", "", "NAME: VALUE, NAME: VALUE"),
        Field::text("body", "", "sent as JSON where it is JSON"),
    ])
}

/// `Enter`: shows what will be sent.
pub(super) fn accept(state: &mut State, dialog: FormDialog, client: &str) -> Vec<Effect> {
    match read(&dialog.form) {
        Ok(call) => {
            let policy = state.clients().into_iter().find_map(|row| {
                let settings = row.settings.filter(|_| row.name == client)?;
                let client = crate::oauth::client::Client {
                    name: row.name,
                    settings,
                };
                call.policy(&client).err()
            });
            if let Some(error) = policy {
                return refuse(state, dialog, error.to_string());
            }
            let kind = FormKind::Call(client.to_owned());
            state.kept.retain(|kept| kept.kind != kind);
            state.kept.push(dialog);
            clients::call_asked(state, client, call)
        }
        Err(reason) => refuse(state, dialog, reason),
    }
}

fn read(form: &Form) -> Result<Call, String> {
    let mut methods = Method::ALL.into_iter();
    let method = methods.find(|method| method.name() == form.value("method"));
    let headers = headers(form.value("headers"))
        .into_iter()
        .map(|text| call::header(text).map_err(|error| format!("headers: {error}")))
        .collect::<Result<_, String>>()?;
    let body = Some(form.value("body").to_owned()).filter(|body| !body.is_empty());
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
