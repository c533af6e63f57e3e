//! A key on a web page: a person pastes it, and a JWK Set shows it or the person says so.

use std::collections::BTreeMap;

use super::{
    answer::{Done, Receipt, RemoteKey, State},
    checkup::{Finding, Subject, Verdict},
    drift::differences,
    endpoint::{Endpoint, Word, own_id},
    error::RegistryError,
    plan::{Handed, Intent},
    preset::PageForm,
    published_set::PublishedSet,
    talk::{Talk, raw},
};
use crate::{
    jose::jwk::PublicJwk,
    keystore::record::Evidence,
    net::{
        request::{Method, Request},
        url::Url,
    },
};

/// What is done about one page, and what was said of it.
pub(super) struct Pasting<'a> {
    form: &'a PageForm,
    talk: Talk<'a>,
    /// Where the keys can be seen; empty where they cannot.
    seen_at: String,
}

impl<'a> Pasting<'a> {
    /// Nothing was asked yet.
    pub(super) fn with(endpoint: &'a Endpoint, form: &'a PageForm) -> Self {
        let talk = Talk::with(endpoint);
        let seen_at = form.seen_at.as_ref();
        let seen_at = seen_at.map_or_else(String::new, |url| url.plain(&talk.filling));
        Self {
            form,
            talk,
            seen_at,
        }
    }

    /// What a person does to register `jwk`.
    pub(super) fn register_plan(&self, jwk: &PublicJwk) -> Result<Vec<Intent>, RegistryError> {
        let filling = self.talk.filled_with(jwk, &own_id(jwk));
        let paste = self.form.chosen(|name| self.talk.filling.has(name));
        let Some(paste) = paste else {
            return Ok(Vec::new());
        };
        let text = paste.text.plain(&filling);
        if text.trim().is_empty() {
            return Err(self
                .talk
                .does_not_fit("there is nothing to paste: check the values of the endpoint"));
        }
        Ok(vec![self.by_hand(Handed {
            page: String::new(),
            act: paste.act.plain(&filling),
            what: paste.what.clone(),
            text,
        })])
    }

    /// What a person does to remove a key.
    pub(super) fn unregister_plan(&self, id: &str) -> Vec<Intent> {
        let mut filling = self.talk.filling.clone();
        filling.set_text("id", id);
        filling.set_text("kid", id);
        vec![self.by_hand(Handed {
            page: String::new(),
            act: self.form.remove.plain(&filling),
            what: String::new(),
            text: String::new(),
        })]
    }

    /// Whether `jwk` is there: seen, or said to be.
    pub(super) fn register(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let (id, word) = (own_id(jwk), self.talk.endpoint.word);
        if self.is_blind() {
            return match word {
                Word::Asked => Err(self.handed(&self.register_plan(jwk)?)),
                Word::Given => Ok(self.said(Done::Created, id)),
            };
        }
        match (self.looked_for(jwk)?, word) {
            (State::Registered { id }, Word::Given) => {
                Ok(self.talk.receipt(Done::Created, id, Vec::new()))
            }
            (State::Registered { id }, Word::Asked) => {
                Ok(self.talk.receipt(Done::AlreadyRegistered, id, Vec::new()))
            }
            (_, Word::Asked) => Err(self.handed(&self.register_plan(jwk)?)),
            (State::Differs { what, .. }, Word::Given) => {
                let what = what.join(", ");
                let url = self.seen_at.clone();
                Err(self
                    .talk
                    .refused_with(&format!("{url} shows it otherwise: {what}")))
            }
            (_, Word::Given) => {
                let url = self.seen_at.clone();
                Err(self.talk.refused_with(&format!(
                    "{url} does not show the key yet, so it is not noted: do it again when it does"
                )))
            }
        }
    }

    /// Where `jwk` stands; unknown where nobody can look.
    pub(super) fn state(mut self, jwk: &PublicJwk) -> Result<State, RegistryError> {
        if self.is_blind() {
            let why = "nobody can look there".to_owned();
            return Ok(State::Unknown { why });
        }
        self.looked_for(jwk)
    }

    /// Every key that is shown.
    pub(super) fn list(mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        if self.is_blind() {
            return Err(self.talk.does_not_fit(
                "nobody can look there: what you said of it is told by keyfob registrations",
            ));
        }
        Ok(self.set()?.keys())
    }

