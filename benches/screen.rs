//! The screen: the first frame with 10 and with 10,000 keys, and a key press to its frame while
//! filtering, at 200×60.

#![expect(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod many;

use std::collections::BTreeMap;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{Timestamp, tz::TimeZone};
use keyfob::{
    config::settings::Settings,
    jose::template::Template,
    keystore::{record::Entry, store::Keystore},
    registry::book::Endpoints,
    tui::{
        app::{
            key::Key,
            keymap::Keymap,
            msg::{Configuration, Msg},
            state::{Start, State, Vault},
            update::update,
        },
        view::{draw, theme::Colours},
    },
    x509::profile::Profile,
};
use ratatui::{Terminal, backend::TestBackend};

const SIZE: (u16, u16) = (200, 60);

fn state(keystore: &Keystore, entries: Vec<Entry>) -> State {
    let settings = Settings::default();
    let endpoints = Endpoints::load(keystore.home(), &settings).expect("endpoints");
    let mut state = State::new(Start {
        size: SIZE,
        now: Timestamp::now(),
        zone: TimeZone::UTC,
        vault: Vault::Open,
        configuration: Configuration {
            settings,
            endpoints,
            templates: Template::builtin().expect("templates"),
            profiles: Profile::builtin().expect("profiles"),
        },
        banner: None,
        keymap: Keymap::new(&BTreeMap::new()).expect("a keymap"),
        opened: None,
    });
    update(&mut state, Msg::Entries(Ok(entries)), Timestamp::now());
    state
}

fn screen(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("screen");
    group.sample_size(30);
    for count in [10, 10_000] {
        let (_folder, keystore) = many::keystore(count);
        let entries = keystore.list().expect("the list");
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a screen");
        group.bench_function(format!("first frame, {count} keys"), |bencher| {
            bencher.iter(|| {
                let state = state(&keystore, entries.clone());
                terminal
                    .draw(|frame| draw(&state, Colours::Ansi, frame))
                    .expect("a frame");
            });
        });
        let mut state = state(&keystore, entries);
        update(&mut state, Msg::Key(Key::Char('/')), Timestamp::now());
        let mut keys = [
            Key::Char('9'),
            Key::Char('1'),
            Key::Backspace,
            Key::Backspace,
        ]
        .into_iter()
        .cycle();
        group.bench_function(format!("key press to frame, {count} keys"), |bencher| {
            bencher.iter(|| {
                let key = keys.next().expect("an endless row");
                update(&mut state, Msg::Key(key), Timestamp::now());
                terminal
                    .draw(|frame| draw(&state, Colours::Ansi, frame))
                    .expect("a frame");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, screen);
criterion_main!(benches);
