//! `a` and `E` in panel 3: an endpoint by its preset.

use std::{collections::BTreeMap, path::PathBuf};

use super::{fail, open, refuse, send};
use crate::{
    config::settings::{EndpointSettings, SecretSource},
    jose::time,
    registry::{
        book::SANDBOX,
        checkup::{Finding, Verdict},
        preset::{CHOICE, Preset, ValueKind},
        saving::secret_name,
    },
    secret::Secret,
    tui::app::{
        activity::Severity,
        dialog::{Consent, Dialog, FormDialog, FormKind, Menu, MenuKind, MenuRow, OfEndpoint},
        effect::{Effect, EndpointOrder, Saving},
        form::{Field, Form, Standing},
        rich::{Rich, Role},
        state::{State, Vault},
        task::TaskId,
        waiting::Then,
    },
};

const NO: &str = "no";
const YES: &str = "yes";

/// Where the API token comes from: each with what the field `from` says of it.
const SOURCES: [(&str, &str); 5] = [
    ("sealed here", ""),
    ("environment", "the variable's name"),
    ("command", "PROGRAM ARGUMENT…; its first line is the token"),
    ("client", "a client of panel 5, whose access token serves"),
    ("none", ""),
];

/// `a`: which preset, or like which endpoint.
pub(in crate::tui::app::update) fn menu(state: &mut State) -> Vec<Effect> {
    let rows = choices(state).into_iter().map(|(_, row)| row).collect();
    state.dialog = Some(Dialog::Menu(Menu::new(MenuKind::Endpoints, rows)));
    Vec::new()
}

/// What the menu offers, in its order.
pub(in crate::tui::app::update) fn choices(state: &State) -> Vec<(OfEndpoint, MenuRow)> {
    let row = |text: String, detail: String| MenuRow {
        text,
        detail,
        key: String::new(),
    };
    let endpoints = &state.configuration.endpoints;
    let presets = endpoints.presets().iter();
    let mut all: Vec<_> = presets
        .filter(|preset| preset.name != SANDBOX)
        .map(|preset| {
            let detail = format!("{}: {}", preset.title, preset.description);
            let kind = OfEndpoint::New(preset.name.clone());
            (kind, row(preset.name.clone(), detail))
        })
        .collect();
    let known = state.configuration.settings.endpoints.iter();
    all.extend(known.map(|(name, endpoint)| {
        let detail = format!("{} at {}", endpoint.preset, endpoint.url);
        let kind = OfEndpoint::Like(name.clone());
        (kind, row(format!("like {name}"), detail))
    }));
    all
}

/// `E`: the endpoint `name`, where keyfob added it; else where it stands.
pub(in crate::tui::app::update) fn edit(state: &mut State, name: String) -> Vec<Effect> {
    match added_by_keyfob(state, &name) {
        Ok(()) => open(state, FormKind::Endpoint(OfEndpoint::Known(name))),
        Err(reason) => {
            state.say(Severity::Care, reason);
            Vec::new()
        }
    }
}

/// Whether keyfob added the endpoint `name`; else who did.
pub(in crate::tui::app::update) fn added_by_keyfob(
    state: &State,
    name: &str,
) -> Result<(), String> {
    let settings = &state.configuration.settings;
    match settings.endpoint_files.get(name) {
        None if name == SANDBOX => Err("the sandbox is built in".to_owned()),
        None => Err(format!("there is no endpoint {name}")),
        Some(file) if file.ends_with(&format!("config.d/endpoint-{name}.yaml")) => Ok(()),
        Some(file) => Err(format!("{name} stands in {file}: change it there")),
    }
}

