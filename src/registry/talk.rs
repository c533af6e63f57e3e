//! What was sent to an endpoint so far, and how to send.

mod reading_back;

use serde_json::value::RawValue;

use super::{
    answer::Exchange,
    endpoint::Endpoint,
    error::RegistryError,
    filling::{Filling, Missing},
    journal,
    members::Members,
    plan::Intent,
    pointer::Pointer,
    preset::{Condition, Keep, KeepPart, RequestTemplate, Service, Step},
    projection::Projection,
    refusal,
};
use crate::{
    jose::{
        jwk::{Jwk, PublicJwk},
        thumbprint::Thumbprint,
    },
    net::{
        http::{self, NetError},
        request::{HeaderValue, Request, Response},
        said::one_line,
        url::{Scheme, Url},
    },
    secret::Secret,
};

/// What to say where nobody knows what became of a request.
const MAY_BE_DONE: &str =
    "what was asked may have been done: ask again with keyfob registrations --refresh";

/// What stands in place of a secret in an answer that is shown.
const MASK: &str = "\"••••\"";

/// What was sent so far, what is known by now, and how to send.
pub(super) struct Talk<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) filling: Filling,
    /// The thumbprint of the key that requests are about.
    pub(super) ours: Option<Thumbprint>,
    /// Further hosts that requests may go to: those that the server's own metadata name.
    hosts: Vec<String>,
}

impl<'a> Talk<'a> {
    /// Nothing was sent yet.
    pub(super) fn with(endpoint: &'a Endpoint) -> Self {
        Self::of(endpoint, Missing::Empty)
    }

    /// Nothing will be sent: what answers will say stands there by its name.
    pub(super) fn preview(endpoint: &'a Endpoint) -> Self {
        Self::of(endpoint, Missing::Named)
    }

    fn of(endpoint: &'a Endpoint, missing: Missing) -> Self {
        let mut filling = Filling::new(missing);
        endpoint.fill(&mut filling);
        Self {
            endpoint,
            exchanges: Vec::new(),
            filling,
            ours: None,
            hosts: Vec::new(),
        }
    }

    /// An address that the server's own metadata name: requests may go to its host.
    pub(super) fn named(&mut self, name: &str, url: &str) {
        if let Ok(url) = Url::parse(url) {
            self.hosts.push(url.host().to_owned());
        }
        self.filling.set_text(name, url);
    }

    /// The key that requests are about, and its id there as far as it is known.
    pub(super) fn about(&mut self, jwk: &PublicJwk, id: &str) {
        self.ours = Some(jwk.key.thumbprint());
        self.filling = self.filled_with(jwk, id);
    }

    /// What is known by now, and the key with its id there.
    pub(super) fn filled_with(&self, jwk: &PublicJwk, id: &str) -> Filling {
        let projection = &self.endpoint.preset.key;
        let mut filling = self.filling.clone();
        for (name, form) in Projection::all_of(jwk) {
            filling.set_value(name, form);
        }
        filling.set_value("key", projection.of(jwk));
        filling.set_text("id", id);
        filling.set_text("kid", jwk.kid.as_deref().unwrap_or_default());
        filling.set_text("alg", jwk.alg.as_deref().unwrap_or_default());
        filling.set_text("thumbprint", &jwk.key.thumbprint().to_string());
        filling
    }

    /// A request with what is known by now.
    pub(super) fn request(&self, template: &RequestTemplate) -> Request {
        let filling = &self.filling;
        let url = match (&template.path, &template.url) {
            (Some(path), _) => format!("{}{}", self.endpoint.url, path.in_url(filling)),
            (None, Some(url)) => url.plain(filling),
            (None, None) => self.endpoint.url.clone(),
        };
        let headers = self.endpoint.preset.headers.iter().chain(&template.headers);
        let mut headers: Vec<(String, HeaderValue)> = headers
            .map(|(name, value)| (name.clone(), value.plain(filling)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, HeaderValue::Plain(value)))
            .collect();
        match &template.token {
            None => headers.extend(self.endpoint.credentials()),
            Some(name) => headers.push((
                "Authorization".to_owned(),
                HeaderValue::Secret {
                    scheme: "Bearer".to_owned(),
                    value: self
                        .endpoint
                        .memory
                        .recall(name)
                        .unwrap_or_else(|| Secret::new(String::new())),
                },
            )),
        }
        let mut body = template.body.as_ref().map(|body| body.filled(filling));
        if let Some(text) = &template.text {
            body = Some(text.plain(filling));
        }
        if !template.multipart.is_empty() {
            let (kind, text) = self.multipart(template);
            headers.push(("Content-Type".to_owned(), HeaderValue::Plain(kind)));
            body = Some(text);
        }
        Request {
            method: template.method.of(filling),
            url,
            headers,
            body,
        }
    }

