//! Panel 4: why a server may refuse the decoded token.

use super::decode;
use crate::{
    jose::{
        verdict::{VerificationKey, choose},
        why::{self, Case, Reason, Validity},
    },
    keystore::record::Record,
    tui::app::{
        activity::Severity, content, dialog::Dialog, effect::Effect, state::State,
        token_panel::Judged, update::text,
    },
};

/// `w`: every reason that is known, to read.
pub(in crate::tui::app::update) fn why(state: &mut State) -> Vec<Effect> {
    let reasons = match decode::result(state) {
        Some(Ok(judged)) => reasons(state, judged),
        Some(Err(faults)) => vec![why::unreadable(faults)],
        None => {
            state.say(Severity::Care, "no token to explain: p pastes one");
            return Vec::new();
        }
    };
    let body = content::why::lines(&reasons);
    text::show(state, "Why a server may refuse it", body, None);
    if let Some(Dialog::Text(dialog)) = &mut state.dialog {
        let acts = reasons.into_iter().filter_map(|reason| reason.act);
        dialog.acts = acts.take(content::why::MOST).collect();
    }
    Vec::new()
}

/// From what is recorded: nobody is asked.
fn reasons(state: &State, judged: &Judged) -> Vec<Reason> {
    let records: Vec<&Record> = state.keys.records().map(AsRef::as_ref).collect();
    let all = records.iter().copied();
    let keys: Vec<VerificationKey> = all.clone().flat_map(Record::verification_keys).collect();
    let key = choose(&judged.token, &keys);
    let thumbprint = key.and_then(VerificationKey::thumbprint);
    let record = all
        .clone()
        .find(|record| Some(record.thumbprint()) == thumbprint);
    let clients = state.configuration.settings.clients.values();
    let clients: Vec<&str> = clients.map(|client| client.client_id.as_str()).collect();
    why::reasons(&Case {
        token: &judged.token,
        verdict: &judged.verdict,
        key,
        certificate: record.and_then(Record::leaf).map(|leaf| Validity {
            from: leaf.not_before(),
            until: leaf.not_after(),
        }),
        keys: &keys,
        places: &state.configuration.endpoints.recorded(all),
        clients: &clients,
        templates: &state.configuration.templates,
        template: record.and_then(|record| record.template.as_deref()),
        now: state.now,
    })
}
