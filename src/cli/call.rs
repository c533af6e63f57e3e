//! `keyfob call`

use std::{io::IsTerminal, path::Path};

use jiff::Timestamp;

use super::{
    arguments::CallOptions, exit::Exit, failure::Failure, files, output::Output,
    patience::Patience, session::Session, token,
};
use crate::{
    net::stream::Stream,
    oauth::{
        api_causes,
        call::{self, Call},
    },
};

/// Read at once.
const PIECE: usize = 64 << 10;

pub(super) fn run(
    options: &CallOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let client = token::client(&options.client, &session.settings()?, session)?;
    let call = Call::new(
        &options.url,
        options.request,
        headers(options)?,
        body(options)?,
    )?;
    // Whatever is refused is refused before a token is asked for.
    call.policy(&client)?;
    let (proof, access) = token::granted(&options.client, session, output)?;
    let waiting = Patience::with(&call.url().authority());
    let mut stream = call.open(
        &client,
        &access,
        Some(&proof.keys),
        &Timestamp::now,
        &mut |_| {},
    )?;
    let head = stream.head().clone();
    for line in head.shown() {
        output.say(&line);
    }
    waiting.heard();
    if std::io::stdout().is_terminal() {
        show(&mut stream, &waiting, output)?;
    } else {
        pass_on(&mut stream, &waiting, output)?;
    }
    drop(waiting);
    if head.status >= 400 {
        for cause in api_causes::of(&call, &access, &head, session.now()) {
            output.say(&format!("! {cause}"));
        }
        return Err(Failure::new(
            Exit::Remote,
            format!("{} answered {}", options.url, head.status),
        ));
    }
    Ok(Exit::Done)
}

/// The body to a program, as it is.
fn pass_on(stream: &mut Stream, waiting: &Patience, output: &mut Output) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE];
    loop {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            length => output.bytes(&piece[..length])?,
        }
        waiting.heard();
    }
}

/// The body to a person: through the gate, a character that is cut between two pieces kept whole.
fn show(stream: &mut Stream, waiting: &Patience, output: &mut Output) -> Result<(), Failure> {
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
        waiting.heard();
        if length == 0 {
            return Ok(());
        }
    }
}

fn headers(options: &CallOptions) -> Result<Vec<(String, String)>, Failure> {
    let texts = options.header.iter();
    texts
        .map(|text| call::header(text).map_err(|error| Failure::usage(format!("-H: {error}"))))
        .collect()
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
