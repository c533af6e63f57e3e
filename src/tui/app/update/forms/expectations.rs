//! `x` in decode mode: what a token is held against, and whose keys check it.

use std::path::PathBuf;

use super::{came_back, fail, refuse, send};
use crate::{
    jose::{
        time,
        verdict::{Expectations, MAX_LEEWAY, Payload},
    },
    oauth::key_place::KeyPlace,
    tui::app::{
        activity::Severity,
        clients_panel::Asked,
        dialog::{Confirm, Consent, Dialog, FormDialog, FormKind},
        effect::{Effect, KeySource},
        form::{Field, Form, Standing},
        msg::ReadKeys,
        rich::{Rich, Role},
        scroll::Scroll,
        state::State,
        task::TaskId,
        token_panel::Keys,
        update::token::decode,
    },
};

const KEYSTORE: &str = "keystore";
const FILE: &str = "file";
const SET: &str = "JWK Set URL";
const ISSUER: &str = "issuer";

/// The fields; nothing is expected at first.
pub(super) fn form() -> Form {
    let sources = [KEYSTORE, FILE, SET, ISSUER].map(str::to_owned).to_vec();
    let mut form = Form::new(vec![
        Field::text("iss", "", ""),
        Field::text("aud", "", ""),
        Field::text("typ", "", "JWT, at+jwt"),
        Field::text("algorithms", "", "empty: those of the key"),
        Field::text("required", "", "claims that must be there"),
        Field::text("leeway", "0s", "at most 300s"),
        Field::text("max age", "", "since iat: 1h"),
        Field::choice("keys from", sources, KEYSTORE, "←/→ or a letter"),
        Field::path("where", "", ""),
    ]);
    settle(&mut form);
    form
}

/// What is asked for beside the source of the keys.
pub(super) fn settle(form: &mut Form) {
    let (standing, hint) = match form.value("keys from") {
        FILE => (Standing::Asked, "PEM, DER, JWK, JWK Set"),
        SET => (Standing::Asked, "https://…"),
        ISSUER => (Standing::Asked, "empty: iss"),
        _ => (Standing::Settled, ""),
    };
    form.set_standing("where", standing);
    form.set_hint("where", hint);
}

/// `Enter`: judges by them; what is to be asked over the network is shown first.
pub(super) fn accept(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let expectations = match read(&dialog.form) {
        Ok(expectations) => expectations,
        Err(reason) => return refuse(state, dialog, reason),
    };
    let place = dialog.form.value("where").to_owned();
    let source = dialog.form.value("keys from").to_owned();
    let place = match source.as_str() {
        KEYSTORE => {
            state.token.judging.keys = Keys::Keystore;
            state.token.judging.expectations = expectations;
            keep(state, dialog);
            judge(state);
            return Vec::new();
        }
        FILE if place.is_empty() => return refuse(state, dialog, "where: name a file with keys"),
        FILE => {
            state.token.judging.expectations = expectations;
            let task = send(state, dialog, format!("reading {place}"));
            let source = KeySource::File(PathBuf::from(place));
            return vec![Effect::ReadKeys { task, source }];
        }
        SET => KeyPlace::Set(place),
        _ if place.is_empty() => KeyPlace::Issuer(dialog.form.value("iss").to_owned()),
        _ => KeyPlace::Issuer(place),
    };
    match place.request() {
        Ok(request) => {
            state.token.judging.expectations = expectations;
            let mut body: Vec<Rich> = request
                .shown()
                .iter()
                .map(|line| Rich::new(Role::Text, line))
                .collect();
            if matches!(place, KeyPlace::Issuer(_)) {
                let text = "It names the address of the keys, which is asked next, alike.";
                body.push(Rich::new(Role::Dim, text));
            }
            body.push(Rich::new(Role::Dim, "The token is not sent."));
            keep(state, dialog);
            judge(state);
            state.dialog = Some(Dialog::Confirm(Confirm {
                title: format!("The keys of {}", place.url()),
                body,
                scroll: Scroll::default(),
                copy: Some(request.curl()),
                verb: "sends",
                asked: Asked::Keys(place),
            }));
            Vec::new()
        }
        Err(error) => refuse(state, dialog, error.to_string()),
    }
}

