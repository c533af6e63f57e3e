//! Panel 4: a token pasted, taken apart and checked.

use jiff::{SignedDuration, Timestamp};

use crate::{
    jose::{
        claims::JsonObject,
        reading::Reading,
        search::{Cleaned, Search},
        time,
        token::{DecodeError, UnverifiedToken},
        verdict::{Expectations, Verdict, VerificationKey, choose},
    },
    secret::Secret,
    tui::app::{
        activity::Severity,
        content::{json, moments},
        dialog::{Dialog, Menu, MenuKind, MenuRow},
        effect::Effect,
        panel::Panel,
        scroll::Scroll,
        state::State,
        toast::Toast,
        token_panel::{Decoded, Draft, Judged, Keys, Mode, Part, signed_by},
        update::focus,
    },
};

/// `p`: clears, and takes what the display server has; without one, the terminal pastes.
pub(in crate::tui::app::update) fn paste(state: &mut State) -> Vec<Effect> {
    focus(state, Panel::Token);
    state.token.mode = Mode::Decode;
    state.token.decoded = None;
    state.token.sought = None;
    let task = state.tasks.begin("reading the clipboard", state.now);
    vec![Effect::ReadClipboard { task }]
}

/// The clipboard's text, or none that can be read.
pub(in crate::tui::app::update) fn clipboard(state: &mut State, text: Option<Secret<String>>) {
    match text {
        Some(text) => decode(state, text),
        None => state.say(
            Severity::Care,
            "paste the token with your terminal's own key (Ctrl-Shift-V, for example)",
        ),
    }
}

/// Takes a text apart and checks it with the keys of the keystore.
pub(in crate::tui::app::update) fn decode(state: &mut State, text: Secret<String>) {
    state.token.mode = Mode::Decode;
    state.token.scroll = Scroll::default();
    state.token.sought = None;
    show(state, text, 0);
}

