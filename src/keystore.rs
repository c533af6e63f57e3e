//! The keys on disk: files, sealing, lock, trash.

pub mod doctor;
pub mod error;
pub mod files;
pub mod key_file;
pub mod keystore;
pub mod record;
pub mod sealing;
