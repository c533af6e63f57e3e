//! `keyfob cert show`

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    key_source,
    output::{Format, Output},
    session::Session,
};
use crate::{
    display,
    jose::{
        jwk::Jwk,
        key::{PublicKey, Signer},
        pem::Found,
    },
    keystore::export,
    x509::{
        bag::Bag,
        certificate::Certificate,
        chain::{self, Link, LinkState},
        details::{Authority, Criticality, Details, DistinguishedName},
        request::Request,
        signature::Strength,
        validity::Validity,
    },
};

/// How wide the validity bar is, in columns.
const BAR: u16 = 20;

/// A certificate with those above it, and the key it is held against.
struct Subject {
    key: Option<(String, PublicKey)>,
    chain: Vec<Certificate>,
}

/// What is shown of one certificate.
struct Shown<'a> {
    details: Details,
    validity: Validity,
    /// Whole days from its first to its last moment.
    days: i64,
    /// In thousandths.
    left: u16,
    /// The key's name, and whether the certificate is for it.
    belongs: Option<(&'a str, bool)>,
    links: Vec<Link>,
}

pub(super) fn show(source: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let subject = match key_source::as_file(source, session)? {
        Some(path) => from_file(&path)?,
        None => from_keystore(source, session)?,
    };
    let Some(leaf) = subject.chain.first() else {
        return Err(Failure::new(
            Exit::NotFound,
            format!("{source} has no certificate: keyfob cert new {source} makes one"),
        ));
    };
    let now = session.now();
    let length = leaf.not_after().duration_since(leaf.not_before());
    let shown = Shown {
        details: Details::of(leaf),
        validity: Validity::of(leaf, now),
        days: length.as_secs().div_euclid(86_400),
        left: Validity::left(leaf, now),
        belongs: subject
            .key
            .as_ref()
            .map(|(name, key)| (name.as_str(), chain::belongs(leaf, key))),
        links: chain::links(&subject.chain),
    };
    match output.format() {
        Format::Json => output.json(&shown.json(now))?,
        Format::Text => output.result(&shown.text(now))?,
    }
    Ok(Exit::Done)
}

fn from_keystore(kid: &str, session: &Session) -> Result<Subject, Failure> {
    let record = session.keystore()?.find(kid)?;
    export::leaf(&record)?;
    Ok(Subject {
        key: Some((format!("the key {}", record.kid), record.public)),
        chain: record.chain,
    })
}

/// The certificates of a file. A key in it is the one the first of them is held against; of several
/// certificates that of the key comes first.
fn from_file(path: &Path) -> Result<Subject, Failure> {
    let mut keys = Vec::new();
    let mut certificates = Vec::new();
    let mut requests = Vec::new();
    let mut refused = None;
    for part in key_source::read(path)? {
        match part {
            Found::Request(der) => requests.push(Request::from_der(&der)?),
            Found::Certificate(der) => certificates.push(Certificate::from_der(&der)?),
            Found::Private(key, _) => keys.push(key.public().clone()),
            Found::Public(key, _) => keys.push(key),
            Found::Jwk(jwk) => {
                if let Jwk::Public(public) | Jwk::Private { public, .. } = *jwk {
                    for der in &public.x5c {
                        certificates.push(Certificate::from_der(der)?);
                    }
                    keys.push(public.key);
                }
            }
            Found::Refused(error) => refused = Some(error),
        }
    }
    if certificates.is_empty() {
        return Err(match (refused, requests.first()) {
            (Some(error), _) => key_source::in_file(path, &error),
            (None, Some(request)) => Failure::usage(format!(
                "{}: a request for the certificate of {}, not yet a certificate: a CA answers it, \
                 and keyfob keys import keeps its public key",
                path.display(),
                display::line(request.subject()),
            )),
            (None, None) => {
                Failure::usage(format!("{}: there is no certificate in it", path.display()))
            }
        });
    }
    let bag = Bag::new(&certificates);
    let ordered = keys.iter().find_map(|key| {
        let chain = bag.chain_of(key);
        (!chain.is_empty()).then(|| (key.clone(), chain))
    });
    let name = || "the key in the file".to_owned();
    Ok(match ordered {
        Some((key, chain)) => Subject {
            key: Some((name(), key)),
            chain,
        },
        None => Subject {
            key: keys.into_iter().next().map(|key| (name(), key)),
            chain: certificates,
        },
    })
}

