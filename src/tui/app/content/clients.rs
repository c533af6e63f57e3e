//! Panel 5: a client, its steps, and what will be sent.

mod plan;

pub use self::plan::{call_plan, plan, request};
use super::{json, moments, token::coloured};
use crate::{
    config::settings::{
        AssertionHeader, ClientAuth, ClientServer, ClientSettings, DEFAULT_LIFETIME, Grant,
        SecretSource,
    },
    jose::{claims::JsonObject, time},
    oauth::step::{Step, StepName, StepOutcome},
    tui::app::{
        clients_panel::{Place, Row, Way},
        rich::{Rich, Role, pair, wrapped},
        state::State,
    },
};

/// The width of the labels.
const LABEL: usize = 16;

/// What the line of a step holds at any width.
const SHORT: usize = 40;

/// How a client stands, for its row: the sign, and the words.
pub fn standing(row: &Row, state: &State) -> (Role, String) {
    let way = state.clients.way(&row.name);
    if way.is_some_and(|way| way.under_way.is_some()) {
        return (Role::Accent, "under way".to_owned());
    }
    if row.settings.is_none() {
        return (Role::Dim, "○ not there".to_owned());
    }
    let access = way.and_then(Way::access);
    let Some(access) = access else {
        return match way {
            Some(way) if way.was_refused() => (Role::Bad, "✗ no token".to_owned()),
            _ => (Role::Dim, "○ no token".to_owned()),
        };
    };
    if way.is_some_and(|way| row.settings.is_some() && !way.is_of(row.settings.as_ref())) {
        return (Role::Care, "◐ edited since".to_owned());
    }
    if way.is_some_and(Way::is_doubtful) {
        return (Role::Bad, "✗ not valid".to_owned());
    }
    match access.expires_at {
        None => (Role::Care, "◐ no end told".to_owned()),
        Some(end) if end <= state.now => (Role::Dim, "○ ended".to_owned()),
        Some(end) => {
            let left = left(end.duration_since(state.now).as_secs());
            if access.is_fresh(state.now) {
                (Role::Good, format!("● {left}"))
            } else {
                (Role::Care, format!("◐ {left}"))
            }
        }
    }
}

/// `42 s`, from a minute on in minutes.
fn left(seconds: i64) -> String {
    match seconds.unsigned_abs() {
        0..=60 => format!("{seconds} s"),
        left @ 61..120 => format!("{} min", left / 60),
        left => time::span(left),
    }
}

/// What a client is made of, in `columns`.
pub fn wrapped_settings(row: &Row, state: &State, columns: usize) -> Vec<Rich> {
    let indent = match &row.settings {
        Some(_) => LABEL + 1,
        None => 0,
    };
    wrapped(&settings(row, state), columns, indent)
}

