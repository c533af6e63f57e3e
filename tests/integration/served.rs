//! `keyfob sandbox …` as a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::keyfob::Keyfob;

/// A running server process; dropping it kills it.
pub(crate) struct Served {
    process: Child,
    reader: BufReader<ChildStdout>,
    /// What it printed before it served.
    pub(crate) announced: Vec<String>,
}

impl Served {
    /// Runs `keyfob sandbox ARGUMENTS` and waits until it says that it serves.
    pub(crate) fn start(keyfob: &Keyfob, arguments: &[&str]) -> Self {
        let mut command = keyfob.command();
        command.arg("sandbox").args(arguments);
        Self::of(command)
    }

    /// Runs a command that becomes a sandbox.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut reader = BufReader::new(process.stdout.take().unwrap());
        let mut announced = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(reader.read_line(&mut line).unwrap(), 0, "{announced:?}");
            let is_last = line.starts_with("Ctrl-C") || line == "}\n";
            announced.push(line.trim_end().to_owned());
            if is_last {
                break;
            }
        }
        Self {
            process,
            reader,
            announced,
        }
    }

    /// The address on the line that begins so.
    pub(crate) fn address(&self, label: &str) -> &str {
        let line = self.announced.iter().find(|line| line.starts_with(label));
        line.unwrap().split_whitespace().last().unwrap()
    }

    pub(crate) fn auth(&self) -> &str {
        self.address("authorization server")
    }

    pub(crate) fn api(&self) -> &str {
        self.address("protected API")
    }

    /// Ends it by SIGTERM: its exit code, and its log, without the times where it is for people.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<String>) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let lines = (&mut self.reader).lines();
        let log = lines
            .map(Result::unwrap)
            .map(|line| {
                if line.starts_with('{') {
                    line
                } else {
                    line["00:00:00  ".len()..].to_owned()
                }
            })
            .collect();
        (self.process.wait().unwrap().code(), log)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A text of the project.
pub(crate) fn of_project(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
