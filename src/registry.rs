//! Public keys at remote services: presets, endpoints, requests, answers, drift.
//!
//! A [`preset::Preset`] says in YAML how a kind of service wants its keys; an
//! [`endpoint::Endpoint`] is a preset with its URL and token; [`book::Endpoints`] makes them from
//! the configuration; [`registration`] is the whole act, from the key file to the service and back.

mod access;
pub mod answer;
pub mod book;
pub mod capabilities;
pub mod checkup;
mod document;
pub mod drift;
pub mod endpoint;
mod entries;
pub mod error;
pub mod filling;
pub mod journal;
mod json_tree;
pub mod key_place;
mod members;
pub mod memory;
mod own_client;
mod pasting;
pub mod plan;
pub mod pointer;
pub mod preset;
pub mod projection;
mod published_set;
pub mod recorded;
mod refusal;
pub mod registration;
pub mod remedy;
pub mod rotation;
pub mod sandbox_client;
pub mod saving;
pub mod server_time;
mod set_file;
pub mod survey;
mod talk;
pub mod template;
pub mod view;
