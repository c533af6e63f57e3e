//! The real binary, from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod attacks;
mod authorization;
mod backup;
mod certificates;
mod certify;
mod clients;
mod clients_panel;
mod decode;
mod diff;
mod discovery;
mod doctor;
mod endpoints;
mod faults;
mod forms;
mod hostile_servers;
mod house;
mod import;
mod judge;
mod key_sets;
mod keyfob;
mod keys;
mod mutations;
mod notes;
mod once;
mod own_clients;
mod registration;
mod rotation;
mod sandbox;
mod served;
mod server;
mod services;
mod signatures;
mod stops;
mod survey;
mod templates;
mod terminal;
mod tokens;
mod walks;
mod why;
