//! What workers read from files that a person names, and write to them.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{completion::expanded, shared::Shared, worker::told};
use crate::{
    jose::{
        key::KeyError,
        pem::{self, Found, Passphrases},
    },
    keystore::{
        certify,
        error::KeystoreError,
        export::{self, Existing},
        import::{self, Imported, Offer},
        record::{Half, Record},
    },
    net::exchange::Exchange,
    oauth::{discovery::Discovery, key_place::KeyPlace},
    secret::Secret,
    tui::app::{
        effect::{CertificateOrder, ExportOrder, Exported, Source},
        msg::{Certified, Import, NotImported, NotWritten, Offered, Outcome, Requested},
    },
};

/// Writes a form of a key, 0600.
pub(super) fn export(order: &ExportOrder, shared: &Shared) -> Result<String, NotWritten> {
    let content =
        content(&order.exported, shared).map_err(|error| NotWritten::Failed(error.to_string()))?;
    write(order.path.clone(), content.expose(), order.existing)
}

/// Adds the key of a source; where there are several things in it, they are offered.
pub(super) fn import(
    source: Source,
    passphrase: Option<&Secret<String>>,
    kid: Option<&str>,
    shared: &Shared,
) -> Outcome {
    match offer(source, passphrase, kid, shared) {
        Err(problem) => Outcome::Imported(Err(problem)),
        Ok(offered) if offered.offer.keys.len() == 1 && offered.offer.refused.is_empty() => {
            Outcome::Imported(add(offered.offer, kid, shared))
        }
        Ok(offered) => Outcome::Offered(Arc::new(offered)),
    }
}

/// What a published set offers: always to choose from, for it is not known before.
pub(super) fn published(place: &KeyPlace, shared: &Shared) -> Outcome {
    let mut exchanges = Vec::new();
    let set = place.keys(None, &Discovery::default(), &mut exchanges);
    let set = set.map_err(|error| error.to_string());
    let offered = set.and_then(|set| {
        let offer = Offer::published(set.keys());
        let asked = Some((set.url().to_owned(), exchanges));
        standing(offer, asked, shared)
    });
    match offered {
        Ok(offered) if offered.offer.keys.is_empty() && offered.offer.refused.is_empty() => {
            let text = format!("{} publishes no key", place.url());
            Outcome::Imported(Err(NotImported::Refused(text)))
        }
        Ok(offered) => Outcome::Offered(Arc::new(offered)),
        Err(reason) => Outcome::Imported(Err(NotImported::Refused(reason))),
    }
}

/// Adds keys of an offer, and tells of what was left.
pub(super) fn import_chosen(
    offered: &Offered,
    places: &[usize],
    shared: &Shared,
) -> Result<Import, NotImported> {
    let mut import = add(offered.offer.only(places), None, shared)?;
    let keys = offered.offer.keys.len() + offered.offer.refused.len();
    match keys - places.len() {
        0 => {}
        left => import.left.push(format!("{left} left out")),
    }
    Ok(import)
}

/// The body of a call.
pub(super) fn body(path: &Path) -> Result<String, String> {
    /// The longest one that is sent from the screen, in bytes.
    const LONGEST: u64 = 4 << 20;
    let path = expanded(path);
    let shown = path.display();
    let failed = |error: io::Error| format!("{shown}: {error}");
    let file = import::open(&path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!(
            "{shown} has more than {LONGEST} bytes: keyfob call sends it"
        ));
    }
    String::from_utf8(bytes).map_err(|_| format!("{shown} is no UTF-8 text, and a call sends text"))
}

/// Takes what a CA sent back.
pub(super) fn import_certificate(
    record: Arc<Record>,
    source: Source,
    shared: &Shared,
) -> Result<Certified, String> {
    let content = read(&source)?;
    let found = pem::detect(&content).map_err(|error| error.to_string())?;
    let certificates = told(certify::certificates(found))?;
    let answer = told(certify::answer(&record, &certificates))?;
    let notes = answer.notes();
    let keystore = told(shared.keystore())?;
    let new = told(keystore.set_chain(&record, answer.chain, None))?;
    Ok(Certified {
        old: record,
        new: Arc::new(new),
        notes,
    })
}

/// Makes a request, and writes it where a file is named.
pub(super) fn request(
    order: CertificateOrder,
    file: Option<(PathBuf, Existing)>,
    shared: &Shared,
) -> Result<Requested, NotWritten> {
    let pem = shared
        .keystore()
        .and_then(|keystore| {
            let unlocked = shared.unlocked(&keystore)?;
            certify::request(&keystore, &order.record, &unlocked, &order.wanted)
        })
        .map_err(|error| NotWritten::Failed(error.to_string()))?;
    let file = match file {
        None => None,
        Some((path, existing)) => {
            write(path.clone(), pem.as_bytes(), existing)?;
            Some(expanded(&path).display().to_string())
        }
    };
    Ok(Requested {
        kid: order.record.kid.clone(),
        pem,
        file,
        left_out: order.left_out,
    })
}

