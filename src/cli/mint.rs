//! `keyfob mint`

mod signing_key;

use std::{num::NonZero, path::Path, thread};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use self::signing_key::SigningKey;
use super::{
    arguments::MintOptions,
    exit::Exit,
    failure::Failure,
    files,
    output::{Format, Output},
    session::{self, Session},
};
use crate::{
    config::own_files,
    jose::{
        claims::JsonObject,
        header::{HeaderMember, header_for},
        template::{
            Finding, Moment, Overrides, Template, Token, Weight, findings, parse_claim,
            parse_header, resolve,
        },
        time,
    },
};

/// So many tokens are minted before they are printed: whoever reads them need not wait for all, and
/// nothing more is minted once nobody reads on.
const BATCH: u32 = 2_048;

/// What every token of a run is made of.
struct Recipe<'a> {
    key: &'a SigningKey,
    header: JsonObject,
    draft: JsonObject,
    /// The template's fields that were set.
    filled: Vec<(String, String)>,
    now: Timestamp,
    zone: TimeZone,
}

/// A token and the claims that were resolved for it.
struct Minted {
    token: String,
    claims: JsonObject,
}

/// One `--header`.
enum HeaderWish {
    Fill(HeaderMember),
    Set(String, Value),
}

pub(super) fn run(
    options: &MintOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut overrides = overrides(options)?;
    let wishes = wishes(&options.header)?;
    let fields = fields(&options.set)?;
    let own = own_files::templates(session.home())?;
    let named = options
        .template
        .as_deref()
        .map(|name| Template::named(name, &own))
        .transpose()?;
    let given = options.claims.as_deref().map(claims).transpose()?;
    let key = SigningKey::find(&options.key, session, output)?;
    let template = match (named, &given) {
        (Some(template), _) => Some(template),
        (None, Some(_)) => None,
        (None, None) => Some(default_template(&key, &own)?),
    };
    let draft = match (given, &template) {
        (Some(claims), _) => overrides.over(&claims),
        (None, Some(template)) => {
            if overrides.ttl.is_none() && template.has_claim("exp") {
                overrides.ttl = session.settings()?.defaults.ttl;
            }
            overrides.over(&template.draft(&fields, key.source.key.as_ref())?)
        }
        (None, None) => return Err(Failure::usage("name a template, or give --claims")),
    };
    let recipe = Recipe {
        header: header(&key, template.as_ref(), wishes, &options.without)?,
        draft,
        filled: fields,
        now: session.now(),
        zone: TimeZone::system(),
        key: &key,
    };
    let mut left = options.count;
    let mut batch = || {
        let count = left.min(BATCH);
        left -= count;
        (count > 0).then(|| recipe.many(count))
    };
    let mut minted = batch().transpose()?.unwrap_or_default();
    // Tokens of one run differ in nothing that is looked at.
    let found = minted.first().map_or_else(Vec::new, |minted| {
        recipe.findings(minted, template.as_ref())
    });
    let refused = found.iter().any(|each| each.weight == Weight::Refused);
    for finding in &found {
        let sign = match finding.weight {
            Weight::Care => "!",
            Weight::Refused => "✗",
        };
        output.say(&format!("{sign} {}", finding.text));
    }
    if refused && !options.force {
        return Err(Failure::new(
            Exit::No,
            "not minted: its service refuses such a token (--force mints it all the same)",
        ));
    }
    while let Some(next) = batch() {
        if output.format() == Format::Text {
            print(&minted, &recipe.header, &found, output)?;
            minted.clear();
        }
        minted.extend(next?);
    }
    print(&minted, &recipe.header, &found, output)?;
    Ok(Exit::Done)
}

