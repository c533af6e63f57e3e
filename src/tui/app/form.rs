//! Labelled fields, of which one has the focus.

use std::borrow::Cow;

use super::{
    key::Key,
    line::{Line, SecretLine, Typed},
};

/// A form; one without fields is a question that `Enter` answers.
#[derive(Clone, Debug)]
pub struct Form {
    pub fields: Vec<Field>,
    focus: usize,
}

/// A field with its label.
#[derive(Clone, Debug)]
pub struct Field {
    pub label: Cow<'static, str>,
    pub input: Input,
    /// What the field is for, in a few words.
    pub hint: String,
    pub standing: Standing,
}

/// What is typed or chosen.
#[derive(Clone, Debug)]
pub enum Input {
    Choice {
        options: Vec<String>,
        chosen: usize,
    },
    /// Words of which each is chosen or not.
    Several {
        options: Vec<(String, bool)>,
        /// The place of the word that `Space` turns.
        at: usize,
    },
    /// The path of a file, which `Tab` completes.
    Path(Line),
    Secret(SecretLine),
    Text(Line),
}

/// Whether a field counts at the moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    Asked,
    /// What was chosen elsewhere leaves nothing to ask.
    Settled,
}

impl Field {
    pub fn text(label: impl Into<Cow<'static, str>>, text: &str, hint: impl Into<String>) -> Self {
        Self::new(label, Input::Text(Line::new(text)), hint)
    }

    pub fn path(label: impl Into<Cow<'static, str>>, text: &str, hint: impl Into<String>) -> Self {
        Self::new(label, Input::Path(Line::new(text)), hint)
    }

    pub fn secret(label: impl Into<Cow<'static, str>>, hint: impl Into<String>) -> Self {
        Self::new(label, Input::Secret(SecretLine::default()), hint)
    }

    /// `chosen` is the option that is there from the start; the first where it is none of them.
    pub fn choice(
        label: impl Into<Cow<'static, str>>,
        options: Vec<String>,
        chosen: &str,
        hint: impl Into<String>,
    ) -> Self {
        let chosen = options.iter().position(|option| option == chosen);
        let input = Input::Choice {
            options,
            chosen: chosen.unwrap_or(0),
        };
        Self::new(label, input, hint)
    }

    /// Each option with whether it is chosen from the start.
    pub fn several(
        label: impl Into<Cow<'static, str>>,
        options: Vec<(String, bool)>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(label, Input::Several { options, at: 0 }, hint)
    }

    fn new(label: impl Into<Cow<'static, str>>, input: Input, hint: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            input,
            hint: hint.into(),
            standing: Standing::Asked,
        }
    }
}

impl Form {
    pub fn new(fields: Vec<Field>) -> Self {
        Self { fields, focus: 0 }
    }

    /// The place of the field that has the focus.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// What a text or choice field says; empty for a secret one or none.
    pub fn value(&self, label: &str) -> &str {
        match self.field(label).map(|field| &field.input) {
            Some(Input::Text(line) | Input::Path(line)) => line.text().trim(),
            Some(Input::Choice { options, chosen }) => {
                options.get(*chosen).map_or("", String::as_str)
            }
            Some(Input::Secret(_) | Input::Several { .. }) | None => "",
        }
    }

    /// What a secret field holds.
    pub fn secret(&self, label: &str) -> Option<&SecretLine> {
        match self.field(label).map(|field| &field.input) {
            Some(Input::Secret(line)) => Some(line),
            _ => None,
        }
    }

    /// The words of a field that are chosen.
    pub fn chosen(&self, label: &str) -> impl Iterator<Item = &str> {
        let options = match self.field(label).map(|field| &field.input) {
            Some(Input::Several { options, .. }) => options.as_slice(),
            _ => &[],
        };
        let chosen = options.iter().filter(|(_, is_chosen)| *is_chosen);
        chosen.map(|(word, _)| word.as_str())
    }

    /// Puts another text into a field.
    pub fn set_text(&mut self, label: &str, text: &str) {
        for field in self.fields.iter_mut().filter(|field| field.label == label) {
            if let Input::Text(line) | Input::Path(line) = &mut field.input {
                *line = Line::new(text);
            }
        }
    }

    /// Chooses an option, where it is one.
    pub fn choose(&mut self, label: &str, option: &str) {
        let field = self.fields.iter_mut().find(|field| field.label == label);
        if let Some(Input::Choice { options, chosen }) = field.map(|field| &mut field.input)
            && let Some(place) = options.iter().position(|each| each == option)
        {
            *chosen = place;
        }
    }

