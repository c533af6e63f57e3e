//! `a` and `E` in panel 5: a client.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Map, Value};

use super::{refuse, send};
use crate::{
    config::settings::{
        AssertionHeader, Audience, Binding, ClientAuth, ClientServer, ClientSettings,
        DEFAULT_LIFETIME, Grant, SecretSource,
    },
    jose::{algorithm::Algorithm, template::parse_claim, time},
    oauth::{assertion::Assertion, client::Client, saving},
    registry::book::SANDBOX,
    tui::app::{
        clients_panel::Place,
        dialog::FormDialog,
        effect::{ClientOrder, Effect, Saving},
        form::{Field, Form},
        state::State,
    },
};

/// The algorithm that is the key's.
const OWN: &str = "the key's own";

const NO: &str = "no";
const YES: &str = "yes";

/// The fields: as the client of that name has them, else those of a new one.
pub(super) fn form(state: &State, name: Option<&str>) -> Form {
    let known = name.and_then(|name| state.configuration.settings.clients.get(name));
    let mut form = fields(state, known);
    if name.is_none() {
        form.fields.insert(0, naming());
    }
    form
}

/// The fields of a new client, filled like the client of that name.
pub(super) fn form_like(state: &State, name: &str) -> Form {
    let mut rows = state.clients().into_iter();
    let settings = rows
        .find(|row| row.name == name)
        .and_then(|row| row.settings);
    let mut form = fields(state, settings.as_ref());
    form.fields.insert(0, naming());
    form
}

fn naming() -> Field {
    Field::text("name", "", "what it is called here")
}

fn fields(state: &State, known: Option<&ClientSettings>) -> Form {
    let selected = state.keys.selected();
    let kid = selected.map_or("", |(_, record)| record.kid.as_str());
    let fresh = ClientSettings::new(ClientServer::Issuer(String::new()), "", kid);
    let client = known.unwrap_or(&fresh);
    let (issuer, token_url) = match &client.server {
        ClientServer::Issuer(url) => (url.as_str(), ""),
        ClientServer::TokenUrl(url) => ("", url.as_str()),
    };
    let mut algorithms = vec![OWN.to_owned()];
    algorithms.extend(Algorithm::ALL.iter().map(ToString::to_string));
    let algorithm = client.algorithm.map_or(OWN, Algorithm::name);
    let audience = match (known, &client.audience) {
        (None, _) => String::new(),
        (Some(_), audience) => audience.to_string(),
    };
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let text = Field::text;
    let mut fields = vec![
        text("issuer", issuer, "its metadata name the token endpoint"),
        text(
            "token_url",
            token_url,
            "instead, where there are no metadata",
        ),
        text(
            "client_id",
            &client.client_id,
            "iss and sub of the assertion",
        ),
        text(
            "key",
            client.key.as_deref().unwrap_or_default(),
            "the kid of the key that signs",
        ),
        Field::choice("algorithm", algorithms, algorithm, "←/→ or a letter"),
        text("audience", &audience, "aud: issuer, token_url or a text"),
        text("lifetime", &lifetime(client), "of the assertion"),
        text("scope", &or_empty(&client.scope), "separated by spaces"),
        text(
            "resource",
            &or_empty(&client.resource),
            "the API's URL (RFC 8707)",
        ),
        text(
            "request_audience",
            &or_empty(&client.request_audience),
            "the parameter audience",
        ),
        text(
            "extra",
            &pairs(&client.extra),
            "further parameters: k=v, k=v",
        ),
        Field::several(
            "header",
            AssertionHeader::ALL
                .map(|member| (member.name().to_owned(), client.header.contains(&member)))
                .to_vec(),
            "←/→ Space",
        ),
        text(
            "claims",
            &claims(&client.claims),
            "further claims: k=v, k=v or JSON",
        ),
    ];
    fields.extend(proving(client));
    Form::new(fields)
}

