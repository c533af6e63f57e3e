//! Running a program that prints a secret.

use std::{
    io::{self, Read},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid,
};

use crate::{display, secret::Secret};

/// The longest secret, in octets.
const LONGEST: usize = 64 << 10;
/// How much of what a program complains about is read, in octets, and how much of it is told, in
/// columns.
const COMPLAINT: (u64, usize) = (4 << 10, 200);
/// How long the complaint of a program that has ended is waited for: one that it started may hold
/// its end of the pipe.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The first line that a program prints, and nothing that came after it. It runs without a shell, in
/// a process group of its own, which is killed as a whole when `patience` is over.
///
/// # Errors
/// What went wrong, for people; what the program itself said about it stands in it on one line.
pub(super) fn first_line(
    program: &Path,
    arguments: &[String],
    patience: Duration,
) -> Result<Secret<String>, String> {
    let deadline = Instant::now() + patience;
    let mut child = Command::new(program)
        .args(arguments)
        .process_group(0)
        // By this, gpg's agent would ask at the terminal from a session of its own.
        .env_remove("GPG_TTY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let group = Pid::from_child(&child);
    let (line, complaint) = (line_of(&mut child), complaint_of(&mut child));
    let (sender, ends) = mpsc::channel();
    let watch = thread::spawn(move || {
        // It stays unreaped: until then nothing else gets the number of its group.
        let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
        // Nobody waits any more where time ran out.
        let _ = sender.send(waitid(WaitId::Pid(group), options));
    });

    let left = || deadline.saturating_duration_since(Instant::now());
    let end = ends.recv_timeout(left());
    let line = match &end {
        Ok(Ok(Some(status))) if status.exit_status() == Some(0) => line.recv_timeout(left()).ok(),
        _ => None,
    };
    if line.is_none() {
        // What is left of it ends, also what it started; nothing is where all has ended by itself.
        let _ = kill_process_group(group, Signal::KILL);
    }
    // It returns, for the program has ended or was killed; then no number is asked for any more.
    let _ = watch.join();
    let reaped = child.wait().map_err(|error| error.to_string())?;

    match (line, end) {
        (Some(line), _) => line,
        (None, Ok(Ok(Some(status)))) if status.stopped() => Err(stopped(&status)),
        (None, Ok(Err(error))) => Err(io::Error::from(error).to_string()),
        (None, Ok(Ok(_))) if !reaped.success() => {
            let said = complaint.recv_timeout(LAST_WORDS).unwrap_or_default();
            Err(match said.as_str() {
                "" => format!("it ended with {reaped}"),
                said => format!("it ended with {reaped}, saying: {said}"),
            })
        }
        (None, _) => Err(format!("it took more than {} s", patience.as_secs())),
    }
}

/// Why it was stopped: the terminal stops what is not in its foreground and asks something there.
fn stopped(status: &WaitIdStatus) -> String {
    let signal = status.stopping_signal();
    let by_terminal = [Signal::TTIN, Signal::TTOU].map(Signal::as_raw);
    if signal.is_some_and(|signal| by_terminal.contains(&signal)) {
        "it wanted to ask at the terminal, which keyfob keeps to itself: name a command that asks \
         in a window of its own, or nothing"
            .to_owned()
    } else {
        "it was stopped, and has been ended: try again".to_owned()
    }
}

/// The first line on its stdout once there is one. The rest is read and forgotten, so that a program
/// that prints more does not fail at it.
fn line_of(child: &mut Child) -> Receiver<Result<Secret<String>, String>> {
    let output = child.stdout.take();
    let (sender, line) = mpsc::channel();
    thread::spawn(move || {
        // Whole from the start: what grows leaves copies behind.
        let mut buffer = Secret::new(vec![0; LONGEST]);
        let Some(mut output) = output else { return };
        let read = read_line(&mut output, buffer.expose_mut());
        // Nobody waits any more where time ran out.
        let _ = sender.send(read);
        while output.read(buffer.expose_mut()).is_ok_and(|read| read > 0) {}
    });
    line
}

fn read_line(output: &mut impl Read, buffer: &mut [u8]) -> Result<Secret<String>, String> {
    let mut filled = 0;
    let end = loop {
        if let Some(end) = buffer[..filled].iter().position(|byte| *byte == b'\n') {
            break end;
        }
        if filled == buffer.len() {
            return Err("its first line is longer than 64 KiB".to_owned());
        }
        match output.read(&mut buffer[filled..]) {
            Ok(0) => break filled,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    };
    let line = str::from_utf8(&buffer[..end]).map_err(|_| "its first line is no UTF-8 text")?;
    match line.trim_end_matches('\r') {
        "" => Err("its first line is empty".to_owned()),
        line => Ok(Secret::new(line.to_owned())),
    }
}

/// The first line on its stderr that is not blank, once that has ended or is long enough; safe to
/// show. The rest is read and forgotten.
fn complaint_of(child: &mut Child) -> Receiver<String> {
    let errors = child.stderr.take();
    let (sender, complaint) = mpsc::channel();
    thread::spawn(move || {
        let Some(mut errors) = errors else { return };
        let mut said = Vec::new();
        // What cannot be read was not said.
        let _ = errors.by_ref().take(COMPLAINT.0).read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        let first = said.lines().map(str::trim).find(|line| !line.is_empty());
        let shown = display::middle(first.unwrap_or_default(), COMPLAINT.1);
        // Nobody waits any more where it ended well.
        let _ = sender.send(shown);
        let _ = io::copy(&mut errors, &mut io::sink());
    });
    complaint
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use rustix::fs::{CWD, Mode, mkfifoat};
    use tempfile::TempDir;

    use super::*;

    /// What a script for `/bin/sh` gives; the script may name `$0`, which is `argument`.
    fn script(text: &str, argument: &str, patience: Duration) -> Result<String, String> {
        let arguments = ["-c", text, argument].map(str::to_owned);
        let line = first_line(Path::new("/bin/sh"), &arguments, patience);
        line.map(|line| line.expose().clone())
    }

    fn quick(text: &str) -> Result<String, String> {
        script(text, "sh", Duration::from_secs(30))
    }

    #[test]
    fn the_first_line_is_taken_however_much_follows() {
        assert_eq!(quick("printf 'a b\\r\\nsecond\\n'"), Ok("a b".to_owned()));
        assert_eq!(quick("printf 'no end'"), Ok("no end".to_owned()));
        let much = "echo first; i=0; while [ $i -lt 3000 ]; do echo \
                    0123456789012345678901234567890123456789012345678901234567890123456789; \
                    i=$((i+1)); done";
        assert_eq!(quick(much), Ok("first".to_owned()));
    }

    #[test]
    fn what_is_no_secret_is_told() {
        for (text, expected) in [
            ("true", "its first line is empty"),
            ("printf '\\nx'", "its first line is empty"),
            ("printf '\\377\\n'", "its first line is no UTF-8 text"),
            (
                "head -c 70000 /dev/zero | tr '\\0' a",
                "its first line is longer than 64 KiB",
            ),
            ("exit 3", "it ended with exit status: 3"),
        ] {
            assert_eq!(quick(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_it_complains_about_is_told_on_one_safe_line() {
        let said = quick("printf '\\n\\033]0;x\\007gpg: no key\\nmore\\n' >&2; echo t; exit 2");
        let expected =
            "it ended with exit status: 2, saying: \\u{1b}]0;x\\u{7}gpg: no key".to_owned();
        assert_eq!(said, Err(expected));
        let long = quick("head -c 9000 /dev/zero | tr '\\0' a >&2; exit 1").unwrap_err();
        assert!(long.contains("aa…aa") && long.len() < 260, "{long}");
        // A complaint of one that gave its secret is nobody's business.
        assert_eq!(quick("echo care >&2; echo t"), Ok("t".to_owned()));
    }

    #[test]
    fn all_that_it_started_ends_with_its_time() {
        let folder = TempDir::new().unwrap();
        for (name, text) in [
            ("waits", "exec 9>$0; sleep 1000 & wait"),
            // It ends at once, and what it started holds its stdout.
            ("leaves", "exec 9>$0; sleep 1000 &"),
        ] {
            let fifo = folder.path().join(name);
            mkfifoat(CWD, &fifo, Mode::RWXU).unwrap();
            let path = fifo.display().to_string();
            // It ends when nobody holds the other end.
            let held = thread::spawn(move || fs::read(fifo));
            let patience = Duration::from_millis(300);
            assert_eq!(
                script(text, &path, patience),
                Err("it took more than 0 s".to_owned())
            );
            assert_eq!(held.join().unwrap().unwrap(), b"");
        }
    }

    #[test]
    fn one_that_asks_at_the_terminal_ends_at_once() {
        // What the terminal does to a program that reads it from the background.
        for signal in ["TTIN", "TTOU"] {
            assert_eq!(
                quick(&format!("kill -{signal} 0; echo late")),
                Err(
                    "it wanted to ask at the terminal, which keyfob keeps to itself: name a \
                     command that asks in a window of its own, or nothing"
                        .to_owned()
                )
            );
        }
        assert_eq!(
            quick("kill -STOP $$; echo late"),
            Err("it was stopped, and has been ended: try again".to_owned())
        );
    }
}
