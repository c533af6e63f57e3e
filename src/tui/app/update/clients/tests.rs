mod forms;

use jiff::{SignedDuration, Timestamp};

use crate::{
    config::settings::{ClientServer, ClientSettings},
    net::request::Response,
    oauth::{
        access_token::{AccessToken, Answer},
        inquiry::Inquiry,
        step::{Step, StepName, StepOutcome},
    },
    registry::answer::State as KeyState,
    secret::Secret,
    tui::{
        app::{
            clients_panel::{Part, Way},
            dialog::{Dialog, FormKind},
            effect::{Effect, Saving, WayOrder},
            key::Key,
            layout,
            msg::{Mouse, MouseKind, Msg, Outcome, SavedClient, WayGone},
            panel::Panel,
            rich::Rich,
            scroll::Scroll,
            state::{State, Vault},
            task::TaskId,
            update::{clients, update},
        },
        fixture::{done, now, press, problem, sandbox, state, text},
    },
};

/// The clients `added` and `own` beside the sandbox's; the cursor stands on `added`.
fn with_clients() -> State {
    let mut state = state(120, 36);
    let settings = &mut state.configuration.settings;
    for (name, file) in [
        ("added", "/c/config.d/client-added.yaml"),
        ("own", "/c/config.yaml"),
    ] {
        let issuer = ClientServer::Issuer("https://idp.example".to_owned());
        let client = ClientSettings::new(issuer, name, "partner-ec");
        settings.clients.insert(name.to_owned(), client);
        settings
            .client_files
            .insert(name.to_owned(), file.to_owned());
    }
    press(&mut state, &[Key::Char('5'), Key::Down]);
    state
}

fn order(effects: Vec<Effect>) -> (TaskId, WayOrder) {
    let found = effects.into_iter().find_map(|effect| match effect {
        Effect::GoTheWay { task, order } => Some((task, *order)),
        _ => None,
    });
    found.unwrap()
}

fn access(now: Timestamp) -> AccessToken {
    let body = r#"{"access_token":"s3cret","token_type":"Bearer","expires_in":300}"#;
    let mut response = Response {
        status: 200,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        elapsed: std::time::Duration::ZERO,
    };
    match Answer::read("https://idp.example", &mut response, None, now).unwrap() {
        Answer::Granted(access) => access,
        Answer::Refused { .. } => panic!("refused"),
    }
}

/// Runs the exchange of the client under the cursor to its end.
fn granted(state: &mut State) {
    let (task, order) = order(press(state, &[Key::Enter, Key::Enter]));
    assert!(order.access.is_none() && order.call.is_none());
    let step = Step::good(StepName::Assertion, "ES256").with_secret(&Secret::new("a.b.c".into()));
    update(state, Msg::Step(task, Box::new(step)), now());
    let gone = WayGone {
        access: Some(access(now())),
        result: Ok(()),
    };
    done(state, task, Outcome::WayGone(Box::new(gone)));
}

fn call(state: &mut State, at: Timestamp) -> (TaskId, WayOrder) {
    press(state, &[Key::Char('C')]);
    text(state, "api.example/v1");
    update(state, Msg::Key(Key::Enter), at);
    order(update(state, Msg::Key(Key::Enter), at))
}

#[test]
fn nothing_is_sent_before_it_was_shown() {
    let mut state = with_clients();
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert!(matches!(&state.dialog, Some(Dialog::Confirm(_))));
    assert!(press(&mut state, &[Key::Esc, Key::Char('C')]).is_empty());
    text(&mut state, "api.example/v1");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let Some(Dialog::Confirm(confirm)) = &state.dialog else {
        panic!()
    };
    let lines: Vec<String> = confirm.body.iter().map(Rich::plain).collect();
    assert_eq!(
        lines[..6],
        [
            "GET https://api.example/v1",
            "Authorization: Bearer ••••",
            "",
            "Before it, a new access token:",
            "GET https://idp.example/.well-known/openid-configuration",
            "  names the endpoints; without it, that of RFC 8414 is asked",
        ]
    );
    assert!(lines.contains(&"  \"aud\": \"https://idp.example\",".to_owned()));
    let copied = "TOKEN=$(keyfob token added)\ncurl 'https://api.example/v1' \\\n  -H \
                  \"Authorization: Bearer $TOKEN\"";
    assert_eq!(confirm.copy.as_deref(), Some(copied));
}