/// How it proves itself, for what, and how far the network may be trusted.
fn proving(client: &ClientSettings) -> Vec<Field> {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let text = Field::text;
    vec![
        Field::choice(
            "auth",
            ClientAuth::ALL.map(|auth| auth.name().to_owned()).to_vec(),
            client.auth.name(),
            "what proves the client",
        ),
        text(
            "secret_env",
            match &client.secret {
                Some(SecretSource::Env(name)) => name,
                _ => "",
            },
            "names a variable, for client_secret_…",
        ),
        Field::secret(
            "secret",
            match &client.secret {
                Some(SecretSource::Sealed(_)) => "empty: the sealed one stays",
                _ => "or this one, sealed in the keystore",
            },
        ),
        Field::choice(
            "grant",
            Grant::ALL.map(|grant| grant.name().to_owned()).to_vec(),
            client.grant.name(),
            "whose token it is",
        ),
        text(
            "subject",
            &or_empty(&client.subject),
            "sub, where it is not client_id",
        ),
        Field::choice(
            "bind",
            [NO].into_iter()
                .chain(Binding::ALL.map(Binding::name))
                .map(str::to_owned)
                .collect(),
            client.bind.map_or(NO, Binding::name),
            "what access tokens are bound to",
        ),
        text(
            "dpop_key",
            &or_empty(&client.dpop_key),
            "signs dpop's proofs, if not key",
        ),
        Field::path(
            "ca_file",
            &client
                .ca_file
                .as_ref()
                .map_or_else(String::new, |file| file.display().to_string()),
            "instead of the system's certificates",
        ),
        Field::choice(
            "allow_http",
            vec![NO.to_owned(), YES.to_owned()],
            if client.allow_http { YES } else { NO },
            "plain http to another machine",
        ),
    ]
}

/// `Enter`: writes it, where it can work.
pub(super) fn accept(state: &mut State, dialog: FormDialog, known: Option<&str>) -> Vec<Effect> {
    let name = known.unwrap_or(dialog.form.value("name")).to_owned();
    if let Some(reason) = taken(state, &name, known) {
        return refuse(state, dialog, reason);
    }
    let kept = kept_secret(state, known);
    let typed = dialog
        .form
        .secret("secret")
        .map(|line| line.secret().clone());
    let secret = typed.filter(|secret| !secret.expose().is_empty());
    let settings = settings(&dialog.form).and_then(|mut settings| {
        match (&settings.secret, &secret) {
            (Some(_), Some(_)) => return Err("secret: write it, or secret_env".to_owned()),
            (None, Some(_)) => {
                settings.secret = Some(SecretSource::Sealed(saving::secret_name(&name)));
            }
            (None, None) if settings.auth.needs_secret() => {
                let missing = || "secret: write it, or name its variable as secret_env".to_owned();
                settings.secret = Some(kept.ok_or_else(missing)?);
            }
            (_, None) => {}
        }
        Ok(settings)
    });
    let settings = match settings.and_then(|settings| fits(state, &name, settings)) {
        Ok(settings) => settings,
        Err(reason) => return refuse(state, dialog, reason),
    };
    let saving = match known {
        Some(_) => Saving::Replace,
        None => Saving::Add,
    };
    let task = send(state, dialog, format!("writing the client {name}"));
    let order = ClientOrder {
        name,
        settings,
        secret,
        saving,
    };
    vec![Effect::SaveClient {
        task,
        order: Box::new(order),
    }]
}

/// A secret that comes from elsewhere than a variable is not in the form, and stays.
fn kept_secret(state: &State, known: Option<&str>) -> Option<SecretSource> {
    let known = state.configuration.settings.clients.get(known?)?;
    let secret = known.secret.clone();
    secret.filter(|source| !matches!(source, SecretSource::Env(_)))
}

/// Why a new client cannot be called so.
fn taken(state: &State, name: &str, known: Option<&str>) -> Option<String> {
    if known.is_some() {
        return None;
    }
    if name.is_empty() {
        return Some("name: write what the client is called here".to_owned());
    }
    if name == SANDBOX {
        return Some("the client sandbox is always there: choose another name".to_owned());
    }
    let rows = state.clients();
    let row = rows.iter().find(|row| row.name == name)?;
    let (Place::Added(file) | Place::Own(file)) = &row.place else {
        return None;
    };
    Some(format!("there is a client {name} already, in {file}"))
}

