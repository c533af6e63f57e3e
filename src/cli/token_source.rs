//! What a token argument names: the token itself, a file that holds it, or stdin.

use std::path::Path;

use super::{exit::Exit, failure::Failure, files};
use crate::{jose::search::Search, keystore::import::can_be_read, secret::Secret};

/// The text of the token; stdin for `-` and for nothing.
pub(super) fn read(token: Option<&str>) -> Result<Secret<String>, Failure> {
    let bytes = match token {
        None => files::read(Path::new("-"))?,
        Some(text) if text == "-" || can_be_read(Path::new(text)) => files::read(Path::new(text))?,
        Some(text) if looks_like_a_path(text) => {
            return Err(Failure::new(
                Exit::NotFound,
                format!("there is no file {text}"),
            ));
        }
        Some(text) => return Ok(Secret::new(text.to_owned())),
    };
    match std::str::from_utf8(bytes.expose()) {
        Ok(text) => Ok(Secret::new(text.to_owned())),
        Err(error) => Err(Failure::usage(format!(
            "no token: byte {} is no text; a token is ASCII",
            error.valid_up_to() + 1
        ))),
    }
}

/// A path that does not exist is worth its own message; a URL with a token in it is no path.
fn looks_like_a_path(text: &str) -> bool {
    text.contains('/') && !text.contains([' ', '\n']) && Search::of(text).tokens.is_empty()
}
