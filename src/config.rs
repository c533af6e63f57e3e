//! Configuration: where files lie, settings, the user's own files.

pub mod added;
mod command;
pub mod exposure;
pub mod home;
pub mod own_files;
pub mod resolve;
pub mod settings;
