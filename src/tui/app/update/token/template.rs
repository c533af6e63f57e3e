//! Panel 4: the template that a draft begins with, and its fields.

use std::sync::Arc;

use crate::{
    jose::{
        template::{Field as TemplateField, Given},
        thumbprint::Thumbprint,
    },
    tui::app::{
        activity::Severity,
        dialog::{Dialog, FormDialog, FormKind, Menu, MenuKind, MenuRow},
        effect::Effect,
        form::{Field, Form},
        scroll::Scroll,
        state::State,
        token_panel::{Draft, Mode},
        update::forms,
    },
};

/// `t`: the templates to start from.
pub(in crate::tui::app::update) fn menu(state: &mut State) -> Vec<Effect> {
    let Some((_, record)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to mint with: n makes one");
        return Vec::new();
    };
    let written = others(state).into_iter().map(|(_, kid)| MenuRow {
        text: format!("written for {kid}"),
        detail: format!("to sign it with {}", record.kid),
        key: String::new(),
    });
    let rows = state.configuration.templates.iter().map(|template| {
        let fits = template.accepts(record.alg, &record.public);
        MenuRow {
            text: template.name.clone(),
            detail: template.description.clone(),
            key: if fits {
                String::new()
            } else {
                let names = template.algorithm_names();
                match names.split_once(',') {
                    Some((first, _)) => format!("takes {first}, …"),
                    None => format!("takes {names}"),
                }
            },
        }
    });
    let menu = Menu::new(MenuKind::Template, rows.chain(written).collect());
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// A template was chosen: its fields are asked for, and what its service accepts is told. Behind
/// the templates stand the drafts of other keys.
pub(in crate::tui::app::update) fn chosen(state: &mut State, place: usize) -> Vec<Effect> {
    let templates = &state.configuration.templates;
    if let Some(template) = templates.get(place) {
        let name = template.name.clone();
        return forms::open(state, FormKind::Template(name));
    }
    let other = others(state).into_iter().nth(place - templates.len());
    if let Some((from, _)) = other {
        take_over(state, &from);
    }
    Vec::new()
}

/// The fields of a template, as they were filled last.
pub(in crate::tui::app::update) fn form(state: &State, name: &str) -> Form {
    let Some(template) = state.template(name) else {
        return Form::new(Vec::new());
    };
    let last = state.token.filled.get(name);
    let fields = template.fields.iter().map(|field| {
        let (text, example) = match &field.given {
            Given::Default(text) => (text.as_str(), ""),
            Given::Example(text) => ("", text.as_str()),
        };
        let filled = last.and_then(|values| values.iter().find(|(each, _)| *each == field.name));
        let text = filled.map_or(text, |(_, value)| value);
        Field::text(field.name.clone(), text, hint(field, example))
    });
    Form::new(fields.collect())
}

fn hint(field: &TemplateField, example: &str) -> String {
    if example.is_empty() {
        field.help.clone()
    } else {
        format!("{}: {example}", field.help)
    }
}

/// The draft begins anew from a template. A field that is left empty stays what it was in the
/// template, which is a finding where that is an example.
pub(in crate::tui::app::update) fn accept(
    state: &mut State,
    dialog: FormDialog,
    name: &str,
) -> Vec<Effect> {
    let selected = state.keys.selected();
    let (Some((thumbprint, record)), Some(template)) = (
        selected.map(|(at, key)| (at, Arc::clone(key))),
        state.template(name),
    ) else {
        return Vec::new();
    };
    let values: Vec<(String, String)> = template
        .fields
        .iter()
        .map(|field| {
            (
                field.name.clone(),
                dialog.form.value(&field.name).to_owned(),
            )
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let ttl = state.configuration.settings.defaults.ttl;
    let draft = match Draft::new(&record, template, &values, ttl) {
        Ok(draft) => draft,
        Err(error) => return forms::refuse(state, dialog, error.to_string()),
    };
    state.token.filled.insert(name.to_owned(), values);
    take(state, thumbprint, draft);
    Vec::new()
}

/// What was written for another key becomes the draft of the selected one.
fn take_over(state: &mut State, from: &Thumbprint) {
    let selected = state.keys.selected();
    let (Some((thumbprint, record)), Some(other)) = (selected, state.token.edited(from)) else {
        return;
    };
    let mut draft = other.clone();
    let left_out = draft.sign_with(record);
    take(state, thumbprint, draft);
    if let Some(text) = left_out {
        state.say(Severity::Care, text);
    }
}

/// Puts a draft in the place of the one there is, and says so where that was written by hand.
fn take(state: &mut State, thumbprint: Thumbprint, draft: Draft) {
    if state.token.edited(&thumbprint).is_some() {
        let text = "what was written before is kept: Ctrl-U in an editor brings it back";
        state.say(Severity::Good, text);
    }
    state.token.start_over(thumbprint, draft);
    state.token.mode = Mode::Mint;
    state.token.scroll = Scroll::default();
}

/// The keys that a draft was written for, but for the selected one, by kid.
fn others(state: &State) -> Vec<(Thumbprint, String)> {
    let Some((thumbprint, _)) = state.keys.selected() else {
        return Vec::new();
    };
    let edited = state.token.edited_for_others(&thumbprint);
    let mut others: Vec<(Thumbprint, String)> = edited
        .filter_map(|each| Some((*each, state.keys.record(each)?.kid.clone())))
        .collect();
    others.sort_by(|(_, a), (_, b)| a.cmp(b));
    others
}
