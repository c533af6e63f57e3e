//! Putting new keys into the keystore.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use jiff::Timestamp;

use super::{
    Existing, Half, KeyFile, Keystore, KeystoreError, Material, NewKey, Record, SealedKey, Status,
    kid, scan::in_chunks, whole_second,
};
use crate::{
    jose::key::{PrivateKey, Signer},
    keystore::{files, record::Origin},
    x509::chain,
};

/// So many files are written at a time: a disk makes several durable in the time of one.
const WRITERS: usize = 8;

impl Keystore {
    /// Stores a key; needs no passphrase. Refuses a kid or a key that is here already, and a
    /// certificate of another key.
    pub fn add(&self, new: NewKey, now: Timestamp) -> Result<Record, KeystoreError> {
        check(&new)?;
        let _lock = self.lock()?;
        self.check_free(&new.kid)?;
        self.check_absent(&new)?;
        self.note_known(&[new.material.public().thumbprint()])?;
        self.store(new, now)
    }

    /// Stores keys as [`Self::add`] does, each checked before the first is written, also against
    /// each other. Where one cannot be written, none stays.
    pub fn add_all(&self, new: Vec<NewKey>, now: Timestamp) -> Result<Vec<Record>, KeystoreError> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        new.iter().try_for_each(check)?;
        let _lock = self.lock()?;
        let mut kids = self.kids()?;
        let mut thumbprints = Vec::new();
        for key in &new {
            if !kids.insert(key.kid.clone()) {
                return Err(KeystoreError::Taken(key.kid.clone()));
            }
            self.check_absent(key)?;
            thumbprints.push(key.material.public().thumbprint());
        }
        self.note_known(&thumbprints)?;
        self.store_all(new, now)
    }

    /// Puts the private half to a public one that is here.
    pub fn complete(&self, record: &Record, private: &PrivateKey) -> Result<Record, KeystoreError> {
        let _lock = self.lock()?;
        let path = self.key_path(&private.public().thumbprint());
        let mut file = self.read_file(&path)?;
        if file.record != *record {
            return Err(KeystoreError::Changed(record.kid.clone()));
        }
        let text = SealedKey::text(&record.kid, record.alg, private);
        file.sealed = Some(self.recipient()?.seal(&text)?);
        file.record.half = Half::Private;
        file.write(&path, Existing::Replace)?;
        Ok(file.record)
    }

    fn check_absent(&self, new: &NewKey) -> Result<(), KeystoreError> {
        match KeyFile::read(&self.key_path(&new.material.public().thumbprint())) {
            Ok(known) => Err(KeystoreError::AlreadyHere(known.record.kid)),
            Err(_) => Ok(()),
        }
    }

    fn store_all(
        &self,
        mut new: Vec<NewKey>,
        now: Timestamp,
    ) -> Result<Vec<Record>, KeystoreError> {
        let share = new.len().div_ceil(WRITERS);
        let failed = AtomicBool::new(false);
        let store_share = |share: Vec<NewKey>| {
            let mut stored = Vec::with_capacity(share.len());
            for key in share {
                if failed.load(Ordering::Relaxed) {
                    break;
                }
                let result = self.store(key, now);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                stored.push(result);
            }
            stored
        };
        let stored: Vec<Result<Record, KeystoreError>> = thread::scope(|scope| {
            let mut writers = Vec::with_capacity(WRITERS);
            while !new.is_empty() {
                let rest = new.split_off(share.min(new.len()));
                let share = std::mem::replace(&mut new, rest);
                writers.push(scope.spawn(|| store_share(share)));
            }
            let joined = writers.into_iter().map(|writer| match writer.join() {
                Ok(stored) => stored,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.flatten().collect()
        });
        if stored.iter().any(Result::is_err) {
            for record in stored.iter().flatten() {
                // The failure of the disk is what is told.
                let _ = files::remove(&self.key_path(&record.thumbprint()));
            }
        }
        stored.into_iter().collect()
    }

    fn store(&self, new: NewKey, now: Timestamp) -> Result<Record, KeystoreError> {
        let (sealed, half) = match &new.material {
            Material::Public(_) => (None, Half::PublicOnly),
            Material::Private(private) => {
                let text = SealedKey::text(&new.kid, new.alg, private);
                (Some(self.recipient()?.seal(&text)?), Half::Private)
            }
        };
        let record = Record {
            kid: new.kid,
            former: Vec::new(),
            alg: new.alg,
            usage: "sig".to_owned(),
            created: whole_second(now),
            status: Status::Active,
            tags: Vec::new(),
            registrations: Vec::new(),
            template: None,
            profile: new.profile,
            half,
            origin: Origin::Ours,
            public: new.material.public().clone(),
            chain: new.chain,
        };
        let path = self.key_path(&record.thumbprint());
        KeyFile {
            record: record.clone(),
            sealed,
        }
        .write(&path, Existing::Refuse)?;
        Ok(record)
    }

    /// The kids of every key that can be read.
    pub fn kids(&self) -> Result<HashSet<String>, KeystoreError> {
        let paths = self.key_paths("keys")?;
        let mut kids = HashSet::with_capacity(paths.len());
        in_chunks(&paths, &|path| KeyFile::read(path), &mut |files| {
            kids.extend(files.into_iter().flatten().map(|file| file.record.kid));
            ControlFlow::Continue(())
        });
        Ok(kids)
    }
}

fn check(new: &NewKey) -> Result<(), KeystoreError> {
    kid::check_imported(&new.kid)?;
    match new.chain.first() {
        Some(leaf) if !chain::belongs(leaf, new.material.public()) => Err(KeystoreError::Damaged {
            file: new.kid.clone(),
            reason: "the certificate belongs to another key".to_owned(),
        }),
        _ => Ok(()),
    }
}
