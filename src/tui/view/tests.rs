mod pictures;
mod registrations;
mod rotation;
mod sandbox;

use std::{fmt::Write, sync::Arc};

use aws_lc_rs::rand::SystemRandom;
use jiff::SignedDuration;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

use super::*;
use crate::{
    config::settings::ThemeName,
    jose::{
        algorithm::{Algorithm, SignatureAlgorithm},
        claims::JsonObject,
        header::header_for,
        pem::{
            detect,
            fixture::{ED25519, P256, P384, P521, RSA2048, private},
        },
        token,
    },
    keystore::{
        import::{Offer, Standing as ImportStanding},
        record::{Half, Status},
    },
    net::request::{HeaderValue, Method, Request, Response},
    registry::answer::{Exchange, State as KeyState},
    sandbox::server::{LogLine, Server},
    secret::Secret,
    tui::app::effect::Effect,
    tui::{
        app::{
            activity::Severity,
            key::Key,
            msg::{Minted, Msg, Offered, Outcome, Presented, Refusal},
            state::Vault,
            toast::Toast,
            update::{start, update},
        },
        fixture::{done, empty, now, press, sandbox, select, state, text},
    },
};

mod clients;
mod decoding;
mod minting;

/// The three sizes that are looked at.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn drawn(state: &State, colours: Colours) -> Buffer {
    let (columns, rows) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(state, colours, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The symbols of a screen, line by line.
fn symbols(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let lines = buffer.content().chunks(width).map(|row| {
        let mut line = String::new();
        let mut hidden = 0;
        for cell in row {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            hidden = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs of cells that look alike, where they are not plain: place, look, text.
fn styles(buffer: &Buffer) -> String {
    let mut all = String::new();
    let width = usize::from(buffer.area.width);
    for (row, cells) in buffer.content().chunks(width).enumerate() {
        for run in cells.chunk_by(|one, other| {
            (one.fg, one.bg, one.modifier) == (other.fg, other.bg, other.modifier)
        }) {
            let text: String = run.iter().map(ratatui::buffer::Cell::symbol).collect();
            let look = run[0].style();
            let plain = run[0].modifier.is_empty() && run[0].fg == ratatui::style::Color::Reset;
            if !plain && !text.trim().is_empty() {
                let text = text.trim().trim_matches('─');
                writeln!(
                    all,
                    "{row:>2} {:?} {:?} {text}",
                    look.fg.unwrap(),
                    run[0].modifier
                )
                .unwrap();
            }
        }
    }
    all
}

fn look(name: &str, state: &State) {
    let (columns, rows) = state.size;
    let buffer = drawn(state, Colours::Ansi);
    compare(&format!("{name}-{columns}x{rows}"), &symbols(&buffer));
}

fn compare(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../../../tests/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A key registered at the sandbox, and its token accepted there.
fn accepted(columns: u16, rows: u16) -> State {
    let mut state = state(columns, rows);
    select(&mut state, "prod-2026-11");
    state.sandbox.found(sandbox(), now());
    let (thumbprint, record) = state.keys.selected().unwrap();
    let record = Arc::clone(record);
    let there = KeyState::Registered {
        id: record.kid.clone(),
    };
    state.register.saw(thumbprint, "sandbox", Ok(there), now());
    let differs = KeyState::Differs {
        id: record.kid.clone(),
        what: vec!["x5t".to_owned()],
    };
    let before = now() - SignedDuration::from_mins(2);
    state
        .register
        .saw(thumbprint, "gooddata-eu", Ok(differs), before);
    state.focus = Panel::Token;
    let effects = press(&mut state, &[Key::Char('m')]);
    let [Effect::Mint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let effects = done(
        &mut state,
        task,
        Outcome::Minted(Ok(Box::new(minted(&record)))),
    );
    let [Effect::Present { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    done(
        &mut state,
        task,
        Outcome::Presented(Ok(Box::new(profile()))),
    );
    for (method, path, status, note) in [
        ("POST", "/api/v1/entities/jwks", 201, "created prod-2026-11"),
        ("GET", "/api/v1/entities/jwks/prod-2026-11", 200, ""),
        ("GET", "/api/v1/profile", 200, "sub john.doe"),
        ("GET", "/api/v1/profile", 401, "no key \u{1b}[31mother"),
    ] {
        let line = LogLine {
            at: now(),
            server: Server::Auth,
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            note: note.to_owned(),
            micros: 800,
        };
        update(&mut state, Msg::SandboxLog(line), now());
    }
    state
}

fn minted(record: &Arc<crate::keystore::record::Record>) -> Minted {
    let claims = r#"{"sub":"john.doe","name":"John Doe","iat":1795615200,"jti":"0faac01a-f9b5-455e-a7f3-4c9b0d6141bd","exp":1795618800}"#;
    let claims = JsonObject::parse(claims).unwrap();
    let algorithm = SignatureAlgorithm::Asymmetric(record.alg);
    let header = header_for(algorithm, "JWT", Some(&record.kid));
    let key = private(RSA2048);
    let rng = SystemRandom::new();
    let token = token::mint(&header, &claims, Algorithm::Rs256, &key, &rng).unwrap();
    Minted {
        record: Arc::clone(record),
        template: Some("gooddata".to_owned()),
        token: Secret::new(token),
        header,
        claims,
    }
}

/// A key that is new, one that is here, one that lacks something, one whose name is taken, and what
/// is refused.
fn offered() -> Offered {
    let content = [P384, P256, ED25519, P521].concat().into_bytes();
    let mut offer = Offer::of(detect(&Secret::new(content)).unwrap());
    let reason = "RSA with 1024 bits: 2048 are the least that is safe";
    offer.refused.push(reason.to_owned());
    Offered {
        offer,
        standings: vec![
            ImportStanding::New,
            ImportStanding::Here("partner-ec".to_owned()),
            ImportStanding::Lacking("edge".to_owned()),
            ImportStanding::NameTaken("prod-2026-11".to_owned()),
        ],
        asked: None,
    }
}

fn profile() -> Presented {
    Presented {
        exchange: exchange(200, r#"{"name":"John Doe","userId":"john.doe"}"#),
    }
}

fn exchange(status: u16, body: &str) -> Exchange {
    let authorization = HeaderValue::Secret {
        scheme: "Bearer".to_owned(),
        value: Secret::new("s3cret".to_owned()),
    };
    Exchange {
        request: Request {
            method: Method::Get,
            url: "http://127.0.0.1:3001/api/v1/profile".to_owned(),
            headers: vec![("Authorization".to_owned(), authorization)],
            body: None,
        },
        response: Response {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            elapsed: std::time::Duration::from_millis(3),
        },
    }
}

#[test]
fn every_panel_at_every_size() {
    for (columns, rows) in SIZES {
        let mut state = accepted(columns, rows);
        for (name, panel) in [
            ("keys", Panel::Keys),
            ("certificate", Panel::Certificate),
            ("register", Panel::Register),
            ("token", Panel::Token),
            ("sandbox", Panel::Sandbox),
            ("activity", Panel::Activity),
        ] {
            state.focus = panel;
            // Side by side, one picture shows the four.
            if panel.is_one_of_four() && layout::shows_four(&state) && panel != Panel::Token {
                continue;
            }
            look(name, &state);
        }
    }
}

#[test]
fn the_panels_without_anything_in_them_say_what_they_would_show() {
    for (columns, rows) in SIZES {
        let mut state = empty(columns, rows, Vault::Open);
        update(&mut state, Msg::Entries(Ok(Vec::new())), now());
        for (name, panel) in [
            ("empty-keys", Panel::Keys),
            ("empty-sandbox", Panel::Sandbox),
            ("empty-activity", Panel::Activity),
        ] {
            state.focus = panel;
            look(name, &state);
        }
    }
}

#[test]
fn every_dialog_at_every_size() {
    for (columns, rows) in SIZES {
        let mut first = empty(columns, rows, Vault::Missing);
        start(&mut first, None);
        press(&mut first, &[Key::Enter]);
        look("dialog-first-start", &first);

        for (name, keys) in [
            ("dialog-new-key", &[Key::Char('n')][..]),
            ("dialog-register", &[Key::Char('r')]),
            ("dialog-help", &[Key::Char('?')]),
            (
                "dialog-palette",
                &[Key::Char(':'), Key::Char('m'), Key::Char('i')],
            ),
            ("dialog-copy", &[Key::Char('Y')]),
            ("dialog-details", &[Key::Char('1'), Key::Enter]),
            ("dialog-certificate-menu", &[Key::Char('2'), Key::Char('C')]),
            (
                "dialog-certificate-new",
                &[Key::Char('2'), Key::Char('C'), Key::Enter],
            ),
            (
                "dialog-compare",
                &[
                    Key::Char('1'),
                    Key::Char('g'),
                    Key::Char(' '),
                    Key::Char(' '),
                    Key::Char('='),
                ],
            ),
            (
                "dialog-export-private",
                &[
                    Key::Char('1'),
                    Key::Char('e'),
                    Key::Up,
                    Key::Right,
                    Key::Down,
                ],
            ),
            ("dialog-unlock", &[Key::Char('L'), Key::Char('m')]),
            ("dialog-filter", &[Key::Char('/'), Key::Char('e')]),
        ] {
            let mut state = accepted(columns, rows);
            press(&mut state, keys);
            look(name, &state);
        }

        let mut several = accepted(columns, rows);
        press(&mut several, &[Key::Char('i')]);
        text(&mut several, "many.pem");
        let effects = press(&mut several, &[Key::Enter]);
        let [Effect::Import { task, .. }] = effects[..] else {
            panic!("{effects:?}")
        };
        done(&mut several, task, Outcome::Offered(Arc::new(offered())));
        look("dialog-import", &several);

        let mut refused = accepted(columns, rows);
        let effects = press(&mut refused, &[Key::Char('r'), Key::Enter]);
        let [Effect::Register { task, .. }] = effects[..] else {
            panic!("{effects:?}")
        };
        let refusal = Refusal {
            summary: "sandbox (the sandbox) refused with 401: it does not accept the token"
                .to_owned(),
            exchanges: vec![exchange(401, r#"{"title":"Unauthorized"}"#)],
        };
        done(&mut refused, task, Outcome::Registered(Err(refusal)));
        look("dialog-refused", &refused);
    }
}

#[test]
fn a_terminal_that_is_too_small_is_told_so() {
    for (columns, rows) in [(79, 24), (80, 23), (20, 3), (1, 1)] {
        look("too-small", &state(columns, rows));
    }
}

#[test]
fn focus_selection_and_severity_can_be_seen_in_every_theme() {
    let mut state = accepted(120, 36);
    state.toast = Some(Toast::new(Severity::Care, "a word of care", now()));
    for theme in [ThemeName::Dark, ThemeName::Light, ThemeName::HighContrast] {
        state.theme = theme;
        compare(
            &format!("styles-{theme}"),
            &styles(&drawn(&state, Colours::Ansi)),
        );
    }
    let plain = styles(&drawn(&state, Colours::None));
    assert!(!plain.contains("Cyan"), "{plain}");
    compare("styles-no-color", &plain);
}

#[test]
fn no_secret_and_no_control_character_reaches_the_screen() {
    for panel in Panel::ALL {
        let mut state = accepted(200, 60);
        state.focus = panel;
        press(&mut state, &[Key::Enter]);
        let screen = symbols(&drawn(&state, Colours::Ansi));
        assert!(!screen.contains("s3cret"), "{screen}");
        assert!(!screen.chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn marks_tags_and_status_at_every_size() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        let changed = state.keys.records().map(|record| {
            let mut record = (**record).clone();
            record.tags = vec!["eu".to_owned(), record.kid[..4].to_owned()];
            if record.kid == "edge" {
                record.status = Status::Retired;
                record.half = Half::PublicOnly;
            }
            Arc::new(record)
        });
        for record in changed.collect::<Vec<_>>() {
            state.keys.put(&record, None);
        }
        press(&mut state, &[Key::Char(' '), Key::Char(' ')]);
        look("keys-marked", &state);
        for (name, key) in [
            ("dialog-sort", 's'),
            ("dialog-columns", 'c'),
            ("dialog-tags", 't'),
            ("dialog-status", 'S'),
            ("dialog-export-marked", 'e'),
        ] {
            press(&mut state, &[Key::Char(key)]);
            look(name, &state);
            press(&mut state, &[Key::Esc]);
        }
    }
}
