//! The one place where state changes.

mod arranging;
mod checklist;
mod clients;
mod copy;
mod dialogs;
mod faults;
mod filtering;
mod forms;
mod keys;
mod movement;
mod outcome;
mod registration;
mod rotation;
mod sandbox;
mod several;
mod text;
mod token;
mod unseen;

use jiff::Timestamp;

use super::{
    action::{Action, Context},
    activity::Severity,
    content,
    dialog::{Dialog, FormKind, TextDialog},
    effect::{Effect, Leave},
    key::Key,
    keymap::Keymap,
    layout,
    msg::{Configuration, Msg, SandboxStart, Whose},
    panel::Panel,
    scroll::Scroll,
    state::{State, Vault, Zoom},
    token_panel::Mode,
    waiting::MOST_KEYS,
};
use crate::{
    config::settings::ThemeName, keystore::sealing::Protection, registry::book::SANDBOX,
    secret::Secret,
};

/// Changes `state` by what happened at `now`, and tells what is to be done.
pub fn update(state: &mut State, msg: Msg, now: Timestamp) -> Vec<Effect> {
    state.now = now;
    let mut effects = by_the_clock(state);
    effects.extend(match msg {
        Msg::Key(key) => pressed(state, key),
        Msg::Paste(_) | Msg::Mouse(_) if !layout::fits(state) => Vec::new(),
        Msg::Paste(text) => {
            state.touched = now;
            text::pasted(state, &text)
        }
        Msg::Mouse(mouse) => movement::clicked(state, mouse),
        Msg::Done(task, outcome) => outcome::done(state, task, outcome),
        Msg::Progress(task, progress) => registration::progressed(state, task, progress),
        Msg::Resize { columns, rows } => {
            state.size = (columns, rows);
            Vec::new()
        }
        Msg::Changed => vec![Effect::ListKeys, Effect::LoadConfiguration],
        Msg::Copied { what, result } => {
            copy::copied(state, &what, result);
            Vec::new()
        }
        Msg::PageNotOpened(reason) => copy::page_not_opened(state, &reason),
        Msg::Configured(result) => {
            configured(state, result);
            Vec::new()
        }
        Msg::Entries(result) => {
            keys::listed(state, result);
            rotation::refresh(state);
            arranging::subjects(state)
        }
        Msg::FirstEntries(entries) => {
            keys::first_listed(state, entries);
            Vec::new()
        }
        Msg::Granted(task, access) => {
            clients::granted(state, task, *access);
            Vec::new()
        }
        Msg::Piece(task, text) => {
            clients::piece(state, task, &text);
            Vec::new()
        }
        Msg::Step(task, step) => {
            clients::told(state, task, *step);
            Vec::new()
        }
        Msg::SandboxFound(running) => {
            let whose = Whose::Another;
            state.sandbox.found(SandboxStart { running, whose }, now);
            let mut effects = registration::check(state, &[SANDBOX.to_owned()]);
            effects.extend(faults::ask(state));
            effects
        }
        Msg::SandboxLog(line) => {
            state.sandbox.add(line);
            Vec::new()
        }
        Msg::Signal(number) => vec![Effect::Quit(Leave::Signal(number))],
        Msg::Rotations(result) => {
            rotation::listed(state, result);
            Vec::new()
        }
        Msg::Resumed => vec![Effect::Redraw],
        Msg::Subjects(subjects) => {
            state.keys.set_subjects(subjects);
            Vec::new()
        }
        Msg::Tick => Vec::new(),
    });
    effects
}