fn content(exported: &Exported, shared: &Shared) -> Result<Secret<Vec<u8>>, KeystoreError> {
    let (record, form, half, passphrase) = match exported {
        Exported::Ready(content) => return Ok(Secret::new(content.clone())),
        Exported::Of {
            record,
            form,
            half,
            passphrase,
        } => (record, *form, *half, passphrase),
    };
    match half {
        Half::PublicOnly => export::public(record, form).map(Secret::new),
        Half::Private => {
            let keystore = shared.keystore()?;
            let unlocked = shared.unlocked(&keystore)?;
            let key = keystore.private(record, &unlocked)?;
            export::private(record, form, &key, passphrase.as_ref())
        }
    }
}

fn write(path: PathBuf, bytes: &[u8], existing: Existing) -> Result<String, NotWritten> {
    let path = expanded(&path);
    export::write(&path, bytes, existing)
        .map(|()| format!("wrote {}", path.display()))
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => NotWritten::ThereAlready(path.display().to_string()),
            _ => NotWritten::Failed(format!("cannot write {}: {error}", path.display())),
        })
}

/// What a source holds, and how that stands to the keystore.
fn offer(
    source: Source,
    passphrase: Option<&Secret<String>>,
    kid: Option<&str>,
    shared: &Shared,
) -> Result<Offered, NotImported> {
    let refused = NotImported::Refused;
    let file;
    let content = match &source {
        // Of a large set no second copy is made.
        Source::Pasted(bytes) => bytes,
        Source::File(_) => {
            file = read(&source).map_err(refused)?;
            &file
        }
    };
    let mut lookup = |_: &str| passphrase.cloned();
    let found = pem::detect_sealed(content, &mut Passphrases::new(&mut lookup))
        .map_err(|error| refused(error.to_string()))?;
    for part in &found {
        let reason = match part {
            Found::Refused(KeyError::PassphraseNeeded(what)) => {
                format!("the {what} is sealed: type its passphrase")
            }
            Found::Refused(error @ KeyError::WrongPassphrase(_)) => error.to_string(),
            _ => continue,
        };
        return Err(NotImported::Sealed { source, reason });
    }
    let offer = Offer::of(found);
    match offer.keys.len() {
        0 => {
            let why = if offer.refused.is_empty() {
                "no key to import".to_owned()
            } else {
                offer.refused.join("; ")
            };
            return Err(refused(why));
        }
        1 => {}
        many if kid.is_some() => {
            return Err(refused(format!(
                "a kid names one key, and there are {many}: leave it empty"
            )));
        }
        _ => {}
    }
    standing(offer, None, shared).map_err(refused)
}

/// How what is offered stands to the keystore.
fn standing(
    mut offer: Offer,
    asked: Option<(String, Vec<Exchange>)>,
    shared: &Shared,
) -> Result<Offered, String> {
    let standings = shared.keystore().and_then(|keystore| {
        offer.take_names(&keystore)?;
        offer.standings(&keystore)
    });
    Ok(Offered {
        standings: told(standings)?,
        offer,
        asked,
    })
}

fn add(offer: Offer, kid: Option<&str>, shared: &Shared) -> Result<Import, NotImported> {
    let added = shared
        .keystore()
        .and_then(|keystore| import::add_all(&keystore, offer, kid, Timestamp::now()));
    let (mut import, all) = (
        Import {
            added: Vec::new(),
            left: Vec::new(),
        },
        told(added).map_err(NotImported::Refused)?,
    );
    for each in all {
        match each {
            Imported::Added(record) => import.added.push(Arc::new(record)),
            Imported::Certified(record) | Imported::Completed(record) => {
                import.added.push(Arc::new(record));
            }
            Imported::AlreadyHere(record) => {
                import.left.push(format!("already here: {}", record.kid));
            }
        }
    }
    Ok(import)
}

pub(super) fn read(source: &Source) -> Result<Secret<Vec<u8>>, String> {
    match source {
        Source::Pasted(bytes) => Ok(bytes.clone()),
        Source::File(path) => {
            let path = expanded(path);
            let content = import::open(&path).and_then(import::read);
            content.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => format!("there is no file {}", path.display()),
                _ => format!("cannot read {}: {error}", path.display()),
            })
        }
    }
}
