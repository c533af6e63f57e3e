//! `keyfob keys new`

use aws_lc_rs::rand::SystemRandom;
use getrandom::SysRng;
use rand_core::UnwrapErr;

use super::{
    arguments::NewKeyOptions, exit::Exit, failure::Failure, keys, output::Output, session,
    session::Session,
};
use crate::{
    config::own_files,
    jose::key::{KeySpec, PrivateKey, Signer},
    keystore::{
        kid,
        store::{Material, NewKey},
    },
    x509::{
        certificate::Certificate,
        issue,
        profile::{Profile, Subject},
    },
};

pub(super) fn run(
    options: &NewKeyOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let defaults = session.settings()?.defaults;
    let alg = options.alg.unwrap_or(defaults.algorithm);
    let spec = KeySpec::new(alg, options.bits.or(Some(defaults.bits)))?;
    let profile = match options.cert.as_deref().unwrap_or(&defaults.certificate) {
        "none" => None,
        name => Some(Profile::named(name, &own_files::profiles(session.home())?)?),
    };
    let keystore = session.keystore_or_new(output)?;
    if let Some(kid) = &options.kid {
        kid::check_given(kid)?;
        keystore.check_free(kid)?;
    }
    let private = PrivateKey::generate(spec, &mut UnwrapErr(SysRng))?;
    let kid = match &options.kid {
        Some(kid) => kid.clone(),
        None => private.public().thumbprint().to_string(),
    };
    let chain = match &profile {
        Some(profile) => vec![certificate(&private, &kid, profile, options, session)?],
        None => Vec::new(),
    };
    let record = keystore.add(
        NewKey {
            kid,
            alg,
            material: Material::Private(private),
            chain,
        },
        session.now(),
    )?;
    let certificate = match (&profile, record.leaf()) {
        (Some(profile), Some(leaf)) => {
            format!("certificate {} until {}", profile.name, leaf.not_after())
        }
        _ => "no certificate".to_owned(),
    };
    output.say(&format!(
        "created {}: {alg}, {}, {certificate}",
        record.kid,
        record.public.label()
    ));
    keys::finish(&record, output)
}

fn certificate(
    private: &PrivateKey,
    kid: &str,
    profile: &Profile,
    options: &NewKeyOptions,
    session: &Session,
) -> Result<Certificate, Failure> {
    let subject = Subject {
        country: options.country.clone(),
        state: options.state.clone(),
        locality: options.locality.clone(),
        organization: options.organization.clone(),
        common_name: options.common_name.clone(),
    };
    let serial = session::random()?;
    let rng = SystemRandom::new();
    Ok(issue::self_signed(
        private,
        kid,
        profile,
        &subject,
        session.now(),
        serial,
        &rng,
    )?)
}
