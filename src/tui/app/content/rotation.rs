//! The guide through a rotation as lines.

use jiff::{Timestamp, tz::TimeZone};

use super::{activity::exchange, moments};
use crate::{
    display,
    jose::time,
    registry::rotation::{Planned, Rotation, Standing},
    tui::app::{
        rich::{Rich, Role},
        rotation_guide::{Phase, RotationDialog},
    },
};

/// The steps with their states, then what belongs to the next.
pub fn lines(dialog: &RotationDialog, now: Timestamp, zone: &TimeZone) -> Vec<Rich> {
    let rotation = &dialog.rotation;
    let steps = rotation.steps.iter().enumerate();
    let mut lines: Vec<Rich> = steps
        .map(|(index, step)| self::step(dialog, index, step, now, zone).hanging(5))
        .collect();
    let mut add = |text: Vec<Rich>| {
        if !text.is_empty() {
            lines.push(Rich::default());
            lines.extend(text);
        }
    };
    if let Some(failure) = &dialog.failure {
        let mut text = vec![Rich::new(Role::Bad, &format!("✗ {}", failure.summary))];
        text.extend(failure.lines.iter().map(|line| exchange(line)));
        add(text);
    }
    if let Some(what) = &dialog.by_hand {
        add(vec![Rich::new(Role::Care, &format!("! by hand: {what}"))]);
    }
    let (old, new) = (&rotation.old.kid, rotation.new_kid());
    match (&dialog.phase, &dialog.request) {
        (Phase::Planned(_), _) => add(vec![Rich::new(
            Role::Care,
            &format!(
                "! what signs with {old} beside keyfob, a script or another program, must sign \
                 with {new} before {old} is removed"
            ),
        )]),
        (Phase::UnderWay, Some(Ok(request))) if dialog.task.is_none() => {
            let body = request.lines.iter().position(String::is_empty);
            let role = |place| match place {
                0 => Role::Strong,
                place if body.is_some_and(|body| place > body) => Role::Claims,
                _ => Role::Text,
            };
            let shown = request.lines.iter().enumerate();
            add(shown
                .map(|(place, line)| Rich::new(role(place), line))
                .collect());
        }
        (Phase::UnderWay, Some(Err(reason))) => {
            add(vec![Rich::new(Role::Care, &format!("! {reason}"))]);
        }
        (Phase::Finished, _) => add(vec![Rich::new(
            Role::Good,
            &format!("✓ {old} is retired: {new} has taken over"),
        )]),
        (Phase::Undone, _) => add(vec![Rich::new(
            Role::Good,
            &format!("✓ {old} is as it was: {new} lies in the trash"),
        )]),
        (Phase::UnderWay, _) => {}
    }
    lines
}

/// `↻ prod-2026-10 waits until 14:31`
pub fn under_way(rotations: &[Rotation], now: Timestamp, zone: &TimeZone) -> Option<String> {
    match rotations {
        [] => None,
        [one] => {
            let kid = display::middle(&one.old.kid, 24);
            Some(match one.waits_until(now) {
                Some(until) => {
                    let until = moments::short(until, now, zone);
                    format!("↻ {kid} rotates: waits until {until}")
                }
                None => format!("↻ {kid} rotates: R goes on"),
            })
        }
        several => Some(format!("↻ {} keys rotate", several.len())),
    }
}

fn step(
    dialog: &RotationDialog,
    index: usize,
    step: &Planned,
    now: Timestamp,
    zone: &TimeZone,
) -> Rich {
    let rotation = &dialog.rotation;
    let text = format!("{}. {}", index + 1, step.stage.text(rotation));
    let wait = rotation.wait(index);
    let source = wait.as_ref().map_or("", |wait| wait.source.as_str());
    match rotation.standing(index, now) {
        Standing::Done(at) => {
            let at = moments::short(at, now, zone);
            match &step.skipped {
                None => Rich::new(Role::Good, "✓ ")
                    .and(Role::Text, &text)
                    .and(Role::Dim, &format!("  {at}")),
                Some(why) => Rich::new(Role::Dim, &format!("– {text}: skipped: {why}")),
            }
        }
        Standing::Due if dialog.task.is_some() => Rich::new(Role::Accent, &format!("◐ {text}…")),
        Standing::Due => Rich::new(Role::Accent, &format!("→ {text}")),
        Standing::Until(until) => {
            let at = moments::short(until, now, zone);
            let left = left(until, now);
            Rich::new(Role::Accent, &format!("◐ {text}: {left} left, until {at}"))
                .and(Role::Dim, &format!("  ({source})"))
        }
        Standing::Later => {
            let line = Rich::new(Role::Text, &format!("○ {text}"));
            match &wait {
                Some(wait) => {
                    let long = time::span(wait.seconds);
                    line.and(Role::Dim, &format!("  {long} ({source})"))
                }
                None => line,
            }
        }
    }
}

/// `9 min`; in the last minute `45 s`.
fn left(until: Timestamp, now: Timestamp) -> String {
    match until.duration_since(now).as_secs().unsigned_abs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..7_200 => format!("{} min", seconds / 60),
        seconds => time::span(seconds),
    }
}
