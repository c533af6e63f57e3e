//! What is remembered of an endpoint: addresses and tokens that a service gave out once, sealed in
//! the keystore.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    keystore::{
        error::KeystoreError,
        sealing::Unlocked,
        store::{Act, ActKind, Keystore},
    },
    secret::Secret,
};

/// What is remembered of one endpoint.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Where it lies, and under which name; none where nothing can be remembered.
    place: Option<(Keystore, String)>,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    values: BTreeMap<String, Secret<String>>,
    /// Something lies there, and is not opened.
    is_sealed: bool,
    /// A registration was begun whose end nobody saw: what it gave out is lost.
    is_lost: bool,
}

impl Memory {
    /// Nothing is remembered, and nothing will be; `is_sealed` where something lies there.
    pub fn closed(is_sealed: bool) -> Self {
        let values = BTreeMap::new();
        Self {
            place: None,
            known: Arc::new(Mutex::new(Known {
                values,
                is_sealed,
                is_lost: false,
            })),
        }
    }

    /// What lies in `keystore` of `endpoint`: nothing where it was never used.
    pub fn open(
        keystore: &Keystore,
        unlocked: Option<&Unlocked>,
        endpoint: &str,
    ) -> Result<Self, KeystoreError> {
        let name = secret_name(endpoint);
        let mut values = BTreeMap::new();
        if let Some(unlocked) = unlocked
            && lies_there(keystore, endpoint)?
        {
            let text = keystore.secret(&name, unlocked)?;
            let read: BTreeMap<String, String> =
                serde_json::from_str(text.expose()).map_err(|error| KeystoreError::Damaged {
                    file: format!("secrets/{name}.age"),
                    reason: error.to_string(),
                })?;
            values.extend(
                read.into_iter()
                    .map(|(name, value)| (name, Secret::new(value))),
            );
        }
        let begun = |act: &Act| act.kind == ActKind::Register && act.endpoint == endpoint;
        let is_lost = values.is_empty() && keystore.acts()?.iter().any(begun);
        Ok(Self {
            place: Some((keystore.clone(), name)),
            known: Arc::new(Mutex::new(Known {
                values,
                is_sealed: false,
                is_lost,
            })),
        })
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        let known = self.known();
        known.values.is_empty() && !known.is_sealed && !known.is_lost
    }

    /// Whether a registration was begun whose end nobody saw, and with it what it gave out.
    pub fn is_lost(&self) -> bool {
        self.known().is_lost
    }

    /// What was remembered under `name`.
    pub fn recall(&self, name: &str) -> Option<Secret<String>> {
        self.known().values.get(name).cloned()
    }

    /// Every name and its value.
    pub fn all(&self) -> Vec<(String, Secret<String>)> {
        let known = self.known();
        let all = known.values.iter();
        all.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Remembers `values` beside what is remembered; it is on the disk when this returns.
    pub fn remember(&self, values: Vec<(String, Secret<String>)>) -> Result<(), KeystoreError> {
        let mut known = self.known();
        let is_new = |(name, value): &(String, Secret<String>)| {
            known.values.get(name).map(Secret::expose) != Some(value.expose())
        };
        if !values.iter().any(is_new) {
            return Ok(());
        }
        known.values.extend(values);
        known.is_lost = false;
        match &self.place {
            Some((keystore, name)) => keystore.set_secret(name, &written(&known.values)),
            None => Ok(()),
        }
    }

    /// Forgets everything, on the disk too.
    pub fn forget(&self) -> Result<(), KeystoreError> {
        let mut known = self.known();
        known.values.clear();
        known.is_lost = false;
        drop(known);
        match &self.place {
            Some((keystore, name)) => match keystore.remove_secret(name) {
                Err(KeystoreError::NoSecret(_)) => Ok(()),
                removed => removed,
            },
            None => Ok(()),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A panic between two changes leaves whole values.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the secret that remembers `endpoint`.
pub fn secret_name(endpoint: &str) -> String {
    format!("registration-{endpoint}")
}

/// Whether something is remembered of `endpoint`.
pub fn lies_there(keystore: &Keystore, endpoint: &str) -> Result<bool, KeystoreError> {
    let name = secret_name(endpoint);
    Ok(keystore.secrets()?.contains(&name))
}

/// As a JSON object, each copy of it a secret.
fn written(values: &BTreeMap<String, Secret<String>>) -> Secret<String> {
    let parts: Vec<Secret<String>> = values
        .iter()
        .map(|(name, value)| {
            let value = Secret::new(serde_json::Value::from(value.expose().as_str()).to_string());
            Secret::new(format!(
                "{}:{}",
                serde_json::Value::from(name.as_str()),
                value.expose()
            ))
        })
        .collect();
    let length: usize = parts.iter().map(|part| part.expose().len() + 1).sum();
    let mut text = Secret::new(String::with_capacity(length + 2));
    for (place, part) in parts.iter().enumerate() {
        text.expose_mut().push(if place == 0 { '{' } else { ',' });
        text.expose_mut().push_str(part.expose());
    }
    if parts.is_empty() {
        text.expose_mut().push('{');
    }
    text.expose_mut().push('}');
    text
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{config::home::Home, keystore::sealing::Protection};

    #[test]
    fn what_is_remembered_is_there_after_a_restart_and_gone_once_forgotten() {
        let folder = TempDir::new().unwrap();
        let home = Home::at(&folder.path().join("home"));
        let (keystore, unlocked) = Keystore::create(&home, &Protection::None).unwrap();
        let open = || Memory::open(&keystore, Some(&unlocked), "idp").unwrap();
        let memory = open();
        assert!(memory.is_empty());
        let value = |name: &str, text: &str| (name.to_owned(), Secret::new(text.to_owned()));
        memory
            .remember(vec![value("token", "a\"b"), value("uri", "https://x")])
            .unwrap();
        memory.remember(vec![value("token", "c")]).unwrap();
        let again = open();
        assert!(!again.is_empty());
        for (name, expected) in [("token", "c"), ("uri", "https://x")] {
            assert_eq!(again.recall(name).unwrap().expose(), expected);
        }
        assert!(Memory::closed(true).recall("token").is_none());
        again.forget().unwrap();
        assert!(open().is_empty());
        again.forget().unwrap();
    }
}
