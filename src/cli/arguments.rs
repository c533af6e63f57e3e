//! The command line as clap reads it. The doc comments are the help text.

mod by_hand;
mod certificates;
mod clients;
mod decode;
mod endpoints;
mod named;
mod rotate;
mod sandbox;
mod sets;
mod tokens;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValue};
use clap_complete::Shell;

use self::by_hand::ByHandOptions;
pub(super) use self::clients::{CallOptions, ClientAddOptions, ClientsCommand, TokenOptions};
pub(super) use self::{
    certificates::{CertCommand, CertNewOptions, CsrOptions, SubjectOptions},
    decode::DecodeOptions,
    endpoints::{EndpointAddOptions, EndpointsCommand},
    rotate::RotateOptions,
    sandbox::{ApiOptions, AuthOptions, Manners, SandboxCommand, SandboxOptions},
    sets::{ImportOptions, JwksOptions},
    tokens::{MintOptions, TemplatesCommand, VerifyOptions, WhyOptions},
};
use self::{decode::DecodeAlone, named::Named};
use super::exit::Exit;
use crate::{
    jose::algorithm::Algorithm,
    keystore::{
        export::{Form, Halves},
        record::Status,
    },
};

/// From a signing key to a token that somebody else's server accepts.
#[derive(Debug, Parser)]
#[command(name = "keyfob", version, after_help = exit_codes(), max_term_width = 100)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// None starts the terminal app
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Args, Debug)]
pub(super) struct Common {
    /// Print JSON: one object or array
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Read the passphrase from the first line of FILE (0600 and yours, or a pipe)
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "KEYFOB_PASSPHRASE_FILE",
        hide_env = true
    )]
    pub(super) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    /// Open the app on a file: keys are imported, a token is taken apart
    Open {
        /// The file; its kind is told from the content
        file: PathBuf,
    },
    /// Create the keystore
    Init(InitOptions),
    /// Create, list, move and convert keys
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Print the public JWK Set of all keys, or of those named; or look at one that is published
    Jwks(JwksOptions),
    /// Show, make, renew, ask for and import certificates
    Cert {
        #[command(subcommand)]
        command: CertCommand,
    },
    /// Compare two keys, certificates or tokens member by member; exit 1 when they differ
    Diff {
        /// A kid of the keystore, a file, - for stdin, or a token
        #[arg(value_name = "KID|FILE|TOKEN")]
        a: String,
        /// What it is compared with
        #[arg(value_name = "KID|FILE|TOKEN")]
        b: String,
    },
    /// List, show, add, check and remove the endpoints where keys can be registered
    Endpoints {
        #[command(subcommand)]
        command: EndpointsCommand,
    },
    /// Register a key's public half at an endpoint and read it back
    Register(RegisterOptions),
    /// Remove a key from an endpoint
    Unregister(UnregisterOptions),
    /// Show where keys are registered
    Registrations(RegistrationsOptions),
    /// Sign a token and print it
    Mint(MintOptions),
    /// The claims that tokens are minted from, and what their services accept
    Templates {
        #[command(subcommand)]
        command: TemplatesCommand,
    },
    /// Take tokens apart without verifying them
    ///
    /// Finds the tokens in whatever is given: an HTTP header, a JSON response, a URL, a cookie, a mail
    /// with quotes and line breaks. Shows JWS and JWE in their compact and JSON forms, whatever their
    /// alg, and tokens in tokens; says what it skipped. A broken token is shown as far as it can be
    /// read (exit code 2).
    Decode(DecodeOptions),
    /// Judge a token: valid, invalid or not checked, with every single check
    Verify(VerifyOptions),
    /// Say every reason why a server may refuse a token, the likeliest first, with its remedy
    Why(WhyOptions),
    /// List, show, add and remove OAuth clients that prove themselves with a key
    Clients {
        #[command(subcommand)]
        command: ClientsCommand,
    },
    /// Get an access token as a client (`private_key_jwt`) and print it
    Token(TokenOptions),
    /// Call an API with a client's access token; status and headers go to stderr
    Call(CallOptions),
    /// Serve the authorization server, key registry and protected API on loopback until Ctrl-C
    Sandbox(SandboxOptions),
    /// Change the passphrase; one file is rewritten
    Passwd(PasswdOptions),
    /// Write everything (keys, secrets, configuration) into one file that a passphrase opens
    Backup(BackupOptions),
    /// Bring in from a backup what is not here; what is here is never changed
    Restore(RestoreOptions),
    /// Look over the keystore and the configuration, and say what is wrong and what mends it
    Doctor(DoctorOptions),
    /// Print the completion script of a shell
    Completions { shell: Shell },
    /// Print the manual page
    Man,
}

