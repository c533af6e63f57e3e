//! Panel 4: minting, editing, decoding.

use std::sync::Arc;

use ratatui_textarea::{CursorMove, Input, Key as TextKey, TextArea};

use crate::{
    jose::{
        claims::JsonObject,
        token::UnverifiedToken,
        verdict::{Expectations, Verdict, VerificationKey, choose},
    },
    keystore::record::{Half, Origin, Record},
    registry::book::SANDBOX,
    secret::Secret,
    tui::app::{
        action::{Action, Context},
        activity::{Severity, compact},
        dialog::{Dialog, FormKind, Menu, MenuKind, MenuRow},
        effect::{Effect, MintOrder},
        key::Key,
        msg::{Minted, Presented},
        panel::Panel,
        scroll::Scroll,
        state::{State, Vault},
        token_panel::{Decoded, Draft, Judged, MintedToken, Mode, Part, Presentation},
        waiting::{Then, Waiting},
    },
};

/// The sandbox's route that a token is presented to.
const PROFILE: &str = "/api/v1/profile";

/// `m`: mints at once from the key's draft.
pub(super) fn mint(state: &mut State) -> Vec<Effect> {
    if let Some(task) = state.keys.selected_pending() {
        state.waiting = Some(Waiting {
            task,
            then: Some(Then::Mint),
            keys: Vec::new(),
        });
        return Vec::new();
    }
    let Some((_, record, draft)) = state.draft() else {
        state.say(Severity::Care, "no key to mint with: n makes one");
        return Vec::new();
    };
    state.token.mode = Mode::Mint;
    super::focus(state, Panel::Token);
    order(state, record, &draft, Then::Mint)
}

/// `Ctrl-S` in the editor: signs what is written.
pub(super) fn mint_edited(state: &mut State) -> Vec<Effect> {
    match state.draft() {
        Some((_, record, draft)) => order(state, record, &draft, Then::MintEdited),
        None => Vec::new(),
    }
}

/// Signs a draft, after the passphrase where one is needed.
fn order(state: &mut State, record: Arc<Record>, draft: &Draft, then: Then) -> Vec<Effect> {
    if record.half == Half::PublicOnly {
        let text = format!("{} has no private half here: it cannot sign", record.kid);
        state.say(Severity::Care, text);
        return Vec::new();
    }
    if record.origin == Origin::NewHere {
        return super::forms::open(state, FormKind::NewHere(record.thumbprint(), then));
    }
    let template = state.template(&draft.template);
    let preview = match draft.preview(&record, template, state.now) {
        Ok(preview) => preview,
        Err(problem) => {
            let text = format!("{}: {}", problem.part.name(), problem.reason);
            state.say(Severity::Bad, text);
            return Vec::new();
        }
    };
    match state.vault {
        Vault::Locked => return super::forms::open(state, FormKind::Unlock(Some(then))),
        Vault::Missing => return super::forms::open(state, FormKind::FirstStart),
        Vault::Open | Vault::Unlocked => {}
    }
    let task = state.tasks.begin("minting", state.now);
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    let order = MintOrder {
        record,
        header: preview.header,
        draft: preview.draft,
        template: draft.template.clone(),
    };
    vec![Effect::Mint {
        task,
        order: Box::new(order),
    }]
}

/// Shows a minted token, and presents it to the sandbox where its key is registered there.
pub(super) fn minted(state: &mut State, minted: Minted) -> Vec<Effect> {
    let thumbprint = minted.record.thumbprint();
    let kid = &minted.record.kid;
    let what = format!("minted a token with {kid} from {}", minted.template);
    state.activity.add(state.now, Severity::Good, what, &[]);
    state.say(Severity::Good, format!("✓ minted with {kid}: y copies"));
    state.token.editing = None;
    state.token.scroll = Scroll::default();
    let url = sandbox_profile(state, &minted.record);
    let presented = url.clone().map(Presentation::UnderWay);
    let token = minted.token.clone();
    state.token.minted.insert(
        thumbprint,
        MintedToken {
            token: minted.token,
            header: minted.header,
            claims: minted.claims,
            presented,
        },
    );
    state.keys.put(&minted.record, None);
    match url {
        Some(url) => {
            let task = state.tasks.begin("asking the sandbox's profile", state.now);
            vec![Effect::Present { task, token, url }]
        }
        None => Vec::new(),
    }
}

