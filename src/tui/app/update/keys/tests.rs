use std::sync::Arc;

use crate::{
    keystore::{
        export::Existing,
        record::{Record, Status},
    },
    tui::{
        app::{
            dialog::{Dialog, FormKind},
            effect::{Effect, ExportOrder, Exported, Target},
            key::Key,
            keys_panel::{Row, arrangement::Arrangement},
            msg::{Acted, Msg, Outcome},
            rich::Rich,
            state::State,
            update::update,
        },
        fixture::{done, now, press, problem, state, text},
    },
};

const SPACE: Key = Key::Char(' ');

fn marked(state: &State) -> Vec<&str> {
    let marked = state.keys.marked().into_iter();
    marked.map(|(_, record)| record.kid.as_str()).collect()
}

fn shown(state: &State) -> Vec<&str> {
    state.keys.shown().map(Row::name).collect()
}

fn exported(effects: &[Effect]) -> &ExportOrder {
    match effects {
        [Effect::Export { order, .. }] => order,
        _ => panic!("{effects:?}"),
    }
}

fn kids(keys: &[Target]) -> Vec<&str> {
    keys.iter().map(|key| key.kid.as_str()).collect()
}

/// Every key was acted on; `change` is what was done to it.
fn acted(state: &State, keys: &[Target], change: impl Fn(&mut Record)) -> Vec<Acted> {
    let one = |key: &Target| {
        let mut record = (**state.keys.record(&key.thumbprint).unwrap()).clone();
        change(&mut record);
        Acted {
            kid: key.kid.clone(),
            result: Ok(Arc::new(record)),
        }
    };
    keys.iter().map(one).collect()
}

#[test]
fn space_marks_a_key_and_goes_on() {
    let mut state = state(120, 36);
    press(&mut state, &[SPACE, SPACE, SPACE]);
    assert_eq!(marked(&state), ["edge", "partner-ec", "prod-2026-11"]);
    // The row under the cursor now holds no key.
    press(&mut state, &[SPACE, Key::Char('g'), SPACE]);
    assert_eq!(marked(&state), ["partner-ec", "prod-2026-11"]);
}

#[test]
fn marks_outlive_a_filter_and_a_reading_of_the_folder() {
    let mut state = state(120, 36);
    press(&mut state, &[SPACE, Key::Char('/')]);
    text(&mut state, "prod");
    press(&mut state, &[Key::Enter, SPACE]);
    assert_eq!(marked(&state), ["prod-2026-11", "edge"]);
    press(&mut state, &[Key::Esc]);
    assert_eq!(marked(&state), ["edge", "prod-2026-11"]);
    press(&mut state, &[Key::Esc]);
    assert!(marked(&state).is_empty());
}

#[test]
fn what_is_deleted_together_comes_back_by_one_key() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[SPACE, SPACE, Key::Char('d')]);
    let [Effect::Trash { task, keys }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(kids(keys), ["edge", "partner-ec"]);
    let both = acted(&state, keys, |_| ());
    let back = acted(&state, keys, |_| ());
    done(&mut state, *task, Outcome::Trashed(both));
    assert_eq!(shown(&state), ["prod-2026-11", "3f1a.key"]);
    assert!(marked(&state).is_empty());

    let effects = press(&mut state, &[Key::Char('u')]);
    let [Effect::Restore { task, keys }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(kids(keys), ["edge", "partner-ec"]);
    done(&mut state, *task, Outcome::Restored(back));
    assert_eq!(state.keys.selected_row().unwrap().name(), "edge");
    assert_eq!(shown(&state).len(), 4);
}

#[test]
fn where_some_of_several_fail_each_is_told_of() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[SPACE, SPACE, Key::Char('d')]);
    let [Effect::Trash { task, keys }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let mut both = acted(&state, keys, |_| ());
    both[1].result = Err("the disk is full".to_owned());
    done(&mut state, *task, Outcome::Trashed(both));
    let Some(Dialog::Text(told)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert_eq!(told.title, "deleted 1 of 2 keys");
    let lines: Vec<String> = told.body.iter().map(Rich::plain).collect();
    assert_eq!(lines, ["✓ edge deleted", "✗ partner-ec: the disk is full"]);
}

#[test]
fn tags_that_all_have_are_edited_and_the_others_stay() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[Key::Char('t')]);
    assert!(effects.is_empty());
    text(&mut state, "eu, prod");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::ChangeTags { task, keys, change }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (kids(keys), change.add.join(" ")),
        (vec!["edge"], "eu prod".to_owned())
    );
    let tagged = acted(&state, keys, |record| record.tags.clone_from(&change.add));
    done(&mut state, *task, Outcome::Tagged(tagged));

    press(&mut state, &[Key::Char('g'), SPACE, SPACE, Key::Char('t')]);
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    let FormKind::Tags { keys, common, more } = &form.kind else {
        panic!("{:?}", form.kind)
    };
    assert_eq!(kids(keys), ["edge", "partner-ec"]);
    assert!(common.is_empty() && *more);
    text(&mut state, &"x".repeat(65));
    press(&mut state, &[Key::Enter]);
    assert!(problem(&state).unwrap().contains("is no tag"));
}

#[test]
fn a_key_that_is_not_active_signs_after_a_word() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[Key::Char('S'), Key::Down, Key::Enter]);
    let [Effect::SetStatus { task, keys, status }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((kids(keys), *status), (vec!["edge"], Status::Retired));
    let set = acted(&state, keys, |record| record.status = Status::Retired);
    done(&mut state, *task, Outcome::StatusSet(Status::Retired, set));
    assert!(press(&mut state, &[Key::Char('m')]).is_empty());
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    assert!(matches!(form.kind, FormKind::NotActive { .. }));
    let effects = press(&mut state, &[Key::Enter]);
    assert!(matches!(effects[..], [Effect::Mint { .. }]), "{effects:?}");
}

