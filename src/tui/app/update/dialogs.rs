//! Key presses while a dialog stands before the panels.

use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::record::{Half, Status},
    tui::app::{
        action::{Action, Context, TABLE},
        activity::Severity,
        dialog::{Dialog, FormKind, Menu, MenuKind, MenuRow, TextDialog},
        effect::{Effect, Target},
        key::Key,
        keys_panel::ranked,
        layout,
        line::Typed,
        panel::Panel,
        rich::wrapped,
        scroll::Scroll,
        state::State,
    },
};

/// A key press in the dialog that is open.
pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    match state.dialog.take() {
        Some(Dialog::Batch(batch)) => super::registration::batch_pressed(state, batch, key),
        Some(Dialog::Checklist(list)) => super::checklist::pressed(state, list, key),
        Some(Dialog::Confirm(confirm)) => super::clients::pressed(state, confirm, key),
        Some(Dialog::Form(form)) => super::forms::pressed(state, form, key),
        Some(Dialog::Menu(menu)) => menu_pressed(state, menu, key),
        Some(Dialog::Rotation(guide)) => super::rotation::pressed(state, guide, key),
        Some(Dialog::Send(send)) => super::registration::pressed(state, send, key),
        Some(Dialog::Text(text)) => text_pressed(state, text, key),
        None => Vec::new(),
    }
}

/// The wheel over a dialog.
pub(super) fn scrolled(state: &mut State, action: Action) -> Vec<Effect> {
    let key = match action {
        Action::Up => Key::Up,
        _ => Key::Down,
    };
    match state.dialog {
        // The wheel is no answer to a question.
        Some(Dialog::Form(_) | Dialog::Send(_)) | None => Vec::new(),
        Some(
            Dialog::Batch(_)
            | Dialog::Checklist(_)
            | Dialog::Confirm(_)
            | Dialog::Menu(_)
            | Dialog::Rotation(_)
            | Dialog::Text(_),
        ) => pressed(state, key),
    }
}