/// What the sandbox said to a token.
pub(super) fn presented(state: &mut State, result: Result<Presented, String>) {
    let waits =
        |minted: &&mut MintedToken| matches!(minted.presented, Some(Presentation::UnderWay(_)));
    let answer = match result {
        Ok(presented) => {
            let exchange = presented.exchange;
            let status = exchange.response.status;
            let url = exchange.request.url.clone();
            let body = compact(&exchange.response.text());
            let severity = if status == 200 {
                Severity::Good
            } else {
                Severity::Bad
            };
            let what = format!("presented the token to {url}: {status}");
            let exchanges = [exchange.clone()];
            state.activity.add(state.now, severity, what, &exchanges);
            Presentation::Answered { url, status, body }
        }
        Err(reason) => {
            let what = format!("the sandbox's profile did not answer: {reason}");
            state.activity.add(state.now, Severity::Bad, what, &[]);
            Presentation::Failed {
                url: PROFILE.to_owned(),
                reason,
            }
        }
    };
    if let Some(minted) = state.token.minted.values_mut().find(waits) {
        minted.presented = Some(answer);
    }
}

/// `Enter`: header and claims, to edit.
pub(super) fn edit(state: &mut State) -> Vec<Effect> {
    if state.token.mode == Mode::Decode {
        return paste(state);
    }
    match state.draft() {
        Some((thumbprint, _, draft)) => {
            state.token.keep(thumbprint, draft);
            state.token.editing = Some(Part::Claims);
        }
        None => state.say(Severity::Care, "no key to mint with: n makes one"),
    }
    Vec::new()
}

/// Key presses in the editors.
pub(super) fn editor_pressed(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(part) = state.token.editing else {
        return Vec::new();
    };
    match state.keymap.action(Context::Editor, key) {
        Some(Action::MintEdited) => return mint_edited(state),
        Some(Action::Leave) => {
            state.token.editing = None;
            return Vec::new();
        }
        Some(Action::NextField) => {
            state.token.editing = Some(part.other());
            return Vec::new();
        }
        Some(Action::UndoEdit) => {
            with_editor(state, part, |editor| {
                editor.undo();
            });
            return Vec::new();
        }
        Some(Action::Redo) => {
            with_editor(state, part, |editor| {
                editor.redo();
            });
            return Vec::new();
        }
        _ => {}
    }
    with_editor(state, part, |editor| type_into(editor, key));
    Vec::new()
}

/// A paste into the editor.
pub(super) fn pasted_into_editor(state: &mut State, text: &str) {
    if let Some(part) = state.token.editing {
        with_editor(state, part, |editor| {
            editor.insert_str(text);
        });
    }
}

/// `v`.
pub(super) fn change_mode(state: &mut State) -> Vec<Effect> {
    state.token.mode = match state.token.mode {
        Mode::Mint => Mode::Decode,
        Mode::Decode => Mode::Mint,
    };
    state.token.scroll = Scroll::default();
    Vec::new()
}

/// `p`: clears, and takes what the display server has; without one, the terminal pastes.
pub(super) fn paste(state: &mut State) -> Vec<Effect> {
    super::focus(state, Panel::Token);
    state.token.mode = Mode::Decode;
    state.token.decoded = None;
    let task = state.tasks.begin("reading the clipboard", state.now);
    vec![Effect::ReadClipboard { task }]
}

/// The clipboard's text, or none that can be read.
pub(super) fn clipboard(state: &mut State, text: Option<Secret<String>>) {
    match text {
        Some(text) => decode(state, text),
        None => state.say(
            Severity::Care,
            "paste the token with your terminal's own key (Ctrl-Shift-V, for example)",
        ),
    }
}

/// Takes a text apart and checks it with the keys of the keystore.
pub(super) fn decode(state: &mut State, text: Secret<String>) {
    state.token.mode = Mode::Decode;
    state.token.scroll = Scroll::default();
    let result = UnverifiedToken::decode(text.expose())
        .map(|token| judged(state, token))
        .map_err(|error| error.to_string());
    state.token.decoded = Some(Decoded { text, result });
}

/// Checks the decoded token anew: the keys, or the time, are others now.
pub(super) fn judge_again(state: &mut State) {
    if let Some(decoded) = state.token.decoded.take() {
        let scroll = state.token.scroll;
        let mode = state.token.mode;
        decode(state, decoded.text);
        state.token.scroll = scroll;
        state.token.mode = mode;
    }
}

/// The token that is decoded.
pub(super) fn decoded(state: &State) -> Option<&Judged> {
    match state.token.mode {
        Mode::Decode => state.token.decoded.as_ref()?.result.as_ref().ok(),
        Mode::Mint => None,
    }
}

