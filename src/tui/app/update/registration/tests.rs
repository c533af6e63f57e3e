//! Panel 3: what its keys do.

use crate::{
    config::settings::SecretSource,
    registry::{
        answer::{Done, Receipt, State as KeyState},
        checkup::{Finding, Subject, Verdict},
        survey::Question,
        view::Standing,
    },
    secret::Secret,
    tui::{
        app::{
            dialog::{Act, Dialog, Fate},
            effect::{Effect, Saving, Source},
            key::Key,
            msg::{Acted, Msg, Outcome, Progress, Refusal},
            panel::Panel,
            register_panel::Matrix,
            state::State,
            task::TaskId,
            update::update,
        },
        fixture::{done, many, now, press, problem, sandbox, select, sights, state, text},
    },
};

/// The keys at the endpoint of GoodData.
fn there() -> State {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    state.focus = Panel::Register;
    let effects = press(&mut state, &[Key::Char('j'), Key::Char('v')]);
    let [
        Effect::ListEndpoint {
            task,
            ref endpoint,
            ref here,
        },
    ] = effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((endpoint.as_str(), here.len()), ("gooddata-eu", 3));
    let seen = sights(&state);
    done(&mut state, task, Outcome::Looked(Ok(seen)));
    state
}

fn on(state: &mut State, kid: &str) {
    let there = state.register.there.as_mut().unwrap();
    let place = there.sights.iter().position(|sight| sight.kid == kid);
    there.scroll.0 = place.unwrap();
}

#[test]
fn the_key_turns_to_the_keys_of_the_endpoint_and_back() {
    let mut state = there();
    assert_eq!(state.register.there.as_ref().unwrap().sights.len(), 5);
    press(&mut state, &[Key::Char('v')]);
    assert!(state.register.there.is_none());
    // Esc goes back too.
    press(&mut state, &[Key::Char('v'), Key::Esc]);
    assert!(state.register.there.is_none() && state.focus == Panel::Register);
}

#[test]
fn the_keys_of_an_endpoint_are_filtered_by_name_and_by_whose_they_are() {
    let mut state = there();
    let shown = |state: &State| -> Vec<String> {
        let there = state.register.there.as_ref().unwrap();
        there.shown().map(|sight| sight.kid.clone()).collect()
    };
    let all = shown(&state);
    press(&mut state, &[Key::Char('/')]);
    assert!(state.is_filtering());
    for key in "partner".chars() {
        press(&mut state, &[Key::Char(key)]);
    }
    assert_eq!(shown(&state), ["partner-ec"]);
    // Letters are letters until the filter is left, and then they act on what it found.
    press(&mut state, &[Key::Enter]);
    assert!(matches!(
        press(&mut state, &[Key::Char('A')])[..],
        [Effect::Adopt { .. }]
    ));
    press(&mut state, &[Key::Esc]);
    assert_eq!(shown(&state), all);
    let there = state.register.there.as_ref().unwrap();
    assert_eq!(there.selected().unwrap().kid, "partner-ec");
    press(&mut state, &[Key::Char('/')]);
    for key in "foreign".chars() {
        press(&mut state, &[Key::Char(key)]);
    }
    let there = state.register.there.as_ref().unwrap();
    assert!(there.shown().len() > 0);
    assert!(
        there
            .shown()
            .all(|sight| sight.standing == Standing::Foreign)
    );
    press(&mut state, &[Key::Char('x'), Key::Char('x')]);
    assert_eq!(shown(&state), Vec::<String>::new());
    press(&mut state, &[Key::Esc, Key::Esc]);
    assert!(state.register.there.is_none());
}

