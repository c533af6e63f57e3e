//! An endpoint: a preset with its values, and what can be done there.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};

use super::{
    answer::{Receipt, RemoteKey, State},
    checkup::Finding,
    document::Custody,
    entries::Conversation,
    error::RegistryError,
    filling::Filling,
    journal::Journal,
    memory::Memory,
    pasting::Pasting,
    plan::Intent,
    preset::{Preset, Scheme, Service, ValueKind},
    set_file::Upkeep,
    template::Template,
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        policy::Policy,
        request::{HeaderValue, Response},
    },
    secret::Secret,
};

/// A place where public keys can be registered.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub preset: Preset,
    /// Its address, without a `/` at the end.
    pub url: String,
    /// The preset's values, whole and checked.
    pub values: BTreeMap<String, String>,
    /// What its API token may do, where the service asks.
    pub scope: Option<String>,
    /// The API token and where it comes from, in words.
    pub token: Option<(Secret<String>, String)>,
    /// How the token is sent.
    pub scheme: Option<Scheme>,
    /// What the HTTP client may do.
    pub policy: Policy,
    /// What it gave out once and is needed again.
    pub memory: Memory,
    /// Who is told of each step of what is done there.
    pub journal: Journal,
    /// Whether a person says that it is done, where only a person can do it.
    pub word: Word,
}

/// What a person said of an act that they do themselves.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Word {
    /// Nothing yet.
    #[default]
    Asked,
    /// That it is done.
    Given,
}

impl Word {
    /// Given where `is_done`.
    pub fn of(is_done: bool) -> Self {
        if is_done { Self::Given } else { Self::Asked }
    }
}

/// What to do where a key is the last one of a thing that cannot be without: an OAuth client.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LastKey {
    /// Nothing: [`RegistryError::LastKey`] says so.
    #[default]
    Keep,
    /// Delete the thing with it.
    DeleteAll,
}

/// The first page of the keys at an endpoint, asked for and told.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) response: Response,
    pub(super) keys: Result<usize, RegistryError>,
    /// Whether the answer says anything of the token.
    pub(super) token_was_tried: bool,
}

/// What [`Endpoint::first_page`] saw.
pub(super) enum FirstPage {
    Local(Vec<Finding>),
    Remote(Look),
}

impl Endpoint {
    /// The same endpoint, which tells `journal` of each step.
    #[must_use]
    pub fn told(self, journal: Journal) -> Self {
        Self { journal, ..self }
    }

    /// The same endpoint, of which a person says so much.
    #[must_use]
    pub fn with_word(self, word: Word) -> Self {
        Self { word, ..self }
    }

    /// Whether a person registers keys there, on a web page.
    pub fn is_by_hand(&self) -> bool {
        matches!(self.preset.service, Service::Form(_))
    }

    /// Whether nobody but a person can tell what is there.
    pub fn is_blind(&self) -> bool {
        match &self.preset.service {
            Service::Form(form) => Pasting::with(self, form).is_blind(),
            _ => false,
        }
    }

    /// What [`Self::register`] changes there, in its order. What does not fit the service is refused
    /// here.
    pub fn register_plan(&self, jwk: &PublicJwk) -> Result<Vec<Intent>, RegistryError> {
        self.preset
            .capabilities
            .check(&self.preset.title, jwk, &own_id(jwk))?;
        let plan = match &self.preset.service {
            Service::Document(document) => Custody::preview(self, document).register_plan(jwk),
            Service::Entries(entries) => Conversation::preview(self, entries).register_plan(jwk),
            Service::Form(form) => Pasting::with(self, form).register_plan(jwk)?,
            Service::JwkSet(file) => Upkeep::with(self, file).register_plan(jwk),
            Service::LocalJwkSet(set) => Upkeep::local(self, set).register_plan(jwk),
        };
        if plan.is_empty() {
            return Err(self.cannot("register"));
        }
        Ok(plan)
    }

    /// What [`Self::unregister`] changes there, as [`Self::register_plan`].
    pub fn unregister_plan(&self, id: &str) -> Result<Vec<Intent>, RegistryError> {
        let plan = match &self.preset.service {
            Service::Document(document) => Custody::preview(self, document).unregister_plan(id),
            Service::Entries(entries) => Conversation::preview(self, entries).unregister_plan(id),
            Service::Form(form) => Pasting::with(self, form).unregister_plan(id),
            Service::JwkSet(file) => Upkeep::with(self, file).unregister_plan(),
            Service::LocalJwkSet(set) => Upkeep::local(self, set).unregister_plan(),
        };
        if plan.is_empty() {
            return Err(self.cannot("remove a key"));
        }
        Ok(plan)
    }

    /// Puts `jwk` there; where it is there and differs, replaces it. Then it is read back: the
    /// receipt says what was seen there.
    pub fn register(&self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        self.preset
            .capabilities
            .check(&self.preset.title, jwk, &own_id(jwk))?;
        match &self.preset.service {
            Service::Document(document) => Custody::with(self, document).register(jwk),
            Service::Entries(entries) => Conversation::with(self, entries).register(jwk),
            Service::Form(form) => Pasting::with(self, form).register(jwk),
            Service::JwkSet(file) => Upkeep::with(self, file).register(jwk),
            Service::LocalJwkSet(set) => Upkeep::local(self, set).register(jwk),
        }
    }

