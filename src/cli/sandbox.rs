//! `keyfob sandbox`

use std::sync::mpsc;

use serde_json::json;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::{
    arguments::SandboxOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
};
use crate::sandbox::server::{LogLine, Options, PortTaken, Sandbox, TOKEN};

/// What wakes the command.
enum Event {
    Request(LogLine),
    Signal(i32),
}

pub(super) fn run(
    options: &SandboxOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (log, lines) = mpsc::channel();
    let (events, received) = mpsc::channel();
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])
        .map_err(|error| Failure::new(Exit::Disk, format!("cannot watch for signals: {error}")))?;
    let server = Options {
        auth: options.auth,
        api: options.api,
        port_taken: PortTaken::Fail,
        home: Some(session.home().clone()),
    };
    let sandbox = Sandbox::start(&server, log)?;
    announce(&sandbox, output)?;
    let from_log = events.clone();
    std::thread::spawn(move || {
        for line in lines {
            if from_log.send(Event::Request(line)).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                break;
            }
        }
    });
    let mut exit = Exit::Done;
    for event in received {
        match event {
            Event::Request(line) => print(&line, output)?,
            Event::Signal(signal) => {
                exit = Exit::by_signal(signal);
                break;
            }
        }
    }
    drop(sandbox);
    output.say("stopped");
    Ok(exit)
}

fn announce(sandbox: &Sandbox, output: &mut Output) -> Result<(), Failure> {
    let (auth, api) = (sandbox.auth_url(), sandbox.api_url());
    if output.format() == Format::Json {
        return output.json(&json!({"auth": auth, "api": api, "token": TOKEN}));
    }
    output.result(&format!(
        "authorization server and key registry  {auth}\n\
         protected API                          {api}\n\
         registry token                         {TOKEN}\n\
         \n\
         {auth}/.well-known/openid-configuration\n\
         {auth}/.well-known/jwks.json\n\
         {auth}/token\n\
         {auth}/api/v1/entities/jwks\n\
         {auth}/api/v1/profile\n\
         {api}/protected\n\
         {api}/headers\n\
         \n\
         Ctrl-C stops it; keys live in memory only."
    ))
}

fn print(line: &LogLine, output: &mut Output) -> Result<(), Failure> {
    if output.format() == Format::Json {
        return output.result(&line_json(line));
    }
    let time = line.at.strftime("%H:%M:%S");
    output.result(&format!(
        "{time}  {:<4} {:<6} {:<34} {}  {}",
        line.server.name(),
        line.method,
        line.path,
        line.status,
        line.note
    ))
}

/// One request as one line of JSON.
fn line_json(line: &LogLine) -> String {
    json!({
        "at": line.at.to_string(),
        "server": line.server.name(),
        "method": line.method,
        "path": line.path,
        "status": line.status,
        "note": line.note,
        "micros": line.micros,
    })
    .to_string()
}
