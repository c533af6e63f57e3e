//! What may have been done is looked for before it is asked for again.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crate::{
    at_endpoint::AtEndpoint,
    keyfob::Keyfob,
    services::{
        gooddata::{GoodData, TOKEN},
        idp::{INITIAL, Idp, Management},
    },
};

/// Stands before a service; while it `cuts`, it passes on what is posted and keeps the answer.
fn before(service: &str, cuts: &Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (service, cuts) = (service.replace("http://", ""), Arc::clone(cuts));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, service, cuts) = (stream.unwrap(), service.clone(), Arc::clone(&cuts));
            thread::spawn(move || {
                let request = request(&mut stream);
                let mut there = TcpStream::connect(service).unwrap();
                there.write_all(&request).unwrap();
                let mut answer = Vec::new();
                there.read_to_end(&mut answer).unwrap();
                if !(cuts.load(Ordering::Relaxed) && request.starts_with(b"POST")) {
                    let _ = stream.write_all(&answer);
                }
            });
        }
    });
    url
}

/// One request, as it came, but that it is the last of its connection.
fn request(stream: &mut TcpStream) -> Vec<u8> {
    let (mut all, mut byte) = (Vec::new(), [0]);
    while !all.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        all.push(byte[0]);
    }
    let head = String::from_utf8(all).unwrap();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    [head.as_bytes(), &body].concat()
}

#[test]
fn a_client_whose_registration_was_never_answered_is_not_made_twice() {
    let idp = Idp::start(Management::TokensChange);
    let cuts = Arc::new(AtomicBool::new(true));
    let url = before(&idp.service.url, &cuts);
    let at = AtEndpoint::new("oidc", &url, INITIAL, &[]);
    at.new_key("one", "ES256");
    at.new_key("two", "ES256");
    assert_eq!(at.register("one").code, 5);
    assert!(idp.client().is_some());
    cuts.store(false, Ordering::Relaxed);
    idp.service.requests();
    let lost = "a client may have been registered there by an attempt whose end nobody saw, and its \
                token with it: look there, and remove it; then keyfob unregister KID --at there --last \
                forgets that attempt";
    for kid in ["one", "two"] {
        let (code, told) = at.refusal(kid);
        assert_eq!(code, 5);
        assert!(told.contains(lost), "{told}");
    }
    let known = at.keyfob.run(["registrations", "--refresh"]);
    assert!(known.stdout.contains("unknown: "), "{known:?}");
    assert_eq!(idp.service.requests(), Vec::<String>::new());
    idp.remove();
    let forgotten = at
        .keyfob
        .run(["unregister", "one", "--at", "there", "--last"]);
    assert_eq!(forgotten.code, 0, "{forgotten:?}");
    assert_eq!(at.register("two").code, 0);
    assert_eq!(idp.kids(), ["two"]);
}

#[test]
fn a_registration_whose_answer_was_lost_is_found_and_not_sent_again() {
    let service = GoodData::start();
    let cuts = Arc::new(AtomicBool::new(true));
    let url = before(&service.service.url, &cuts);
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k"]).code, 0);
    let config = format!(
        "endpoints:\n  acme: {{preset: gooddata, url: \"{url}\", token: {{command: [echo, {TOKEN}]}}}}\n"
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();

    let lost = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(lost.code, 5, "{lost:?}");
    assert!(lost.stderr.contains("may have been done"), "{lost:?}");
    let posts = |requests: Vec<String>| {
        let posts = requests.into_iter();
        posts.filter(|each| each.starts_with("POST")).count()
    };
    assert_eq!(posts(service.service.requests()), 1);

    cuts.store(false, Ordering::Relaxed);
    let again = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(posts(service.service.requests()), 0);
    let known = keyfob.run(["registrations"]);
    assert_eq!(known.code, 0, "{known:?}");
}
