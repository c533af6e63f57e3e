//! What `y` and `Y` give.

use jiff::SignedDuration;
use serde_json::Value;

use crate::{
    clipboard::{Copied, Sensitivity},
    jose::{claims::JsonObject, reading::PartName},
    keystore::export,
    registry::plan::Intent,
    secret::Secret,
    tui::app::{
        activity::Severity,
        dialog::{Act, Dialog, Menu, MenuKind, MenuRow},
        effect::Effect,
        panel::Panel,
        state::State,
        token_panel::Mode,
    },
};

/// Something that can be copied.
pub(super) struct Copyable {
    pub(super) what: String,
    pub(super) text: String,
    pub(super) sensitivity: Sensitivity,
}

/// Copies the main thing of the panel, or says that there is none.
pub(super) fn main_thing(state: &mut State) -> Vec<Effect> {
    match main_text(state) {
        Some(thing) => vec![effect(thing)],
        None => {
            state.say(Severity::Care, nothing(state.focus));
            Vec::new()
        }
    }
}

/// The main thing of the panel.
pub(super) fn main_text(state: &State) -> Option<Copyable> {
    match state.focus {
        Panel::Keys => jwk(state),
        Panel::Certificate => certificate(state),
        Panel::Register if state.register.there.is_some() => super::registration::jwk(state),
        Panel::Register => curl(state),
        Panel::Token => token(state),
        Panel::Clients => super::clients::access_token(state),
        Panel::Sandbox => {
            let running = &state.sandbox.at_hand.as_ref()?.running;
            Some(public("base URL", running.auth.clone()))
        }
        Panel::Activity => {
            let curl = state.activity.selected()?.curl.clone()?;
            Some(public("curl", curl))
        }
    }
}

/// Every public form of the selected key that is text, and the token at hand.
pub(super) fn choices(state: &State) -> Vec<Copyable> {
    if state.focus == Panel::Clients {
        return super::clients::choices(state);
    }
    let mut all: Vec<Copyable> = token(state).into_iter().chain(parts(state)).collect();
    let Some((thumbprint, record)) = state.keys.selected() else {
        return all;
    };
    let forms = export::public_forms(record).into_iter();
    all.extend(forms.filter_map(|(form, content)| {
        let text = String::from_utf8(content).ok()?;
        Some(public(form.name(), text.trim_end().to_owned()))
    }));
    all.push(public("kid", record.kid.clone()));
    all.push(public("thumbprint", thumbprint.to_string()));
    all.extend(curl(state));
    all
}

/// Header, claims and signature of the decoded token, and each of their members.
fn parts(state: &State) -> Vec<Copyable> {
    let decoded = match state.token.mode {
        Mode::Decode => state.token.decoded.as_ref(),
        Mode::Mint => None,
    };
    let Some(reading) = decoded.and_then(|decoded| decoded.reading.as_ref()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for part in reading.parts() {
        let (name, member) = match part.name {
            PartName::Payload if part.object.is_some() => ("claims", "claim"),
            name => (name.label(), name.label()),
        };
        let text = match (&part.object, part.text()) {
            (Some(object), _) => object.text().to_owned(),
            (None, Some(text)) if part.name == PartName::Payload => text.to_owned(),
            (None, _) => part.base64url(),
        };
        if !text.is_empty() {
            all.push(of_token(name.to_owned(), text));
        }
        let members = part.object.iter().flat_map(JsonObject::members);
        all.extend(members.map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            of_token(format!("{member} {name}"), text)
        }));
    }
    all
}

fn of_token(what: String, text: String) -> Copyable {
    Copyable {
        what,
        text,
        sensitivity: Sensitivity::Secret,
    }
}

