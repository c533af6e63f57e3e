//! A service that misbehaves on purpose: it stands before another one, over http or TLS, passes on
//! what it is asked, and spoils what comes back.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::certified::{Authority, Flaw};

/// What comes instead of an honest answer.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The connection is closed where an answer is expected.
    Closed,
    /// The answer breaks off in its body.
    CutBody,
    /// The answer breaks off in its head.
    CutHead,
    /// One byte a second.
    Dripping,
    /// 50 MB.
    Huge,
    /// The answer says that it is longer than it is.
    LengthTooBig,
    /// The answer says that it is shorter than it is.
    LengthTooSmall,
    /// The connection is reset where an answer is expected.
    Reset,
    /// Something else is answered: a status line's end, headers, a body.
    Says(String, Vec<(&'static str, String)>, Vec<u8>),
    /// The connection is taken and nothing is read or answered.
    Silent,
    /// The head of an answer, and then nothing.
    SilentAfterHead,
    /// The whole answer, half a second late.
    Slow,
    /// The answer says that it is of another type than it is.
    Typed(&'static str),
}

/// Which requests it strikes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Struck {
    All,
    /// Those that change something; they are done.
    Changes,
    /// Those that change something; they are not done.
    ChangesUndone,
    /// Those that only ask, once something was changed since.
    ReadsBack,
    /// Those that only ask.
    Reads,
}

/// The service; it serves until the process ends.
pub(crate) struct Faulty {
    pub(crate) url: String,
    conduct: Arc<Conduct>,
}

struct Conduct {
    service: String,
    fault: Mutex<Option<(Fault, Struck)>>,
    has_changed: AtomicBool,
    /// How often the fault has struck.
    count: Mutex<usize>,
    struck: Condvar,
}

impl Faulty {
    /// Over http, before the service at `service`.
    pub(crate) fn before(service: &str) -> Self {
        Self::start(service, "http://127.0.0.1", Wire::Plain)
    }

    /// Over TLS.
    pub(crate) fn behind_tls(service: &str, authority: &Authority, flaw: Flaw) -> Self {
        let config = authority.server(flaw);
        Self::start(service, "https://localhost", move |stream| {
            let tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            Wire::Tls(Box::new(rustls::StreamOwned::new(tls, stream)))
        })
    }

    fn start(service: &str, host: &str, wire: impl Fn(TcpStream) -> Wire + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("{host}:{}", listener.local_addr().unwrap().port());
        let conduct = Arc::new(Conduct {
            service: service.replace("http://", ""),
            fault: Mutex::default(),
            has_changed: AtomicBool::new(false),
            count: Mutex::default(),
            struck: Condvar::new(),
        });
        let shared = Arc::clone(&conduct);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (wire, conduct) = (wire(stream.unwrap()), Arc::clone(&shared));
                // A client that hangs up, or refuses the certificate, ends it.
                thread::spawn(move || conduct.serve(wire));
            }
        });
        Self { url, conduct }
    }

    /// Misbehaves from now on.
    pub(crate) fn strike(&self, fault: Fault, struck: Struck) {
        self.conduct.has_changed.store(false, Ordering::Relaxed);
        *self.conduct.fault.lock().unwrap() = Some((fault, struck));
    }

    /// Behaves from now on.
    pub(crate) fn heal(&self) {
        *self.conduct.fault.lock().unwrap() = None;
    }

    /// Waits until the fault has struck so often in all.
    pub(crate) fn wait(&self, times: usize) {
        let mut count = self.conduct.count.lock().unwrap();
        while *count < times {
            count = self.conduct.struck.wait(count).unwrap();
        }
    }
}

impl Conduct {
    /// One connection: one request, and what becomes of it.
    fn serve(&self, mut wire: Wire) {
        let Ok(request) = request(&mut wire) else {
            return;
        };
        let fault = self.fault.lock().unwrap().clone();
        let changes = !request.starts_with(b"GET");
        let struck = fault.filter(|(_, struck)| match struck {
            Struck::All => true,
            Struck::Changes | Struck::ChangesUndone => changes,
            Struck::Reads => !changes,
            Struck::ReadsBack => !changes && self.has_changed.load(Ordering::Relaxed),
        });
        if changes {
            self.has_changed.store(true, Ordering::Relaxed);
        }
        let Some((fault, struck)) = struck else {
            let _ = wire.write_all(&self.answer(&request));
            return;
        };
        let honest = match struck {
            Struck::ChangesUndone => Vec::new(),
            _ => self.answer(&request),
        };
        *self.count.lock().unwrap() += 1;
        self.struck.notify_all();
        // A client that has enough hangs up.
        let _ = spoil(wire, &fault, &honest);
    }

