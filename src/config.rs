//! Configuration: where files lie, `config.yaml` and `config.d/`.

pub mod home;
pub mod settings;
