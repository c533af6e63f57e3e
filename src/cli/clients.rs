//! `keyfob clients list|show|add|rm`

mod from_template;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    arguments::ClientAddOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    passphrase,
    session::Session,
    table::Table,
    token,
};
use crate::{
    config::{
        own_files,
        settings::{Audience, Binding, ClientServer, ClientSettings, SecretSource},
    },
    jose::{
        algorithm::Algorithm,
        template::{Template, parse_claim},
        time,
    },
    keystore::record::Record,
    oauth::{client::Client, saving},
    registry::book::SANDBOX,
};

pub(super) fn list(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let settings = session.settings()?;
    let rows = settings.clients.iter().map(|(name, client)| {
        let (ClientServer::Issuer(url) | ClientServer::TokenUrl(url)) = &client.server;
        let key = client.key.as_deref().unwrap_or("—");
        [name, &client.client_id, key, url].map(str::to_owned)
    });
    let words = "where the running sandbox is";
    let sandbox = [
        SANDBOX,
        "the key's id there",
        "registered there last",
        words,
    ];
    let own = settings.clients.contains_key(SANDBOX);
    let built_in = (!own).then(|| sandbox.map(str::to_owned));
    let rows = built_in.into_iter().chain(rows);
    if output.format() == Format::Json {
        let rows = rows.map(|[name, client_id, key, server]| {
            let key = Some(key).filter(|kid| kid != "—");
            json!({"name": name, "client_id": client_id, "key": key, "server": server})
        });
        output.json(&Value::Array(rows.collect()))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["NAME", "CLIENT ID", "KEY", "SERVER"]);
    for row in rows {
        table.row(row.to_vec());
    }
    output.result(&table.to_string())?;
    Ok(Exit::Done)
}

pub(super) fn show(name: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let settings = session.settings()?;
    let client = token::client(name, &settings, session)?;
    let file = settings.client_files.get(name);
    let rows = described(&client.settings, file.map(String::as_str));
    if output.format() == Format::Json {
        let members = rows
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value));
        let mut object = Map::from_iter([("name".to_owned(), json!(name))]);
        object.extend(members);
        output.json(&Value::Object(object))?;
        return Ok(Exit::Done);
    }
    output.result(&format!("{:<18}{name}", "name"))?;
    for (label, value) in rows {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            other => other.to_string(),
        };
        output.result(&format!("{label:<18}{text}"))?;
    }
    Ok(Exit::Done)
}

pub(super) fn add(
    options: &ClientAddOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let name = &options.name;
    let settings = session.settings()?;
    if let Some(file) = settings.client_files.get(name) {
        return Err(Failure::usage(format!(
            "there is a client {name} already, in {file}: choose another name, or remove it"
        )));
    }
    if name == SANDBOX {
        return Err(Failure::usage(
            "the client sandbox is always there: choose another name",
        ));
    }
    let keystore = session.keystore()?;
    let kid = options.key.as_deref();
    let record = kid.map(|kid| keystore.find(kid)).transpose()?;
    let client = asked(options, record.as_ref(), session)?;
    client.check().map_err(Failure::usage)?;
    if let Some(kid) = client.proof_key() {
        keystore.find(kid)?;
    }
    let named = Client {
        name: name.clone(),
        settings: client,
    };
    if let Some(record) = &record {
        named.fits(record)?;
    }
    let client = named.settings;
    let secret = options
        .secret_sealed
        .then(|| passphrase::sealed("client secret", name))
        .transpose()?;
    let file = saving::add(session.home(), name, &client, secret.as_ref())?;
    output.say(&format!("added {name} in {}", file.display()));
    if output.format() == Format::Json {
        output.json(&json!({"name": name, "file": file.display().to_string()}))?;
    }
    Ok(Exit::Done)
}

pub(super) fn remove(name: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    if !session.settings()?.clients.contains_key(name) {
        return Err(match name {
            SANDBOX => Failure::usage("the client sandbox is always there"),
            _ => unknown(name),
        });
    }
    let file = saving::remove(session.home(), name)?;
    output.say(&format!("removed {name}: {} is gone", file.display()));
    if output.format() == Format::Json {
        output.json(&json!({"name": name, "file": file.display().to_string()}))?;
    }
    Ok(Exit::Done)
}

/// No client of that name.
pub(super) fn unknown(name: &str) -> Failure {
    Failure::new(
        Exit::NotFound,
        format!("no client {name}: keyfob clients list names them, clients add adds one"),
    )
}

