use std::sync::Arc;

use jiff::SignedDuration;

use super::*;
use crate::{
    jose::{
        algorithm::{Algorithm, SignatureAlgorithm},
        claims::JsonObject,
        header::header_for,
        pem::fixture::{RSA2048, private},
        token,
        verdict::Outcome as Judgement,
    },
    keystore::store::Sealed,
    registry::answer::{Done, Receipt},
    secret::Secret,
    tui::{
        app::{
            dialog::{Act, FormKind, Send},
            keys_panel::Row,
            line::SecretLine,
            msg::{Minted, Mouse, MouseKind, NotImported, Outcome, Refusal},
            register_panel::Standing,
            task::TaskId,
            token_panel::Mode,
        },
        fixture::{done, empty, now, press, problem, records, sandbox, select, state, text},
    },
};

const N: Key = Key::Char('n');
const R: Key = Key::Char('r');
const M: Key = Key::Char('m');
const Y: Key = Key::Char('y');

fn generated(effects: &[Effect]) -> TaskId {
    match effects {
        [Effect::Generate { task, .. }] => *task,
        other => panic!("no key is generated: {other:?}"),
    }
}

fn minted(state: &State) -> Minted {
    let record = Arc::clone(state.keys.selected().unwrap().1);
    let claims = JsonObject::parse(r#"{"sub":"john.doe","exp":1795633440}"#).unwrap();
    let algorithm = SignatureAlgorithm::Asymmetric(record.alg);
    let header = header_for(algorithm, "JWT", Some(&record.kid));
    let key = private(RSA2048);
    let rng = aws_lc_rs::rand::SystemRandom::new();
    let token = token::mint(&header, &claims, Algorithm::Rs256, &key, &rng).unwrap();
    Minted {
        record,
        template: Some("gooddata".to_owned()),
        token: Secret::new(token),
        header,
        claims,
    }
}

fn send(state: &State) -> &Send {
    match &state.dialog {
        Some(Dialog::Send(send)) => send,
        other => panic!("no request is shown: {other:?}"),
    }
}

/// The cursor on the key of that kid.
#[test]
fn the_six_keys_typed_ahead_do_everything_in_their_order() {
    let mut state = empty(120, 36, Vault::Open);
    let task = generated(&press(&mut state, &[N, Key::Enter]));
    // r waits for the key; the rest waits behind it.
    assert!(press(&mut state, &[R, Key::Enter, M, Y]).is_empty());

    let record = Arc::new(records().remove(0));
    let effects = done(&mut state, task, Outcome::Generated(Ok(record)));
    let [Effect::StartSandbox { task }] = effects[..] else {
        panic!("{effects:?}")
    };
    let effects = done(&mut state, task, Outcome::Sandbox(Ok(sandbox())));
    let [Effect::Register { task, endpoint, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(endpoint, SANDBOX);
    let receipt = Receipt {
        remarks: Vec::new(),
        done: Done::Created,
        id: "prod-2026-11".to_owned(),
        differed: Vec::new(),
        exchanges: Vec::new(),
        evidence: crate::keystore::record::Evidence::Seen,
    };
    let effects = done(&mut state, *task, Outcome::Registered(Ok(receipt)));
    let [Effect::ListKeys, Effect::Mint { task, order }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.template.as_deref(), Some("gooddata"));
    let outcome = Outcome::Minted(Ok(Box::new(minted(&state))));
    let effects = done(&mut state, *task, outcome);
    let [Effect::Present { url, .. }, Effect::Copy { what, text, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(url, "http://127.0.0.1:3001/api/v1/profile");
    assert_eq!(what, "token");
    assert!(text.expose().starts_with("eyJ"));
    assert_eq!(state.focus, Panel::Token);
}

#[test]
fn a_key_being_made_stands_in_the_list_and_esc_takes_it_away() {
    let mut state = empty(80, 24, Vault::Open);
    let task = generated(&press(&mut state, &[N, Key::Enter]));
    assert_eq!(state.keys.selected_pending(), Some(task));
    let effects = press(&mut state, &[Key::Esc]);
    assert!(matches!(effects[..], [Effect::Cancel(cancelled)] if cancelled == task));
    assert_eq!(state.keys.count(), 0);
    // What comes all the same is read from the folder, not taken for an answer.
    let record = Arc::new(records().remove(0));
    let effects = done(&mut state, task, Outcome::Generated(Ok(record)));
    assert!(matches!(effects[..], [Effect::ListKeys]));
}

#[test]
fn esc_while_a_key_waits_drops_the_keys_that_were_pressed_meanwhile() {
    let mut state = empty(120, 36, Vault::Open);
    let task = generated(&press(&mut state, &[N, Key::Enter]));
    press(&mut state, &[R, Key::Enter, Key::Esc]);
    let record = Arc::new(records().remove(0));
    assert!(done(&mut state, task, Outcome::Generated(Ok(record))).is_empty());
    assert!(state.dialog.is_none());
}

#[test]
fn the_first_start_asks_twice_and_never_loses_a_typing_error() {
    let mut state = empty(120, 36, Vault::Missing);
    assert!(start(&mut state, None).is_empty());
    text(&mut state, "hunter2");
    press(&mut state, &[Key::Enter]);
    assert_eq!(
        problem(&state),
        Some("type it once more: nobody can bring it back")
    );
    text(&mut state, "hunter3");
    press(&mut state, &[Key::Enter]);
    assert_eq!(problem(&state), Some("the two differ"));
    press(&mut state, &[Key::Backspace, Key::Char('2')]);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::CreateKeystore { task, protection }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(matches!(protection, Protection::Passphrase(secret) if secret.expose() == "hunter2"));
    done(&mut state, *task, Outcome::Created(Ok(Sealed::Passphrase)));
    assert_eq!(state.vault, Vault::Unlocked);
    assert_eq!(
        state.lock_at(),
        Some(now() + SignedDuration::from_secs(300))
    );
}

#[test]
fn no_passphrase_is_chosen_only_by_a_second_enter() {
    let mut state = empty(120, 36, Vault::Missing);
    start(&mut state, None);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert!(problem(&state).unwrap().contains("whoever reads the files"));
    let effects = press(&mut state, &[Key::Enter]);
    assert!(matches!(
        effects[..],
        [Effect::CreateKeystore {
            protection: Protection::None,
            ..
        }]
    ));
}

#[test]
fn minting_with_locked_keys_asks_for_the_passphrase_and_goes_on() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    press(&mut state, &[Key::Char('L')]);
    assert_eq!(state.vault, Vault::Locked);
    assert!(press(&mut state, &[M]).is_empty());
    for (passphrase, outcome) in [
        ("wrong", Err("wrong passphrase".to_owned())),
        ("right", Ok(())),
    ] {
        press(&mut state, &[Key::Ctrl('u')]);
        text(&mut state, passphrase);
        let effects = press(&mut state, &[Key::Enter]);
        let [Effect::Unlock { task, .. }] = &effects[..] else {
            panic!("{effects:?}")
        };
        let effects = done(&mut state, *task, Outcome::Unlocked(outcome.clone()));
        match outcome {
            Err(_) => assert_eq!(problem(&state), Some("wrong passphrase")),
            Ok(()) => assert!(matches!(effects[..], [Effect::Mint { .. }]), "{effects:?}"),
        }
    }
}

#[test]
fn the_keys_lock_when_nobody_does_anything_and_take_every_token_along() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    let effects = press(&mut state, &[M]);
    let [Effect::Mint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let outcome = Outcome::Minted(Ok(Box::new(minted(&state))));
    done(&mut state, task, outcome);
    assert_eq!(state.token.minted.len(), 1);
    let later = now() + SignedDuration::from_secs(300);
    let effects = update(&mut state, Msg::Tick, later);
    assert!(matches!(effects[..], [Effect::Lock]));
    assert_eq!(state.vault, Vault::Locked);
    assert!(state.token.minted.is_empty());
}

#[test]
fn the_request_is_shown_before_it_is_sent_and_follows_the_endpoint() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    state.sandbox.found(sandbox(), now());
    press(&mut state, &[R]);
    let shown = &send(&state).plan.as_ref().unwrap()[0];
    assert_eq!(
        shown.lines[..4],
        [
            "POST http://127.0.0.1:3001/api/v1/entities/jwks",
            "Accept: application/vnd.gooddata.api+json",
            "Content-Type: application/vnd.gooddata.api+json",
            "Authorization: Bearer ••••",
        ]
    );
    press(&mut state, &[Key::Down]);
    let shown = &send(&state).plan.as_ref().unwrap()[0];
    assert_eq!(
        shown.lines[0],
        "POST https://acme.cloud.gooddata.com/api/v1/entities/jwks"
    );
    let effects = press(&mut state, &[Key::Enter]);
    assert!(
        matches!(&effects[..], [Effect::Register { endpoint, .. }] if endpoint == "gooddata-eu")
    );
    // The endpoint used last is offered first.
    assert_eq!(state.first_endpoint(), "gooddata-eu");
}

#[test]
fn a_key_that_does_not_fit_the_service_is_told_and_not_sent() {
    let mut state = state(120, 36);
    select(&mut state, "partner-ec");
    state.register.used = Some("gooddata-eu".to_owned());
    press(&mut state, &[R]);
    assert_eq!(
        send(&state).plan,
        Err("GoodData takes RS256, RS384 or RS512; this key is ES256".to_owned())
    );
    // Enter opens the form of a key that fits.
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(form.form.value("algorithm"), "RS256");
}

#[test]
fn a_refusal_stays_on_the_screen_and_drops_the_keys_typed_ahead() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    state.sandbox.found(sandbox(), now());
    let effects = press(&mut state, &[R, Key::Enter, M]);
    let [Effect::Register { task, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let refusal = Refusal {
        summary: "sandbox refused with 401".to_owned(),
        exchanges: Vec::new(),
    };
    assert!(done(&mut state, *task, Outcome::Registered(Err(refusal))).is_empty());
    let failure = send(&state).failure.as_ref().unwrap();
    assert_eq!(failure.summary, "sandbox refused with 401");
    assert_eq!(send(&state).act, Act::Register);
}

#[test]
fn a_registration_that_is_cancelled_is_neither_done_nor_undone() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    state.sandbox.found(sandbox(), now());
    press(&mut state, &[R, Key::Enter, Key::Esc]);
    let (thumbprint, record) = state.keys.selected().unwrap();
    assert_eq!(
        state.standing(thumbprint, record, SANDBOX),
        Standing::Unknown("cancelled: Ctrl-R asks what became of it".to_owned())
    );
}

#[test]
fn what_the_key_file_says_of_a_sandbox_ends_with_the_sandbox() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    let mut record = (**state.keys.selected().unwrap().1).clone();
    record.registrations[0].endpoint = SANDBOX.to_owned();
    state.keys.put(&Arc::new(record), None);
    let standing = |state: &State| {
        let (thumbprint, record) = state.keys.selected().unwrap();
        state.standing(thumbprint, record, SANDBOX)
    };
    assert_eq!(standing(&state), Standing::NoSandbox);
    state.sandbox.found(sandbox(), now());
    assert_eq!(standing(&state), Standing::NotThere);
}

#[test]
fn letters_are_text_while_a_text_has_the_keys() {
    let mut state = state(120, 36);
    press(&mut state, &[Key::Char('/')]);
    text(&mut state, "qn");
    assert_eq!(state.keys.filter.as_ref().unwrap().line.text(), "qn");
    press(&mut state, &[Key::Esc, Key::Char('4'), Key::Enter]);
    assert!(state.is_editing());
    assert!(text(&mut state, "q").is_empty());
    let (thumbprint, _) = state.keys.selected().unwrap();
    let claims = state.token.edited(&thumbprint).unwrap().claims.lines()[0].clone();
    assert_eq!(claims, "q{");
}

#[test]
fn the_filter_finds_fuzzily_and_esc_shows_all_again() {
    let mut state = state(120, 36);
    press(&mut state, &[Key::Char('/')]);
    text(&mut state, "pec");
    let names: Vec<&str> = state.keys.shown().map(Row::name).collect();
    assert_eq!(names, ["partner-ec"]);
    press(&mut state, &[Key::Esc]);
    assert_eq!(state.keys.shown().len(), 4);
}

#[test]
fn a_pasted_token_is_taken_apart_and_checked_with_the_key_it_names() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    let token = minted(&state).token.expose().clone();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{signed}.{other}{}", &signature[1..]);
    for (pasted, expected) in [
        (format!("Bearer {token}\n"), Judgement::Valid),
        (tampered, Judgement::Invalid),
    ] {
        update(&mut state, Msg::Paste(Secret::new(pasted)), now());
        assert_eq!(state.token.mode, Mode::Decode);
        let decoded = state.token.decoded.as_ref().unwrap();
        let judged = decoded.result.as_ref().unwrap();
        assert_eq!(judged.verdict.outcome, expected);
        assert_eq!(judged.checked_with.as_deref(), Some("prod-2026-11"));
    }
}

#[test]
fn a_draft_that_is_no_json_is_told_and_not_signed() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    press(&mut state, &[Key::Char('4'), Key::Enter, Key::Char('x')]);
    assert!(press(&mut state, &[Key::Ctrl('s')]).is_empty());
    let toast = state.toast.as_ref().unwrap();
    assert_eq!(toast.text, "claims: line 1, column 1: expected value");
    press(&mut state, &[Key::Ctrl('u')]);
    let effects = press(&mut state, &[Key::Ctrl('s')]);
    assert!(matches!(effects[..], [Effect::Mint { .. }]), "{effects:?}");
}

