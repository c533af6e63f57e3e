//! How long those who read a set of keys may go on with what they read before.

use super::Wait;
use crate::{
    net::request::Response,
    registry::{answer::Receipt, endpoint::Endpoint, preset::Service},
};

/// Where nothing is known, in seconds.
const DEFAULT: u64 = 600;

/// What is known of the readers of `endpoint` after a registration there.
pub(super) fn of(endpoint: &Endpoint, receipt: &Receipt) -> Wait {
    if let Some(span) = endpoint.preset.capabilities.caches {
        return Wait {
            seconds: span.0.as_secs(),
            source: format!("as {} works", endpoint.preset.title),
        };
    }
    // What other services answer to a request for one key says nothing of how they keep it.
    let service = &endpoint.preset.service;
    let is_set = matches!(
        service,
        Service::Form(_) | Service::JwkSet(_) | Service::LocalJwkSet(_)
    );
    let mut readings = receipt.exchanges.iter().filter(|_| is_set);
    let last = readings.rfind(|exchange| exchange.request.is_reading());
    match last.and_then(|exchange| freshness(&exchange.response)) {
        Some(seconds) => Wait {
            seconds,
            source: format!("Cache-Control of {}", endpoint.name),
        },
        None => Wait {
            seconds: DEFAULT,
            source: format!("{} says nothing of caches", endpoint.name),
        },
    }
}

/// For how many seconds an answer may be used again (RFC 9111 section 4.2.1, RFC 5861 section 3): the
/// longest that any cache may keep it.
fn freshness(response: &Response) -> Option<u64> {
    let lines = response
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
    let directives: Vec<String> = lines
        .flat_map(|(_, value)| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    let has = |name: &str| directives.iter().any(|directive| directive == name);
    let seconds = |name: &str| -> Option<u64> {
        directives.iter().find_map(|directive| {
            let (found, value) = directive.split_once('=')?;
            (found.trim() == name).then(|| value.trim().trim_matches('"').parse().ok())?
        })
    };
    if has("no-store") || has("no-cache") {
        return Some(0);
    }
    let fresh = seconds("max-age").max(seconds("s-maxage"))?;
    let stale = seconds("stale-while-revalidate").max(seconds("stale-if-error"));
    Some(fresh.saturating_add(stale.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_answer_is_fresh_as_long_as_any_cache_may_keep_it() {
        for (text, expected) in [
            ("public, max-age=300", Some(300)),
            ("max-age=60, S-MaxAge = \"900\"", Some(900)),
            ("max-age=300, stale-while-revalidate=60", Some(360)),
            ("no-store, max-age=300", Some(0)),
            ("no-cache", Some(0)),
            ("public", None),
            ("max-age=soon", None),
            (
                "max-age=18446744073709551615, stale-if-error=1",
                Some(u64::MAX),
            ),
        ] {
            let response = Response {
                status: 200,
                headers: vec![("Cache-Control".to_owned(), text.to_owned())],
                body: Vec::new(),
                elapsed: Duration::ZERO,
            };
            assert_eq!(freshness(&response), expected, "{text}");
        }
    }
}
