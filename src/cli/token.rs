//! `keyfob token`

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    arguments::TokenOptions,
    clients,
    exit::Exit,
    failure::Failure,
    files,
    output::{Format, Output},
    patience::Patience,
    remote,
    session::Session,
};
use crate::{
    config::settings::{ClientServer, Settings},
    jose::verdict::Outcome,
    keystore::{sealing::Unlocked, store::Keystore},
    oauth::{
        access_token::AccessToken,
        client::Client,
        commands::Commands,
        discovery::Discovery,
        inquiry::{Inquiry, Introspection},
        keys::Keys,
        run::{Depth, Run},
        server::Server,
        step::{Step, StepOutcome},
    },
    registry::{
        book::{Endpoints, SANDBOX},
        sandbox_client,
    },
    secret::Secret,
};

pub(super) fn run(
    options: &TokenOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if options.curl {
        return curl(options, session, output);
    }
    if options.introspect || options.revoke.is_some() {
        return inquire(options, session, output);
    }
    if !options.show {
        let proof = Proof::asked(options, session, output)?;
        let access = proof.granted(Depth::Signature, session, output)?;
        return match output.format() {
            Format::Text => output.result(access.token().expose()),
            Format::Json => output.json(&answer(&access)),
        }
        .map(|()| Exit::Done);
    }
    let proof = Proof::asked(options, session, output)?;
    let asked = |tell: &mut dyn FnMut(Step)| {
        let access = proof.access_token(session, Depth::Signature, tell);
        access.map(|_| ())
    };
    shown(asked, output)
}

/// Prints each step that `asked` tells.
fn shown(
    asked: impl FnOnce(&mut dyn FnMut(Step)) -> Result<(), Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut steps = Vec::new();
    let mut printed = Ok(());
    let result = asked(&mut |step| {
        if output.format() == Format::Text && printed.is_ok() {
            printed = output.result(&lines(&step).join("\n"));
        }
        steps.push(step);
    });
    printed?;
    if output.format() == Format::Json {
        output.json(&Value::Array(steps.iter().map(step_json).collect()))?;
    }
    result?;
    let refused = steps.iter().any(|step| step.outcome == StepOutcome::Bad);
    Ok(if refused { Exit::No } else { Exit::Done })
}

/// The token that was named, or what stdin holds.
fn given(text: &str) -> Result<Secret<String>, Failure> {
    let token = match text {
        "-" => {
            let bytes = files::read(Path::new(text))?;
            Secret::new(String::from_utf8_lossy(bytes.expose()).trim().to_owned())
        }
        text => Secret::new(text.trim().to_owned()),
    };
    if token.expose().is_empty() {
        return Err(Failure::usage(
            "there is no token: write it, or - and stdin",
        ));
    }
    Ok(token)
}

/// Asks the server about the token that was named, or about a new one.
fn inquire(
    options: &TokenOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (inquiry, token) = match (&options.revoke, &options.of) {
        (Some(token), _) => (Inquiry::Revoke, Some(given(token)?)),
        (None, Some(token)) => (Inquiry::Introspect, Some(given(token)?)),
        (None, None) => (Inquiry::Introspect, None),
    };
    let proof = Proof::of(&options.client, session, output)?;
    let ask = |tell: &mut dyn FnMut(Step)| -> Result<Option<Introspection>, Failure> {
        let access = match &token {
            Some(_) => None,
            None => Some(proof.access_token(session, Depth::Expiry, tell)?),
        };
        let asked = access.as_ref().map(AccessToken::token).or(token.as_ref());
        match asked {
            Some(asked) => proof.inquire(inquiry, asked, access.as_ref(), session, tell),
            None => Ok(None),
        }
    };
    if options.show {
        return shown(|tell| ask(tell).map(|_| ()), output);
    }
    // A failure brings its causes itself.
    let mut remarks = Vec::new();
    let said = ask(&mut |step| remarks.extend(step.findings))?;
    for remark in remarks {
        output.say(&format!("! {remark}"));
    }
    let Some(said) = said else {
        output.say(&format!(
            "the server of {} does not know the token any more",
            options.client
        ));
        return Ok(Exit::Done);
    };
    match output.format() {
        Format::Text => output.result(&said.document.pretty())?,
        Format::Json => output.json(&Value::Object(said.document.members().clone()))?,
    }
    Ok(if said.is_active { Exit::Done } else { Exit::No })
}

