//! Panel 4: a token pasted, taken apart and checked.

use crate::{
    jose::{
        claims::JsonObject,
        token::UnverifiedToken,
        verdict::{Expectations, Verdict, VerificationKey, choose},
    },
    secret::Secret,
    tui::app::{
        activity::Severity,
        effect::Effect,
        panel::Panel,
        scroll::Scroll,
        state::State,
        token_panel::{Decoded, Draft, Judged, Mode, Part},
        update::focus,
    },
};

/// `p`: clears, and takes what the display server has; without one, the terminal pastes.
pub(in crate::tui::app::update) fn paste(state: &mut State) -> Vec<Effect> {
    focus(state, Panel::Token);
    state.token.mode = Mode::Decode;
    state.token.decoded = None;
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
    let result = UnverifiedToken::decode(text.expose())
        .map(|token| judged(state, token))
        .map_err(|error| error.to_string());
    state.token.decoded = Some(Decoded { text, result });
}

/// Checks the decoded token anew: the keys, or the time, are others now.
pub(in crate::tui::app::update) fn judge_again(state: &mut State) {
    if let Some(decoded) = state.token.decoded.take() {
        let scroll = state.token.scroll;
        let mode = state.token.mode;
        decode(state, decoded.text);
        state.token.scroll = scroll;
        state.token.mode = mode;
    }
}

/// The token that is decoded.
pub(in crate::tui::app::update) fn decoded(state: &State) -> Option<&Judged> {
    match state.token.mode {
        Mode::Decode => state.token.decoded.as_ref()?.result.as_ref().ok(),
        Mode::Mint => None,
    }
}

/// `E`: the decoded token into the editor of the selected key.
pub(in crate::tui::app::update) fn edit_this(state: &mut State) -> Vec<Effect> {
    let Some((thumbprint, record)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to sign with: n makes one");
        return Vec::new();
    };
    let Some(token) = decoded(state).map(|judged| &judged.token) else {
        state.say(Severity::Care, "no token to edit: p pastes one");
        return Vec::new();
    };
    let Some(claims) = token.claims() else {
        state.say(
            Severity::Care,
            "its payload is no claims set: it cannot be edited",
        );
        return Vec::new();
    };
    let mut header = token.header.members().clone();
    header.insert("alg".to_owned(), record.alg.name().into());
    if header.contains_key("kid") {
        header.insert("kid".to_owned(), record.kid.clone().into());
    }
    let header = JsonObject::from_members(header);
    let draft = Draft::of("blank", &header, claims);
    state.token.start_over(&thumbprint);
    state.token.keep(thumbprint, draft);
    state.token.mode = Mode::Mint;
    state.token.editing = Some(Part::Claims);
    Vec::new()
}

/// Checks `token` with the keys of the keystore.
fn judged(state: &State, token: UnverifiedToken) -> Judged {
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
    let key = choose(&token, &keys);
    let checked_with = match key {
        Some(VerificationKey::Public { kid, .. }) => kid.clone(),
        Some(VerificationKey::Symmetric { .. }) | None => None,
    };
    let verdict = Verdict::of(&token, key, &Expectations::default(), state.now);
    Judged {
        token,
        verdict,
        checked_with,
    }
}
