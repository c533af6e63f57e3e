//! Panel 4: header and claims being written.

use ratatui_textarea::{CursorMove, Input, Key as TextKey, TextArea};

use super::{decode, mint};
use crate::{
    display,
    tui::app::{
        action::{Action, Context},
        activity::Severity,
        effect::Effect,
        key::Key,
        state::State,
        token_panel::{Mode, Part},
    },
};

/// `Enter`: header and claims, to edit.
pub(in crate::tui::app::update) fn edit(state: &mut State) -> Vec<Effect> {
    if state.token.mode == Mode::Decode {
        return decode::paste(state);
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
pub(in crate::tui::app::update) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(part) = state.token.editing else {
        return Vec::new();
    };
    match state.keymap.action(Context::Editor, key) {
        Some(Action::MintEdited) => return mint::mint_edited(state),
        Some(Action::Leave) => {
            state.token.editing = None;
            return Vec::new();
        }
        Some(Action::NextField) => {
            state.token.editing = Some(part.other());
            return Vec::new();
        }
        Some(Action::UndoEdit) => {
            with_editor(state, part, |editor| step(editor, TextArea::undo));
            return Vec::new();
        }
        Some(Action::Redo) => {
            with_editor(state, part, |editor| step(editor, TextArea::redo));
            return Vec::new();
        }
        _ => {}
    }
    with_editor(state, part, |editor| type_into(editor, key));
    Vec::new()
}

/// A paste into the editor.
pub(in crate::tui::app::update) fn pasted(state: &mut State, text: &str) {
    if let Some(part) = state.token.editing {
        // Line breaks arrive as carriage returns; what cannot be shown is written as JSON does.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.replace('\t', "  ");
        with_editor(state, part, |editor| {
            editor.insert_str(display::json(&text));
        });
    }
}

/// One step back or forth. A text that took the place of another is two to the editor, with
/// nothing written between them.
fn step(editor: &mut TextArea<'static>, go: impl Fn(&mut TextArea<'static>) -> bool) {
    if go(editor) && editor.is_empty() {
        go(editor);
    }
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
