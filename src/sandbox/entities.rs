//! `/api/v1/entities/jwks`: the registry, in GoodData's JSON:API shapes.
//!
//! GoodData takes RSA keys with RS256, RS384 and RS512 only. The sandbox takes every algorithm of
//! keyfob, because its profile route and its token endpoint accept tokens signed with any of them;
//! what GoodData itself takes is checked before a request to GoodData is sent.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, HOST},
    },
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    answer::Answer,
    auth::{Auth, check_media_type},
    bearer::{Bearer, bearer},
    entity_id::EntityId,
    form::Form,
    server::TOKEN,
    store::Refused,
    trusted_key::TrustedKey,
};

/// What GoodData says of an entity it does not have or does not show.
pub(super) const NOT_FOUND: &str =
    "The requested endpoint does not exist or you do not have permission to access it.";

const PATH: &str = "/api/v1/entities/jwks";
const JSON: &str = "application/json";
const JSON_API: &str = "application/vnd.gooddata.api+json";

/// Entities of a page, where the request does not say.
const PAGE_SIZE: usize = 20;

/// Entities of a page at most.
const PAGE_SIZE_LIMIT: usize = 250;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: Entity<'a>,
}

#[derive(Deserialize)]
struct Entity<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    attributes: Option<Attributes<'a>>,
}

/// The content stays text until it is known to be a public key.
#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