#[test]
fn a_call_with_a_token_at_hand_shows_itself_alone() {
    let mut state = with_clients();
    granted(&mut state);
    press(&mut state, &[Key::Char('C')]);
    text(&mut state, "api.example/v1");
    press(&mut state, &[Key::Enter]);
    let Some(Dialog::Confirm(confirm)) = &state.dialog else {
        panic!()
    };
    let lines: Vec<String> = confirm.body.iter().map(Rich::plain).collect();
    assert_eq!(
        lines,
        ["GET https://api.example/v1", "Authorization: Bearer ••••"]
    );
}

#[test]
fn the_server_is_asked_about_a_token_and_one_that_it_forgot_is_forgotten() {
    let mut state = with_clients();
    assert!(press(&mut state, &[Key::Char('o'), Key::Char('x')]).is_empty());
    assert!(state.dialog.is_none());
    granted(&mut state);
    for (key, inquiry, step, word) in [
        (
            'o',
            Inquiry::Introspect,
            StepName::Introspection,
            "✓ added: the access token is active",
        ),
        (
            'x',
            Inquiry::Revoke,
            StepName::Revocation,
            "✓ added: the access token is revoked",
        ),
    ] {
        assert!(press(&mut state, &[Key::Char(key)]).is_empty());
        let Some(Dialog::Confirm(confirm)) = &state.dialog else {
            panic!()
        };
        let lines: Vec<String> = confirm.body.iter().map(Rich::plain).collect();
        assert_eq!(lines[3], "token=‹the access token›");
        assert!(!confirm.copy.as_deref().unwrap().contains("s3cret"));
        let (task, order) = order(press(&mut state, &[Key::Enter]));
        assert_eq!(order.inquiry, Some(inquiry));
        assert!(order.access.is_some() && order.call.is_none());
        let told = Step::good(step, "told");
        update(&mut state, Msg::Step(task, Box::new(told)), now());
        let gone = WayGone {
            access: order.access,
            result: Ok(()),
        };
        done(&mut state, task, Outcome::WayGone(Box::new(gone)));
        assert_eq!(state.toast.as_ref().unwrap().text, word);
    }
    assert!(state.clients.way("added").unwrap().access().is_none());
    assert!(press(&mut state, &[Key::Char('x')]).is_empty());
    assert!(state.dialog.is_none());
}

#[test]
fn the_sandbox_is_asked_at_once() {
    let mut state = with_clients();
    let running = sandbox().running;
    let issuer = ClientServer::Issuer(running.auth.clone());
    let client = ClientSettings::new(issuer, "x", "partner-ec");
    let clients = &mut state.configuration.settings.clients;
    clients.insert("added".to_owned(), client);
    update(&mut state, Msg::SandboxFound(running), now());
    let (task, sent) = order(press(&mut state, &[Key::Enter]));
    assert_eq!(sent.client, "added");
    assert!(state.tasks.is_pending(task));
}

#[test]
fn a_token_serves_again_until_half_a_minute_before_its_end() {
    let mut state = with_clients();
    granted(&mut state);
    let (_, order) = call(&mut state, now() + SignedDuration::from_secs(269));
    assert!(order.access.is_some());

    let mut state = with_clients();
    granted(&mut state);
    let (_, order) = call(&mut state, now() + SignedDuration::from_secs(270));
    assert!(order.access.is_none());

    let mut state = with_clients();
    granted(&mut state);
    let clients = &mut state.configuration.settings.clients;
    clients.get_mut("added").unwrap().scope = Some("more".to_owned());
    let (_, order) = call(&mut state, now());
    assert!(order.access.is_none(), "another client's token");
}

