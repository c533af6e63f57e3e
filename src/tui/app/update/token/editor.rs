//! Panel 4: header and claims being written.

use ratatui_textarea::CursorMove;

use super::{decode, mint};
use crate::{
    display,
    tui::app::{
        action::{Action, Context},
        activity::Severity,
        effect::Effect,
        key::Key,
        state::State,
        token_panel::{Editor, Mode, Part},
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
            with_editor(state, part, Editor::undo);
            return Vec::new();
        }
        Some(Action::Redo) => {
            with_editor(state, part, Editor::redo);
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
            editor.paste(&display::json(&text));
        });
    }
}

fn with_editor(state: &mut State, part: Part, change: impl FnOnce(&mut Editor)) {
    let Some((thumbprint, _)) = state.keys.selected() else {
        return;
    };
    if let Some(draft) = state.token.edited_mut(&thumbprint) {
        change(draft.editor(part));
    }
    // What is written is no longer what was signed.
    state.token.minted.remove(&thumbprint);
}

/// A key press as the editor takes it.
fn type_into(editor: &mut Editor, key: Key) {
    match key {
        Key::Char(character) => editor.type_character(character),
        Key::Backspace => editor.backspace(),
        Key::Delete => editor.delete(),
        Key::Enter => editor.type_character('\n'),
        Key::Up => editor.move_cursor(CursorMove::Up),
        Key::Down => editor.move_cursor(CursorMove::Down),
        Key::Left => editor.move_cursor(CursorMove::Back),
        Key::Right => editor.move_cursor(CursorMove::Forward),
        Key::Home | Key::Ctrl('a') => editor.move_cursor(CursorMove::Head),
        Key::End | Key::Ctrl('e') => editor.move_cursor(CursorMove::End),
        Key::PageUp => editor.move_cursor(CursorMove::Top),
        Key::PageDown => editor.move_cursor(CursorMove::Bottom),
        Key::BackTab | Key::Ctrl(_) | Key::Esc | Key::F(_) | Key::Tab => {}
    }
}
