//! A client that begins with the claims of a template.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::super::{failure::Failure, mint, session};
use crate::{
    config::settings::{Audience, ClientSettings, Grant},
    jose::{
        key::PublicKey,
        template::{Given, Moment, Template, resolve},
        time,
    },
};

/// Claims that are made anew for each assertion.
const FRESH: [&str; 4] = ["exp", "iat", "jti", "nbf"];

/// Gives `client` what `template` says of `iss`, `sub`, `aud`, the lifetime and further claims, its
/// fields filled by `set` (`FIELD=VALUE`); `key` is the client's.
pub(super) fn fill(
    client: &mut ClientSettings,
    template: &Template,
    set: &[String],
    key: &PublicKey,
    now: Timestamp,
) -> Result<(), Failure> {
    let fields = mint::fields(set)?;
    for field in &template.fields {
        let is_set = fields.iter().any(|(name, _)| *name == field.name);
        if let (Given::Example(example), false) = (&field.given, is_set) {
            return Err(Failure::usage(format!(
                "{} needs {}, {}: --set {}={example}",
                template.name, field.name, field.help, field.name
            )));
        }
    }
    let moment = Moment {
        now,
        zone: &TimeZone::UTC,
        random: session::random()?,
    };
    let claims = resolve(&template.draft(&fields, Some(key))?, &moment)?;
    let text = |name: &str| claims.members().get(name).and_then(Value::as_str);
    let seconds = |name: &str| claims.members().get(name).and_then(time::numeric_date);
    client.grant = Grant::JwtBearer;
    if let Some(iss) = text("iss") {
        iss.clone_into(&mut client.client_id);
    }
    client.subject = text("sub")
        .filter(|sub| *sub != client.client_id)
        .map(str::to_owned);
    if let Some(aud) = text("aud") {
        client.audience = Audience::from(aud);
    }
    if let Some(exp) = seconds("exp") {
        let life = exp.as_second() - seconds("iat").unwrap_or(now).as_second();
        client.lifetime = Duration::from_secs(life.unsigned_abs());
    }
    for (name, value) in claims.members() {
        let has_field = ["iss", "sub", "aud"].contains(&name.as_str());
        if !has_field && !FRESH.contains(&name.as_str()) {
            client.claims.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}
