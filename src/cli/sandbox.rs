//! `keyfob sandbox`

use std::{
    path::Path,
    sync::{Arc, mpsc},
};

use serde_json::json;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::{
    arguments::{ApiOptions, AuthOptions, Manners, SandboxCommand, SandboxOptions},
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
};
use crate::{
    net::url::{Scheme, Url},
    registry::error::RegistryError,
    sandbox::{
        fault::{Fault, Faults, UnknownFault},
        key_folder::{self, KeyFolder},
        options::{Options, Servers, Strictness},
        remote::{self, Order, Told},
        server::{LogLine, Sandbox, TOKEN},
    },
};

/// What the authorization server has for people and programs.
const AUTH_PATHS: [&str; 8] = [
    "/.well-known/openid-configuration",
    "/.well-known/jwks.json",
    "/token",
    "/introspect",
    "/revoke",
    "/register",
    "/api/v1/entities/jwks",
    "/api/v1/profile",
];

/// What the API has.
const API_PATHS: [&str; 2] = ["/protected", "/headers"];

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
    match &options.command {
        None => serve(&both(options, session)?, output),
        Some(SandboxCommand::Api(options)) => serve(&api(options)?, output),
        Some(SandboxCommand::Auth(options)) => serve(&auth(options)?, output),
        Some(SandboxCommand::Bootstrap { dir }) => bootstrap(dir, output),
        Some(SandboxCommand::Faults { names }) => tell(faults(names)?, session, output),
        Some(SandboxCommand::Rotate) => tell(Order::Rotate, session, output),
    }
}

fn both(options: &SandboxOptions, session: &Session) -> Result<Options, Failure> {
    Ok(Options {
        auth: options.auth,
        api: options.api,
        home: Some(session.home().clone()),
        keys: keys(options.keys.as_deref())?,
        jwks_url: jwks_url(options.jwks_url.as_deref())?,
        ..mannered(&options.manners)
    })
}

fn auth(options: &AuthOptions) -> Result<Options, Failure> {
    Ok(Options {
        servers: Servers::Auth,
        auth: options.auth,
        keys: keys(options.keys.as_deref())?,
        ..mannered(&options.manners)
    })
}

fn api(options: &ApiOptions) -> Result<Options, Failure> {
    Ok(Options {
        servers: Servers::Api,
        api: options.api,
        jwks_url: jwks_url(options.jwks_url.as_deref())?,
        ..mannered(&options.manners)
    })
}

fn mannered(manners: &Manners) -> Options {
    Options {
        issuer: manners.issuer.clone(),
        audience: manners.audience.clone(),
        strictness: if manners.lenient {
            Strictness::Lenient
        } else {
            Strictness::Strict
        },
        faults: manners.faults.iter().copied().collect(),
        ..Options::default()
    }
}

fn keys(folder: Option<&Path>) -> Result<Option<Arc<KeyFolder>>, Failure> {
    Ok(folder.map(KeyFolder::read).transpose()?.map(Arc::new))
}

/// Over plain http keys come from this machine only.
fn jwks_url(url: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = url else {
        return Ok(None);
    };
    let url = Url::parse(text)?;
    if url.scheme() == Scheme::Http && !url.is_loopback() {
        return Err(Failure::usage(format!(
            "--jwks-url {text}: over plain http anybody on the way can put keys of his own there: \
             use https"
        )));
    }
    Ok(Some(url.as_str().to_owned()))
}

/// Makes the key of the folder.
fn bootstrap(folder: &Path, output: &mut Output) -> Result<Exit, Failure> {
    let pair = KeyFolder::bootstrap(folder)?;
    let files = key_folder::FILES.map(|name| folder.join(name).display().to_string());
    match output.format() {
        Format::Json => output.json(&json!({"files": files, "kid": pair.kid()}))?,
        Format::Text => output.result(&files.join("\n"))?,
    }
    Ok(Exit::Done)
}

