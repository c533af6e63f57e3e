use base64ct::{Base64UrlUnpadded, Encoding};
use proptest::prelude::*;

use super::*;

/// RFC 7515 appendix A.1.
const HS256: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7519 section 6.1.
const NONE: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.";
/// `{"alg":"dir","enc":"A128GCM"}`.
const JWE: &str =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";

/// The tokens of a text, with the place of each.
fn found(text: &str) -> Vec<(String, String)> {
    let told = |found: Found| {
        let Place { line, column, name } = found.place;
        let name = name.unwrap_or_default();
        (found.text, format!("{line}:{column} {name}"))
    };
    Search::of(text).tokens.into_iter().map(told).collect()
}

fn remarks(text: &str) -> Vec<String> {
    let tokens = Search::of(text).tokens;
    tokens[0].cleaned.iter().map(Cleaned::remark).collect()
}

#[test]
fn a_token_is_found_in_what_people_paste() {
    let broken: String = HS256
        .as_bytes()
        .chunks(64)
        .map(|line| format!("> {}\r\n", str::from_utf8(line).unwrap()))
        .collect();
    let halves = HS256.split_at(70);
    for (text, place) in [
        (HS256.to_owned(), "1:1 "),
        (format!("  \"{HS256}\",\n"), "1:4 "),
        (format!("Bearer {HS256}"), "1:8 "),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a.b.c\r\nAuthorization: Bearer {HS256}\r\nAccept: */*\r\n\r\n"
            ),
            "3:23 Authorization",
        ),
        (
            format!("{{\n  \"access_token\": \"{HS256}\",\n  \"expires_in\": 300\n}}"),
            "2:20 access_token",
        ),
        (format!("Cookie: a=b; session={HS256}; c=d"), "1:22 session"),
        (
            format!("https://app.example/cb#id_token={HS256}&state=x.y.z"),
            "1:33 id_token",
        ),
        (
            format!(
                "https://a.b/?jwt={}",
                HS256.replace('.', "%2E").replace('-', "%2D")
            ),
            "1:18 jwt",
        ),
        (format!("q=Bearer%20{HS256}%22"), "1:12 q"),
        (
            format!("curl -H 'Authorization: Bearer {HS256}' https://api.example"),
            "1:32 Authorization",
        ),
        (
            format!("-----BEGIN JWT-----\n{HS256}\n-----END JWT-----\n"),
            "2:1 ",
        ),
        (
            format!("{{\"body\":\"{{\\\"id_token\\\":\\\"{HS256}\\\"}}\"}}"),
            "1:26 id_token",
        ),
        (broken, "1:3 "),
        (
            format!("token: {}\\\n   {}\nthanks", halves.0, halves.1),
            "1:8 token",
        ),
        (
            format!("jwt = \"{}\" +\n  \"{}\";", halves.0, halves.1),
            "1:8 jwt",
        ),
        (format!("see {HS256}."), "1:5 "),
        (format!("\u{201c}{HS256}\u{201d}"), "1:2 "),
        (HS256.replace('.', ".\u{200b}\n  "), "1:1 "),
        (HS256.replace('.', "\n.\n"), "1:1 "),
    ] {
        assert_eq!(
            found(&text),
            [(HS256.to_owned(), place.to_owned())],
            "{text}"
        );
    }
}

#[test]
fn what_was_taken_away_is_told() {
    let broken = HS256.replace('.', ".\n  ");
    assert_eq!(
        remarks(&format!("Authorization: Bearer \"{broken}\"")),
        [
            "Bearer taken away",
            "quotes taken away",
            "white space inside taken away"
        ]
    );
    assert_eq!(
        remarks(&HS256.replace('.', "%2e")),
        ["escapes inside resolved"]
    );
    assert_eq!(
        remarks(&format!("{HS256}...")),
        ["dots at its end taken away"]
    );
    assert_eq!(
        remarks(&format!("s.jwt.{HS256}")),
        ["what stood before its header taken away"]
    );
}

#[test]
fn every_kind_of_token_is_found_once() {
    let text = format!("a {HS256} b {NONE} c {JWE}\nagain {HS256}");
    let search = Search::of(&text);
    let told: Vec<(&str, usize)> = search
        .tokens
        .iter()
        .map(|found| (found.text.as_str(), found.times))
        .collect();
    assert_eq!(told, [(HS256, 2), (NONE, 1), (JWE, 1)]);
    assert_eq!(search.skipped, "abcagain".len());
}

#[test]
fn the_json_forms_are_found_with_what_stands_around_them() {
    let flattened = r#"{"payload":"e30","protected":"eyJhbGciOiJub25lIn0","signature":""}"#;
    let encrypted = r#"{"protected":"e30","ciphertext":"AA"}"#;
    let text = format!("{{\"request\": {flattened}, \"x\": [{encrypted}]}}");
    assert_eq!(
        found(&text),
        [
            (flattened.to_owned(), "1:13 request".to_owned()),
            (encrypted.to_owned(), "1:87 ".to_owned())
        ]
    );
}

#[test]
fn a_sentence_around_a_token_is_left_alone() {
    let short = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln";
    for text in [
        format!("the token {short} was refused by the server"),
        format!("{short}\nthanks"),
        format!("Authorization: Bearer {short}\nContent-Type: text/plain"),
    ] {
        let tokens = Search::of(&text).tokens;
        assert_eq!(tokens[0].text, short, "{text}");
        assert_eq!(tokens.len(), 1);
    }
}

#[test]
fn what_is_broken_is_kept_and_what_only_begins_like_a_token_is_told() {
    let no_signature = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ";
    let broken_header = "eJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln";
    let text = format!("{no_signature} {broken_header} eyJhbGciOiJIUzI1NiJ9");
    let search = Search::of(&text);
    let texts: Vec<&str> = search
        .tokens
        .iter()
        .map(|each| each.text.as_str())
        .collect();
    assert_eq!(texts, [no_signature, broken_header]);
    let passed: Vec<(usize, usize)> = search
        .passed
        .iter()
        .map(|passed| (passed.place.column, passed.parts))
        .collect();
    assert_eq!(passed, [(69, 1)]);
    // Alone it is shown as far as it goes.
    let alone = Search::of("eyJhbGciOiJIUzI1NiJ9");
    assert_eq!((alone.tokens.len(), alone.passed.len()), (1, 0));
    assert_eq!(found("a.b"), [("a.b".to_owned(), "1:1 ".to_owned())]);
    for text in ["", " \n", "no token here", "https://a.b.c/d", "[]"] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn hostile_texts_end() {
    let mebibyte = 1 << 20;
    for text in [
        ".".repeat(mebibyte),
        format!("eyJ{}", ".".repeat(mebibyte)),
        "eyJa ".repeat(mebibyte / 5),
        "eyJa. ".repeat(mebibyte / 6),
        "eyJa.eyJb. a".repeat(mebibyte / 12),
        format!("eyJa.eyJb.c{}", " defghijkl".repeat(mebibyte / 10)),
        format!("\"payload\"{}", "{\"a\":".repeat(mebibyte / 5)),
        format!("\"payload\"{}", "{\"a\":\"".repeat(mebibyte / 6)),
        format!("{{\"payload\":{}", "[".repeat(100_000)),
        "%25".repeat(mebibyte / 3),
        "\\".repeat(mebibyte),
        "\"".repeat(mebibyte),
        "=".repeat(mebibyte),
        format!("eyJ{}", "=+/".repeat(mebibyte / 3)),
        "a.eyJ".repeat(mebibyte / 5),
    ] {
        assert!(Search::of(&text).tokens.len() <= MOST);
    }
}

/// Tokens whose signatures are as long as their algorithms make them.
fn token() -> impl Strategy<Value = String> {
    let signatures = prop_oneof![
        Just(("HS256", 43)),
        Just(("ES256", 86)),
        Just(("RS256", 342)),
        Just(("none", 0)),
    ];
    (signatures, "[a-z]{0,40}").prop_flat_map(|((alg, length), sub)| {
        let b64 = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
        let header = b64(format!("{{\"alg\":\"{alg}\"}}"));
        let claims = b64(format!("{{\"sub\":\"{sub}\"}}"));
        proptest::string::string_regex(&format!("[A-Za-z0-9_-]{{{length}}}"))
            .unwrap()
            // Three letters in it that begin an object would be another token to the eye, too.
            .prop_filter("begins like a header", |signature| {
                !signature.contains("ey")
            })
            .prop_map(move |signature| format!("{header}.{claims}.{signature}"))
    })
}

/// What stands around a token.
fn wrapping() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("", "")),
        Just(("Authorization: Bearer ", "\r\nAccept: */*\r\n")),
        Just(("{\"access_token\":\"", "\",\"token_type\":\"Bearer\"}")),
        Just(("https://a.example/cb?x=1&id_token=", "&state=abc.def.ghi")),
        Just(("https://a.example/cb#jwt=", "")),
        Just(("Set-Cookie: s=", "; Path=/; HttpOnly")),
        Just(("'", "'")),
        Just(("\u{201c}", "\u{201d} he said")),
        Just(("> ", "\n> thanks")),
        Just(("-----BEGIN TOKEN-----\n", "\n-----END TOKEN-----")),
        Just(("<a href=\"/?t=", "\">x</a>")),
        Just(("token%3D", "%26x")),
    ]
}