    /// What the service answers.
    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let mut there = TcpStream::connect(&self.service).unwrap();
        there.write_all(request).unwrap();
        let mut answer = Vec::new();
        there.read_to_end(&mut answer).unwrap();
        answer
    }
}

/// Answers with `honest` as the fault has it.
fn spoil(mut wire: Wire, fault: &Fault, honest: &[u8]) -> io::Result<()> {
    let text = String::from_utf8_lossy(honest);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let with = |name: &str, value: &str| {
        let others = head.lines().filter(|line| {
            let (each, _) = line.split_once(':').unwrap_or((line, ""));
            !each.eq_ignore_ascii_case(name)
        });
        let others: Vec<&str> = others.collect();
        format!("{}\r\n{name}: {value}\r\n\r\n{body}", others.join("\r\n"))
    };
    match fault {
        Fault::Closed => Ok(()),
        Fault::CutBody => wire.write_all(&honest[..honest.len() - 10]),
        Fault::CutHead => wire.write_all(&honest[..30]),
        Fault::Dripping => {
            for byte in honest {
                wire.write_all(&[*byte])?;
                if wire.hangs_up(Some(Duration::from_secs(1))) {
                    break;
                }
            }
            Ok(())
        }
        Fault::Huge => {
            let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[\"";
            wire.write_all(head)?;
            (0..50).try_for_each(|_| wire.write_all(&vec![b'x'; 1 << 20]))
        }
        Fault::LengthTooBig => {
            let length = (body.len() + 100).to_string();
            wire.write_all(with("Content-Length", &length).as_bytes())
        }
        Fault::LengthTooSmall => {
            let length = (body.len() / 2).to_string();
            wire.write_all(with("Content-Length", &length).as_bytes())
        }
        Fault::Reset => {
            reset(wire);
            Ok(())
        }
        Fault::Says(status, headers, body) => {
            write!(wire, "HTTP/1.1 {status}\r\nConnection: close\r\n")?;
            for (name, value) in headers {
                write!(wire, "{name}: {value}\r\n")?;
            }
            write!(wire, "Content-Length: {}\r\n\r\n", body.len())?;
            wire.write_all(body)
        }
        Fault::Silent => {
            wire.hangs_up(None);
            Ok(())
        }
        Fault::SilentAfterHead => {
            write!(wire, "{head}\r\n\r\n")?;
            wire.hangs_up(None);
            Ok(())
        }
        Fault::Slow => {
            wire.hangs_up(Some(Duration::from_millis(500)));
            wire.write_all(honest)
        }
        Fault::Typed(kind) => wire.write_all(with("Content-Type", kind).as_bytes()),
    }
}

/// Ends the connection by a reset instead of an orderly close.
fn reset(wire: Wire) {
    let stream = wire.socket().try_clone().unwrap();
    stream.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let stream = tokio::net::TcpStream::from_std(stream).unwrap();
    stream.set_zero_linger().unwrap();
}

/// One request, as it came, but that it is the last of its connection.
fn request(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut all, mut byte) = (Vec::new(), [0]);
    while !all.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        all.push(byte[0]);
    }
    let head = String::from_utf8(all).unwrap();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    Ok([head.as_bytes(), &body].concat())
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>),
}

impl Wire {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref(),
        }
    }

    /// Whether the client hangs up within `patience`; for ever where there is none.
    fn hangs_up(&mut self, patience: Option<Duration>) -> bool {
        self.socket().set_read_timeout(patience).unwrap();
        loop {
            match self.read(&mut [0; 512]) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => {
                    let waits = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
                    return !waits.contains(&error.kind());
                }
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Self::Tls(stream) = self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