    /// A request as it is shown before it is sent; `condition` says when it is.
    pub(super) fn intent(
        &self,
        template: &RequestTemplate,
        condition: Option<&Condition>,
    ) -> Intent {
        let about = match (&template.about, condition) {
            (Some(about), _) => Some(about.clone()),
            (None, None) => None,
            (None, Some(Condition::Empty(name))) => Some(format!("where there is no {name}")),
            (None, Some(Condition::Filled(name))) => Some(format!("where there is {name}")),
        };
        Intent::Send {
            about,
            request: self.request(template),
        }
    }

    /// The steps that change something, as they are shown before they are taken; not those that what
    /// is known already leaves out.
    pub(super) fn changes(&self, steps: &[Step]) -> Vec<Intent> {
        let is_known = |condition: &Condition| {
            let (Condition::Empty(name) | Condition::Filled(name)) = condition;
            self.endpoint.values.contains_key(name)
        };
        let has = |name: &str| self.filling.has(name);
        let may_be_due = |step: &&Step| match &step.only_if {
            Some(condition) if is_known(condition) => step.is_due(has),
            _ => true,
        };
        let steps = steps.iter().filter(may_be_due);
        let changing = steps.filter(|step| !self.request(&step.request).is_reading());
        let intents = changing.map(|step| self.intent(&step.request, step.only_if.as_ref()));
        intents.collect()
    }

    /// Sends, and keeps what was said.
    pub(super) fn send(&mut self, request: Request) -> Result<Response, RegistryError> {
        let request = self.allowed(request)?;
        self.endpoint.journal.tell(journal::Step::Sending);
        let sent = http::send(&request, &self.endpoint.policy);
        self.endpoint.journal.tell(journal::Step::Answered);
        match sent {
            Ok(response) => {
                self.noted(request, &response);
                Ok(response)
            }
            Err(source) if source.may_have_arrived() && !request.is_reading() => {
                Err(self.unconfirmed(&format!("{source}; {MAY_BE_DONE}")))
            }
            Err(source) if self.has_changed() => {
                Err(self.unconfirmed(&format!("it was done, and reading it back fails: {source}")))
            }
            Err(source) => Err(RegistryError::Net {
                endpoint: self.endpoint.name.clone(),
                source,
            }),
        }
    }

    /// Sends what only asks, and keeps what was said.
    pub(super) fn ask(&mut self, request: Request) -> Result<Response, NetError> {
        let response = http::send(&request, &self.endpoint.policy)?;
        self.noted(request, &response);
        Ok(response)
    }

    /// Takes a step, where it is due, and keeps what later ones need of its answer.
    pub(super) fn take(&mut self, step: &Step) -> Result<(), RegistryError> {
        if !step.is_due(|name| self.filling.has(name)) {
            return Ok(());
        }
        let response = self.send(self.request(&step.request))?;
        if !step.success.contains(&response.status) {
            return Err(self.refused(&response));
        }
        self.keep(step, &response)
    }

    /// Keeps what later steps need of an answer.
    pub(super) fn keep(&mut self, step: &Step, response: &Response) -> Result<(), RegistryError> {
        let document = raw(response);
        for (name, keep) in &step.keep {
            let kept = document.and_then(|document| kept(keep, document, &self.filling));
            match (kept, keep) {
                (Some(json), _) => self.filling.set_json(name, &json),
                (
                    None,
                    Keep::Part(KeepPart {
                        needed: Some(why), ..
                    }),
                ) => {
                    let why = why.plain(&self.filling);
                    return Err(self.refused_with(&why));
                }
                (
                    None,
                    Keep::Part(KeepPart {
                        except: Some(_), ..
                    }),
                ) => {
                    self.filling.set_json(name, "[]");
                }
                (None, Keep::At(_) | Keep::Part(_)) => self.filling.set_text(name, ""),
            }
        }
        Ok(())
    }

