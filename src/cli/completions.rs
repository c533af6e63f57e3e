//! `keyfob completions`

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::{arguments::Arguments, exit::Exit, failure::Failure, output::Output};

pub(super) fn run(shell: Shell, output: &mut Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut whole(), "keyfob", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Done)
}

/// The command line with every command's own commands in it from the start: `help` lists what is
/// there when it is made, and options are made only when they are asked for.
fn whole() -> Command {
    let mut built = Arguments::command();
    let shared: Vec<String> = built
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect();
    built.build();
    let commands = built.get_subcommands().filter(|each| !is_help(each));
    let commands: Vec<Command> = commands.map(|each| anew(each, &shared)).collect();
    let bare = Command::new("keyfob").version(env!("CARGO_PKG_VERSION"));
    let arguments = built.get_arguments();
    let own = arguments.filter(|argument| shared.iter().any(|id| argument.get_id() == id.as_str()));
    bare.args(own.cloned()).subcommands(commands)
}

/// A command with its own arguments; those that clap adds, it adds again.
fn anew(built: &Command, shared: &[String]) -> Command {
    let added = ["help", "version"];
    let is_own = |id: &str| !added.contains(&id) && !shared.iter().any(|other| other == id);
    let arguments = built.get_arguments();
    let own = arguments.filter(|argument| is_own(argument.get_id().as_str()));
    let commands = built.get_subcommands().filter(|each| !is_help(each));
    // clap takes no name that may end before the process does.
    let name: &'static str = built.get_name().to_owned().leak();
    let command = Command::new(name)
        .args(own.cloned())
        .subcommands(commands.map(|each| anew(each, shared)));
    match built.get_about() {
        Some(about) => command.about(about.clone()),
        None => command,
    }
}

fn is_help(command: &Command) -> bool {
    command.get_name() == "help"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of all commands in a command, with those above them before their own.
    fn paths(command: &Command, above: &str, found: &mut Vec<String>) {
        for each in command.get_subcommands().filter(|each| !is_help(each)) {
            let path = format!("{above} {}", each.get_name());
            found.push(path.clone());
            paths(each, &path, found);
        }
    }

    #[test]
    fn help_completes_every_command_of_every_command() {
        let mut whole = whole();
        whole.build();
        let (mut all, mut helped) = (Vec::new(), Vec::new());
        paths(&whole, "", &mut all);
        paths(whole.find_subcommand("help").unwrap(), "", &mut helped);
        assert_eq!(all, helped);
        assert!(all.contains(&" keys export".to_owned()), "{all:?}");
    }

    #[test]
    fn every_option_of_every_command_is_completed() {
        fn options(command: &Command, found: &mut Vec<String>) {
            for each in command.get_subcommands().filter(|each| !is_help(each)) {
                let longs = each
                    .get_arguments()
                    .filter_map(|argument| argument.get_long());
                let mut longs: Vec<&str> = longs.collect();
                longs.sort_unstable();
                found.push(format!("{} {}", each.get_name(), longs.join(" ")));
                options(each, found);
            }
        }
        let (mut real, mut completed) = (Arguments::command(), whole());
        let [real, completed] = [&mut real, &mut completed].map(|command| {
            command.build();
            let mut found = Vec::new();
            options(command, &mut found);
            found
        });
        assert_eq!(real, completed);
    }
}
