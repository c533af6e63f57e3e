//! The keystore: the folder is the truth.

use jiff::Timestamp;

use super::{
    error::KeystoreError,
    record::{Entry, Record, Registration},
    sealing::{Protection, Unlocked},
};
use crate::{
    config::home::Home,
    jose::{
        algorithm::Algorithm,
        key::{PrivateKey, PublicKey},
        thumbprint::Thumbprint,
    },
    secret::Secret,
    x509::certificate::Certificate,
};

/// A keystore that exists on disk. Cheap to clone; holds no secrets.
#[derive(Clone, Debug)]
pub struct Keystore {
    home: Home,
}

/// A key to be stored.
#[derive(Debug)]
pub struct NewKey {
    pub kid: String,
    pub alg: Algorithm,
    pub material: Material,
    pub chain: Vec<Certificate>,
    pub tags: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Material {
    Private(PrivateKey),
    Public(PublicKey),
}

/// What is in the trash.
#[derive(Clone, Debug)]
pub struct Trashed {
    pub kid: String,
    pub thumbprint: Thumbprint,
    pub at: Timestamp,
}

/// Whether a passphrase protects the identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sealed {
    Passphrase,
    Open,
}

impl Keystore {
    /// Whether a keystore is at `home`.
    pub fn exists(home: &Home) -> bool {
        unimplemented!("{home:?}")
    }
    /// Creates folders, identity and recipient. Refuses where one is.
    pub fn create(home: &Home, protection: &Protection) -> Result<(Self, Unlocked), KeystoreError> {
        unimplemented!("{home:?}{protection:?}")
    }
    /// `Missing` where there is none; modes, owner and links are checked.
    pub fn open(home: &Home) -> Result<Self, KeystoreError> {
        unimplemented!("{home:?}")
    }
    pub fn home(&self) -> &Home {
        &self.home
    }
    pub fn sealed(&self) -> Sealed {
        unimplemented!()
    }
    /// None where no passphrase protects it.
    pub fn unlock(&self, passphrase: Option<&Secret<String>>) -> Result<Unlocked, KeystoreError> {
        unimplemented!("{passphrase:?}")
    }
    /// Sorted by kid, unreadable ones last. Needs no passphrase; certificates are not parsed.
    pub fn list(&self) -> Result<Vec<Entry>, KeystoreError> {
        unimplemented!()
    }
    /// By kid, or by thumbprint (hex or base64url).
    pub fn find(&self, kid: &str) -> Result<Record, KeystoreError> {
        unimplemented!("{kid}")
    }
    /// Opens the private half; checks it against name, public block, certificate and sealed headers.
    pub fn private(
        &self,
        record: &Record,
        unlocked: &Unlocked,
    ) -> Result<PrivateKey, KeystoreError> {
        let _ = unlocked;
        unimplemented!("{record:?}")
    }
    /// Needs no passphrase. `Taken` where kid or thumbprint are there already.
    pub fn add(&self, new: NewKey, now: Timestamp) -> Result<Record, KeystoreError> {
        unimplemented!("{new:?}{now}")
    }
    pub fn rename(&self, kid: &str, new: &str) -> Result<Record, KeystoreError> {
        unimplemented!("{kid}{new}")
    }
    /// Records or replaces a registration.
    pub fn set_registration(
        &self,
        thumbprint: &Thumbprint,
        registration: Registration,
    ) -> Result<Record, KeystoreError> {
        unimplemented!("{thumbprint}{registration:?}")
    }
    pub fn remove_registration(
        &self,
        thumbprint: &Thumbprint,
        endpoint: &str,
    ) -> Result<Record, KeystoreError> {
        unimplemented!("{thumbprint}{endpoint}")
    }
    pub fn set_template(
        &self,
        thumbprint: &Thumbprint,
        template: &str,
    ) -> Result<Record, KeystoreError> {
        unimplemented!("{thumbprint}{template}")
    }
    pub fn set_chain(
        &self,
        thumbprint: &Thumbprint,
        chain: Vec<Certificate>,
    ) -> Result<Record, KeystoreError> {
        unimplemented!("{thumbprint}{chain:?}")
    }
    pub fn trash(&self, kid: &str, now: Timestamp) -> Result<Record, KeystoreError> {
        unimplemented!("{kid}{now}")
    }
    pub fn trashed(&self) -> Result<Vec<Trashed>, KeystoreError> {
        unimplemented!()
    }
    pub fn restore(&self, kid: &str) -> Result<Record, KeystoreError> {
        unimplemented!("{kid}")
    }
    pub fn put_secret(&self, name: &str, secret: &Secret<String>) -> Result<(), KeystoreError> {
        unimplemented!("{name}{secret:?}")
    }
    pub fn secret(&self, name: &str, unlocked: &Unlocked) -> Result<Secret<String>, KeystoreError> {
        let _ = unlocked;
        unimplemented!("{name}")
    }
    /// Rewrites one file, whatever the number of keys.
    pub fn change_passphrase(
        &self,
        unlocked: &Unlocked,
        protection: &Protection,
    ) -> Result<(), KeystoreError> {
        let _ = unlocked;
        unimplemented!("{protection:?}")
    }
}