impl Recipe<'_> {
    /// `count` tokens on all cores, each with fresh randomness, in order.
    fn many(&self, count: u32) -> Result<Vec<Minted>, Failure> {
        let count = count as usize;
        let cores = thread::available_parallelism()
            .map_or(1, NonZero::get)
            .min(count);
        let share = count.div_ceil(cores.max(1));
        let parts: Vec<Result<Vec<Minted>, Failure>> = thread::scope(|scope| {
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

    fn one(&self) -> Result<Minted, Failure> {
        let claims = resolve(
            &self.draft,
            &Moment {
                now: self.now,
                zone: &self.zone,
                random: session::random()?,
            },
        )?;
        Ok(Minted {
            token: self.key.mint(&self.header, &claims)?,
            claims,
        })
    }

    fn findings(&self, minted: &Minted, template: Option<&Template>) -> Vec<Finding> {
        findings(&Token {
            template,
            filled: &self.filled,
            header: &self.header,
            claims: &minted.claims,
            algorithm: self.key.algorithm(),
            now: self.now,
            length: minted.token.len(),
        })
    }
}

fn print(
    minted: &[Minted],
    header: &JsonObject,
    found: &[Finding],
    output: &mut Output,
) -> Result<(), Failure> {
    if output.format() == Format::Text {
        let tokens: Vec<&str> = minted.iter().map(|each| each.token.as_str()).collect();
        return output.result(&tokens.join("\n"));
    }
    let found: Vec<Value> = found
        .iter()
        .map(|finding| {
            let refused = finding.weight == Weight::Refused;
            json!({"code": finding.code, "refused": refused, "text": finding.text})
        })
        .collect();
    let mut all: Vec<Value> = minted
        .iter()
        .map(|each| {
            let dates = time::dates_of(&each.claims).into_iter();
            let dates: Map<String, Value> = dates
                .map(|(name, at)| (name.to_owned(), at.to_string().into()))
                .collect();
            json!({
                "token": each.token,
                "header": header.members(),
                "claims": each.claims.members(),
                "dates": dates,
                "findings": found,
            })
        })
        .collect();
    output.json(&if all.len() == 1 {
        all.swap_remove(0)
    } else {
        all.into()
    })
}

fn overrides(options: &MintOptions) -> Result<Overrides, Failure> {
    let ttl = options
        .ttl
        .as_deref()
        .map(|text| {
            time::parse_duration(text).map_err(|error| Failure::usage(format!("--ttl: {error}")))
        })
        .transpose()?;
    let claims = options.claim.iter().map(|text| Ok(parse_claim(text)?));
    Ok(Overrides {
        iss: options.iss.clone(),
        sub: options.sub.clone(),
        aud: options.aud.clone(),
        ttl,
        claims: claims.collect::<Result<_, Failure>>()?,
    })
}

/// Reads `FIELD=VALUE` pairs.
pub(super) fn fields(texts: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--set {text}: write FIELD=VALUE")))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    texts.iter().map(pair).collect()
}

fn wishes(texts: &[String]) -> Result<Vec<HeaderWish>, Failure> {
    let wish = |text: &String| match HeaderMember::named(text) {
        Some(member) => Ok(HeaderWish::Fill(member)),
        None => {
            let (name, value) = parse_header(text)?;
            Ok(HeaderWish::Set(name, value))
        }
    };
    texts.iter().map(wish).collect()
}

/// `alg`, `typ` and `kid`, what the template asks for, then what the caller does.
fn header(
    key: &SigningKey,
    template: Option<&Template>,
    wishes: Vec<HeaderWish>,
    without: &[String],
) -> Result<JsonObject, Failure> {
    let algorithm = key.algorithm();
    let typ = template.map_or("JWT", |template| template.typ.as_str());
    let mut header = header_for(algorithm, typ, key.source.kid.as_deref());
    for member in template.map_or(&[][..], |template| &template.header) {
        header = header.with(member.name(), &member.filled(&key.source)?);
    }
    for wish in wishes {
        header = match wish {
            HeaderWish::Fill(member) => header.with(member.name(), &member.filled(&key.source)?),
            HeaderWish::Set(name, value) if name == "alg" && value != algorithm.name() => {
                return Err(Failure::usage(format!(
                    "the key signs with {}: leave alg away",
                    algorithm.name()
                )));
            }
            HeaderWish::Set(name, value) => header.with(&name, &value),
        };
    }
    for name in without {
        if name == "alg" || !header.members().contains_key(name) {
            let reason = if name == "alg" {
                "every token has it"
            } else {
                "the header has no such member"
            };
            return Err(Failure::usage(format!("--without {name}: {reason}")));
        }
        header = header.without(name);
    }
    Ok(header)
}

/// The template a key last minted from, while it is still there; else the one of its algorithm.
fn default_template(key: &SigningKey, own: &[Template]) -> Result<Template, Failure> {
    let last = key
        .template
        .as_deref()
        .and_then(|name| Template::named(name, own).ok());
    match last {
        Some(template) => Ok(template),
        None => Ok(Template::named(key.default_template(), own)?),
    }
}

fn claims(path: &Path) -> Result<JsonObject, Failure> {
    let bytes = files::read(path)?;
    let name = match path.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => path.display().to_string(),
    };
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Failure::usage(format!("{name} is no UTF-8 text")))?;
    JsonObject::parse(text).map_err(|error| Failure::usage(format!("{name}: {error}")))
}
