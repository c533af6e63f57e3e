//! The command line as clap reads it. The doc comments are the help text.

use clap::{Parser, Subcommand};
use clap_complete::Shell;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, valid, in step
  1  the answer is no: invalid, not checked, refused by policy, drift, a finding of doctor
  2  usage, bad input or configuration
  3  not found
  4  locked or wrong passphrase
  5  the network or the remote service said no
  6  the disk or the lock: full, not ours, busy after 5 s";

/// From a signing key to a token that somebody else's server accepts.
#[derive(Debug, Parser)]
#[command(name = "keyfob", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(super) struct Arguments {
    /// Print JSON: one object or array
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take a token apart without verifying it
    Decode {
        /// The token, a file that holds it, or - for stdin (the default)
        #[arg(value_name = "TOKEN|FILE|-")]
        token: Option<String>,
    },
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::exit::Exit;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_exit_code() {
        for (exit, meaning) in Exit::TABLE {
            let line = format!("  {}  {meaning}", exit.code());
            assert!(EXIT_CODES.contains(&line), "{line}");
        }
    }
}
