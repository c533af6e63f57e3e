//! The way of a client, gone on a thread of its own: each step is told when it is over.

use std::sync::mpsc::Sender;

use jiff::Timestamp;

use super::shared::Shared;
use crate::{
    keystore::{error::KeystoreError, record::Origin, sealing::Unlocked, store::Keystore},
    net::stream::Stream,
    oauth::{
        access_token::AccessToken,
        api_causes,
        call::Call,
        client::Client,
        discovery::Discovery,
        error::OauthError,
        inquiry::Inquiry,
        keys::Keys,
        run::{Depth, Run},
        step::{Step, StepName, StepOutcome},
    },
    registry::{book::SANDBOX, sandbox_client},
    secret::Secret,
    tui::app::{
        effect::WayOrder,
        msg::{Msg, WayGone},
        task::TaskId,
    },
};

/// Read at once.
const PIECE: usize = 64 << 10;

/// The most of an API's answer that is read for the screen, in bytes.
const MOST: usize = 1 << 20;

/// Somebody who goes a way, and tells of it.
struct Walker<'a> {
    task: TaskId,
    shared: &'a Shared,
    sender: &'a Sender<Msg>,
}

/// The keystore with the keys of a client.
struct Opened {
    keystore: Keystore,
    unlocked: Unlocked,
    keys: Keys,
}

/// Goes it as far as it leads.
pub(super) fn go(task: TaskId, order: WayOrder, shared: &Shared, sender: &Sender<Msg>) -> WayGone {
    let walker = Walker {
        task,
        shared,
        sender,
    };
    let mut access = order.access.clone();
    let result = walker.go(order, &mut access);
    WayGone { access, result }
}

