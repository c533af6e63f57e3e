//! A state to test with: real keys and certificates at a fixed moment.

use std::collections::BTreeMap;

use aws_lc_rs::rand::SystemRandom;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::app::{
    dialog::Dialog,
    effect::Effect,
    key::Key,
    keymap::Keymap,
    msg::{Configuration, Msg, Outcome, SandboxStart, Whose},
    scroll::Scroll,
    state::{Start, State, Vault},
    task::TaskId,
    update::update,
};
use crate::{
    config::{
        home::Home,
        settings::{EndpointSettings, SecretSource, Settings},
    },
    jose::{
        algorithm::Algorithm,
        jwk::PublicJwk,
        key::{PublicKey, Signer},
        pem::fixture::{ED25519, P256, P384, RSA2048, private},
        template::Template,
    },
    keystore::record::{Entry, Evidence, Half, Origin, Record, Registration, Status},
    registry::{
        answer::RemoteKey,
        book::Endpoints,
        rotation::{Named, Planned, Rotation, Stage, Wait},
        view::{self, Sight},
    },
    sandbox::server::Running,
    x509::{
        issue,
        profile::{Profile, Subject},
    },
};

/// The moment of the tests.
pub(crate) fn now() -> Timestamp {
    "2026-11-25T14:00:00Z".parse().unwrap()
}

/// A state of that size with three keys and a file that cannot be read; unlocked.
pub(crate) fn state(columns: u16, rows: u16) -> State {
    let mut state = empty(columns, rows, Vault::Unlocked);
    let entries = records()
        .into_iter()
        .map(|record| Entry::Key(Box::new(record)))
        .chain([Entry::Unreadable {
            file: "3f1a.key".to_owned(),
            reason: "it breaks off in the line of a block".to_owned(),
        }]);
    update(&mut state, Msg::Entries(Ok(entries.collect())), now());
    state
}

/// A state without keys.
pub(crate) fn empty(columns: u16, rows: u16, vault: Vault) -> State {
    State::new(Start {
        size: (columns, rows),
        now: now(),
        zone: TimeZone::UTC,
        vault,
        configuration: configuration(),
        banner: None,
        keymap: Keymap::new(&BTreeMap::new()).unwrap(),
        opened: None,
    })
}

/// Presses keys one after the other; the effects of all.
pub(crate) fn press(state: &mut State, keys: &[Key]) -> Vec<Effect> {
    keys.iter()
        .flat_map(|key| update(state, Msg::Key(*key), now()))
        .collect()
}

/// Types text.
pub(crate) fn text(state: &mut State, text: &str) -> Vec<Effect> {
    let keys: Vec<Key> = text.chars().map(Key::Char).collect();
    press(state, &keys)
}

/// A piece of work ends.
pub(crate) fn done(state: &mut State, task: TaskId, outcome: Outcome) -> Vec<Effect> {
    update(state, Msg::Done(task, outcome), now())
}

/// A sandbox of this process at the usual ports.
pub(crate) fn sandbox() -> SandboxStart {
    SandboxStart {
        running: Running {
            auth: "http://127.0.0.1:3001".to_owned(),
            api: "http://127.0.0.1:3002".to_owned(),
        },
        whose: Whose::Ours,
    }
}

/// Puts the cursor on a key.
pub(crate) fn select(state: &mut State, kid: &str) {
    let found = state.keys.shown().position(|row| row.name() == kid);
    state.keys.scroll = Scroll(found.unwrap());
}

/// The problem that a form shows.
pub(crate) fn problem(state: &State) -> Option<&str> {
    match &state.dialog {
        Some(Dialog::Form(form)) => form.problem.as_deref(),
        _ => None,
    }
}

/// What is at an endpoint of GoodData: a key of each standing, as it is told from what was read there.
pub(crate) fn sights(state: &State) -> Vec<Sight> {
    let endpoints = &state.configuration.endpoints;
    let endpoint = endpoints.endpoint("gooddata-eu", None, None).unwrap();
    let mut here = records();
    let registration = here[0].registrations[0].clone();
    here[2].registrations.push(Registration {
        id: "edge".to_owned(),
        ..registration
    });
    let mut prod = here[0].jwk();
    prod.x5t = None;
    let key = private(P384);
    let mut profile = Profile::named("minimal", &[]).unwrap();
    profile.days = 1;
    let (subject, rng) = (Subject::default(), SystemRandom::new());
    let then = now() - SignedDuration::from_hours(240);
    let expired =
        issue::self_signed(&key, "theirs", &profile, &subject, then, [9; 16], &rng).unwrap();
    let chain = [expired.der().to_vec()];
    let theirs = PublicJwk::new(key.public().clone(), "theirs", Algorithm::Es384, &chain);
    let remote = |id: &str, jwk| RemoteKey {
        claimed: None,
        unmet: Vec::new(),
        id: id.to_owned(),
        jwk,
    };
    let why = "it publishes a private key: revoke it".to_owned();
    let there = [
        remote("prod-2026-11", Ok(prod)),
        remote("k-17", Ok(here[1].jwk())),
        remote("theirs", Ok(theirs)),
        remote("careless\u{1b}[31m", Err(why)),
    ];
    view::seen(&endpoint, &here, &there, now())
}

