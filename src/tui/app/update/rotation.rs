//! `R`: the guide through a rotation.

use std::sync::Arc;

use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::record::Half,
    registry::{
        endpoint::Word,
        plan::Intent,
        rotation::{Named, Rotation, Stage, Standing},
    },
    tui::app::{
        action::{Action, Context},
        activity::{Severity, shown},
        content::rotation::lines,
        dialog::{Act, Dialog, Failure, Shown},
        effect::{Effect, RotationOrder},
        key::Key,
        layout,
        msg::{Refusal, Rotated, Turn},
        rich::wrapped,
        rotation_guide::{Phase, RotationDialog},
        state::State,
        task::TaskId,
    },
};

/// `R`: the rotation that the selected key is in, else the plan of one.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some((thumbprint, record)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to rotate: n makes one");
        return Vec::new();
    };
    let record = Arc::clone(record);
    state.toast = None;
    if let Some(rotation) = state.rotations.of(&thumbprint) {
        let dialog = RotationDialog::new(rotation.clone(), Phase::UnderWay);
        state.dialog = Some(Dialog::Rotation(Box::new(dialog)));
        refresh(state);
        return Vec::new();
    }
    if let Some(problem) = &state.rotations.problem {
        let problem = problem.clone();
        state.say(Severity::Bad, problem);
        return Vec::new();
    }
    let label = format!("planning a rotation of {}", record.kid);
    let task = state.tasks.begin(label, state.now);
    let order = Box::new(RotationOrder::Plan(record));
    vec![Effect::Rotate { task, order }]
}

/// Whether the selected key can be rotated.
pub(super) fn is_available(state: &State) -> bool {
    let selected = state.keys.selected();
    selected.is_some_and(|(_, record)| record.half == Half::Private)
}

/// The rotations were read.
pub(super) fn listed(state: &mut State, result: Result<Vec<Rotation>, String>) {
    match result {
        Ok(rotations) => {
            let is_news = state.rotations.under_way.is_empty() && state.dialog.is_none();
            if let Some(one) = rotations.first().filter(|_| is_news) {
                let text = format!("↻ a rotation of {} is under way: R goes on", one.old.kid);
                state.say(Severity::Care, text);
            }
            state.rotations.under_way = rotations;
            state.rotations.problem = None;
        }
        Err(problem) => state.rotations.problem = Some(problem),
    }
    follow(state);
}

/// A key press in the guide.
pub(super) fn pressed(state: &mut State, mut dialog: Box<RotationDialog>, key: Key) -> Vec<Effect> {
    let action = match key {
        Key::Esc | Key::Char('q') => return Vec::new(),
        Key::Enter => return accepted(state, dialog),
        Key::Char('u') => return undo(state, dialog),
        Key::Char('y') => {
            let thing = match &dialog.request {
                Some(Ok(request)) => Some(request.copied.clone()),
                _ => None,
            };
            state.dialog = Some(Dialog::Rotation(dialog));
            let copied = thing.map(|(what, text)| {
                super::copy::effect(super::copy::Copyable {
                    what,
                    text,
                    sensitivity: Sensitivity::Public,
                })
            });
            return copied.into_iter().collect();
        }
        key => state.keymap.action(Context::Everywhere, key),
    };
    if let Some(action) = action {
        scroll(state, &mut dialog, action);
    }
    state.dialog = Some(Dialog::Rotation(dialog));
    Vec::new()
}

