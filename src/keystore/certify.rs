//! The next certificate of a key that is here: made anew, asked of others, or taken from them.

use aws_lc_rs::rand::SystemRandom;
use jiff::Timestamp;

use super::{
    error::KeystoreError,
    generate::random_serial,
    record::{Half, Record},
    sealing::Unlocked,
    store::Keystore,
};
use crate::{
    jose::{jwk::Jwk, pem::Found},
    x509::{
        bag::Bag,
        certificate::Certificate,
        chain::{self, Link, LinkState},
        details::Details,
        issue,
        profile::{Profile, ProfileError, Subject},
        serial::Serial,
    },
};

/// The profile of a key that has none to go by and where none is configured.
const LEAST: &str = "minimal";

/// What a certificate is to say.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The profile, its fields overridden already.
    pub profile: Profile,
    /// Attributes that win over the profile's.
    pub subject: Subject,
    /// Its number; none: a random one.
    pub serial: Option<Serial>,
}

/// Where the next certificate takes its fields from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Basis {
    /// The fields.
    pub profile: Profile,
    /// The profile that the key remembers, where it is still there.
    pub remembered: Option<String>,
    /// What of the old certificate no profile can say.
    pub left_out: Vec<String>,
}

/// A chain that fits a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// Leaf first.
    pub chain: Vec<Certificate>,
    /// What holds each to the next.
    pub links: Vec<Link>,
    /// How many certificates beside them belong to no part of the chain.
    pub left_out: usize,
}

impl Answer {
    /// What there is to say of the chain: what was left out, where it ends, what was not checked.
    pub fn notes(&self) -> Vec<String> {
        let left_out = match self.left_out {
            0 => None,
            1 => Some("! one certificate belongs to no part of the chain: it was left out".into()),
            more => Some(format!(
                "! {more} certificates belong to no part of the chain: they were left out"
            )),
        };
        let links = self.links.iter().filter_map(|link| match &link.state {
            LinkState::IssuerMissing { issuer } => {
                Some(format!("the chain ends before its issuer {issuer}"))
            }
            LinkState::NotChecked(why) => Some(format!(
                "! the signature of {} was not checked: {why}",
                link.subject
            )),
            _ => None,
        });
        left_out.into_iter().chain(links).collect()
    }
}

impl Basis {
    /// The certificate of `record` once more: subject, alternative names and length of life are the
    /// old one's; the rest is the remembered profile's, of `own` or built in, else the old one's.
    pub fn of(record: &Record, own: &[Profile]) -> Option<Self> {
        let (old, left_out) = Profile::of(record.leaf()?);
        Some(match remembered(record, own) {
            None => Self {
                profile: old,
                remembered: None,
                left_out,
            },
            Some(profile) => Self {
                remembered: Some(profile.name.clone()),
                profile: Profile {
                    days: old.days,
                    subject: old.subject,
                    subject_alt_name: old.subject_alt_name,
                    ..profile
                },
                left_out: Vec::new(),
            },
        })
    }
}

/// The profile of `record`'s last certificate, while it is there, of `own` or built in.
pub fn remembered(record: &Record, own: &[Profile]) -> Option<Profile> {
    let last = record.profile.as_deref();
    last.and_then(|name| Profile::named(name, own).ok())
}

/// The profile that is configured for new certificates; `minimal` where that is `none`.
pub fn configured(name: &str, own: &[Profile]) -> Result<Profile, ProfileError> {
    let name = if name == "none" { LEAST } else { name };
    Profile::named(name, own)
}

/// Every certificate among what was found, those of a JWK's `x5c` too; what else there is is passed
/// over.
pub fn certificates(found: Vec<Found>) -> Result<Vec<Certificate>, KeystoreError> {
    let mut certificates = Vec::new();
    let mut refused = None;
    for part in found {
        match part {
            Found::Certificate(der) => certificates.push(Certificate::from_der(&der)?),
            Found::Jwk(jwk) => {
                if let Jwk::Public(public) | Jwk::Private { public, .. } = *jwk {
                    for der in &public.x5c {
                        certificates.push(Certificate::from_der(der)?);
                    }
                }
            }
            Found::Refused(error) => refused = Some(error),
            Found::Private(..) | Found::Public(..) | Found::Request(_) => {}
        }
    }
    match (certificates.is_empty(), refused) {
        (true, Some(error)) => Err(error.into()),
        (true, None) => Err(KeystoreError::NoCertificateFound),
        (false, _) => Ok(certificates),
    }
}