/// `f`: the tokens of the text, to choose from.
pub(in crate::tui::app::update) fn found(state: &mut State) -> Vec<Effect> {
    let Some(decoded) = &state.token.decoded else {
        return Vec::new();
    };
    let rows = (1..).zip(&decoded.search.tokens).map(|(number, found)| {
        let reading = Reading::from(found);
        let member = |name| reading.header_text(name).unwrap_or("none").to_owned();
        let place = &found.place;
        MenuRow {
            text: match &place.name {
                Some(name) => format!("{number} {name}"),
                None => format!("{number} line {}, column {}", place.line, place.column),
            },
            detail: format!(
                "{}, alg {}, kid {}",
                reading.kind(),
                member("alg"),
                member("kid")
            ),
            key: format!("{} bytes", found.text.len()),
        }
    });
    let mut menu = Menu::new(MenuKind::Found, rows.collect());
    menu.scroll = Scroll(decoded.chosen);
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// One of the tokens was chosen.
pub(in crate::tui::app::update) fn found_chosen(state: &mut State, place: usize) {
    if let Some(decoded) = state.token.decoded.take() {
        state.token.scroll = Scroll::default();
        state.token.sought = None;
        show(state, decoded.text, place);
    }
}

/// How many tokens there are to choose from.
pub(in crate::tui::app::update) fn count(state: &State) -> usize {
    let decoded = state.token.decoded.as_ref();
    match state.token.mode {
        Mode::Decode => decoded.map_or(0, |decoded| decoded.search.tokens.len()),
        Mode::Mint => 0,
    }
}

/// Whether an object or array stands in the decoded header or claims.
pub(in crate::tui::app::update) fn can_fold(state: &State) -> bool {
    let reading = match state.token.mode {
        Mode::Decode => state.token.decoded.as_ref(),
        Mode::Mint => None,
    };
    let reading = reading.and_then(|decoded| decoded.reading.as_ref());
    let parts = reading.into_iter().flat_map(Reading::parts);
    let mut objects = parts.filter_map(|part| part.object.as_ref());
    objects.any(|object| object.members().values().any(json::is_foldable))
}

fn show(state: &mut State, text: Secret<String>, chosen: usize) {
    let search = Search::of(text.expose());
    let chosen = chosen.min(search.tokens.len().saturating_sub(1));
    let found = search.tokens.get(chosen);
    let reading = found.map(Reading::from);
    let result = match (found, &reading) {
        (Some(found), Some(reading)) => reading.unverified().map(|mut token| {
            token.remarks = found.cleaned.iter().map(Cleaned::remark).collect();
            judged(state, token)
        }),
        _ => Err(DecodeError::nothing_in(text.expose()).to_string()),
    };
    state.token.decoded = Some(Decoded {
        text,
        search,
        chosen,
        reading,
        result,
    });
}

/// Checks the decoded token anew: the keys, or the time, are others now.
pub(in crate::tui::app::update) fn judge_again(state: &mut State) {
    if let Some(decoded) = state.token.decoded.take() {
        let scroll = state.token.scroll;
        let mode = state.token.mode;
        show(state, decoded.text, decoded.chosen);
        state.token.scroll = scroll;
        state.token.mode = mode;
    }
}

/// Checks the decoded token anew where its verdict may be another by now.
pub(in crate::tui::app::update) fn keep_up(state: &mut State) {
    let Some(mut decoded) = state.token.decoded.take() else {
        return;
    };
    decoded.result = decoded.result.map(|last| match last.until {
        Some(until) if until <= state.now => judged(state, last.token),
        _ => last,
    });
    state.token.decoded = Some(decoded);
}

/// The token that is decoded.
pub(in crate::tui::app::update) fn decoded(state: &State) -> Option<&Judged> {
    result(state)?.as_ref().ok()
}

/// What became of the text that was pasted.
pub(in crate::tui::app::update) fn result(state: &State) -> Option<&Result<Judged, String>> {
    match state.token.mode {
        Mode::Decode => Some(&state.token.decoded.as_ref()?.result),
        Mode::Mint => None,
    }
}

/// `E`: the decoded token into the editor of the selected key.
pub(in crate::tui::app::update) fn edit_this(state: &mut State) -> Vec<Effect> {
    edit(state, JsonObject::clone);
    Vec::new()
}

/// The decoded token into the editor of the selected key, its claims changed on the way. All that
/// need not change stays byte for byte.
pub(super) fn edit(state: &mut State, change: impl Fn(&JsonObject) -> JsonObject) {
    let Some((thumbprint, record)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to sign with: n makes one");
        return;
    };
    let Some(token) = decoded(state).map(|judged| &judged.token) else {
        state.say(Severity::Care, "no token to edit: p pastes one");
        return;
    };
    let Some(claims) = token.claims() else {
        state.say(
            Severity::Care,
            "its payload is no claims set: it cannot be edited",
        );
        return;
    };
    let (header, left_out) = signed_by(&token.header, record);
    let draft = Draft::of(&header, &change(claims));
    state.token.start_over(thumbprint, draft);
    state.toast = left_out.map(|text| Toast::new(Severity::Care, text, state.now));
    state.token.mode = Mode::Mint;
    state.token.editing = Some(Part::Claims);
}

/// Checks `token` against what is expected of it.
fn judged(state: &State, token: UnverifiedToken) -> Judged {
    let given = match &state.token.judging.keys {
        Keys::Given { keys, .. } => Some(keys.key_for(&token).cloned()),
        Keys::Keystore => None,
    };
    let key = given.unwrap_or_else(|| of_keystore(state, &token));
    let checked_with = key.as_ref().map(|key| match key.kid() {
        Some(kid) => kid.to_owned(),
        None => "the key".to_owned(),
    });
    let expectations = &state.token.judging.expectations;
    let verdict = Verdict::of(&token, key.as_ref(), expectations, state.now);
    Judged {
        until: until(&token, expectations, state.now),
        token,
        verdict,
        checked_with,
    }
}

/// When a check of a time is told otherwise, or ends otherwise, next.
fn until(
    token: &UnverifiedToken,
    expectations: &Expectations,
    now: Timestamp,
) -> Option<Timestamp> {
    let span = |duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    let leeway = span(expectations.leeway);
    let age = expectations
        .max_age
        .map(|age| span(age).saturating_add(leeway));
    let second = SignedDuration::from_secs(1);
    let dates = token.claims().map(time::dates_of).unwrap_or_default();
    let turns = dates.into_iter().flat_map(|(name, at)| {
        let ends = match name {
            "exp" => at.checked_add(leeway).ok(),
            "nbf" => at.checked_sub(leeway).ok(),
            "iat" => match at.checked_sub(leeway).ok() {
                Some(from) if from > now => Some(from),
                _ => age.and_then(|age| at.checked_add(age).ok()?.checked_add(second).ok()),
            },
            _ => return [None, None],
        };
        // All three count seconds in the last minute.
        [moments::next_told("exp", at, now), ends]
    });
    turns.flatten().filter(|turn| *turn > now).min()
}

/// The key of the keystore that `token` names.
fn of_keystore(state: &State, token: &UnverifiedToken) -> Option<VerificationKey> {
    let keys: Vec<VerificationKey> = match token.kid() {
        // With a name at hand, one key is enough: there may be thousands.
        Some(kid) if state.keys.records().any(|record| record.kid == kid) => state
            .keys
            .records()
            .filter(|record| record.kid == kid)
            .map(|record| record.verification_key())
            .collect(),
        _ => state
            .keys
            .records()
            .map(|record| record.verification_key())
            .collect(),
    };
    choose(token, &keys).cloned()
}
