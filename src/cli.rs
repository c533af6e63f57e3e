//! The command line: one file a command. (owner: cli)

/// Runs the command line; the process exit code.
pub fn run() -> u8 {
    unimplemented!()
}
