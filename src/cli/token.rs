//! `keyfob token`

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    arguments::TokenOptions,
    clients,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    patience::Patience,
    remote,
    session::Session,
};
use crate::{
    config::settings::{ClientServer, Settings},
    keystore::{sealing::Unlocked, store::Keystore},
    oauth::{
        access_token::AccessToken,
        client::Client,
        commands::Commands,
        discovery::Discovery,
        keys::Keys,
        run::{Depth, Run},
        server::Server,
        step::{Step, StepOutcome},
    },
    registry::{
        book::{Endpoints, SANDBOX},
        sandbox_client,
    },
};

pub(super) fn run(
    options: &TokenOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if options.curl {
        return curl(&options.client, session, output);
    }
    if !options.show {
        let (_, access) = granted(&options.client, session, output)?;
        return match output.format() {
            Format::Text => output.result(access.token().expose()),
            Format::Json => output.json(&answer(&access)),
        }
        .map(|()| Exit::Done);
    }
    let proof = Proof::of(&options.client, session, output)?;
    let mut steps = Vec::new();
    let mut printed = Ok(());
    let result = proof.access_token(session, Depth::Signature, &mut |step| {
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

/// An access token of `client`, and the client with its key; what is worth a word is said.
pub(super) fn granted(
    client: &str,
    session: &Session,
    output: &mut Output,
) -> Result<(Proof, AccessToken), Failure> {
    let proof = Proof::of(client, session, output)?;
    let access = proof.access_token(session, Depth::Expiry, &mut |step| {
        if step.outcome == StepOutcome::Care {
            for finding in &step.findings {
                output.say(&format!("! {finding}"));
            }
        }
    })?;
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
    endpoints: Endpoints,
    keystore: Keystore,
    unlocked: Unlocked,
}

impl Proof {
    fn of(name: &str, session: &Session, output: &mut Output) -> Result<Self, Failure> {
        let client = client(name, &session.settings()?, session)?;
        let keystore = session.keystore()?;
        let record = keystore.find(&client.settings.key)?;
        client.fits(&record)?;
        session.confirm(&keystore, &record, output)?;
        if let Some(kid) = client.settings.proof_key() {
            session.confirm(&keystore, &keystore.find(kid)?, output)?;
        }
        let unlocked = session.unlock(&keystore)?;
        let keys = Keys::open(&client, &keystore, &unlocked)?;
        Ok(Self {
            client,
            keys,
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
        let run = Run {
            client: &self.client,
            keys: &self.keys,
            discovery: &Discovery::default(),
            depth,
            clock: &Timestamp::now,
            key_state: &|| self.key_state(session),
            is_wanted: &|| true,
        };
        let (ClientServer::Issuer(server) | ClientServer::TokenUrl(server)) =
            &self.client.settings.server;
        let _waiting = Patience::with(server);
        Ok(run.access_token(tell)?)
    }

    /// What is amiss with the key at the endpoints on the client's server.
    fn key_state(&self, session: &Session) -> Option<String> {
        let opened = Some((&self.keystore, &self.unlocked));
        let (client, record) = (&self.client, &self.keys.record);
        sandbox_client::key_state(&self.endpoints, session.home(), opened, client, record)
    }
}

/// The commands that do the same; the metadata are asked for, and nothing else is.
fn curl(name: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let client = client(name, &session.settings()?, session)?;
    let record = session.keystore()?.find(&client.settings.key)?;
    let (policy, discovery) = (client.policy(), Discovery::default());
    let server = Server::find(&client, &policy, &discovery, &mut Vec::new())?;
    let commands = Commands::of(&client, &record.kid, server.token_url.as_str());
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