#[derive(Args, Debug)]
pub(super) struct InitOptions {
    /// Keep the keys without a passphrase
    #[arg(long)]
    pub(super) no_passphrase: bool,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum KeysCommand {
    /// Generate a key with its certificate
    New(NewKeyOptions),
    /// List the keys
    List(ListOptions),
    /// Show one key
    Show { kid: String },
    /// Give a key another kid
    Rename { kid: String, new: String },
    /// Give a key tags, or take them
    Tag(TagOptions),
    /// Say where a key stands in its life: active, retired or revoked
    Status {
        kid: String,
        #[arg(value_parser = statuses(), hide_possible_values = true)]
        status: Status,
    },
    /// Let the next key of its kind take over from a key, step by step
    ///
    /// Does every step that can be done now, says what it waits for and until when (exit code 1), and
    /// goes on from there when it is run again; exit code 0 when the old key is retired.
    Rotate(RotateOptions),
    /// Move a key to the trash
    Rm {
        kid: String,
        /// Also where it is registered somewhere
        #[arg(long)]
        force: bool,
    },
    /// List the trash
    Trash,
    /// Bring a key back from the trash
    Restore { kid: String },
    /// Import keys and certificates; the kind is told from the content
    Import(ImportOptions),
    /// Print or write a key in another form
    Export(ExportOptions),
}

#[derive(Args, Debug)]
pub(super) struct ListOptions {
    /// Those with this tag only; several: with all of them
    #[arg(long)]
    pub(super) tag: Vec<String>,
    /// Those of this status only: active, retired or revoked
    #[arg(long, value_parser = statuses(), hide_possible_values = true)]
    pub(super) status: Option<Status>,
}

#[derive(Args, Debug)]
pub(super) struct TagOptions {
    pub(super) kid: String,
    /// Tags, without spaces and commas in them
    #[arg(value_name = "TAG", required = true)]
    pub(super) tags: Vec<String>,
    /// Take them instead
    #[arg(long)]
    pub(super) remove: bool,
}

#[derive(Args, Debug)]
pub(super) struct NewKeyOptions {
    /// The key's name: 1–255 of A–Z a–z 0–9 . _ ~ : @ - [default: its RFC 7638 thumbprint]
    pub(super) kid: Option<String>,
    /// RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA or Ed25519
    /// [default: RS256]
    #[arg(long, value_parser = algorithms(), hide_possible_values = true)]
    pub(super) alg: Option<Algorithm>,
    /// Size of an RSA key, 2048 to 8192 [default: 2048]
    #[arg(long)]
    pub(super) bits: Option<u32>,
    /// Certificate profile, or none [default: minimal]
    #[arg(long, value_name = "PROFILE|none")]
    pub(super) cert: Option<String>,
    #[command(flatten)]
    pub(super) subject: SubjectOptions,
}

#[derive(Args, Debug)]
pub(super) struct ExportOptions {
    pub(super) kid: String,
    /// The form
    #[arg(long = "as", value_name = "FORM")]
    pub(super) form: Form,
    /// The private half, where the form can hold either
    #[arg(long)]
    pub(super) private: bool,
    /// Write to FILE (0600); - says that a private form may go to stdout
    #[arg(long, value_name = "FILE|-")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite FILE
    #[arg(long)]
    pub(super) force: bool,
    /// Seal with the passphrase on the first line of PFILE (0600 and yours, or a pipe)
    #[arg(long, value_name = "PFILE", requires = "private")]
    pub(super) file_passphrase_file: Option<PathBuf>,
}

impl Arguments {
    /// Reads `arguments`, the first of which is the program's name.
    pub(super) fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        // What it cannot read, the whole command line tells best.
        if arguments.get(1).is_some_and(|first| first == "decode")
            && let Ok(alone) = DecodeAlone::try_parse_from(arguments)
        {
            return Ok(alone.into());
        }
        Self::try_parse_from(arguments)
    }
}

impl ValueEnum for Form {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let how = match self.halves() {
            Halves::Either => "; the private half with --private",
            Halves::Private => "; needs --private",
            Halves::Public => "",
        };
        Some(PossibleValue::new(self.name()).help(format!("{}{how}", self.meaning())))
    }
}

#[derive(Args, Debug)]
pub(super) struct RegisterOptions {
    pub(super) kid: String,
    /// The endpoint
    #[arg(long, value_name = "NAME")]
    pub(super) at: String,
    /// Print all that would be sent, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) by_hand: ByHandOptions,
}