/// The fields: what the preset needs, with what it says of each.
pub(super) fn form(state: &State, of: &OfEndpoint) -> Form {
    let settings = &state.configuration.settings;
    let known = match of {
        OfEndpoint::Known(name) | OfEndpoint::Like(name) => settings.endpoints.get(name),
        OfEndpoint::New(_) => None,
    };
    let Some(preset) = preset(state, of) else {
        return Form::new(Vec::new());
    };
    let mut fields = Vec::new();
    if !matches!(of, OfEndpoint::Known(_)) {
        fields.push(Field::text("name", "", "what it is called here"));
    }
    let or = |text: Option<&String>, default: &Option<String>| {
        text.or(default.as_ref()).cloned().unwrap_or_default()
    };
    let url = or(known.map(|known| &known.url), &preset.url.default);
    let help = told(&preset.url.help, &preset.url.example);
    fields.push(Field::text("url", &url, help));
    for spec in &preset.values {
        let value = known.and_then(|known| known.values.get(&spec.name));
        let value = or(value, &spec.default);
        let help = told(&spec.help, &spec.example);
        let name = spec.name.clone();
        fields.push(match spec.kind {
            _ if !spec.one_of.is_empty() => Field::choice(name, spec.one_of.clone(), &value, help),
            ValueKind::Path => Field::path(name, &value, help),
            ValueKind::Template | ValueKind::Text => Field::text(name, &value, help),
        });
    }
    let schemes = preset.authentication.schemes();
    if schemes.len() > 1 {
        let names = schemes.iter().map(|each| each.name().to_owned()).collect();
        let chosen = known.and_then(|known| known.values.get(CHOICE));
        let chosen = chosen.map_or("", String::as_str);
        fields.push(Field::choice(CHOICE, names, chosen, "how it signs on"));
    }
    fields.extend(token_fields(preset, known));
    fields.extend(network_fields(known));
    let mut form = Form::new(fields);
    settle(&mut form, of);
    form
}

fn token_fields(preset: &Preset, known: Option<&EndpointSettings>) -> Vec<Field> {
    let help = preset.authentication.token_help();
    let (source, from) = match known.map(|known| &known.token) {
        None if help.is_some() => ("sealed here", String::new()),
        None | Some(None) => ("none", String::new()),
        Some(Some(SecretSource::Sealed(_))) => ("sealed here", String::new()),
        Some(Some(SecretSource::Env(name))) => ("environment", name.clone()),
        Some(Some(SecretSource::Client(name))) => ("client", name.clone()),
        Some(Some(SecretSource::Command(words))) => {
            let plain = words.iter().all(|word| !word.contains([' ', '[']));
            let text = if plain {
                words.join(" ")
            } else {
                serde_json::Value::from(words.as_slice()).to_string()
            };
            ("command", text)
        }
    };
    let sources = SOURCES.map(|(name, _)| name.to_owned()).to_vec();
    vec![
        Field::choice("token", sources, source, "where the API token comes from"),
        Field::secret("its text", help.unwrap_or("the token that it is to send")),
        Field::text("from", &from, ""),
    ]
}

fn network_fields(known: Option<&EndpointSettings>) -> Vec<Field> {
    let ca_file = known.and_then(|known| known.ca_file.as_ref());
    let ca_file = ca_file.map_or_else(String::new, |file| file.display().to_string());
    let timeout = known.and_then(|known| known.timeout);
    let timeout = timeout.map_or_else(String::new, |timeout| format!("{}s", timeout.as_secs()));
    let scope = known.and_then(|known| known.scope.clone());
    let plain = known.is_some_and(|known| known.allow_http);
    vec![
        Field::text(
            "scope",
            &scope.unwrap_or_default(),
            "where the service asks",
        ),
        Field::path("ca_file", &ca_file, "instead of the system's certificates"),
        Field::choice(
            "allow_http",
            vec![NO.to_owned(), YES.to_owned()],
            if plain { YES } else { NO },
            "plain http to another machine",
        ),
        Field::text("timeout", &timeout, "of a whole request: 90s; empty: 30s"),
    ]
}

/// Only what the source of the token needs is asked for.
pub(super) fn settle(form: &mut Form, of: &OfEndpoint) {
    let source = form.value("token").to_owned();
    let asked = |asks: bool| {
        if asks {
            Standing::Asked
        } else {
            Standing::Settled
        }
    };
    let of_source = SOURCES.iter().find(|(name, _)| *name == source);
    let hint = of_source.map_or("", |(_, hint)| hint);
    form.set_standing("its text", asked(source == "sealed here"));
    form.set_standing("from", asked(!hint.is_empty()));
    form.set_hint("from", hint);
    if matches!(of, OfEndpoint::Known(_)) {
        form.set_hint("its text", "empty: the one that is sealed already");
    }
}

