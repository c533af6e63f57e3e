//! The command line: the same use cases as the terminal app, for scripts. Results go to stdout,
//! words to stderr; one file a command.

mod add_endpoint;
mod app;
mod arguments;
mod backup;
mod call;
mod cert;
mod certify;
mod clients;
mod completions;
mod decode;
mod diff;
mod doctor;
mod endpoint_view;
mod endpoints;
mod exit;
mod export;
mod failure;
mod files;
mod handing;
mod import;
mod init;
mod jwks;
mod key_source;
mod keys;
mod man;
mod mint;
mod new_key;
mod output;
mod passphrase;
mod passwd;
mod patience;
mod published_set;
mod receipt;
mod register;
mod registrations;
mod remote;
mod restore;
mod rotate;
mod sandbox;
mod session;
mod table;
mod templates;
mod token;
mod token_source;
mod unregister;
mod verify;
mod why;

use std::{env, ffi::OsString};

pub use exit::Exit;

use self::{
    arguments::{
        Arguments, CertCommand, ClientsCommand, Command, EndpointsCommand, KeysCommand,
        TemplatesCommand,
    },
    failure::Failure,
    output::Output,
    session::Session,
};

/// Runs the command line of this process and returns its exit code.
pub fn run() -> u8 {
    let arguments: Vec<OsString> = env::args_os().collect();
    let arguments = match Arguments::read(&arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error).code(),
    };
    crate::keystore::hardening::harden();
    let mut output = Output::standard(arguments.common.json);
    let exit = match execute(arguments, &mut output) {
        Ok(exit) => exit,
        Err(failure) => output.failure(&failure),
    };
    exit.code()
}

/// clap's own word for bad usage, on one line where it fits the house.
fn usage(error: &clap::Error) -> Exit {
    let done = !error.use_stderr();
    // A closed pipe is the reader's choice, not an error of ours.
    let _ = error.print();
    if done { Exit::Done } else { Exit::Usage }
}

fn execute(arguments: Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let session = Session::from_environment(arguments.common.passphrase_file)?;
    let Some(command) = arguments.command else {
        return app::run(None, &session);
    };
    match command {
        Command::Open { file } => app::run(Some(&file), &session),
        Command::Init(options) => init::run(&options, &session, output),
        Command::Keys { command } => keys_command(command, &session, output),
        Command::Jwks(options) => jwks::run(&options, &session, output),
        Command::Cert { command } => match command {
            CertCommand::Show { source } => cert::show(&source, &session, output),
            CertCommand::New(options) => certify::new(&options, &session, output),
            CertCommand::Renew { kid } => certify::renew(&kid, &session, output),
            CertCommand::Csr(options) => certify::csr(&options, &session, output),
            CertCommand::Import { kid, file } => certify::import(&kid, &file, &session, output),
        },
        Command::Diff { a, b } => diff::run(&a, &b, &session, output),
        Command::Endpoints { command } => match command {
            EndpointsCommand::Add(options) => add_endpoint::run(&options, &session, output),
            EndpointsCommand::Check { name } => endpoints::check(&name, &session, output),
            EndpointsCommand::List { presets: false } => endpoints::list(&session, output),
            EndpointsCommand::List { presets: true } => endpoints::presets(&session, output),
            EndpointsCommand::Rm { name, force } => {
                endpoints::remove(&name, force, &session, output)
            }
            EndpointsCommand::Show { name } => endpoints::show(&name, &session, output),
        },
        Command::Register(options) => register::run(&options, &session, output),
        Command::Unregister(options) => unregister::run(&options, &session, output),
        Command::Registrations(options) => registrations::run(&options, &session, output),
        Command::Mint(options) => mint::run(&options, &session, output),
        Command::Templates { command } => match command {
            TemplatesCommand::List => templates::list(&session, output),
            TemplatesCommand::Show { name } => templates::show(&name, &session, output),
        },
        Command::Decode(options) => decode::run(options.token.as_deref(), output),
        Command::Clients { command } => match command {
            ClientsCommand::Add(options) => clients::add(&options, &session, output),
            ClientsCommand::List => clients::list(&session, output),
            ClientsCommand::Rm { name } => clients::remove(&name, &session, output),
            ClientsCommand::Show { name } => clients::show(&name, &session, output),
        },
        Command::Token(options) => token::run(&options, &session, output),
        Command::Call(options) => call::run(&options, &session, output),
        Command::Verify(options) => verify::run(&options, &session, output),
        Command::Why(options) => why::run(&options, &session, output),
        Command::Sandbox(options) => sandbox::run(&options, &session, output),
        Command::Passwd(options) => passwd::run(&options, &session, output),
        Command::Backup(options) => backup::run(&options, &session, output),
        Command::Restore(options) => restore::run(&options, &session, output),
        Command::Doctor(options) => doctor::run(&options, &session, output),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Man => man::run(output),
    }
}

fn keys_command(
    command: KeysCommand,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match command {
        KeysCommand::New(options) => new_key::run(&options, session, output),
        KeysCommand::List(options) => keys::list(&options, session, output),
        KeysCommand::Show { kid } => keys::show(&kid, session, output),
        KeysCommand::Rename { kid, new } => keys::rename(&kid, &new, session, output),
        KeysCommand::Tag(options) => keys::tag(&options, session, output),
        KeysCommand::Status { kid, status } => keys::set_status(&kid, status, session, output),
        KeysCommand::Rm { kid, force } => keys::remove(&kid, force, session, output),
        KeysCommand::Rotate(options) => rotate::run(&options, session, output),
        KeysCommand::Trash => keys::trash(session, output),
        KeysCommand::Restore { kid } => keys::restore(&kid, session, output),
        KeysCommand::Import(options) => import::run(&options, session, output),
        KeysCommand::Export(options) => export::run(&options, session, output),
    }
}
