//! `keyfob mint`

use std::{num::NonZero, path::Path, thread};

use aws_lc_rs::rand::SystemRandom;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    arguments::MintOptions,
    exit::Exit,
    failure::Failure,
    files, key_source,
    output::{Format, Output},
    session::{self, Session},
};
use crate::{
    config::own_files,
    jose::{
        algorithm::Algorithm,
        claims::JsonObject,
        jwk::{Jwk, PublicJwk},
        key::{PrivateKey, Signer},
        pem::Found,
        template::{Moment, Overrides, Template, parse_claim, resolve},
        time, token,
    },
    keystore::record::Status,
};

/// A key to sign with, and what it remembers.
struct SigningKey {
    private: PrivateKey,
    jwk: PublicJwk,
    alg: Algorithm,
    template: Option<String>,
}

/// What every token of a run is made of.
struct Recipe<'a> {
    key: &'a SigningKey,
    header: JsonObject,
    draft: JsonObject,
    now: Timestamp,
}

pub(super) fn run(
    options: &MintOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut overrides = overrides(options)?;
    let header = pairs(&options.header)?;
    let own = own_files::templates(session.home())?;
    let named = options
        .template
        .as_deref()
        .map(|name| Template::named(name, &own))
        .transpose()?;
    let given = options.claims.as_deref().map(claims).transpose()?;
    let key = signing_key(&options.key, session, output)?;
    if let Some((_, alg)) = header.iter().find(|(name, _)| name == "alg")
        && alg != key.alg.name()
    {
        return Err(Failure::usage(format!(
            "the key signs with {}: leave alg away",
            key.alg
        )));
    }
    let template = match (named, &given) {
        (Some(template), _) => template,
        (None, Some(_)) => Template::named("blank", &[])?,
        (None, None) => default_template(&key, &own)?,
    };
    let draft = match given {
        Some(claims) => overrides.over(&claims),
        None => {
            if overrides.ttl.is_none() && template.has_claim("exp") {
                overrides.ttl = session.settings()?.defaults.ttl;
            }
            template.draft(&overrides)
        }
    };
    let recipe = Recipe {
        header: token::header_for(key.alg, &key.jwk, &template.typ, &[], &header),
        draft,
        now: session.now(),
        key: &key,
    };
    if options.claims.is_none() {
        let claims = resolve(
            &recipe.draft,
            &Moment {
                now: recipe.now,
                random: [0; 16],
            },
        )?;
        for finding in template.findings(&claims, key.alg) {
            output.say(&format!("! {}", finding.0));
        }
    }
    let tokens = recipe.many(options.count)?;
    if output.format() == Format::Json {
        let all: Vec<Value> = tokens.iter().map(|token| json!({"token": token})).collect();
        return output
            .json(&if let [one] = all.as_slice() {
                one.clone()
            } else {
                all.into()
            })
            .map(|()| Exit::Done);
    }
    output.result(&tokens.join("\n"))?;
    Ok(Exit::Done)
}

impl Recipe<'_> {
    /// `count` tokens on all cores, each with fresh randomness, in order.
    fn many(&self, count: u32) -> Result<Vec<String>, Failure> {
        let count = count as usize;
        let cores = thread::available_parallelism()
            .map_or(1, NonZero::get)
            .min(count);
        let share = count.div_ceil(cores.max(1));
        let parts: Vec<Result<Vec<String>, Failure>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..count)
                .step_by(share)
                .map(|start| {
                    let share = share.min(count - start);
                    scope.spawn(move || (0..share).map(|_| self.one()).collect())
                })
                .collect();
            workers
                .into_iter()
                .map(|worker| {
                    worker.join().unwrap_or_else(|_| {
                        Err(Failure::new(Exit::Disk, "a worker failed: mint again"))
                    })
                })
                .collect()
        });
        let mut tokens = Vec::with_capacity(count);
        for part in parts {
            tokens.extend(part?);
        }
        Ok(tokens)
    }

    fn one(&self) -> Result<String, Failure> {
        let claims = resolve(
            &self.draft,
            &Moment {
                now: self.now,
                random: session::random()?,
            },
        )?;
        let key = &self.key.private;
        Ok(token::mint(
            &self.header,
            &claims,
            self.key.alg,
            key,
            &SystemRandom::new(),
        )?)
    }
}

fn overrides(options: &MintOptions) -> Result<Overrides, Failure> {
    let ttl = options
        .ttl
        .as_deref()
        .map(|text| {
            time::parse_duration(text).map_err(|error| Failure::usage(format!("--ttl: {error}")))
        })
        .transpose()?;
    Ok(Overrides {
        iss: options.iss.clone(),
        sub: options.sub.clone(),
        aud: options.aud.clone(),
        ttl,
        claims: pairs(&options.claim)?,
    })
}

fn pairs(texts: &[String]) -> Result<Vec<(String, Value)>, Failure> {
    texts.iter().map(|text| Ok(parse_claim(text)?)).collect()
}

/// The template a key last minted from, while it is still there; else the one of its algorithm.
fn default_template(key: &SigningKey, own: &[Template]) -> Result<Template, Failure> {
    let last = key
        .template
        .as_deref()
        .and_then(|name| Template::named(name, own).ok());
    match last {
        Some(template) => Ok(template),
        None => Ok(Template::named(Template::default_name(key.alg), own)?),
    }
}

fn claims(path: &Path) -> Result<JsonObject, Failure> {
    let bytes = files::read(path)?;
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Failure::usage(format!("{} is no UTF-8 text", path.display())))?;
    JsonObject::parse(text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

fn signing_key(key: &str, session: &Session, output: &mut Output) -> Result<SigningKey, Failure> {
    if key.contains("://") {
        return Err(Failure::usage(
            "a URL holds no private key: name a kid or a file",
        ));
    }
    if let Some(path) = key_source::as_file(key, session)? {
        return from_file(&path);
    }
    let keystore = session.keystore()?;
    let record = keystore.find(key)?;
    session.confirm(&keystore, &record, output)?;
    if record.status != Status::Active {
        let (kid, status) = (&record.kid, record.status);
        output.say(&format!("! {kid} is {status}: {}", status.meaning()));
    }
    let unlocked = session.unlock(&keystore)?;
    let private = keystore.private(&record, &unlocked)?;
    Ok(SigningKey {
        private,
        jwk: record.jwk(),
        alg: record.alg,
        template: record.template,
    })
}

fn from_file(path: &Path) -> Result<SigningKey, Failure> {
    let mut refused = None;
    for part in key_source::read(path)? {
        match part {
            Found::Private(private, _) => {
                let alg = private.public().key_type().default_algorithm();
                let mut jwk = PublicJwk::new(private.public().clone(), "", alg, &[]);
                jwk.kid = None;
                return Ok(SigningKey {
                    private,
                    jwk,
                    alg,
                    template: None,
                });
            }
            Found::Jwk(jwk) => {
                if let Jwk::Private { public, private } = *jwk {
                    let alg = match public.alg.as_deref().map(str::parse::<Algorithm>) {
                        Some(Ok(alg)) if public.key.supports(alg) => alg,
                        _ => public.key.key_type().default_algorithm(),
                    };
                    return Ok(SigningKey {
                        private,
                        jwk: public,
                        alg,
                        template: None,
                    });
                }
            }
            Found::Refused(error) => refused = Some(error),
            Found::Public(..) | Found::Certificate(_) => {}
        }
    }
    Err(match refused {
        Some(error) => key_source::in_file(path, &error),
        None => Failure::usage(format!("{} holds no private key", path.display())),
    })
}
