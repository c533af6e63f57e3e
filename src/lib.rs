//! keyfob keeps signing keys, shows their certificates, registers the public half at remote
//! services, and mints, decodes and verifies the tokens signed with them.
//!
//! The rooms, from the ground up; a room names only rooms below it.
//!
//! - [`secret`], [`display`], `disk`: the wrapper every secret lives in, the one gate that text from
//!   outside passes before a terminal sees it, and files written whole or not at all.
//! - [`jose`]: keys, JWKs and tokens, as pure functions.
//! - [`x509`]: certificates, as pure functions.
//! - [`config`], [`net`], [`clipboard`], [`browser`], [`keystore`]: where files lie, the one HTTP
//!   client, the clipboard, the user's browser, the keys on disk.
//! - [`oauth`], [`registry`], [`sandbox`]: what authorization servers say of themselves and grant,
//!   public keys at remote services, and the built-in servers.
//! - [`cli`], [`tui`]: the command line and the terminal app.

pub mod browser;
pub mod cli;
pub mod clipboard;
pub mod config;
mod disk;
pub mod display;
pub mod jose;
pub mod keystore;
pub mod net;
pub mod oauth;
pub mod registry;
pub mod sandbox;
pub mod secret;
pub mod tui;
pub mod x509;
