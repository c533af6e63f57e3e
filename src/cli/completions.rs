//! `keyfob completions`

use clap::CommandFactory;
use clap_complete::Shell;

use super::{arguments::Arguments, exit::Exit, failure::Failure, output::Output};

pub(super) fn run(shell: Shell, output: &mut Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "keyfob", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Done)
}