fn described(client: &ClientSettings, file: Option<&str>) -> Vec<(&'static str, Value)> {
    let (issuer, token_url) = match &client.server {
        ClientServer::Issuer(url) => (Some(url), None),
        ClientServer::TokenUrl(url) => (None, Some(url)),
    };
    let header: Vec<&str> = client.header.iter().map(|member| member.name()).collect();
    let some = |is_empty: bool, value: Value| if is_empty { Value::Null } else { value };
    vec![
        ("issuer", json!(issuer)),
        ("token_url", json!(token_url)),
        ("client_id", json!(client.client_id)),
        ("key", json!(client.key)),
        ("algorithm", json!(client.algorithm.map(Algorithm::name))),
        ("audience", json!(client.audience.to_string())),
        ("lifetime", json!(format!("{}s", client.lifetime.as_secs()))),
        ("scope", json!(client.scope)),
        ("resource", json!(client.resource)),
        ("request_audience", json!(client.request_audience)),
        ("extra", some(client.extra.is_empty(), json!(client.extra))),
        ("header", json!(header)),
        (
            "claims",
            some(client.claims.is_empty(), json!(client.claims)),
        ),
        ("auth", json!(client.auth.name())),
        (
            "secret",
            json!(client.secret.as_ref().map(SecretSource::to_yaml)),
        ),
        ("grant", json!(client.grant.name())),
        ("subject", json!(client.subject)),
        ("bind", json!(client.bind.map(Binding::name))),
        ("dpop_key", json!(client.dpop_key)),
        ("ca_file", json!(client.ca_file)),
        ("allow_http", some(!client.allow_http, json!(true))),
        ("file", json!(file)),
    ]
}

fn asked(
    options: &ClientAddOptions,
    record: Option<&Record>,
    session: &Session,
) -> Result<ClientSettings, Failure> {
    let server = match (&options.issuer, &options.token_url) {
        (Some(issuer), _) => ClientServer::Issuer(issuer.clone()),
        (None, url) => ClientServer::TokenUrl(url.clone().unwrap_or_default()),
    };
    let kid = options.key.as_deref().unwrap_or_default();
    let mut client = ClientSettings::new(server, "", kid);
    if let Some(name) = &options.template {
        let Some(record) = record else {
            return Err(Failure::usage(
                "--template begins an assertion: say --key too",
            ));
        };
        let template = Template::named(name, &own_files::templates(session.home())?)?;
        let now = session.now();
        from_template::fill(&mut client, &template, &options.set, &record.public, now)?;
    }
    if let Some(id) = &options.client_id {
        client.client_id.clone_from(id);
    }
    client.grant = options.grant.unwrap_or(client.grant);
    if options.subject.is_some() {
        client.subject.clone_from(&options.subject);
    }
    client.algorithm = options.alg;
    if let Some(audience) = &options.audience {
        client.audience = Audience::from(audience.as_str());
    }
    if let Some(text) = &options.lifetime {
        client.lifetime = time::parse_duration(text)
            .map_err(|error| Failure::usage(format!("--lifetime: {error}")))?;
    }
    client.scope.clone_from(&options.scope);
    client.resource.clone_from(&options.resource);
    client
        .request_audience
        .clone_from(&options.request_audience);
    let mut extra = BTreeMap::new();
    for pair in &options.extra {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failure::usage(format!("--extra {pair}: write NAME=VALUE")));
        };
        if extra.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("--extra {name} stands twice")));
        }
    }
    client.extra = extra;
    if !options.header.is_empty() {
        let members = options.header.iter().map(|member| member.parse());
        client.header = members
            .collect::<Result<_, String>>()
            .map_err(|error| Failure::usage(format!("--header {error}")))?;
    }
    for pair in &options.claim {
        let (name, value) = parse_claim(pair)?;
        client.claims.insert(name, value);
    }
    client.auth = options.auth.unwrap_or_default();
    client.secret = match &options.secret_env {
        Some(variable) => Some(SecretSource::Env(variable.clone())),
        None if options.secret_sealed => {
            Some(SecretSource::Sealed(saving::secret_name(&options.name)))
        }
        None => None,
    };
    client.bind = options.bind;
    client.dpop_key.clone_from(&options.dpop_key);
    if let Some(file) = &options.ca_file {
        let found = file.canonicalize();
        let found = found
            .map_err(|error| Failure::usage(format!("--ca-file {}: {error}", file.display())))?;
        client.ca_file = Some(found);
    }
    client.allow_http = options.allow_http;
    Ok(client)
}