/// What there is to do at the start. `passphrase` is the one of a file that was named: it creates
/// the keystore, or unlocks it.
pub fn start(state: &mut State, passphrase: Option<Secret<String>>) -> Vec<Effect> {
    match (state.vault, passphrase) {
        (Vault::Missing, Some(passphrase)) => {
            let task = state.tasks.begin("creating the keystore", state.now);
            let protection = Protection::Passphrase(passphrase);
            vec![Effect::CreateKeystore { task, protection }]
        }
        (Vault::Missing, None) => forms::open(state, FormKind::FirstStart),
        (Vault::Locked, Some(passphrase)) => {
            let task = state.tasks.begin("unlocking", state.now);
            let mut effects = vec![Effect::ListKeys, Effect::Unlock { task, passphrase }];
            effects.extend(text::opened(state));
            effects
        }
        (Vault::Locked | Vault::Open | Vault::Unlocked, _) => {
            let mut effects = vec![Effect::ListKeys];
            effects.extend(text::opened(state));
            effects
        }
    }
}

/// What is due because time has passed.
fn by_the_clock(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    let past = |at: Option<Timestamp>| at.is_some_and(|at| state.now >= at);
    let toast_ends = past(state.toast.as_ref().map(|toast| toast.until));
    let locks = past(state.lock_at());
    let clears = past(state.clear_clipboard);
    if toast_ends {
        state.toast = None;
    }
    token::decode::keep_up(state);
    if locks {
        effects.extend(lock(state));
    }
    if clears {
        state.clear_clipboard = None;
        effects.push(Effect::ClearClipboard);
    }
    effects
}

/// Forgets the identity and every token that is shown.
fn lock(state: &mut State) -> Vec<Effect> {
    state.vault = Vault::Locked;
    state.token.forget_tokens();
    state.clients.forget_tokens();
    vec![Effect::Lock]
}

fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    state.touched = state.now;
    // Whatever has the keys, these are commands.
    match key {
        Key::Ctrl('l') => return vec![Effect::Redraw],
        Key::Ctrl('z') => return suspend(state),
        Key::Ctrl('c') => return vec![Effect::Quit(Leave::Quit)],
        _ => {}
    }
    if !layout::fits(state) {
        return unseen::pressed(state, key);
    }
    if let Some(waiting) = &mut state.waiting {
        if key == Key::Esc {
            return cancel_waiting(state);
        }
        if waiting.keys.len() < MOST_KEYS {
            waiting.keys.push(key);
        }
        return Vec::new();
    }
    if key == Key::F(1) {
        return perform(state, Action::Help);
    }
    if state.dialog.is_some() {
        return dialogs::pressed(state, key);
    }
    if state.is_filtering() {
        return filtering::pressed(state, key);
    }
    if state.is_searching() {
        return token::search::pressed(state, key);
    }
    if state.is_editing() {
        return token::editor::pressed(state, key);
    }
    match state.keymap.action(state.context(), key) {
        Some(action) => perform(state, action),
        None => Vec::new(),
    }
}

/// Does what an action says, outside of text and dialogs.
pub(super) fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Focus(panel) => focus(state, panel),
        Action::NextPanel => focus(state, state.focus.next()),
        Action::PreviousPanel => focus(state, state.focus.previous()),
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::Top
        | Action::Bottom => movement::moved(state, action),
        Action::Zoom => {
            state.zoom = match state.zoom {
                Zoom::In => Zoom::Out,
                Zoom::Out => Zoom::In,
            };
            Vec::new()
        }
        Action::Back => back(state),
        Action::Filter if token::search::can_begin(state) => token::search::begin(state),
        Action::Filter => filtering::begin(state),
        Action::Help => {
            state.dialog = Some(Dialog::Text(TextDialog {
                title: "Help".to_owned(),
                body: content::help::lines(state),
                scroll: Scroll::default(),
                copy: None,
                acts: Vec::new(),
            }));
            Vec::new()
        }
        Action::Palette => dialogs::palette(state),
        Action::Theme => {
            state.theme = match state.theme {
                ThemeName::Dark => ThemeName::Light,
                ThemeName::Light => ThemeName::HighContrast,
                ThemeName::HighContrast => ThemeName::Dark,
            };
            let text = format!("theme {}", state.theme);
            state.say(Severity::Good, text);
            Vec::new()
        }
        Action::Mouse => movement::mouse(state),
        Action::Lock => match state.vault {
            Vault::Unlocked => {
                state.say(Severity::Good, "locked");
                lock(state)
            }
            Vault::Locked => forms::open(state, FormKind::Unlock(None)),
            Vault::Missing => forms::open(state, FormKind::FirstStart),
            Vault::Open => {
                let text =
                    "nothing to lock: the keystore has no passphrase (keyfob passwd sets one)";
                state.say(Severity::Care, text);
                Vec::new()
            }
        },
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => suspend(state),
        Action::Quit => vec![Effect::Quit(Leave::Quit)],
        Action::Refresh => {
            let mut effects = vec![Effect::ListKeys];
            effects.extend(registration::refresh(state));
            effects
        }
        Action::Copy => copy::main_thing(state),
        Action::CopyMenu => copy::menu(state),
        Action::Fold => {
            let folding = &mut state.certificate.folding;
            *folding = folding.other();
            Vec::new()
        }
        Action::ClearLog | Action::Faults | Action::RotateSandbox | Action::StartStop => {
            sandbox::perform(state, action)
        }
        Action::Exchange => {
            text::exchange(state);
            Vec::new()
        }
        other => of_panels(state, other),
    }
}