/// `C`: what can be done about the certificate of the selected key.
pub(super) fn certificate(state: &mut State) -> Vec<Effect> {
    let rows = certificate_acts(state).into_iter();
    let rows = rows.map(|(text, detail, _)| MenuRow {
        text: text.to_owned(),
        detail: detail.to_owned(),
        key: String::new(),
    });
    let menu = Menu::new(MenuKind::Certificate, rows.collect());
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// The acts, what they are, and the form that asks for more. What takes a private half is not
/// offered where there is none.
fn certificate_acts(state: &State) -> Vec<(&'static str, &'static str, FormKind)> {
    let Some((thumbprint, record)) = state.keys.selected() else {
        return Vec::new();
    };
    let mut acts = Vec::new();
    if record.half == Half::Private {
        acts.push((
            "new",
            "a certificate by a profile, signed by the key itself",
            FormKind::Certificate(thumbprint),
        ));
        if record.leaf().is_some() {
            acts.push((
                "renew",
                "the same certificate with a new life",
                FormKind::RenewCertificate(thumbprint),
            ));
        }
        acts.push((
            "request",
            "a CSR (PKCS#10) for a CA to sign",
            FormKind::CertificateRequest(thumbprint),
        ));
    }
    acts.push((
        "import",
        "what the CA sent back, with or without its chain",
        FormKind::ImportCertificate(thumbprint),
    ));
    acts
}

/// The palette: every action that can do something now.
pub(super) fn palette(state: &mut State) -> Vec<Effect> {
    let rows = palette_actions(state).into_iter().map(|place| {
        let binding = &TABLE[place];
        let key = state.keymap.shown(binding.context, binding.action);
        MenuRow {
            text: binding.name.to_owned(),
            detail: binding.description.to_owned(),
            key: key.map_or_else(String::new, |key| key.to_string()),
        }
    });
    let menu = Menu::new(MenuKind::Palette, rows.collect());
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// The places in the table of what the palette offers.
fn palette_actions(state: &State) -> Vec<usize> {
    (0..TABLE.len())
        .filter(|place| {
            let binding = &TABLE[*place];
            !matches!(binding.context, Context::Editor | Context::Dialog)
                && super::is_available(state, binding.action)
        })
        .collect()
}

fn menu_pressed(state: &mut State, mut menu: Menu, key: Key) -> Vec<Effect> {
    let page = usize::from(state.size.1 / 2);
    let action = match key {
        Key::Esc => return Vec::new(),
        Key::Char(' ') if menu.kind == MenuKind::Columns => {
            return super::arranging::column_toggled(state, menu);
        }
        Key::Char(' ') if menu.kind == MenuKind::Faults => {
            return super::faults::toggled(state, menu);
        }
        Key::Char(' ') if menu.kind == MenuKind::Header => {
            return super::token::header::toggled(state, menu);
        }
        Key::Enter if matches!(menu.kind, MenuKind::Faults | MenuKind::Header) => {
            return Vec::new();
        }
        Key::Enter => return chosen(state, &menu),
        Key::Up | Key::BackTab => Action::Up,
        Key::Down | Key::Tab => Action::Down,
        Key::PageUp => Action::PageUp,
        Key::PageDown => Action::PageDown,
        key => {
            if menu.filter.press(key) == Typed::Taken {
                filter(&mut menu);
            }
            Action::Redraw
        }
    };
    menu.scroll.moved(action, menu.shown.len(), page);
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// Shows the rows that match what is typed.
pub(super) fn filter(menu: &mut Menu) {
    let text = menu.filter.text();
    menu.shown = if text.is_empty() {
        (0..menu.rows.len()).collect()
    } else {
        let rows = &menu.rows;
        ranked(text, rows.len(), |place| {
            format!("{} {}", rows[place].text, rows[place].detail)
        })
    };
    menu.scroll = Scroll::default();
}

fn chosen(state: &mut State, menu: &Menu) -> Vec<Effect> {
    let Some(place) = menu.chosen() else {
        return Vec::new();
    };
    match menu.kind {
        MenuKind::Certificate => match certificate_acts(state).into_iter().nth(place) {
            Some((.., form)) => super::forms::open(state, form),
            None => Vec::new(),
        },
        MenuKind::Copy => {
            let thing = super::copy::choices(state).into_iter().nth(place);
            thing.map(super::copy::effect).into_iter().collect()
        }
        MenuKind::Palette => {
            let Some(binding) = palette_actions(state)
                .get(place)
                .map(|place| &TABLE[*place])
            else {
                return Vec::new();
            };
            // An act of another panel is done there.
            let mut panels = Panel::ALL.into_iter();
            if let Some(panel) = panels.find(|panel| {
                let context = panel.context();
                context == binding.context || binding.context.outer() == Some(context)
            }) {
                super::focus(state, panel);
            }
            super::perform(state, binding.action)
        }
        MenuKind::Columns | MenuKind::Faults | MenuKind::Header => Vec::new(),
        MenuKind::Endpoints => {
            let choices = super::forms::endpoint::choices(state);
            match choices.into_iter().nth(place) {
                Some((of, _)) => super::forms::open(state, FormKind::Endpoint(of)),
                None => Vec::new(),
            }
        }
        MenuKind::Found => {
            super::token::decode::found_chosen(state, place);
            Vec::new()
        }
        MenuKind::Sort => super::arranging::order_chosen(state, place),
        MenuKind::Status => match Status::ALL.get(place) {
            Some(status) => super::several::status_chosen(state, *status),
            None => Vec::new(),
        },
        MenuKind::Template => super::token::template::chosen(state, place),
        MenuKind::Trash => match Thumbprint::from_hex(&menu.rows[place].detail) {
            Some(thumbprint) => {
                let kid = menu.rows[place].text.clone();
                super::several::restore(state, vec![Target { kid, thumbprint }])
            }
            None => {
                state.say(Severity::Bad, "the trash changed: look again");
                Vec::new()
            }
        },
    }
}

fn text_pressed(state: &mut State, mut text: TextDialog, key: Key) -> Vec<Effect> {
    let action = match key {
        Key::Esc | Key::Enter | Key::Char('q') => return Vec::new(),
        Key::Char(digit @ '1'..='9') if !text.acts.is_empty() => {
            let place = digit
                .to_digit(10)
                .and_then(|digit| usize::try_from(digit).ok());
            if let Some(act) = place.and_then(|place| text.acts.get(place - 1)) {
                return super::token::remedy::perform(state, act);
            }
            Some(Action::Redraw)
        }
        Key::Char('y') => {
            let copy = text.copy.clone();
            state.dialog = Some(Dialog::Text(text));
            return copy
                .map(|text| {
                    super::copy::effect(super::copy::Copyable {
                        what: "text".to_owned(),
                        text,
                        sensitivity: Sensitivity::Public,
                    })
                })
                .into_iter()
                .collect();
        }
        key => state.keymap.action(Context::Everywhere, key),
    };
    if let Some(action) = action {
        let (columns, rows) = state.size;
        let page = usize::from(rows.saturating_sub(6)).max(1);
        let width = usize::from(layout::dialog_columns(columns)).saturating_sub(4);
        let count = wrapped(&text.body, width, 2).len();
        let last_page = count.saturating_sub(page) + 1;
        text.scroll.moved(action, last_page, page);
    }
    state.dialog = Some(Dialog::Text(text));
    Vec::new()
}
