//! What each endpoint says of its keys and its clock.

use std::thread;

use jiff::{SignedDuration, Timestamp};

use crate::{
    cli::{exit::Exit, failure::Failure, output::Output, remote, session::Session},
    jose::why::{Place, PlacedKey, Source},
    registry::{answer::RemoteKey, book::SANDBOX, endpoint::Endpoint, error::RegistryError},
    sandbox::server::Sandbox,
};

/// What was seen at an endpoint.
pub(super) struct Sighting {
    pub(super) endpoint: String,
    pub(super) saw: Saw,
}

pub(super) enum Saw {
    /// Nobody can look there but its user.
    Blind,
    /// That many keys, and whether one of them has the token's kid.
    Keys { count: usize, named: Named },
    /// Nothing: why, and what to do about it.
    Nothing(String),
}

/// Whether a key of the token's kid is there.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Named {
    Missing,
    /// The token names none.
    NoKid,
    There,
}

/// What was answered: the keys, and how far the clock is ahead.
type Answered = Result<(Vec<RemoteKey>, Option<Timestamp>), RegistryError>;

/// Asks every endpoint at once, and tells what each said. A sandbox that does not run is none.
pub(super) fn ask(
    places: &mut Vec<Place>,
    kid: Option<&str>,
    session: &Session,
    output: &mut Output,
) -> Result<Vec<Sighting>, Failure> {
    if Sandbox::running(session.home()).is_none() {
        places.retain(|place| place.name != SANDBOX || place.preset != SANDBOX);
    }
    let mut endpoints = Vec::new();
    for place in places.iter() {
        endpoints.push(match remote::endpoint(&place.name, session) {
            Err(failure) if failure.exit() == Exit::Locked => return Err(failure),
            resolved => resolved,
        });
    }
    let answers: Vec<Option<Answered>> = thread::scope(|scope| {
        let ask = |endpoint: &Endpoint| {
            let keys = endpoint.list()?;
            let clock = endpoint.server_time();
            let clock = clock.map_err(|source| RegistryError::Net {
                endpoint: endpoint.name.clone(),
                source,
            })?;
            Ok((keys, clock))
        };
        let asked: Vec<_> = endpoints
            .iter()
            .map(|endpoint| {
                let endpoint = endpoint.as_ref().ok().filter(|each| !each.is_blind())?;
                let asking = thread::Builder::new().name("why".to_owned());
                Some(asking.spawn_scoped(scope, move || ask(endpoint)))
            })
            .collect();
        let wait = |asking: Option<std::io::Result<thread::ScopedJoinHandle<'_, Answered>>>| {
            asking?.ok()?.join().ok()
        };
        asked.into_iter().map(wait).collect()
    });
    let asked = places.iter_mut().zip(endpoints.iter().zip(answers));
    let sightings = asked.map(|(place, (endpoint, answer))| Sighting {
        endpoint: place.name.clone(),
        saw: match (endpoint, answer) {
            (Err(failure), _) => Saw::Nothing(failure.message().unwrap_or_default().to_owned()),
            (Ok(endpoint), _) if endpoint.is_blind() => Saw::Blind,
            (Ok(_), Some(Ok((keys, there)))) => taken(place, keys, there, kid, session.now()),
            (Ok(_), Some(Err(error))) => Saw::Nothing(error.to_string()),
            (Ok(_), None) => Saw::Nothing("keyfob itself failed to ask: please report it".into()),
        },
    });
    let sightings: Vec<Sighting> = sightings.collect();
    for sighting in &sightings {
        output.say(&sighting.line(kid));
    }
    Ok(sightings)
}

impl Sighting {
    fn line(&self, kid: Option<&str>) -> String {
        let name = &self.endpoint;
        let kid = kid.unwrap_or_default();
        match &self.saw {
            Saw::Blind => format!("○ {name}: nobody can look there; what you said of it counts"),
            Saw::Keys { count, named } => {
                let keys = match count {
                    1 => "1 key is there".to_owned(),
                    count => format!("{count} keys are there"),
                };
                match named {
                    Named::Missing => format!("○ {name}: {keys}, and none of the kid {kid}"),
                    Named::NoKid => format!("✓ {name}: {keys}"),
                    Named::There => format!("✓ {name}: {keys}, {kid} among them"),
                }
            }
            // It names the endpoint itself.
            Saw::Nothing(why) if why.starts_with(name) => format!("! {why}"),
            Saw::Nothing(why) => format!("! {name}: {why}"),
        }
    }
}

/// What an endpoint answered counts from now on.
fn taken(
    place: &mut Place,
    keys: Vec<RemoteKey>,
    there: Option<Timestamp>,
    kid: Option<&str>,
    now: Timestamp,
) -> Saw {
    place.ahead = there.map(|there| -> SignedDuration {
        let seconds = Timestamp::from_second(now.as_second()).unwrap_or(there);
        there.duration_since(seconds)
    });
    place.keys = keys.into_iter().map(placed).collect();
    place.source = Source::Asked;
    let named = match kid {
        None => Named::NoKid,
        Some(kid) if place.keys.iter().any(|key| key.id == kid) => Named::There,
        Some(_) => Named::Missing,
    };
    let count = place.keys.len();
    Saw::Keys { count, named }
}

fn placed(key: RemoteKey) -> PlacedKey {
    let thumbprint = key.thumbprint();
    PlacedKey {
        id: key.kid().map_or_else(|| key.id.clone(), str::to_owned),
        thumbprint,
    }
}
