//! Panel 5: what its keys do, and what comes back.

mod inquiries;
mod keys;
mod outcome;
mod parts;
#[cfg(test)]
mod tests;

pub(super) use self::{
    keys::{SECRETS, access_token, broken, choices, configured, is_available, sandbox_gone},
    outcome::{gone, granted, piece, removed, saved, told},
    parts::{clicked, filter, moved, refiltered, scrolled, steps, unfilter},
};
use crate::{
    clipboard::Sensitivity,
    config::settings::{ClientSettings, SecretSource},
    keystore::record::{Half, Origin, Status},
    net::url::Url,
    oauth::{call::Call, inquiry::Inquiry, saving},
    tui::app::{
        action::Action,
        activity::Severity,
        clients_panel::{Asked, Part, Place, Row, Way},
        content,
        dialog::{Confirm, Dialog, FormKind},
        effect::{Effect, Subject, WayOrder},
        key::Key,
        panel::Panel,
        rich::{Rich, Role},
        scroll::Scroll,
        state::{State, Vault},
        waiting::Then,
    },
};

/// The acts of panel 5.
pub(super) fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::RunExchange => run_exchange(state),
        Action::Call => call(state),
        Action::AddClient => super::forms::open(state, FormKind::Client(None)),
        Action::DuplicateClient => duplicate(state),
        Action::EditClient => edit(state),
        Action::ExchangeToken => exchange_token(state),
        Action::RemoveClient => remove(state),
        Action::IntrospectToken => inquiries::ask(state, Inquiry::Introspect),
        Action::RevokeToken => inquiries::ask(state, Inquiry::Revoke),
        Action::Steps => {
            steps(state);
            Vec::new()
        }
        Action::Step => {
            step(state);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// `Enter` on a client: a new access token, after what will be sent was shown; the sandbox is asked
/// at once.
fn run_exchange(state: &mut State) -> Vec<Effect> {
    let Some(row) = state.client() else {
        return Vec::new();
    };
    let asked = Asked::Exchange {
        client: row.name.clone(),
        subject: None,
    };
    let Some(settings) = ready(state, &row) else {
        return Vec::new();
    };
    let title = format!("An access token for {}", row.name);
    show_plan(state, title, &row.name, &settings, asked)
}

/// `X`: the form of a token to exchange.
fn exchange_token(state: &mut State) -> Vec<Effect> {
    match state.client() {
        Some(row) if ready(state, &row).is_some() => {
            super::forms::open(state, FormKind::TokenExchange(row.name))
        }
        _ => Vec::new(),
    }
}

/// A token is to be exchanged: shown first, but for the sandbox.
pub(super) fn exchange_asked(state: &mut State, client: &str, subject: Subject) -> Vec<Effect> {
    let row = state.clients().into_iter().find(|row| row.name == client);
    let Some(settings) = row.and_then(|row| ready(state, &row)) else {
        return Vec::new();
    };
    let settings = settings.exchanging(subject.kind);
    let asked = Asked::Exchange {
        client: client.to_owned(),
        subject: Some(subject),
    };
    let title = format!("A token in exchange, for {client}");
    show_plan(state, title, client, &settings, asked)
}

/// Shows what an exchange will send; the sandbox is asked at once.
fn show_plan(
    state: &mut State,
    title: String,
    client: &str,
    settings: &ClientSettings,
    asked: Asked,
) -> Vec<Effect> {
    if is_sandbox(state, settings) {
        return proceed(state, asked);
    }
    match content::clients::plan(client, settings, state) {
        Ok(plan) => confirm(state, title, plan.lines, Some(plan.curl), "sends", asked),
        Err(reason) => state.say(Severity::Bad, reason),
    }
    Vec::new()
}

/// `C`: the form of a call.
fn call(state: &mut State) -> Vec<Effect> {
    let Some(row) = state.client() else {
        return Vec::new();
    };
    if ready(state, &row).is_none() {
        return Vec::new();
    }
    super::forms::open(state, FormKind::Call(row.name))
}

/// A call is to be made: shown first, but for one of the sandbox.
pub(super) fn call_asked(state: &mut State, client: &str, call: Call) -> Vec<Effect> {
    let row = state.clients().into_iter().find(|row| row.name == client);
    let Some(settings) = row.and_then(|row| ready(state, &row)) else {
        return Vec::new();
    };
    let is_free = is_sandbox(state, &settings) && is_of_sandbox(state, call.url());
    let asked = Asked::Call {
        client: client.to_owned(),
        call: Box::new(call.clone()),
    };
    if is_free {
        return proceed(state, asked);
    }
    match content::clients::call_plan(client, &settings, &call, state) {
        Ok(plan) => {
            let title = format!("A call as {client}");
            confirm(state, title, plan.lines, Some(plan.curl), "sends", asked);
        }
        Err(reason) => state.say(Severity::Bad, reason),
    }
    Vec::new()
}

/// `D`
fn duplicate(state: &mut State) -> Vec<Effect> {
    match state.client() {
        Some(row) if row.settings.is_some() => {
            super::forms::open(state, FormKind::ClientLike(row.name))
        }
        _ => Vec::new(),
    }
}

/// `E`
fn edit(state: &mut State) -> Vec<Effect> {
    match added_row(state) {
        Some(row) => super::forms::open(state, FormKind::Client(Some(row.name))),
        None => Vec::new(),
    }
}

/// `d`
fn remove(state: &mut State) -> Vec<Effect> {
    let Some(row) = added_row(state) else {
        return Vec::new();
    };
    let file = match &row.place {
        Place::Added(file) => file.clone(),
        Place::BuiltIn | Place::Own(_) => String::new(),
    };
    let mut lines = vec![Rich::new(Role::Text, &format!("Its file goes: {file}"))];
    let own = SecretSource::Sealed(saving::secret_name(&row.name));
    if row.settings.and_then(|settings| settings.secret) == Some(own) {
        lines.push(Rich::new(Role::Text, "So does its sealed secret."));
    }
    let text = "Nothing is sent; what the server knows stays there.";
    lines.push(Rich::new(Role::Dim, text));
    let title = format!("Remove the client {}", row.name);
    let asked = Asked::Remove { client: row.name };
    confirm(state, title, lines, None, "removes it", asked);
    Vec::new()
}

/// `Enter` on a step: what was sent and what came back.
fn step(state: &mut State) {
    let Some(step) = state.step() else {
        return;
    };
    let (title, body) = (step.name.to_string(), content::clients::whole(step, state));
    let copy = step.raw.join("\n");
    super::text::show(state, &title, body, (!copy.is_empty()).then_some(copy));
}

/// `Esc`: the way under way is left, then what a step is made of, the steps, and the filter. Whether
/// there was something to leave.
pub(super) fn back(state: &mut State) -> Option<Vec<Effect>> {
    if state.focus != Panel::Clients {
        return None;
    }
    let row = state.client();
    let way = row.as_ref().and_then(|row| state.clients.way(&row.name));
    if let (Some(row), Some(task)) = (&row, way.and_then(|way| way.under_way)) {
        let way = state.clients.way_mut(&row.name);
        way.cancel();
        let place = way.telling_step();
        state.clients.step = Scroll(place);
        state.tasks.end(task);
        let text = format!("{}: cancelled, what still comes is dropped", row.name);
        state.say(Severity::Care, text);
        return Some(vec![Effect::Cancel(task)]);
    }
    match state.clients.part {
        Part::Details => state.clients.part = Part::Steps,
        Part::Steps => state.clients.part = Part::Clients,
        Part::Clients if state.clients.filter.is_some() => unfilter(state),
        Part::Clients => return None,
    }
    Some(Vec::new())
}

/// Key presses in the question.
pub(super) fn pressed(state: &mut State, mut confirm: Confirm, key: Key) -> Vec<Effect> {
    match key {
        Key::Esc => return Vec::new(),
        Key::Enter => return proceed(state, confirm.asked),
        Key::Down | Key::PageDown => {
            confirm.scroll.0 = (confirm.scroll.0 + 5).min(confirm.body.len());
        }
        Key::Up | Key::PageUp => confirm.scroll.0 = confirm.scroll.0.saturating_sub(5),
        Key::Char('y') => {
            if let Some(text) = confirm.copy.clone() {
                state.dialog = Some(Dialog::Confirm(confirm));
                return vec![super::copy::effect(super::copy::Copyable {
                    what: "curl".to_owned(),
                    text,
                    sensitivity: Sensitivity::Public,
                })];
            }
        }
        _ => {}
    }
    state.dialog = Some(Dialog::Confirm(confirm));
    Vec::new()
}

/// What waited for the passphrase or for a word on its key.
pub(super) fn resume(state: &mut State) -> Vec<Effect> {
    match state.clients.waiting.take() {
        Some(asked) => proceed(state, asked),
        None => Vec::new(),
    }
}

/// Does what was asked for; the passphrase is asked for before where a key is to sign.
fn proceed(state: &mut State, asked: Asked) -> Vec<Effect> {
    let asked = match asked {
        Asked::Import(place) => return super::forms::import_published(state, place),
        Asked::Keys(place) => return super::forms::fetch(state, place),
        asked => asked,
    };
    let Some(name) = asked.client().map(str::to_owned) else {
        return Vec::new();
    };
    let call = match &asked {
        Asked::Remove { client } => {
            let name = client.clone();
            let task = state.tasks.begin(format!("removing {name}"), state.now);
            return vec![Effect::RemoveClient { task, name }];
        }
        Asked::Call { call, .. } => Some((**call).clone()),
        Asked::Exchange { .. } | Asked::Import(_) | Asked::Inquire { .. } | Asked::Keys(_) => None,
    };
    let inquiry = match &asked {
        Asked::Inquire { inquiry, .. } => Some(*inquiry),
        _ => None,
    };
    let subject = match &asked {
        Asked::Exchange { subject, .. } => subject.clone(),
        _ => None,
    };
    let mut rows = state.clients().into_iter();
    let Some(row) = rows.find(|row| row.name == name) else {
        state.say(Severity::Bad, format!("the client {name} is gone"));
        return Vec::new();
    };
    let way = state.clients.way(&name);
    let access = match (&call, inquiry) {
        (Some(_), _) => way.and_then(|way| way.fresh(row.settings.as_ref(), state.now)),
        (None, Some(_)) => way.and_then(Way::access),
        (None, None) => None,
    };
    let access = access.cloned();
    let is_bound = row.settings.as_ref().is_some_and(ClientSettings::is_bound);
    if (access.is_none() || is_bound || inquiry.is_some())
        && let Some(question) = before_signing(state, row.settings.as_ref())
    {
        state.clients.waiting = Some(asked);
        return super::forms::open(state, question);
    }
    let label = match (&call, inquiry) {
        (Some(call), _) => format!("calling {}", call.url().authority()),
        (None, Some(inquiry)) => inquiries::label(inquiry, &name),
        (None, None) if subject.is_some() => format!("exchanging a token as {name}"),
        (None, None) => format!("asking for an access token as {name}"),
    };
    let task = state.tasks.begin(label, state.now);
    state.toast = None;
    let way = state.clients.way_mut(&name);
    let (cancelled, is_reused) = (way.under_way, access.is_some());
    if is_reused {
        way.begin_call(task);
    } else {
        way.begin(task, row.settings.clone());
    }
    way.call.clone_from(&call);
    keys::select(state, &name);
    state.clients.part = Part::Steps;
    let last = state.clients.way_mut(&name).steps.len();
    state.clients.step = Scroll(last);
    super::focus(state, Panel::Clients);
    let order = WayOrder {
        client: name,
        settings: row.settings,
        access,
        call,
        subject,
        inquiry,
    };
    let mut effects = Vec::new();
    if let Some(task) = cancelled {
        state.tasks.end(task);
        effects.push(Effect::Cancel(task));
    }
    effects.push(Effect::GoTheWay {
        task,
        order: Box::new(order),
    });
    effects
}

/// What stands before a signature: a word on the key, or the passphrase.
fn before_signing(state: &State, settings: Option<&ClientSettings>) -> Option<FormKind> {
    let key = settings.and_then(|settings| state.client_key(settings));
    let prover = settings.and_then(|settings| state.key_called(settings.proof_key()?));
    for record in key.into_iter().chain(prover) {
        let thumbprint = record.thumbprint();
        if record.origin == Origin::NewHere {
            return Some(FormKind::NewHere(thumbprint, Then::Way));
        }
        if record.status != Status::Active && !state.knowingly.contains(&thumbprint) {
            return Some(FormKind::NotActive {
                thumbprint,
                status: record.status,
                then: Then::Way,
            });
        }
    }
    match state.vault {
        Vault::Locked => Some(FormKind::Unlock(Some(Then::Way))),
        Vault::Missing => Some(FormKind::FirstStart),
        Vault::Open | Vault::Unlocked => None,
    }
}

/// The settings of a client that can sign, or why not.
fn ready(state: &mut State, row: &Row) -> Option<ClientSettings> {
    let Some(settings) = &row.settings else {
        let reason = match &state.sandbox.at_hand {
            None => "the sandbox does not run: r registers a key there, and starts it",
            Some(_) => "no key is registered at the sandbox: r registers the selected one",
        };
        state.say(Severity::Care, reason);
        return None;
    };
    let Some(kid) = &settings.key else {
        return Some(settings.clone());
    };
    let reason = match state.client_key(settings) {
        None => format!(
            "the key {kid} of {} is not in the keystore: import it, or name another",
            row.name
        ),
        Some(record) if record.half == Half::PublicOnly => {
            format!("{} has no private half here: it cannot sign", record.kid)
        }
        Some(_) => return Some(settings.clone()),
    };
    state.say(Severity::Bad, reason);
    None
}

/// The client under the cursor, where keyfob added it; else the reason is told.
fn added_row(state: &mut State) -> Option<Row> {
    let row = state.client()?;
    let reason = match &row.place {
        Place::Added(_) => return Some(row),
        Place::BuiltIn => format!("{} is always there: nothing of it is written", row.name),
        Place::Own(file) => format!("{} stands in {file}: change it there", row.name),
    };
    state.say(Severity::Care, reason);
    None
}

/// Whether a client asks the sandbox at hand.
fn is_sandbox(state: &State, settings: &ClientSettings) -> bool {
    use crate::config::settings::ClientServer::{Issuer, TokenUrl};
    let (Issuer(server) | TokenUrl(server)) = &settings.server;
    Url::parse(server).is_ok_and(|url| is_of_sandbox(state, &url))
}

/// Whether a URL leads to the sandbox at hand, the one place contacted without a confirmation.
fn is_of_sandbox(state: &State, url: &Url) -> bool {
    let Some(at_hand) = &state.sandbox.at_hand else {
        return false;
    };
    let running = &at_hand.running;
    let origins = [&running.auth, &running.api].map(|each| Url::parse(each).ok());
    let mut origins = origins.into_iter().flatten();
    origins.any(|each| each.origin() == url.origin())
}

fn confirm(
    state: &mut State,
    title: String,
    body: Vec<Rich>,
    copy: Option<String>,
    verb: &'static str,
    asked: Asked,
) {
    state.dialog = Some(Dialog::Confirm(Confirm {
        title,
        body,
        scroll: Scroll::default(),
        copy,
        verb,
        asked,
    }));
}