/// `E`: the decoded token into the editor of the selected key.
pub(super) fn edit_this(state: &mut State) -> Vec<Effect> {
    let Some((thumbprint, record)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to sign with: n makes one");
        return Vec::new();
    };
    let Some(token) = decoded(state).map(|judged| &judged.token) else {
        state.say(Severity::Care, "no token to edit: p pastes one");
        return Vec::new();
    };
    let Some(claims) = token.claims() else {
        state.say(
            Severity::Care,
            "its payload is no claims set: it cannot be edited",
        );
        return Vec::new();
    };
    let mut header = token.header.members().clone();
    header.insert("alg".to_owned(), record.alg.name().into());
    if header.contains_key("kid") {
        header.insert("kid".to_owned(), record.kid.clone().into());
    }
    let header = JsonObject::from_members(header);
    let draft = Draft::of("blank", &header, claims);
    state.token.start_over(&thumbprint);
    state.token.keep(thumbprint, draft);
    state.token.mode = Mode::Mint;
    state.token.editing = Some(Part::Claims);
    Vec::new()
}

/// `t`: the templates to start from.
pub(super) fn templates(state: &mut State) -> Vec<Effect> {
    let Some((_, record)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to mint with: n makes one");
        return Vec::new();
    };
    let rows = state.configuration.templates.iter().map(|template| {
        let fits = template.accepts(record.alg, &record.public);
        MenuRow {
            text: template.name.clone(),
            detail: template.description.clone(),
            key: if fits {
                String::new()
            } else {
                format!("not {}", record.alg)
            },
        }
    });
    let menu = Menu::new(MenuKind::Template, rows.collect());
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// A template was chosen: the draft begins anew from it.
pub(super) fn template_chosen(state: &mut State, name: &str) {
    let Some((thumbprint, record)) = state.keys.selected() else {
        return;
    };
    let Some(template) = state.template(name) else {
        return;
    };
    let ttl = state.configuration.settings.defaults.ttl;
    let draft = Draft::new(record, template, ttl);
    state.token.start_over(&thumbprint);
    state.token.keep(thumbprint, draft);
    state.token.mode = Mode::Mint;
    state.token.scroll = Scroll::default();
}

/// Checks `token` with the keys of the keystore.
fn judged(state: &State, token: UnverifiedToken) -> Judged {
    let keys: Vec<VerificationKey> = match token.kid() {
        // With a name at hand, one key is enough: there may be thousands.
        Some(kid) if state.keys.records().any(|record| record.kid == kid) => state
            .keys
            .records()
            .filter(|record| record.kid == kid)
            .map(|record| record.verification_key())
            .collect(),
        _ => state
            .keys
            .records()
            .map(|record| record.verification_key())
            .collect(),
    };
    let key = choose(&token, &keys);
    let checked_with = match key {
        Some(VerificationKey::Public { kid, .. }) => kid.clone(),
        Some(VerificationKey::Symmetric { .. }) | None => None,
    };
    let verdict = Verdict::of(&token, key, &Expectations::default(), state.now);
    Judged {
        token,
        verdict,
        checked_with,
    }
}

/// Where a token of `record` is presented: the sandbox, while its key is registered there.
fn sandbox_profile(state: &State, record: &Arc<Record>) -> Option<String> {
    let running = &state.sandbox.at_hand.as_ref()?.running;
    let standing = state.standing(record.thumbprint(), record, SANDBOX);
    standing
        .is_registered()
        .then(|| format!("{}{PROFILE}", running.auth))
}

fn with_editor(state: &mut State, part: Part, change: impl FnOnce(&mut TextArea<'static>)) {
    let Some((thumbprint, _)) = state.keys.selected() else {
        return;
    };
    if let Some(draft) = state.token.edited_mut(&thumbprint) {
        change(draft.editor(part));
    }
    // What is written is no longer what was signed.
    state.token.minted.remove(&thumbprint);
}

/// A key press as the text area takes it.
fn type_into(editor: &mut TextArea<'static>, key: Key) {
    let text_key = match key {
        Key::Char(character) => TextKey::Char(character),
        Key::Backspace => TextKey::Backspace,
        Key::Delete => TextKey::Delete,
        Key::Enter => TextKey::Enter,
        Key::Up => return editor.move_cursor(CursorMove::Up),
        Key::Down => return editor.move_cursor(CursorMove::Down),
        Key::Left => return editor.move_cursor(CursorMove::Back),
        Key::Right => return editor.move_cursor(CursorMove::Forward),
        Key::Home | Key::Ctrl('a') => return editor.move_cursor(CursorMove::Head),
        Key::End | Key::Ctrl('e') => return editor.move_cursor(CursorMove::End),
        Key::PageUp => return editor.move_cursor(CursorMove::Top),
        Key::PageDown => return editor.move_cursor(CursorMove::Bottom),
        Key::BackTab | Key::Ctrl(_) | Key::Esc | Key::F(_) | Key::Tab => return,
    };
    editor.input_without_shortcuts(Input {
        key: text_key,
        ctrl: false,
        alt: false,
        shift: false,
    });
}
