//! What servers want in the next proof (RFC 9449 sections 8 and 9).

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::net::{request::Response, url::Url};

/// Longer ones are not kept.
const LONGEST: usize = 1024;

/// The latest nonce of each server.
#[derive(Debug, Default)]
pub(super) struct Nonces(Mutex<BTreeMap<String, String>>);

impl Nonces {
    /// What the next proof for `url` must name.
    pub(super) fn of(&self, url: &Url) -> Option<String> {
        self.known().get(&url.origin()).cloned()
    }

    /// Keeps what `response` of `url` gives. One that no proof can carry is left alone (RFC 9449
    /// section 8.1).
    pub(super) fn keep(&self, url: &Url, response: &Response) {
        let usable = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if let Some(nonce) = response.header("dpop-nonce")
            && !nonce.is_empty()
            && nonce.len() <= LONGEST
            && nonce.bytes().all(usable)
        {
            self.known().insert(url.origin(), nonce.to_owned());
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        // Each change is one insertion: a panic leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_server_has_its_own_and_what_no_proof_carries_is_left_alone() {
        let nonces = Nonces::default();
        let url = |text| Url::parse(text).unwrap();
        let said = |nonce: &str| Response {
            status: 401,
            headers: vec![("dpop-nonce".to_owned(), nonce.to_owned())],
            body: Vec::new(),
            elapsed: Duration::ZERO,
        };
        let (server, api) = (
            url("https://idp.example/token"),
            url("https://api.example/"),
        );
        nonces.keep(&server, &said("first"));
        nonces.keep(&server, &said("second"));
        for wrong in ["", "a b", "a\"b", "鍵", &"n".repeat(LONGEST + 1)] {
            nonces.keep(&server, &said(wrong));
        }
        let of = |text| nonces.of(&url(text));
        assert_eq!(of("https://idp.example/else").as_deref(), Some("second"));
        assert_eq!(nonces.of(&api), None);
    }
}