/// How a token is broken.
#[derive(Clone, Copy, Debug)]
enum Break {
    Not,
    Lines(usize, &'static str),
    Dots(&'static str),
    Escaped,
}

proptest! {
    #[test]
    fn any_token_is_found_in_any_wrapping(
        token in token(),
        (before, after) in wrapping(),
        how in prop_oneof![
            Just(Break::Not),
            (40_usize..100, prop_oneof![Just("\n"), Just("\r\n   "), Just("\\\n"), Just("\n> ")])
                .prop_map(|(width, feed)| Break::Lines(width, feed)),
            prop_oneof![Just(".\n"), Just("\n."), Just(" . ")].prop_map(Break::Dots),
            Just(Break::Escaped),
        ],
    ) {
        let written = match how {
            Break::Not => token.clone(),
            Break::Lines(width, feed) => {
                let lines = token.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap());
                lines.collect::<Vec<_>>().join(feed)
            }
            Break::Dots(dot) => token.replace('.', dot),
            Break::Escaped => token.replace('.', "%2E"),
        };
        let text = format!("{before}{written}{after}");
        let search = Search::of(&text);
        let texts: Vec<&str> = search.tokens.iter().map(|found| found.text.as_str()).collect();
        prop_assert_eq!(texts, [token.as_str()], "{}", text);
    }

    #[test]
    fn no_text_makes_the_search_panic(text: String) {
        let _ = Search::of(&text);
    }

    #[test]
    fn no_text_of_tokens_letters_makes_the_search_panic(text in "[eyJ.=+/%2E\"\\\\{} \n:abc]{0,80}") {
        let _ = Search::of(&text);
    }
}