/// What is as it would be anyway is left out.
fn settings(row: &Row, state: &State) -> Vec<Rich> {
    let Some(client) = &row.settings else {
        return absent(state);
    };
    let plain = ClientSettings::new(client.server.clone(), &client.client_id, "");
    let mut lines = Vec::new();
    let mut line = |label: &str, text: &str| lines.push(pair(label, LABEL, Role::Text, text));
    match &client.server {
        ClientServer::Issuer(url) => line("issuer", url),
        ClientServer::TokenUrl(url) => line("token_url", url),
    }
    line("client_id", &client.client_id);
    let key = state.client_key(client);
    let algorithm = client.algorithm.or(key.map(|record| record.alg));
    let algorithm = algorithm.map_or_else(String::new, |alg| format!(", {alg}"));
    match (&client.key, key) {
        (Some(kid), Some(_)) => line("key", &format!("{kid}{algorithm}")),
        (Some(kid), None) => line("key", &format!("{kid}: ✗ not in the keystore")),
        (None, _) => {}
    }
    if client.auth != ClientAuth::default() {
        line("auth", client.auth.name());
    }
    match &client.secret {
        None => {}
        Some(SecretSource::Env(name)) => line("secret", &format!("in the variable {name}")),
        Some(SecretSource::Sealed(name)) => line("secret", &format!("sealed as {name}")),
        Some(SecretSource::Client(_) | SecretSource::Command(_)) => {
            line("secret", "printed by a command");
        }
    }
    if client.grant != Grant::default() {
        line("grant", client.grant.name());
    }
    if let Some(subject) = &client.subject {
        line("subject", subject);
    }
    if let Some(binding) = client.bind {
        line("bind", binding.name());
    }
    if let Some(kid) = &client.dpop_key {
        line("dpop_key", kid);
    }
    if client.signs() || client.auth == ClientAuth::ClientSecretJwt {
        line("audience", &client.audience.to_string());
    }
    if client.lifetime != DEFAULT_LIFETIME {
        line("lifetime", &time::span(client.lifetime.as_secs()));
    }
    for (label, text) in [
        ("scope", &client.scope),
        ("resource", &client.resource),
        ("request_audience", &client.request_audience),
    ] {
        if let Some(text) = text {
            line(label, text);
        }
    }
    let extra: Vec<String> = client
        .extra
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if !extra.is_empty() {
        line("extra", &extra.join(", "));
    }
    if client.header != plain.header {
        let names = client.header.iter().copied().map(AssertionHeader::name);
        line("header", &names.collect::<Vec<_>>().join(", "));
    }
    if !client.claims.is_empty() {
        let claims = JsonObject::from_members(client.claims.clone());
        line("claims", claims.text());
    }
    if let Some(file) = &client.ca_file {
        line("ca_file", &file.display().to_string());
    }
    if client.allow_http {
        line("allow_http", "true");
    }
    match &row.place {
        Place::BuiltIn => line("from", "the key registered last at the sandbox that runs"),
        Place::Added(file) => line("file", file),
        Place::Own(file) => line("file", &format!("{file}, which is yours: change it there")),
    }
    lines
}

/// The sandbox's own client, while there is none.
fn absent(state: &State) -> Vec<Rich> {
    let dim = |text: &str| Rich::new(Role::Dim, text);
    let missing = match &state.sandbox.at_hand {
        _ if state.keys.selected().is_none() => {
            "There is no key yet: n makes one, r registers it at the sandbox, and starts that."
        }
        None => "The sandbox does not run: r registers the selected key there, and starts it.",
        Some(_) => "No key is registered at the sandbox: r registers the selected one there.",
    };
    vec![
        dim(missing),
        dim(
            "A client asks an authorization server for an access token, and proves itself with a \
             key (private_key_jwt). A key that is registered at the sandbox is one without more; a \
             adds one of any other server.",
        ),
    ]
}

/// A step on one line.
pub fn step(step: &Step) -> Rich {
    let (role, sign) = sign(step.outcome);
    let elapsed = step.elapsed.map_or_else(String::new, |elapsed| {
        let micros = elapsed.as_micros();
        if micros < 10_000 {
            format!("{}.{} ms", micros / 1000, micros % 1000 / 100)
        } else {
            format!("{} ms", micros / 1000)
        }
    });
    let text = match step.outcome {
        StepOutcome::Bad => Role::Bad,
        StepOutcome::Care | StepOutcome::Good => Role::Text,
    };
    Rich::new(role, sign)
        .and(Role::Text, &format!(" {:<14}", step.name.to_string()))
        .and(Role::Dim, &format!("{elapsed:>8}  "))
        .and(text, &step.summary)
}

fn sign(outcome: StepOutcome) -> (Role, &'static str) {
    match outcome {
        StepOutcome::Good => (Role::Good, "✓"),
        StepOutcome::Care => (Role::Care, "!"),
        StepOutcome::Bad => (Role::Bad, "✗"),
    }
}

/// What is worth a word of a step: causes and remedies.
pub fn findings(step: &Step) -> Vec<Rich> {
    let role = match step.outcome {
        StepOutcome::Bad => Role::Bad,
        StepOutcome::Care | StepOutcome::Good => Role::Care,
    };
    let findings = step.findings.iter();
    findings
        .map(|finding| Rich::new(role, "! ").and(Role::Text, finding))
        .collect()
}

/// What a step is made of: decoded, and for the last one what the API answered.
fn details(step: &Step, way: &Way, state: &State) -> Vec<Rich> {
    let mut lines = Vec::new();
    // The line of the step may have cut it.
    if step.outcome == StepOutcome::Bad && step.summary.chars().count() > SHORT {
        lines.push(Rich::new(Role::Bad, &step.summary));
    }
    lines.extend(findings(step));
    lines.extend(inside(step, state));
    if has_body(step, way) {
        lines.push(Rich::default());
        lines.extend(body(way));
    }
    lines
}

