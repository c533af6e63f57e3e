use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;

use super::*;
use crate::secret::Secret;

/// A server on loopback that gives one of `answers` to each connection, and tells the heads of the
/// requests it saw.
struct Server {
    url: String,
    seen: JoinHandle<Vec<String>>,
}

impl Server {
    fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = thread::spawn(move || {
            answers
                .iter()
                .map(|answer| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let head = read_request(&stream);
                    // The client hangs up on an answer that is too long.
                    let _ = stream.write_all(answer);
                    head
                })
                .collect()
        });
        Self { url, seen }
    }

    fn seen(self) -> Vec<String> {
        self.seen.join().unwrap()
    }
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    reader.read_exact(&mut vec![0; length]).unwrap();
    head
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
    }
}

fn with_token(mut request: Request) -> Request {
    request.headers.push((
        "Authorization".to_owned(),
        HeaderValue::Secret {
            scheme: "Bearer".to_owned(),
            value: Secret::new("s3cret".to_owned()),
        },
    ));
    request
}

fn post(url: &str) -> Request {
    Request {
        method: Method::Post,
        body: Some("{}".to_owned()),
        ..get(url)
    }
}

fn quick() -> Policy {
    Policy {
        connect: Duration::from_millis(200),
        total: Duration::from_millis(200),
        ..Policy::default()
    }
}

fn refused(request: &Request, policy: &Policy) -> String {
    send(request, policy).unwrap_err().to_string()
}

#[test]
fn an_error_status_is_an_answer_with_its_body() {
    let server = Server::start(vec![answer("404 Not Found", "X-A: b\r\n", b"gone")]);
    let response = send(&with_token(post(&server.url)), &Policy::default()).unwrap();
    assert_eq!((response.status, response.text().as_str()), (404, "gone"));
    assert_eq!(response.header("x-a"), Some("b"));
    let seen = server.seen().remove(0);
    assert!(seen.starts_with("POST / HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("authorization: Bearer s3cret\r\n"), "{seen}");
    assert!(seen.contains("user-agent: keyfob/"), "{seen}");
}

#[test]
fn a_get_without_credentials_follows_redirects_on_its_own_origin() {
    let there = || answer("302 Found", "Location: /next\r\n", b"");
    let server = Server::start(vec![there(), answer("200 OK", "", b"here")]);
    let response = send(&get(&server.url), &Policy::default()).unwrap();
    assert_eq!(response.text(), "here");
    assert!(server.seen()[1].starts_with("GET /next HTTP/1.1\r\n"));

    let endless = Server::start(vec![there(), there(), there(), there()]);
    let response = send(&get(&endless.url), &Policy::default()).unwrap();
    assert_eq!((response.status, endless.seen().len()), (302, 4));
}

#[test]
fn credentials_and_bodies_are_never_sent_after_a_redirect() {
    for request in [|url: &str| with_token(get(url)), |url: &str| post(url)] {
        let server = Server::start(vec![answer("307 Temporary", "Location: /x\r\n", b"")]);
        let response = send(&request(&server.url), &Policy::default()).unwrap();
        assert_eq!((response.status, server.seen().len()), (307, 1));
    }
}

#[test]
fn a_redirect_to_another_origin_is_an_answer() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let location = format!("Location: http://{}/\r\n", other.local_addr().unwrap());
    let server = Server::start(vec![answer("302 Found", &location, b"")]);
    let response = send(&get(&server.url), &Policy::default()).unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(
        other.accept().unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
}

#[test]
fn only_what_may_be_repeated_is_repeated_and_at_most_three_times() {
    let busy = || answer("503 Busy", "Retry-After: 0\r\n", b"");
    let server = Server::start(vec![busy(), answer("200 OK", "", b"")]);
    assert_eq!(
        send(&with_token(get(&server.url)), &Policy::default())
            .unwrap()
            .status,
        200
    );

    let server = Server::start(vec![busy(), busy(), busy(), busy()]);
    assert_eq!(
        send(&get(&server.url), &Policy::default()).unwrap().status,
        503
    );
    assert_eq!(server.seen().len(), 4);

    let server = Server::start(vec![busy()]);
    assert_eq!(
        send(&post(&server.url), &Policy::default()).unwrap().status,
        503
    );

    for header in ["", "Retry-After: 31\r\n", "Retry-After: soon\r\n"] {
        let server = Server::start(vec![answer("429 Slow", header, b"")]);
        assert_eq!(
            send(&get(&server.url), &Policy::default()).unwrap().status,
            429
        );
    }
}

#[test]
fn a_body_over_the_limit_is_refused_and_one_at_it_is_not() {
    let policy = Policy {
        body_limit: 1000,
        ..Policy::default()
    };
    let server = Server::start(vec![answer("200 OK", "", &[b'x'; 1000])]);
    assert_eq!(send(&get(&server.url), &policy).unwrap().body.len(), 1000);

    let server = Server::start(vec![answer("200 OK", "", &[b'x'; 1001])]);
    let host = server.url.trim_start_matches("http://");
    assert_eq!(
        refused(&get(&server.url), &policy),
        format!("{host} answered with more than 1000 bytes: that is no answer keyfob waits for")
    );
}

#[test]
fn a_compressed_body_is_counted_as_what_it_becomes() {
    // 100,000 zero bytes, as gzip writes them.
    let head = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff, 0xed, 0xc1, 0x31, 1, 0, 0, 0, 0xc2, 0xa0, 0xf5,
        0x4f, 0x6d, 0xd, 0xf, 0xa0,
    ];
    let tail = [0x80, 0x57, 3, 0x7d, 0x95, 0x11, 0xd4, 0xa0, 0x86, 1, 0];
    let bomb = [&head[..], &[0; 96], &tail].concat();
    let server = Server::start(vec![answer("200 OK", "Content-Encoding: gzip\r\n", &bomb)]);
    let policy = Policy {
        body_limit: 50_000,
        ..Policy::default()
    };
    let error = send(&get(&server.url), &policy).unwrap_err();
    assert!(
        matches!(error, NetError::TooLarge { limit: 50_000, .. }),
        "{error}"
    );
}

#[test]
fn who_does_not_answer_in_time_is_named_with_the_limit() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = silent.local_addr().unwrap();
    let error = send(&get(&format!("http://{host}")), &quick()).unwrap_err();
    assert!(error.may_have_arrived());
    assert_eq!(
        error.to_string(),
        format!(
            "no whole answer from {host} in 200 ms: try again; an endpoint may have a longer `timeout`"
        )
    );
}