/// `Enter`: looks at it; once more, after what was found out: writes it.
pub(super) fn accept(state: &mut State, dialog: FormDialog, of: &OfEndpoint) -> Vec<Effect> {
    let order = match order(state, &dialog, of) {
        Ok(order) => order,
        Err((label, reason)) => {
            let mut dialog = dialog;
            dialog.form.focus_on(&label);
            return refuse(state, dialog, reason);
        }
    };
    let needs_keystore = matches!(
        order.settings.token,
        Some(SecretSource::Client(_) | SecretSource::Sealed(_))
    );
    if needs_keystore && order.token.is_none() && state.vault == Vault::Locked {
        let effects = open(state, FormKind::Unlock(Some(Then::Form)));
        state.put_aside = Some(dialog);
        return effects;
    }
    let order = Box::new(order);
    if dialog.consent == Consent::Asked {
        let task = send(state, dialog, format!("writing {}", order.name));
        return vec![Effect::SaveEndpoint { task, order }];
    }
    let task = send(state, dialog, format!("looking at {}", order.name));
    vec![Effect::CheckEndpoint { task, order }]
}

/// What was found out stands in the form; `Enter` writes it then.
pub(in crate::tui::app::update) fn checked(
    state: &mut State,
    task: TaskId,
    result: Result<Vec<Finding>, String>,
) {
    let findings = match result {
        Ok(findings) => findings,
        Err(reason) => return fail(state, task, reason, Consent::NotAsked),
    };
    let Some(mut dialog) = super::came_back(state, task) else {
        return;
    };
    dialog.touched();
    dialog.notes = findings.iter().map(line).collect();
    let bad = findings.iter().any(|each| each.verdict == Verdict::Bad);
    dialog.notes.push(if bad {
        Rich::new(Role::Care, "⏎ saves it all the same")
    } else {
        Rich::new(Role::Accent, "⏎ saves it")
    });
    dialog.consent = Consent::Asked;
    state.dialog = Some(Dialog::Form(dialog));
}

fn line(finding: &Finding) -> Rich {
    let (sign, role) = match finding.verdict {
        Verdict::Bad => ('✗', Role::Bad),
        Verdict::Good => ('✓', Role::Good),
        Verdict::Unknown => ('○', Role::Dim),
    };
    let label = format!("{sign} {:<10} ", finding.subject.name());
    Rich::new(role, &label).and(Role::Text, &finding.text)
}

/// It is written, or why not.
pub(in crate::tui::app::update) fn saved(
    state: &mut State,
    task: TaskId,
    name: &str,
    result: Result<String, String>,
) -> Vec<Effect> {
    match result {
        Ok(file) => {
            state
                .kept
                .retain(|dialog| !matches!(dialog.kind, FormKind::Endpoint(_)));
            let what = format!("saved {name} in {file}");
            let good = Severity::Good;
            state.activity.add(state.now, good, what.clone(), &[]);
            state.say(good, what);
            state.register.forget(name);
            vec![Effect::LoadConfiguration]
        }
        Err(reason) => {
            fail(state, task, reason, Consent::NotAsked);
            Vec::new()
        }
    }
}

