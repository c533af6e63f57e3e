//! One of the editors of panel 4: a text, and what was done to it in steps as a person sees them.

use ratatui_textarea::{CursorMove, DataCursor, TextArea};

/// So many edits of one character can be taken back.
const REMEMBERED: usize = 10_000;

/// A text being written. A run of typing up to the end of a word is one step to undo, and so are a
/// run of deleting, a paste, and a text that took the place of the whole.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
    /// What can be taken back, the last step last.
    done: Vec<Step>,
    /// What was taken back, the last step last.
    undone: Vec<Step>,
}

/// What a person did at once.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: Kind,
    /// How many edits it is to the text area.
    edits: usize,
    /// Where it left the cursor: only there it goes on.
    end: DataCursor,
}

/// What a step does. Two of one kind in a row are one step, but for [`Kind::Whole`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// Deletes before the cursor.
    Backspace,
    /// Deletes behind the cursor.
    Delete,
    /// White space was typed last: the next word is another step.
    Space,
    /// Stands for itself.
    Whole,
    /// A word was typed last.
    Word,
}

impl Editor {
    /// An editor that holds `text`, which cannot be undone.
    pub fn of(text: &str) -> Self {
        let mut area = TextArea::from(text.lines());
        area.set_max_histories(REMEMBERED);
        area.set_tab_length(2);
        Self {
            area,
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    /// As it is drawn.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// The lines of the text.
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// The text.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Moves the cursor: what is typed there is another step.
    pub fn move_cursor(&mut self, to: CursorMove) {
        self.area.move_cursor(to);
    }

    /// Types one character, or breaks the line.
    pub fn type_character(&mut self, character: char) {
        let kind = if character.is_whitespace() {
            Kind::Space
        } else {
            Kind::Word
        };
        self.change(kind, |area| {
            area.insert_char(character);
            1
        });
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        self.change(Kind::Backspace, |area| usize::from(area.delete_char()));
    }

    /// Deletes the character behind the cursor.
    pub fn delete(&mut self) {
        self.change(Kind::Delete, |area| usize::from(area.delete_next_char()));
    }

    /// Inserts a text at the cursor.
    pub fn paste(&mut self, text: &str) {
        self.change(Kind::Whole, |area| usize::from(area.insert_str(text)));
    }

    /// Another text in the place of the whole.
    pub fn replace(&mut self, text: &str) {
        self.change(Kind::Whole, |area| {
            let cleared = !area.is_empty();
            if cleared {
                area.select_all();
            }
            let inserted = area.insert_str(text);
            area.move_cursor(CursorMove::Jump(0, 0));
            usize::from(cleared) + usize::from(inserted)
        });
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        if let Some(step) = self.done.pop() {
            for _ in 0..step.edits {
                self.area.undo();
            }
            self.undone.push(step);
        }
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self) {
        if let Some(step) = self.undone.pop() {
            for _ in 0..step.edits {
                self.area.redo();
            }
            self.done.push(step);
        }
    }

    /// Does what `edit` does, which tells how many edits that is to the text area. They go on with
    /// the last step where that ended here and is of their kind; else they are one of their own.
    fn change(&mut self, kind: Kind, edit: impl FnOnce(&mut TextArea<'static>) -> usize) {
        let start = self.area.cursor();
        let edits = edit(&mut self.area);
        if edits == 0 {
            return;
        }
        let end = self.area.cursor();
        let is_fresh = !self.undone.is_empty();
        self.undone.clear();
        match self.done.last_mut() {
            Some(step) if !is_fresh && step.end == start && kind.goes_on(step.kind) => {
                step.edits += edits;
                step.kind = kind;
                step.end = end;
            }
            _ => self.done.push(Step { kind, edits, end }),
        }
    }
}

impl Kind {
    /// Whether it belongs to what was done before it.
    fn goes_on(self, before: Self) -> bool {
        match self {
            Self::Backspace | Self::Delete | Self::Word => before == self,
            Self::Space => matches!(before, Self::Space | Self::Word),
            Self::Whole => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, text: &str) {
        text.chars()
            .for_each(|character| editor.type_character(character));
    }

    /// The text after each undoing, until nothing is left to undo.
    fn undone(editor: &mut Editor) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let before = editor.text();
            editor.undo();
            if editor.text() == before {
                return texts;
            }
            texts.push(editor.text());
        }
    }

    #[test]
    fn a_word_with_the_space_behind_it_is_one_step() {
        let mut editor = Editor::of("");
        typed(&mut editor, "one two\n three");
        assert_eq!(undone(&mut editor), ["one two\n ", "one ", ""]);
        editor.redo();
        editor.redo();
        assert_eq!(editor.text(), "one two\n ");
        typed(&mut editor, "x");
        editor.redo();
        assert_eq!(editor.text(), "one two\n x");
        assert_eq!(undone(&mut editor), ["one two\n ", "one ", ""]);
    }

    #[test]
    fn a_run_of_deleting_is_one_step_and_typing_elsewhere_another() {
        let mut editor = Editor::of("abcdef");
        editor.move_cursor(CursorMove::End);
        editor.backspace();
        editor.backspace();
        typed(&mut editor, "x");
        editor.move_cursor(CursorMove::Head);
        typed(&mut editor, "y");
        editor.delete();
        editor.delete();
        editor.backspace();
        editor.backspace();
        assert_eq!(editor.text(), "cdx");
        assert_eq!(
            undone(&mut editor),
            ["ycdx", "yabcdx", "abcdx", "abcd", "abcdef"]
        );
    }

    #[test]
    fn a_paste_and_another_text_are_one_step_each() {
        let mut editor = Editor::of("");
        editor.replace("{}");
        editor.paste("a\nb");
        editor.paste("");
        editor.paste("c");
        editor.replace("");
        editor.replace("d");
        assert_eq!(undone(&mut editor), ["", "a\nbc{}", "a\nb{}", "{}", ""]);
        for _ in 0..9 {
            editor.redo();
        }
        assert_eq!(editor.text(), "d");
    }
}