#[test]
fn a_body_that_stops_midway_is_no_answer() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec();
    let server = Server::start(vec![cut]);
    let error = send(&get(&server.url), &Policy::default()).unwrap_err();
    assert!(matches!(error, NetError::Broken { .. }), "{error:?}");
}

#[test]
fn nobody_listening_is_said_with_the_remedy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap();
    drop(listener);
    let error = send(&get(&format!("http://{host}")), &Policy::default()).unwrap_err();
    assert!(!error.may_have_arrived());
    assert_eq!(
        error.to_string(),
        format!(
            "could not connect to {host} (connection refused): check that it runs there, and the URL"
        )
    );
}

#[test]
fn something_that_is_no_http_is_said_so() {
    let server = Server::start(vec![b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()]);
    let error = send(&get(&server.url), &Policy::default()).unwrap_err();
    assert!(matches!(error, NetError::NotHttp { .. }), "{error:?}");
}

#[test]
fn a_name_that_nobody_has_is_said_so() {
    let error = send(&get("https://keyfob.invalid/"), &Policy::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no host keyfob.invalid: check the URL, and the network's name server"
    );
}

#[test]
fn plain_http_to_another_machine_needs_the_users_word() {
    assert_eq!(
        refused(
            &with_token(get("http://host.example/x")),
            &Policy::default()
        ),
        "host.example would be reached over plain http, where anybody on the way can read the \
         token: use https, or say `allow_http: true` at the endpoint"
    );
    let allowed = Policy {
        plain_http: PlainHttp::Allowed,
        ..quick()
    };
    let error = send(&get("http://keyfob.invalid/"), &allowed).unwrap_err();
    assert!(matches!(error, NetError::HostNotFound { .. }), "{error:?}");
}

