//! Endpoints that are slow, broken, or somebody else: what each act says, what is recorded of it,
//! and how it goes on once the service is well.

use std::fs;

use crate::{
    keyfob::{Ended, Keyfob, vector},
    server::{Said, Server},
    services::{
        certified::{Authority, Flaw},
        faulty::{Fault, Faulty, Struck},
        gooddata::{GoodData, TOKEN},
    },
    terminal::Terminal,
};

const MAY_BE_DONE: &str =
    "what was asked may have been done: ask again with keyfob registrations --refresh";
const UNSEEN: &str = "○ token      could not be looked at\n○ rights     could not be looked at\n";

/// What a fault looks like from here.
#[derive(Clone, Copy)]
enum Seen {
    /// No answer, for this reason.
    Nothing(&'static str),
    /// A status, and what is said of it.
    Status(u16, &'static str),
    /// 200, and this instead of JSON.
    Other(&'static str),
}

/// A keystore with the key `k` and the endpoint `acme` of a GoodData host.
fn keyfob_at(url: &str, more: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    let import = ["keys", "import", "-", "--kid", "k"];
    assert_eq!(keyfob.run_with(import, &vector("rsa2048.pem")).code, 0);
    let config = format!(
        "endpoints:\n  acme: {{preset: gooddata, url: \"{url}\", {more}, token: {{command: [echo, \
         {TOKEN}]}}}}\n"
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    keyfob
}

fn says(status: &str, headers: &[(&'static str, &str)], body: &str) -> Fault {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Fault::Says(status.to_owned(), headers.collect(), body.into())
}

/// The faults that end an act, and how they are seen.
fn faults(elsewhere: &str) -> Vec<(Fault, Seen)> {
    [no_answers(), answers(elsewhere)].concat()
}

/// Answers that never come, or are none.
fn no_answers() -> Vec<(Fault, Seen)> {
    const CLOSED: Seen = Seen::Nothing(
        "the connection to HOST broke before the whole answer came (connection closed): try again",
    );
    const LATE: Seen = Seen::Nothing(
        "no whole answer from HOST in 1 s: try again; an endpoint may have a longer `timeout`",
    );
    vec![
        (Fault::Closed, CLOSED),
        (Fault::CutBody, CLOSED),
        (Fault::CutHead, CLOSED),
        (Fault::LengthTooBig, CLOSED),
        (Fault::Dripping, LATE),
        (Fault::Silent, LATE),
        (Fault::SilentAfterHead, LATE),
        (
            Fault::Reset,
            Seen::Nothing(
                "the connection to HOST broke before the whole answer came (connection reset): try \
                 again",
            ),
        ),
        (
            Fault::Huge,
            Seen::Nothing("HOST answered with more than 4 MiB: that is no answer keyfob waits for"),
        ),
        (
            says("500 \u{1b}[2J", &[], ""),
            Seen::Nothing(
                "HOST answered with something that is no HTTP (invalid response status): check the \
                 URL and its port",
            ),
        ),
        (
            says("302 Found", &[("Location", "http://x/\u{1b}]0;t\u{7}")], ""),
            Seen::Nothing(
                "HOST answered with something that is no HTTP (invalid header value): check the URL \
                 and its port",
            ),
        ),
    ]
}

/// Answers that are not what was asked for.
fn answers(elsewhere: &str) -> Vec<(Fault, Seen)> {
    const SENT_ON: &str = "it sends on to ELSEWHERE, where keyfob does not follow with a token: if \
                           it lives there now, change the endpoint's url";
    let to = [("Location", elsewhere)];
    let json = [("Content-Type", "application/json")];
    vec![
        (
            says("500 \u{9b}31m", &[("X-A", "\u{9b}31m")], "oops"),
            Seen::Status(
                500,
                "the service itself failed: try again, or ask its operator",
            ),
        ),
        (
            says("502 Bad Gateway", &[], "<html>"),
            Seen::Status(
                502,
                "the service itself failed: try again, or ask its operator",
            ),
        ),
        (
            says("302 Found", &[("Location", "http://x/\u{9b}31m")], ""),
            Seen::Status(
                302,
                "it sends on to http://x/\\u{9b}31m, where keyfob does not follow with a token: if \
                 it lives there now, change the endpoint's url",
            ),
        ),
        (says("302 Found", &to, ""), Seen::Status(302, SENT_ON)),
        (says("303 See Other", &to, ""), Seen::Status(303, SENT_ON)),
        (says("308 Moved", &to, ""), Seen::Status(308, SENT_ON)),
        (
            says("429 Too Many Requests", &[("Retry-After", "120")], ""),
            Seen::Status(429, "it takes no more requests for now: try again in 2 min"),
        ),
        (
            says(
                "429 Too Many Requests",
                &[("Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT")],
                "",
            ),
            Seen::Status(
                429,
                "it takes no more requests for now: try again after Wed, 21 Oct 2099 07:28:00 GMT",
            ),
        ),
        (
            says(
                "403 Forbidden",
                &json,
                "{\"detail\": \"\\u001b]0;t\\u0007\\nkeyfob: fine\\u202e\"}",
            ),
            Seen::Status(
                403,
                "the API token from the command echo may not manage keys; its owner needs the \
                 organisation permission MANAGE: \\u{1b}]0;t\\u{7} keyfob: fine\\u{202e}",
            ),
        ),
        (
            says("200 OK", &json, "{\"data\": ["),
            Seen::Other("the answer is no JSON"),
        ),
        (
            says("200 OK", &json, "<html>Sign in</html>"),
            Seen::Other("the answer is a web page"),
        ),
        (says("200 OK", &[], ""), Seen::Other("the answer is empty")),
    ]
}

impl Seen {
    /// What `register` says where the request that changes something is answered so.
    fn of_a_change(self) -> String {
        match self {
            Self::Nothing(why) => format!("keyfob: acme: {why}; {MAY_BE_DONE}\n"),
            Self::Status(status, why) => {
                let asked = format!("POST http://HOST/api/v1/entities/jwks → {status}\n");
                if self.is_certain() {
                    format!("{asked}keyfob: acme (GoodData) refused with {status}: {why}\n")
                } else {
                    let told = format!("GoodData refused with {status}: {why}; {MAY_BE_DONE}");
                    format!("{asked}keyfob: acme: {told}\n")
                }
            }
            Self::Other(what) => format!(
                "POST http://HOST/api/v1/entities/jwks → 200\nkeyfob: acme: GoodData answered 200: \
                 {what}, and another one was expected: check the url; {MAY_BE_DONE}\n"
            ),
        }
    }

    /// What `register` says where the key is there and reading it back is answered so.
    fn of_reading_back(self) -> String {
        let read = "GET http://HOST/api/v1/entities/jwks/k";
        match self {
            Self::Nothing(why) => format!(
                "POST http://HOST/api/v1/entities/jwks → 201\nkeyfob: acme: it was done, and reading \
                 it back fails: {why}\n"
            ),
            Self::Status(status, why) => format!(
                "{read} → {status}\nkeyfob: acme: it was done, and then GoodData refused with \
                 {status}: {why}\n"
            ),
            Self::Other(what) => format!(
                "{read} → 200\nkeyfob: acme: it was done, and reading it back fails: {what}\n"
            ),
        }
    }

    /// What is said where nothing was changed.
    fn of_a_question(self) -> String {
        match self {
            Self::Nothing(why) => format!("acme: {why}"),
            Self::Status(status, why) => format!("acme (GoodData) refused with {status}: {why}"),
            Self::Other(what) => {
                format!(
                    "acme: {what}, and keys were expected: check the url, and who answers there"
                )
            }
        }
    }

    /// What `endpoints check` says.
    fn of_a_check(self) -> String {
        let told = self.of_a_question();
        let plain = "✓ secure     plain http that stays on this machine\n";
        match self {
            Self::Nothing(why) => {
                format!("✗ reachable  {why}\n○ secure     could not be looked at\n{UNSEEN}")
            }
            Self::Status(403, _) => format!(
                "✓ reachable  answered\n{plain}○ token      could not be looked at\n✗ rights     \
                 {told}\n"
            ),
            Self::Status(..) | Self::Other(_) => format!("✗ reachable  {told}\n{plain}{UNSEEN}"),
        }
    }

    /// Whether what was asked was certainly not done.
    fn is_certain(self) -> bool {
        matches!(self, Self::Status(302 | 308 | 403 | 429, _))
    }
}

/// What is recorded of `k`, or seen of it: its state and what is said of that.
fn states(keyfob: &Keyfob, more: &[&str]) -> Vec<(String, String)> {
    let told = keyfob.run([&["--json", "registrations"], more].concat());
    let rows: Vec<serde_json::Value> = serde_json::from_str(&told.stdout).unwrap();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| (text(row, "state"), text(row, "detail")))
        .collect()
}

/// The words of one stream, the changing parts by their names.
fn words(text: &str, url: &str, elsewhere: &str) -> String {
    let (_, host) = url.split_once("://").unwrap();
    let text = text.replace(elsewhere, "ELSEWHERE").replace(host, "HOST");
    let lines = text
        .lines()
        .map(|line| match line.split_once("answered in ") {
            Some((before, _)) => format!("{before}answered\n"),
            None => format!("{line}\n"),
        });
    lines.collect()
}

fn register(keyfob: &Keyfob) -> Ended {
    keyfob.run(["register", "k", "--at", "acme"])
}

/// It goes on where it stood: the key is there once, and that is known.
fn goes_on(keyfob: &Keyfob, service: &GoodData) {
    let again = register(keyfob);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(service.keys().keys().collect::<Vec<_>>(), ["k"]);
    let known = ("registered".to_owned(), String::new());
    assert_eq!(states(keyfob, &[]), [known]);
}

fn elsewhere() -> Server {
    Server::start(|_, _| Said::json("{}"))
}

#[test]
fn a_fault_in_the_answer_to_a_registration_is_told_and_leaves_a_true_record() {
    let other = elsewhere();
    for (fault, seen) in faults(&other.url) {
        let can_be_undone = matches!(
            fault,
            Fault::Closed | Fault::Reset | Fault::Silent | Fault::Says(..)
        );
        for struck in [Struck::Changes, Struck::ChangesUndone] {
            let is_done = struck == Struck::Changes;
            if (is_done && seen.is_certain()) || (!is_done && !can_be_undone) {
                continue;
            }
            let service = GoodData::start();
            let faulty = Faulty::before(&service.service.url);
            let keyfob = keyfob_at(&faulty.url, "timeout: 1s");
            faulty.strike(fault.clone(), struck);
            let ended = register(&keyfob);
            let said = words(&ended.stderr, &faulty.url, &other.url);
            assert_eq!(said, seen.of_a_change(), "{fault:?}");
            assert_eq!((ended.code, ended.stdout.as_str()), (5, ""));
            let recorded = states(&keyfob, &[]);
            if seen.is_certain() {
                assert_eq!(recorded, [], "{fault:?}");
            } else {
                let unknown = "it may be there: registering it was begun, and no end was seen: \
                               --refresh asks there";
                assert_eq!(recorded, [("unknown".to_owned(), unknown.to_owned())]);
            }

            faulty.heal();
            assert_eq!(service.keys().len(), usize::from(is_done), "{fault:?}");
            states(&keyfob, &["--refresh"]);
            let known = ("registered".to_owned(), String::new());
            let expected = if is_done { vec![known] } else { Vec::new() };
            assert_eq!(states(&keyfob, &[]), expected, "{fault:?} {struck:?}");
            goes_on(&keyfob, &service);
        }
    }
    assert_eq!(other.lines(), Vec::<String>::new());
}

#[test]
fn the_app_tells_each_fault_beside_its_request_stays_alive_and_tries_again() {
    let other = elsewhere();
    for (fault, seen) in faults(&other.url) {
        let service = GoodData::start();
        let faulty = Faulty::before(&service.service.url);
        let keyfob = keyfob_at(&faulty.url, "timeout: 1s");
        let is_done = !seen.is_certain();
        let struck = if is_done {
            Struck::Changes
        } else {
            Struck::ChangesUndone
        };
        faulty.strike(fault.clone(), struck);
        let mut app = Terminal::start(&keyfob, 120, 36, &[]);
        app.wait("RS256");
        app.keys("3jr");
        app.wait("Register k at");
        app.keys("\u{1b}[B");
        app.wait("POST http://");
        app.keys("\r");
        app.wait("✗ acme");
        app.wait("⏎ tries again");
        app.keys("\u{1b}");
        app.wait("n new");
        app.keys("?");
        app.wait("Esc close");
        app.keys("\u{1b}");
        app.wait("n new");
        faulty.heal();
        app.keys("\r");
        app.wait("POST http://");
        app.keys("\r");
        app.wait(if is_done {
            "k at acme: already registered"
        } else {
            "k at acme: registered, read back"
        });
        app.keys("q");
        assert_eq!(app.end().0, 0, "{fault:?}");
        assert_eq!(service.keys().len(), 1, "{fault:?}");
    }
}

#[test]
fn a_fault_in_reading_is_told_by_every_act_that_reads() {
    let other = elsewhere();
    for (fault, seen) in faults(&other.url) {
        let service = GoodData::start();
        let faulty = Faulty::before(&service.service.url);
        let keyfob = keyfob_at(&faulty.url, "timeout: 1s");
        let words = |text: &str| words(text, &faulty.url, &other.url);
        faulty.strike(fault.clone(), Struck::Reads);
        let ended = register(&keyfob);
        assert_eq!(words(&ended.stderr), seen.of_reading_back(), "{fault:?}");
        assert_eq!((ended.code, ended.stdout.as_str()), (5, ""));
        assert_eq!(states(&keyfob, &[])[0].0, "unknown");

        let told = seen.of_a_question();
        let asked = states(&keyfob, &["--refresh"]);
        let [(state, detail)] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        let shown = words(&keyfob::display::line(detail));
        assert_eq!(
            (state.as_str(), shown.trim_end()),
            ("unknown", told.as_str())
        );
        assert_eq!(states(&keyfob, &[])[0].0, "unknown");
        let view = keyfob.run(["registrations", "--at", "acme", "--refresh"]);
        let last = words(view.stderr.lines().last().unwrap());
        assert_eq!(
            (view.code, last),
            (5, format!("keyfob: {told}\n")),
            "{fault:?}"
        );
        let check = keyfob.run(["endpoints", "check", "acme"]);
        assert_eq!(words(&check.stdout), seen.of_a_check(), "{fault:?}");
        assert_eq!((check.code, check.stderr.as_str()), (5, ""));

        faulty.heal();
        goes_on(&keyfob, &service);
    }
    assert_eq!(other.lines(), Vec::<String>::new());
}

#[test]
fn what_is_only_slow_or_wrongly_labelled_is_taken() {
    for fault in [
        Fault::Slow,
        Fault::Typed("text/html; charset=utf-16"),
        says("429 Too Many Requests", &[("Retry-After", "0")], ""),
    ] {
        let service = GoodData::start();
        let faulty = Faulty::before(&service.service.url);
        let keyfob = keyfob_at(&faulty.url, "timeout: 1m");
        // An answer that asks to wait is repeated three times; here it never gets better.
        let ends = usize::from(!matches!(fault, Fault::Says(..)));
        faulty.strike(fault.clone(), Struck::All);
        let ended = register(&keyfob);
        assert_eq!(service.keys().len(), 1, "{fault:?}");
        assert_eq!(ended.code, if ends == 1 { 0 } else { 5 }, "{ended:?}");
    }
}

#[test]
fn each_flaw_of_a_certificate_is_named_and_nothing_is_sent() {
    let authority = Authority::new();
    for (flaw, why) in [
        (
            Flaw::SelfSigned,
            "nobody this machine trusts issued its certificate; if it is your own service, name the \
             issuing CA as the endpoint's `ca_file`",
        ),
        (
            Flaw::Expired,
            "its certificate has expired; its operator must renew it (or check this machine's clock)",
        ),
        (
            Flaw::NotYetValid,
            "its certificate is not valid yet; check this machine's clock",
        ),
        (
            Flaw::WrongHost,
            "its certificate is for another name; check the URL",
        ),
        (Flaw::None, ""),
    ] {
        let service = GoodData::start();
        let faulty = Faulty::behind_tls(&service.service.url, &authority, flaw);
        let keyfob = keyfob_at(&faulty.url, "ca_file: ca.pem");
        fs::write(keyfob.home().join("ca.pem"), authority.pem()).unwrap();
        let ended = register(&keyfob);
        let check = keyfob.run(["endpoints", "check", "acme"]);
        let host = faulty.url.trim_start_matches("https://");
        let told = format!("no secure connection to {host}: {why}");
        if flaw == Flaw::None {
            assert_eq!(ended.code, 0, "{ended:?}");
            assert_eq!(service.keys().len(), 1);
            let secure = "✓ secure     TLS, and its certificate is trusted\n";
            assert!(check.stdout.contains(secure), "{check:?}");
            continue;
        }
        assert_eq!(
            (ended.code, ended.stderr),
            (5, format!("keyfob: acme: {told}\n"))
        );
        assert_eq!(
            check.stdout,
            format!("✓ reachable  somebody answers there\n✗ secure     {told}\n{UNSEEN}")
        );
        assert_eq!(states(&keyfob, &[]), []);
        assert_eq!(service.service.requests(), Vec::<String>::new(), "{flaw:?}");
    }
}

#[test]
fn a_way_from_tls_to_plain_http_is_not_taken() {
    let (authority, other, service) = (Authority::new(), elsewhere(), GoodData::start());
    let faulty = Faulty::behind_tls(&service.service.url, &authority, Flaw::None);
    let keyfob = keyfob_at(&faulty.url, "ca_file: ca.pem");
    fs::write(keyfob.home().join("ca.pem"), authority.pem()).unwrap();
    let plain = other.url.replace("127.0.0.1", "localhost");
    faulty.strike(says("307 Moved", &[("Location", &plain)], ""), Struck::All);
    let ended = register(&keyfob);
    let told = format!(
        "keyfob: acme (GoodData) refused with 307: it sends on to {plain}, where keyfob does not \
         follow with a token: if it lives there now, change the endpoint's url\n"
    );
    assert!(ended.stderr.ends_with(&told), "{ended:?}");
    assert_eq!(ended.code, 5);
    assert_eq!(keyfob.run(["endpoints", "check", "acme"]).code, 5);
    assert_eq!(other.lines(), Vec::<String>::new());
}
