//! Panel 4: a token signed, shown and presented; the template it begins with.

use std::sync::Arc;

use crate::{
    keystore::record::{Half, Origin, Record, Status},
    registry::book::SANDBOX,
    tui::app::{
        activity::{Severity, compact},
        dialog::{Consent, FormKind},
        effect::{Effect, MintOrder},
        msg::{Minted, Presented},
        panel::Panel,
        scroll::Scroll,
        state::{State, Vault},
        token_panel::{Draft, MintedToken, Mode, Presentation},
        update::{focus, forms},
        waiting::{Then, Waiting},
    },
};

/// The sandbox's route that a token is presented to.
const PROFILE: &str = "/api/v1/profile";

/// `m`: mints at once from the key's draft.
pub(in crate::tui::app::update) fn mint(state: &mut State) -> Vec<Effect> {
    if let Some(task) = state.keys.selected_pending() {
        state.waiting = Some(Waiting {
            task,
            then: Some(Then::Mint),
            keys: Vec::new(),
        });
        return Vec::new();
    }
    let Some((_, record, draft)) = state.draft() else {
        state.say(Severity::Care, "no key to mint with: n makes one");
        return Vec::new();
    };
    state.token.mode = Mode::Mint;
    focus(state, Panel::Token);
    order(state, record, &draft, Then::Mint, Consent::NotAsked)
}

/// `Ctrl-S` in the editor: signs what is written.
pub(in crate::tui::app::update) fn mint_edited(state: &mut State) -> Vec<Effect> {
    match state.draft() {
        Some((_, record, draft)) => {
            order(state, record, &draft, Then::MintEdited, Consent::NotAsked)
        }
        None => Vec::new(),
    }
}

/// Signs the draft of the selected key although its service is known to refuse the token.
pub(in crate::tui::app::update) fn mint_all_the_same(state: &mut State, then: Then) -> Vec<Effect> {
    match state.draft() {
        Some((_, record, draft)) => order(state, record, &draft, then, Consent::Asked),
        None => Vec::new(),
    }
}

/// Signs a draft, after the passphrase where one is needed, and after a word where its service is
/// known to refuse the token.
fn order(
    state: &mut State,
    record: Arc<Record>,
    draft: &Draft,
    then: Then,
    consent: Consent,
) -> Vec<Effect> {
    if record.half == Half::PublicOnly {
        let text = format!("{} has no private half here: it cannot sign", record.kid);
        state.say(Severity::Care, text);
        return Vec::new();
    }
    if record.origin == Origin::NewHere {
        return forms::open(state, FormKind::NewHere(record.thumbprint(), then));
    }
    if record.status != Status::Active && !state.knowingly.contains(&record.thumbprint()) {
        let kind = FormKind::NotActive {
            thumbprint: record.thumbprint(),
            status: record.status,
            then,
        };
        return forms::open(state, kind);
    }
    let template = state.template_for(draft);
    let preview = match draft.preview(&record, template, state.now, &state.zone) {
        Ok(preview) => preview,
        Err(problem) => {
            let text = format!("{}: {}", problem.part.name(), problem.reason);
            state.say(Severity::Bad, text);
            return Vec::new();
        }
    };
    match state.vault {
        Vault::Locked => return forms::open(state, FormKind::Unlock(Some(then))),
        Vault::Missing => return forms::open(state, FormKind::FirstStart),
        Vault::Open | Vault::Unlocked => {}
    }
    let refusals: Vec<String> = preview.refusals().map(|each| each.text.clone()).collect();
    if consent == Consent::NotAsked && !refusals.is_empty() {
        return forms::open(state, FormKind::Refused(refusals, then));
    }
    let task = state.tasks.begin("minting", state.now);
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    let order = MintOrder {
        record,
        header: preview.header,
        draft: preview.draft,
        now: state.now,
        zone: state.zone.clone(),
        template: draft.template.clone(),
    };
    vec![Effect::Mint {
        task,
        order: Box::new(order),
    }]
}

/// Shows a minted token, and presents it to the sandbox where its key is registered there.
pub(in crate::tui::app::update) fn minted(state: &mut State, minted: Minted) -> Vec<Effect> {
    let thumbprint = minted.record.thumbprint();
    let kid = &minted.record.kid;
    let from = minted.template.as_deref().unwrap_or("another token");
    let what = format!("minted a token with {kid} from {from}");
    state.activity.add(state.now, Severity::Good, what, &[]);
    state.say(Severity::Good, format!("✓ minted with {kid}: y copies"));
    state.token.editing = None;
    state.token.scroll = Scroll::default();
    let url = sandbox_profile(state, &minted.record);
    let presented = url.clone().map(Presentation::UnderWay);
    let token = minted.token.clone();
    state.token.minted.insert(
        thumbprint,
        MintedToken {
            token: minted.token,
            header: minted.header,
            claims: minted.claims,
            presented,
        },
    );
    state.keys.put(&minted.record, None);
    match url {
        Some(url) => {
            let task = state.tasks.begin("asking the sandbox's profile", state.now);
            vec![Effect::Present { task, token, url }]
        }
        None => Vec::new(),
    }
}

/// What the sandbox said to a token.
pub(in crate::tui::app::update) fn presented(state: &mut State, result: Result<Presented, String>) {
    let waits =
        |minted: &&mut MintedToken| matches!(minted.presented, Some(Presentation::UnderWay(_)));
    let answer = match result {
        Ok(presented) => {
            let exchange = presented.exchange;
            let status = exchange.response.status;
            let url = exchange.request.url.clone();
            let body = compact(&exchange.response.text());
            let severity = if status == 200 {
                Severity::Good
            } else {
                Severity::Bad
            };
            let what = format!("presented the token to {url}: {status}");
            let exchanges = [exchange.clone()];
            state.activity.add(state.now, severity, what, &exchanges);
            Presentation::Answered { url, status, body }
        }
        Err(reason) => {
            let what = format!("the sandbox's profile did not answer: {reason}");
            state.activity.add(state.now, Severity::Bad, what, &[]);
            Presentation::Failed {
                url: PROFILE.to_owned(),
                reason,
            }
        }
    };
    if let Some(minted) = state.token.minted.values_mut().find(waits) {
        minted.presented = Some(answer);
    }
}

/// Where a token of `record` is presented: the sandbox, while its key is registered there.
fn sandbox_profile(state: &State, record: &Arc<Record>) -> Option<String> {
    let running = &state.sandbox.at_hand.as_ref()?.running;
    let standing = state.standing(record.thumbprint(), record, SANDBOX);
    standing
        .is_registered()
        .then(|| format!("{}{PROFILE}", running.auth))
}
