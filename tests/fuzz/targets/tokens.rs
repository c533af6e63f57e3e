//! Texts with tokens in them, and JSON.

#![no_main]

use keyfob::jose::{
    claims::JsonObject,
    json_text,
    jwk::{Jwk, JwkSet},
    reading::Reading,
    search::Search,
    token::UnverifiedToken,
    verdict::{Expectations, Verdict},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let search = Search::of(text);
    for found in &search.tokens {
        let reading = Reading::from(found);
        let _ = (reading.all_faults(), reading.findings(), reading.nested());
    }
    if let Ok(token) = UnverifiedToken::decode(text) {
        let _ = Verdict::of(&token, None, &Expectations::default(), jiff::Timestamp::UNIX_EPOCH);
    }
    if let Ok(object) = JsonObject::parse(text) {
        assert_eq!(json_text::compact(&object.pretty()), json_text::compact(text));
    }
    let _ = Jwk::parse(text);
    let _ = JwkSet::parse(text);
});