#[test]
fn a_form_that_was_left_comes_back_as_it_was() {
    let mut state = state(120, 36);
    press(&mut state, &[N]);
    text(&mut state, "-x");
    press(&mut state, &[Key::Esc, N]);
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!("no form")
    };
    assert_eq!(form.kind, FormKind::NewKey);
    assert_eq!(form.form.value("kid"), "key-2026-11-25-x");
}

#[test]
fn a_kid_that_cannot_be_is_told_beside_the_field() {
    let mut state = state(120, 36);
    press(&mut state, &[N, Key::Ctrl('u')]);
    text(&mut state, "../x");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert!(problem(&state).unwrap().starts_with("\"../x\" is no kid"));
    press(&mut state, &[Key::Ctrl('u')]);
    text(&mut state, "edge");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(problem(&state), Some("there is a key edge already"));
}

#[test]
fn suspending_locks_and_signals_end_with_their_number() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[Key::Ctrl('z')]);
    assert!(matches!(effects[..], [Effect::Lock, Effect::Suspend]));
    let effects = update(&mut state, Msg::Signal(15), now());
    assert!(matches!(effects[..], [Effect::Quit(Leave::Signal(15))]));
}

#[test]
fn nothing_wakes_an_app_that_shows_nothing_that_changes() {
    let mut state = state(120, 36);
    assert_eq!(state.next_change(), state.lock_at());
    press(&mut state, &[Key::Char('L')]);
    let toast_ends = state.toast.as_ref().unwrap().until;
    assert_eq!(state.next_change(), Some(toast_ends));
    update(&mut state, Msg::Tick, toast_ends);
    assert_eq!(state.next_change(), None);
}