/// An access token of `client`, and the client with its key; what is worth a word is said.
pub(super) fn granted(
    client: &str,
    session: &Session,
    output: &mut Output,
) -> Result<(Proof, AccessToken), Failure> {
    let proof = Proof::of(client, session, output)?;
    let access = proof.granted(Depth::Expiry, session, output)?;
    Ok((proof, access))
}

/// The client of that name: of the configuration, or the sandbox's own.
pub(super) fn client(
    name: &str,
    settings: &Settings,
    session: &Session,
) -> Result<Client, Failure> {
    if let Some(settings) = settings.clients.get(name) {
        return Ok(Client {
            name: name.to_owned(),
            settings: settings.clone(),
        });
    }
    if name != SANDBOX {
        return Err(clients::unknown(name));
    }
    let sandbox = remote::endpoint(SANDBOX, session)?;
    Ok(sandbox_client::find(&sandbox, &session.keystore()?)?)
}

/// A client with its key opened.
pub(super) struct Proof {
    pub(super) client: Client,
    pub(super) keys: Keys,
    /// The token that is exchanged.
    subject: Option<Secret<String>>,
    discovery: Discovery,
    endpoints: Endpoints,
    keystore: Keystore,
    unlocked: Unlocked,
}

impl Proof {
    /// The client that was asked for, and the token that it is to exchange.
    fn asked(
        options: &TokenOptions,
        session: &Session,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        let mut proof = Self::of(&options.client, session, output)?;
        if let Some(token) = &options.exchange {
            proof.subject = Some(given(token)?);
            let kind = options.kind.unwrap_or_default();
            proof.client.settings = proof.client.settings.exchanging(kind);
        }
        Ok(proof)
    }

    /// An access token; what is worth a word is said. One that cannot be verified is granted all
    /// the same: the API decides.
    fn granted(
        &self,
        depth: Depth,
        session: &Session,
        output: &mut Output,
    ) -> Result<AccessToken, Failure> {
        self.access_token(session, depth, &mut |step| {
            let unverified = match step.verdict {
                Some(Outcome::Invalid) => Some("did not pass verification"),
                Some(Outcome::NotChecked) => Some("was not verified"),
                Some(Outcome::Valid) | None => None,
            };
            if let Some(words) = unverified {
                let why = step.findings.join("; ");
                output.say(&format!("! the access token {words}: {why}"));
            } else if step.outcome == StepOutcome::Care {
                for finding in &step.findings {
                    output.say(&format!("! {finding}"));
                }
            }
        })
    }

    fn of(name: &str, session: &Session, output: &mut Output) -> Result<Self, Failure> {
        let client = client(name, &session.settings()?, session)?;
        let keystore = session.keystore()?;
        if let Some(kid) = &client.settings.key {
            let record = keystore.find(kid)?;
            client.fits(&record)?;
            session.confirm(&keystore, &record, output)?;
        }
        if let Some(kid) = client.settings.proof_key() {
            session.confirm(&keystore, &keystore.find(kid)?, output)?;
        }
        let unlocked = session.unlock(&keystore)?;
        let keys = Keys::open(&client, &keystore, &unlocked)?;
        Ok(Self {
            client,
            keys,
            subject: None,
            discovery: Discovery::default(),
            endpoints: session.endpoints()?,
            keystore,
            unlocked,
        })
    }

    fn access_token(
        &self,
        session: &Session,
        depth: Depth,
        tell: &mut dyn FnMut(Step),
    ) -> Result<AccessToken, Failure> {
        let key_state = || self.key_state(session);
        let run = self.run(depth, &key_state);
        let (ClientServer::Issuer(server) | ClientServer::TokenUrl(server)) =
            &self.client.settings.server;
        let _waiting = Patience::with(server);
        Ok(run.access_token(tell)?)
    }

