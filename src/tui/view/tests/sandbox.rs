//! Panel 6: off, at work, and refusing on purpose.

use super::{SIZES, look};
use crate::{
    sandbox::server::{LogLine, Server},
    tui::{
        app::{
            effect::Effect,
            key::Key,
            msg::{Msg, SandboxStart, Whose},
            panel::Panel,
            state::State,
            update::update,
        },
        fixture::{now, press, sandbox, state},
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
    press(&mut state, &[Key::Char('f')]);
    assert!(state.dialog.is_none());
    let toast = state.toast.as_ref().unwrap();
    assert_eq!(
        toast.text,
        "this sandbox runs in another process: start it there with --fault"
    );
}