#[test]
fn a_click_chooses_the_row_under_it_and_gives_its_panel_the_keys() {
    let mut state = state(120, 36);
    let click = |column, row| {
        Msg::Mouse(Mouse {
            kind: MouseKind::Click,
            column,
            row,
        })
    };
    update(&mut state, click(5, 4), now());
    assert_eq!(state.keys.selected_row().unwrap().name(), "prod-2026-11");
    update(&mut state, click(80, 3), now());
    assert_eq!(
        (state.focus, state.register.scroll),
        (Panel::Register, Scroll(1))
    );
}

#[test]
fn every_action_of_the_table_can_be_asked_for_in_every_panel_without_a_panic() {
    for panel in Panel::ALL {
        for binding in super::super::action::TABLE {
            for mut state in [state(80, 24), empty(120, 36, Vault::Open)] {
                state.focus = panel;
                perform(&mut state, binding.action);
            }
        }
    }
}

#[test]
fn the_passphrase_of_a_file_goes_with_its_name_and_is_not_kept() {
    let mut state = state(120, 36);
    press(&mut state, &[Key::Char('i')]);
    text(&mut state, "key.p12");
    press(&mut state, &[Key::Down]);
    text(&mut state, "s3cret");
    let effects = press(&mut state, &[Key::Enter]);
    let [
        Effect::Import {
            task, passphrase, ..
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(
        passphrase.as_ref().map(|each| each.expose().as_str()),
        Some("s3cret")
    );
    assert!(!format!("{effects:?}").contains("s3cret"));
    let reason = NotImported::Refused("no key to import".to_owned());
    done(&mut state, *task, Outcome::Imported(Err(reason)));
    assert_eq!(problem(&state), Some("no key to import"));
    press(&mut state, &[Key::Esc, Key::Char('i')]);
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!("no form")
    };
    assert_eq!(form.form.value("file"), "key.p12");
    assert_eq!(
        form.form.secret("passphrase").map(SecretLine::length),
        Some(0)
    );
}

#[test]
fn the_palette_does_the_acts_of_every_panel_there() {
    let mut state = state(120, 36);
    state.focus = Panel::Activity;
    press(&mut state, &[Key::Char(':')]);
    text(&mut state, "start-stop");
    let effects = press(&mut state, &[Key::Enter]);
    assert!(
        matches!(effects[..], [Effect::StartSandbox { .. }]),
        "{effects:?}"
    );
    assert_eq!(state.focus, Panel::Sandbox);
}