/// A step was done, or undone, or not.
pub(super) fn ended(state: &mut State, task: TaskId, rotated: Rotated) -> Vec<Effect> {
    let Rotated { rotation, result } = rotated;
    forget(state, rotation.as_ref(), &result);
    let (severity, word) = told(rotation.as_ref(), &result);
    if let Some(word) = &word {
        let exchanges = match &result {
            Ok(Turn::Did(deed) | Turn::Undid(deed)) => deed.exchanges.as_slice(),
            Ok(_) => &[],
            Err(refusal) => refusal.exchanges.as_slice(),
        };
        let now = state.now;
        state.activity.add(now, severity, word.clone(), exchanges);
    }
    let planned = matches!(result, Ok(Turn::Planned(_)));
    let is_shown = matches!(&state.dialog, Some(Dialog::Rotation(open)) if open.task == Some(task));
    if !is_shown && !planned {
        if let Some(word) = word {
            state.say(severity, word);
        }
        return vec![Effect::ListKeys];
    }
    if planned && state.dialog.is_some() {
        return Vec::new();
    }
    let before = match state.dialog.take() {
        Some(Dialog::Rotation(before)) => Some(before),
        _ => None,
    };
    let begun = rotation.is_some();
    let Some(rotation) = rotation.or_else(|| before.as_ref().map(|each| each.rotation.clone()))
    else {
        if let Some(word) = word {
            state.say(severity, word);
        }
        return Vec::new();
    };
    let phase = match (&result, before) {
        (Ok(Turn::Planned(record)), _) => Phase::Planned(Arc::clone(record)),
        (Ok(Turn::UndidAll), _) => Phase::Undone,
        (Ok(_), _) if rotation.current().is_none() => Phase::Finished,
        (Err(_), Some(before)) if !begun => before.phase,
        _ => Phase::UnderWay,
    };
    let mut dialog = RotationDialog::new(rotation, phase);
    match result {
        Ok(Turn::ByHand(what)) => dialog.by_hand = Some(what),
        Ok(_) => {}
        Err(refusal) => {
            dialog.failure = Some(Failure {
                summary: refusal.summary,
                lines: shown(&refusal.exchanges),
            });
        }
    }
    state.dialog = Some(Dialog::Rotation(Box::new(dialog)));
    refresh(state);
    if planned {
        return Vec::new();
    }
    let mut effects = vec![Effect::ListKeys, Effect::LoadConfiguration];
    if let Some(Dialog::Rotation(dialog)) = &state.dialog
        && dialog.by_hand.is_some()
        && let Some(Ok(Shown {
            by_hand: Some(handed),
            ..
        })) = &dialog.request
    {
        effects.extend(super::registration::hand_over(handed));
    }
    effects
}

/// What was seen of the two keys before is over where a step changed it: their records tell.
fn forget(state: &mut State, rotation: Option<&Rotation>, result: &Result<Turn, Refusal>) {
    let Some(rotation) = rotation else {
        return;
    };
    let endpoints: Vec<&str> = match result {
        Ok(Turn::Did(deed) | Turn::Undid(deed)) => deed.stage.endpoint().into_iter().collect(),
        // How far it came is not known.
        Ok(Turn::UndidAll) | Err(_) => {
            let stages = rotation.steps.iter().map(|step| &step.stage);
            stages.filter_map(Stage::endpoint).collect()
        }
        Ok(Turn::ByHand(_) | Turn::Planned(_) | Turn::Waits) => Vec::new(),
    };
    for named in [&rotation.old, &rotation.new] {
        let hex = named.thumbprint.as_deref();
        if let Some(thumbprint) = hex.and_then(Thumbprint::from_hex) {
            for endpoint in &endpoints {
                state.register.forget_key(thumbprint, endpoint);
            }
        }
    }
}

/// Shows in the open guide what the next step will send.
pub(super) fn refresh(state: &mut State) {
    let Some(Dialog::Rotation(dialog)) = &state.dialog else {
        return;
    };
    let rotation = &dialog.rotation;
    let next = rotation.current().map(|index| &rotation.steps[index].stage);
    let of = |named: &Named, endpoint: &str, act: Act| {
        let hex = named.thumbprint.as_deref()?;
        let record = state.keys.record(&Thumbprint::from_hex(hex)?)?;
        Some(super::registration::plan(state, record, endpoint, act))
    };
    let requests = match next {
        Some(Stage::Register { endpoint }) => vec![of(&rotation.new, endpoint, Act::Register)],
        Some(Stage::Replace { endpoint }) => {
            let put = of(&rotation.new, endpoint, Act::Register);
            let is_by_hand = matches!(&put, Some(Ok(plan)) if plan.iter().any(is_by_hand));
            // What is pasted takes the other's place.
            let remove = of(&rotation.old, endpoint, Act::Unregister).filter(|_| !is_by_hand);
            vec![remove, put]
        }
        Some(Stage::Unregister { endpoint }) => {
            vec![of(&rotation.old, endpoint, Act::Unregister)]
        }
        _ => Vec::new(),
    };
    let plan: Result<Vec<Vec<Intent>>, String> = requests.into_iter().flatten().collect();
    let request = match plan.map(|parts| parts.concat()) {
        Ok(plan) => plan.first().map(|first| {
            let shown: Vec<_> = plan.iter().map(Intent::shown).collect();
            let copied = super::registration::copied(plan.iter().map(Intent::copied));
            Ok(Shown {
                about: None,
                lines: shown.join(&String::new()),
                copied: (first.copied().0, copied.text),
                by_hand: plan.iter().find_map(Intent::by_hand).cloned(),
                verb: first.verb(),
            })
        }),
        Err(reason) => Some(Err(reason)),
    };
    if let Some(Dialog::Rotation(dialog)) = &mut state.dialog {
        dialog.request = request;
    }
}

