//! Panel 4 while tokens of others are read: every verdict, folded, searched, expected.

use super::*;

#[test]
fn the_decoder_with_every_verdict() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        select(&mut state, "prod-2026-11");
        let record = Arc::clone(state.keys.selected().unwrap().1);
        let token = minted(&record).token.expose().clone();
        let unknown = token::mint(
            &JsonObject::parse(r#"{"alg":"RS256","kid":"elsewhere"}"#).unwrap(),
            &JsonObject::parse(r#"{"sub":"a"}"#).unwrap(),
            Algorithm::Rs256,
            &private(RSA2048),
            &SystemRandom::new(),
        )
        .unwrap();
        let evil = token::signing_input(
            &JsonObject::parse("{\"alg\":\"none\\u001b[31m\\u202e\"}").unwrap(),
            &JsonObject::parse(r#"{"exp":1}"#).unwrap(),
        ) + ".";
        for (name, text) in [
            ("decode-valid", token.as_str()),
            ("decode-invalid", &evil),
            ("decode-not-checked", &unknown),
            ("decode-undecodable", "not a token"),
            ("decode-cut-off", &token[..token.rfind('.').unwrap() - 3]),
        ] {
            update(&mut state, Msg::Paste(Secret::new(text.to_owned())), now());
            look(name, &state);
        }
        press(&mut state, &[Key::Char('w')]);
        look("dialog-why-cut-off", &state);
        press(&mut state, &[Key::Esc]);
        update(&mut state, Msg::Paste(Secret::new(evil)), now());
        press(&mut state, &[Key::Char('w')]);
        look("dialog-why", &state);
        press(&mut state, &[Key::Esc]);
        let two = format!("{{\"access_token\":\"{token}\",\"id_token\":\"{unknown}\"}}");
        update(&mut state, Msg::Paste(Secret::new(two)), now());
        press(&mut state, &[Key::Char('W')]);
        look("decode-two-cut", &state);
        press(&mut state, &[Key::Char('f')]);
        look("dialog-found", &state);
    }
}

#[test]
fn a_decoded_token_is_folded_and_searched() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        let header = JsonObject::parse(
            r#"{"alg":"RS256","kid":"elsewhere","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}"#,
        )
        .unwrap();
        let claims = JsonObject::parse(
            r#"{"sub":"a","scope":"read","groups":["readers","writers"],"address":{"city":"Brno"}}"#,
        )
        .unwrap();
        let token = format!("{}.AAAA", token::signing_input(&header, &claims));
        update(&mut state, Msg::Paste(Secret::new(token)), now());
        press(&mut state, &[Key::Enter]);
        look("decode-folded", &state);
        press(&mut state, &[Key::Char('/')]);
        text(&mut state, "READ");
        press(&mut state, &[Key::Enter]);
        look("decode-search", &state);
        if (columns, rows) == SIZES[0] {
            let buffer = drawn(&state, Colours::None);
            compare("style-decode-search", &styles(&buffer));
        }
        press(&mut state, &[Key::Esc, Key::Char('x')]);
        text(&mut state, "https://idp.example");
        press(&mut state, &[Key::Tab]);
        text(&mut state, "https://api.example/");
        look("dialog-expectations", &state);
        press(&mut state, &[Key::Enter]);
        look("decode-expected", &state);
        press(&mut state, &[Key::Char('x')]);
        press(&mut state, &[Key::Tab; 6]);
        press(&mut state, &[Key::Char('i'), Key::Enter]);
        look("dialog-expectations-sends", &state);
    }
}