/// The plan of a rotation of the first key, of which the first `count` steps are done.
pub(crate) fn rotation(count: usize) -> Rotation {
    let old = &records()[0];
    let endpoint = "gooddata-eu".to_owned();
    let stages = [
        Stage::Create,
        Stage::Register {
            endpoint: endpoint.clone(),
        },
        Stage::AwaitCaches,
        Stage::Switch {
            client: "billing".to_owned(),
        },
        Stage::Template {
            name: "gooddata".to_owned(),
        },
        Stage::AwaitTokens,
        Stage::Unregister { endpoint },
        Stage::Retire,
    ];
    let wait = |seconds, source: &str| Wait {
        seconds,
        source: source.to_owned(),
    };
    let mut rotation = Rotation {
        old: Named {
            kid: old.kid.clone(),
            thumbprint: Some(old.thumbprint().hex()),
        },
        new: Named {
            kid: "prod-2026-12".to_owned(),
            thumbprint: None,
        },
        kind: "RS256, RSA 2048, certificate gooddata".to_owned(),
        begun: now(),
        caches: None,
        tokens: wait(3600, "the template gooddata"),
        steps: stages.into_iter().map(Planned::of).collect(),
    };
    for step in rotation.steps.iter_mut().take(count) {
        step.done = Some(now());
        if matches!(step.stage, Stage::Register { .. }) {
            step.caches = Some(wait(900, "Cache-Control of gooddata-eu"));
        }
    }
    rotation
}

/// As many keys as asked for, at as many endpoints beside the sandbox.
pub(crate) fn many(columns: u16, rows: u16, keys: u16, endpoints: u16) -> State {
    let mut state = empty(columns, rows, Vault::Unlocked);
    let settings = &mut state.configuration.settings;
    let one = settings.endpoints["gooddata-eu"].clone();
    for number in 2..=endpoints {
        let name = format!("region-{number:02}");
        settings.endpoints.insert(name, one.clone());
    }
    let home = Home::at(std::path::Path::new("/nonexistent"));
    state.configuration.endpoints = Endpoints::load(&home, settings).unwrap();
    let of = &records()[1];
    let entries = (0..keys).map(|number| {
        let mut seed = [7; 32];
        seed[..2].copy_from_slice(&number.to_le_bytes());
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let head = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0];
        let spki = [&head, &key.verifying_key().as_bytes()[..]].concat();
        let public = PublicKey::from_spki_der(&spki).unwrap();
        Entry::Key(Box::new(Record {
            kid: format!("key-{number:03}"),
            alg: Algorithm::EdDsa,
            public,
            ..of.clone()
        }))
    });
    update(&mut state, Msg::Entries(Ok(entries.collect())), now());
    state
}

pub(crate) fn records() -> Vec<Record> {
    vec![
        record(
            RSA2048,
            "prod-2026-11",
            Algorithm::Rs256,
            Some(("gooddata", 365)),
        ),
        record(P256, "partner-ec", Algorithm::Es256, None),
        record(ED25519, "edge", Algorithm::EdDsa, Some(("minimal", 12))),
    ]
}

fn record(pem: &str, kid: &str, alg: Algorithm, certificate: Option<(&str, u16)>) -> Record {
    let key = private(pem);
    let chain = certificate.map(|(profile, days)| {
        let mut profile = Profile::named(profile, &[]).unwrap();
        profile.days = days;
        let subject = Subject::default();
        let rng = SystemRandom::new();
        issue::self_signed(&key, kid, &profile, &subject, now(), [7; 16], &rng).unwrap()
    });
    let thumbprint = key.public().thumbprint().to_string();
    let registrations = (kid == "prod-2026-11").then(|| Registration {
        endpoint: "gooddata-eu".to_owned(),
        id: kid.to_owned(),
        at: now() - SignedDuration::from_mins(90),
        thumbprint,
        evidence: Evidence::Seen,
    });
    Record {
        kid: kid.to_owned(),
        former: Vec::new(),
        alg,
        usage: "sig".to_owned(),
        created: now() - SignedDuration::from_hours(48),
        status: Status::Active,
        tags: Vec::new(),
        registrations: registrations.into_iter().collect(),
        template: None,
        profile: None,
        half: Half::Private,
        origin: Origin::Ours,
        public: key.public().clone(),
        chain: chain.into_iter().collect(),
    }
}

fn configuration() -> Configuration {
    let mut settings = Settings::default();
    settings.endpoints.insert(
        "gooddata-eu".to_owned(),
        EndpointSettings {
            preset: "gooddata".to_owned(),
            url: "https://acme.cloud.gooddata.com".to_owned(),
            token: Some(SecretSource::Env("GOODDATA_TOKEN".to_owned())),
            ca_file: None,
            allow_http: false,
            timeout: None,
            scope: None,
            values: BTreeMap::new(),
        },
    );
    let home = Home::at(std::path::Path::new("/nonexistent"));
    Configuration {
        endpoints: Endpoints::load(&home, &settings).unwrap(),
        settings,
        templates: Template::builtin().unwrap(),
        profiles: Profile::builtin().unwrap(),
    }
}
