//! The pictures of the README.

use std::{fmt::Write, fs, path::Path, sync::Arc};

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use super::{Colours, accepted, clients, drawn, minted};
use crate::{
    registry::answer::State as KeyState,
    secret::Secret,
    tui::{
        app::{
            effect::Effect,
            key::Key,
            msg::{Msg, Outcome, Progress},
            panel::Panel,
            state::State,
            update::update,
        },
        fixture::{done, many, now, press, rotation, sandbox, text},
    },
};

/// What makes the state of a picture.
type Scene = fn() -> State;

/// Where one differs from what is drawn, the new one lies in `target/screens`, to be looked at and
/// copied.
#[test]
fn the_pictures_show_what_is_drawn() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/screens");
    let mut new = Vec::new();
    let pictures: [(&str, Scene); 6] = [
        ("main", || accepted(120, 36)),
        ("register", request),
        ("matrix", matrix),
        ("rotation", guide),
        ("verdict", verdict),
        ("clients", || clients::answered(120, 30)),
    ];
    for (name, state) in pictures {
        let picture = svg(&drawn(&state(), Colours::Ansi));
        let kept = root.join("assets/screens").join(format!("{name}.svg"));
        if fs::read_to_string(&kept).ok().as_deref() != Some(picture.as_str()) {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{name}.svg")), picture).unwrap();
            new.push(name);
        }
    }
    assert!(
        new.is_empty(),
        "not what is drawn, new in {}: {new:?}",
        folder.display()
    );
}

/// The request that registers a key at the sandbox.
fn request() -> State {
    let mut state = accepted(120, 36);
    press(&mut state, &[Key::Char('r')]);
    state
}

/// All keys at all endpoints.
fn matrix() -> State {
    let mut state = many(100, 24, 12, 4);
    state.sandbox.found(sandbox(), now());
    state.focus = Panel::Register;
    press(&mut state, &[Key::Char('o'), Key::Char('z')]);
    let effects = press(&mut state, &[Key::Ctrl('r')]);
    let survey = effects.iter().find_map(|effect| match effect {
        Effect::Survey { task, questions } => Some((*task, questions)),
        _ => None,
    });
    let (task, questions) = survey.unwrap();
    for (place, question) in questions.iter().enumerate() {
        let id = question.record.kid.clone();
        let said = match (place / 5 + place) % 5 {
            1 | 3 => Ok(KeyState::NotThere),
            2 => Ok(KeyState::Differs {
                id,
                what: vec!["x5t".to_owned()],
            }),
            _ => Ok(KeyState::Registered { id }),
        };
        let seen = Progress::Seen {
            thumbprint: question.record.thumbprint(),
            endpoint: question.endpoint.clone(),
            state: said,
        };
        update(&mut state, Msg::Progress(task, seen), now());
    }
    done(&mut state, task, Outcome::Surveyed);
    state
}

/// A rotation that waits for caches.
fn guide() -> State {
    let mut state = accepted(120, 36);
    update(&mut state, Msg::Rotations(Ok(vec![rotation(2)])), now());
    press(&mut state, &[Key::Char('1'), Key::Char('R')]);
    state
}

/// A token for another audience, and why a server may refuse it.
fn verdict() -> State {
    let mut state = accepted(120, 36);
    let record = Arc::clone(state.keys.selected().unwrap().1);
    let token = minted(&record).token;
    let pasted = format!("Authorization: Bearer {}", token.expose());
    update(&mut state, Msg::Paste(Secret::new(pasted)), now());
    press(&mut state, &[Key::Char('x'), Key::Tab]);
    text(&mut state, "https://api.example");
    press(&mut state, &[Key::Enter, Key::Char('w')]);
    state
}

/// A screen as SVG: one text element a run of cells.
fn svg(buffer: &Buffer) -> String {
    let (width, height) = (buffer.area.width, buffer.area.height);
    let (cell, line) = (8.4, 18.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.1} {:.1}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"#14161b\"/>\n",
        f64::from(width) * cell,
        f64::from(height) * line,
    );
    for (row, cells) in buffer.content().chunks(usize::from(width)).enumerate() {
        let mut column = 0;
        for run in cells.chunk_by(|one, other| (one.fg, one.modifier) == (other.fg, other.modifier))
        {
            let text: String = run.iter().map(Cell::symbol).collect();
            let colour = match run[0].fg {
                Color::Cyan => "#4ec9d8",
                Color::LightRed | Color::Red => "#f26d6d",
                Color::Yellow => "#e0b050",
                Color::Green => "#6cc070",
                Color::LightMagenta => "#d78bd7",
                Color::LightBlue => "#7aa2f7",
                _ if run[0].modifier.contains(Modifier::DIM) => "#7d8390",
                _ => "#d5d8de",
            };
            let weight = if run[0].modifier.contains(Modifier::BOLD) {
                " font-weight=\"bold\""
            } else {
                ""
            };
            if !text.trim().is_empty() {
                let text = text
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;");
                writeln!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"{colour}\"{weight}>{text}</text>",
                    f64::from(u16::try_from(column).unwrap()) * cell,
                    f64::from(u16::try_from(row).unwrap()) * line + 13.5,
                    f64::from(u16::try_from(run.len()).unwrap()) * cell,
                )
                .unwrap();
            }
            column += run.len();
        }
    }
    svg.push_str("</svg>\n");
    svg
}
