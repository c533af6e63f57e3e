//! An endpoint: a preset with its values, and what can be done there.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use super::{
    answer::{Done, Exchange, Receipt, RemoteKey, State},
    drift::differences,
    error::RegistryError,
    preset::{Absence, Preset, RequestTemplate},
    template::Filling,
};
use crate::{
    jose::jwk::{Jwk, PublicJwk},
    net::{
        http::{self, NetError},
        policy::Policy,
        request::{HeaderValue, Request, Response},
    },
    secret::Secret,
};

/// The most pages that are read of one list: a service that never ends one is left alone.
const MOST_PAGES: u32 = 1_000;

/// A place where public keys can be registered.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub preset: Preset,
    /// Its address, without a `/` at the end.
    pub url: String,
    /// The API token and where it comes from, in words.
    pub token: Option<(Secret<String>, String)>,
    /// What the HTTP client may do.
    pub policy: Policy,
}

/// A key as it was read there.
enum Reading {
    Absent,
    Found { jwk: Box<PublicJwk> },
    Unreadable { why: String },
}

/// What was sent so far, and how to send.
struct Talk<'a> {
    endpoint: &'a Endpoint,
    exchanges: Vec<Exchange>,
}

impl Endpoint {
    /// The request that creates `jwk`, exactly as [`Self::register`] sends it. What does not fit the
    /// service is refused here.
    pub fn create_request(&self, jwk: &PublicJwk) -> Result<Request, RegistryError> {
        let id = own_id(jwk);
        self.preset
            .capabilities
            .check(&self.preset.title, jwk, &id)?;
        Ok(self.request(&self.preset.create.request, &id, 0, Some(jwk)))
    }

    /// The request that deletes the key `id`.
    pub fn delete_request(&self, id: &str) -> Request {
        self.request(&self.preset.delete.request, id, 0, None)
    }

    /// Creates `jwk`; where its id is taken, compares and replaces what differs. Then it is read
    /// back: the receipt says what was seen there.
    pub fn register(&self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let create = self.create_request(jwk)?;
        let mut talk = Talk {
            endpoint: self,
            exchanges: Vec::new(),
        };
        let response = talk.send(create)?;
        let own = own_id(jwk);
        if self.preset.create.success.contains(&response.status) {
            let id = raw(&response)
                .and_then(|document| self.preset.create.id.text(document))
                .unwrap_or(own);
            return talk.confirmed(jwk, Done::Created, id, Vec::new());
        }
        if !self.preset.create.taken.contains(&response.status) {
            return Err(talk.refused(&response));
        }
        let differed = match talk.read(&own)? {
            Reading::Found { jwk: there } => differences(&self.preset.key, jwk, &there),
            Reading::Unreadable { .. } => vec!["everything".to_owned()],
            // Nothing is there: the refusal was about the key itself.
            Reading::Absent => return Err(talk.refused(&response)),
        };
        if differed.is_empty() {
            let done = Done::AlreadyRegistered;
            return Ok(Receipt {
                done,
                id: own,
                differed,
                exchanges: talk.exchanges,
            });
        }
        let replace = self.request(&self.preset.replace.request, &own, 0, Some(jwk));
        let response = talk.send(replace)?;
        if !self.preset.replace.success.contains(&response.status) {
            return Err(talk.refused(&response));
        }
        talk.confirmed(jwk, Done::Replaced, own, differed)
    }

    /// Where `jwk` stands there; `id` as recorded, else its kid.
    pub fn state(&self, jwk: &PublicJwk, id: Option<&str>) -> Result<State, RegistryError> {
        let id = id.map_or_else(|| own_id(jwk), str::to_owned);
        let mut talk = Talk {
            endpoint: self,
            exchanges: Vec::new(),
        };
        Ok(match (talk.read(&id)?, self.preset.absent.means) {
            (Reading::Absent, Absence::Absent) => State::NotThere,
            (Reading::Absent, Absence::AbsentOrHidden) => State::Unknown {
                why: "not there, or this token may not see it".to_owned(),
            },
            (Reading::Unreadable { why }, _) => State::Unknown { why },
            (Reading::Found { jwk: there }, _) => {
                let what = differences(&self.preset.key, jwk, &there);
                if what.is_empty() {
                    State::Registered { id }
                } else {
                    State::Differs { id, what }
                }
            }
        })
    }

