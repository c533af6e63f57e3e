//! What an exchange will send, before anything is sent.

use crate::{
    config::settings::{ClientAuth, ClientServer, ClientSettings, Grant},
    keystore::record::Record,
    net::url::Url,
    oauth::{
        assertion::Assertion,
        call::Call,
        certificate,
        client::Client,
        commands::Commands,
        discovery,
        dpop::Dpop,
        token_request::{self, PLACEHOLDER, SUBJECT_TOKEN},
    },
    tui::app::{
        content::json,
        rich::{Rich, Role},
        state::State,
    },
};

/// An exchange or a call as it is shown before.
pub struct Plan {
    pub lines: Vec<Rich>,
    /// The commands that do the same.
    pub curl: String,
}

/// What the exchange of a client will send, or why it cannot.
pub fn plan(name: &str, settings: &ClientSettings, state: &State) -> Result<Plan, String> {
    let client = Client {
        name: name.to_owned(),
        settings: settings.clone(),
    };
    let key = || {
        let kid = settings.key.as_deref().unwrap_or_default();
        let record = state.client_key(settings);
        record.ok_or_else(|| format!("the key {kid} is not in the keystore"))
    };
    let dim = |text: &str| Rich::new(Role::Dim, text);
    let strong = |text: &str| Rich::new(Role::Strong, text);
    let mut lines = Vec::new();
    let (endpoint, curl) = match &settings.server {
        ClientServer::Issuer(issuer) => {
            let url = Url::parse(issuer).map_err(|error| error.to_string())?;
            let [first, _] = discovery::places(&url);
            lines.push(strong(&format!("GET {first}")));
            lines.push(dim(
                "  names the endpoints; without it, that of RFC 8414 is asked",
            ));
            let exchange = match settings.grant {
                Grant::TokenExchange(kind) => {
                    format!(" --exchange \"{SUBJECT_TOKEN}\" --kind {}", kind.name())
                }
                Grant::ClientCredentials | Grant::JwtBearer => String::new(),
            };
            let curl = format!("keyfob token {name}{exchange} --curl");
            ("‹the token_endpoint it names›".to_owned(), curl)
        }
        ClientServer::TokenUrl(url) => {
            let kid = settings.key.as_deref().unwrap_or_default();
            let commands = Commands::of(&client, kid, url);
            (url.clone(), commands.text())
        }
    };
    lines.push(strong(&format!("POST {endpoint}")));
    lines.push(Rich::new(
        Role::Text,
        "Content-Type: application/x-www-form-urlencoded",
    ));
    if settings.auth == ClientAuth::ClientSecretBasic {
        lines.push(Rich::new(
            Role::Text,
            "Authorization: Basic ‹client_id and secret›",
        ));
    }
    lines.push(Rich::default());
    for (parameter, value) in token_request::parameters(&client) {
        let value = match (value, settings.auth) {
            (PLACEHOLDER, ClientAuth::ClientSecretJwt) => "‹an assertion by the secret, HS256›",
            (PLACEHOLDER, _) => "‹the assertion below, signed›",
            (SUBJECT_TOKEN, _) => "‹the token that was given›",
            (value, _) => value,
        };
        lines.push(Rich::new(Role::Text, &format!("{parameter}={value}")));
    }
    if settings.shows_certificate() {
        let leaf = certificate::leaf(key()?).map_err(|error| error.to_string())?;
        lines.push(Rich::default());
        lines.push(dim("The connection shows the certificate of the key:"));
        let contents = certificate::contents(leaf);
        lines.extend(contents.iter().map(|line| Rich::new(Role::Text, line)));
    }
    if settings.signs() {
        lines.push(Rich::default());
        lines.extend(assertion(&client, key()?, &endpoint, state)?);
    }
    if let Some(kid) = settings.proof_key() {
        let prover = state
            .key_called(kid)
            .ok_or_else(|| format!("the key {kid} is not in the keystore"))?;
        lines.push(Rich::default());
        lines.push(dim("In the header DPoP, a proof that the key is at hand:"));
        let (header, claims) = Dpop::preview(prover, &endpoint, state.now);
        lines.extend(json::lines(&header, Role::Header, state, &[]));
        lines.extend(json::lines(&claims, Role::Claims, state, &[]));
    }
    if matches!(settings.server, ClientServer::Issuer(_)) {
        lines.push(dim(
            "Then GET the jwks_uri it names, to verify the access token.",
        ));
    }
    Ok(Plan { lines, curl })
}

/// What a call as a client will send, with the exchange before it where there is no access token
/// that it may use; or why it cannot.
pub fn call_plan(
    name: &str,
    settings: &ClientSettings,
    call: &Call,
    state: &State,
) -> Result<Plan, String> {
    let prover = settings.proof_key();
    let mut lines = request(&call.shown(prover).shown());
    let mut curl = call.curl(prover);
    let way = state.clients.way(name);
    let fresh = way.and_then(|way| way.fresh(Some(settings), state.now));
    if fresh.is_none() {
        lines.push(Rich::default());
        lines.push(Rich::new(Role::Accent, "Before it, a new access token:"));
        lines.extend(plan(name, settings, state)?.lines);
        curl = format!("TOKEN=$(keyfob token {name})\n{curl}");
    }
    Ok(Plan { lines, curl })
}

/// The assertion as it will be signed.
fn assertion(
    client: &Client,
    record: &Record,
    endpoint: &str,
    state: &State,
) -> Result<Vec<Rich>, String> {
    let preview = Assertion::preview(client, record, client.audience(endpoint), state.now);
    let (header, claims) = preview.map_err(|error| error.to_string())?;
    let mut lines = json::lines(&header, Role::Header, state, &[]);
    lines.extend(json::lines(&claims, Role::Claims, state, &[]));
    Ok(lines)
}

/// A request or an answer: its first line stands out, and so does its body.
pub fn request(shown: &[String]) -> Vec<Rich> {
    let mut is_first = true;
    let mut lines = Vec::new();
    for line in shown {
        let begins = line.starts_with("HTTP ") || is_first;
        let role = if begins { Role::Strong } else { Role::Text };
        is_first = false;
        lines.push(Rich::new(role, line));
    }
    lines
}
