//! Parses arguments, calls the library, maps the error to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(keyfob::cli::run())
}