/// The same of the step that panel 5 shows whole, in `columns`.
pub fn wrapped_details(state: &State, columns: usize) -> Vec<Rich> {
    let way = state.client().and_then(|row| state.clients.way(&row.name));
    match (way, state.shown_step()) {
        (Some(way), Some(step)) => wrapped(&details(step, way, state), columns, 2),
        _ => Vec::new(),
    }
}

/// Everything that was sent and came back, for the dialog of a step.
pub fn whole(step: &Step, state: &State) -> Vec<Rich> {
    let (role, sign) = sign(step.outcome);
    let mut lines = vec![Rich::new(role, sign).and(Role::Text, &format!(" {}", step.summary))];
    lines.extend(findings(step));
    if step.raw.is_empty() {
        lines.push(Rich::new(Role::Dim, "Nothing was sent for it."));
    } else if matches!(step.name, StepName::Assertion | StepName::Dpop) {
        lines.push(Rich::default());
        lines.extend(step.raw.iter().map(|line| coloured(line)));
    } else {
        lines.push(Rich::default());
        lines.extend(request(&step.raw));
    }
    let way = state.client().and_then(|row| state.clients.way(&row.name));
    if let Some(way) = way.filter(|way| has_body(step, way)) {
        lines.push(Rich::default());
        lines.extend(body(way));
    }
    lines
}

/// JSON objects in the colours of a token's parts, anything else as it stands.
fn inside(step: &Step, state: &State) -> Vec<Rich> {
    let is_token = matches!(
        step.name,
        StepName::Assertion | StepName::AccessToken | StepName::Dpop
    );
    if !is_token {
        let lines = step.details.iter();
        return lines.map(|line| Rich::new(Role::Dim, line)).collect();
    }
    let text = step.details.join("\n");
    let mut lines = Vec::new();
    let mut roles = [Role::Header, Role::Claims].into_iter();
    let mut rest = text.as_str();
    while let Some(role) = roles.next()
        && !rest.is_empty()
    {
        let end = rest.find("\n}").map_or(rest.len(), |place| place + 2);
        let (part, after) = rest.split_at(end);
        match JsonObject::parse(part) {
            Ok(object) => lines.extend(json::lines(&object, role, state, &[])),
            Err(_) => lines.extend(part.lines().map(|line| Rich::new(role, line))),
        }
        rest = after.trim_start_matches('\n');
    }
    lines
}

/// Whether the API's answer came with it: an earlier one asked for another proof, and one that was
/// cancelled or lost before its head has none.
fn has_body(step: &Step, way: &Way) -> bool {
    let mut answers = way.steps.iter().rev();
    let last = answers.find(|step| step.name == StepName::CallAnswer);
    last.is_some_and(|last| std::ptr::eq(last, step) && last.elapsed.is_some())
}

/// What the API answered, JSON indented.
fn body(way: &Way) -> Vec<Rich> {
    let answer = &way.answer;
    let text = match serde_json::from_str::<serde_json::Value>(&answer.text) {
        Ok(value) => format!("{value:#}"),
        Err(_) => answer.text.clone(),
    };
    let mut lines: Vec<Rich> = text
        .lines()
        .map(|line| Rich::new(Role::Claims, line))
        .collect();
    if answer.is_cut() {
        let text = "! only its first megabyte is kept: keyfob call passes on all of it";
        lines.push(Rich::new(Role::Care, text));
    }
    if answer.bytes == 0 && way.under_way.is_none() {
        lines.push(Rich::new(Role::Dim, "It has no body."));
    }
    lines
}

/// What stands below the steps while the next one is under way.
pub fn under_way(way: &Way, state: &State) -> Option<String> {
    let task = state.tasks.task(way.under_way?)?;
    let far = match way.answer.bytes {
        0 => String::new(),
        bytes => format!(", {} came", size(bytes)),
    };
    let at = moments::time_of_day(task.since, &state.zone);
    Some(format!("{}, since {at}{far}  Esc cancels", task.label))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        _ => format!("{} KiB", bytes / 1024),
    }
}