/// Issues a certificate by the key itself and puts it in the place of what was there. The profile
/// is remembered by its name, where it has one.
pub fn issue(
    keystore: &Keystore,
    record: &Record,
    unlocked: &Unlocked,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Record, KeystoreError> {
    let private = keystore.private(record, unlocked)?;
    let serial = match &wanted.serial {
        Some(serial) => serial.clone(),
        None => random_serial()?,
    };
    let certificate = issue::self_signed(
        &private,
        &record.kid,
        &wanted.profile,
        &wanted.subject,
        now,
        serial,
        &SystemRandom::new(),
    )?;
    let name = Some(wanted.profile.name.clone()).filter(|name| !name.is_empty());
    keystore.set_chain(record, vec![certificate], name)
}

/// A request (PKCS#10) for the certificate that is wanted, as PEM.
pub fn request(
    keystore: &Keystore,
    record: &Record,
    unlocked: &Unlocked,
    wanted: &Wanted,
) -> Result<String, KeystoreError> {
    let private = keystore.private(record, unlocked)?;
    let rng = SystemRandom::new();
    let (profile, subject) = (&wanted.profile, &wanted.subject);
    Ok(issue::request(
        &private,
        &record.kid,
        profile,
        subject,
        &rng,
    )?)
}

/// Why nothing of `new` differs at an endpoint where `old` is registered.
pub fn unchanged(old: &Record, new: &Record, endpoint: &str) -> String {
    if old.leaf() == new.leaf() {
        format!("nothing changes at {endpoint}: the key's own certificate is the one it was")
    } else {
        format!("{endpoint} has the key without its certificate: nothing changes there")
    }
}

/// Refuses a key without a private half, before anybody is asked for a passphrase.
pub fn check_private(record: &Record) -> Result<(), KeystoreError> {
    match record.half {
        Half::Private => Ok(()),
        Half::PublicOnly => Err(KeystoreError::PublicOnly(record.kid.clone())),
    }
}

/// Refuses to give up a certificate that cannot be made here again: another signed it, or it came
/// from elsewhere. `remedy` is what to do instead.
pub fn check_made_here(record: &Record, remedy: &str) -> Result<(), KeystoreError> {
    check_self_signed(record, remedy)?;
    match (record.leaf(), &record.profile) {
        (Some(_), None) => Err(KeystoreError::ChainRefused {
            kid: record.kid.clone(),
            reason: format!("it was imported, not made here: {remedy}"),
        }),
        _ => Ok(()),
    }
}

/// Refuses a certificate that another signed; `remedy` is what to do instead.
pub fn check_self_signed(record: &Record, remedy: &str) -> Result<(), KeystoreError> {
    match record.leaf() {
        Some(leaf) if !chain::is_self_signed(leaf) => Err(KeystoreError::ChainRefused {
            kid: record.kid.clone(),
            reason: format!(
                "{} signed it, not the key itself: {remedy}",
                Details::of(leaf).issuer.text
            ),
        }),
        _ => Ok(()),
    }
}

/// Of `certificates`, in whatever order, the chain of `record`; a CA that signs again may leave away
/// what is above the old leaf here. Refuses those of another key, and a chain with a link that does
/// not hold; an issuer that is not there is none.
pub fn answer(record: &Record, certificates: &[Certificate]) -> Result<Answer, KeystoreError> {
    let refused = |reason: String| KeystoreError::ChainRefused {
        kid: record.kid.clone(),
        reason,
    };
    let known = record.chain.iter().skip(1);
    let all: Vec<Certificate> = certificates.iter().chain(known).cloned().collect();
    let chain = Bag::new(&all).chain_of(&record.public);
    if chain.is_empty() {
        let subjects: Vec<String> = certificates
            .iter()
            .map(|certificate| Details::of(certificate).subject.text)
            .collect();
        return Err(refused(format!(
            "none of these is for it: {}",
            subjects.join("; ")
        )));
    }
    let links = chain::links(&chain);
    for link in &links {
        let problem = match &link.state {
            LinkState::BadSignature => "is not signed by its issuer's key",
            LinkState::IssuerNoCa => "is signed by one that may not act as a CA",
            LinkState::IssuerElsewhere { .. }
            | LinkState::IssuerMissing { .. }
            | LinkState::NotChecked(_)
            | LinkState::SelfSigned
            | LinkState::SignedByNext => continue,
        };
        return Err(refused(format!("{} {problem}", link.subject)));
    }
    let others = certificates
        .iter()
        .filter(|certificate| !chain.contains(certificate));
    Ok(Answer {
        left_out: others.count(),
        chain,
        links,
    })
}