/// The acts on keys, registrations and tokens.
fn of_panels(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::NewKey => forms::open(state, FormKind::NewKey),
        Action::Import => {
            registration::import(state).unwrap_or_else(|| forms::open(state, FormKind::Import))
        }
        Action::Certificate => dialogs::certificate(state),
        Action::Export => keys::export(state),
        Action::Details => {
            text::details(state);
            Vec::new()
        }
        Action::Delete => several::delete(state),
        Action::Undo => several::undo(state),
        Action::Tags => several::tags(state),
        Action::Status => several::statuses(state),
        Action::Rename => keys::rename(state),
        Action::Mark => keys::mark(state),
        Action::Compare => {
            text::compare(state);
            Vec::new()
        }
        Action::Sort => arranging::orders(state),
        Action::Columns => arranging::columns(state),
        Action::Trash => keys::trash(state),
        Action::Mint => token::mint::mint(state),
        Action::Edit => token::editor::edit(state),
        Action::Decode => token::change_mode(state),
        Action::Paste => token::decode::paste(state),
        Action::EditThisToken => token::decode::edit_this(state),
        Action::Why => token::why::why(state),
        Action::Template => token::template::menu(state),
        Action::Expect => forms::open(state, FormKind::Expectations),
        Action::Found => token::decode::found(state),
        Action::FoldDecoded => {
            let folding = &mut state.token.folding;
            *folding = folding.other();
            Vec::new()
        }
        Action::Rotate => rotation::open(state),
        Action::AddClient
        | Action::Call
        | Action::DuplicateClient
        | Action::EditClient
        | Action::ExchangeToken
        | Action::RemoveClient
        | Action::IntrospectToken
        | Action::RevokeToken
        | Action::RunExchange
        | Action::Step
        | Action::Steps => clients::perform(state, action),
        Action::Header => token::header::menu(state),
        Action::Wrap => {
            state.token.wrapping = state.token.wrapping.other();
            Vec::new()
        }
        other => registration::perform(state, other),
    }
}