/// The request was confirmed.
pub(in crate::tui::app::update) fn fetch(state: &mut State, place: KeyPlace) -> Vec<Effect> {
    let kept = state
        .kept
        .iter()
        .position(|each| each.kind == FormKind::Expectations);
    let label = format!("asking {}", place.url());
    let task = match kept.map(|at| state.kept.remove(at)) {
        Some(dialog) => send(state, dialog, label),
        None => state.tasks.begin(label, state.now),
    };
    let judged = decode::decoded(state);
    let kid = judged.and_then(|judged| judged.token.kid().map(str::to_owned));
    let source = KeySource::Published { place, kid };
    vec![Effect::ReadKeys { task, source }]
}

/// The keys are there, or why not.
pub(in crate::tui::app::update) fn checked_with(state: &mut State, task: TaskId, read: ReadKeys) {
    let severity = match &read.keys {
        Ok(_) => Severity::Good,
        Err(_) => Severity::Bad,
    };
    if !read.exchanges.is_empty() {
        let what = format!("asked {} for its keys", read.name);
        state
            .activity
            .add(state.now, severity, what, &read.exchanges);
    }
    match read.keys {
        Ok(keys) => {
            if let Some(dialog) = came_back(state, task) {
                keep(state, dialog);
            }
            let name = read.name;
            state.token.judging.keys = Keys::Given { name, keys };
            if let Some(remark) = read.remarks.first() {
                state.say(Severity::Care, remark.clone());
            }
            judge(state);
        }
        Err(reason) => fail(state, task, reason, Consent::NotAsked),
    }
}

/// Judges anew, and shows the verdict.
fn judge(state: &mut State) {
    decode::judge_again(state);
    state.token.scroll = Scroll::default();
}

/// The form comes back as it is the next time.
fn keep(state: &mut State, mut dialog: FormDialog) {
    dialog.form.focus_on("iss");
    state.kept.retain(|kept| kept.kind != dialog.kind);
    state.kept.push(dialog);
}