    /// Every key there, page by page.
    pub fn list(&self) -> Result<Vec<RemoteKey>, RegistryError> {
        let list = &self.preset.list;
        let mut talk = Talk {
            endpoint: self,
            exchanges: Vec::new(),
        };
        let mut keys: Vec<RemoteKey> = Vec::new();
        for page in (list.pages.first..).take(MOST_PAGES as usize) {
            let response = talk.send(self.request(&list.request, "", page, None))?;
            let on_page = talk.page(&response)?;
            if on_page.is_empty() {
                break;
            }
            keys.extend(on_page);
            // Pages are told one by one: what was read is not kept.
            talk.exchanges.clear();
        }
        Ok(keys)
    }

    /// The first page of the keys there, asked for and told; nothing is changed.
    pub(super) fn first_page(&self) -> Result<(Response, Result<usize, RegistryError>), NetError> {
        let request = self.request(
            &self.preset.list.request,
            "",
            self.preset.list.pages.first,
            None,
        );
        let response = http::send(&request, &self.policy)?;
        let mut talk = Talk {
            endpoint: self,
            exchanges: vec![Exchange {
                request,
                response: response.clone(),
            }],
        };
        let keys = talk.page(&response).map(|keys| keys.len());
        Ok((response, keys))
    }

    /// Deletes the key `id` and reads back that it is gone.
    pub fn unregister(&self, id: &str) -> Result<Receipt, RegistryError> {
        let mut talk = Talk {
            endpoint: self,
            exchanges: Vec::new(),
        };
        let was_there = !matches!(talk.read(id)?, Reading::Absent);
        let done = if was_there {
            Done::Removed
        } else {
            Done::NotThere
        };
        if was_there {
            let response = talk.send(self.delete_request(id))?;
            if !self.preset.delete.success.contains(&response.status) {
                return Err(talk.refused(&response));
            }
            if !matches!(talk.read(id)?, Reading::Absent) {
                return Err(
                    talk.unconfirmed("it answered that the key is deleted, and it is still there")
                );
            }
        }
        let id = id.to_owned();
        Ok(Receipt {
            done,
            id,
            differed: Vec::new(),
            exchanges: talk.exchanges,
        })
    }

    fn request(
        &self,
        template: &RequestTemplate,
        id: &str,
        page: u32,
        jwk: Option<&PublicJwk>,
    ) -> Request {
        let values = BTreeMap::new();
        let filling = Filling {
            id,
            page,
            values: &values,
        };
        let plain =
            |(name, value): (&String, &String)| (name.clone(), HeaderValue::Plain(value.clone()));
        let mut headers: Vec<_> = self
            .preset
            .headers
            .iter()
            .chain(&template.headers)
            .map(plain)
            .collect();
        if let Some((token, _)) = &self.token {
            let scheme = "Bearer".to_owned();
            let value = HeaderValue::Secret {
                scheme,
                value: token.clone(),
            };
            headers.push(("Authorization".to_owned(), value));
        }
        let key = jwk.map_or(Value::Null, |jwk| self.preset.key.of(jwk));
        let body = template
            .body
            .as_ref()
            .map(|body| format!("{:#}", body.filled(&filling, &key)));
        let url = format!("{}{}", self.url, template.path.in_url(&filling));
        Request {
            method: template.method.0,
            url,
            headers,
            body,
        }
    }
}

