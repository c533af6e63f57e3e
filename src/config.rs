//! Configuration: where files lie.

pub mod home;