#[test]
fn a_key_of_ours_that_was_found_is_noted() {
    let mut state = there();
    on(&mut state, "partner-ec");
    let effects = press(&mut state, &[Key::Char('A')]);
    let [
        Effect::Adopt {
            task,
            endpoint,
            found,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(endpoint, "gooddata-eu");
    let (record, id) = &found[0];
    assert_eq!((record.kid.as_str(), id.as_str()), ("partner-ec", "k-17"));
    let mut noted = (**record).clone();
    noted
        .registrations
        .push(crate::keystore::record::Registration {
            endpoint: endpoint.clone(),
            id: id.clone(),
            at: state.now,
            thumbprint: record.thumbprint().to_string(),
            evidence: crate::keystore::record::Evidence::Seen,
        });
    let acted = vec![Acted {
        kid: record.kid.clone(),
        result: Ok(std::sync::Arc::new(noted)),
    }];
    done(&mut state, *task, Outcome::Adopted(acted));
    let there = state.register.there.as_ref().unwrap();
    assert_eq!(there.selected().unwrap().standing, Standing::Ours);
    // Once is enough.
    assert!(press(&mut state, &[Key::Char('A')]).is_empty());
}

#[test]
fn what_differs_or_is_missing_is_mended_with_enter_and_removed_with_d_after_its_request() {
    for (kid, key, act, method) in [
        ("prod-2026-11", Key::Enter, Act::Register, "POST"),
        ("prod-2026-11", Key::Char('d'), Act::Unregister, "DELETE"),
        ("edge", Key::Char('d'), Act::Unregister, "DELETE"),
    ] {
        let mut state = there();
        on(&mut state, kid);
        // The cursor of panel 1 is elsewhere: the row is what counts.
        select(&mut state, "partner-ec");
        assert!(press(&mut state, &[key]).is_empty());
        let Some(Dialog::Send(send)) = &state.dialog else {
            panic!("{:?}", state.dialog)
        };
        assert_eq!((send.kid.as_str(), send.act), (kid, act));
        let plan = send.plan.as_ref().unwrap();
        assert!(plan[0].lines[0].starts_with(method), "{plan:?}");
        let effects = press(&mut state, &[Key::Enter]);
        let asked = match &effects[..] {
            [Effect::Register { record, .. }] => (Act::Register, &record.kid),
            [Effect::Unregister { record, .. }] => (Act::Unregister, &record.kid),
            other => panic!("{other:?}"),
        };
        assert_eq!(asked, (act, &kid.to_owned()));
    }
}

#[test]
fn a_key_of_others_is_shown_imported_as_public_and_never_removed() {
    let mut state = there();
    on(&mut state, "theirs");
    assert!(press(&mut state, &[Key::Char('d')]).is_empty());
    assert!(state.dialog.is_none());
    press(&mut state, &[Key::Enter]);
    let Some(Dialog::Text(text)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(text.title, "theirs at gooddata-eu");
    let jwk = text.copy.clone().unwrap();
    let effects = press(&mut state, &[Key::Esc, Key::Char('i')]);
    let [
        Effect::Import {
            source: Source::Pasted(pasted),
            ..
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(pasted.expose(), jwk.as_bytes());
    // On a key of ours it asks for a file, as everywhere.
    on(&mut state, "edge");
    assert!(press(&mut state, &[Key::Char('i')]).is_empty());
    assert!(matches!(state.dialog, Some(Dialog::Form(_))));
}

#[test]
fn a_look_that_fails_says_why_and_one_nobody_waits_for_is_dropped() {
    let mut state = there();
    let effects = press(&mut state, &[Key::Ctrl('r')]);
    let look = effects.iter().find_map(|effect| match effect {
        Effect::ListEndpoint { task, .. } => Some(*task),
        _ => None,
    });
    let refusal = Refusal {
        summary: "gooddata-eu: no answer".to_owned(),
        exchanges: Vec::new(),
    };
    done(&mut state, look.unwrap(), Outcome::Looked(Err(refusal)));
    let there = state.register.there.as_ref().unwrap();
    assert!(there.sights.is_empty());
    assert_eq!(
        there.failure.as_ref().unwrap().summary,
        "gooddata-eu: no answer"
    );
    let effects = press(&mut state, &[Key::Char('v'), Key::Char('v')]);
    let [Effect::ListEndpoint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    press(&mut state, &[Key::Char('v')]);
    let seen = sights(&state);
    done(&mut state, task, Outcome::Looked(Ok(seen)));
    assert!(state.register.there.is_none());
}

#[test]
fn the_matrix_moves_both_ways_acts_on_its_cell_and_can_stop_asking() {
    let mut state = many(120, 36, 30, 4);
    state.focus = Panel::Register;
    press(
        &mut state,
        &[Key::Char('o'), Key::Down, Key::Down, Key::Right],
    );
    assert_eq!(state.keys.selected().unwrap().1.kid, "key-002");
    press(&mut state, &[Key::Right, Key::Enter]);
    let Some(Dialog::Send(send)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    let endpoint = &send.endpoints[send.chosen];
    assert_eq!(
        (send.kid.as_str(), endpoint.as_str()),
        ("key-002", "region-02")
    );
    let effects = press(&mut state, &[Key::Esc, Key::Ctrl('r')]);
    let (task, questions) = effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Survey { task, questions } => Some((*task, questions.clone())),
            _ => None,
        })
        .unwrap();
    // All keys at the four endpoints; the sandbox does not run.
    assert_eq!(questions.len(), 120);
    let seen = |place: usize| Progress::Seen {
        thumbprint: questions[place].record.thumbprint(),
        endpoint: questions[place].endpoint.clone(),
        state: Ok(KeyState::NotThere),
    };
    update(&mut state, Msg::Progress(task, seen(0)), now());
    assert_eq!(state.register.survey.unwrap().answered, 1);
    let effects = press(&mut state, &[Key::Esc]);
    assert!(matches!(&effects[..], [Effect::Cancel(id)] if *id == task));
    assert!(state.register.under_way.is_empty() && state.register.survey.is_none());
    // What comes after is dropped; the matrix is left by the next Esc.
    update(&mut state, Msg::Progress(task, seen(1)), now());
    done(&mut state, task, Outcome::Surveyed);
    let panel = &state.register;
    let was_seen =
        |question: &Question| panel.was_seen(question.record.thumbprint(), &question.endpoint);
    assert!(was_seen(&questions[0]) && !was_seen(&questions[1]));
    assert_eq!(state.register.matrix, Matrix::Shown);
    press(&mut state, &[Key::Esc]);
    assert_eq!(state.register.matrix, Matrix::Hidden);
}

/// Three marked keys, and the request for them at an endpoint of GoodData's.
fn three() -> (State, TaskId) {
    let mut state = many(120, 36, 5, 1);
    let sandbox = sandbox();
    state.sandbox.found(sandbox, now());
    press(&mut state, &[Key::Char(' '); 3]);
    press(&mut state, &[Key::Char('r')]);
    let Some(Dialog::Send(send)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    let others: Vec<&str> = send.others.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(
        (send.kid.as_str(), others),
        ("key-000", vec!["key-001", "key-002"])
    );
    // GoodData takes none of them: each is left out with its reason.
    press(&mut state, &[Key::Down]);
    let Some(Dialog::Send(send)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert!(send.plan.is_err() && send.left_out.len() == 3);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let effects = press(&mut state, &[Key::Up, Key::Enter]);
    let [
        Effect::RegisterSeveral {
            task,
            records,
            endpoint,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((records.len(), endpoint.as_str()), (3, "sandbox"));
    (state, *task)
}

fn fates(state: &State) -> Vec<Fate> {
    let Some(Dialog::Batch(batch)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    batch.rows.iter().map(|(_, fate)| fate.clone()).collect()
}

/// One of the three is sent, and that is what became of it.
fn sent(state: &mut State, task: TaskId, place: usize, result: Result<(), &str>) {
    let Some(Dialog::Batch(batch)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    let thumbprint = batch.rows[place].0.thumbprint;
    let result = match result {
        Ok(()) => Ok(Receipt {
            done: Done::Created,
            id: format!("key-{place:03}"),
            differed: Vec::new(),
            remarks: Vec::new(),
            exchanges: Vec::new(),
            evidence: crate::keystore::record::Evidence::Seen,
        }),
        Err(summary) => Err(Refusal {
            summary: summary.to_owned(),
            exchanges: Vec::new(),
        }),
    };
    for progress in [
        Progress::Registering(thumbprint),
        Progress::Registered(thumbprint, result),
    ] {
        update(state, Msg::Progress(task, progress), now());
    }
}

#[test]
fn of_several_keys_those_that_failed_are_sent_again_and_no_others() {
    let (mut state, task) = three();
    sent(&mut state, task, 0, Ok(()));
    sent(&mut state, task, 1, Err("no"));
    sent(&mut state, task, 2, Ok(()));
    done(&mut state, task, Outcome::RegisteredSeveral);
    let yes = || Fate::Done("registered, read back".to_owned());
    assert_eq!(fates(&state), [yes(), Fate::Failed("no".to_owned()), yes()]);
    assert_eq!(state.keys.marks(), 3);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::RegisterSeveral { task, records, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let kids: Vec<&str> = records.iter().map(|record| record.kid.as_str()).collect();
    assert_eq!(kids, ["key-001"]);
    sent(&mut state, *task, 1, Ok(()));
    done(&mut state, *task, Outcome::RegisteredSeveral);
    assert_eq!(fates(&state), [yes(), yes(), yes()]);
    assert_eq!(state.keys.marks(), 0);
    press(&mut state, &[Key::Enter]);
    assert!(state.dialog.is_none());
}

#[test]
fn esc_stops_after_the_key_that_is_being_sent() {
    let (mut state, task) = three();
    sent(&mut state, task, 0, Ok(()));
    let effects = press(&mut state, &[Key::Esc]);
    assert!(matches!(&effects[..], [Effect::Cancel(id)] if *id == task));
    sent(&mut state, task, 1, Ok(()));
    done(&mut state, task, Outcome::RegisteredSeveral);
    assert_eq!(fates(&state)[2], Fate::NotSent);
    assert!(state.register.under_way.is_empty());
    let effects = press(&mut state, &[Key::Enter]);
    assert!(
        matches!(&effects[..], [Effect::RegisterSeveral { records, .. }] if records.len() == 1)
    );
    press(&mut state, &[Key::Esc, Key::Esc]);
    assert!(state.dialog.is_none() && state.register.under_way.is_empty());
}

#[test]
fn an_endpoint_is_looked_at_before_it_is_written_and_its_token_is_sealed() {
    let mut state = state(120, 36);
    state.focus = Panel::Register;
    press(&mut state, &[Key::Char('a')]);
    text(&mut state, "gooddata");
    press(&mut state, &[Key::Enter]);
    // Nothing is asked of anybody while a field is missing.
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(problem(&state), Some("name: write what it is called here"));
    text(&mut state, "acme");
    press(&mut state, &[Key::Down]);
    update(
        &mut state,
        Msg::Paste(Secret::new("https://acme.example".to_owned())),
        now(),
    );
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert_eq!(problem(&state), Some("type or paste the API token"));
    text(&mut state, "s3cret");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::CheckEndpoint { task, order }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.name, "acme");
    assert_eq!(
        order.settings.token,
        Some(SecretSource::Sealed("endpoint-acme".to_owned()))
    );
    assert_eq!(order.token.as_ref().unwrap().expose(), "s3cret");
    let bad = Finding {
        subject: Subject::Token,
        verdict: Verdict::Bad,
        text: "refused with 401".to_owned(),
    };
    let task = *task;
    done(&mut state, task, Outcome::EndpointChecked(Ok(vec![bad])));
    // What is typed after the look is looked at anew.
    text(&mut state, "2");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::CheckEndpoint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    done(&mut state, task, Outcome::EndpointChecked(Ok(Vec::new())));
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::SaveEndpoint { task, order }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.saving, Saving::Add);
    let saved = Outcome::EndpointSaved("acme".to_owned(), Ok("/c/endpoint-acme.yaml".to_owned()));
    let effects = done(&mut state, *task, saved);
    assert!(matches!(effects[..], [Effect::LoadConfiguration]));
    assert!(state.dialog.is_none());
}

#[test]
fn only_an_endpoint_that_keyfob_added_is_changed_or_removed() {
    let mut state = state(120, 36);
    state.focus = Panel::Register;
    let files = |file: &str| {
        let file = file.to_owned();
        std::collections::BTreeMap::from([("gooddata-eu".to_owned(), file)])
    };
    let said = |state: &State| state.toast.as_ref().unwrap().text.clone();
    select(&mut state, "edge");
    assert!(press(&mut state, &[Key::Char('E')]).is_empty());
    assert_eq!(said(&state), "the sandbox is built in");
    press(&mut state, &[Key::Char('j')]);
    state.configuration.settings.endpoint_files = files("/c/config.yaml");
    press(&mut state, &[Key::Char('E')]);
    let own = "gooddata-eu stands in /c/config.yaml: change it there";
    assert_eq!(said(&state), own);
    press(&mut state, &[Key::Char('d')]);
    assert_eq!(
        said(&state),
        format!("the key is not registered there, and {own}")
    );
    state.configuration.settings.endpoint_files = files("/c/config.d/endpoint-gooddata-eu.yaml");
    press(&mut state, &[Key::Char('E')]);
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(form.form.value("token"), "environment");
    assert_eq!(form.form.value("from"), "GOODDATA_TOKEN");
    let effects = press(&mut state, &[Key::Esc, Key::Char('d'), Key::Enter]);
    let [Effect::RemoveEndpoint { task, ref name }] = effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "gooddata-eu");
    done(
        &mut state,
        task,
        Outcome::EndpointRemoved(Ok("gooddata-eu".to_owned())),
    );
    assert_eq!(said(&state), "removed gooddata-eu from the configuration");
}
