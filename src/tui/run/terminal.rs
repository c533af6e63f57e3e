//! The terminal: taken, given back on every way out, and given back for a while.

use std::{
    io::{self, IsTerminal, Stdout, Write},
    mem::ManuallyDrop,
    panic,
    sync::Once,
    thread,
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};

use crate::tui::app::effect::MouseCapture;

/// The prefix of the names of threads whose panics are answers, not ends.
pub(super) const WORKER: &str = "worker";

/// The screen while it is ours; dropping it gives the terminal back.
pub(super) struct Screen {
    /// Never dropped: ratatui would complain on stderr where the terminal is gone, and a stderr
    /// that is gone too would end the process with a panic.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    mouse: MouseCapture,
}

/// Whether a person sits before stdin and stdout.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

impl Screen {
    pub(super) fn open() -> io::Result<Self> {
        restore_on_panic();
        let mouse = MouseCapture::On;
        take(mouse).inspect_err(|_| give_back())?;
        let terminal =
            Terminal::new(CrosstermBackend::new(io::stdout())).inspect_err(|_| give_back())?;
        Ok(Self {
            terminal: ManuallyDrop::new(terminal),
            mouse,
        })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(drop)
    }

    /// Forgets what is on the screen: the next frame is drawn whole.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    pub(super) fn capture_mouse(&mut self, capture: MouseCapture) -> io::Result<()> {
        self.mouse = capture;
        match capture {
            MouseCapture::On => execute!(io::stdout(), EnableMouseCapture),
            MouseCapture::Off => execute!(io::stdout(), DisableMouseCapture),
        }
    }

    /// Where escape sequences for the clipboard go.
    pub(super) fn writer(&mut self) -> &mut dyn Write {
        self.terminal.backend_mut()
    }

    /// Gives the terminal back, stops the process, and takes the terminal again when it goes on.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::TSTP)?;
        take(self.mouse)?;
        self.terminal.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take(mouse: MouseCapture) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    match mouse {
        MouseCapture::On => execute!(io::stdout(), EnableMouseCapture),
        MouseCapture::Off => Ok(()),
    }
}

/// Nothing can be done where the terminal is gone.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// A panic of the app gives the terminal back before it is told; one of a worker becomes the answer
/// of its task, and says nothing.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let name = thread::current().name().map(str::to_owned);
            if name.is_some_and(|name| name.starts_with(WORKER)) {
                return;
            }
            give_back();
            before(info);
        }));
    });
}
