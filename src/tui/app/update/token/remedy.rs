//! Panel 4: what is done about a reason, one key away from it.

use std::{sync::Arc, time::Duration};

use super::decode;
use crate::{
    jose::why::{self, Act},
    tui::app::{
        action::Action,
        activity::Severity,
        dialog::FormKind,
        effect::Effect,
        panel::Panel,
        state::State,
        token_panel::Mode,
        update::{copy, focus, forms, perform as act},
    },
};

/// How long a token lives that is minted anew, where the configuration says nothing else: no service
/// that is known wants less.
const USUAL: Duration = Duration::from_secs(300);

/// Does what a reason names as its remedy; what is sent is shown before, as always.
pub(in crate::tui::app::update) fn perform(state: &mut State, remedy: &Act) -> Vec<Effect> {
    match remedy {
        Act::Copy => copy::main_thing(state),
        Act::Import => act(state, Action::Import),
        Act::Mint(kid) => {
            if let Some(kid) = kid {
                select(state, kid);
            }
            mint_anew(state)
        }
        Act::Register { kid, place } => {
            select(state, kid);
            if place.is_some() {
                state.register.used.clone_from(place);
            }
            act(state, Action::Register)
        }
        Act::Template { kid, template } => {
            if let Some(kid) = kid {
                select(state, kid);
            }
            let effects = focus(state, Panel::Token);
            state.token.mode = Mode::Mint;
            let form = FormKind::Template(template.clone());
            forms::open(state, form)
                .into_iter()
                .chain(effects)
                .collect()
        }
        Act::Renew(kid) => {
            select(state, kid);
            match state.keys.selected() {
                Some((thumbprint, record)) if record.leaf().is_some() => {
                    forms::open(state, FormKind::RenewCertificate(thumbprint))
                }
                _ => {
                    state.say(Severity::Care, format!("{kid} has no certificate to renew"));
                    Vec::new()
                }
            }
        }
    }
}

/// The token in the editor, what servers refuse it for most often put right.
fn mint_anew(state: &mut State) -> Vec<Effect> {
    let most = state.configuration.settings.defaults.ttl;
    let most = most.unwrap_or(USUAL);
    let effects = focus(state, Panel::Token);
    decode::edit(state, |claims| why::mended(claims, most));
    effects
}

/// Puts the cursor on a key, also where the filter hides it.
fn select(state: &mut State, kid: &str) {
    let found = state.keys.records().find(|record| record.kid == kid);
    let Some(record) = found.map(Arc::clone) else {
        return;
    };
    if state
        .keys
        .selected()
        .is_none_or(|(_, selected)| selected.kid != kid)
    {
        state.keys.filter = None;
        state.keys.rearrange();
        state.keys.select_key(&record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jose::{claims::JsonObject, token::signing_input},
        secret::Secret,
        tui::{
            app::{dialog::Dialog, key::Key, msg::Msg, update::update},
            fixture::{now, press, sandbox, state},
        },
    };

    const HEADER: &str = r#"{"kid":"prod-2026-11", "alg":"RS256","x":1.0}"#;

    /// The reasons against a token of these claims, as a dialog.
    fn asked(before: &str, claims: &str) -> State {
        asked_of("prod-2026-11", before, claims)
    }

    fn asked_of(kid: &str, before: &str, claims: &str) -> State {
        let mut state = state(120, 36);
        state.sandbox.found(sandbox(), now());
        let header = HEADER.replace("prod-2026-11", kid);
        let header = JsonObject::parse(&header).unwrap();
        let claims = JsonObject::parse(claims).unwrap();
        let token = format!("{before}{}.AAAA", signing_input(&header, &claims));
        update(&mut state, Msg::Paste(Secret::new(token)), now());
        press(&mut state, &[Key::Char('w')]);
        state
    }

    /// Presses the number of the remedy that says so.
    fn press_number(state: &mut State, words: &str) -> Vec<Effect> {
        let Some(Dialog::Text(dialog)) = &state.dialog else {
            panic!("{:?}", state.dialog)
        };
        let lines: Vec<String> = dialog
            .body
            .iter()
            .map(crate::tui::app::rich::Rich::plain)
            .collect();
        let line = lines.iter().find(|line| line.ends_with(words));
        let line = line.unwrap_or_else(|| panic!("{lines:#?}"));
        let number = line.strip_suffix(words).unwrap().trim_end().chars().last();
        press(state, &[Key::Char(number.unwrap())])
    }

    #[test]
    fn an_expired_token_is_minted_anew_with_the_key_that_it_names() {
        let mut state = asked("", r#"{"iat":1000,"exp":1060,"aud":["a"],"b":1e3}"#);
        press_number(&mut state, "mints anew with prod-2026-11");
        assert!(state.is_editing());
        let (_, record, draft) = state.draft().unwrap();
        assert_eq!(record.kid, "prod-2026-11");
        let text = |lines: &[String]| JsonObject::parse(&lines.join("\n")).unwrap().compact();
        assert_eq!(
            text(draft.claims.lines()),
            r#"{"iat":"now","exp":"+60s","aud":"a","b":1e3}"#
        );
        let header = JsonObject::parse(HEADER).unwrap();
        assert_eq!(text(draft.header.lines()), header.compact());
    }

    #[test]
    fn a_key_that_is_nowhere_is_registered_from_there() {
        let mut state = asked_of("partner-ec", "", r#"{"sub":"a"}"#);
        press_number(&mut state, "registers partner-ec");
        assert!(matches!(&state.dialog, Some(Dialog::Send(send)) if send.kid == "partner-ec"));
    }

    #[test]
    fn the_template_of_the_service_is_opened() {
        let mut state = asked("", r#"{"sub":"a"}"#);
        press_number(&mut state, "opens gooddata");
        assert_eq!(state.token.mode, Mode::Mint);
        let Some(Dialog::Form(form)) = &state.dialog else {
            panic!("{:?}", state.dialog)
        };
        assert_eq!(form.kind, FormKind::Template("gooddata".to_owned()));
    }

    #[test]
    fn what_stood_around_a_token_is_left_when_it_is_copied() {
        let mut state = asked("\"", r#"{"sub":"a"}"#);
        let effects = press_number(&mut state, "copies it alone");
        let [Effect::Copy { text, .. }] = &effects[..] else {
            panic!("{effects:?}")
        };
        assert!(text.expose().starts_with("eyJ"));
    }
}
