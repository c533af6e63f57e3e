use std::sync::Arc;

use crate::{
    jose::pem::{
        detect,
        fixture::{P256, P384, P521},
    },
    keystore::import::{Offer, Standing},
    oauth::key_place::KeyPlace,
    secret::Secret,
    tui::{
        app::{
            dialog::{Completions, Dialog},
            effect::{Effect, Source},
            key::Key,
            msg::{Completion, NotImported, Offered, Outcome},
            state::State,
            task::TaskId,
        },
        fixture::{done, press, problem, state, text},
    },
};

const SPACE: Key = Key::Char(' ');

fn importing(state: &mut State) -> TaskId {
    press(state, &[Key::Char('i')]);
    text(state, "many.pem");
    let effects = press(state, &[Key::Enter]);
    match &effects[..] {
        [Effect::Import { task, .. }] => *task,
        other => panic!("nothing is imported: {other:?}"),
    }
}

/// One new key, one that is here, one that lacks something, and a part that is refused.
fn offered(state: &mut State) {
    let task = importing(state);
    let content = Secret::new([P384, P256, P521].concat().into_bytes());
    let mut offer = Offer::of(detect(&content).unwrap());
    assert_eq!(offer.keys.len(), 3);
    offer.refused.push("RSA with 1024 bits".to_owned());
    let offered = Offered {
        offer,
        standings: vec![
            Standing::New,
            Standing::Here("partner-ec".to_owned()),
            Standing::Lacking("edge".to_owned()),
        ],
        asked: None,
    };
    done(state, task, Outcome::Offered(Arc::new(offered)));
}

fn said(state: &State) -> Option<&str> {
    match &state.dialog {
        Some(Dialog::Checklist(list)) => list.problem.as_deref(),
        other => panic!("no list: {other:?}"),
    }
}

fn places(effects: &[Effect]) -> &[usize] {
    match effects {
        [Effect::ImportChosen { places, .. }] => places,
        other => panic!("nothing is imported: {other:?}"),
    }
}

#[test]
fn what_can_be_imported_is_checked_and_enter_imports_it() {
    let mut state = state(80, 24);
    offered(&mut state);
    let effects = press(&mut state, &[Key::Enter]);
    assert_eq!(places(&effects), [0, 2]);
}

#[test]
fn space_takes_a_check_and_gives_none_to_what_is_here_or_refused() {
    let mut state = state(80, 24);
    offered(&mut state);
    press(&mut state, &[SPACE, Key::Down, SPACE]);
    assert_eq!(said(&state), Some("it is here already, as partner-ec"));
    press(&mut state, &[Key::Down, Key::Down, SPACE]);
    assert_eq!(said(&state), Some("refused: RSA with 1024 bits"));
    let effects = press(&mut state, &[Key::Enter]);
    assert_eq!(places(&effects), [2]);
}

#[test]
fn nothing_checked_is_said_and_a_checks_all_again() {
    let mut state = state(80, 24);
    offered(&mut state);
    press(&mut state, &[Key::Char('a')]);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(
        said(&state),
        Some("nothing is checked: Space checks, Esc closes")
    );
    let effects = press(&mut state, &[Key::Char('a'), Key::Enter]);
    assert_eq!(places(&effects), [0, 2]);
}

#[test]
fn esc_imports_nothing() {
    let mut state = state(80, 24);
    offered(&mut state);
    assert!(press(&mut state, &[Key::Esc]).is_empty());
    assert!(state.dialog.is_none());
}

#[test]
fn the_request_for_a_published_set_is_shown_before_it_is_sent() {
    let mut state = state(80, 24);
    press(&mut state, &[Key::Char('i')]);
    text(&mut state, "https://idp.example/jwks");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let Some(Dialog::Confirm(confirm)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(confirm.title, "The keys of https://idp.example/jwks");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::ImportPublished { task, place }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(place, &KeyPlace::Set("https://idp.example/jwks".to_owned()));
    let gone = NotImported::Refused("idp.example answered 410".to_owned());
    done(&mut state, *task, Outcome::Imported(Err(gone)));
    assert_eq!(problem(&state), Some("idp.example answered 410"));
    press(&mut state, &[Key::Esc, Key::Char('i')]);
    for _ in 0.."https://idp.example/jwks".len() {
        press(&mut state, &[Key::Backspace]);
    }
    text(&mut state, "ftp://idp.example/jwks");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert!(problem(&state).is_some());
}

#[test]
fn a_sealed_file_brings_the_form_back_on_its_passphrase() {
    let mut state = state(80, 24);
    let task = importing(&mut state);
    let problem_at_hand = NotImported::Sealed {
        source: Source::File("many.pem".into()),
        reason: "the PKCS#12 file is sealed: type its passphrase".to_owned(),
    };
    done(&mut state, task, Outcome::Imported(Err(problem_at_hand)));
    assert_eq!(
        problem(&state),
        Some("the PKCS#12 file is sealed: type its passphrase")
    );
    text(&mut state, "s3cret");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::Import { passphrase, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(passphrase.as_ref().unwrap().expose(), "s3cret");
}

#[test]
fn a_path_goes_on_where_files_do_and_is_left_alone_where_it_was_typed_on() {
    let mut state = state(80, 24);
    press(&mut state, &[Key::Char('i')]);
    text(&mut state, "ma");
    let effects = press(&mut state, &[Key::Tab]);
    let [Effect::CompletePath { task, path }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(path, "ma");
    let completion = |typed: &str| Completion {
        typed: typed.to_owned(),
        path: "many.pem".to_owned(),
        completions: Completions {
            path: "many.pem".to_owned(),
            names: Vec::new(),
            count: 1,
        },
    };
    done(&mut state, *task, Outcome::Completed(completion("ma")));
    assert_eq!(file(&state), "many.pem");

    text(&mut state, "x");
    let effects = press(&mut state, &[Key::Right]);
    let [Effect::CompletePath { task, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    text(&mut state, "y");
    done(
        &mut state,
        *task,
        Outcome::Completed(completion("many.pemx")),
    );
    assert_eq!(file(&state), "many.pemxy");
}

fn file(state: &State) -> &str {
    match &state.dialog {
        Some(Dialog::Form(form)) => form.form.value("file"),
        other => panic!("no form: {other:?}"),
    }
}

#[test]
fn a_filter_shows_what_has_every_word_and_all_checks_what_is_shown() {
    let mut state = state(120, 36);
    offered(&mut state);
    let shown = |state: &State| match &state.dialog {
        Some(Dialog::Checklist(list)) => list.shown.clone(),
        other => panic!("no list: {other:?}"),
    };
    assert_eq!(shown(&state), [0, 1, 2, 3]);
    press(&mut state, &[Key::Char('/')]);
    text(&mut state, "p-5 ES512");
    assert_eq!(shown(&state), [2]);
    // `a` is a letter while the filter has the keys.
    press(&mut state, &[Key::Enter, Key::Char('a')]);
    press(&mut state, &[Key::Char('/'), Key::Ctrl('u')]);
    text(&mut state, "1024");
    assert_eq!(shown(&state), [3]);
    press(&mut state, &[Key::Esc]);
    assert_eq!(shown(&state), [0, 1, 2, 3]);
    let effects = press(&mut state, &[Key::Enter]);
    assert_eq!(places(&effects), [0]);
}
