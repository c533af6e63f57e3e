//! What an answer means that is not the one hoped for, where its preset says nothing of it.

use serde_json::value::RawValue;

use crate::{
    net::{request::Response, said::one_line},
    oauth::asked_wait,
};

/// A sentence on a status.
pub(super) fn sentence(response: &Response) -> String {
    match response.status {
        200..300 => format!(
            "{}, and another one was expected: check the url",
            what_it_is(response)
        ),
        300..400 => format!(
            "it sends on to {}, where keyfob does not follow with a token: if it lives there now, \
             change the endpoint's url",
            one_line(response.header("location").unwrap_or("another place"))
        ),
        429 => "it takes no more requests for now".to_owned(),
        503 => "it takes no requests for now: try again later".to_owned(),
        500.. => "the service itself failed: try again, or ask its operator".to_owned(),
        status => format!("it answered {status}"),
    }
}

/// How long the service asks to wait (RFC 9110 section 10.2.3), in words.
pub(super) fn wait(response: &Response) -> Option<String> {
    Some(one_line(&format!(
        "try again {}",
        asked_wait::words(response)?
    )))
}

/// Whether what was asked may have been done although the answer of this status does not say so: it
/// says something else that is good, or somebody on the way or the service failed.
pub(super) fn is_uncertain(status: u16) -> bool {
    // 501, 503 and 505 say that it was not tried.
    matches!(status, 200..300 | 303 | 408 | 500 | 502 | 504 | 506..)
}

/// What an answer is that was to be JSON of another form.
pub(super) fn what_it_is(response: &Response) -> &'static str {
    let body = response.body.trim_ascii_start();
    if body.is_empty() {
        "the answer is empty"
    } else if serde_json::from_slice::<&RawValue>(&response.body).is_ok() {
        "the answer is other JSON"
    } else if body.starts_with(b"<") {
        "the answer is a web page"
    } else {
        "the answer is no JSON"
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, wait: &str, body: &str) -> Response {
        Response {
            status,
            headers: vec![("Retry-After".to_owned(), wait.to_owned())],
            body: body.as_bytes().to_vec(),
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn a_wait_is_told_in_both_forms_and_only_where_it_is_asked_for() {
        for (status, asked, expected) in [
            (429, "90", Some("try again in 90 s")),
            (503, " 600 ", Some("try again in 10 min")),
            (
                429,
                "Wed, 21 Oct 2099 07:28:00 GMT",
                Some("try again after Wed, 21 Oct 2099 07:28:00 GMT"),
            ),
            (429, "", None),
            (500, "90", None),
        ] {
            assert_eq!(wait(&answer(status, asked, "")).as_deref(), expected);
        }
    }

    #[test]
    fn what_came_instead_is_named() {
        for (body, expected) in [
            ("", "the answer is empty"),
            ("\n<!doctype html>", "the answer is a web page"),
            ("{\"a\":", "the answer is no JSON"),
            ("[1]", "the answer is other JSON"),
        ] {
            assert_eq!(what_it_is(&answer(200, "", body)), expected);
        }
    }
}