fn read(form: &Form) -> Result<Expectations, String> {
    let given = |label: &str| {
        let text = form.value(label);
        (!text.is_empty()).then(|| text.to_owned())
    };
    let words = |label: &str| -> Vec<String> {
        let words = form.value(label).split([' ', ',']);
        let words = words.filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let duration = |label: &str| {
        given(label)
            .map(|text| time::parse_duration(&text).map_err(|error| format!("{label}: {error}")))
            .transpose()
    };
    let leeway = duration("leeway")?.unwrap_or_default();
    if leeway > MAX_LEEWAY {
        return Err(format!("leeway: at most {} s", MAX_LEEWAY.as_secs()));
    }
    Ok(Expectations {
        algorithms: words("algorithms"),
        iss: given("iss"),
        aud: given("aud"),
        typ: given("typ"),
        required: words("required"),
        max_age: duration("max age")?,
        leeway,
        payload: Payload::Claims,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jose::{
            claims::JsonObject,
            token::signing_input,
            verdict::{Candidates, CheckOutcome},
        },
        secret::Secret,
        tui::{
            app::{
                key::Key,
                msg::{Msg, Outcome},
                update::update,
            },
            fixture::{done, now, press, state, text},
        },
    };

    /// Panel 4 with a token of another's, and the form before it.
    fn asked() -> State {
        let mut state = state(120, 36);
        let header = JsonObject::parse(r#"{"alg":"RS256","kid":"elsewhere"}"#).unwrap();
        let claims = JsonObject::parse(r#"{"iss":"https://a.example","aud":"b"}"#).unwrap();
        let token = format!("{}.AAAA", signing_input(&header, &claims));
        update(&mut state, Msg::Paste(Secret::new(token)), now());
        press(&mut state, &[Key::Char('x')]);
        state
    }

    fn failed(state: &State) -> Vec<&str> {
        let judged = state
            .token
            .decoded
            .as_ref()
            .unwrap()
            .result
            .as_ref()
            .unwrap();
        let checks = judged.verdict.checks.iter();
        let failed = checks.filter(|check| check.outcome == CheckOutcome::Failed);
        failed.map(|check| check.name.as_str()).collect()
    }

    fn problem(state: &State) -> &str {
        match &state.dialog {
            Some(Dialog::Form(dialog)) => dialog.problem.as_deref().unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_expectation_is_judged_by_and_remembered() {
        let mut state = asked();
        for typed in [
            "https://other.example",
            "c",
            "at+jwt",
            "ES256, EdDSA",
            "sub",
            "",
            "1h",
        ] {
            text(&mut state, typed);
            press(&mut state, &[Key::Tab]);
        }
        assert!(press(&mut state, &[Key::Enter]).is_empty());
        assert!(state.dialog.is_none());
        assert_eq!(failed(&state), ["alg", "typ", "iat", "iss", "aud", "sub"]);
        press(&mut state, &[Key::Char('x')]);
        let Some(Dialog::Form(dialog)) = &state.dialog else {
            panic!("no form")
        };
        assert_eq!(dialog.form.value("iss"), "https://other.example");
    }

    #[test]
    fn what_cannot_be_is_told_in_the_form() {
        let mut state = asked();
        press(&mut state, &[Key::Tab; 5]);
        press(&mut state, &[Key::Ctrl('u')]);
        text(&mut state, "301s");
        press(&mut state, &[Key::Enter]);
        assert_eq!(problem(&state), "leeway: at most 300 s");
        press(
            &mut state,
            &[
                Key::Ctrl('u'),
                Key::Tab,
                Key::Tab,
                Key::Char('f'),
                Key::Enter,
            ],
        );
        assert_eq!(problem(&state), "where: name a file with keys");
        press(&mut state, &[Key::BackTab, Key::Char('J'), Key::Tab]);
        text(&mut state, "http://idp.example/jwks");
        press(&mut state, &[Key::Enter]);
        assert!(problem(&state).contains("http"), "{}", problem(&state));
    }

    #[test]
    fn what_an_issuer_is_asked_is_shown_before_and_an_error_comes_back_to_the_form() {
        let mut state = asked();
        text(&mut state, "https://a.example");
        press(&mut state, &[Key::Tab; 7]);
        assert!(press(&mut state, &[Key::Char('i'), Key::Enter]).is_empty());
        let Some(Dialog::Confirm(confirm)) = &state.dialog else {
            panic!("{:?}", state.dialog)
        };
        let shown: Vec<String> = confirm.body.iter().map(Rich::plain).collect();
        assert_eq!(
            shown[0],
            "GET https://a.example/.well-known/openid-configuration"
        );
        let effects = press(&mut state, &[Key::Enter]);
        let [
            Effect::ReadKeys {
                task,
                source: KeySource::Published { place, kid },
            },
        ] = &effects[..]
        else {
            panic!("{effects:?}")
        };
        assert_eq!(*place, KeyPlace::Issuer("https://a.example".to_owned()));
        assert_eq!(kid.as_deref(), Some("elsewhere"));
        let read = |keys| {
            Outcome::ReadKeys(Box::new(ReadKeys {
                name: "https://a.example".to_owned(),
                keys,
                remarks: Vec::new(),
                exchanges: Vec::new(),
            }))
        };
        done(&mut state, *task, read(Err("no answer".to_owned())));
        assert_eq!(problem(&state), "no answer");
        press(&mut state, &[Key::Enter]);
        let effects = press(&mut state, &[Key::Enter]);
        let [Effect::ReadKeys { task, .. }] = effects[..] else {
            panic!("{effects:?}")
        };
        done(&mut state, task, read(Ok(Candidates::Among(Vec::new()))));
        assert!(state.dialog.is_none());
        assert_eq!(state.token.judging.keys.name(), "https://a.example");
    }
}