    /// It was sent, and what became of it is not as it should be.
    pub(super) fn unconfirmed(&mut self, what: &str) -> RegistryError {
        RegistryError::Unconfirmed {
            summary: format!("{}: {what}", self.endpoint.name),
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }

    /// What is there does not let it be done.
    pub(super) fn refused_with(&mut self, why: &str) -> RegistryError {
        if self.has_changed() {
            return self.unconfirmed(&format!("it was done, and then: {why}"));
        }
        RegistryError::Refused {
            summary: format!("{}: {why}", self.endpoint.name),
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }

    /// The preset's sentence for the status, and the service's own reason.
    pub(super) fn refused(&mut self, response: &Response) -> RegistryError {
        let errors = &self.endpoint.preset.errors;
        let token = self
            .endpoint
            .token
            .as_ref()
            .map_or("(none)", |(_, source)| source.as_str());
        let document = raw(response);
        let mut sentence = match errors.sentence(response.status, document) {
            Some(sentence) => sentence.replace("{token}", token),
            None => refusal::sentence(response),
        };
        if let Some(wait) = refusal::wait(response) {
            sentence = format!("{sentence}: {wait}");
        }
        let detail = document.and_then(|document| errors.detail(document));
        if let Some(detail) = detail {
            sentence = format!("{sentence}: {}", one_line(&detail));
        }
        let (name, title) = (&self.endpoint.name, &self.endpoint.preset.title);
        let told = match response.status {
            200..300 => format!("answered {}: {sentence}", response.status),
            status => format!("refused with {status}: {sentence}"),
        };
        // The last exchange is the one that was answered so.
        let (last, before) = match self.exchanges.split_last() {
            Some((last, before)) => (Some(last), before),
            None => (None, [].as_slice()),
        };
        if before.iter().any(is_change) {
            return self.unconfirmed(&format!("it was done, and then {title} {told}"));
        }
        let is_open = last.is_some_and(|last| {
            !last.request.is_reading() && refusal::is_uncertain(last.response.status)
        });
        if is_open {
            return self.unconfirmed(&format!("{title} {told}; {MAY_BE_DONE}"));
        }
        RegistryError::Refused {
            summary: format!("{name} ({title}) {told}"),
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }

    /// An answer that was to be read, and is something else.
    pub(super) fn unreadable(&mut self, response: &Response) -> RegistryError {
        let what = refusal::what_it_is(response);
        if self.has_changed() {
            return self.unconfirmed(&format!("it was done, and reading it back fails: {what}"));
        }
        self.refused_with(&format!(
            "{what}, and keys were expected: check the url, and who answers there"
        ))
    }

    /// Whether anything was changed there so far.
    fn has_changed(&self) -> bool {
        self.exchanges.iter().any(is_change)
    }

    /// A request to an address that an answer named goes to the endpoint's own host only, and over
    /// https where the endpoint is reached so.
    fn allowed(&mut self, request: Request) -> Result<Request, RegistryError> {
        let net = |source| RegistryError::Net {
            endpoint: self.endpoint.name.clone(),
            source,
        };
        let asked = Url::parse(&request.url).map_err(net)?;
        if let Service::Form(_) = self.endpoint.preset.service {
            // A page is never asked; where its keys are seen is as the user configured it.
            return Ok(request);
        }
        let own = Url::parse(&self.endpoint.url).map_err(net)?;
        let is_downgrade = own.scheme() == Scheme::Https && asked.scheme() == Scheme::Http;
        let known =
            own.host() == asked.host() || self.hosts.iter().any(|host| host == asked.host());
        if known && !is_downgrade {
            return Ok(request);
        }
        Err(self.refused_with(&format!(
            "it names {} to go on with, which is not where it lives: nothing was sent there",
            asked.origin()
        )))
    }

    fn noted(&mut self, request: Request, response: &Response) {
        let mut response = response.clone();
        if let Service::Document(document) = &self.endpoint.preset.service
            && !document.secret.is_empty()
        {
            response.body = masked(&response.text(), &document.secret).into_bytes();
        }
        self.exchanges.push(Exchange { request, response });
    }

    /// The type and the text of a form (RFC 7578).
    fn multipart(&self, template: &RequestTemplate) -> (String, String) {
        let fields: Vec<(String, String)> = template
            .multipart
            .iter()
            .map(|field| {
                let file = field.file.as_ref();
                let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
                let head = format!(
                    "Content-Disposition: form-data; name=\"{}\"{file}\r\n",
                    field.name
                );
                (head, field.value.field(&self.filling))
            })
            .collect();
        let mut boundary = "keyfob-form".to_owned();
        while fields.iter().any(|(_, value)| value.contains(&boundary)) {
            boundary.push('-');
        }
        let parts: String = fields
            .iter()
            .map(|(head, value)| format!("--{boundary}\r\n{head}\r\n{value}\r\n"))
            .collect();
        (
            format!("multipart/form-data; boundary={boundary}"),
            format!("{parts}--{boundary}--\r\n"),
        )
    }
}

/// Whether something was changed by it.
fn is_change(exchange: &Exchange) -> bool {
    !exchange.request.is_reading() && (200..300).contains(&exchange.response.status)
}

/// The answer as JSON.
pub(super) fn raw(response: &Response) -> Option<&RawValue> {
    serde_json::from_slice(&response.body).ok()
}

/// A key as a service publishes it.
pub(super) fn parse(text: &str) -> Result<PublicJwk, String> {
    match Jwk::parse(text) {
        Ok(Jwk::Public(jwk)) => Ok(jwk),
        Ok(Jwk::Private { .. }) => Err("it publishes a private key: revoke it".to_owned()),
        Ok(Jwk::Symmetric { .. }) => Err("it publishes a shared secret: revoke it".to_owned()),
        Err(error) => Err(error.fault()),
    }
}

/// What `keep` takes of `document`, as JSON.
fn kept(keep: &Keep, document: &RawValue, filling: &Filling) -> Option<String> {
    match keep {
        Keep::At(at) => at.find(document).map(|found| found.get().to_owned()),
        Keep::Part(part) => {
            let found = part.at.find(document)?;
            let json = found.get();
            if json == "null" {
                return None;
            }
            Some(match &part.except {
                Some(except) => {
                    let is = except.is.plain(filling);
                    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
                    let others = items
                        .into_iter()
                        .filter(|item| except.at.text(item).as_ref() != Some(&is))
                        .map(RawValue::get);
                    format!("[{}]", others.collect::<Vec<_>>().join(","))
                }
                None if part.without.is_empty() => json.to_owned(),
                None => without(json, &part.without)?,
            })
        }
    }
}

/// An object without some of its members.
fn without(json: &str, names: &[String]) -> Option<String> {
    let Members(members) = serde_json::from_str(json).ok()?;
    let left: Vec<String> = members
        .iter()
        .filter(|(name, _)| !names.contains(name))
        .map(|(name, value)| format!("{}:{}", serde_json::Value::from(name.as_str()), value.get()))
        .collect();
    Some(format!("{{{}}}", left.join(",")))
}

/// `text` with the values at `secrets` masked; text that is no plain object and may hold one is told
/// by its length.
fn masked(text: &str, secrets: &[Pointer]) -> String {
    let is_read = serde_json::from_str::<Members>(text).is_ok();
    let (true, Ok(document)) = (is_read, serde_json::from_str::<&RawValue>(text)) else {
        return if text.contains("token") || text.contains("secret") {
            format!("‹{} bytes, which may hold a token›", text.len())
        } else {
            text.to_owned()
        };
    };
    let begin = text.as_ptr().addr();
    let mut places: Vec<_> = secrets
        .iter()
        .filter_map(|at| at.find(document))
        .map(|value| {
            let start = value.get().as_ptr().addr() - begin;
            start..start + value.get().len()
        })
        .collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.start));
    let mut shown = text.to_owned();
    for place in places {
        shown.replace_range(place, MASK);
    }
    shown
}
