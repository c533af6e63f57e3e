//! `keyfob endpoints add`

use std::{collections::BTreeMap, path::absolute};

use serde_json::json;

use super::{
    arguments::EndpointAddOptions,
    endpoints::{findings_json, say_findings},
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    passphrase,
    session::Session,
};
use crate::{
    config::{
        resolve,
        settings::{EndpointSettings, SecretSource},
    },
    jose::time,
    registry::{book::SANDBOX, checkup::Verdict, preset::Preset, saving},
    sandbox::server::Sandbox,
    secret::Secret,
};

pub(super) fn run(
    options: &EndpointAddOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let name = &options.name;
    let settings = session.settings()?;
    let defined = settings.endpoint_files.get(name);
    if let Some(file) = defined {
        return Err(Failure::usage(format!(
            "there is an endpoint {name} already, in {file}: choose another name, or remove it"
        )));
    }
    if name == SANDBOX {
        return Err(Failure::usage(
            "the endpoint sandbox is always there: choose another name",
        ));
    }
    let sealed_name = saving::secret_name(name);
    let known = session.endpoints()?;
    let endpoint = asked(options, &sealed_name, known.presets())?;
    let endpoints = known.with(name, endpoint.clone())?;
    let token = token(&endpoint, options)?;
    let mut findings = Vec::new();
    if !options.no_check {
        let at = if let Some(SecretSource::Client(_)) = &endpoint.token {
            let keystore = session.keystore()?;
            let unlocked = session.unlock(&keystore)?;
            endpoints.resolved(name, session.home(), Some((&keystore, &unlocked)))?
        } else {
            let sandbox = Sandbox::running(session.home()).map(|running| running.auth);
            endpoints.endpoint(name, token.clone(), sandbox.as_deref())?
        };
        findings = at.check();
        say_findings(&findings, output);
        if findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Bad)
        {
            if output.format() == Format::Json {
                output.json(
                    &json!({"name": name, "file": null, "check": findings_json(&findings)}),
                )?;
            }
            return Err(Failure::new(
                Exit::Remote,
                format!("{name} was not saved: mend what is told, or say --no-check"),
            ));
        }
    }
    let seals = options.token_sealed.then_some(token).flatten();
    let keystore = match &seals {
        Some(_) => Some(session.keystore_or_new(output)?),
        None => None,
    };
    let token = keystore.as_ref().zip(seals.as_ref());
    let file = saving::add(session.home(), &settings, name, &endpoint, token)?;
    output.say(&format!("added {name} in {}", file.display()));
    if output.format() == Format::Json {
        let file = file.display().to_string();
        output.json(&json!({"name": name, "file": file, "check": findings_json(&findings)}))?;
    }
    Ok(Exit::Done)
}

/// The settings that the options describe.
fn asked(
    options: &EndpointAddOptions,
    sealed_name: &str,
    presets: &[Preset],
) -> Result<EndpointSettings, Failure> {
    let mut values = BTreeMap::new();
    for set in &options.set {
        let Some((name, value)) = set.split_once('=') else {
            return Err(Failure::usage(format!("--set {set}: write NAME=VALUE")));
        };
        if values.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("--set {name} stands twice")));
        }
    }
    let token = if options.token_sealed {
        Some(SecretSource::Sealed(sealed_name.to_owned()))
    } else if let Some(variable) = &options.token_env {
        Some(SecretSource::Env(variable.clone()))
    } else if let Some(client) = &options.token_client {
        Some(SecretSource::Client(client.clone()))
    } else if let Some(command) = &options.token_command {
        Some(SecretSource::Command(words(command)?))
    } else {
        None
    };
    let timeout = options.timeout.as_deref().map(time::parse_duration);
    let ca_file = options.ca_file.as_ref().map(absolute).transpose();
    Ok(EndpointSettings {
        preset: options.preset.clone(),
        url: url(options, presets)?,
        token,
        ca_file: ca_file.map_err(|error| Failure::usage(format!("--ca-file: {error}")))?,
        allow_http: options.allow_http,
        timeout: timeout
            .transpose()
            .map_err(|error| Failure::usage(format!("--timeout: {error}")))?,
        scope: options.scope.clone(),
        values,
    })
}

/// The address, else the preset's own.
fn url(options: &EndpointAddOptions, presets: &[Preset]) -> Result<String, Failure> {
    if let Some(url) = &options.url {
        return Ok(url.clone());
    }
    let preset = presets.iter().find(|each| each.name == options.preset);
    let Some(preset) = preset else {
        return Ok(String::new());
    };
    let url = preset.url.completed("");
    url.map_err(|why| Failure::usage(format!("--url: {why}")))
}

fn words(command: &str) -> Result<Vec<String>, Failure> {
    let words = if command.trim_start().starts_with('[') {
        serde_json::from_str(command).map_err(|error| {
            Failure::usage(format!(
                "--token-command is no JSON array of texts: {error}"
            ))
        })?
    } else {
        command.split_whitespace().map(str::to_owned).collect()
    };
    if Vec::is_empty(&words) {
        return Err(Failure::usage(
            "--token-command is empty: write PROGRAM ARGUMENT…",
        ));
    }
    Ok(words)
}

/// The API token, asked for where it is to be sealed.
fn token(
    endpoint: &EndpointSettings,
    options: &EndpointAddOptions,
) -> Result<Option<Secret<String>>, Failure> {
    match &endpoint.token {
        None | Some(SecretSource::Client(_)) => Ok(None),
        Some(SecretSource::Sealed(_)) => Ok(Some(passphrase::sealed("API token", &options.name)?)),
        Some(_) if options.no_check => Ok(None),
        Some(source) => Ok(Some(resolve::secret(source)?)),
    }
}