fn is_by_hand(part: &Intent) -> bool {
    part.by_hand().is_some()
}

/// The open guide shows the rotation as another process left it.
fn follow(state: &mut State) {
    if let Some(Dialog::Rotation(dialog)) = &mut state.dialog
        && matches!(dialog.phase, Phase::UnderWay)
        && dialog.task.is_none()
    {
        let old = &dialog.rotation.old;
        let mut all = state.rotations.under_way.iter();
        if let Some(now) = all.find(|rotation| rotation.old == *old) {
            dialog.rotation = now.clone();
        }
    }
    refresh(state);
}

fn accepted(state: &mut State, mut dialog: Box<RotationDialog>) -> Vec<Effect> {
    let rotation = &dialog.rotation;
    let order = match &dialog.phase {
        Phase::Finished | Phase::Undone => return Vec::new(),
        Phase::Planned(record) => Some(RotationOrder::Begin(Arc::clone(record))),
        Phase::UnderWay => match rotation.current() {
            Some(index) if rotation.standing(index, state.now) == Standing::Due => {
                Some(RotationOrder::Advance(rotation.clone(), word(&dialog)))
            }
            _ => None,
        },
    };
    let effects = match order {
        Some(order) if dialog.task.is_none() => {
            let label = format!("rotating {}", rotation.old.kid);
            vec![begin(state, &mut dialog, label, order)]
        }
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Rotation(dialog));
    effects
}

fn undo(state: &mut State, mut dialog: Box<RotationDialog>) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(dialog.phase, Phase::UnderWay) && dialog.task.is_none() {
        let label = format!("undoing a step of {}", dialog.rotation.old.kid);
        let order = RotationOrder::Undo(dialog.rotation.clone(), word(&dialog));
        effects.push(begin(state, &mut dialog, label, order));
    }
    state.dialog = Some(Dialog::Rotation(dialog));
    effects
}

/// Told what to do by hand, a person says by the next key press that it is done.
fn word(dialog: &RotationDialog) -> Word {
    Word::of(dialog.by_hand.is_some())
}

fn begin(
    state: &mut State,
    dialog: &mut RotationDialog,
    label: String,
    order: RotationOrder,
) -> Effect {
    let task = state.tasks.begin(label, state.now);
    dialog.task = Some(task);
    dialog.by_hand = None;
    dialog.failure = None;
    let order = Box::new(order);
    Effect::Rotate { task, order }
}

fn scroll(state: &State, dialog: &mut RotationDialog, action: Action) {
    let (columns, rows) = state.size;
    let page = usize::from(rows.saturating_sub(7)).max(1);
    let width = usize::from(layout::dialog_columns(columns)).saturating_sub(4);
    let lines = lines(dialog, state.now, &state.zone);
    let last = wrapped(&lines, width, 2).len().saturating_sub(page) + 1;
    dialog.scroll.moved(action, last, page);
}

/// A line on what became of a step; none where nothing was done.
fn told(rotation: Option<&Rotation>, result: &Result<Turn, Refusal>) -> (Severity, Option<String>) {
    let text = |stage: &Stage| rotation.map(|rotation| stage.text(rotation));
    match result {
        Ok(Turn::Did(deed)) => match &deed.skipped {
            None => (
                Severity::Good,
                text(&deed.stage).map(|text| format!("✓ {text}")),
            ),
            Some(why) => {
                let text = text(&deed.stage).map(|text| format!("{text}: skipped: {why}"));
                (Severity::Care, text)
            }
        },
        Ok(Turn::Undid(deed)) => {
            let text = text(&deed.stage).map(|text| format!("✓ undone: {text}"));
            (Severity::Good, text)
        }
        Ok(Turn::UndidAll) => {
            let old = rotation.map(|rotation| &rotation.old.kid);
            let text = old.map(|old| format!("✓ the rotation of {old} is undone"));
            (Severity::Good, text)
        }
        Ok(Turn::ByHand(_) | Turn::Planned(_) | Turn::Waits) => (Severity::Good, None),
        Err(refusal) => (Severity::Bad, Some(refusal.summary.clone())),
    }
}

#[cfg(test)]
mod tests;