    fn inquire(
        &self,
        inquiry: Inquiry,
        token: &Secret<String>,
        access: Option<&AccessToken>,
        session: &Session,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Option<Introspection>, Failure> {
        let key_state = || self.key_state(session);
        let run = self.run(Depth::Expiry, &key_state);
        Ok(run.inquire(inquiry, token, access, tell)?)
    }

    fn run<'a>(&'a self, depth: Depth, key_state: &'a dyn Fn() -> Option<String>) -> Run<'a> {
        Run {
            client: &self.client,
            keys: &self.keys,
            subject: self.subject.as_ref(),
            discovery: &self.discovery,
            depth,
            clock: &Timestamp::now,
            key_state,
            is_wanted: &|| true,
        }
    }

    /// What is amiss with the key at the endpoints on the client's server.
    fn key_state(&self, session: &Session) -> Option<String> {
        let opened = Some((&self.keystore, &self.unlocked));
        let (client, record) = (&self.client, self.keys.record()?);
        sandbox_client::key_state(&self.endpoints, session.home(), opened, client, record)
    }
}

/// The commands that do the same; the metadata are asked for, and nothing else is.
fn curl(options: &TokenOptions, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let mut client = client(&options.client, &session.settings()?, session)?;
    if options.exchange.is_some() {
        let kind = options.kind.unwrap_or_default();
        client.settings = client.settings.exchanging(kind);
    }
    let kid = match &client.settings.key {
        Some(kid) => session.keystore()?.find(kid)?.kid,
        None => String::new(),
    };
    let (policy, discovery) = (client.policy(), Discovery::default());
    let server = Server::find(&client, &policy, &discovery, &mut Vec::new())?;
    let commands = Commands::of(&client, &kid, server.token_url.as_str());
    for remark in &commands.remarks {
        output.say(&format!("! {remark}"));
    }
    match output.format() {
        Format::Text => output.result(&commands.text())?,
        Format::Json => {
            let proofs = commands.proofs.into_iter();
            let mut object: Map<String, Value> = proofs
                .map(|(name, command)| (name.to_owned(), json!(command)))
                .collect();
            object.insert("token".to_owned(), json!(commands.token));
            output.json(&Value::Object(object))?;
        }
    }
    Ok(Exit::Done)
}

/// The whole answer, and `access_token` where the server called it otherwise.
fn answer(access: &AccessToken) -> Value {
    let mut answer: Value = serde_json::from_str(access.answer().expose()).unwrap_or_default();
    if answer.get("access_token").is_none() {
        answer["access_token"] = json!(access.token().expose());
    }
    answer
}

/// A step for people: sign, name, time and summary, what it is made of below.
fn lines(step: &Step) -> Vec<String> {
    let sign = match step.outcome {
        StepOutcome::Good => "✓",
        StepOutcome::Care => "!",
        StepOutcome::Bad => "✗",
    };
    let elapsed = step
        .elapsed
        .map(|elapsed| format!("{} ms", elapsed.as_millis()));
    let (name, elapsed) = (step.name.to_string(), elapsed.unwrap_or_default());
    let mut lines = vec![format!("{sign} {name:<14}{elapsed:>8}  {}", step.summary)];
    lines.extend(step.findings.iter().map(|line| format!("    ! {line}")));
    lines.extend(step.details.iter().map(|line| format!("      {line}")));
    lines
}

fn step_json(step: &Step) -> Value {
    let outcome = match step.outcome {
        StepOutcome::Good => "good",
        StepOutcome::Care => "care",
        StepOutcome::Bad => "bad",
    };
    json!({
        "step": step.name.key(),
        "outcome": outcome,
        "summary": step.summary,
        "details": step.details,
        "findings": step.findings,
        "elapsed_ms": step.elapsed.map(|elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
        "raw": step.raw,
    })
}
