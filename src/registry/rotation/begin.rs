//! What a rotation will do, from what is known of the key.

use std::time::Duration;

use jiff::Timestamp;

use super::{Named, Planned, Rotation, Stage, Wait, keeping, next_kid};
use crate::{
    config::{own_files, settings::Settings},
    jose::{template::Template, time},
    keystore::{
        certify::{self, Basis},
        generate::Wanted,
        record::{Record, Status},
        store::Keystore,
    },
    registry::{book::Endpoints, capabilities::Overlap, error::RegistryError, preset::Service},
    x509::{
        chain,
        details::Details,
        profile::{Profile, Subject},
    },
};

/// The shortest that tokens are taken to live.
const SHORTEST_LIFE: Duration = Duration::from_secs(300);

/// What the user says of a rotation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wishes {
    /// What the new key is called.
    pub kid: Option<String>,
    /// How long those who read the keys may go on with what they read before.
    pub caches: Option<Duration>,
    /// How long the longest token lives.
    pub token_life: Option<Duration>,
}

/// Plans a rotation of `record` and keeps it: it is under way from now on.
pub fn begin(
    keystore: &Keystore,
    record: &Record,
    endpoints: &Endpoints,
    wishes: &Wishes,
    now: Timestamp,
) -> Result<Rotation, RegistryError> {
    let rotation = plan(keystore, record, endpoints, wishes, now)?;
    keeping::keep(keystore, None, Some(&rotation))?;
    Ok(rotation)
}

/// What a rotation of `record` would do; nothing is begun.
pub fn plan(
    keystore: &Keystore,
    record: &Record,
    endpoints: &Endpoints,
    wishes: &Wishes,
    now: Timestamp,
) -> Result<Rotation, RegistryError> {
    certify::check_private(record)?;
    if record.status != Status::Active {
        return Err(RegistryError::DoesNotFit(format!(
            "{} is {}, and only an active key is rotated: keyfob keys status {0} active",
            record.kid, record.status
        )));
    }
    let settings = Settings::load(keystore.home())?;
    let kid = match &wishes.kid {
        Some(kid) => {
            keystore.check_free(kid)?;
            kid.clone()
        }
        None => free_kid(keystore, record, now)?,
    };
    let wanted = wanted(keystore, record, &kid)?;
    wanted.check()?;
    let mut rotation = Rotation {
        old: Named {
            kid: record.kid.clone(),
            thumbprint: Some(record.thumbprint().hex()),
        },
        new: Named {
            kid,
            thumbprint: None,
        },
        kind: kind(record, &wanted),
        begun: Timestamp::from_second(now.as_second()).unwrap_or(now),
        caches: None,
        tokens: token_life(keystore, record, &settings)?,
        steps: stages(record, endpoints, &settings)
            .into_iter()
            .map(Planned::of)
            .collect(),
    };
    rotation.wish(wishes);
    Ok(rotation)
}

/// A key of the same kind as `record`, of that kid; of none, it is called by its thumbprint.
pub(super) fn wanted(
    keystore: &Keystore,
    record: &Record,
    kid: &str,
) -> Result<Wanted, RegistryError> {
    let own = own_files::profiles(keystore.home())?;
    let basis = if issuer(record).is_none() {
        Basis::of(record, &own)
    } else {
        None
    };
    let profile = basis.map(|basis| {
        let template = certify::remembered(record, &own).map(|profile| profile.subject);
        let subject = renamed(&basis.profile.subject, template.as_ref(), &record.kid);
        Profile {
            subject,
            ..basis.profile
        }
    });
    Ok(Wanted {
        kid: Some(kid.to_owned()).filter(|kid| !kid.is_empty()),
        alg: record.alg,
        bits: record.public.bits(),
        profile,
        subject: Subject::default(),
    })
}

/// Who signed its certificate, where that was another key.
fn issuer(record: &Record) -> Option<String> {
    let leaf = record.leaf()?;
    (!chain::is_self_signed(leaf)).then(|| Details::of(leaf).issuer.text)
}

