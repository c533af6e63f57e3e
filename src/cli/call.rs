//! `keyfob call`

use std::{io::IsTerminal, path::Path};

use super::{
    arguments::CallOptions, exit::Exit, failure::Failure, files, output::Output, session::Session,
    token,
};
use crate::{
    config::settings::Settings,
    net::{
        policy::Policy,
        request::{HeaderValue, Method, Request},
        stream::Stream,
        url::{Scheme, Url},
    },
    oauth::{access_token::AccessToken, client::Client},
};

/// Read at once.
const PIECE: usize = 64 << 10;

pub(super) fn run(
    options: &CallOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let settings: Settings = session.settings()?;
    let policy = policy(
        options,
        &token::client(&options.client, &settings, session)?,
    )?;
    let (headers, body) = (headers(options)?, body(options)?);
    let access = token::granted(&options.client, session, output)?;
    let request = request(options, headers, body, &access);
    let mut stream = Stream::open(&request, &policy)?;
    let head = stream.head();
    let status = head.status;
    let told: Vec<String> = head.shown();
    for line in told {
        output.say(&line);
    }
    if std::io::stdout().is_terminal() {
        show(&mut stream, output)?;
    } else {
        pass_on(&mut stream, output)?;
    }
    if status >= 400 {
        return Err(Failure::new(
            Exit::Remote,
            format!("{} answered {status}", options.url),
        ));
    }
    Ok(Exit::Done)
}

/// The body to a program, as it is.
fn pass_on(stream: &mut Stream, output: &mut Output) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE];
    loop {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            length => output.bytes(&piece[..length])?,
        }
    }
}

/// The body to a person: through the gate, a character that is cut between two pieces kept whole.
fn show(stream: &mut Stream, output: &mut Output) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE];
    let mut pending = Vec::new();
    loop {
        let length = stream.read(&mut piece)?;
        pending.extend_from_slice(&piece[..length]);
        let whole = match std::str::from_utf8(&pending) {
            Err(cut) if cut.error_len().is_none() && length > 0 => cut.valid_up_to(),
            _ => pending.len(),
        };
        output.piece(&String::from_utf8_lossy(&pending[..whole]))?;
        pending.drain(..whole);
        if length == 0 {
            return Ok(());
        }
    }
}

/// What the client's server may do, the API may: whatever goes there is refused before a token is
/// asked for.
fn policy(options: &CallOptions, client: &Client) -> Result<Policy, Failure> {
    let url = Url::parse(&options.url)?;
    if url.scheme() == Scheme::Http && !url.is_loopback() && !client.settings.allow_http {
        return Err(Failure::usage(format!(
            "{} would get the access token over plain http, where anybody on the way can take it: \
             use https, or say allow_http: true at the client",
            url.authority()
        )));
    }
    Ok(client.policy())
}

fn headers(options: &CallOptions) -> Result<Vec<(String, HeaderValue)>, Failure> {
    let mut headers = Vec::new();
    for text in &options.header {
        let Some((name, value)) = text.split_once(':') else {
            return Err(Failure::usage("-H: write NAME: VALUE"));
        };
        if name.trim().eq_ignore_ascii_case("authorization") {
            return Err(Failure::usage(
                "-H Authorization: leave it out, the client's access token goes there",
            ));
        }
        let value = HeaderValue::Plain(value.trim().to_owned());
        headers.push((name.trim().to_owned(), value));
    }
    Ok(headers)
}

fn body(options: &CallOptions) -> Result<Option<String>, Failure> {
    let Some(data) = &options.data else {
        return Ok(None);
    };
    let Some(file) = data.strip_prefix('@') else {
        return Ok(Some(data.clone()));
    };
    let bytes = files::read(Path::new(file))?;
    match std::str::from_utf8(bytes.expose()) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(Failure::usage(format!(
            "{file} is no UTF-8 text, and call sends text"
        ))),
    }
}

fn request(
    options: &CallOptions,
    mut headers: Vec<(String, HeaderValue)>,
    body: Option<String>,
    access: &AccessToken,
) -> Request {
    let has = |headers: &[(String, HeaderValue)], name: &str| {
        headers
            .iter()
            .any(|(each, _)| each.eq_ignore_ascii_case(name))
    };
    if let Some(body) = &body
        && !has(&headers, "content-type")
    {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
        let kind = if is_json {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        headers.push((
            "Content-Type".to_owned(),
            HeaderValue::Plain(kind.to_owned()),
        ));
    }
    headers.push((
        "Authorization".to_owned(),
        HeaderValue::Secret {
            scheme: "Bearer".to_owned(),
            value: access.token().clone(),
        },
    ));
    let method = match (options.request, &body) {
        (Some(method), _) => method,
        (None, Some(_)) => Method::Post,
        (None, None) => Method::Get,
    };
    Request {
        method,
        url: options.url.clone(),
        headers,
        body,
    }
}