#[test]
fn the_list_is_sorted_by_any_column_either_way_round() {
    let mut state = state(120, 36);
    let mut by = |column: &str| {
        press(&mut state, &[Key::Char('s')]);
        text(&mut state, column);
        let effects = press(&mut state, &[Key::Enter]);
        assert!(matches!(effects.last(), Some(Effect::KeepArrangement(_))));
        shown(&state).join(" ")
    };
    assert_eq!(by("expiry"), "edge prod-2026-11 partner-ec 3f1a.key");
    assert_eq!(by("expiry"), "prod-2026-11 edge partner-ec 3f1a.key");
    assert_eq!(by("algorithm"), "partner-ec edge prod-2026-11 3f1a.key");
    assert_eq!(by("registered"), "prod-2026-11 edge partner-ec 3f1a.key");
    assert_eq!(by("kid"), "edge partner-ec prod-2026-11 3f1a.key");
    assert_eq!(by("kid"), "prod-2026-11 partner-ec edge 3f1a.key");
}

#[test]
fn columns_are_chosen_and_kept() {
    let mut state = state(120, 36);
    press(&mut state, &[Key::Char('c')]);
    text(&mut state, "subject");
    let effects = press(&mut state, &[SPACE]);
    let [Effect::ReadSubjects(asked), Effect::KeepArrangement(kept)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(asked.len(), 2);
    assert_eq!(Arrangement::parse(kept), state.keys.arrangement);
    assert!(matches!(state.dialog, Some(Dialog::Menu(_))));
}

#[test]
fn the_filter_finds_subjects_once_they_are_known_and_pieces_of_thumbprints() {
    let mut state = state(120, 36);
    let effects = press(&mut state, &[Key::Char('/')]);
    let [Effect::ReadSubjects(asked)] = &effects[..] else {
        panic!("{effects:?}")
    };
    let edge = asked.iter().find(|(_, record)| record.kid == "edge");
    let edge = edge.unwrap().0;
    text(&mut state, "Acme");
    assert!(shown(&state).is_empty());
    let subjects = vec![(edge, "O=Acme".to_owned())];
    update(&mut state, Msg::Subjects(subjects), now());
    assert_eq!(shown(&state), ["edge"]);
    for piece in [&edge.hex()[10..20], &edge.to_string()[5..12]] {
        press(&mut state, &[Key::Ctrl('u')]);
        text(&mut state, piece);
        assert_eq!(shown(&state)[0], "edge", "{piece}");
    }
}

#[test]
fn a_word_of_the_filter_stands_within_one_column() {
    let mut state = state(120, 36);
    // `partner-ec` is an ES256 key.
    press(&mut state, &[Key::Char('/')]);
    text(&mut state, "pec");
    assert_eq!(shown(&state), ["partner-ec"]);
    text(&mut state, "56");
    assert!(shown(&state).is_empty());
    press(&mut state, &[Key::Ctrl('u')]);
    text(&mut state, "pec 56");
    assert_eq!(shown(&state), ["partner-ec"]);
}

#[test]
fn the_public_halves_of_marked_keys_go_into_one_file() {
    let mut state = state(120, 36);
    press(&mut state, &[SPACE, SPACE, Key::Char('e'), Key::Right]);
    let effects = press(&mut state, &[Key::Enter]);
    let order = exported(&effects);
    let Exported::Ready(content) = &order.exported else {
        panic!("{order:?}")
    };
    assert_eq!(order.path.to_str(), Some("keys.pem"));
    assert_eq!(order.existing, Existing::Refuse);
    let text = std::str::from_utf8(content).unwrap();
    assert_eq!(text.matches("-----BEGIN PUBLIC KEY-----").count(), 2);

    let [Effect::Export { task, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    done(
        &mut state,
        *task,
        Outcome::Exported(Ok("wrote keys.pem".into())),
    );
    let effects = press(&mut state, &[Key::Char('e'), Key::Enter]);
    let Exported::Ready(content) = &exported(&effects).exported else {
        panic!("{effects:?}")
    };
    let set: serde_json::Value = serde_json::from_slice(content).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn two_marked_keys_are_compared_and_no_other_number_is() {
    let mut state = state(120, 36);
    press(&mut state, &[SPACE, Key::Char('=')]);
    assert!(state.dialog.is_none());
    assert_eq!(
        state.toast.as_ref().map(|toast| toast.text.as_str()),
        Some("= compares two keys: mark them with Space")
    );
    press(&mut state, &[SPACE, Key::Char('=')]);
    let Some(Dialog::Text(told)) = &state.dialog else {
        panic!("no text")
    };
    let kids: Vec<&str> = marked(&state);
    let first = told.body[0].plain();
    assert!(
        first.contains(kids[0]) && first.contains(kids[1]),
        "{first}"
    );
    let names = told.body.iter().map(Rich::plain);
    let differing: Vec<String> = names.filter(|name| name.starts_with('≠')).collect();
    assert!(differing.contains(&"≠ thumbprint".to_owned()));
    assert!(
        told.title.starts_with(&format!("{} of ", differing.len())),
        "{}",
        told.title
    );
    assert!(
        told.body
            .iter()
            .any(|line| line.plain().starts_with("  use "))
    );
}
