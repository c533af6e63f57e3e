//! Where a command writes: results on stdout, words on stderr, both through the display gate.

use std::io::{self, Write};

use serde_json::Value;

use super::{exit::Exit, failure::Failure};
use crate::display;

/// Whether results are text for people or JSON for programs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Text,
    Json,
}

/// The two streams of a command.
pub(super) struct Output {
    format: Format,
    results: Box<dyn Write>,
    words: Box<dyn Write>,
}

impl Output {
    /// Stdout and stderr of this process.
    pub(super) fn standard(json: bool) -> Self {
        let format = if json { Format::Json } else { Format::Text };
        Self {
            format,
            results: Box::new(io::stdout()),
            words: Box::new(io::stderr()),
        }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// One or more lines of result; control and bidi characters of `text` are escaped.
    pub(super) fn result(&mut self, text: &str) -> Result<(), Failure> {
        let shown = display::block(text);
        let end = if shown.ends_with('\n') { "" } else { "\n" };
        // Whole, so that it is written at once.
        self.bytes(format!("{shown}{end}").as_bytes())
    }

    /// A piece of a result that is still coming: as [`Self::result`], and no line is ended.
    pub(super) fn piece(&mut self, text: &str) -> Result<(), Failure> {
        let shown = display::block(text);
        written(write!(self.results, "{shown}").and_then(|()| self.results.flush()))
    }

    /// A result that is JSON: one value, indented; what the gate would escape is written as JSON
    /// escapes, so the text stays JSON.
    pub(super) fn json(&mut self, value: &Value) -> Result<(), Failure> {
        let text = format!("{value:#}");
        self.bytes(format!("{}\n", display::json(&text)).as_bytes())
    }

    /// Bytes of a result as they are: forms that others read, a private one only where the user said
    /// `--out -`.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        written(
            self.results
                .write_all(bytes)
                .and_then(|()| self.results.flush()),
        )
    }

    /// A word to the person at the terminal: one line on stderr.
    pub(super) fn say(&mut self, text: &str) {
        // Nobody is left to tell where stderr is closed.
        let line = format!("{}\n", display::line(text));
        let _ = self.words.write_all(line.as_bytes());
    }

    /// A question to the person at the terminal, whose answer stands on the same line.
    pub(super) fn ask(&mut self, question: &str) {
        let _ = write!(self.words, "{}", display::line(question));
        let _ = self.words.flush();
    }

    /// Prints why a command failed and returns its exit code.
    pub(super) fn failure(&mut self, failure: &Failure) -> Exit {
        if let Some(message) = failure.message() {
            let mut lines = message.lines();
            if let Some(first) = lines.next() {
                self.say(&format!("keyfob: {first}"));
            }
            // Text from outside may break lines: none of them begins like one of keyfob's.
            for line in lines {
                let indent = if line.starts_with(' ') { "" } else { "  " };
                self.say(&format!("{indent}{line}"));
            }
        }
        failure.exit()
    }
}

fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::silent(Exit::Done)),
        Err(error) => Err(Failure::new(
            Exit::Disk,
            format!("cannot write the result: {error}"),
        )),
    }
}
