use aws_lc_rs::rand::SystemRandom;
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::{
    jose::{
        algorithm::Algorithm,
        claims::{
            JsonObject,
            fixture::{ALG, claims, header},
        },
        pem::fixture,
        token::{self, signing_input},
        verdict::Outcome,
    },
    secret::Secret,
    tui::{
        app::{
            dialog::{Dialog, FormKind},
            effect::Effect,
            key::Key,
            msg::Msg,
            state::State,
            token_panel::{Part, Preview, Problem},
            update::update,
            waiting::Then,
        },
        fixture::{now, press, problem, select, state, text},
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
        let template = state.template_for(&draft);
        let preview = draft.preview(&record, template, state.now, &state.zone);
        preview
            .map(|_| ())
            .map_err(|problem| (problem.place, problem.to_string()))
    };
    let reason = "claims: line 2, column 21: expected a name in quotes".to_owned();
    assert_eq!(told(&state), Err((Some((2, 21)), reason)));
    assert!(press(&mut state, &[Key::Ctrl('s')]).is_empty());
    press(&mut state, &[Key::Ctrl('u')]);
    assert_eq!(told(&state), Ok(()));
    let effects = press(&mut state, &[Key::Ctrl('s')]);
    assert!(matches!(effects[..], [Effect::Mint { .. }]), "{effects:?}");
}

#[test]
fn a_token_edited_and_not_changed_has_the_signing_input_it_had() {
    let mut state = on("prod-2026-11");
    let header = r#"{ "typ":"JWT", "x":1.10,"alg":"RS256", "kid":"prod-2026-11"}"#;
    let claims = "{\"url\":\"https:\\/\\/a\",\n\t\"n\":12345678901234567890123, \"e\":1E5, \"s\":\"\\u0061\u{202e}\"}";
    let object = |text: &str| JsonObject::parse(text).unwrap();
    let input = signing_input(&object(header), &object(claims));
    let token = format!("{input}.AAAA");
    update(&mut state, Msg::Paste(Secret::new(token)), now());
    press(&mut state, &[Key::Char('E')]);
    assert_eq!(preview(&state).unwrap().signing_input, input);
    // A space more or less is no change; a digit is.
    press(&mut state, &[Key::Down, Key::Home, Key::Char(' ')]);
    assert_eq!(preview(&state).unwrap().signing_input, input);
    press(
        &mut state,
        &[Key::Down, Key::End, Key::Left, Key::Char('4')],
    );
    assert_eq!(
        preview(&state).unwrap().claims.text(),
        "{\"url\":\"https:\\/\\/a\",\"n\":123456789012345678901234,\"e\":1E5,\"s\":\"\\u0061\\u202e\"}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_token_edited_and_not_changed_has_the_signing_input_it_had(
        header in header(),
        claims in claims(),
    ) {
        let mut state = on("prod-2026-11");
        let header = header.replace(ALG, "RS256").replace("\"k\"", "\"prod-2026-11\"");
        let object = |text: &str| JsonObject::parse(text).unwrap();
        let input = signing_input(&object(&header), &object(&claims));
        let token = format!("{input}.AAAA");
        update(&mut state, Msg::Paste(Secret::new(token)), now());
        press(&mut state, &[Key::Char('E')]);
        prop_assert_eq!(preview(&state).unwrap().signing_input, input);
    }
}

#[test]
fn a_token_that_its_service_refuses_is_signed_on_one_more_word() {
    let mut state = on("prod-2026-11");
    choose(&mut state, "apple-client-secret");
    press(&mut state, &[Key::Enter]);
    assert!(press(&mut state, &[Key::Char('m')]).is_empty());
    match &state.dialog {
        Some(Dialog::Form(dialog)) => assert_eq!(
            dialog.kind,
            FormKind::Refused(
                vec![format!(
                    "apple-client-secret takes ES256, not RS256 ({})",
                    state
                        .template("apple-client-secret")
                        .unwrap()
                        .algorithms
                        .source
                        .text()
                )],
                Then::Mint
            )
        ),
        other => panic!("no question: {other:?}"),
    }
    let effects = press(&mut state, &[Key::Enter]);
    assert!(matches!(effects[..], [Effect::Mint { .. }]), "{effects:?}");
}