#[test]
fn a_lock_forgets_tokens_and_the_next_exchange_asks_for_the_passphrase() {
    let mut state = with_clients();
    granted(&mut state);
    let kinds = |state: &State| -> Vec<String> {
        let all = clients::choices(state).into_iter();
        all.map(|thing| thing.what).collect()
    };
    assert_eq!(kinds(&state), ["access token", "assertion", "client_id"]);
    press(&mut state, &[Key::Char('L')]);
    assert_eq!(kinds(&state), ["client_id"]);
    state.vault = Vault::Locked;
    press(&mut state, &[Key::Esc, Key::Enter, Key::Enter]);
    text(&mut state, "hunter2");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::Unlock { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let (_, order) = order(done(&mut state, task, Outcome::Unlocked(Ok(()))));
    assert_eq!(order.client, "added");
}

#[test]
fn a_way_that_is_left_tells_nothing_more() {
    let mut state = with_clients();
    let (task, _) = order(press(&mut state, &[Key::Enter, Key::Enter]));
    let effects = press(&mut state, &[Key::Esc]);
    assert!(matches!(effects[..], [Effect::Cancel(cancelled)] if cancelled == task));
    let step = Step::good(StepName::Discovery, "late");
    update(&mut state, Msg::Step(task, Box::new(step)), now());
    update(&mut state, Msg::Piece(task, "late".to_owned()), now());
    let gone = WayGone {
        access: Some(access(now())),
        result: Ok(()),
    };
    done(&mut state, task, Outcome::WayGone(Box::new(gone)));
    let way = state.clients.way("added").unwrap();
    let steps: Vec<_> = way
        .steps
        .iter()
        .map(|step| (step.name, &*step.summary))
        .collect();
    let cancelled = "cancelled: ⏎ on the client begins anew";
    assert_eq!(steps, [(StepName::Discovery, cancelled)]);
    assert!(way.access().is_none() && way.answer.bytes == 0);
    assert!(way.under_way.is_none());
    press(&mut state, &[Key::Esc]);
    assert_eq!(state.clients.part, Part::Clients);
    press(&mut state, &[Key::Esc]);
    assert_eq!(state.focus, Panel::Keys);
}

#[test]
fn a_call_that_is_cancelled_keeps_the_token_that_was_granted_for_it() {
    let mut state = with_clients();
    let (task, _) = call(&mut state, now());
    update(
        &mut state,
        Msg::Granted(task, Box::new(access(now()))),
        now(),
    );
    press(&mut state, &[Key::Esc]);
    let way = state.clients.way("added").unwrap();
    assert!(way.access().is_some());
    let told = way.steps.last().map(|step| &*step.summary);
    assert_eq!(told, Some("cancelled: ⏎ on the client begins anew"));
    let late = Msg::Granted(task, Box::new(access(now())));
    update(&mut state, Msg::Tick, now());
    update(&mut state, late, now());
    press(&mut state, &[Key::Char('C'), Key::Enter]);
    let (_, order) = order(press(&mut state, &[Key::Enter]));
    assert!(order.access.is_some());
}

#[test]
fn an_exchange_that_is_cancelled_leaves_the_token_before_it() {
    let mut state = with_clients();
    granted(&mut state);
    press(&mut state, &[Key::Esc, Key::Enter, Key::Enter]);
    assert!(state.clients.way("added").unwrap().access().is_none());
    press(&mut state, &[Key::Esc]);
    assert!(state.clients.way("added").unwrap().access().is_some());
    press(&mut state, &[Key::Esc, Key::Enter, Key::Enter]);
    state.vault = Vault::Unlocked;
    press(&mut state, &[Key::Char('L'), Key::Esc]);
    assert!(state.clients.way("added").unwrap().access().is_none());
}

#[test]
fn a_token_is_exchanged_after_the_request_was_shown_without_it() {
    let mut state = with_clients();
    press(&mut state, &[Key::Char('X'), Key::Enter]);
    assert_eq!(problem(&state), Some("token: paste the one to exchange"));
    let given = Secret::new("s3cret-of-somebody".to_owned());
    update(&mut state, Msg::Paste(given), now());
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let Some(Dialog::Confirm(confirm)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    let lines: Vec<String> = confirm.body.iter().map(Rich::plain).collect();
    assert_eq!(
        lines[5..8],
        [
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token=‹the token that was given›",
            "subject_token_type=urn:ietf:params:oauth:token-type:access_token",
        ]
    );
    let copied = "keyfob token added --exchange \"$SUBJECT_TOKEN\" --kind access_token --curl";
    assert_eq!(confirm.copy.as_deref(), Some(copied));
    assert!(!format!("{state:?}").contains("s3cret-of-somebody"));
    let (task, order) = order(press(&mut state, &[Key::Enter]));
    let subject = order.subject.unwrap();
    assert_eq!(subject.token.expose(), "s3cret-of-somebody");
    let gone = WayGone {
        access: Some(access(now())),
        result: Ok(()),
    };
    done(&mut state, task, Outcome::WayGone(Box::new(gone)));
    // The client is as it was: what it was given serves its calls.
    let (_, order) = call(&mut state, now());
    assert!(order.access.is_some() && order.subject.is_none());
    // The form forgets what was given.
    press(
        &mut state,
        &[Key::Esc, Key::Esc, Key::Char('X'), Key::Enter],
    );
    assert_eq!(problem(&state), Some("token: paste the one to exchange"));
}

#[test]
fn the_filter_finds_clients_by_name_id_key_and_server() {
    let mut state = with_clients();
    press(&mut state, &[Key::Char('/')]);
    let names = |state: &State| {
        let rows = state.shown_clients().into_iter();
        rows.map(|row| row.name).collect::<Vec<_>>()
    };
    for (typed, found) in [
        ("own", &["own"][..]),
        ("idp.example", &["added", "own"]),
        ("partner add", &["added"]),
        ("nobody", &[]),
    ] {
        press(&mut state, &[Key::Ctrl('u')]);
        text(&mut state, typed);
        assert_eq!(names(&state), found, "{typed}");
    }
    // A press of a letter is text, and what runs nothing is no client.
    assert!(press(&mut state, &[Key::Enter, Key::Enter]).is_empty());
    press(&mut state, &[Key::Char('/'), Key::Ctrl('u')]);
    text(&mut state, "own");
    press(&mut state, &[Key::Enter]);
    assert_eq!(state.client().map(|row| row.name).as_deref(), Some("own"));
    press(&mut state, &[Key::Esc]);
    assert_eq!(names(&state), ["sandbox", "added", "own"]);
    assert_eq!(state.client().map(|row| row.name).as_deref(), Some("own"));
    assert_eq!(state.focus, Panel::Clients);
}

#[test]
fn what_a_step_is_made_of_scrolls_by_key_and_by_wheel() {
    let mut state = with_clients();
    granted(&mut state);
    assert_eq!(state.clients.part, Part::Steps);
    // It has room: there is nothing to scroll.
    press(&mut state, &[Key::Char('v')]);
    assert_eq!(state.clients.part, Part::Clients);
    let details = (0..99).map(|number| format!("line {number}"));
    let way = state.clients.way_mut("added");
    way.steps[0] = Step::good(StepName::Discovery, "long").with_details(details);
    press(&mut state, &[Key::Char('v'), Key::Char('v')]);
    assert_eq!(state.clients.part, Part::Details);
    press(
        &mut state,
        &[Key::Char('j'), Key::Char('j'), Key::Char('k')],
    );
    assert_eq!(state.details_scroll(), Scroll(1));
    press(&mut state, &[Key::Char('G')]);
    let regions = layout::clients(&state).unwrap();
    let last = 99 - usize::from(regions.details.height);
    assert_eq!(state.details_scroll(), Scroll(last));
    press(&mut state, &[Key::PageUp, Key::Char('g')]);
    press(&mut state, &[Key::Esc, Key::Esc]);
    assert_eq!(state.clients.part, Part::Clients);
    let wheel = Mouse {
        kind: MouseKind::ScrollDown,
        column: regions.details.x,
        row: regions.details.bottom() - 1,
    };
    update(&mut state, Msg::Mouse(wheel), now());
    assert_eq!(
        (state.details_scroll(), state.clients.part),
        (Scroll(1), Part::Clients)
    );
    // Another client begins at its top.
    press(&mut state, &[Key::Down]);
    assert_eq!(state.details_scroll(), Scroll(0));
}

#[test]
fn the_step_that_was_to_come_says_that_it_was_cancelled() {
    use StepName::{AccessToken, Answer, Assertion, Call, CallAnswer, Discovery, TokenRequest};
    let again = Step::good(Answer, "429: again in 1 s");
    let granted = Step::good(Answer, "200").with_secret(&Secret::new("{}".to_owned()));
    for (last, next) in [
        (Step::good(Discovery, ""), Assertion),
        (Step::good(Assertion, ""), TokenRequest),
        (Step::good(TokenRequest, ""), Answer),
        (again, Assertion),
        (granted, AccessToken),
        (Step::good(AccessToken, ""), Call),
        (Step::good(Call, ""), CallAnswer),
    ] {
        let mut way = Way::default();
        way.steps.push(last);
        way.cancel();
        assert_eq!(way.steps[1].name, next);
        assert_eq!(way.steps[1].outcome, StepOutcome::Care);
    }
    let mut way = Way::default();
    way.steps.push(Step::good(CallAnswer, "200"));
    way.cancel();
    assert_eq!(way.steps.len(), 1);
    assert_eq!(way.steps[0].findings, ["cancelled: this is what came"]);
}

#[test]
fn the_client_of_a_sandbox_that_stopped_is_as_before_the_first_start() {
    let mut state = with_clients();
    state.sandbox.found(sandbox(), now());
    let found = state.keys.records().find(|key| key.kid == "partner-ec");
    let key = found.unwrap().thumbprint();
    let id = "partner-ec".to_owned();
    let seen = Ok(KeyState::Registered { id });
    state.register.saw(key, "sandbox", seen, now());
    press(&mut state, &[Key::Up, Key::Enter]);
    assert!(state.client().unwrap().settings.is_some());
    assert!(state.clients.way("sandbox").is_some());
    press(&mut state, &[Key::Char('6'), Key::Enter, Key::Char('5')]);
    assert!(state.clients.way("sandbox").is_none());
    assert_eq!(state.clients.part, Part::Clients);
    assert!(state.client().unwrap().settings.is_none());
}

#[test]
fn a_failure_is_told_whole_only_where_its_step_is_not_on_the_screen() {
    for (keys, expected) in [
        (&[][..], "✗ added: answer failed"),
        (
            &[Key::Char('1')][..],
            "added: https://idp.example/token refused: 500",
        ),
    ] {
        let mut state = with_clients();
        let (task, _) = order(press(&mut state, &[Key::Enter, Key::Enter]));
        let reason = "https://idp.example/token refused: 500";
        let step = Step::bad(StepName::Answer, &reason);
        update(&mut state, Msg::Step(task, Box::new(step)), now());
        press(&mut state, keys);
        let gone = WayGone {
            access: None,
            result: Err(reason.to_owned()),
        };
        done(&mut state, task, Outcome::WayGone(Box::new(gone)));
        assert_eq!(state.toast.unwrap().text, expected);
        let last = state
            .activity
            .events()
            .next()
            .map(|event| event.what.clone());
        assert_eq!(
            last.as_deref(),
            Some("added: https://idp.example/token refused: 500")
        );
    }
}

#[test]
fn a_long_name_leaves_room_beside_what_is_told_of_it() {
    let mut state = with_clients();
    let settings = state.configuration.settings.clients["added"].clone();
    let name = "the-gateway-of-the-northern-branch-office";
    let clients = &mut state.configuration.settings.clients;
    clients.insert(name.to_owned(), settings);
    press(&mut state, &[Key::Char('G')]);
    assert_eq!(state.client().unwrap().name, name);
    granted(&mut state);
    let toast = state.toast.unwrap().text;
    assert_eq!(
        toast,
        "✓ the-gateway-of-…h-office has an access token: y copies it"
    );
}

#[test]
fn a_token_that_does_not_verify_does_not_serve_again() {
    let mut state = with_clients();
    let (task, _) = order(press(&mut state, &[Key::Enter, Key::Enter]));
    let step = Step::bad(StepName::AccessToken, &"invalid: at+jwt, RS256");
    update(&mut state, Msg::Step(task, Box::new(step)), now());
    let gone = WayGone {
        access: Some(access(now())),
        result: Ok(()),
    };
    done(&mut state, task, Outcome::WayGone(Box::new(gone)));
    let (_, order) = call(&mut state, now());
    assert!(order.access.is_none());
}

#[test]
fn the_screen_wakes_for_an_end_that_is_told_and_sleeps_after_it() {
    let mut state = with_clients();
    granted(&mut state);
    state.toast = None;
    state.vault = Vault::Open;
    let wakes = |state: &mut State, seconds: i64| {
        update(state, Msg::Tick, now() + SignedDuration::from_secs(seconds));
        let next = state.next_change();
        next.map(|at| at.duration_since(now()).as_secs() - seconds)
    };
    assert_eq!(wakes(&mut state, 0), Some(1));
    assert_eq!(wakes(&mut state, 1), Some(60));
    assert_eq!(wakes(&mut state, 200), Some(40));
    assert_eq!(wakes(&mut state, 250), Some(1));
    assert_eq!(wakes(&mut state, 300), None);
    let claims = ["{", "  \"exp\": 1795615700,", "  \"sub\": \"a\"", "}"];
    let step = Step::good(StepName::AccessToken, "valid").with_details(claims.map(str::to_owned));
    assert_eq!(step.exp(), Timestamp::from_second(1_795_615_700).ok());
}
