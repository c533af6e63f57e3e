//! The command line: results go to stdout, words to stderr; one file a command.

mod arguments;
mod completions;
mod decode;
mod exit;
mod failure;
mod files;
mod man;
mod output;
mod token_source;

use clap::Parser;

pub use exit::Exit;

use self::{
    arguments::{Arguments, Command},
    failure::Failure,
    output::Output,
};

/// Runs the command line of this process and returns its exit code.
pub fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error).code(),
    };
    let mut output = Output::standard(arguments.json);
    let exit = match execute(arguments.command, &mut output) {
        Ok(exit) => exit,
        Err(failure) => output.failure(&failure),
    };
    exit.code()
}

/// clap's own words for help and bad usage.
fn usage(error: &clap::Error) -> Exit {
    // A closed pipe is the reader's choice, not an error of ours.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    }
}

fn execute(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Decode { token } => decode::run(token.as_deref(), output),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Man => man::run(output),
    }
}
