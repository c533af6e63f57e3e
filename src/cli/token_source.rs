//! What a token argument names: the token itself, a file that holds it, or stdin.

use std::path::Path;

use super::{exit::Exit, failure::Failure, files, output::Output};
use crate::{
    jose::{
        reading::Reading,
        search::{Cleaned, Search},
        token::{Body, DecodeError, UnverifiedToken},
    },
    keystore::import::can_be_read,
    secret::Secret,
};

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

/// The token to judge: the whole text, or the only one among other text, with its place said. What
/// is no token is told as `keyfob decode` tells it.
pub(super) fn only(text: &str, output: &mut Output) -> Result<UnverifiedToken, Failure> {
    let whole = UnverifiedToken::decode(text);
    match &whole {
        Ok(token) if !is_joined(token) => return Ok(token.clone()),
        Err(error @ DecodeError::TooLong(_)) => return Err(error.clone().into()),
        _ => {}
    }
    let search = Search::of(text);
    let found = match (search.tokens.as_slice(), &whole) {
        ([], Err(_)) => return Err(DecodeError::nothing_in(text).into()),
        ([], Ok(_)) => return Ok(whole?),
        ([only], Ok(token)) if only.text == token.text => return Ok(whole?),
        ([only], _) => only,
        (several, _) => {
            let places: Vec<String> = several.iter().map(|each| each.place.to_string()).collect();
            return Err(Failure::usage(format!(
                "{} tokens in the text, of which one can be judged: {}",
                several.len(),
                places.join("; ")
            )));
        }
    };
    let mut token = Reading::from(found).unverified().map_err(Failure::usage)?;
    if !text.trim().contains(is_around) {
        return Ok(whole?);
    }
    token.remarks = found.cleaned.iter().map(Cleaned::remark).collect();
    output.say(&format!("the token: {}", found.place));
    Ok(token)
}

/// Whether it may be two tokens of three parts, which are five parts with the space between gone.
fn is_joined(token: &UnverifiedToken) -> bool {
    matches!(token.body, Body::Encrypted) && !token.remarks.is_empty()
}

/// What stands in no token, so that there is more than a token where it does.
fn is_around(character: char) -> bool {
    matches!(character, ':' | '{' | '<' | '&' | ';') || character.is_whitespace()
}

/// A path that does not exist is worth its own message; a URL with a token in it is no path.
fn looks_like_a_path(text: &str) -> bool {
    text.contains('/') && !text.contains([' ', '\n']) && Search::of(text).tokens.is_empty()
}