/// The faults to be turned on; none named: those that are on are shown.
fn faults(names: &[String]) -> Result<Order, Failure> {
    if names.is_empty() {
        return Ok(Order::Faults);
    }
    if names == ["none"] {
        return Ok(Order::SetFaults(Faults::default()));
    }
    let parsed = names.iter().map(|name| name.parse::<Fault>());
    let faults = parsed.collect::<Result<_, _>>();
    let wrong = |error: UnknownFault| Failure::usage(format!("{error}; or none"));
    faults.map(Order::SetFaults).map_err(wrong)
}

/// Tells the sandbox that runs.
fn tell(order: Order, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let running = Sandbox::running(session.home()).ok_or(RegistryError::SandboxStopped)?;
    match (remote::ask(&running, order)?, output.format()) {
        (Told::Faults(faults), Format::Json) => {
            let names: Vec<_> = faults.iter().map(Fault::name).collect();
            output.json(&json!({ "faults": names }))?;
        }
        (Told::Faults(faults), Format::Text) if faults.is_empty() => output.result("none")?,
        (Told::Faults(faults), Format::Text) => output.result(&faults.to_string())?,
        (Told::Rotated(kid), Format::Json) => output.json(&json!({ "kid": kid }))?,
        (Told::Rotated(kid), Format::Text) => output.result(&kid)?,
    }
    Ok(Exit::Done)
}

fn serve(options: &Options, output: &mut Output) -> Result<Exit, Failure> {
    let (log, lines) = mpsc::channel();
    let (events, received) = mpsc::channel();
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])
        .map_err(|error| Failure::new(Exit::Disk, format!("cannot watch for signals: {error}")))?;
    let sandbox = Sandbox::start(options, log)?;
    announce(&sandbox, options, output)?;
    let from_log = events.clone();
    let forwarder = std::thread::spawn(move || {
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
    for event in &received {
        match event {
            Event::Request(line) => print(&line, output)?,
            Event::Signal(signal) => {
                exit = Exit::by_signal(signal);
                break;
            }
        }
    }
    drop(sandbox);
    // The last requests may have been answered while the signal was on its way.
    let _ = forwarder.join();
    for event in received.try_iter() {
        if let Event::Request(line) = event {
            print(&line, output)?;
        }
    }
    output.say("stopped");
    Ok(exit)
}

fn announce(sandbox: &Sandbox, options: &Options, output: &mut Output) -> Result<(), Failure> {
    let (auth, api) = (sandbox.auth_url(), sandbox.api_url());
    let has_auth = options.servers != Servers::Api;
    let has_api = options.servers != Servers::Auth;
    if output.format() == Format::Json {
        let mut told = json!({});
        if has_auth {
            told["auth"] = json!(auth);
        }
        if has_api {
            told["api"] = json!(api);
        }
        if has_auth {
            told["token"] = json!(TOKEN);
        }
        if !options.faults.is_empty() {
            let names: Vec<_> = options.faults.iter().map(Fault::name).collect();
            told["faults"] = json!(names);
        }
        return output.json(&told);
    }
    let mut lines = Vec::new();
    if has_auth {
        lines.push(format!("authorization server and key registry  {auth}"));
    }
    if has_api {
        lines.push(format!("protected API                          {api}"));
    }
    if has_auth {
        lines.push(format!("registry token                         {TOKEN}"));
    }
    if !options.faults.is_empty() {
        lines.push(format!(
            "refuses on purpose                     {}",
            options.faults
        ));
    }
    lines.push(String::new());
    if has_auth {
        lines.extend(AUTH_PATHS.map(|path| format!("{auth}{path}")));
    }
    if has_api {
        lines.extend(API_PATHS.map(|path| format!("{api}{path}")));
    }
    lines.push(String::new());
    lines.push(
        if has_auth {
            "Ctrl-C stops it; keys live in memory only."
        } else {
            "Ctrl-C stops it."
        }
        .to_owned(),
    );
    output.result(&lines.join("\n"))
}

fn print(line: &LogLine, output: &mut Output) -> Result<(), Failure> {
    if output.format() == Format::Json {
        return output.result(&line_json(line));
    }
    let time = line.at.strftime("%H:%M:%S");
    let told = format!(
        "{time}  {:<4} {:<6} {:<34} {}  {}",
        line.server.name(),
        line.method,
        line.path,
        line.status,
        line.note
    );
    output.result(told.trim_end())
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
