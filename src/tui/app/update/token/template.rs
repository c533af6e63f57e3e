//! Panel 4: the template that a draft begins with, and its fields.

use std::sync::Arc;

use crate::{
    jose::template::{Field as TemplateField, Given},
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

/// A template was chosen: its fields are asked for, and what its service accepts is told.
pub(in crate::tui::app::update) fn chosen(state: &mut State, name: &str) -> Vec<Effect> {
    forms::open(state, FormKind::Template(name.to_owned()))
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
    state.token.start_over(&thumbprint);
    state.token.keep(thumbprint, draft);
    state.token.mode = Mode::Mint;
    state.token.scroll = Scroll::default();
    Vec::new()
}
