use crate::{
    keystore::{
        export::{Existing, Form as Written},
        record::Half,
    },
    tui::{
        app::{
            dialog::{Dialog, FormDialog, FormKind},
            effect::{Effect, ExportOrder, Exported},
            form::Input,
            key::Key,
            msg::{NotWritten, Outcome},
            state::{State, Vault},
            task::TaskId,
        },
        fixture::{done, press, problem, state, text},
    },
};

fn form(state: &State) -> &FormDialog {
    match &state.dialog {
        Some(Dialog::Form(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

fn forms(state: &State) -> Vec<String> {
    let fields = form(state).form.fields.iter();
    let mut forms = fields.filter(|field| field.label == "form");
    match &forms.next().unwrap().input {
        Input::Choice { options, .. } => options.clone(),
        other => panic!("no choice: {other:?}"),
    }
}

fn order(effects: &[Effect]) -> (TaskId, &ExportOrder) {
    match effects {
        [Effect::Export { task, order }] => (*task, order),
        other => panic!("nothing is exported: {other:?}"),
    }
}

/// The export of the first key, on the choice of a private form.
fn private(state: &mut State) {
    press(
        state,
        &[Key::Char('e'), Key::Up, Key::Char('p'), Key::Char('r')],
    );
    if form(state).form.value("half") != "private" {
        press(state, &[Key::Right]);
    }
    assert_eq!(form(state).form.value("half"), "private");
    press(state, &[Key::Down]);
}

fn choose(state: &mut State, name: &str) {
    for _ in 0..forms(state).len() {
        if form(state).form.value("form") == name {
            return;
        }
        press(state, &[Key::Right]);
    }
    panic!("{name} is not offered");
}

fn type_into(state: &mut State, label: &str, typed: &str) {
    let Some(Dialog::Form(dialog)) = &mut state.dialog else {
        panic!("no form")
    };
    dialog.form.focus_on(label);
    text(state, typed);
}

#[test]
fn an_export_offers_the_forms_that_the_half_has_and_writes_the_one_chosen() {
    let mut state = state(120, 36);
    let kid = state.keys.selected().unwrap().1.kid.clone();
    press(&mut state, &[Key::Char('e')]);
    assert!(forms(&state).contains(&"spki".to_owned()));
    assert!(!forms(&state).contains(&"pkcs8".to_owned()));
    choose(&mut state, "spki");
    let effects = press(&mut state, &[Key::Enter]);
    let (_, order) = order(&effects);
    let Exported::Of {
        record,
        form,
        half,
        passphrase,
    } = &order.exported
    else {
        panic!("{order:?}")
    };
    assert_eq!(
        (&record.kid, *form, *half, passphrase.is_none()),
        (&kid, Written::Spki, Half::PublicOnly, true)
    );
    assert_eq!(
        order.path.to_str(),
        Some(format!("{kid}.public.pem").as_str())
    );
    assert_eq!(order.existing, Existing::Refuse);
}

#[test]
fn a_private_form_wants_the_first_letters_of_the_kid() {
    let mut state = state(120, 36);
    state.vault = Vault::Open;
    let kid = state.keys.selected().unwrap().1.kid.clone();
    private(&mut state);
    assert!(forms(&state).contains(&"pkcs8".to_owned()));
    assert!(!forms(&state).contains(&"spki".to_owned()));
    choose(&mut state, "pkcs8");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let reason = "type the first letters of its kid: the private key leaves the keystore";
    assert_eq!(problem(&state), Some(reason));
    text(&mut state, "x");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(problem(&state), Some(reason));
    press(&mut state, &[Key::Backspace]);
    text(&mut state, &kid[..4]);
    let effects = press(&mut state, &[Key::Enter]);
    let (_, order) = order(&effects);
    assert_eq!(order.path.to_str(), Some(format!("{kid}.key.pem").as_str()));
    assert!(matches!(
        order.exported,
        Exported::Of {
            half: Half::Private,
            form: Written::Pkcs8,
            passphrase: None,
            ..
        }
    ));
}

#[test]
fn a_form_that_is_always_sealed_wants_its_passphrase_twice() {
    let mut state = state(120, 36);
    state.vault = Vault::Open;
    let kid = state.keys.selected().unwrap().1.kid.clone();
    private(&mut state);
    choose(&mut state, "pkcs8-enc");
    type_into(&mut state, "kid", &kid[..4]);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(
        problem(&state),
        Some("type a passphrase: it seals the file")
    );
    text(&mut state, "open sesame");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(
        problem(&state),
        Some("type it once more: nobody can bring it back")
    );
    text(&mut state, "open sesam");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(problem(&state), Some("the two differ"));
    text(&mut state, "e");
    let effects = press(&mut state, &[Key::Enter]);
    let Exported::Of {
        passphrase: Some(passphrase),
        ..
    } = &order(&effects).1.exported
    else {
        panic!("{effects:?}")
    };
    assert_eq!(passphrase.expose(), "open sesame");
    assert!(!format!("{effects:?}").contains("sesame"));
}

#[test]
fn a_locked_keystore_asks_for_its_passphrase_before_a_private_half_leaves_it() {
    let mut state = state(120, 36);
    state.vault = Vault::Locked;
    let kid = state.keys.selected().unwrap().1.kid.clone();
    private(&mut state);
    choose(&mut state, "pkcs8");
    type_into(&mut state, "kid", &kid[..4]);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert!(matches!(form(&state).kind, FormKind::Unlock(_)));
    // Esc brings back what was typed.
    press(&mut state, &[Key::Esc]);
    assert_eq!(form(&state).form.value("kid"), &kid[..4]);
    press(&mut state, &[Key::Enter]);
    text(&mut state, "p");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::Unlock { task, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let effects = done(&mut state, *task, Outcome::Unlocked(Ok(())));
    let exports = effects.iter().filter(|effect| {
        matches!(effect, Effect::Export { order, .. } if order.path.to_str()
            == Some(format!("{kid}.key.pem").as_str()))
    });
    assert_eq!(exports.count(), 1, "{effects:?}");
}

#[test]
fn a_file_in_the_way_is_replaced_only_after_a_word() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[Key::Char('e'), Key::Enter]);
    let (task, _) = order(&effects);
    let there = NotWritten::ThereAlready("k.jwk".to_owned());
    done(&mut state, task, Outcome::Exported(Err(there)));
    assert_eq!(
        problem(&state),
        Some("k.jwk is there already. ⏎ once more replaces it")
    );
    let effects = press(&mut state, &[Key::Enter]);
    assert_eq!(order(&effects).1.existing, Existing::Replace);
}

#[test]
fn another_name_takes_the_word_back() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[Key::Char('e'), Key::Enter]);
    let (task, _) = order(&effects);
    let there = NotWritten::ThereAlready("k.jwk".to_owned());
    done(&mut state, task, Outcome::Exported(Err(there)));
    type_into(&mut state, "file", "2");
    let effects = press(&mut state, &[Key::Enter]);
    assert_eq!(order(&effects).1.existing, Existing::Refuse);
}
