//! What the URL shows at which a file is published.

use serde_json::value::RawValue;

use super::{Place, Upkeep};
use crate::{
    jose::jwk::PublicJwk,
    net::request::Response,
    registry::{drift::differences, published_set::PublishedSet},
};

/// What the URL at which a file is published shows of a key.
pub(super) enum Published {
    Differs(Vec<String>),
    Lacks,
    Shows,
    Unknown(String),
}

impl Upkeep<'_> {
    /// What the URL shows at which a file is published, where one is given.
    pub(super) fn fetched(&mut self) -> Option<Result<PublishedSet, String>> {
        if matches!(self.place, Place::Remote(_)) || self.url().is_empty() {
            return None;
        }
        let url = self.url();
        Some(match self.talk.ask(self.read_request()) {
            Err(error) => Err(format!("what is published cannot be read: {error}")),
            Ok(response) if response.status != 200 => Err(format!(
                "{url} answered {} instead of the set: check the url",
                response.status
            )),
            Ok(response) => {
                parsed(&response).map_err(|why| format!("{url} shows no JWK Set: {why}"))
            }
        })
    }

    /// What the URL shows of `jwk`.
    pub(super) fn published(&mut self, jwk: &PublicJwk, id: &str) -> Option<Published> {
        let set = match self.fetched()? {
            Ok(set) => set,
            Err(why) => return Some(Published::Unknown(why)),
        };
        Some(match set.under(id).as_slice() {
            [] => Published::Lacks,
            [Ok(there)] => {
                let what = differences(self.key(), jwk, there);
                if what.is_empty() {
                    Published::Shows
                } else {
                    Published::Differs(what)
                }
            }
            [Err(why)] => Published::Unknown(why.clone()),
            _ => Published::Differs(vec!["kid".to_owned()]),
        })
    }
}

impl Published {
    /// A word where a key that is in the file is not seen at `url`.
    pub(super) fn lacking(self, url: &str) -> Option<String> {
        match self {
            Self::Shows => None,
            Self::Lacks => Some(format!(
                "! {url} does not show it yet: keyfob registrations --refresh looks again"
            )),
            Self::Differs(what) => {
                let what = what.join(", ");
                Some(format!("! {url} shows it otherwise: {what}"))
            }
            Self::Unknown(why) => Some(format!("! {why}")),
        }
    }

    /// A word where a key that is out of the file is seen at `url`.
    pub(super) fn left_over(self, url: &str) -> Option<String> {
        match self {
            Self::Lacks => None,
            Self::Shows | Self::Differs(_) => Some(format!("! {url} still shows it")),
            Self::Unknown(why) => Some(format!("! {why}")),
        }
    }
}

/// The set that an answer holds.
pub(super) fn parsed(response: &Response) -> Result<PublishedSet, String> {
    let document: Result<&RawValue, _> = serde_json::from_slice(&response.body);
    let document = document.map_err(|error| error.to_string())?;
    PublishedSet::parse(document.get())
}
