//! One of the editors of panel 4: a text, and what was done to it in steps as a person sees them.

/// So many octets of former texts are kept to undo; the last step always is.
const KEPT: usize = 4 << 20;

/// A text being written. A run of typing up to the end of a word is one step to undo, and so are a
/// run of deleting, a paste, and a text that took the place of the whole.
#[derive(Clone, Debug)]
pub struct Editor {
    /// At least one.
    lines: Vec<String>,
    cursor: Cursor,
    /// What can be taken back, the last step last.
    done: Vec<Step>,
    /// What was taken back, the last step last.
    undone: Vec<Step>,
}

/// Where the next character goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cursor {
    /// The line, counted from 0.
    pub row: usize,
    /// The characters before it on its line.
    pub column: usize,
}

/// Where the cursor goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Motion {
    /// One character back, over the end of a line too.
    Back,
    /// To the last line.
    Bottom,
    /// One line down.
    Down,
    /// Behind the end of its line.
    End,
    /// One character on, over the end of a line too.
    Forward,
    /// To the beginning of its line.
    Head,
    /// To the first line.
    Top,
    /// One line up.
    Up,
}

/// What a person did at once.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    /// Where it left the cursor: only there it goes on.
    end: Cursor,
    /// The text on its other side: before it where it was done, behind it where it was undone.
    lines: Vec<String>,
    cursor: Cursor,
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
        Self {
            lines: lines_of(text),
            cursor: Cursor::default(),
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    /// The lines of the text, at least one.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The text.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Where the next character goes.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Moves the cursor: what is typed there is another step.
    pub fn move_cursor(&mut self, to: Motion) {
        let Cursor { row, column } = self.cursor;
        let last = self.lines.len() - 1;
        let end = self.length(row);
        let (row, column) = match to {
            Motion::Back if column > 0 => (row, column - 1),
            Motion::Back if row > 0 => (row - 1, usize::MAX),
            Motion::Forward if column < end => (row, column + 1),
            Motion::Forward if row < last => (row + 1, 0),
            Motion::Back | Motion::Forward => (row, column),
            Motion::Bottom => (last, column),
            Motion::Down => (last.min(row + 1), column),
            Motion::End => (row, end),
            Motion::Head => (row, 0),
            Motion::Top => (0, column),
            Motion::Up => (row.saturating_sub(1), column),
        };
        let column = column.min(self.length(row));
        self.cursor = Cursor { row, column };
    }

    /// Types one character, or breaks the line.
    pub fn type_character(&mut self, character: char) {
        let kind = if character.is_whitespace() {
            Kind::Space
        } else {
            Kind::Word
        };
        let mut octets = [0; 4];
        let text = character.encode_utf8(&mut octets);
        self.change(kind, |editor| editor.insert(text));
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        if self.cursor != Cursor::default() {
            self.change(Kind::Backspace, |editor| {
                editor.move_cursor(Motion::Back);
                editor.remove();
            });
        }
    }

    /// Deletes the character behind the cursor.
    pub fn delete(&mut self) {
        let Cursor { row, column } = self.cursor;
        if row + 1 < self.lines.len() || column < self.length(row) {
            self.change(Kind::Delete, Self::remove);
        }
    }

    /// Inserts a text at the cursor.
    pub fn paste(&mut self, text: &str) {
        if !text.is_empty() {
            self.change(Kind::Whole, |editor| editor.insert(text));
        }
    }

    /// Another text in the place of the whole.
    pub fn replace(&mut self, text: &str) {
        self.change(Kind::Whole, |editor| {
            editor.lines = lines_of(text);
            editor.cursor = Cursor::default();
        });
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        if let Some(step) = self.done.pop() {
            let undone = self.exchange(step);
            self.undone.push(undone);
        }
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self) {
        if let Some(step) = self.undone.pop() {
            let done = self.exchange(step);
            self.done.push(done);
        }
    }

    /// Does what `edit` does. It goes on with the last step where that ended here and is of its
    /// kind; else it is one of its own.
    fn change(&mut self, kind: Kind, edit: impl FnOnce(&mut Self)) {
        let goes_on = self.undone.is_empty()
            && self
                .done
                .last()
                .is_some_and(|step| step.end == self.cursor && kind.goes_on(step.kind));
        self.undone.clear();
        if !goes_on {
            self.done.push(Step {
                kind,
                end: self.cursor,
                lines: self.lines.clone(),
                cursor: self.cursor,
            });
            self.forget();
        }
        edit(self);
        if let Some(step) = self.done.last_mut() {
            step.kind = kind;
            step.end = self.cursor;
        }
    }

    /// Goes to the other side of a step, and tells how to come back.
    fn exchange(&mut self, step: Step) -> Step {
        let here = std::mem::replace(&mut self.lines, step.lines);
        let cursor = std::mem::replace(&mut self.cursor, step.cursor);
        Step {
            lines: here,
            cursor,
            ..step
        }
    }

    /// Lets go of the oldest steps where they take too much room.
    fn forget(&mut self) {
        let mut room = KEPT;
        let mut kept = 0;
        for step in self.done.iter().rev() {
            let octets = step.lines.iter().map(String::len).sum();
            match room.checked_sub(octets) {
                Some(left) => room = left,
                None => break,
            }
            kept += 1;
        }
        self.done.drain(..self.done.len() - kept.max(1));
    }

    fn insert(&mut self, text: &str) {
        let at = self.octet();
        let line = &mut self.lines[self.cursor.row];
        let rest = line.split_off(at);
        let mut pieces = text.split('\n');
        line.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.cursor.row += 1;
            self.lines.insert(self.cursor.row, piece.to_owned());
        }
        self.cursor.column = self.length(self.cursor.row);
        self.lines[self.cursor.row].push_str(&rest);
    }

    /// Removes the character behind the cursor, or the end of its line.
    fn remove(&mut self) {
        let (row, at) = (self.cursor.row, self.octet());
        if at < self.lines[row].len() {
            self.lines[row].remove(at);
        } else if row + 1 < self.lines.len() {
            let next = self.lines.remove(row + 1);
            self.lines[row].push_str(&next);
        }
    }

    /// Where the cursor stands on its line, in octets.
    fn octet(&self) -> usize {
        let line = &self.lines[self.cursor.row];
        let mut places = line.char_indices().map(|(place, _)| place);
        places.nth(self.cursor.column).unwrap_or(line.len())
    }

    /// The characters of a line.
    fn length(&self, row: usize) -> usize {
        self.lines[row].chars().count()
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

fn lines_of(text: &str) -> Vec<String> {
    text.split('\n').map(str::to_owned).collect()
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

    fn at(row: usize, column: usize) -> Cursor {
        Cursor { row, column }
    }

    #[test]
    fn the_cursor_stays_in_the_text() {
        use Motion::{Back, Bottom, Down, End, Forward, Head, Top, Up};
        let mut editor = Editor::of("añb\n\ncd");
        for (to, row, column) in [
            (Back, 0, 0),
            (Up, 0, 0),
            (End, 0, 3),
            (Forward, 1, 0),
            (Back, 0, 3),
            (Down, 1, 0),
            (Forward, 2, 0),
            (End, 2, 2),
            (Forward, 2, 2),
            (Down, 2, 2),
            (Top, 0, 2),
            (Bottom, 2, 2),
            (Head, 2, 0),
        ] {
            editor.move_cursor(to);
            assert_eq!(editor.cursor(), at(row, column), "{to:?}");
        }
    }

    #[test]
    fn what_is_typed_and_deleted_stands_where_the_cursor_is() {
        let mut editor = Editor::of("añb\ncd");
        editor.move_cursor(Motion::Forward);
        editor.delete();
        typed(&mut editor, "x\ny");
        assert_eq!(
            (editor.text().as_str(), editor.cursor()),
            ("ax\nyb\ncd", at(1, 1))
        );
        editor.move_cursor(Motion::End);
        editor.delete();
        editor.move_cursor(Motion::Head);
        editor.backspace();
        assert_eq!(
            (editor.text().as_str(), editor.cursor()),
            ("axybcd", at(0, 2))
        );
        editor.paste("1\n2\n3");
        assert_eq!(
            (editor.text().as_str(), editor.cursor()),
            ("ax1\n2\n3ybcd", at(2, 1))
        );
    }

    #[test]
    fn old_steps_are_let_go_where_they_take_too_much_room() {
        let mut editor = Editor::of(&"x".repeat(KEPT / 2));
        for text in ["a", "b", "c"] {
            editor.paste(text);
        }
        assert_eq!(undone(&mut editor).len(), 1);
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
        editor.move_cursor(Motion::End);
        editor.backspace();
        editor.backspace();
        typed(&mut editor, "x");
        editor.move_cursor(Motion::Head);
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