    /// Puts other words beside a field.
    pub fn set_hint(&mut self, label: &str, hint: impl Into<String>) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.label == label) {
            field.hint = hint.into();
        }
    }

    /// Puts other options into a choice; what was chosen stays so where it is among them.
    pub fn set_options(&mut self, label: &str, options: Vec<String>) {
        let before = self.value(label).to_owned();
        let field = self.fields.iter_mut().find(|field| field.label == label);
        if let Some(Input::Choice {
            options: all,
            chosen,
        }) = field.map(|field| &mut field.input)
        {
            let place = options.iter().position(|option| *option == before);
            *chosen = place.unwrap_or(0);
            *all = options;
        }
    }

    /// The path that is being typed, where a path has the focus.
    pub fn focused_path(&self) -> Option<&Line> {
        match &self.fields.get(self.focus)?.input {
            Input::Path(line) => Some(line),
            _ => None,
        }
    }

    /// Puts another path where one is being typed.
    pub fn set_focused_path(&mut self, text: &str) {
        if let Some(Field {
            input: Input::Path(line),
            ..
        }) = self.fields.get_mut(self.focus)
        {
            *line = Line::new(text);
        }
    }

    /// Empties the secret fields.
    pub fn forget_secrets(&mut self) {
        for field in &mut self.fields {
            if let Input::Secret(line) = &mut field.input {
                *line = SecretLine::default();
            }
        }
    }

    /// Whether a field counts.
    pub fn set_standing(&mut self, label: &str, standing: Standing) {
        for field in self.fields.iter_mut().filter(|field| field.label == label) {
            field.standing = standing;
        }
    }

    /// To the next field that is asked, round.
    pub fn next(&mut self) {
        self.step(1);
    }

    /// To the field before, round.
    pub fn previous(&mut self) {
        self.step(self.fields.len().saturating_sub(1));
    }

    /// Puts the focus on a field.
    pub fn focus_on(&mut self, label: &str) {
        if let Some(place) = self.fields.iter().position(|field| field.label == label) {
            self.focus = place;
        }
    }

    /// A key press in the field that has the focus.
    pub fn press(&mut self, key: Key) -> Typed {
        let Some(field) = self.fields.get_mut(self.focus) else {
            return Typed::Ignored;
        };
        match &mut field.input {
            Input::Text(line) | Input::Path(line) => line.press(key),
            Input::Secret(line) => line.press(key),
            Input::Several { options, at } => {
                let count = options.len().max(1);
                match key {
                    Key::Right => *at = (*at + 1) % count,
                    Key::Left => *at = (*at + count - 1) % count,
                    Key::Char(' ') => {
                        if let Some((_, is_chosen)) = options.get_mut(*at) {
                            *is_chosen = !*is_chosen;
                        }
                    }
                    _ => return Typed::Ignored,
                }
                Typed::Taken
            }
            Input::Choice { options, chosen } => {
                let count = options.len().max(1);
                let by = match key {
                    Key::Right | Key::Char(' ') => 1,
                    Key::Left => count - 1,
                    Key::Char(letter) => return jump(options, chosen, letter),
                    _ => return Typed::Ignored,
                };
                *chosen = (*chosen + by) % count;
                Typed::Taken
            }
        }
    }

    /// A paste into the field that has the focus.
    pub fn paste(&mut self, text: &str) {
        match self
            .fields
            .get_mut(self.focus)
            .map(|field| &mut field.input)
        {
            Some(Input::Text(line) | Input::Path(line)) => line.insert(text),
            Some(Input::Secret(line)) => line.insert(text),
            Some(Input::Choice { .. } | Input::Several { .. }) | None => {}
        }
    }

    fn field(&self, label: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.label == label)
    }

    fn step(&mut self, by: usize) {
        let count = self.fields.len().max(1);
        for _ in 0..count {
            self.focus = (self.focus + by) % count;
            let field = self.fields.get(self.focus);
            if field.is_none_or(|field| field.standing == Standing::Asked) {
                break;
            }
        }
    }
}

/// The next option that begins with `letter`.
fn jump(options: &[String], chosen: &mut usize, letter: char) -> Typed {
    let count = options.len();
    let next = (1..=count)
        .map(|step| (*chosen + step) % count.max(1))
        .find(|place| {
            let first = options.get(*place).and_then(|option| option.chars().next());
            first.is_some_and(|first| first.eq_ignore_ascii_case(&letter))
        });
    match next {
        Some(place) => {
            *chosen = place;
            Typed::Taken
        }
        None => Typed::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        let options = ["RS256", "ES256", "EdDSA"].map(str::to_owned).to_vec();
        Form::new(vec![
            Field::text("kid", "a", ""),
            Field::choice("algorithm", options, "ES256", ""),
            Field::text("size", "2048", ""),
        ])
    }

    #[test]
    fn the_focus_passes_over_what_is_settled() {
        let mut form = form();
        form.set_standing("size", Standing::Settled);
        let mut order = Vec::new();
        for _ in 0..3 {
            order.push(form.focus());
            form.next();
        }
        assert_eq!(order, [0, 1, 0]);
        form.previous();
        assert_eq!(form.focus(), 0);
    }

    #[test]
    fn several_words_are_chosen_one_by_one() {
        let options = vec![("kid".to_owned(), true), ("typ".to_owned(), false)];
        let mut form = Form::new(vec![Field::several("header", options, "")]);
        for key in [
            Key::Char(' '),
            Key::Right,
            Key::Char(' '),
            Key::Right,
            Key::Left,
        ] {
            assert_eq!(form.press(key), Typed::Taken);
        }
        assert_eq!(form.press(Key::Char('x')), Typed::Ignored);
        assert_eq!(form.chosen("header").collect::<Vec<_>>(), ["typ"]);
        assert_eq!(form.chosen("other").count(), 0);
    }

    #[test]
    fn a_choice_turns_by_arrows_and_first_letters() {
        let mut form = form();
        form.next();
        let mut seen = Vec::new();
        for key in [
            Key::Right,
            Key::Right,
            Key::Left,
            Key::Char('r'),
            Key::Char('e'),
        ] {
            assert_eq!(form.press(key), Typed::Taken);
            seen.push(form.value("algorithm").to_owned());
        }
        assert_eq!(seen, ["EdDSA", "RS256", "EdDSA", "RS256", "ES256"]);
        assert_eq!(form.press(Key::Char('x')), Typed::Ignored);
    }
}
