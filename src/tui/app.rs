//! The app as a function: state, what happens to it, and what it asks for. PURE: the clock is an
//! argument, and nothing here reads, writes, waits or makes up anything.
//!
//! A key press becomes an [`action::Action`] by the one table in [`action`]; [`update`] changes the
//! [`state::State`] and returns [`effect::Effect`]s as data; the runner carries them out and their
//! ends come back as [`msg::Msg`]s.

pub mod action;
pub mod activity;
pub mod clients_panel;
pub mod content;
pub mod dialog;
pub mod effect;
pub mod form;
pub mod key;
pub mod keymap;
pub mod keys_panel;
pub mod layout;
pub mod line;
pub mod msg;
pub mod panel;
pub mod register_panel;
pub mod rich;
pub mod rotation_guide;
pub mod sandbox_panel;
pub mod scroll;
pub mod state;
pub mod task;
pub mod toast;
pub mod token_panel;
pub mod update;
pub mod waiting;
