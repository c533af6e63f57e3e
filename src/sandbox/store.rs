//! What is registered, in memory only and never more than a fixed number.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{
    client::{Client, Origin},
    entity_id::EntityId,
    trusted_key::TrustedKey,
};

/// Keys in the registry.
const ENTITIES: usize = 1_000;

/// Clients that registered themselves.
const CLIENTS: usize = 1_000;

/// Assertions remembered until they expire.
const ASSERTIONS: usize = 100_000;

/// Revoked access tokens remembered until they expire.
const REVOKED: usize = 10_000;

/// The keys, the clients, and the tokens that count no more.
#[derive(Default)]
pub(super) struct Store {
    entities: BTreeMap<EntityId, TrustedKey>,
    clients: BTreeMap<String, Client>,
    /// `jti` of revoked access tokens, with their end.
    revoked: HashMap<String, Timestamp>,
    /// `jti` by client, with the time from which the assertion is refused as expired anyway.
    used: HashMap<(String, String), Timestamp>,
}

/// Why something was not stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    Full,
    Taken,
}

impl Store {
    pub(super) fn entities(&self) -> &BTreeMap<EntityId, TrustedKey> {
        &self.entities
    }

    /// Keys whose JWK has this `kid`; two entities may carry the same.
    pub(super) fn keys_by_kid(&self, kid: &str) -> Vec<TrustedKey> {
        self.entities
            .values()
            .filter(|key| key.kid() == Some(kid))
            .cloned()
            .collect()
    }

    pub(super) fn create(&mut self, id: EntityId, key: TrustedKey) -> Result<(), Refused> {
        if self.entities.contains_key(&id) {
            return Err(Refused::Taken);
        }
        if self.entities.len() >= ENTITIES {
            return Err(Refused::Full);
        }
        self.entities.insert(id, key);
        Ok(())
    }

    /// Puts `key` in place of the one at `id`; false if there is none.
    pub(super) fn replace(&mut self, id: &EntityId, key: TrustedKey) -> bool {
        self.entities
            .get_mut(id)
            .map(|place| *place = key)
            .is_some()
    }

    /// False if there was none.
    pub(super) fn delete(&mut self, id: &EntityId) -> bool {
        self.entities.remove(id).is_some()
    }

    /// The client of that id: a registered one, or a key of the registry.
    pub(super) fn client(&self, id: &str) -> Option<Client> {
        if let Some(client) = self.clients.get(id) {
            return Some(client.clone());
        }
        let key = self.entities.get(&EntityId::parse(id).ok()?)?;
        Some(Client::with_key(key.clone(), Origin::Registry))
    }

    /// Adds a client, or puts it in the place of the one with this id.
    pub(super) fn put_client(&mut self, id: &str, client: Client) -> Result<(), Refused> {
        if !self.clients.contains_key(id) && self.clients.len() >= CLIENTS {
            return Err(Refused::Full);
        }
        self.clients.insert(id.to_owned(), client);
        Ok(())
    }

    /// False if there was none.
    pub(super) fn delete_client(&mut self, id: &str) -> bool {
        self.clients.remove(id).is_some()
    }

    /// Makes the access token `jti`, which ends at `expiry`, count no more.
    pub(super) fn revoke(
        &mut self,
        jti: &str,
        expiry: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if self.revoked.len() >= REVOKED {
            self.revoked.retain(|_, expiry| *expiry > now);
        }
        if self.revoked.len() >= REVOKED {
            return Err(Refused::Full);
        }
        self.revoked.insert(jti.to_owned(), expiry);
        Ok(())
    }

    pub(super) fn is_revoked(&self, jti: &str) -> bool {
        self.revoked.contains_key(jti)
    }

    /// Uses up the assertion `jti` of `client`, which expires at `expiry`. A second use is refused
    /// as taken until then.
    pub(super) fn use_up(
        &mut self,
        client: &str,
        jti: &str,
        expiry: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if self.used.len() >= ASSERTIONS {
            self.used.retain(|_, expiry| *expiry > now);
        }
        let assertion = (client.to_owned(), jti.to_owned());
        if self
            .used
            .get(&assertion)
            .is_some_and(|expiry| *expiry > now)
        {
            return Err(Refused::Taken);
        }
        if self.used.len() >= ASSERTIONS {
            return Err(Refused::Full);
        }
        self.used.insert(assertion, expiry);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn an_assertion_counts_once_per_client_until_it_expires() {
        let mut store = Store::default();
        let now = Timestamp::UNIX_EPOCH;
        let expiry = now + SignedDuration::from_secs(60);
        assert_eq!(store.use_up("a", "1", expiry, now), Ok(()));
        assert_eq!(store.use_up("a", "1", expiry, now), Err(Refused::Taken));
        assert_eq!(store.use_up("a", "2", expiry, now), Ok(()));
        assert_eq!(store.use_up("b", "1", expiry, now), Ok(()));
        assert_eq!(store.use_up("a", "1", expiry, expiry), Ok(()));
    }

    #[test]
    fn assertions_are_forgotten_only_once_they_expired() {
        let mut store = Store::default();
        let now = Timestamp::UNIX_EPOCH;
        let expiry = now + SignedDuration::from_secs(60);
        for jti in 0..ASSERTIONS {
            store.use_up("a", &jti.to_string(), expiry, now).unwrap();
        }
        assert_eq!(store.use_up("a", "more", expiry, now), Err(Refused::Full));
        assert_eq!(store.use_up("a", "more", expiry, expiry), Ok(()));
        assert_eq!(store.used.len(), 1);
    }
}