#[test]
fn what_was_written_for_one_key_can_be_signed_with_another() {
    let mut state = on("prod-2026-11");
    press(
        &mut state,
        &[
            Key::Char('h'),
            Key::Down,
            Key::Down,
            Key::Char(' '),
            Key::Esc,
        ],
    );
    press(&mut state, &[Key::Enter, Key::Down, Key::End]);
    update(
        &mut state,
        Msg::Paste(Secret::new(r#" "mine": 1.0,"#.to_owned())),
        now(),
    );
    press(&mut state, &[Key::Esc]);
    let claims = written(&state, Part::Claims);
    assert!(claims.text().contains(r#""mine":1.0"#));

    select(&mut state, "partner-ec");
    press(&mut state, &[Key::Char('4')]);
    assert_ne!(written(&state, Part::Claims), claims);
    choose(&mut state, "written for prod-2026-11");
    assert_eq!(written(&state, Part::Claims), claims);
    let header = written(&state, Part::Header);
    assert_eq!(
        header.text(),
        r#"{"alg":"ES256","typ":"JWT","kid":"partner-ec"}"#
    );
    assert_eq!(
        state.toast.as_ref().map(|toast| toast.text.as_str()),
        Some(
            "left out x5t: this key has no certificate to fill it from: keyfob cert new makes one"
        )
    );
    // The other key's draft stays its own.
    select(&mut state, "prod-2026-11");
    assert_eq!(written(&state, Part::Claims), claims);
}

#[test]
fn another_template_can_be_undone() {
    let mut state = on("prod-2026-11");
    press(&mut state, &[Key::Enter, Key::Char(' '), Key::Esc]);
    let before = written(&state, Part::Claims);
    choose(&mut state, "snowflake");
    press(&mut state, &[Key::Enter]);
    assert_ne!(written(&state, Part::Claims), before);
    press(&mut state, &[Key::Enter, Key::Ctrl('u')]);
    assert_eq!(written(&state, Part::Claims), before);
    press(&mut state, &[Key::Ctrl('y')]);
    assert_ne!(written(&state, Part::Claims), before);
}

#[test]
fn a_paste_keeps_its_lines_and_cannot_hide_anything() {
    let mut state = on("prod-2026-11");
    press(&mut state, &[Key::Enter, Key::Down, Key::Home]);
    let text = "\"a\": \"x\u{202e}\u{1b}[31m\",\r\n\t\"b\": 1,\r";
    update(&mut state, Msg::Paste(Secret::new(text.to_owned())), now());
    let (_, _, draft) = state.draft().unwrap();
    let lines = draft.text(Part::Claims);
    assert_eq!(
        lines.lines().take(3).collect::<Vec<_>>(),
        ["{", r#""a": "x\u202e\u001b[31m","#, "  \"b\": 1,"]
    );
    assert!(preview(&state).is_ok());
}

#[test]
fn a_token_that_was_edited_leaves_its_key_the_template_it_had() {
    let mut state = on("prod-2026-11");
    let token = signed(r#"{"alg":"RS256"}"#, r#"{"sub":"a"}"#);
    update(&mut state, Msg::Paste(Secret::new(token)), now());
    press(&mut state, &[Key::Char('E')]);
    match &press(&mut state, &[Key::Ctrl('s')])[..] {
        [Effect::Mint { order, .. }] => assert_eq!(order.template, None),
        other => panic!("not minted: {other:?}"),
    }
}

#[test]
fn a_verdict_ends_with_the_time_of_its_token() {
    let mut state = on("prod-2026-11");
    let second = now().as_second();
    let claims = format!(r#"{{"iat":{second},"exp":{}}}"#, second + 90);
    let token = signed(r#"{"alg":"RS256","kid":"prod-2026-11"}"#, &claims);
    update(&mut state, Msg::Paste(Secret::new(token)), now());
    let told = |state: &State| {
        let verdict = &super::decode::decoded(state).unwrap().verdict;
        let exp = verdict.checks.iter().find(|check| check.name == "exp");
        (verdict.outcome, exp.unwrap().detail.clone())
    };
    let valid = |left: &str| {
        (
            Outcome::Valid,
            format!("expires 2026-11-25T14:01:30Z, {left}"),
        )
    };
    assert_eq!(told(&state), valid("in 1 min"));
    // The next change on the screen is the next change of the verdict.
    let turn = |state: &mut State, seconds: i64| {
        let next = state.next_change().unwrap();
        assert_eq!(next, now() + SignedDuration::from_secs(seconds));
        update(state, Msg::Tick, next);
    };
    turn(&mut state, 30);
    assert_eq!(told(&state), valid("in 60 s"));
    turn(&mut state, 31);
    assert_eq!(told(&state), valid("in 59 s"));
    update(&mut state, Msg::Tick, now() + SignedDuration::from_secs(89));
    turn(&mut state, 90);
    let expired = "expired 2026-11-25T14:01:30Z, just now";
    assert_eq!(told(&state), (Outcome::Invalid, expired.to_owned()));
    turn(&mut state, 120);
}

#[test]
fn what_is_wrong_in_either_editor_is_told() {
    let mut state = on("prod-2026-11");
    press(
        &mut state,
        &[
            Key::Enter,
            Key::Down,
            Key::End,
            Key::Char('!'),
            Key::Tab,
            Key::Down,
            Key::End,
            Key::Char('?'),
        ],
    );
    let (_, _, draft) = state.draft().unwrap();
    let first = preview(&state).unwrap_err();
    let told: Vec<String> = draft
        .problems(&first)
        .iter()
        .map(Problem::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "header: line 2, column 18: expected a name in quotes",
            "claims: line 2, column 21: expected a name in quotes"
        ]
    );
    // Each editor has its own steps to undo.
    press(&mut state, &[Key::Ctrl('u')]);
    let first = preview(&state).unwrap_err();
    let (_, _, draft) = state.draft().unwrap();
    assert_eq!(draft.problems(&first).len(), 1);
}

/// A token of the key prod-2026-11.
fn signed(header: &str, claims: &str) -> String {
    let object = |text: &str| JsonObject::parse(text).unwrap();
    let key = fixture::private(fixture::RSA2048);
    let rng = SystemRandom::new();
    token::mint(
        &object(header),
        &object(claims),
        Algorithm::Rs256,
        &key,
        &rng,
    )
    .unwrap()
}

fn preview(state: &State) -> Result<Preview, Problem> {
    let (_, record, draft) = state.draft().unwrap();
    let template = state.template_for(&draft);
    draft.preview(&record, template, state.now, &state.zone)
}
