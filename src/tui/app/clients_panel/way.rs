//! The way of one client: the steps gone so far, the access token, and what an API answered.

use jiff::Timestamp;

use crate::{
    config::settings::{ClientAuth, ClientSettings},
    oauth::{
        access_token::AccessToken,
        call::Call,
        step::{Step, StepName, StepOutcome},
    },
    tui::app::task::TaskId,
};

/// The most of an API's answer that is kept, in bytes.
const MOST: usize = 1 << 20;

/// What stands at the step that did not come.
const CANCELLED: &str = "cancelled: ⏎ on the client begins anew";

/// The same where the access token is there.
const CALL_CANCELLED: &str = "cancelled: C calls again";

/// The way of one client.
#[derive(Debug, Default)]
pub struct Way {
    pub steps: Vec<Step>,
    /// The work that goes it.
    pub under_way: Option<TaskId>,
    /// In memory alone.
    access: Option<AccessToken>,
    /// The one that could be used when a new one was asked for.
    before: Option<AccessToken>,
    /// The client as it was when the token was asked for: another one's is not used.
    settings: Option<ClientSettings>,
    /// The call that was made last.
    pub call: Option<Call>,
    pub answer: ApiAnswer,
}

/// The body of an API's answer as far as it has come.
#[derive(Debug, Default)]
pub struct ApiAnswer {
    /// Its beginning, at most a megabyte.
    pub text: String,
    /// How much came.
    pub bytes: u64,
}

impl Way {
    /// The whole way begins anew.
    pub fn begin(&mut self, task: TaskId, settings: Option<ClientSettings>) {
        let can_serve = self.is_of(settings.as_ref()) && !self.is_doubtful();
        let before = self.access.take().filter(|_| can_serve);
        *self = Self {
            under_way: Some(task),
            before: before.or(self.before.take()),
            settings,
            ..Self::default()
        };
    }

    /// A call follows the steps that led to the token at hand.
    pub fn begin_call(&mut self, task: TaskId) {
        let token = |step: &Step| step.name == StepName::AccessToken;
        let end = self.steps.iter().position(token);
        self.steps.truncate(end.map_or(0, |place| place + 1));
        self.under_way = Some(task);
        self.answer = ApiAnswer::default();
    }

    /// Nobody waits for the rest: the step that was to come says so. A token that was there before
    /// is there still.
    pub fn cancel(&mut self) {
        self.under_way = None;
        let before = self.before.take();
        if self.access.is_none() {
            self.access = before;
        }
        if let Some(step) = self.steps.last_mut()
            && step.name == StepName::CallAnswer
        {
            step.outcome = StepOutcome::Care;
            step.findings
                .push("cancelled: this is what came".to_owned());
            return;
        }
        let next = self.next_step();
        let told = match next {
            StepName::Call | StepName::CallAnswer => CALL_CANCELLED,
            _ => CANCELLED,
        };
        self.steps.push(Step {
            outcome: StepOutcome::Care,
            ..Step::good(next, told)
        });
    }

    /// The step that is under way after those that are over.
    fn next_step(&self) -> StepName {
        let Some(last) = self.steps.last() else {
            return StepName::Discovery;
        };
        let is_token = |step: &Step| step.name == StepName::AccessToken;
        match last.name {
            StepName::Discovery if self.shows_certificate() => StepName::Certificate,
            // Asked to wait, it proves itself again.
            StepName::Answer if last.secret.is_none() => self.proof(),
            StepName::Discovery | StepName::Certificate => self.proof(),
            StepName::Assertion => self.possession(),
            StepName::Dpop if self.steps.iter().any(is_token) => StepName::Call,
            StepName::Dpop => StepName::TokenRequest,
            StepName::TokenRequest => StepName::Answer,
            StepName::Answer => StepName::AccessToken,
            StepName::AccessToken => StepName::Call,
            StepName::Call | StepName::CallAnswer => StepName::CallAnswer,
            StepName::Introspection => StepName::Introspection,
            StepName::Revocation => StepName::Revocation,
        }
    }

    fn shows_certificate(&self) -> bool {
        let mut settings = self.settings.iter();
        settings.any(ClientSettings::shows_certificate)
    }

    /// The step that follows what is done once.
    fn proof(&self) -> StepName {
        let mut settings = self.settings.iter();
        let asserts = |settings: &ClientSettings| {
            settings.signs() || settings.auth == ClientAuth::ClientSecretJwt
        };
        if settings.any(|settings| !asserts(settings)) {
            self.possession()
        } else {
            StepName::Assertion
        }
    }

    /// The step that follows the proof of who the client is.
    fn possession(&self) -> StepName {
        let mut settings = self.settings.iter();
        if settings.any(|settings| settings.proof_key().is_some()) {
            StepName::Dpop
        } else {
            StepName::TokenRequest
        }
    }

    /// The access token, whether it can be used still or not.
    pub fn access(&self) -> Option<&AccessToken> {
        self.access.as_ref()
    }

    /// The access token, where a call of the client as `settings` say may use it at `now`.
    pub fn fresh(&self, settings: Option<&ClientSettings>, now: Timestamp) -> Option<&AccessToken> {
        self.access
            .as_ref()
            .filter(|access| self.is_of(settings) && !self.is_doubtful() && access.is_fresh(now))
    }

    /// Whether the access token did not verify with the server's keys.
    pub fn is_doubtful(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| (step.name, step.outcome) == (StepName::AccessToken, StepOutcome::Bad))
    }

    /// Whether it is the way of a client as `settings` say.
    pub fn is_of(&self, settings: Option<&ClientSettings>) -> bool {
        self.settings.as_ref() == settings
    }

    /// Keeps a token.
    pub fn keep(&mut self, access: AccessToken) {
        self.access = Some(access);
        self.before = None;
    }

    /// Forgets the token and whatever else is secret; what is masked stays.
    pub fn forget_tokens(&mut self) {
        self.access = None;
        self.before = None;
        for step in &mut self.steps {
            step.secret = None;
        }
    }

    /// Whether a step failed before there was a token.
    pub fn was_refused(&self) -> bool {
        let token = |step: &Step| step.name == StepName::AccessToken;
        let end = self.steps.iter().position(token);
        let mut before = self.steps[..end.map_or(self.steps.len(), |end| end + 1)].iter();
        before.any(|step| step.outcome == StepOutcome::Bad)
    }

    /// The place of the step that failed, else of the last one.
    pub fn telling_step(&self) -> usize {
        let bad = |step: &Step| step.outcome == StepOutcome::Bad;
        let failed = self.steps.iter().position(bad);
        failed.unwrap_or(self.steps.len().saturating_sub(1))
    }
}

impl ApiAnswer {
    /// Takes the next piece.
    pub fn add(&mut self, piece: &str) {
        self.bytes += piece.len() as u64;
        let free = MOST.saturating_sub(self.text.len());
        let mut end = free.min(piece.len());
        while !piece.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&piece[..end]);
    }

    /// Whether more came than is kept.
    pub fn is_cut(&self) -> bool {
        self.bytes > self.text.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_answer_is_kept_in_part_and_counted_whole() {
        let mut answer = ApiAnswer::default();
        let piece = format!("x{}", "鍵".repeat(100_000));
        for _ in 0..5 {
            answer.add(&piece);
        }
        assert!(answer.is_cut() && answer.text.len() <= MOST);
        assert_eq!(answer.bytes, 1_500_005);
    }
}
