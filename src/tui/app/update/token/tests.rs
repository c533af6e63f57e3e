use crate::{
    jose::claims::JsonObject,
    tui::{
        app::{
            dialog::{Dialog, FormKind},
            effect::Effect,
            key::Key,
            state::State,
            token_panel::Part,
        },
        fixture::{press, problem, select, state, text},
    },
};

/// Panel 4 on a key.
fn on(kid: &str) -> State {
    let mut state = state(120, 36);
    select(&mut state, kid);
    press(&mut state, &[Key::Char('4')]);
    state
}

fn choose(state: &mut State, template: &str) {
    press(state, &[Key::Char('t')]);
    text(state, template);
    press(state, &[Key::Enter]);
}

fn written(state: &State, part: Part) -> JsonObject {
    let (_, _, draft) = state.draft().unwrap();
    draft.parsed(part).unwrap()
}

#[test]
fn the_fields_of_a_template_fill_its_claims_and_are_there_again() {
    let mut state = on("prod-2026-11");
    choose(&mut state, "snowflake");
    text(&mut state, "ACME-EU");
    press(&mut state, &[Key::Tab]);
    text(&mut state, "BOB");
    assert_eq!(press(&mut state, &[Key::Enter]).len(), 0);
    let claims = written(&state, Part::Claims);
    assert_eq!(claims.members()["sub"], "ACME-EU.BOB");

    select(&mut state, "partner-ec");
    choose(&mut state, "snowflake");
    match &state.dialog {
        Some(Dialog::Form(dialog)) => {
            assert_eq!(dialog.kind, FormKind::Template("snowflake".to_owned()));
            assert_eq!(dialog.form.value("account"), "ACME-EU");
        }
        other => panic!("no form: {other:?}"),
    }
    // What the other key's draft says is its own.
    press(&mut state, &[Key::Esc]);
    select(&mut state, "prod-2026-11");
    assert_eq!(written(&state, Part::Claims), claims);
}

#[test]
fn a_field_that_is_no_json_is_refused_beside_it() {
    let mut state = on("prod-2026-11");
    choose(&mut state, "zoom");
    let Some(Dialog::Form(dialog)) = &state.dialog else {
        panic!("no form");
    };
    let labels: Vec<String> = dialog
        .form
        .fields
        .iter()
        .map(|field| field.label.to_string())
        .collect();
    let place = labels.iter().position(|label| label == "role").unwrap();
    press(&mut state, &vec![Key::Tab; place]);
    press(&mut state, &[Key::Ctrl('u')]);
    text(&mut state, "host");
    press(&mut state, &[Key::Enter]);
    assert_eq!(
        problem(&state),
        Some("zoom: role is JSON, a number for example: expected value")
    );
}

#[test]
fn header_members_are_filled_from_the_certificate_and_taken_away_again() {
    let mut state = on("prod-2026-11");
    let before = written(&state, Part::Header);
    press(
        &mut state,
        &[Key::Char('h'), Key::Down, Key::Down, Key::Char(' ')],
    );
    let with = written(&state, Part::Header);
    let names: Vec<&String> = with.members().keys().collect();
    assert_eq!(names, ["alg", "typ", "kid", "x5t"]);
    assert_eq!(with.members()["x5t"].as_str().unwrap().len(), 27);
    press(&mut state, &[Key::Char(' ')]);
    assert_eq!(written(&state, Part::Header), before);
}

#[test]
fn a_key_without_a_certificate_fills_no_member_from_it() {
    let mut state = on("partner-ec");
    let before = written(&state, Part::Header);
    press(
        &mut state,
        &[Key::Char('h'), Key::Down, Key::Down, Key::Char(' ')],
    );
    assert_eq!(written(&state, Part::Header), before);
    assert_eq!(
        state.toast.as_ref().map(|toast| toast.text.as_str()),
        Some("x5t: this key has no certificate to fill it from: keyfob cert new makes one")
    );
}

#[test]
fn what_is_typed_wrong_is_told_with_its_place_and_not_signed() {
    let mut state = on("prod-2026-11");
    press(
        &mut state,
        &[Key::Enter, Key::Down, Key::End, Key::Char('!')],
    );
    let told = |state: &State| {
        let (_, record, draft) = state.draft().unwrap();
        let template = state.template(&draft.template);
        let preview = draft.preview(&record, template, state.now, &state.zone);
        preview
            .map(|_| ())
            .map_err(|problem| (problem.place, problem.to_string()))
    };
    let reason = "claims: line 2, column 21: key must be a string".to_owned();
    assert_eq!(told(&state), Err((Some((2, 21)), reason)));
    assert!(press(&mut state, &[Key::Ctrl('s')]).is_empty());
    press(&mut state, &[Key::Ctrl('u')]);
    assert_eq!(told(&state), Ok(()));
    let effects = press(&mut state, &[Key::Ctrl('s')]);
    assert!(matches!(effects[..], [Effect::Mint { .. }]), "{effects:?}");
}