pub(super) async fn list(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Answer, Answer> {
    let caller = Caller::of(&headers)?;
    let query = Form::parse(query.as_deref().unwrap_or_default())
        .map_err(|error| bad_request(error.to_string()))?;
    if query.all("filter").next().is_some() {
        return Err(bad_request("filter is not supported in the sandbox"));
    }
    let number = number(&query, "page")?.unwrap_or(0);
    let size = self::number(&query, "size")?
        .unwrap_or(PAGE_SIZE)
        .clamp(1, PAGE_SIZE_LIMIT);
    let store = auth.store();
    let total = store.entities().len();
    let data: Vec<_> = store
        .entities()
        .iter()
        .skip(number.saturating_mul(size))
        .take(size)
        .map(|(id, key)| {
            let mut entity = resource(id, key);
            entity["links"] = caller.links(id);
            entity
        })
        .collect();
    let url = |page: usize| format!("{}{PATH}?page={page}&size={size}", caller.base);
    let note = format!("listed {} of {total}", data.len());
    let mut body = json!({
        "data": data,
        "links": { "self": url(number), "next": url(number.saturating_add(1)) },
    });
    if wants_page(&query) {
        body["meta"] = json!({ "page": {
            "size": size,
            "totalElements": total,
            "totalPages": total.div_ceil(size),
            "number": number,
        }});
    }
    Ok(caller.answer(StatusCode::OK, body).note(note))
}

pub(super) async fn create(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, Answer> {
    let caller = Caller::of(&headers)?;
    let (id, key) = parse(&headers, &body)?;
    let key = key.ok_or_else(|| bad_request("data.attributes.content is missing"))?;
    match auth.store().create(id.clone(), key.clone()) {
        Ok(()) => Ok(caller
            .document(StatusCode::CREATED, &id, &key)
            .note(format!("created {id}"))),
        Err(Refused::Taken) => Err(Answer::problem(
            StatusCode::CONFLICT,
            format!("An entity with the id {id} exists already."),
        )),
        Err(Refused::Full) => Err(Answer::problem(
            StatusCode::INSUFFICIENT_STORAGE,
            "The sandbox holds no more keys: delete one first.",
        )),
    }
}

pub(super) async fn read(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Answer, Answer> {
    let caller = Caller::of(&headers)?;
    let id = EntityId::parse(&id).map_err(bad_request)?;
    let store = auth.store();
    let key = store.entities().get(&id).ok_or_else(|| not_found(&id))?;
    Ok(caller
        .document(StatusCode::OK, &id, key)
        .note(format!("read {id}")))
}

pub(super) async fn replace(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: String,
) -> Result<Answer, Answer> {
    let caller = Caller::of(&headers)?;
    let (id, key) = parse_for(&id, &headers, &body)?;
    let key = key.ok_or_else(|| bad_request("data.attributes.content is missing"))?;
    if !auth.store().replace(&id, key.clone()) {
        return Err(not_found(&id));
    }
    Ok(caller
        .document(StatusCode::OK, &id, &key)
        .note(format!("replaced {id}")))
}

pub(super) async fn patch(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: String,
) -> Result<Answer, Answer> {
    let caller = Caller::of(&headers)?;
    let (id, key) = parse_for(&id, &headers, &body)?;
    let mut store = auth.store();
    if let Some(key) = key {
        store.replace(&id, key);
    }
    let key = store.entities().get(&id).ok_or_else(|| not_found(&id))?;
    Ok(caller
        .document(StatusCode::OK, &id, key)
        .note(format!("patched {id}")))
}

/// 204 also for an entity that is gone already.
pub(super) async fn delete(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Answer, Answer> {
    Caller::of(&headers)?;
    let id = EntityId::parse(&id).map_err(bad_request)?;
    let note = if auth.store().delete(&id) {
        format!("deleted {id}")
    } else {
        format!("{id} was not there")
    };
    Ok(Answer::empty(StatusCode::NO_CONTENT).note(note))
}

/// An authorised caller, and how it wants its answers.
struct Caller {
    /// Scheme and authority of the links: as the caller addressed us.
    base: String,
    media_type: &'static str,
}

impl Caller {
    fn of(headers: &HeaderMap) -> Result<Self, Answer> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match bearer(headers) {
            Bearer::Token(TOKEN) => {}
            Bearer::Token(_) => {
                return Err(unauthorized(
                    "The API token is wrong: the sandbox's is 'sandbox'.",
                ));
            }
            Bearer::Malformed | Bearer::Missing => {
                return Err(unauthorized(
                    "The API token is missing: send 'Authorization: Bearer sandbox'.",
                ));
            }
        }
        let wants_json_api = text(ACCEPT).is_some_and(|accept| accept.contains(JSON_API));
        Ok(Self {
            base: format!("http://{}", text(HOST).unwrap_or_default()),
            media_type: if wants_json_api { JSON_API } else { JSON },
        })
    }

    fn answer(&self, status: StatusCode, body: Value) -> Answer {
        Answer::json(status, body).content_type(self.media_type)
    }

    fn document(&self, status: StatusCode, id: &EntityId, key: &TrustedKey) -> Answer {
        let body = json!({ "data": resource(id, key), "links": self.links(id) });
        self.answer(status, body)
    }

    fn links(&self, id: &EntityId) -> Value {
        json!({ "self": format!("{}{PATH}/{id}", self.base) })
    }
}

/// The id and, where there is one, the key of a request's body.
fn parse(headers: &HeaderMap, body: &str) -> Result<(EntityId, Option<TrustedKey>), Answer> {
    check_media_type(headers, &[JSON, JSON_API])
        .map_err(|reason| Answer::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason))?;
    let Document { data } = serde_json::from_str(body)
        .map_err(|error| bad_request(format!("The body is not what is expected: {error}")))?;
    if data.kind != "jwk" {
        return Err(bad_request("data.type must be jwk"));
    }
    let id = EntityId::parse(&data.id).map_err(|reason| bad_request(format!("data.{reason}")))?;
    let content = data.attributes.and_then(|attributes| attributes.content);
    let key = content
        .map(|content| parse_content(content.get()))
        .transpose()
        .map_err(|reason| bad_request(format!("data.attributes.content: {reason}")))?;
    Ok((id, key))
}

/// Like [`parse`], for an entity that the path names too.
fn parse_for(
    path: &str,
    headers: &HeaderMap,
    body: &str,
) -> Result<(EntityId, Option<TrustedKey>), Answer> {
    let (id, key) = parse(headers, body)?;
    if id.as_str() != path {
        return Err(bad_request(format!(
            "data.id is {id}, but the path names {path}"
        )));
    }
    Ok((id, key))
}

/// A JWK with the members that GoodData requires.
fn parse_content(text: &str) -> Result<TrustedKey, String> {
    let key = TrustedKey::parse(text)?;
    if key.jwk().usage.is_none() {
        return Err("use is missing: it must be sig".to_owned());
    }
    if key.alg().is_none() {
        return Err("alg is missing".to_owned());
    }
    match key.kid() {
        None | Some("") => Err("kid is missing".to_owned()),
        Some(kid) if kid.starts_with('.') => Err("kid must not begin with a dot".to_owned()),
        Some(kid) if kid.chars().count() > 255 => {
            Err("kid must not be longer than 255 characters".to_owned())
        }
        Some(_) => Ok(key),
    }
}

fn resource(id: &EntityId, key: &TrustedKey) -> Value {
    json!({
        "id": id.as_str(),
        "type": "jwk",
        "attributes": { "content": key.jwk().to_value() },
    })
}

fn number(query: &Form, name: &str) -> Result<Option<usize>, Answer> {
    let value = query
        .one(name)
        .map_err(|error| bad_request(error.to_string()))?;
    value
        .map(|value| {
            value
                .parse()
                .map_err(|_| bad_request(format!("{name} must be a number from 0")))
        })
        .transpose()
}

fn wants_page(query: &Form) -> bool {
    query
        .all("metaInclude")
        .flat_map(|value| value.split(','))
        .any(|meta| ["page", "all", "ALL"].contains(&meta))
}

fn bad_request(detail: impl Into<String>) -> Answer {
    Answer::problem(StatusCode::BAD_REQUEST, detail)
}

fn not_found(id: &EntityId) -> Answer {
    Answer::problem(StatusCode::NOT_FOUND, NOT_FOUND).note(format!("{id} is not here"))
}

fn unauthorized(detail: &str) -> Answer {
    Answer::problem(StatusCode::UNAUTHORIZED, detail).challenge(None)
}
