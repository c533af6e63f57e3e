//! Reading many key files: on all cores, handed over in chunks, the first one at once.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ffi::OsString,
    fs,
    num::NonZero,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use super::{
    Entry, KeyFile, Keystore, KeystoreError, Record, Thumbprint, disk, files, origin::Known,
};

/// Files of the first chunk: more rows than a screen has.
const FIRST: usize = 100;
/// Files of every later chunk.
const CHUNK: usize = 250;

impl Keystore {
    /// Hands over every key file in the order of their names, in chunks, until `each` breaks off:
    /// a small first chunk at once, the rest as all cores read them. Needs no passphrase.
    pub fn scan(
        &self,
        each: &mut dyn FnMut(Vec<Entry>) -> ControlFlow<()>,
    ) -> Result<(), KeystoreError> {
        let paths = self.key_paths("keys")?;
        let known = self.known();
        in_chunks(&paths, &|path| entry(path, &known), each);
        Ok(())
    }

    /// The first key file called `kid` that can be read, else why one that may be meant cannot.
    pub(super) fn find_called(&self, kid: &str) -> Result<Option<KeyFile>, KeystoreError> {
        let paths = self.key_paths("keys")?;
        let mut found = None;
        let mut unreadable = None;
        let read = |path: &Path| KeyFile::read_if_called(path, kid);
        in_chunks(&paths, &read, &mut |files| {
            for file in files {
                match file {
                    Ok(Some(file)) if file.record.kid == kid => {
                        found = Some(file);
                        return ControlFlow::Break(());
                    }
                    Ok(_) => {}
                    Err(error) => {
                        unreadable.get_or_insert(error);
                    }
                }
            }
            ControlFlow::Continue(())
        });
        match (found, unreadable) {
            (None, Some(error @ KeystoreError::Unsafe { .. })) => Err(error),
            (Some(mut file), _) => {
                file.record.origin = self.known().origin(&file.record.thumbprint());
                Ok(Some(file))
            }
            (None, _) => Ok(None),
        }
    }

    /// The key files of a folder in the order of their names.
    pub(in crate::keystore) fn key_paths(
        &self,
        folder: &'static str,
    ) -> Result<Vec<PathBuf>, KeystoreError> {
        let folder = self.path(folder);
        let mut names: Vec<OsString> = Vec::new();
        for entry in fs::read_dir(&folder).map_err(disk("list", &folder))? {
            let name = entry.map_err(disk("list", &folder))?.file_name();
            let bytes = name.as_encoded_bytes();
            if !bytes.starts_with(b".") && bytes.ends_with(b".key") {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names.iter().map(|name| folder.join(name)).collect())
    }

    /// Those of some keys that are here.
    pub(in crate::keystore) fn stored_of(
        &self,
        thumbprints: impl Iterator<Item = Thumbprint>,
    ) -> Result<HashMap<Thumbprint, Record>, KeystoreError> {
        let wanted: HashSet<OsString> = thumbprints
            .map(|thumbprint| format!("{}.key", thumbprint.hex()).into())
            .collect();
        let mut paths = self.key_paths("keys")?;
        paths.retain(|path| path.file_name().is_some_and(|name| wanted.contains(name)));
        let known = self.known();
        let mut stored = HashMap::with_capacity(paths.len());
        let mut failed = None;
        in_chunks(&paths, &|path| KeyFile::read(path), &mut |files| {
            for file in files {
                match file {
                    Ok(KeyFile { mut record, .. }) => {
                        let thumbprint = record.thumbprint();
                        record.origin = known.origin(&thumbprint);
                        stored.insert(thumbprint, record);
                    }
                    Err(error) => {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(stored),
        }
    }
}

fn entry(path: &Path, known: &Known) -> Entry {
    match KeyFile::read(path) {
        Ok(KeyFile { mut record, .. }) => {
            record.origin = known.origin(&record.thumbprint());
            Entry::Key(Box::new(record))
        }
        Err(KeystoreError::Damaged { file, reason }) => Entry::Unreadable { file, reason },
        // The path is told by the row itself.
        Err(KeystoreError::Unsafe {
            problem, remedy, ..
        }) => Entry::Unreadable {
            file: files::name(path),
            reason: format!("it {problem}: {remedy}"),
        },
        Err(error) => Entry::Unreadable {
            file: files::name(path),
            reason: error.to_string(),
        },
    }
}

/// Reads every path; what was read is handed over in the order of the paths.
pub(super) fn in_chunks<T: Send>(
    paths: &[PathBuf],
    read: &(dyn Fn(&Path) -> T + Sync),
    each: &mut dyn FnMut(Vec<T>) -> ControlFlow<()>,
) {
    let all = |paths: &[PathBuf]| paths.iter().map(|path| read(path)).collect();
    let (first, rest) = paths.split_at(FIRST.min(paths.len()));
    if each(all(first)).is_break() || rest.is_empty() {
        return;
    }
    let chunks: Vec<&[PathBuf]> = rest.chunks(CHUNK).collect();
    let workers = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(chunks.len());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let sender = sender.clone();
            let (next, chunks) = (&next, &chunks);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(chunk) = chunks.get(index) else {
                        break;
                    };
                    // Nobody listens any more once `each` has broken off.
                    if sender.send((index, all(chunk))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, chunk) in receiver {
            early.insert(index, chunk);
            while let Some(chunk) = early.remove(&due) {
                due += 1;
                if each(chunk).is_break() {
                    return;
                }
            }
        }
    });
}