/// Opens the copy menu.
pub(super) fn menu(state: &mut State) -> Vec<Effect> {
    let rows: Vec<MenuRow> = choices(state)
        .into_iter()
        .map(|thing| MenuRow {
            detail: match (state.focus, thing.sensitivity) {
                // Panel 5 shows none of its secrets.
                (Panel::Clients, Sensitivity::Secret) => {
                    format!("{} characters", thing.text.chars().count())
                }
                _ => first_words(&thing.text),
            },
            text: thing.what,
            key: String::new(),
        })
        .collect();
    if rows.is_empty() {
        state.say(Severity::Care, nothing(state.focus));
    } else {
        state.dialog = Some(Dialog::Menu(Menu::new(MenuKind::Copy, rows)));
    }
    Vec::new()
}

/// The beginning of a text on one line.
fn first_words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(40).collect();
    words.join(" ").chars().take(200).collect()
}

pub(super) fn effect(thing: Copyable) -> Effect {
    Effect::Copy {
        what: thing.what,
        text: Secret::new(thing.text),
        sensitivity: thing.sensitivity,
    }
}

/// The toast, and when a token is to be taken back from the clipboard.
pub(super) fn copied(state: &mut State, what: &str, result: Result<Copied, String>) {
    match result {
        Ok(way) => {
            let text = match way {
                Copied::System => format!("✓ {what} copied"),
                Copied::Terminal => format!("{what} sent to the terminal's clipboard"),
            };
            state.say(Severity::Good, text);
            if what == TOKEN || super::clients::SECRETS.contains(&what) {
                let after = state.configuration.settings.defaults.clear_clipboard;
                let after = SignedDuration::try_from(after).ok();
                // No time at all means that it stays.
                let after = after.filter(jiff::SignedDuration::is_positive);
                let at = after.and_then(|after| state.now.checked_add(after).ok());
                state.clear_clipboard = at;
            }
        }
        Err(reason) => state.say(Severity::Bad, format!("{what} not copied: {reason}")),
    }
}

/// The page that a key is pasted into has to be opened by hand.
pub(super) fn page_not_opened(state: &mut State, reason: &str) -> Vec<Effect> {
    state.say(Severity::Care, format!("the page is not opened: {reason}"));
    Vec::new()
}

/// What a token is called in the toast.
const TOKEN: &str = "token";

fn nothing(panel: Panel) -> &'static str {
    match panel {
        Panel::Keys | Panel::Register => "nothing to copy: n makes a key",
        Panel::Certificate => "nothing to copy: this key has no certificate",
        Panel::Token => "nothing to copy: m mints a token",
        Panel::Clients => "nothing to copy: ⏎ asks for an access token",
        Panel::Sandbox => "nothing to copy: the sandbox does not run, ⏎ starts it",
        Panel::Activity => "nothing to copy: nothing was sent here",
    }
}

fn public(what: &str, text: String) -> Copyable {
    Copyable {
        what: what.to_owned(),
        text,
        sensitivity: Sensitivity::Public,
    }
}

fn jwk(state: &State) -> Option<Copyable> {
    let (_, record) = state.keys.selected()?;
    Some(public("JWK", record.jwk().to_json_pretty()))
}

fn certificate(state: &State) -> Option<Copyable> {
    let (_, record) = state.keys.selected()?;
    Some(public("certificate PEM", record.leaf()?.pem()))
}

/// What registers the selected key at the endpoint under the cursor.
fn curl(state: &State) -> Option<Copyable> {
    let (_, record) = state.keys.selected()?;
    let name = state.endpoints().into_iter().nth(state.register.scroll.0)?;
    let plan = super::registration::plan(state, record, &name, Act::Register).ok()?;
    Some(super::registration::copied(plan.iter().map(Intent::copied)))
}

fn token(state: &State) -> Option<Copyable> {
    let text = match state.token.mode {
        Mode::Mint => {
            let (thumbprint, _) = state.keys.selected()?;
            state.token.minted.get(&thumbprint)?.token.expose().clone()
        }
        Mode::Decode => state.token.decoded.as_ref()?.reading.as_ref()?.text.clone(),
    };
    Some(Copyable {
        what: TOKEN.to_owned(),
        text,
        sensitivity: Sensitivity::Secret,
    })
}
