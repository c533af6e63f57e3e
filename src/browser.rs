//! The user's web browser.

use std::{
    env,
    ffi::OsString,
    io,
    process::{Command, Stdio},
    thread,
};

/// Why no page was opened.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// It is no address of a page.
    #[error("{0} is no page: its address must begin with https:// or http://")]
    NoPage(String),
    /// There is nobody to see it.
    #[error("no display is here to open the page on")]
    NoDisplay,
    /// The program that opens pages does not start.
    #[error("{program} does not start: {source}")]
    Program { program: String, source: io::Error },
}

/// Opens the page at `url` and does not wait for it: with `BROWSER` where that is set, else with the
/// desktop's own opener.
pub fn open(url: &str) -> Result<(), BrowserError> {
    let is_page = url.starts_with("https://") || url.starts_with("http://");
    if !is_page || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(BrowserError::NoPage(url.to_owned()));
    }
    let program = program(|name| env::var_os(name)).ok_or(BrowserError::NoDisplay)?;
    let started = Command::new(&program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|source| BrowserError::Program {
        program: program.to_string_lossy().into_owned(),
        source,
    })?;
    // Where no thread can be had, the child is waited for by whoever started keyfob.
    let waiting = thread::Builder::new().name("browser".to_owned());
    drop(waiting.spawn(move || child.wait()));
    Ok(())
}

/// What opens pages; none where nobody could see them.
fn program(variable: impl Fn(&str) -> Option<OsString>) -> Option<OsString> {
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(own) = given("BROWSER") {
        return Some(own);
    }
    if cfg!(target_os = "macos") {
        return Some("open".into());
    }
    let has_display = given("DISPLAY").is_some() || given("WAYLAND_DISPLAY").is_some();
    has_display.then(|| "xdg-open".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_opened_by_the_users_program_or_the_desktops() {
        let of = |set: &[(&str, &str)]| {
            program(|name| {
                let mut set = set.iter();
                set.find(|(own, _)| *own == name)
                    .map(|(_, value)| (*value).into())
            })
        };
        assert_eq!(of(&[("BROWSER", "lynx")]), Some("lynx".into()));
        if cfg!(target_os = "linux") {
            assert_eq!(of(&[("BROWSER", "")]), None);
            assert_eq!(of(&[("DISPLAY", ":0")]), Some("xdg-open".into()));
        }
    }

    #[test]
    fn nothing_but_a_page_is_opened() {
        for url in [
            "",
            "file:///etc/passwd",
            "-x",
            "https://a.example/\u{1b}[2J",
        ] {
            assert!(matches!(open(url), Err(BrowserError::NoPage(_))), "{url}");
        }
    }
}
