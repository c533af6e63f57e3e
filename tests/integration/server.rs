//! A real HTTP server on loopback that answers as a test says, and remembers what it was asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What one request said.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `GET /path`.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The certificate that the client showed, DER.
    pub(crate) certificate: Option<Vec<u8>>,
}

/// What is answered: a status, headers and a body.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The server; it serves until the process ends.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers each request by `answer`, which knows the server's own URL.
    pub(crate) fn start(answer: impl Fn(&str, &Asked) -> Said + Send + 'static) -> Self {
        Self::behind("http://127.0.0.1", answer, |mut stream, answer| {
            if let Some(request) = read(&stream) {
                let said = answer(request);
                // A client that refuses a long answer hangs up.
                let _ = write(&mut stream, &said);
            }
        })
    }

    /// The same over TLS, for `localhost`.
    pub(crate) fn start_tls(
        config: Arc<ServerConfig>,
        answer: impl Fn(&str, &Asked) -> Said + Send + 'static,
    ) -> Self {
        Self::behind("https://localhost", answer, move |stream, answer| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let Some(mut request) = read(&mut stream) else {
                return;
            };
            let chain = stream.conn.peer_certificates();
            request.certificate = chain.map(|chain| chain[0].to_vec());
            let said = answer(request);
            let _ = write(&mut stream, &said);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        })
    }

    fn behind(
        host: &str,
        answer: impl Fn(&str, &Asked) -> Said + Send + 'static,
        serve: impl Fn(TcpStream, &dyn Fn(Asked) -> Said) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{host}:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (own, log) = (url.clone(), Arc::clone(&asked));
        thread::spawn(move || {
            let noted = |request: Asked| {
                let said = answer(&own, &request);
                log.lock().unwrap().push(request);
                said
            };
            for stream in listener.incoming() {
                serve(stream.unwrap(), &noted);
            }
        });
        Self { url, asked }
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The request lines of what it was asked so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

impl Asked {
    /// The first header of that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(each, _)| each == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Said {
    /// 200 with a JSON body.
    pub(crate) fn json(body: impl ToString) -> Self {
        Self::of(
            200,
            &[("Content-Type", "application/json")],
            body.to_string(),
        )
    }

    pub(crate) fn of(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: headers
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.into(),
        }
    }
}

fn read(stream: impl Read) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let line = first.trim_end().rsplit_once(' ')?.0.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let mut asked = Asked {
        line,
        headers,
        body: String::new(),
        certificate: None,
    };
    let length = asked
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).unwrap();
    Some(asked)
}

fn write(stream: &mut impl Write, said: &Said) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {} Said\r\nConnection: close\r\n",
        said.status
    )?;
    for (name, value) in &said.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n", said.body.len())?;
    stream.write_all(&said.body)
}
