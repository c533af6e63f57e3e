//! One JWK Set, behind a URL or in a file: read, merged, and written whole where nobody else wrote.

mod local;
mod published;

use std::collections::BTreeMap;

use self::{
    local::{Held, LocalFile},
    published::Published,
};
use super::{
    answer::{Done, Receipt, RemoteKey, State},
    checkup::{Finding, Subject, Verdict},
    drift::differences,
    endpoint::{Endpoint, Look, own_id},
    error::RegistryError,
    journal,
    plan::Intent,
    preset::{LocalSet, SetFile},
    projection::Projection,
    published_set::PublishedSet,
    talk::{Talk, raw},
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        request::{HeaderValue, Method, Request, Response},
    },
};

/// How often a set is read anew after somebody else wrote it.
const ATTEMPTS: u32 = 5;

/// What a key of a file lacks that the file's URL does not show.
const NOT_PUBLISHED: &str = "not published";

/// The upkeep of one set, and what was said.
pub(super) struct Upkeep<'a> {
    place: Place<'a>,
    talk: Talk<'a>,
}

/// Where the set lies.
enum Place<'a> {
    Local(LocalFile<'a>),
    Remote(&'a SetFile),
}

/// What a set is written over.
enum Base {
    /// The text of the file.
    Content(String),
    /// Nothing is there.
    Nothing,
    /// The version of this strong `ETag` (RFC 9110 section 8.8.3).
    Version(String),
    /// Something without one: it cannot be written without the danger of losing another's change.
    Unguarded,
}

impl<'a> Upkeep<'a> {
    /// A set behind the endpoint's URL. Nothing was said yet.
    pub(super) fn with(endpoint: &'a Endpoint, file: &'a SetFile) -> Self {
        Self {
            place: Place::Remote(file),
            talk: Talk::with(endpoint),
        }
    }

    /// A set in a file. Nothing was read yet.
    pub(super) fn local(endpoint: &'a Endpoint, set: &LocalSet) -> Self {
        let talk = Talk::with(endpoint);
        let path = set.file.plain(&talk.filling).into();
        Self {
            place: Place::Local(LocalFile::of(endpoint, path)),
            talk,
        }
    }

    /// What puts `jwk` there.
    pub(super) fn register_plan(&self, jwk: &PublicJwk) -> Vec<Intent> {
        let set = PublishedSet::parse(r#"{"keys":["‹the keys that are there›"]}"#);
        let key = self.key().of(jwk);
        self.plan(&set.unwrap_or_default().with(&own_id(jwk), &key))
    }

    /// What takes a key out.
    pub(super) fn unregister_plan(&self) -> Vec<Intent> {
        self.plan("{\"keys\":[\"‹the keys of others›\"]}\n")
    }

    /// Puts `jwk` into the set and reads it back.
    pub(super) fn register(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let _held = self.hold()?;
        let id = own_id(jwk);
        let mut written = None;
        for _ in 0..ATTEMPTS {
            let (set, base) = self.read()?;
            let under_id = set.under(&id);
            if is_anothers(jwk, &under_id) {
                return Err(self.talk.anothers(&id, None));
            }
            let differed = match under_id.as_slice() {
                [] => Vec::new(),
                [Ok(there)] => differences(self.key(), jwk, there),
                _ => vec!["kid".to_owned()],
            };
            if !under_id.is_empty() && differed.is_empty() {
                let (done, differed) = written.unwrap_or((Done::AlreadyRegistered, Vec::new()));
                let seen = self.published(jwk, &id);
                let remark = seen.and_then(|seen| seen.lacking(self.url()));
                let mut receipt = self.talk.receipt(done, id, differed);
                receipt.remarks.extend(remark);
                return Ok(receipt);
            }
            if written.is_some() {
                return Err(self.talk.unconfirmed(
                    "it took the set, and the key does not read back as it was sent",
                ));
            }
            let done = if under_id.is_empty() {
                Done::Created
            } else {
                Done::Replaced
            };
            let key = self.key().of(jwk);
            if self.write(&set.with(&id, &key), &set, base)? {
                written = Some((done, differed));
            }
        }
        Err(self.contended())
    }

    /// Where `jwk` stands in the set as `id`; where a file is published, both have to show it.
    pub(super) fn state(mut self, jwk: &PublicJwk, id: String) -> Result<State, RegistryError> {
        let (set, _) = self.read()?;
        Ok(match set.under(&id).as_slice() {
            [] => State::NotThere,
            [Ok(there)] => {
                let what = differences(self.key(), jwk, there);
                if !what.is_empty() {
                    return Ok(State::Differs { id, what });
                }
                match self.published(jwk, &id) {
                    None | Some(Published::Shows) => State::Registered { id },
                    Some(Published::Lacks) => State::Differs {
                        id,
                        what: vec![NOT_PUBLISHED.to_owned()],
                    },
                    Some(Published::Differs(what)) => State::Differs { id, what },
                    Some(Published::Unknown(why)) => State::Unknown { why },
                }
            }
            [Err(why)] => State::Unknown { why: why.clone() },
            many => State::Unknown {
                why: format!("{} keys of this kid are there", many.len()),
            },
        })
    }

    /// Every key of the set. Of several of one kid, the first alone is one.
    pub(super) fn list(mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        let (set, _) = self.read()?;
        let mut keys = set.keys();
        if let Some(shown) = self.fetched() {
            let shown = shown.map_err(|why| self.talk.refused_with(&why))?;
            for each in &mut keys {
                if shown.under(&each.id).is_empty() {
                    each.unmet.push(NOT_PUBLISHED.to_owned());
                }
            }
        }
        Ok(keys)
    }

    /// The set, and how many keys it holds.
    pub(super) fn first_page(mut self) -> Result<Look, NetError> {
        let response = self.talk.ask(self.read_request())?;
        let keys = self.set_of(&response).map(|set| set.keys().len());
        Ok(Look {
            response,
            keys,
            token_was_tried: true,
        })
    }

    /// What can be told of a file before anything is written, in any order.
    pub(super) fn look(mut self) -> Vec<Finding> {
        let keys = self.read().map(|(set, _)| set.keys().len());
        let (Place::Local(file), url) = (&self.place, self.url().to_owned()) else {
            return Vec::new();
        };
        let mut findings = file.look(&keys);
        let (verdict, text) = match self.fetched() {
            None => {
                let text = "no url is given: where it is published is not looked at";
                (Verdict::Unknown, text.to_owned())
            }
            Some(Ok(set)) => {
                let count = set.keys().len();
                (Verdict::Good, format!("published at {url}: {count} there"))
            }
            Some(Err(why)) => (Verdict::Bad, why),
        };
        findings.push(Finding {
            subject: Subject::Secure,
            verdict,
            text,
        });
        findings
    }

    /// Takes `jwk`, which is there as `id`, out of the set and reads back that it is gone.
    pub(super) fn unregister(
        mut self,
        jwk: &PublicJwk,
        id: &str,
    ) -> Result<Receipt, RegistryError> {
        let _held = self.hold()?;
        let mut written = false;
        for _ in 0..ATTEMPTS {
            let (set, base) = self.read()?;
            let under_id = set.under(id);
            if under_id.is_empty() {
                let done = if written {
                    Done::Removed
                } else {
                    Done::NotThere
                };
                let seen = self.published(jwk, id);
                let remark = seen.and_then(|seen| seen.left_over(self.url()));
                let mut receipt = self.talk.receipt(done, id.to_owned(), Vec::new());
                receipt.remarks.extend(remark);
                return Ok(receipt);
            }
            if written {
                return Err(self
                    .talk
                    .unconfirmed("it took the set, and the key is still there"));
            }
            if is_anothers(jwk, &under_id) {
                return Err(self.talk.anothers(id, None));
            }
            written = self.write(&set.without(id), &set, base)?;
        }
        Err(self.contended())
    }

    fn key(&self) -> &'a Projection {
        &self.talk.endpoint.preset.key
    }

    fn url(&self) -> &'a str {
        &self.talk.endpoint.url
    }

    /// The request that reads what the endpoint's URL shows.
    fn read_request(&self) -> Request {
        let endpoint = self.talk.endpoint;
        Request {
            method: Method::Get,
            url: endpoint.url.clone(),
            headers: endpoint.headers(&BTreeMap::new()),
            body: None,
        }
    }

    /// The request that writes the set where `condition` holds.
    fn write_request(&self, file: &SetFile, condition: (&str, String), set: &str) -> Request {
        let endpoint = self.talk.endpoint;
        let mut headers = endpoint.headers(&file.write_headers);
        headers.push((condition.0.to_owned(), HeaderValue::Plain(condition.1)));
        Request {
            method: Method::Put,
            url: endpoint.url.clone(),
            headers,
            body: Some(set.to_owned()),
        }
    }

    fn plan(&self, set: &str) -> Vec<Intent> {
        let text = indented(set);
        match &self.place {
            Place::Local(file) => vec![Intent::Write {
                file: file.path.clone(),
                text,
            }],
            Place::Remote(file) => {
                let condition = ("If-Match", "‹its ETag›".to_owned());
                vec![
                    Intent::Send {
                        about: Some("read the set".to_owned()),
                        request: self.read_request(),
                    },
                    Intent::Send {
                        about: Some("write it, unless somebody else did in between".to_owned()),
                        request: self.write_request(file, condition, &text),
                    },
                ]
            }
        }
    }

    /// Nobody else writes, where that can be had.
    fn hold(&self) -> Result<Option<Held>, RegistryError> {
        match &self.place {
            Place::Local(file) => file.hold().map(Some),
            Place::Remote(_) => Ok(None),
        }
    }

    fn read(&mut self) -> Result<(PublishedSet, Base), RegistryError> {
        let absent = match &self.place {
            Place::Local(file) => {
                let Some(text) = file.read()? else {
                    return Ok((PublishedSet::default(), Base::Nothing));
                };
                let set = PublishedSet::parse(&text).map_err(|why| {
                    self.talk.does_not_fit(&format!(
                        "{} is no JWK Set: {why}: choose another file",
                        file.path.display()
                    ))
                })?;
                return Ok((set, Base::Content(text)));
            }
            Place::Remote(file) => &file.absent,
        };
        let response = self.talk.send(self.read_request())?;
        let set = self.set_of(&response)?;
        let base = if absent.contains(&response.status) {
            Base::Nothing
        } else {
            match response.header("etag") {
                Some(tag) if tag.starts_with('"') => Base::Version(tag.to_owned()),
                _ => Base::Unguarded,
            }
        };
        Ok((set, base))
    }

    fn set_of(&mut self, response: &Response) -> Result<PublishedSet, RegistryError> {
        if let Place::Remote(file) = &self.place
            && file.absent.contains(&response.status)
        {
            return Ok(PublishedSet::default());
        }
        if response.status != 200 {
            return Err(self.talk.refused(response));
        }
        let Some(document) = raw(response) else {
            return Err(self.talk.unreadable(response));
        };
        PublishedSet::parse(document.get()).map_err(|why| {
            self.talk.refused_with(&format!(
                "what is there is no JWK Set: {why}: check the url"
            ))
        })
    }

    /// Whether `new` was written in the place of `old`; not where somebody else wrote in between.
    fn write(&mut self, new: &str, old: &PublishedSet, base: Base) -> Result<bool, RegistryError> {
        if let Some(kid) = old.private_kid() {
            return Err(self.talk.does_not_fit(&format!(
                "the set publishes a private key ({kid}): take it out and revoke it; keyfob sends no \
                 private key along"
            )));
        }
        let file = match &self.place {
            Place::Local(file) => {
                let journal = &self.talk.endpoint.journal;
                journal.tell(journal::Step::Sending);
                let written = match base {
                    Base::Content(old) => file.write(new, Some(&old)),
                    _ => file.write(new, None),
                };
                journal.tell(journal::Step::Answered);
                return written;
            }
            Place::Remote(file) => *file,
        };
        let condition = match base {
            Base::Version(tag) => ("If-Match", tag),
            Base::Nothing => ("If-None-Match", "*".to_owned()),
            Base::Content(_) | Base::Unguarded => {
                return Err(self.talk.does_not_fit(
                    "it sends no strong ETag, so another's change could be overwritten: nothing \
                     was written",
                ));
            }
        };
        let response = self.talk.send(self.write_request(file, condition, new))?;
        match response.status {
            200..300 => Ok(true),
            status if file.changed.contains(&status) => Ok(false),
            _ => Err(self.talk.refused(&response)),
        }
    }

    /// None of what was sent was written.
    fn contended(&mut self) -> RegistryError {
        RegistryError::Refused {
            summary: format!(
                "{}: somebody else wrote the set {ATTEMPTS} times in between: do it again",
                self.talk.endpoint.name
            ),
            exchanges: std::mem::take(&mut self.talk.exchanges),
        }
    }
}

/// Indented, for people.
fn indented(json: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(json);
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value));
    pretty.unwrap_or_else(|_| json.to_owned())
}

/// Whether what stands under the id of `jwk` is not it.
fn is_anothers(jwk: &PublicJwk, under_id: &[Result<PublicJwk, String>]) -> bool {
    let ours = jwk.key.thumbprint();
    under_id.iter().any(|there| match there {
        Ok(there) => there.key.thumbprint() != ours,
        Err(_) => true,
    })
}
