//! `keyfob decode`: its options, and a command line of nothing else.

use clap::{Args, Parser, Subcommand};

use super::{Arguments, Command, Common};

#[derive(Args, Debug)]
pub(in crate::cli) struct DecodeOptions {
    /// The token or a text with tokens in it, a file that holds it, or - for stdin (the default)
    #[arg(value_name = "TOKEN|FILE|-")]
    pub(in crate::cli) token: Option<String>,
}

/// The command line without every other command: to set those up takes longer than to decode.
#[derive(Debug, Parser)]
#[command(name = "keyfob")]
pub(super) struct DecodeAlone {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: OneCommand,
}

#[derive(Debug, Subcommand)]
enum OneCommand {
    Decode(DecodeOptions),
}

impl From<DecodeAlone> for Arguments {
    fn from(alone: DecodeAlone) -> Self {
        let OneCommand::Decode(options) = alone.command;
        Self {
            common: alone.common,
            command: Some(Command::Decode(options)),
        }
    }
}
