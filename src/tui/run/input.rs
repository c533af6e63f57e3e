//! What comes in: keys, pastes, the mouse, signals.

use std::{io, os::fd::AsFd, sync::mpsc::Sender, thread, time::Duration};

use crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH},
    iterator::Signals,
};

use crate::{
    secret::Secret,
    tui::app::{
        key::Key,
        msg::{Mouse, MouseKind, Msg},
    },
};

/// Nothing is waited for: what there is to read is there. With no time at all crossterm does not look.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Tells of signals and of a changed size.
pub(super) fn watch_signals(sender: Sender<Msg>) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH])?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                let msg = match signal {
                    SIGWINCH => match crossterm::terminal::size() {
                        Ok((columns, rows)) => Msg::Resize { columns, rows },
                        Err(_) => continue,
                    },
                    other => Msg::Signal(other),
                };
                if sender.send(msg).is_err() {
                    break;
                }
            }
        })
        .map(drop)
}

/// Tells of keys, pastes and the mouse. A terminal that hangs up ends the app: crossterm would
/// read its end for ever.
pub(super) fn watch_keys(sender: Sender<Msg>) -> io::Result<()> {
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            while let Ok(()) = wait() {
                while let Ok(true) = event::poll(AT_ONCE) {
                    let Ok(event) = event::read() else { break };
                    if let Some(msg) = told(event)
                        && sender.send(msg).is_err()
                    {
                        return;
                    }
                }
            }
            // Nobody receives any more: the app has ended already.
            let _ = sender.send(Msg::Signal(SIGHUP));
        })
        .map(drop)
}

/// Sleeps until there is something to read; an error is a terminal that is gone.
fn wait() -> io::Result<()> {
    let stdin = io::stdin();
    loop {
        let mut fds = [PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let seen = fds[0].revents();
        if seen.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        return Ok(());
    }
}

fn told(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => pressed(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(Secret::new(text))),
        Event::Resize(columns, rows) => Some(Msg::Resize { columns, rows }),
        Event::Mouse(mouse) => {
            let kind = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => MouseKind::Click,
                MouseEventKind::ScrollDown => MouseKind::ScrollDown,
                MouseEventKind::ScrollUp => MouseKind::ScrollUp,
                _ => return None,
            };
            Some(Msg::Mouse(Mouse {
                kind,
                column: mouse.column,
                row: mouse.row,
            }))
        }
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn pressed(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char(letter) if control => Key::Ctrl(letter.to_ascii_lowercase()),
        KeyCode::Char(letter) => Key::Char(letter),
        KeyCode::Backspace => Key::Backspace,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Delete => Key::Delete,
        KeyCode::Down => Key::Down,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::F(number) => Key::F(number),
        KeyCode::Home => Key::Home,
        KeyCode::Left => Key::Left,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::Right => Key::Right,
        KeyCode::Tab => Key::Tab,
        KeyCode::Up => Key::Up,
        _ => return None,
    })
}