impl Shown<'_> {
    fn text(&self, now: Timestamp) -> String {
        let details = &self.details;
        let mut lines = Vec::new();
        let mut say = |label: &str, value: &str| {
            lines.push(format!("{label:<12}{}", display::line(value)));
        };
        let issuer = if details.issuer == details.subject {
            "itself"
        } else {
            name(&details.issuer)
        };
        say("subject", name(&details.subject));
        say("issuer", issuer);
        say("serial", &details.serial);
        say("version", &details.version.to_string());
        let end = if details.not_after == Timestamp::MAX {
            "9999-12-31T23:59:59Z: without an end".to_owned()
        } else {
            details.not_after.to_string()
        };
        say("valid", &format!("{} to {end}", details.not_before));
        say("", &self.bar(now));
        say("signature", &details.signature.words());
        say("public key", &details.public_key);
        if details.authority == Authority::Ca {
            say(
                "role",
                "! may act as a CA: it can issue certificates for others",
            );
        }
        match self.belongs {
            Some((key, true)) => say("belongs to", &format!("✓ {key}")),
            Some((key, false)) => say("belongs to", &format!("✗ not to {key}: it is another's")),
            None => {}
        }
        say("SHA-1", &details.sha1);
        say("SHA-256", &details.sha256);
        say("x5t", &details.x5t);
        say("x5t#S256", &details.x5t_s256);
        if details.extensions.is_empty() {
            say("extensions", "none");
        } else {
            lines.push("extensions".to_owned());
        }
        for extension in &details.extensions {
            let mut title = display::line(&extension.name).into_owned();
            if extension.critical == Criticality::Critical {
                title.push_str(", critical");
            }
            lines.push(format!("  {title}"));
            for meaning in &extension.meaning {
                lines.push(format!("    {}", display::line(meaning)));
            }
        }
        lines.push("chain".to_owned());
        for (position, link) in self.links.iter().enumerate() {
            let subject = if link.subject.is_empty() {
                "an empty name"
            } else {
                &link.subject
            };
            let number = position + 1;
            lines.push(format!("  {number} {}", display::line(subject)));
            lines.push(format!("    {}", display::line(&link.words())));
        }
        lines.join("\n")
    }

    /// `▕██████░░░░▏ 364 of 365 d`.
    fn bar(&self, now: Timestamp) -> String {
        let full = usize::from((self.left * BAR).div_ceil(1000));
        let bar = format!(
            "▕{}{}▏",
            "█".repeat(full),
            "░".repeat(usize::from(BAR).saturating_sub(full))
        );
        let whole = self.days;
        match self.validity {
            Validity::Expired => {
                let ago = crate::jose::time::relative(self.details.not_after, now);
                format!("{bar} ✗ expired {ago}")
            }
            Validity::Never => format!("{bar} ✗ ends before it begins: never valid"),
            Validity::NotYet => {
                let begins = crate::jose::time::relative(self.details.not_before, now);
                format!("{bar} ✗ not valid yet: begins {begins}")
            }
            Validity::EndsSoon { days } => format!("{bar} ! {days} of {whole} d: ends soon"),
            Validity::Good { days } => format!("{bar} {days} of {whole} d"),
        }
    }

    fn json(&self, now: Timestamp) -> Value {
        let details = &self.details;
        let left = details.not_after.duration_since(now).as_secs();
        let left = left.div_euclid(86_400);
        let (state, days) = match self.validity {
            Validity::Expired => ("expired", left),
            Validity::Never => ("never", left),
            Validity::NotYet => ("not_yet", left),
            Validity::EndsSoon { days } => ("ends_soon", days),
            Validity::Good { days } => ("good", days),
        };
        let extensions: Vec<Value> = details
            .extensions
            .iter()
            .map(|extension| {
                json!({
                    "name": extension.name,
                    "oid": extension.oid,
                    "critical": extension.critical == Criticality::Critical,
                    "meaning": extension.meaning,
                })
            })
            .collect();
        let links: Vec<Value> = self
            .links
            .iter()
            .map(|link| {
                json!({
                    "subject": link.subject,
                    "signature_algorithm": link.signature.name,
                    "weak": link.signature.strength == Strength::Weak,
                    "state": state_name(&link.state),
                    "words": link.words(),
                })
            })
            .collect();
        json!({
            "subject": name_json(&details.subject),
            "issuer": name_json(&details.issuer),
            "serial": details.serial,
            "version": details.version,
            "not_before": details.not_before.to_string(),
            "not_after": details.not_after.to_string(),
            "validity": {"state": state, "days_left": days, "days": self.days},
            "signature_algorithm": details.signature.name,
            "weak": details.signature.strength == Strength::Weak,
            "public_key": details.public_key,
            "ca": details.authority == Authority::Ca,
            "belongs_to_key": self.belongs.map(|(_, belongs)| belongs),
            "sha1": details.sha1,
            "sha256": details.sha256,
            "x5t": details.x5t,
            "x5t#S256": details.x5t_s256,
            "extensions": extensions,
            "chain": links,
        })
    }
}

fn name(name: &DistinguishedName) -> &str {
    if name.text.is_empty() {
        "an empty name"
    } else {
        &name.text
    }
}

fn name_json(name: &DistinguishedName) -> Value {
    let attributes: Vec<Value> = name
        .attributes
        .iter()
        .map(|one| json!({"name": one.name, "oid": one.oid, "value": one.value}))
        .collect();
    json!({"text": name.text, "attributes": attributes})
}

fn state_name(state: &LinkState) -> &'static str {
    match state {
        LinkState::BadSignature => "bad_signature",
        LinkState::IssuerElsewhere { .. } => "issuer_elsewhere",
        LinkState::IssuerMissing { .. } => "issuer_missing",
        LinkState::IssuerNoCa => "issuer_no_ca",
        LinkState::NotChecked(_) => "not_checked",
        LinkState::SelfSigned => "self_signed",
        LinkState::SignedByNext => "signed_by_next",
    }
}