impl Talk<'_> {
    fn send(&mut self, request: Request) -> Result<Response, RegistryError> {
        match http::send(&request, &self.endpoint.policy) {
            Ok(response) => {
                self.exchanges.push(Exchange {
                    request,
                    response: response.clone(),
                });
                Ok(response)
            }
            Err(source) if source.may_have_arrived() && !request.is_reading() => {
                let summary = format!(
                    "{source}; what was asked may have been done: ask again with \
                     keyfob registrations --refresh"
                );
                let exchanges = std::mem::take(&mut self.exchanges);
                Err(RegistryError::Unconfirmed {
                    summary: format!("{}: {summary}", self.endpoint.name),
                    exchanges,
                })
            }
            Err(source) => Err(RegistryError::Net {
                endpoint: self.endpoint.name.clone(),
                source,
            }),
        }
    }

    /// The keys on a page of the list.
    fn page(&mut self, response: &Response) -> Result<Vec<RemoteKey>, RegistryError> {
        let list = &self.endpoint.preset.list;
        if !list.success.contains(&response.status) {
            return Err(self.refused(response));
        }
        let Some(items) = raw(response).and_then(|document| list.items.items(document)) else {
            return Err(self.unconfirmed("its list is not what was expected: check the url"));
        };
        let key = |item| RemoteKey {
            id: list.id.text(item).unwrap_or_default(),
            jwk: list
                .key
                .find(item)
                .ok_or_else(|| "it holds no key".to_owned())
                .and_then(|key| parse(key.get())),
        };
        Ok(items.into_iter().map(key).collect())
    }

    fn read(&mut self, id: &str) -> Result<Reading, RegistryError> {
        let preset = &self.endpoint.preset;
        let response = self.send(self.endpoint.request(&preset.read.request, id, 0, None))?;
        if preset.absent.statuses.contains(&response.status) {
            return Ok(Reading::Absent);
        }
        if !preset.read.success.contains(&response.status) {
            return Err(self.refused(&response));
        }
        let key = raw(&response)
            .and_then(|document| preset.read.key.find(document))
            .ok_or_else(|| "its answer holds no key where it should".to_owned())
            .and_then(|key| parse(key.get()));
        Ok(match key {
            Ok(jwk) => Reading::Found { jwk: Box::new(jwk) },
            Err(why) => Reading::Unreadable { why },
        })
    }

    /// Reads back and compares: registered is what was seen there.
    fn confirmed(
        mut self,
        jwk: &PublicJwk,
        done: Done,
        id: String,
        differed: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        match self.read(&id)? {
            Reading::Found { jwk: there } => {
                let left = differences(&self.endpoint.preset.key, jwk, &there);
                if left.is_empty() {
                    return Ok(Receipt {
                        done,
                        id,
                        differed,
                        exchanges: self.exchanges,
                    });
                }
                let left = left.join(", ");
                Err(self.unconfirmed(&format!(
                    "it took the key, and what reads back differs: {left}"
                )))
            }
            Reading::Absent => {
                Err(self.unconfirmed("it answered that the key is there, and reading finds none"))
            }
            Reading::Unreadable { why } => Err(self.unconfirmed(&format!(
                "it took the key, and reading it back fails: {why}"
            ))),
        }
    }

    fn unconfirmed(&mut self, what: &str) -> RegistryError {
        RegistryError::Unconfirmed {
            summary: format!("{}: {what}", self.endpoint.name),
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }

    /// The preset's sentence for the status, and the service's own reason.
    fn refused(&mut self, response: &Response) -> RegistryError {
        let errors = &self.endpoint.preset.errors;
        let token = self
            .endpoint
            .token
            .as_ref()
            .map_or("(none)", |(_, source)| source.as_str());
        let sentence = match (errors.say.get(&response.status), response.status) {
            (Some(sentence), _) => sentence.replace("{token}", token),
            (None, 300..400) => format!(
                "it sends on to {}, where keyfob does not follow with a token: if it lives there \
                 now, change the endpoint's url",
                response.header("location").unwrap_or("another place")
            ),
            (None, status) => format!("it answered {status}"),
        };
        let detail = raw(response).and_then(|document| {
            errors
                .detail
                .iter()
                .find_map(|pointer| pointer.text(document))
        });
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        RegistryError::Refused {
            summary: format!(
                "{} ({}) refused with {}: {sentence}{detail}",
                self.endpoint.name, self.endpoint.preset.title, response.status
            ),
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }
}

/// What a key is called there when it is created.
fn own_id(jwk: &PublicJwk) -> String {
    jwk.kid
        .clone()
        .unwrap_or_else(|| jwk.key.thumbprint().to_string())
}

fn raw(response: &Response) -> Option<&RawValue> {
    serde_json::from_slice(&response.body).ok()
}

fn parse(text: &str) -> Result<PublicJwk, String> {
    match Jwk::parse(text) {
        Ok(Jwk::Public(jwk)) => Ok(jwk),
        Ok(Jwk::Private { .. }) => Err("it publishes a private key: revoke it".to_owned()),
        Ok(Jwk::Symmetric { .. }) => Err("it publishes a shared secret: revoke it".to_owned()),
        Err(error) => Err(error.fault()),
    }
}
