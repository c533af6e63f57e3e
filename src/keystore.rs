//! The keys on disk: one file a key, sealed with age; the folder is the truth.

pub mod backup;
pub mod certify;
pub mod doctor;
pub mod error;
pub mod export;
mod files;
pub mod generate;
pub mod hardening;
pub mod import;
mod key_file;
pub mod kid;
mod lock;
pub mod passphrase;
mod pkcs12;
pub mod record;
pub mod sealing;
mod secrets;
pub mod store;
pub mod tags;
pub mod watch;
