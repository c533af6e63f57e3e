//! Why a server may refuse a token: every reason that can be told from the token, the verdict and
//! what is known of the places that keep keys, the likeliest first, each with its remedy.

mod checks;
mod kind;
mod mended;
mod places;
mod shape;

use jiff::{SignedDuration, Timestamp};

pub use self::mended::mended;
use super::{
    algorithm::Algorithm,
    template::Template,
    thumbprint::Thumbprint,
    token::UnverifiedToken,
    verdict::{Verdict, VerificationKey},
};

/// How sure it is that a server refuses the token for it; the surest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Likelihood {
    /// No server that follows the standards takes it.
    Certain,
    /// Most servers, or the ones that are known to be meant.
    Likely,
    /// Some servers; nothing that is known says that this one does.
    Possible,
}

/// What a person does about it with keyfob.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Act {
    /// The token is copied, without what stood around it.
    Copy,
    /// A key is brought into the keystore.
    Import,
    /// The token is minted anew, with the key of that kid where it is known.
    Mint(Option<String>),
    /// The key of that kid is registered, at that place where it is known.
    Register {
        /// The key.
        kid: String,
        /// The endpoint.
        place: Option<String>,
    },
    /// The certificate of the key of that kid is renewed.
    Renew(String),
    /// The token is minted anew from a template, with the key of that kid where it is known.
    Template {
        /// The key.
        kid: Option<String>,
        /// The template.
        template: String,
    },
}

/// One reason.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    /// How sure it is.
    pub likelihood: Likelihood,
    /// In a word: the name of a check, a claim or a header member, or `clock`, `paste`,
    /// `registration`, `certificate`, `service`, `kind`.
    pub cause: String,
    /// One line. Text of the token stands in it as it is.
    pub text: String,
    /// What to do, one line.
    pub remedy: String,
    /// The same, where keyfob does it.
    pub act: Option<Act>,
}

/// A key that a place has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlacedKey {
    /// What tokens have to call it there.
    pub id: String,
    /// The key; `None` where it cannot be read.
    pub thumbprint: Option<Thumbprint>,
}

/// How the keys of a place are known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// It was asked: they are all its keys.
    Asked,
    /// Key files say so: there may be others.
    Recorded,
}

/// A place that keeps keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// The name of its kind.
    pub preset: String,
    /// What it takes; empty: anything.
    pub algorithms: Vec<Algorithm>,
    /// How its keys are known.
    pub source: Source,
    /// The keys.
    pub keys: Vec<PlacedKey>,
    /// How far its clock is ahead of ours, where it was asked.
    pub ahead: Option<SignedDuration>,
}

/// The validity of the certificate of the token's key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    /// From this moment.
    pub from: Timestamp,
    /// To this one.
    pub until: Timestamp,
}

/// What is known.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The token.
    pub token: &'a UnverifiedToken,
    /// The judgement over it.
    pub verdict: &'a Verdict,
    /// The key that the token names.
    pub key: Option<&'a VerificationKey>,
    /// The validity of that key's certificate.
    pub certificate: Option<Validity>,
    /// Every key at hand: one of them may have signed.
    pub keys: &'a [VerificationKey],
    /// The places that keep keys.
    pub places: &'a [Place],
    /// The names that the clients which are configured have at their servers.
    pub clients: &'a [&'a str],
    /// The templates there are, with what their services take.
    pub templates: &'a [Template],
    /// The template that the key last minted from.
    pub template: Option<&'a str>,
    /// Our clock.
    pub now: Timestamp,
}

/// Every reason, the likeliest first.
pub fn reasons(case: &Case<'_>) -> Vec<Reason> {
    let mut reasons = checks::reasons(case);
    reasons.extend(kind::reasons(case));
    reasons.extend(shape::reasons(case));
    reasons.extend(places::reasons(case));
    reasons.sort_by_key(|reason| reason.likelihood);
    reasons
}

/// The reason where there is no token to judge: its faults, which are a line each.
pub fn unreadable(faults: &str) -> Reason {
    let text = faults.lines().collect::<Vec<_>>().join("; ");
    let remedy = "copy the whole token again from where it came";
    Reason::new(Likelihood::Certain, "paste", text, remedy)
}

impl Likelihood {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

impl Reason {
    fn new(
        likelihood: Likelihood,
        cause: &str,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            likelihood,
            cause: cause.to_owned(),
            text: text.into(),
            remedy: remedy.into(),
            act: None,
        }
    }

    fn by(self, act: Act) -> Self {
        Self {
            act: Some(act),
            ..self
        }
    }
}

impl Case<'_> {
    /// The token's own key, by the name it has here.
    fn kid(&self) -> Option<String> {
        self.key.and_then(VerificationKey::kid).map(str::to_owned)
    }

    fn mint(&self) -> Act {
        Act::Mint(self.kid())
    }
}

#[cfg(test)]
mod tests;