/// What the form says, each field on its own.
fn settings(form: &Form) -> Result<ClientSettings, String> {
    let value = |label| form.value(label).to_owned();
    let server = match (form.value("issuer"), form.value("token_url")) {
        ("", "") => return Err("issuer: write it, or token_url".to_owned()),
        (issuer, "") => ClientServer::Issuer(issuer.to_owned()),
        ("", url) => ClientServer::TokenUrl(url.to_owned()),
        _ => {
            return Err(
                "issuer and token_url: write one; of an issuer, its token_url is found".to_owned(),
            );
        }
    };
    let mut client = ClientSettings::new(server, &value("client_id"), &value("key"));
    if form.value("algorithm") != OWN {
        let algorithm = form.value("algorithm").parse();
        client.algorithm = Some(algorithm.map_err(|error| format!("algorithm: {error}"))?);
    }
    match form.value("audience") {
        "" => {}
        text => client.audience = Audience::from(text),
    }
    client.lifetime = match form.value("lifetime") {
        "" => DEFAULT_LIFETIME,
        text => time::parse_duration(text).map_err(|error| format!("lifetime: {error}"))?,
    };
    let some = |label| Some(value(label)).filter(|text| !text.is_empty());
    client.scope = some("scope");
    client.resource = some("resource");
    client.request_audience = some("request_audience");
    client.extra = extra(form.value("extra"))?;
    client.header = form
        .chosen("header")
        .filter_map(|name| name.parse().ok())
        .collect();
    client.claims = own_claims(form.value("claims"))?;
    client.auth = form.value("auth").parse().unwrap_or_default();
    client.secret = some("secret_env").map(SecretSource::Env);
    client.grant = form.value("grant").parse().unwrap_or_default();
    client.subject = some("subject");
    client.bind = form.value("bind").parse().ok();
    client.dpop_key = some("dpop_key");
    client.ca_file = some("ca_file").map(PathBuf::from);
    client.allow_http = form.value("allow_http") == YES;
    Ok(client)
}

/// The same, where its fields and its key go together.
fn fits(state: &State, name: &str, settings: ClientSettings) -> Result<ClientSettings, String> {
    settings.check()?;
    let record = state.client_key(&settings);
    if let (Some(kid), None) = (&settings.key, record) {
        return Err(format!("key: there is no key {kid} here"));
    }
    if let Some(kid) = settings.proof_key()
        && state.key_called(kid).is_none()
    {
        return Err(format!("dpop_key: there is no key {kid} here"));
    }
    let client = Client {
        name: name.to_owned(),
        settings,
    };
    if let Some(record) = record {
        client.fits(record).map_err(|error| error.to_string())?;
        if client.settings.signs() {
            let preview = Assertion::preview(&client, record, "", state.now);
            preview.map_err(|error| error.to_string())?;
        }
    }
    Ok(client.settings)
}

fn lifetime(client: &ClientSettings) -> String {
    match client.lifetime.as_secs() {
        seconds if seconds % 60 == 0 && seconds > 60 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// `k=v, k=v`; JSON where that could not be read back.
fn pairs(extra: &BTreeMap<String, String>) -> String {
    let texts = extra.iter().map(|(name, value)| format!("{name}={value}"));
    let text = texts.collect::<Vec<_>>().join(", ");
    if self::extra(&text).as_ref() == Ok(extra) {
        text
    } else {
        serde_json::to_string(extra).unwrap_or_default()
    }
}

fn extra(text: &str) -> Result<BTreeMap<String, String>, String> {
    let wrong = || "extra: write k=v, k=v, or a JSON object of texts".to_owned();
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|_| wrong());
    }
    let mut extra = BTreeMap::new();
    for pair in split(text) {
        let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if name.is_empty() {
            return Err(wrong());
        }
        if extra.insert(name.clone(), value).is_some() {
            return Err(format!("extra: {name} stands twice"));
        }
    }
    Ok(extra)
}

fn claims(claims: &Map<String, Value>) -> String {
    if claims.is_empty() {
        return String::new();
    }
    serde_json::to_string(claims).unwrap_or_default()
}

fn own_claims(text: &str) -> Result<Map<String, Value>, String> {
    if text.starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|error| format!("claims: this is no JSON object ({error})"));
    }
    let read = |pair| parse_claim(pair).map_err(|error| format!("claims: {error}"));
    split(text).map(read).collect()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_claims_are_read_as_they_are_written() {
        let read = |text: &str| extra(text).map(|extra| pairs(&extra));
        for text in ["", "scopes=openid", "a=1, b=x y", r#"{"a":"1, 2"}"#] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
        for text in ["a", "=b", "{", r#"{"a":1}"#] {
            let expected = "extra: write k=v, k=v, or a JSON object of texts";
            assert_eq!(read(text).unwrap_err(), expected, "{text}");
        }
        assert_eq!(read("a=1, a=2").unwrap_err(), "extra: a stands twice");
        let read = |text: &str| own_claims(text).map(|own| claims(&own));
        assert_eq!(
            read("tenant=5, name=x").as_deref(),
            Ok(r#"{"tenant":5,"name":"x"}"#)
        );
        assert_eq!(read(r#"{"a":[1,2]}"#).as_deref(), Ok(r#"{"a":[1,2]}"#));
        assert!(read("{a}").is_err() && read("a").is_err());
    }
}
