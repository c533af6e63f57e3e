//! API tokens and client secrets: `secrets/NAME.age`, sealed like the keys.

use std::{fs, io, path::PathBuf};

use super::{
    error::KeystoreError,
    files::{self, Existing, disk},
    sealing::Unlocked,
    store::Keystore,
};
use crate::{
    config::{resolve, settings::SecretSource},
    secret::Secret,
};

/// The longest name: a file's name has 255 octets, and `.age` stands behind it.
const LONGEST: usize = 200;

impl Keystore {
    /// The names of the secrets, sorted. Needs no passphrase.
    pub fn secrets(&self) -> Result<Vec<String>, KeystoreError> {
        let folder = self.path("secrets");
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).map_err(disk("list", &folder))? {
            let file = files::name(&entry.map_err(disk("list", &folder))?.path());
            if let Some(name) = file.strip_suffix(".age")
                && check(name).is_ok()
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Opens a secret. One that was sealed under another name is refused: it was meant for
    /// somebody else.
    pub fn secret(&self, name: &str, unlocked: &Unlocked) -> Result<Secret<String>, KeystoreError> {
        let sealed = match files::read_text(&self.secret_path(name)?) {
            Err(KeystoreError::Disk { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeystoreError::NoSecret(name.to_owned()));
            }
            read => read?,
        };
        let file = format!("secrets/{name}.age");
        let text = unlocked.open_sealed(&file, &sealed)?;
        let damaged = |reason: String| KeystoreError::Damaged {
            file: file.clone(),
            reason,
        };
        match text.expose().split_once("\n\n") {
            Some((names, value)) if names == format!("name: {name}") => {
                Ok(Secret::new(value.to_owned()))
            }
            Some((names, _)) if names.starts_with("name: ") => Err(damaged(
                "it was sealed under another name: set it again".to_owned(),
            )),
            _ => Err(damaged("it holds no secret of keyfob's".to_owned())),
        }
    }

    /// Seals a secret, or replaces the one of that name; needs no passphrase.
    pub fn set_secret(&self, name: &str, secret: &Secret<String>) -> Result<(), KeystoreError> {
        let path = self.secret_path(name)?;
        let value = secret.expose();
        let mut text = Secret::new(String::with_capacity(value.len() + name.len() + 10));
        for part in ["name: ", name, "\n\n", value] {
            text.expose_mut().push_str(part);
        }
        let _lock = self.lock()?;
        let sealed = self.recipient()?.seal(&text)?;
        files::write(&path, sealed.as_bytes(), Existing::Replace)
    }

    /// Removes a secret for good.
    pub fn remove_secret(&self, name: &str) -> Result<(), KeystoreError> {
        let path = self.secret_path(name)?;
        let _lock = self.lock()?;
        match files::remove(&path) {
            Err(KeystoreError::Disk { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Err(KeystoreError::NoSecret(name.to_owned()))
            }
            removed => removed,
        }
    }

    /// The secret that the configuration names, wherever it comes from.
    pub fn resolve(
        &self,
        source: &SecretSource,
        unlocked: &Unlocked,
    ) -> Result<Secret<String>, KeystoreError> {
        match source {
            SecretSource::Sealed(name) => self.secret(name, unlocked),
            SecretSource::Client(_) | SecretSource::Command(_) | SecretSource::Env(_) => {
                Ok(resolve::secret(source)?)
            }
        }
    }

    fn secret_path(&self, name: &str) -> Result<PathBuf, KeystoreError> {
        check(name)?;
        Ok(self.path("secrets").join(format!("{name}.age")))
    }
}

pub(super) fn check(name: &str) -> Result<(), KeystoreError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=LONGEST).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with(['.', '-'])
    {
        Ok(())
    } else {
        Err(KeystoreError::Name {
            what: "secret's name",
            name: name.chars().take(40).collect(),
            reason: "write 1 to 200 of A–Z a–z 0–9 . _ -, not beginning with . or -",
        })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{config::home::Home, keystore::sealing::Protection};

    fn open_store() -> (TempDir, Keystore, Unlocked) {
        let folder = TempDir::new().unwrap();
        let home = Home::at(&folder.path().join("home"));
        let (keystore, unlocked) = Keystore::create(&home, &Protection::None).unwrap();
        (folder, keystore, unlocked)
    }

    fn token(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_secret_comes_back_as_it_was_set_until_it_is_removed() {
        let (_folder, keystore, unlocked) = open_store();
        for text in ["first", "line\n\nname: x\n\nlast\n", ""] {
            keystore.set_secret("idp-initial", &token(text)).unwrap();
            let again = keystore.secret("idp-initial", &unlocked).unwrap();
            assert_eq!(again.expose(), text);
        }
        assert_eq!(keystore.secrets().unwrap(), ["idp-initial"]);
        keystore.remove_secret("idp-initial").unwrap();
        for gone in [
            keystore.remove_secret("idp-initial").unwrap_err(),
            keystore.secret("idp-initial", &unlocked).unwrap_err(),
        ] {
            assert_eq!(
                gone.to_string(),
                "no secret idp-initial is sealed in the keystore: set it first"
            );
        }
    }

    #[test]
    fn what_lies_on_the_disk_is_sealed() {
        let (_folder, keystore, _) = open_store();
        keystore.set_secret("t", &token("hunter2")).unwrap();
        let text = fs::read_to_string(keystore.path("secrets/t.age")).unwrap();
        assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn a_secret_put_under_another_name_is_not_handed_out() {
        let (_folder, keystore, unlocked) = open_store();
        keystore.set_secret("mine", &token("hunter2")).unwrap();
        fs::rename(
            keystore.path("secrets/mine.age"),
            keystore.path("secrets/theirs.age"),
        )
        .unwrap();
        assert_eq!(
            keystore
                .secret("theirs", &unlocked)
                .unwrap_err()
                .to_string(),
            "secrets/theirs.age: it was sealed under another name: set it again"
        );
    }

    #[test]
    fn a_name_stays_in_its_folder() {
        let (_folder, keystore, _) = open_store();
        for name in ["", "../keys/x", ".x", "-x", "a/b", "a b", &"a".repeat(201)] {
            assert!(keystore.set_secret(name, &token("t")).is_err(), "{name}");
        }
    }

    #[test]
    fn the_configurations_source_is_resolved() {
        let (_folder, keystore, unlocked) = open_store();
        keystore.set_secret("t", &token("hunter2")).unwrap();
        let source = SecretSource::Sealed("t".to_owned());
        let secret = keystore.resolve(&source, &unlocked).unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(
            resolve::secret(&source).unwrap_err().to_string(),
            "the secret t is sealed in the keystore: unlock it first"
        );
    }
}