#[test]
fn a_name_of_this_machine_that_leads_to_another_one_is_told_with_where() {
    let url = Url::parse("http://app.localhost:8080/x").unwrap();
    let away = LeadsAway("192.0.2.7".parse().unwrap());
    let error = ureq::Error::Other(Box::new(away));
    assert_eq!(
        explained(error, &url, &Policy::default()).to_string(),
        "app.localhost:8080 leads to 192.0.2.7, another machine, and over plain http anybody on \
         the way can read the token: mend /etc/hosts or the name server, use https, or say \
         `allow_http: true` at the endpoint"
    );
}

#[test]
fn a_name_of_this_machine_that_leads_here_is_asked() {
    let server = Server::start(vec![answer("200 OK", "", b"here")]);
    let url = server.url.replace("127.0.0.1", "localhost");
    assert_eq!(send(&get(&url), &quick()).unwrap().body, b"here");
}

#[test]
fn a_header_cannot_smuggle_another_one_in() {
    let mut request = with_token(get("http://127.0.0.1:9/"));
    request.headers[0].1 = HeaderValue::Secret {
        scheme: "Bearer".to_owned(),
        value: Secret::new("s3cret\r\nX-Admin: 1".to_owned()),
    };
    assert_eq!(
        refused(&request, &Policy::default()),
        "the header Authorization cannot be sent: its value has a character that HTTP forbids"
    );
}

/// A TLS server on loopback with a certificate of its own for `name`; its URL and the certificate.
fn tls_server(name: &str, year_of_expiry: i32) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(year_of_expiry, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            // A client that refuses the certificate hangs up here.
            let Ok(1) = tls.read(&mut byte) else { return };
            head.push(byte[0]);
        }
        tls.write_all(&answer("200 OK", "", b"secure")).unwrap();
    });
    (format!("https://localhost:{port}/"), certificate.pem())
}

#[test]
fn tls_trusts_the_ca_file_instead_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let trusting = |pem: &str| {
        let file = folder.path().join("ca.pem");
        fs::write(&file, pem).unwrap();
        Policy {
            ca_file: Some(file),
            ..Policy::default()
        }
    };

    let (url, pem) = tls_server("localhost", 2100);
    assert_eq!(send(&get(&url), &trusting(&pem)).unwrap().text(), "secure");

    let why = |url: &str, policy: &Policy| match send(&get(url), policy).unwrap_err() {
        NetError::Tls { why, .. } => why,
        other => panic!("{other:?}"),
    };
    let (url, _) = tls_server("localhost", 2100);
    assert_eq!(
        why(&url, &Policy::default()),
        "nobody this machine trusts issued its certificate; if it is your own service, name the \
         issuing CA as the endpoint's `ca_file`"
    );
    let (url, pem) = tls_server("other.example", 2100);
    assert_eq!(
        why(&url, &trusting(&pem)),
        "its certificate is for another name; check the URL"
    );
    let (url, pem) = tls_server("localhost", 2021);
    assert_eq!(
        why(&url, &trusting(&pem)),
        "its certificate has expired; its operator must renew it (or check this machine's clock)"
    );
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", plain.local_addr().unwrap().port());
    thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        stream
            .write_all(&answer("400 Bad Request", "", b""))
            .unwrap();
        io::copy(&mut stream, &mut io::sink()).unwrap();
    });
    assert_eq!(
        why(&url, &Policy::default()),
        "it does not speak TLS there; check the port, or whether it is http"
    );
}

#[test]
fn a_ca_file_without_certificates_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let policy = Policy {
        ca_file: Some(file.clone()),
        ..Policy::default()
    };
    assert_eq!(
        refused(&get("https://localhost:9/"), &policy),
        format!(
            "cannot use the ca_file {}: No such file or directory (os error 2)",
            file.display()
        )
    );
    fs::write(&file, "nothing").unwrap();
    assert_eq!(
        refused(&get("https://localhost:9/"), &policy),
        format!(
            "cannot use the ca_file {}: it holds no PEM certificate",
            file.display()
        )
    );
}