/// What the form says; the error names the field.
fn order(
    state: &State,
    dialog: &FormDialog,
    of: &OfEndpoint,
) -> Result<EndpointOrder, (String, String)> {
    let form = &dialog.form;
    let wrong = |label: &str, reason: String| (label.to_owned(), reason);
    let preset = preset(state, of).ok_or_else(|| {
        let reason = "its preset is not there any more".to_owned();
        wrong("name", reason)
    })?;
    let (name, saving) = match of {
        OfEndpoint::Known(name) => (name.clone(), Saving::Replace),
        OfEndpoint::Like(_) | OfEndpoint::New(_) => (form.value("name").to_owned(), Saving::Add),
    };
    if saving == Saving::Add {
        is_free(state, &name).map_err(|reason| wrong("name", reason))?;
    }
    let url = form.value("url").to_owned();
    let url = preset
        .url
        .completed(&url)
        .map_err(|why| wrong("url", why))?;
    let mut values = BTreeMap::new();
    for spec in &preset.values {
        let value = form.value(&spec.name);
        spec.check(value)
            .map_err(|reason| wrong(&spec.name, reason))?;
        if spec.default.as_deref() != Some(value) {
            values.insert(spec.name.clone(), value.to_owned());
        }
    }
    let choice = form.value(CHOICE);
    let usual = preset.authentication.schemes();
    if !choice.is_empty() && usual.first().is_some_and(|first| first.name() != choice) {
        values.insert(CHOICE.to_owned(), choice.to_owned());
    }
    let (source, token) = token(state, form, &name, saving)?;
    let timeout = match form.value("timeout") {
        "" => None,
        text => Some(
            time::parse_duration(text)
                .map_err(|error| wrong("timeout", format!("timeout: {error}")))?,
        ),
    };
    let some = |label| Some(form.value(label).to_owned()).filter(|text| !text.is_empty());
    let settings = EndpointSettings {
        preset: preset.name.clone(),
        url,
        token: source,
        ca_file: some("ca_file").map(PathBuf::from),
        allow_http: form.value("allow_http") == YES,
        timeout,
        scope: some("scope"),
        values,
    };
    let endpoints = &state.configuration.endpoints;
    endpoints
        .with(&name, settings.clone())
        .map_err(|error| wrong("url", error.to_string()))?;
    Ok(EndpointOrder {
        name,
        settings,
        token,
        saving,
    })
}

type Token = (Option<SecretSource>, Option<Secret<String>>);

/// Where the token comes from, and the token itself where it is to be sealed.
fn token(
    state: &State,
    form: &Form,
    name: &str,
    saving: Saving,
) -> Result<Token, (String, String)> {
    let from = form.value("from").to_owned();
    let wrong = |label: &str, reason: &str| Err((label.to_owned(), reason.to_owned()));
    Ok(match form.value("token") {
        "sealed here" => {
            let line = form.secret("its text").filter(|line| line.length() > 0);
            let known = state.configuration.settings.endpoints.get(name);
            let sealed = known.and_then(|known| known.token.clone());
            match (line, sealed, saving) {
                (Some(_), ..) if state.vault == Vault::Missing => {
                    return wrong("token", "there is no keystore to seal it in: n makes one");
                }
                (Some(line), ..) => {
                    let text = line.secret().expose().trim().to_owned();
                    let source = SecretSource::Sealed(secret_name(name));
                    (Some(source), Some(Secret::new(text)))
                }
                (None, Some(sealed @ SecretSource::Sealed(_)), Saving::Replace) => {
                    (Some(sealed), None)
                }
                (None, ..) => return wrong("its text", "type or paste the API token"),
            }
        }
        "environment" if from.is_empty() => {
            return wrong("from", "write the name of the environment variable");
        }
        "environment" => (Some(SecretSource::Env(from)), None),
        "client" if from.is_empty() => return wrong("from", "write the name of the client"),
        "client" => (Some(SecretSource::Client(from)), None),
        "command" => {
            let words: Vec<String> = if from.starts_with('[') {
                serde_json::from_str(&from).unwrap_or_default()
            } else {
                from.split_whitespace().map(str::to_owned).collect()
            };
            if words.is_empty() {
                return wrong("from", "write PROGRAM ARGUMENT…, or a JSON array of texts");
            }
            (Some(SecretSource::Command(words)), None)
        }
        _ => (None, None),
    })
}

fn is_free(state: &State, name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("name: write what it is called here".to_owned());
    }
    if name == SANDBOX {
        return Err("the endpoint sandbox is always there: choose another name".to_owned());
    }
    match state.configuration.settings.endpoint_files.get(name) {
        Some(file) => Err(format!("there is an endpoint {name} already, in {file}")),
        None => Ok(()),
    }
}

fn preset<'a>(state: &'a State, of: &OfEndpoint) -> Option<&'a Preset> {
    let settings = &state.configuration.settings;
    let name = match of {
        OfEndpoint::Known(name) | OfEndpoint::Like(name) => &settings.endpoints.get(name)?.preset,
        OfEndpoint::New(preset) => preset,
    };
    let mut presets = state.configuration.endpoints.presets().iter();
    presets.find(|preset| preset.name == *name)
}

/// What a value is, and how it looks.
fn told(help: &str, example: &str) -> String {
    if example.is_empty() {
        help.to_owned()
    } else {
        format!("{help}: {example}")
    }
}
