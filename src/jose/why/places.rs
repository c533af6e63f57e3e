//! The reasons that lie with the places that keep keys: what is registered there, what they take,
//! and their clocks.

use jiff::{SignedDuration, Timestamp};

use super::{Act, Case, Likelihood, Place, PlacedKey, Reason, Source};
use crate::jose::{thumbprint::Thumbprint, time, token::UnverifiedToken, verdict::VerificationKey};

/// A difference of clocks that is told: the `Date` header counts whole seconds, and answers take
/// their time.
const NOTABLE: SignedDuration = SignedDuration::from_secs(5);

pub(super) fn reasons(case: &Case<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let thumbprint = case.key.and_then(VerificationKey::thumbprint);
    let holding: Vec<&Place> = case
        .places
        .iter()
        .filter(|place| thumbprint.is_some() && place.key_of(thumbprint).is_some())
        .collect();
    match (case.kid(), thumbprint) {
        (Some(kid), Some(thumbprint)) => {
            reasons.extend(registration(case, &kid, thumbprint, &holding));
        }
        _ => reasons.extend(case.places.iter().filter_map(|place| unknown(case, place))),
    }
    reasons.extend(holding.iter().filter_map(|place| algorithm(case, place)));
    reasons.extend(case.places.iter().filter_map(|place| clock(case, place)));
    reasons
}

/// A key of ours, held against what is registered.
fn registration(
    case: &Case<'_>,
    kid: &str,
    thumbprint: Thumbprint,
    holding: &[&Place],
) -> Vec<Reason> {
    let named = case.token.kid().unwrap_or(kid);
    let register = |place: Option<&Place>| Act::Register {
        kid: kid.to_owned(),
        place: place.map(|place| place.name.clone()),
    };
    let mut reasons = Vec::new();
    for place in case.places {
        let under_name = place.keys.iter().find(|key| key.id == named);
        let is_other = |key: &&PlacedKey| key.thumbprint.is_some_and(|there| there != thumbprint);
        if let Some(other) = under_name.filter(is_other) {
            let text = format!("{} has another key under the name {}", place.name, other.id);
            let remedy = "register this key there in its place, or sign with the one that is there";
            reasons.push(
                Reason::new(place.surely(), "registration", text, remedy).by(register(Some(place))),
            );
        } else if under_name.is_none()
            && let Some(own) = place.key_of(Some(thumbprint))
        {
            let text = format!(
                "{} knows the key as {}, the token says {named}",
                place.name, own.id
            );
            let remedy = format!(
                "mint it with the header kid={}, or register it anew",
                own.id
            );
            reasons
                .push(Reason::new(place.surely(), "kid", text, remedy).by(register(Some(place))));
        } else if place.source == Source::Asked && under_name.is_none() && holding.is_empty() {
            let text = format!("{} has no key {named}", place.name);
            let remedy = "register it there";
            reasons.push(
                Reason::new(Likelihood::Likely, "registration", text, remedy)
                    .by(register(Some(place))),
            );
        }
    }
    if holding.is_empty() && reasons.is_empty() {
        let text = format!("{kid} is not known to be registered anywhere");
        let remedy = "register it where the token goes";
        reasons
            .push(Reason::new(Likelihood::Likely, "registration", text, remedy).by(register(None)));
    }
    reasons
}

/// A key that is not here: only a place that was asked can be held against it.
fn unknown(case: &Case<'_>, place: &Place) -> Option<Reason> {
    let named = case.token.kid()?;
    let there = place.keys.iter().any(|key| key.id == named);
    (place.source == Source::Asked && !there).then(|| {
        Reason::new(
            Likelihood::Likely,
            "registration",
            format!("{} has no key {named}", place.name),
            "sign with a key that is registered there",
        )
        .by(Act::Mint(None))
    })
}

fn algorithm(case: &Case<'_>, place: &Place) -> Option<Reason> {
    let alg = case.token.alg()?;
    let taken: Vec<&str> = place.algorithms.iter().map(|one| one.name()).collect();
    (!taken.is_empty() && !taken.contains(&alg)).then(|| {
        Reason::new(
            Likelihood::Likely,
            "alg",
            format!(
                "{} takes {}, and this is {alg}",
                place.name,
                taken.join(", ")
            ),
            "sign with a key of such an algorithm",
        )
        .by(Act::Mint(None))
    })
}

/// The token as the clock of the place sees it.
fn clock(case: &Case<'_>, place: &Place) -> Option<Reason> {
    let ahead = place.ahead?;
    if ahead.abs() < NOTABLE {
        return None;
    }
    let there = case.now.checked_add(ahead).ok()?;
    let direction = if ahead.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    let span = time::nearly(ahead.unsigned_abs().as_secs());
    let differs = format!("the clock of {} is {span} {direction} ours", place.name);
    let at = |name: &str| date(case.token, name);
    let (likelihood, text) = match (at("exp"), at("nbf").max(at("iat"))) {
        (Some(exp), _) if exp <= there => (
            Likelihood::Likely,
            format!("{differs}: there the token has expired"),
        ),
        (_, Some(from)) if from > there => (
            Likelihood::Likely,
            format!("{differs}: there the token is not valid yet"),
        ),
        _ => (Likelihood::Possible, differs),
    };
    let remedy = "set the clock that is wrong, and mint it anew";
    Some(Reason::new(likelihood, "clock", text, remedy).by(case.mint()))
}

fn date(token: &UnverifiedToken, name: &str) -> Option<Timestamp> {
    token
        .claims()?
        .members()
        .get(name)
        .and_then(time::numeric_date)
}

impl Place {
    fn key_of(&self, thumbprint: Option<Thumbprint>) -> Option<&PlacedKey> {
        self.keys.iter().find(|key| key.thumbprint == thumbprint)
    }

    /// How sure a difference there is.
    fn surely(&self) -> Likelihood {
        match self.source {
            Source::Asked => Likelihood::Certain,
            Source::Recorded => Likelihood::Likely,
        }
    }
}
