//! The terminal app in a real pseudo-terminal.

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::keyfob::Keyfob;

/// How long anything may take: a passphrase costs seconds where nothing is optimised.
const PATIENCE: Duration = Duration::from_secs(60);

/// The app, running.
pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
    /// Nobody looks any more: the reader lets go of the terminal.
    left: bool,
}

impl Terminal {
    pub(crate) fn start(keyfob: &Keyfob, columns: u16, rows: u16, arguments: &[&str]) -> Self {
        Self::start_with(keyfob, (columns, rows), arguments, &[])
    }

    /// As [`Self::start`], with more in its environment.
    pub(crate) fn start_with(
        keyfob: &Keyfob,
        (columns, rows): (u16, u16),
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols: columns,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_keyfob"));
        command.args(arguments);
        command.env_clear();
        for (name, value) in [
            ("KEYFOB_HOME", keyfob.home().to_str().unwrap()),
            ("NO_PROXY", "*"),
            ("PATH", "/usr/bin:/bin"),
            ("TERM", "xterm-256color"),
            ("TZ", "UTC"),
        ] {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(keyfob.path(""));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(cells(rows), cells(columns), 0),
                raw: Vec::new(),
                ended: false,
                left: false,
            }),
            Condvar::new(),
        ));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let watched = Arc::clone(&seen);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                // A pseudo-terminal whose other end is gone reads as an error on Linux.
                let length = reader.read(&mut buffer).unwrap_or(0);
                let (seen, changed) = &*watched;
                let mut seen = seen.lock().unwrap();
                seen.parser.process(&buffer[..length]);
                seen.raw.extend_from_slice(&buffer[..length]);
                seen.ended = length == 0;
                changed.notify_all();
                if length == 0 || seen.left {
                    break;
                }
            }
        });
        Self {
            writer: pair.master.take_writer().unwrap(),
            master: Some(pair.master),
            child,
            seen,
        }
    }

    /// Types: the bytes that a terminal sends.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits until a text stands on the screen, and returns the screen.
    pub(crate) fn wait(&self, text: &str) -> String {
        self.until(text, |screen, _| screen.contains(text))
    }

    /// Waits until the app has written something, not necessarily to be seen.
    pub(crate) fn wait_raw(&self, text: &str) -> String {
        self.until(text, |_, raw| raw.contains(text));
        String::from_utf8_lossy(&self.seen.0.lock().unwrap().raw).into_owned()
    }

    fn until(&self, what: &str, is_so: impl Fn(&str, &str) -> bool) -> String {
        let (seen, changed) = &*self.seen;
        let end = Instant::now() + PATIENCE;
        let mut seen = seen.lock().unwrap();
        loop {
            let screen = seen.parser.screen().contents();
            if is_so(&screen, &String::from_utf8_lossy(&seen.raw)) {
                return screen;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !seen.ended, "no {what:?}:\n{screen}");
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let screen = &mut self.seen.0.lock().unwrap().parser;
        screen.screen_mut().set_size(cells(rows), cells(columns));
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    pub(crate) fn signal(&self, number: i32) {
        let pid = self.child.process_id().unwrap().to_string();
        let number = format!("-{number}");
        let kill = std::process::Command::new("kill")
            .args([&number, &pid])
            .status();
        assert!(kill.unwrap().success());
    }

    /// The terminal is closed from the other side.
    pub(crate) fn hang_up(&mut self) {
        self.seen.0.lock().unwrap().left = true;
        // What the app draws for it is the last that the reader takes.
        self.keys("?");
        self.writer = Box::new(std::io::sink());
        self.master = None;
    }

    /// Waits for the end: the exit code, and everything that was written.
    pub(crate) fn end(mut self) -> (u32, String) {
        let status = self.child.wait().unwrap();
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().unwrap();
        while !seen.ended && self.master.is_some() {
            seen = changed.wait_timeout(seen, PATIENCE).unwrap().0;
        }
        (
            status.exit_code(),
            String::from_utf8_lossy(&seen.raw).into_owned(),
        )
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended where the test went well.
        let _ = self.child.kill();
    }
}