/// Whether an action can do something now: the footer and the palette ask.
pub fn is_available(state: &State, action: Action) -> bool {
    let key = state.keys.selected().is_some();
    match action {
        Action::Focus(panel) => panel != state.focus,
        Action::Register | Action::Mint => key || state.keys.selected_pending().is_some(),
        Action::Details => state.keys.selected_row().is_some(),
        Action::Certificate
        | Action::Delete
        | Action::Export
        | Action::Rename
        | Action::Fold
        | Action::Mark
        | Action::Status
        | Action::Tags => key,
        Action::Edit | Action::Header | Action::Template => key && state.token.mode == Mode::Mint,
        Action::Copy => copy::main_text(state).is_some(),
        Action::Undo => !state.deleted.is_empty(),
        Action::Why => token::decode::result(state).is_some(),
        Action::Found => token::decode::count(state) > 1,
        Action::Expect => state.token.mode == Mode::Decode,
        Action::FoldDecoded => token::decode::can_fold(state),
        Action::EditThisToken => key && token::decode::decoded(state).is_some(),
        Action::ClearLog | Action::RotateSandbox | Action::StartStop => {
            sandbox::is_available(state, action)
        }
        Action::Call
        | Action::DuplicateClient
        | Action::EditClient
        | Action::ExchangeToken
        | Action::RemoveClient
        | Action::IntrospectToken
        | Action::RevokeToken
        | Action::RunExchange
        | Action::Step
        | Action::Steps => clients::is_available(state, action),
        Action::Exchange => state.activity.selected().is_some(),
        Action::Filter => filtering::is_available(state),
        Action::Rotate => rotation::is_available(state),
        Action::Sort => state.keys.count() > 1,
        Action::Columns => state.keys.count() > 0,
        Action::Compare => state.keys.marks() == 2,
        other => registration::is_available(state, other),
    }
}

pub(super) fn focus(state: &mut State, panel: Panel) -> Vec<Effect> {
    state.focus = panel;
    if panel.is_one_of_four() {
        state.behind = panel;
    }
    Vec::new()
}

fn suspend(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.vault == Vault::Unlocked {
        effects.extend(lock(state));
    }
    effects.push(Effect::Suspend);
    effects
}

/// Drops the work that is waited for, and the keys that were held back for it.
fn cancel_waiting(state: &mut State) -> Vec<Effect> {
    let Some(waiting) = state.waiting.take() else {
        return Vec::new();
    };
    // A key being made goes on being made: only what waited for it is dropped.
    if state.keys.selected_pending() == Some(waiting.task) {
        state.say(
            Severity::Care,
            "not waiting any more; Esc again cancels the key",
        );
        return Vec::new();
    }
    if let Some(task) = state.tasks.end(waiting.task) {
        let text = format!("{}: cancelled, its answer will be dropped", task.label);
        state.say(Severity::Care, text);
    }
    registration::cancelled(state, waiting.task);
    forms::cancelled(state, waiting.task);
    vec![Effect::Cancel(waiting.task)]
}

/// `Esc` outside of text: the filter, then a key being made, then the marks, then what
/// panel 3 shows or asks, then the zoom, then the panels behind.
fn back(state: &mut State) -> Vec<Effect> {
    if let Some(effects) = clients::back(state) {
        return effects;
    }
    if state.context() == Context::Decode && state.token.sought.take().is_some() {
        return Vec::new();
    }
    if state.focus == Panel::Keys && state.keys.filter.take().is_some() {
        state.keys.rearrange();
    } else if let Some(task) = state.keys.selected_pending()
        && state.focus == Panel::Keys
    {
        state.tasks.end(task);
        state.keys.drop_pending(task);
        state.say(Severity::Care, "cancelled: no key is made");
        return vec![Effect::Cancel(task)];
    } else if state.focus == Panel::Keys && state.keys.unmark() {
        state.toast = None;
    } else if state.focus == Panel::Register
        && let Some(effects) = registration::back(state)
    {
        return effects;
    } else if state.zoom == Zoom::In {
        state.zoom = Zoom::Out;
    } else if !state.focus.is_one_of_four() {
        return focus(state, state.behind);
    } else {
        state.toast = None;
    }
    Vec::new()
}

fn configured(state: &mut State, result: Result<Box<Configuration>, String>) {
    match result {
        Ok(configuration) => {
            let keymap = Keymap::new(&configuration.settings.keys);
            match keymap {
                Ok(keymap) => {
                    state.keymap = keymap;
                    state.configuration = *configuration;
                    state.banner = None;
                    clients::configured(state);
                }
                Err(error) => state.banner = Some(error.to_string()),
            }
        }
        Err(reason) => state.banner = Some(reason),
    }
}

#[cfg(test)]
mod tests;