    /// Whether `jwk` is gone: seen, or said to be.
    pub(super) fn unregister(
        mut self,
        jwk: &PublicJwk,
        id: &str,
    ) -> Result<Receipt, RegistryError> {
        let (id, word) = (id.to_owned(), self.talk.endpoint.word);
        if self.is_blind() {
            return match word {
                Word::Asked => Err(self.handed(&self.unregister_plan(&id))),
                Word::Given => Ok(self.said(Done::Removed, id)),
            };
        }
        let (is_there, done) = match (self.looked_for(jwk)?, word) {
            (State::NotThere, Word::Asked) => (false, Done::NotThere),
            (State::NotThere, Word::Given) => (false, Done::Removed),
            // Under its kid stands another key, which may have taken its place.
            (State::Differs { what, .. }, _) if what.iter().all(|name| name != "kid") => {
                (false, Done::Removed)
            }
            _ => (true, Done::Removed),
        };
        match (is_there, word) {
            (false, _) => Ok(self.talk.receipt(done, id, Vec::new())),
            (true, Word::Asked) => Err(self.handed(&self.unregister_plan(&id))),
            (true, Word::Given) => {
                let url = self.seen_at.clone();
                Err(self.talk.refused_with(&format!(
                    "{url} still shows the key: do it again when it does not"
                )))
            }
        }
    }

    /// What can be told before anything is pasted, in any order.
    pub(super) fn look(mut self) -> Vec<Finding> {
        let finding = |subject, verdict, text: String| Finding {
            subject,
            verdict,
            text,
        };
        let page = self.talk.endpoint.url.clone();
        let mut findings = vec![match Url::parse(&page) {
            _ if page.is_empty() => {
                let text = "no page is given: you know where the key is pasted";
                finding(Subject::Rights, Verdict::Unknown, text.to_owned())
            }
            Ok(_) => {
                let text = format!("you paste each key yourself at {page}");
                finding(Subject::Rights, Verdict::Unknown, text)
            }
            Err(error) => finding(Subject::Rights, Verdict::Bad, format!("the page: {error}")),
        }];
        let none = "none is needed".to_owned();
        findings.push(finding(Subject::Token, Verdict::Good, none));
        if self.is_blind() {
            let text = "nobody can look there: what you say of it is noted as that";
            findings.push(finding(
                Subject::Reachable,
                Verdict::Unknown,
                text.to_owned(),
            ));
            return findings;
        }
        let (verdict, text) = match self.set() {
            Ok(set) => {
                let count = set.keys().len();
                (
                    Verdict::Good,
                    format!("{} shows {count} keys", self.seen_at),
                )
            }
            Err(error) => (Verdict::Bad, error.to_string()),
        };
        findings.push(finding(Subject::Reachable, verdict, text));
        findings
    }

    /// Whether keys can be seen nowhere.
    pub(super) fn is_blind(&self) -> bool {
        self.seen_at.is_empty()
    }

    fn said(self, done: Done, id: String) -> Receipt {
        Receipt {
            evidence: Evidence::Said,
            ..self.talk.receipt(done, id, Vec::new())
        }
    }

    fn by_hand(&self, handed: Handed) -> Intent {
        Intent::ByHand(Handed {
            page: self.talk.endpoint.url.clone(),
            ..handed
        })
    }

    /// A person has to do what `plan` says.
    fn handed(&self, plan: &[Intent]) -> RegistryError {
        let handed = plan.iter().find_map(Intent::by_hand);
        RegistryError::ByHand {
            endpoint: self.talk.endpoint.name.clone(),
            what: handed.map_or_else(String::new, Handed::instruction),
        }
    }

    /// Where the set shows `jwk`.
    fn looked_for(&mut self, jwk: &PublicJwk) -> Result<State, RegistryError> {
        let (id, ours) = (own_id(jwk), jwk.key.thumbprint());
        let set = self.set()?;
        let keys = set.keys();
        let same = keys.iter().filter_map(|key| key.jwk.as_ref().ok());
        let same: Vec<&PublicJwk> = same.filter(|key| key.key.thumbprint() == ours).collect();
        if let Some(there) = same.iter().find(|there| there.kid == jwk.kid) {
            let what = differences(&self.talk.endpoint.preset.key, jwk, there);
            return Ok(if what.is_empty() {
                State::Registered { id }
            } else {
                State::Differs { id, what }
            });
        }
        if !same.is_empty() {
            let what = vec!["kid".to_owned()];
            return Ok(State::Differs { id, what });
        }
        Ok(match set.under(&id).first() {
            None => State::NotThere,
            Some(Ok(there)) => State::Differs {
                id,
                what: differences(&self.talk.endpoint.preset.key, jwk, there),
            },
            Some(Err(why)) => State::Unknown { why: why.clone() },
        })
    }

    fn set(&mut self) -> Result<PublishedSet, RegistryError> {
        let endpoint = self.talk.endpoint;
        let response = self.talk.send(Request {
            method: Method::Get,
            url: self.seen_at.clone(),
            headers: endpoint.headers(&BTreeMap::new()),
            body: None,
        })?;
        if response.status != 200 {
            return Err(self.talk.refused(&response));
        }
        let Some(document) = raw(&response) else {
            return Err(self.talk.unreadable(&response));
        };
        PublishedSet::parse(document.get()).map_err(|why| {
            let url = self.seen_at.clone();
            self.talk.refused_with(&format!(
                "what {url} shows is no JWK Set: {why}: check it, and the value jwks_url"
            ))
        })
    }
}
