//! `keyfob keys new`

use super::{
    arguments::NewKeyOptions, exit::Exit, failure::Failure, keys, output::Output, session::Session,
};
use crate::{config::own_files, keystore::generate::Wanted, x509::profile::Profile};

pub(super) fn run(
    options: &NewKeyOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let defaults = session.settings()?.defaults;
    let profile = match options.cert.as_deref().unwrap_or(&defaults.certificate) {
        "none" => None,
        name => Some(Profile::named(name, &own_files::profiles(session.home())?)?),
    };
    let wanted = Wanted {
        kid: options.kid.clone(),
        alg: options.alg.unwrap_or(defaults.algorithm),
        bits: options.bits.unwrap_or(defaults.bits),
        profile,
        subject: options.subject.subject(),
    };
    wanted.check()?;
    let keystore = session.keystore_or_new(output)?;
    if let Some(kid) = &wanted.kid {
        keystore.check_free(kid)?;
    }
    let now = session.now();
    let record = keystore.add(wanted.make(now)?, now)?;
    let certificate = match (&wanted.profile, record.leaf()) {
        (Some(profile), Some(leaf)) => {
            format!("certificate {} until {}", profile.name, leaf.not_after())
        }
        _ => "no certificate".to_owned(),
    };
    output.say(&format!(
        "created {}: {}, {}, {certificate}",
        record.kid,
        record.alg,
        record.public.label()
    ));
    keys::finish(&record, output)
}
