//! Configuration: where files lie, the user's own templates and profiles.

pub mod home;
pub mod own_files;
