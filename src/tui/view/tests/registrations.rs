//! Panel 3 seen from an endpoint.

use super::{SIZES, look};
use crate::{
    registry::{
        answer::{Done, Receipt, State as KeyState},
        checkup::{Finding, Subject, Verdict},
    },
    tui::{
        app::{
            effect::Effect,
            key::Key,
            msg::{Msg, Outcome, Progress, Refusal},
            panel::Panel,
            state::State,
            update::update,
        },
        fixture::{done, many, now, press, sandbox, select, sights, state, text},
    },
};

/// The keys at the endpoint of GoodData, as they are shown.
fn there(columns: u16, rows: u16) -> State {
    let mut state = state(columns, rows);
    select(&mut state, "prod-2026-11");
    state.focus = Panel::Register;
    let effects = press(&mut state, &[Key::Char('j'), Key::Char('v')]);
    let [Effect::ListEndpoint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let seen = sights(&state);
    done(&mut state, task, Outcome::Looked(Ok(seen)));
    state
}

#[test]
fn all_keys_at_an_endpoint_with_whose_they_are() {
    for (columns, rows) in SIZES {
        let mut state = there(columns, rows);
        look("register-there", &state);
        press(&mut state, &[Key::Char('j'), Key::Char('j'), Key::Enter]);
        // Its certificate, further down, is signed anew each time.
        if rows == 24 {
            look("dialog-sight", &state);
        }
    }
}

#[test]
fn the_matrix_of_many_keys_at_many_endpoints_scrolls_both_ways() {
    for (columns, rows) in SIZES {
        let mut state = many(columns, rows, 100, 20);
        state.focus = Panel::Register;
        press(&mut state, &[Key::Char('o')]);
        let effects = press(&mut state, &[Key::Ctrl('r')]);
        let survey = effects.iter().find_map(|effect| match effect {
            Effect::Survey { task, questions } => Some((*task, questions)),
            _ => None,
        });
        let (task, questions) = survey.unwrap();
        assert_eq!(questions.len(), 2_000);
        // Of each row the first answers are there, in all their kinds.
        for (place, question) in questions.iter().enumerate().take(1_500) {
            let id = question.record.kid.clone();
            let said = match place % 7 {
                0 => Ok(KeyState::NotThere),
                1 => Ok(KeyState::Differs {
                    id,
                    what: vec!["x5t".to_owned(), "alg".to_owned()],
                }),
                2 => Err("no answer within 30 s".to_owned()),
                _ => Ok(KeyState::Registered { id }),
            };
            let seen = Progress::Seen {
                thumbprint: question.record.thumbprint(),
                endpoint: question.endpoint.clone(),
                state: said,
            };
            update(&mut state, Msg::Progress(task, seen), now());
        }
        look("matrix-asking", &state);
        done(&mut state, task, Outcome::Surveyed);
        press(&mut state, &[Key::Right; 15]);
        press(&mut state, &[Key::PageDown, Key::PageDown]);
        look("matrix", &state);
    }
}

#[test]
fn several_keys_registered_one_after_the_other() {
    for (columns, rows) in SIZES {
        let mut state = many(columns, rows, 8, 1);
        state.sandbox.found(sandbox(), now());
        press(&mut state, &[Key::Char(' '); 7]);
        press(&mut state, &[Key::Char('r')]);
        look("dialog-register-several", &state);
        let effects = press(&mut state, &[Key::Enter]);
        let [
            Effect::RegisterSeveral {
                task, ref records, ..
            },
        ] = effects[..]
        else {
            panic!("{effects:?}")
        };
        for (place, record) in records.iter().enumerate().take(4) {
            let thumbprint = record.thumbprint();
            let begun = Progress::Registering(thumbprint);
            update(&mut state, Msg::Progress(task, begun), now());
            let result = match place {
                1 => Err(Refusal {
                    summary: "sandbox refused with 503: try again later".to_owned(),
                    exchanges: Vec::new(),
                }),
                3 => break,
                _ => Ok(Receipt {
                    done: Done::Created,
                    id: record.kid.clone(),
                    differed: Vec::new(),
                    remarks: Vec::new(),
                    exchanges: Vec::new(),
                    evidence: crate::keystore::record::Evidence::Seen,
                }),
            };
            let ended = Progress::Registered(thumbprint, result);
            update(&mut state, Msg::Progress(task, ended), now());
        }
        press(&mut state, &[Key::Down]);
        look("dialog-batch", &state);
        press(&mut state, &[Key::Esc]);
        done(&mut state, task, Outcome::RegisteredSeveral);
        look("dialog-batch-stopped", &state);
    }
}

#[test]
fn a_key_that_does_not_fit_comes_with_what_mends_it() {
    let mut state = state(80, 24);
    select(&mut state, "partner-ec");
    state.register.used = Some("gooddata-eu".to_owned());
    press(&mut state, &[Key::Char('r')]);
    look("dialog-does-not-fit", &state);
}

#[test]
fn an_endpoint_is_added_by_a_form_that_is_looked_at_before_it_is_saved() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        state.focus = Panel::Register;
        press(&mut state, &[Key::Char('a')]);
        look("dialog-endpoints", &state);
        text(&mut state, "gooddata");
        press(&mut state, &[Key::Enter]);
        text(&mut state, "acme");
        press(&mut state, &[Key::Down]);
        text(&mut state, "https://acme.example");
        press(&mut state, &[Key::Down, Key::Down]);
        text(&mut state, "s3cret");
        look("dialog-endpoint", &state);
        let effects = press(&mut state, &[Key::Enter]);
        let [Effect::CheckEndpoint { task, .. }] = effects[..] else {
            panic!("{effects:?}")
        };
        let finding = |subject, verdict, text: &str| Finding {
            subject,
            verdict,
            text: text.to_owned(),
        };
        let findings = vec![
            finding(Subject::Reachable, Verdict::Good, "answered in 12 ms"),
            finding(
                Subject::Secure,
                Verdict::Good,
                "TLS, and its certificate is trusted",
            ),
            finding(
                Subject::Token,
                Verdict::Bad,
                "acme (GoodData) refused with 401: it does not accept the API token from the \
                 sealed secret endpoint-acme; make one in GoodData under Settings",
            ),
            finding(Subject::Rights, Verdict::Unknown, "could not be looked at"),
        ];
        done(&mut state, task, Outcome::EndpointChecked(Ok(findings)));
        look("dialog-endpoint-checked", &state);
    }
}