/// The subject of a certificate of `kid`, with `{kid}` where `kid` stands.
fn renamed(of_old: &Subject, template: Option<&Subject>, kid: &str) -> Subject {
    let named = |old: &Option<String>, template: Option<&Option<String>>| {
        let old = old.as_ref()?;
        let template = template.and_then(Option::as_ref);
        if let Some(template) = template.filter(|text| text.replace("{kid}", kid) == *old) {
            return Some(template.clone());
        }
        Some(if old == kid { "{kid}" } else { old }.to_owned())
    };
    let of = |part: fn(&Subject) -> &Option<String>| named(part(of_old), template.map(part));
    Subject {
        country: of(|subject| &subject.country),
        state: of(|subject| &subject.state),
        locality: of(|subject| &subject.locality),
        organization: of(|subject| &subject.organization),
        unit: of(|subject| &subject.unit),
        common_name: of(|subject| &subject.common_name),
    }
}

/// Empty where the old key is called by its thumbprint: so will be the new one.
fn free_kid(keystore: &Keystore, record: &Record, now: Timestamp) -> Result<String, RegistryError> {
    let thumbprint = record.thumbprint();
    if record.kid == thumbprint.to_string() || record.kid == thumbprint.hex() {
        return Ok(String::new());
    }
    let taken = keystore.kids()?;
    let mut names = next_kid::names(&record.kid, now);
    Ok(names.find(|name| !taken.contains(name)).unwrap_or_default())
}

/// `RS256, RSA 2048, certificate minimal`
fn kind(record: &Record, wanted: &Wanted) -> String {
    let certificate = match &wanted.profile {
        Some(profile) if profile.name.is_empty() => "a certificate like its own".to_owned(),
        Some(profile) => format!("certificate {}", profile.name),
        None => "no certificate".to_owned(),
    };
    format!("{}, {}, {certificate}", record.alg, record.public.label())
}

/// The longest that is known of the tokens that the key signs here.
fn token_life(
    keystore: &Keystore,
    record: &Record,
    settings: &Settings,
) -> Result<Wait, RegistryError> {
    let mut known = vec![(SHORTEST_LIFE, "the least that is taken".to_owned())];
    if let Some(ttl) = settings.defaults.ttl {
        known.push((ttl, "defaults: ttl".to_owned()));
    }
    if let Some(name) = &record.template {
        let own = own_files::templates(keystore.home())?;
        let template = Template::named(name, &own).ok();
        let exp = template
            .as_ref()
            .and_then(|template| template.claims().get("exp"));
        let written = exp.and_then(|exp| exp.as_str()?.strip_prefix('+'));
        if let Some(life) = written.and_then(|text| time::parse_duration(text).ok()) {
            known.push((life, format!("the template {name}")));
        }
    }
    for (name, client) in &settings.clients {
        if client.key.as_deref() == Some(&record.kid) {
            known.push((client.lifetime, format!("the client {name}")));
        }
    }
    let longest = known.into_iter().max_by_key(|(life, _)| *life);
    let (life, source) = longest.unwrap_or((SHORTEST_LIFE, String::new()));
    Ok(Wait {
        seconds: life.as_secs(),
        source,
    })
}

fn stages(record: &Record, endpoints: &Endpoints, settings: &Settings) -> Vec<Stage> {
    let places = record.registrations.iter();
    let preset = |name: &String| endpoints.preset_of(name).ok();
    let (mut beside, instead): (Vec<String>, Vec<String>) = places
        .map(|place| place.endpoint.clone())
        .partition(|name| {
            preset(name).is_none_or(|known| known.capabilities.overlap == Overlap::Possible)
        });
    // What a page shows may be published by another of them.
    beside.sort_by_key(|name| {
        preset(name).is_some_and(|known| matches!(known.service, Service::Form(_)))
    });
    let mut stages = vec![Stage::Create];
    stages.extend(issuer(record).map(|issuer| Stage::Certify { issuer }));
    stages.extend(beside.iter().map(|endpoint| Stage::Register {
        endpoint: endpoint.clone(),
    }));
    if !beside.is_empty() {
        stages.push(Stage::AwaitCaches);
    }
    stages.extend(
        instead
            .into_iter()
            .map(|endpoint| Stage::Replace { endpoint }),
    );
    let clients = settings.clients.iter();
    stages.extend(
        clients
            .filter(|(_, client)| client.uses(&record.kid))
            .map(|(name, _)| Stage::Switch {
                client: name.clone(),
            }),
    );
    stages.extend(record.template.clone().map(|name| Stage::Template { name }));
    stages.push(Stage::AwaitTokens);
    stages.extend(
        beside
            .into_iter()
            .map(|endpoint| Stage::Unregister { endpoint }),
    );
    stages.push(Stage::Retire);
    stages
}