impl Walker<'_> {
    fn go(&self, order: WayOrder, access: &mut Option<AccessToken>) -> Result<(), String> {
        let mut client = match order.settings {
            Some(settings) => Client {
                name: order.client,
                settings,
            },
            None => self
                .sandbox_client()
                .map_err(|reason| self.failed(StepName::Discovery, reason))?,
        };
        let subject = order.subject.as_ref();
        if let Some(subject) = subject {
            client.settings = client.settings.exchanging(subject.kind);
        }
        let has_access = access.is_some();
        // A token that is bound to the client's key is presented with it.
        let opened = (!has_access || client.settings.is_bound() || order.inquiry.is_some())
            .then(|| self.open(&client))
            .transpose()
            .map_err(|error| {
                let name = if has_access {
                    StepName::Call
                } else {
                    StepName::Assertion
                };
                self.failed(name, error.to_string())
            })?;
        if let (Some(inquiry), Some(opened), Some(access)) = (order.inquiry, &opened, &access) {
            return self.inquire(&client, opened, inquiry, access);
        }
        let granted = match (access.take(), &opened) {
            (None, Some(opened)) => {
                let subject = subject.map(|subject| &subject.token);
                let granted = self.ask(&client, opened, subject)?;
                // What follows may be cancelled: the token is kept all the same.
                let told = Msg::Granted(self.task, Box::new(granted.clone()));
                // Nobody receives any more: the app has ended.
                let _ = self.sender.send(told);
                granted
            }
            (Some(access), _) => access,
            (None, None) => return Ok(()),
        };
        let granted = access.insert(granted);
        match order.call {
            Some(call) => self.call(&client, &call, granted, opened.as_ref()),
            None => Ok(()),
        }
    }

    fn sandbox_client(&self) -> Result<Client, String> {
        let endpoints = self.shared.endpoints()?;
        let sandbox = endpoints.resolved(SANDBOX, self.shared.home(), None);
        let sandbox = sandbox.map_err(|error| error.to_string())?;
        let keystore = self.shared.keystore().map_err(|error| error.to_string())?;
        sandbox_client::find(&sandbox, &keystore).map_err(|error| error.to_string())
    }

    fn open(&self, client: &Client) -> Result<Opened, KeystoreError> {
        let keystore = self.shared.keystore()?;
        let unlocked = self.shared.unlocked(&keystore)?;
        for kid in [client.settings.key.as_deref(), client.settings.proof_key()] {
            let record = kid.map(|kid| keystore.find(kid)).transpose()?;
            if let Some(record) = record
                && record.origin == Origin::NewHere
            {
                // What would be signed with it was shown, and Enter was the word for it.
                keystore.confirm(&record.thumbprint())?;
            }
        }
        let keys = Keys::open(client, &keystore, &unlocked)?;
        Ok(Opened {
            keystore,
            unlocked,
            keys,
        })
    }

    fn ask(
        &self,
        client: &Client,
        opened: &Opened,
        subject: Option<&Secret<String>>,
    ) -> Result<AccessToken, String> {
        let key_state = || self.key_state(client, opened);
        let run = Run {
            client,
            keys: &opened.keys,
            subject,
            discovery: &Discovery::default(),
            depth: Depth::Signature,
            clock: &Timestamp::now,
            key_state: &key_state,
            is_wanted: &|| self.is_wanted(),
        };
        let granted = run.access_token(&mut |step| self.tell(step));
        granted.map_err(|error| first_line(&error.to_string()))
    }

    fn inquire(
        &self,
        client: &Client,
        opened: &Opened,
        inquiry: Inquiry,
        access: &AccessToken,
    ) -> Result<(), String> {
        let key_state = || self.key_state(client, opened);
        let run = Run {
            client,
            keys: &opened.keys,
            subject: None,
            discovery: &Discovery::default(),
            depth: Depth::Expiry,
            clock: &Timestamp::now,
            key_state: &key_state,
            is_wanted: &|| self.is_wanted(),
        };
        let tell = &mut |step| self.tell(step);
        let said = run.inquire(inquiry, access.token(), Some(access), tell);
        said.map(|_| ())
            .map_err(|error| first_line(&error.to_string()))
    }

    /// What is amiss with the client's key at the endpoints on its server.
    fn key_state(&self, client: &Client, opened: &Opened) -> Option<String> {
        let endpoints = self.shared.endpoints().ok()?;
        let at_hand = Some((&opened.keystore, &opened.unlocked));
        let record = opened.keys.record()?;
        sandbox_client::key_state(&endpoints, self.shared.home(), at_hand, client, record)
    }

    /// Calls the API and passes its answer on as it comes.
    fn call(
        &self,
        client: &Client,
        call: &Call,
        access: &AccessToken,
        opened: Option<&Opened>,
    ) -> Result<(), String> {
        if !self.is_wanted() {
            return Err(OauthError::Cancelled.to_string());
        }
        let url = call.url().as_str();
        let keys = opened.map(|opened| &opened.keys);
        let stream = call.open(client, access, keys, &Timestamp::now, &mut |step| {
            self.tell(step);
        });
        let mut stream =
            stream.map_err(|error| self.failed(StepName::CallAnswer, error.to_string()))?;
        let head = stream.head().clone();
        let kind = head.header("content-type").unwrap_or("of no named type");
        let mut step = Step::good(StepName::CallAnswer, format!("{}, {kind}", head.status))
            .took(head.elapsed)
            .with_details(
                head.headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}")),
            )
            .with_raw(head.shown());
        let has_failed = head.status >= 400;
        if has_failed {
            let causes = api_causes::of(call, access, &head, Timestamp::now());
            step = step.with_findings(causes);
            step.outcome = StepOutcome::Bad;
        }
        self.tell(step);
        self.pass_on(&mut stream)
            .map_err(|error| self.failed(StepName::CallAnswer, error.to_string()))?;
        if has_failed {
            return Err(format!("{url} answered {}", head.status));
        }
        Ok(())
    }

    /// The body, a character that is cut between two pieces kept whole.
    fn pass_on(&self, stream: &mut Stream) -> Result<(), OauthError> {
        let mut piece = vec![0; PIECE];
        let mut pending = Vec::new();
        let mut passed = 0;
        while passed <= MOST && self.is_wanted() {
            let length = stream.read(&mut piece)?;
            pending.extend_from_slice(&piece[..length]);
            let whole = match std::str::from_utf8(&pending) {
                Err(cut) if cut.error_len().is_none() && length > 0 => cut.valid_up_to(),
                _ => pending.len(),
            };
            let text = String::from_utf8_lossy(&pending[..whole]).into_owned();
            pending.drain(..whole);
            passed += length;
            // Nobody receives any more: the app has ended.
            let _ = self.sender.send(Msg::Piece(self.task, text));
            if length == 0 {
                break;
            }
        }
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        !self.shared.is_cancelled(self.task)
    }

    fn tell(&self, step: Step) {
        // Nobody receives any more: the app has ended.
        let _ = self.sender.send(Msg::Step(self.task, Box::new(step)));
    }

    /// Tells that the step failed, and hands back why.
    fn failed(&self, name: StepName, reason: String) -> String {
        self.tell(Step::bad(name, &reason));
        first_line(&reason)
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