#[derive(Args, Debug)]
pub(super) struct UnregisterOptions {
    pub(super) kid: String,
    /// The endpoint
    #[arg(long, value_name = "NAME")]
    pub(super) at: String,
    /// Also where it is the last key of the client that the endpoint is: the client is deleted
    #[arg(long)]
    pub(super) last: bool,
    /// Print all that would be sent, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) by_hand: ByHandOptions,
}

#[derive(Args, Debug)]
pub(super) struct RegistrationsOptions {
    /// One endpoint only
    #[arg(long, value_name = "NAME")]
    pub(super) at: Option<String>,
    /// Ask the endpoints instead of telling what is recorded; with --at, list all keys there
    #[arg(long)]
    pub(super) refresh: bool,
    /// Note keys of ours that are there and were not known to be
    #[arg(long, requires = "at", requires = "refresh")]
    pub(super) adopt: bool,
}

#[derive(Args, Debug)]
pub(super) struct PasswdOptions {
    /// Read the new passphrase from the first line of FILE
    #[arg(long, value_name = "FILE", conflicts_with = "no_passphrase")]
    pub(super) new_passphrase_file: Option<PathBuf>,
    /// Keep the keys without a passphrase from now on
    #[arg(long)]
    pub(super) no_passphrase: bool,
}

#[derive(Args, Debug)]
pub(super) struct BackupOptions {
    /// The file, an age file: age -d FILE | tar t lists it
    pub(super) file: PathBuf,
    /// Read the file's passphrase from the first line of FILE instead of asking for it twice
    #[arg(long, value_name = "FILE")]
    pub(super) file_passphrase_file: Option<PathBuf>,
    /// Overwrite FILE
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Debug)]
pub(super) struct RestoreOptions {
    /// What keyfob backup wrote, or - for stdin
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
    /// Read the file's passphrase from the first line of FILE instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub(super) file_passphrase_file: Option<PathBuf>,
    /// Where there is no keystore yet: create one without a passphrase
    #[arg(long)]
    pub(super) no_passphrase: bool,
}

#[derive(Args, Debug)]
pub(super) struct DoctorOptions {
    /// Mend what is safe: modes of your own files, what ended writes left, a missing recipient.txt
    #[arg(long)]
    pub(super) fix: bool,
}

fn algorithms() -> Named<Algorithm> {
    Named::of(Algorithm::ALL.map(Algorithm::name))
}

fn statuses() -> Named<Status> {
    Named::of(Status::ALL.map(Status::name))
}

/// What `--help` tells below the options.
fn exit_codes() -> String {
    let codes: Vec<String> = Exit::TABLE
        .iter()
        .map(|(exit, meaning)| format!("  {}  {meaning}", exit.code()))
        .collect();
    format!(
        "Exit codes:\n{}\n\nKEYFOB_HOME moves all files to one folder; KEYFOB_PASSPHRASE_FILE names the \
         passphrase's file.",
        codes.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn decode_is_read_alike_with_and_without_the_other_commands() {
        for line in [
            "decode",
            "decode -",
            "decode a.b.c",
            "decode --json -- -x",
            "decode --passphrase-file f --json a",
            "decode help",
        ] {
            let line: Vec<OsString> = ["keyfob"]
                .into_iter()
                .chain(line.split(' '))
                .map(Into::into)
                .collect();
            let whole = Arguments::try_parse_from(&line).unwrap();
            let alone = Arguments::from(DecodeAlone::try_parse_from(&line).unwrap());
            assert_eq!(format!("{alone:?}"), format!("{whole:?}"));
        }
        for line in [
            "decode --help",
            "decode a b",
            "decode --jsn",
            "--json decode",
        ] {
            let line: Vec<OsString> = ["keyfob"]
                .into_iter()
                .chain(line.split(' '))
                .map(Into::into)
                .collect();
            let told = |read: Result<Arguments, clap::Error>| match read {
                Ok(arguments) => format!("{arguments:?}"),
                Err(error) => error.to_string(),
            };
            let whole = told(Arguments::try_parse_from(&line));
            assert_eq!(told(Arguments::read(&line)), whole);
        }
    }

    /// What options that are only built when asked for say of themselves must not take its place.
    #[test]
    fn a_command_says_the_same_of_itself_in_the_list_and_in_its_own_help() {
        let mut built = Arguments::command();
        built.build();
        for listed in Arguments::command().get_subcommands() {
            let own = built.find_subcommand(listed.get_name()).unwrap();
            let about = |command: &clap::Command| command.get_about().map(ToString::to_string);
            assert!(about(own).is_some(), "{}", own.get_name());
            assert_eq!(about(own), about(listed), "{}", own.get_name());
        }
    }
}