    /// Where `jwk` stands there; `id` as recorded, else its kid.
    pub fn state(&self, jwk: &PublicJwk, id: Option<&str>) -> Result<State, RegistryError> {
        match &self.preset.service {
            Service::Document(document) => Custody::with(self, document).state(jwk, id),
            Service::Entries(entries) => Conversation::with(self, entries).state(jwk, id),
            Service::Form(form) => Pasting::with(self, form).state(jwk),
            Service::JwkSet(file) => Upkeep::with(self, file).state(jwk, known(jwk, id)),
            Service::LocalJwkSet(set) => Upkeep::local(self, set).state(jwk, known(jwk, id)),
        }
    }

    /// Every key there.
    pub fn list(&self) -> Result<Vec<RemoteKey>, RegistryError> {
        match &self.preset.service {
            Service::Document(document) => Custody::with(self, document).list(),
            Service::Entries(entries) => Conversation::with(self, entries).list(),
            Service::Form(form) => Pasting::with(self, form).list(),
            Service::JwkSet(file) => Upkeep::with(self, file).list(),
            Service::LocalJwkSet(set) => Upkeep::local(self, set).list(),
        }
    }

    /// The first page of the keys there, asked for and told; what was found out where there is
    /// nobody to ask. Nothing is changed.
    pub(super) fn first_page(&self) -> Result<FirstPage, NetError> {
        let look = match &self.preset.service {
            Service::Document(document) => Custody::with(self, document).look(),
            Service::Entries(entries) => Conversation::with(self, entries).first_page(),
            Service::Form(form) => return Ok(FirstPage::Local(Pasting::with(self, form).look())),
            Service::JwkSet(file) => Upkeep::with(self, file).first_page(),
            Service::LocalJwkSet(set) => {
                return Ok(FirstPage::Local(Upkeep::local(self, set).look()));
            }
        };
        look.map(FirstPage::Remote)
    }

    /// Removes `jwk`, which is there as `id`, and reads back that it is gone.
    pub fn unregister(
        &self,
        jwk: &PublicJwk,
        id: &str,
        last: LastKey,
    ) -> Result<Receipt, RegistryError> {
        match &self.preset.service {
            Service::Document(document) => Custody::with(self, document).unregister(jwk, id, last),
            Service::Entries(entries) => Conversation::with(self, entries).unregister(jwk, id),
            Service::Form(form) => Pasting::with(self, form).unregister(jwk, id),
            Service::JwkSet(file) => Upkeep::with(self, file).unregister(jwk, id),
            Service::LocalJwkSet(set) => Upkeep::local(self, set).unregister(jwk, id),
        }
    }

    /// The preset's headers, `more`, and what proves that it may.
    pub(super) fn headers(&self, more: &BTreeMap<String, Template>) -> Vec<(String, HeaderValue)> {
        let mut filling = Filling::default();
        self.fill(&mut filling);
        let mut headers: Vec<_> = self
            .preset
            .headers
            .iter()
            .chain(more)
            .map(|(name, value)| (name.clone(), HeaderValue::Plain(value.plain(&filling))))
            .collect();
        headers.extend(self.credentials());
        headers
    }

    /// The header that proves that it may.
    pub(super) fn credentials(&self) -> Option<(String, HeaderValue)> {
        let (token, _) = self.token.as_ref()?;
        let secret = |scheme: &str, value: Secret<String>| HeaderValue::Secret {
            scheme: scheme.to_owned(),
            value,
        };
        let authorization = "Authorization".to_owned();
        match self.scheme? {
            Scheme::Basic => {
                let encoded = Base64::encode_string(token.expose().as_bytes());
                Some((authorization, secret("Basic", Secret::new(encoded))))
            }
            Scheme::Bearer => Some((authorization, secret("Bearer", token.clone()))),
            Scheme::Ssws => Some((authorization, secret("SSWS", token.clone()))),
            Scheme::Header => {
                let header = self.preset.authentication.header.as_ref()?;
                let mut filling = Filling::default();
                self.fill(&mut filling);
                Some((header.name.plain(&filling), secret("", token.clone())))
            }
        }
    }

    /// Fills in what is known of the endpoint itself.
    pub(super) fn fill(&self, filling: &mut Filling) {
        filling.set_text("url", &self.url);
        filling.set_text("scope", self.scope.as_deref().unwrap_or_default());
        for spec in &self.preset.values {
            let Some(value) = self.values.get(&spec.name) else {
                continue;
            };
            // They were checked when the endpoint was made: a template that is none fills nothing.
            match spec.kind {
                ValueKind::Template => drop(filling.set_template(&spec.name, value)),
                ValueKind::Path | ValueKind::Text => filling.set_text(&spec.name, value),
            }
        }
        for (name, value) in self.memory.all() {
            if !self.preset.is_token(&name) {
                filling.set_text(&name, value.expose());
            }
        }
    }

    pub(super) fn cannot(&self, what: &str) -> RegistryError {
        RegistryError::DoesNotFit(format!(
            "{}: {} offers no way to {what}",
            self.name, self.preset.title
        ))
    }
}

/// What a key is called there: `id` as recorded, else as it was created.
fn known(jwk: &PublicJwk, id: Option<&str>) -> String {
    id.map_or_else(|| own_id(jwk), str::to_owned)
}

/// What a key is called there when it is created.
pub(super) fn own_id(jwk: &PublicJwk) -> String {
    jwk.kid
        .clone()
        .unwrap_or_else(|| jwk.key.thumbprint().to_string())
}
