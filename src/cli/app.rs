//! `keyfob`, `keyfob open`: the terminal app

use std::{env, path::Path};

use super::{exit::Exit, failure::Failure, files, session::Session};
use crate::tui::{self, Options, app::effect::Leave, view::theme::Colours};

pub(super) fn run(file: Option<&Path>, session: &Session) -> Result<Exit, Failure> {
    // https://no-color.org: set and not empty.
    let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let options = Options {
        home: session.home().clone(),
        passphrase: session.passphrase_of_file()?,
        colours: if plain { Colours::None } else { Colours::Ansi },
        opened: file.map(files::read).transpose()?,
    };
    Ok(match tui::run(options)? {
        Leave::Quit => Exit::Done,
        Leave::Signal(number) => Exit::by_signal(number),
    })
}
