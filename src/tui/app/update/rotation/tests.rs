use jiff::SignedDuration;

use super::*;
use crate::{
    registry::{answer::State as KeyState, rotation::Deed},
    tui::{
        app::{
            msg::{Msg, Outcome},
            panel::Panel,
            update::update,
        },
        fixture::{done, now, press, records, rotation, select, state},
    },
};

/// The order that is sent when these keys are pressed.
fn ordered(state: &mut State, keys: &[Key]) -> (TaskId, RotationOrder) {
    let effects = press(state, keys);
    match effects.into_iter().next() {
        Some(Effect::Rotate { task, order }) => (task, *order),
        other => panic!("{other:?}"),
    }
}

fn rotated(state: &mut State, task: TaskId, count: usize, result: Result<Turn, Refusal>) {
    let rotation = Some(rotation(count));
    let outcome = Outcome::Rotated(Box::new(Rotated { rotation, result }));
    done(state, task, outcome);
}

fn did(stage: Stage) -> Turn {
    Turn::Did(Deed {
        stage,
        skipped: None,
        exchanges: Vec::new(),
    })
}

fn guide(state: &State) -> &RotationDialog {
    match &state.dialog {
        Some(Dialog::Rotation(guide)) => guide,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rotation_is_planned_begun_with_enter_and_goes_on_after_the_guide_was_closed() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    let (task, order) = ordered(&mut state, &[Key::Char('R')]);
    assert!(matches!(&order, RotationOrder::Plan(record) if record.kid == "prod-2026-11"));
    let record = Arc::new(records().swap_remove(0));
    rotated(&mut state, task, 0, Ok(Turn::Planned(record)));
    assert!(matches!(guide(&state).phase, Phase::Planned(_)));

    let (task, order) = ordered(&mut state, &[Key::Enter]);
    assert!(matches!(order, RotationOrder::Begin(_)));
    assert!(
        press(&mut state, &[Key::Enter, Key::Char('u')]).is_empty(),
        "it is being done"
    );
    rotated(&mut state, task, 1, Ok(did(Stage::Create)));
    assert!(matches!(guide(&state).phase, Phase::UnderWay));

    press(&mut state, &[Key::Esc]);
    assert!(state.dialog.is_none());
    update(&mut state, Msg::Rotations(Ok(vec![rotation(1)])), now());
    state.focus = Panel::Register;
    assert!(press(&mut state, &[Key::Char('R')]).is_empty());
    let (_, order) = ordered(&mut state, &[Key::Enter]);
    assert!(matches!(order, RotationOrder::Advance(rotation, _) if rotation.current() == Some(1)));
}

#[test]
fn a_wait_is_told_in_minutes_then_in_seconds_and_enter_does_nothing_before_its_end() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    update(&mut state, Msg::Rotations(Ok(vec![rotation(2)])), now());
    state.toast = None;
    press(&mut state, &[Key::Char('R')]);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let line = |state: &State| lines(guide(state), state.now, &state.zone)[2].plain();
    for (passed, told, next) in [
        (0, "15 min left", 1),
        (30, "14 min left", 31),
        (830, "1 min left", 11),
        (841, "59 s left", 1),
        (899, "1 s left", 1),
    ] {
        state.now = now() + SignedDuration::from_secs(passed);
        state.touched = state.now;
        let expected = format!(
            "◐ 3. wait for caches to hold the new key: {told}, until 14:15  (Cache-Control of \
             gooddata-eu)"
        );
        assert_eq!(line(&state), expected);
        let change = state.now + SignedDuration::from_secs(next);
        assert_eq!(state.next_change(), Some(change), "{told}");
    }
    state.now = now() + SignedDuration::from_secs(900);
    state.touched = state.now;
    assert_eq!(line(&state), "→ 3. wait for caches to hold the new key");
    let effects = {
        let at = state.now;
        update(&mut state, Msg::Key(Key::Enter), at)
    };
    assert!(
        matches!(&effects[..], [Effect::Rotate { .. }]),
        "{effects:?}"
    );
}

#[test]
fn what_was_refused_stays_beside_its_step_and_is_tried_again() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    update(&mut state, Msg::Rotations(Ok(vec![rotation(1)])), now());
    let (task, _) = ordered(&mut state, &[Key::Char('R'), Key::Enter]);
    let refusal = Refusal {
        summary: "gooddata-eu (GoodData) refused with 403".to_owned(),
        exchanges: Vec::new(),
    };
    rotated(&mut state, task, 1, Err(refusal));
    let failure = guide(&state).failure.as_ref();
    assert_eq!(
        failure.map(|failure| failure.summary.as_str()),
        Some("gooddata-eu (GoodData) refused with 403")
    );
    let (task, order) = ordered(&mut state, &[Key::Enter]);
    assert!(matches!(order, RotationOrder::Advance(_, _)));
    // The answer comes when the guide is closed already.
    press(&mut state, &[Key::Esc]);
    rotated(
        &mut state,
        task,
        2,
        Ok(did(Stage::Register {
            endpoint: "gooddata-eu".to_owned(),
        })),
    );
    assert!(state.dialog.is_none());
    let toast = state.toast.as_ref().map(|toast| toast.text.as_str());
    assert_eq!(
        toast,
        Some("✓ register prod-2026-12 at gooddata-eu beside prod-2026-11")
    );
}

#[test]
fn steps_are_undone_one_by_one_and_at_last_all_is_as_it_was() {
    let mut state = state(120, 36);
    select(&mut state, "prod-2026-11");
    update(&mut state, Msg::Rotations(Ok(vec![rotation(1)])), now());
    let (task, order) = ordered(&mut state, &[Key::Char('R'), Key::Char('u')]);
    assert!(matches!(order, RotationOrder::Undo(_, _)));
    rotated(&mut state, task, 1, Ok(Turn::UndidAll));
    assert!(matches!(guide(&state).phase, Phase::Undone));
    assert!(press(&mut state, &[Key::Enter, Key::Char('u')]).is_empty());
}

#[test]
fn what_a_step_changed_at_an_endpoint_is_not_what_was_seen_there_before() {
    let endpoint = "gooddata-eu".to_owned();
    let unregister = Stage::Unregister { endpoint };
    for (turn, is_seen) in [
        (did(Stage::Retire), true),
        (did(unregister), false),
        (Turn::UndidAll, false),
    ] {
        let mut state = state(120, 36);
        select(&mut state, "prod-2026-11");
        update(&mut state, Msg::Rotations(Ok(vec![rotation(6)])), now());
        let (key, _) = state.keys.selected().unwrap();
        let id = "prod-2026-11".to_owned();
        let seen = Ok(KeyState::Registered { id });
        state.register.saw(key, "gooddata-eu", seen.clone(), now());
        state.register.saw(key, "sandbox", seen, now());
        let (task, _) = ordered(&mut state, &[Key::Char('R'), Key::Enter]);
        rotated(&mut state, task, 7, Ok(turn));
        assert_eq!(state.register.was_seen(key, "gooddata-eu"), is_seen);
        assert!(state.register.was_seen(key, "sandbox"));
    }
}
