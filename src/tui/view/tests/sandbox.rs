//! Panel 6: off, at work, and refusing on purpose.

use super::{SIZES, look};
use crate::{
    sandbox::{
        fault::{Fault, Faults},
        remote::{Order, Told},
        server::{LogLine, Server},
    },
    tui::{
        app::{
            dialog::Dialog,
            effect::Effect,
            key::Key,
            msg::{Msg, NotTold, Outcome, SandboxStart, Whose},
            panel::Panel,
            state::State,
            update::update,
        },
        fixture::{done, now, press, sandbox, state},
    },
};

/// A sandbox of this process, and what it was asked.
fn running(columns: u16, rows: u16) -> State {
    let mut state = state(columns, rows);
    state.sandbox.found(sandbox(), now());
    state.focus = Panel::Sandbox;
    for (server, method, path, status, note) in [
        (
            Server::Auth,
            "POST",
            "/api/v1/entities/jwks",
            201,
            "created prod-2026-11",
        ),
        (
            Server::Auth,
            "POST",
            "/token",
            200,
            "token for prod-2026-11",
        ),
        (Server::Api, "GET", "/protected", 200, "sub prod-2026-11"),
        (
            Server::Auth,
            "POST",
            "/token",
            401,
            "invalid_client: aud is auth: it must be http://127.0.0.1:3001 or \
             http://127.0.0.1:3001/token",
        ),
    ] {
        asked(&mut state, server, method, path, status, note);
    }
    state
}

fn asked(state: &mut State, server: Server, method: &str, path: &str, status: u16, note: &str) {
    let line = LogLine {
        at: now(),
        server,
        method: method.to_owned(),
        path: path.to_owned(),
        status,
        note: note.to_owned(),
        micros: 800,
    };
    update(state, Msg::SandboxLog(line), now());
}

#[test]
fn the_sandbox_off_at_work_and_refusing_on_purpose() {
    for (columns, rows) in SIZES {
        let mut off = state(columns, rows);
        off.focus = Panel::Sandbox;
        look("sandbox-off", &off);

        let mut state = running(columns, rows);
        look("sandbox-running", &state);
        press(&mut state, &[Key::Char('f')]);
        look("dialog-faults", &state);
        let effects = press(&mut state, &[Key::Char(' ')]);
        let [Effect::SetFaults(faults)] = effects[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(faults.to_string(), "expired");
        let down = [Key::Down; 4];
        press(&mut state, &down);
        press(&mut state, &[Key::Char(' ')]);
        look("dialog-faults-on", &state);
        press(&mut state, &[Key::Esc]);
        let note = "fault expired: token for prod-2026-11";
        asked(&mut state, Server::Auth, "POST", "/token", 200, note);
        asked(
            &mut state,
            Server::Api,
            "GET",
            "/protected",
            429,
            "fault 429",
        );
        look("sandbox-faults", &state);
    }
}

#[test]
fn faults_stay_over_a_stop_and_count_only_for_a_sandbox_of_ours() {
    let mut state = running(120, 36);
    press(&mut state, &[Key::Char('f'), Key::Char(' '), Key::Esc]);
    assert_eq!(state.sandbox.active_faults().to_string(), "expired");
    press(&mut state, &[Key::Enter]);
    assert!(state.sandbox.active_faults().is_empty());
    state.sandbox.found(sandbox(), now());
    assert_eq!(state.sandbox.active_faults().to_string(), "expired");
    let another = SandboxStart {
        whose: Whose::Another,
        ..sandbox()
    };
    state.sandbox.found(another, now());
    assert!(state.sandbox.active_faults().is_empty());
}

/// A sandbox of another process, its faults asked for.
fn of_another() -> State {
    let mut state = running(120, 36);
    let running = sandbox().running;
    let effects = update(&mut state, Msg::SandboxFound(running), now());
    let told = Ok(Told::Faults(Faults::default()));
    answer(&mut state, effects, Order::Faults, told);
    state
}

/// What the sandbox says to what it was asked or told.
fn answer(state: &mut State, effects: Vec<Effect>, expected: Order, told: Result<Told, NotTold>) {
    let mut effects = effects.into_iter();
    let found = effects.find_map(|effect| match effect {
        Effect::TellSandbox { task, order, .. } => Some((task, order)),
        _ => None,
    });
    let (task, order) = found.unwrap();
    assert_eq!(order, expected);
    done(state, task, Outcome::SandboxTold(order, told));
}

fn marks(state: &State) -> String {
    match &state.dialog {
        Some(Dialog::Menu(menu)) => menu.rows.iter().map(|row| row.key.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_faults_of_another_process_are_asked_for_and_told_to_it() {
    let mut state = of_another();
    let mut elsewhere: Faults = [Fault::Slow].into_iter().collect();
    let effects = press(&mut state, &[Key::Char('f')]);
    assert_eq!(marks(&state), "        ");
    // Somebody else turned one on meanwhile.
    answer(
        &mut state,
        effects,
        Order::Faults,
        Ok(Told::Faults(elsewhere)),
    );
    assert_eq!(marks(&state), "     ✓  ");
    let effects = press(&mut state, &[Key::Char(' ')]);
    assert_eq!(
        marks(&state),
        "     ✓  ",
        "it is on when the sandbox says so"
    );
    elsewhere = elsewhere.toggled(Fault::Expired);
    let order = Order::SetFaults(elsewhere);
    answer(&mut state, effects, order, Ok(Told::Faults(elsewhere)));
    assert_eq!(marks(&state), "✓    ✓  ");
    assert_eq!(state.sandbox.active_faults(), elsewhere);
    // Those of a sandbox of this process are other ones.
    assert!(state.sandbox.faults.is_empty());
    let last = state.activity.events().next().unwrap();
    assert_eq!(
        last.what,
        "the sandbox of the other process refuses on purpose: expired, slow"
    );
}

#[test]
fn a_sandbox_of_another_process_that_is_gone_is_taken_for_gone() {
    let mut state = of_another();
    let effects = press(&mut state, &[Key::Char('f'), Key::Char(' ')]);
    let gone = Err(NotTold::Gone("cannot connect to 127.0.0.1:3001".to_owned()));
    let order = Order::SetFaults([Fault::Expired].into_iter().collect());
    answer(
        &mut state,
        effects.into_iter().skip(1).collect(),
        order,
        gone,
    );
    assert!(state.sandbox.at_hand.is_none());
    let toast = state.toast.unwrap();
    assert_eq!(
        toast.text,
        "the sandbox is gone: cannot connect to 127.0.0.1:3001"
    );
}

#[test]
fn a_sandbox_of_any_process_signs_with_another_key_when_it_is_told() {
    for mut state in [running(120, 36), of_another()] {
        let effects = press(&mut state, &[Key::Char('R')]);
        let kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".to_owned();
        answer(&mut state, effects, Order::Rotate, Ok(Told::Rotated(kid)));
        let toast = state.toast.unwrap();
        assert_eq!(
            toast.text,
            "✓ the sandbox signs with NzbLsXh8uD…GC9Xs now; its old keys verify still"
        );
    }
    let mut off = state(120, 36);
    assert!(press(&mut off, &[Key::Char('6'), Key::Char('R')]).is_empty());
    let toast = off.toast.unwrap();
    assert_eq!(toast.text, "the sandbox does not run: ⏎ starts it");
}
