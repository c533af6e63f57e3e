//! Panel 5.

use std::collections::BTreeMap;

use super::*;
use crate::{
    config::settings::{
        AssertionHeader, Audience, Binding, ClientAuth, ClientServer, ClientSettings,
    },
    keystore::record::Registration,
    oauth::{
        access_token::{AccessToken, Answer},
        step::{Step, StepName, StepOutcome},
    },
    tui::app::{clients_panel::Part, msg::WayGone},
};

const ISSUER: &str = "https://idp.example";

/// A client that keyfob added, one of the user's own, and the sandbox's.
fn with_clients(columns: u16, rows: u16) -> State {
    let mut state = state(columns, rows);
    let issuer = ClientServer::Issuer(ISSUER.to_owned());
    let mut billing = ClientSettings::new(issuer, "billing", "partner-ec");
    billing.scope = Some("read".to_owned());
    billing.resource = Some("https://api.example/".to_owned());
    let url = ClientServer::TokenUrl("https://sso.example/auth/realms/gw/token".to_owned());
    let mut gateway = ClientSettings::new(url, "0001-ABCD", "prod-2026-11");
    gateway.audience = Audience::Text("https://sso.example/auth/realms/gw".to_owned());
    gateway.lifetime = std::time::Duration::from_secs(300);
    gateway.extra = BTreeMap::from([("scopes".to_owned(), "openid".to_owned())]);
    gateway.header = vec![AssertionHeader::Typ];
    let settings = &mut state.configuration.settings;
    for (name, client, file) in [
        ("billing", billing, "/c/config.d/client-billing.yaml"),
        ("gateway", gateway, "/c/config.yaml"),
    ] {
        settings.clients.insert(name.to_owned(), client);
        settings
            .client_files
            .insert(name.to_owned(), file.to_owned());
    }
    press(&mut state, &[Key::Char('5')]);
    state
}

/// Begins the exchange of `billing`.
fn begun(columns: u16, rows: u16) -> (State, crate::tui::app::task::TaskId) {
    let mut state = with_clients(columns, rows);
    let effects = press(&mut state, &[Key::Down, Key::Enter, Key::Enter]);
    let [Effect::GoTheWay { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    (state, task)
}

fn discovery() -> Step {
    Step::good(StepName::Discovery, ISSUER)
        .with_details([
            format!("token_endpoint: {ISSUER}/token"),
            format!("jwks_uri: {ISSUER}/jwks"),
        ])
        .with_raw([
            format!("GET {ISSUER}/.well-known/openid-configuration"),
            String::new(),
            "HTTP 200".to_owned(),
        ])
        .took(std::time::Duration::from_micros(41_200))
}

fn assertion() -> Step {
    let summary = format!("ES256 by partner-ec: iss = sub = billing, aud {ISSUER}, 60 s");
    let header = r#"{"alg":"ES256","kid":"partner-ec","typ":"JWT"}"#;
    let claims = format!(
        r#"{{"iss":"billing","sub":"billing","aud":"{ISSUER}","iat":1795615200,"exp":1795615260,"jti":"c2l4dGVlbiBieXRlcw"}}"#
    );
    let pretty = |text: &str| JsonObject::parse(text).unwrap().pretty();
    let lines = [pretty(header), pretty(&claims)].join("\n");
    Step::good(StepName::Assertion, summary)
        .with_details(lines.lines().map(str::to_owned))
        .with_raw([
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJiaWxsaW5nIn0.‹signature, 86 characters›".to_owned(),
        ])
        .took(std::time::Duration::from_micros(412))
}

fn token_request() -> Step {
    Step::good(StepName::TokenRequest, format!("POST {ISSUER}/token"))
        .with_details(["grant_type=client_credentials".to_owned()])
        .with_raw([format!("POST {ISSUER}/token")])
}

fn answer() -> Step {
    let body = r#"{"access_token":"••••","token_type":"Bearer","expires_in":300}"#;
    Step::good(StepName::Answer, "200, Bearer, ends in 5 min")
        .with_raw(["HTTP 200".to_owned(), String::new(), body.to_owned()])
        .took(std::time::Duration::from_millis(87))
}

fn access_token() -> Step {
    let header = r#"{"alg":"RS256","typ":"at+jwt","kid":"idp-1"}"#;
    let claims = format!(
        r#"{{"iss":"{ISSUER}","sub":"billing","aud":"https://api.example/","exp":1795615500,"scope":"read"}}"#
    );
    let pretty = |text: &str| JsonObject::parse(text).unwrap().pretty();
    let lines = [pretty(header), pretty(&claims)].join("\n");
    Step::good(StepName::AccessToken, "valid: at+jwt, RS256")
        .with_details(lines.lines().map(str::to_owned))
        .took(std::time::Duration::from_millis(33))
}

/// The token of an answer.
fn access() -> AccessToken {
    let body = r#"{"access_token":"s3cret","token_type":"Bearer","expires_in":300}"#;
    let mut response = exchange(200, body).response;
    match Answer::read(ISSUER, &mut response, None, now()).unwrap() {
        Answer::Granted(access) => access,
        Answer::Refused { .. } => panic!("refused"),
    }
}

/// Tells the steps, and that this is as far as it came.
fn gone(
    state: &mut State,
    task: crate::tui::app::task::TaskId,
    steps: Vec<Step>,
    result: Result<(), &str>,
) {
    let is_granted = steps.iter().any(|step| step.name == StepName::AccessToken);
    for step in steps {
        update(state, Msg::Step(task, Box::new(step)), now());
    }
    let gone = WayGone {
        access: is_granted.then(access),
        result: result.map_err(str::to_owned),
    };
    done(state, task, Outcome::WayGone(Box::new(gone)));
    state.toast = None;
}

/// The API's answer to `billing`, for the README.
pub(super) fn answered(columns: u16, rows: u16) -> State {
    let (mut state, task) = begun(columns, rows);
    let steps = vec![
        discovery(),
        assertion(),
        token_request(),
        answer(),
        access_token(),
        Step::good(StepName::Call, "GET https://api.example/v1/invoices"),
        Step::good(StepName::CallAnswer, "200, application/json")
            .with_details(["content-type: application/json".to_owned()])
            .took(std::time::Duration::from_millis(12)),
    ];
    let body = r#"{"invoices":[{"id":7,"paid":true}]}"#;
    update(&mut state, Msg::Piece(task, body.to_owned()), now());
    gone(&mut state, task, steps, Ok(()));
    state
}

#[test]
fn the_clients_of_every_origin() {
    for (columns, rows) in SIZES {
        let mut none = empty(columns, rows, Vault::Open);
        update(&mut none, Msg::Entries(Ok(Vec::new())), now());
        press(&mut none, &[Key::Char('5')]);
        look("empty-clients", &none);

        let mut many = with_clients(columns, rows);
        let client = many.configuration.settings.clients["gateway"].clone();
        for number in 100..400 {
            let clients = &mut many.configuration.settings.clients;
            clients.insert(format!("tenant-{number}"), client.clone());
        }
        press(&mut many, &[Key::Char('G')]);
        look("clients-many", &many);
        press(&mut many, &[Key::Char('/')]);
        text(&mut many, "ten 31");
        look("clients-filter", &many);
        text(&mut many, "x");
        look("clients-filter-none", &many);

        let mut state = with_clients(columns, rows);
        press(&mut state, &[Key::Down]);
        look("clients", &state);
        press(&mut state, &[Key::Down]);
        look("clients-own", &state);

        let mut state = with_clients(columns, rows);
        update(&mut state, Msg::SandboxFound(sandbox().running), now());
        let edge = state.keys.records().find(|record| record.kid == "edge");
        let mut edge = (**edge.unwrap()).clone();
        edge.registrations.push(Registration {
            endpoint: "sandbox".to_owned(),
            id: "edge".to_owned(),
            at: now(),
            thumbprint: edge.thumbprint().to_string(),
            evidence: crate::keystore::record::Evidence::Seen,
        });
        state.keys.put(&Arc::new(edge), None);
        press(&mut state, &[Key::Char('g')]);
        look("clients-sandbox", &state);
    }
}

#[test]
fn what_an_exchange_and_a_call_will_send_is_shown_before() {
    for (columns, rows) in SIZES {
        let mut state = with_clients(columns, rows);
        press(&mut state, &[Key::Down, Key::Enter]);
        look("dialog-exchange", &state);
        press(&mut state, &[Key::Esc, Key::Down, Key::Enter]);
        look("dialog-exchange-token-url", &state);
        press(&mut state, &[Key::Esc, Key::Char('C')]);
        look("dialog-call", &state);
        text(&mut state, "api.example/v1");
        press(&mut state, &[Key::Down, Key::Down]);
        text(&mut state, "Accept: a/b;q=1, c/d, X-Own: yes");
        press(&mut state, &[Key::Down]);
        text(&mut state, "{\"a\": 1}");
        press(&mut state, &[Key::Enter]);
        look("dialog-call-confirm", &state);
        press(&mut state, &[Key::Esc, Key::Char('X')]);
        text(&mut state, "s3cret");
        look("dialog-token-exchange", &state);
        press(&mut state, &[Key::Enter]);
        look("dialog-token-exchange-confirm", &state);
    }
}

#[test]
fn a_form_higher_than_the_screen_keeps_its_field_and_its_problem_in_sight() {
    let mut state = with_clients(80, 24);
    press(&mut state, &[Key::Char('a')]);
    look("form-high-top", &state);
    press(&mut state, &[Key::Up]);
    look("form-high-end", &state);
    press(&mut state, &[Key::Enter]);
    look("form-high-problem", &state);
}

#[test]
fn an_exchange_under_way_and_one_that_went_well() {
    for (columns, rows) in SIZES {
        let (mut state, task) = begun(columns, rows);
        update(&mut state, Msg::Step(task, Box::new(discovery())), now());
        look("clients-under-way", &state);

        let (mut state, task) = begun(columns, rows);
        let findings = vec!["it lives 5 min: strict servers take 60 s at most".to_owned()];
        let steps = vec![
            discovery(),
            assertion().with_findings(findings),
            token_request(),
            answer(),
            access_token(),
        ];
        gone(&mut state, task, steps, Ok(()));
        look("clients-success", &state);
        press(&mut state, &[Key::Char('g'), Key::Down]);
        look("clients-assertion", &state);
        press(&mut state, &[Key::Enter]);
        look("dialog-step", &state);
        press(&mut state, &[Key::Esc, Key::Esc]);
        look("clients-after", &state);
        let later = now() + SignedDuration::from_secs(285);
        update(&mut state, Msg::Tick, later);
        look("clients-last-minute", &state);
        let (mut state, task) = begun(columns, rows);
        let members =
            (0..60).map(|number| format!("member_{number}: https://idp.example/{number}"));
        let mut steps = vec![discovery().with_details(members)];
        steps.extend([assertion(), token_request(), answer(), access_token()]);
        gone(&mut state, task, steps, Ok(()));
        press(&mut state, &[Key::Char('g'), Key::Char('v'), Key::PageDown]);
        look("clients-details", &state);
    }
}

/// The client `billing` shows its key's certificate, and has its tokens bound to another key.
fn bound(columns: u16, rows: u16) -> State {
    let mut state = with_clients(columns, rows);
    let billing = state.configuration.settings.clients.get_mut("billing");
    let billing = billing.unwrap();
    billing.auth = ClientAuth::TlsClientAuth;
    billing.bind = Some(Binding::Dpop);
    billing.dpop_key = Some("edge".to_owned());
    state
}

#[test]
fn an_exchange_with_a_certificate_and_proofs() {
    let step = |name, text: &str| Step::good(name, text);
    let proof = "ES256 by edge: POST https://idp.example/token";
    let again = "400 use_dpop_nonce: again, with the nonce it gave";
    for (columns, rows) in SIZES {
        let mut state = bound(columns, rows);
        press(&mut state, &[Key::Down]);
        look("clients-bound", &state);
        press(&mut state, &[Key::Char('E')]);
        look("dialog-client-bound", &state);
        press(&mut state, &[Key::Esc]);
        let task = state.tasks.begin("asking".to_owned(), now());
        let settings = state.client().and_then(|row| row.settings);
        state.clients.way_mut("billing").begin(task, settings);
        state.clients.part = Part::Steps;
        let certificate = step(StepName::Certificate, "CN=billing, by CN=ca, ends in 59 d")
            .with_details(["subject: CN=billing".to_owned(), "issuer: CN=ca".to_owned()]);
        let mut steps = vec![discovery(), certificate];
        for (proof, answer) in [
            (proof.to_owned(), step(StepName::Answer, again)),
            (format!("{proof}, with the nonce of the server"), answer()),
        ] {
            let claims = r#"{"jti": "x", "htm": "POST"}"#.to_owned();
            let proof = step(StepName::Dpop, &proof).with_details([claims]);
            steps.extend([proof, token_request(), answer]);
        }
        steps.push(access_token());
        let call = "ES256 by edge: GET https://api.example/v1";
        steps.push(step(StepName::Dpop, call));
        steps.push(step(StepName::Call, "GET https://api.example/v1"));
        let refused = Step::bad(StepName::CallAnswer, &"https://api.example/v1 answered 401");
        let cause = "htu of the proof is https://api.example/v1: behind a proxy the API may call \
                     itself otherwise";
        steps.push(refused.with_findings(vec![cause.to_owned()]));
        gone(&mut state, task, steps, Err("refused"));
        look("clients-bound-refused", &state);
        press(&mut state, &[Key::Char('g'), Key::Down]);
        look("clients-bound-certificate", &state);
    }
}

#[test]
fn a_step_that_failed_stands_beside_its_causes() {
    let bad = |name, text: &str| Step::bad(name, &text);
    for (columns, rows) in SIZES {
        for (name, steps) in [
            (
                "clients-no-metadata",
                vec![bad(
                    StepName::Discovery,
                    "https://idp.example publishes no metadata: \
                     https://idp.example/.well-known/openid-configuration answered 404; check the \
                     issuer, or name its URLs one by one",
                )],
            ),
            (
                "clients-wrong-issuer",
                vec![bad(
                    StepName::Discovery,
                    "https://idp.example describes itself as the issuer \
                     \"https://evil.example\u{1b}[31m\": that is another one, and its word does not \
                     count here; check the URL",
                )],
            ),
            (
                "clients-refused",
                vec![
                    discovery(),
                    assertion(),
                    token_request(),
                    bad(
                        StepName::Answer,
                        "https://idp.example/token refused: 401 invalid_client: go away\n  this \
                         machine's clock is 5 min ahead of the server's, so iat and exp are wrong \
                         there: set the clock\n  check at the server: the client billing is there \
                         and enabled, authenticates with private_key_jwt, and has the key with the \
                         thumbprint x under kid partner-ec",
                    ),
                ],
            ),
            (
                "clients-not-verified",
                vec![discovery(), assertion(), token_request(), answer(), {
                    let findings = vec!["signature: it is not what the key idp-1 signs".to_owned()];
                    Step {
                        outcome: StepOutcome::Bad,
                        summary: "invalid: at+jwt, RS256".to_owned(),
                        ..access_token().with_findings(findings)
                    }
                }],
            ),
        ] {
            let (mut state, task) = begun(columns, rows);
            let result = if name == "clients-not-verified" {
                Ok(())
            } else {
                Err("no")
            };
            gone(&mut state, task, steps, result);
            look(name, &state);
        }
    }
}

#[test]
fn a_call_and_what_the_api_answered() {
    for (columns, rows) in SIZES {
        for (name, status, body) in [
            ("clients-called", 200, "{\"invoices\":[{\"id\":7}]}"),
            ("clients-api-refused", 401, "no\u{1b}[2J\u{202e}"),
        ] {
            let (mut state, task) = begun(columns, rows);
            let steps = vec![
                discovery(),
                assertion(),
                token_request(),
                answer(),
                access_token(),
            ];
            gone(&mut state, task, steps, Ok(()));
            press(&mut state, &[Key::Char('C')]);
            text(&mut state, "api.example/v1");
            let effects = press(&mut state, &[Key::Enter, Key::Enter]);
            let [Effect::GoTheWay { task, .. }] = effects[..] else {
                panic!("{effects:?}")
            };
            let call = Step::good(StepName::Call, "GET https://api.example/v1");
            update(&mut state, Msg::Step(task, Box::new(call)), now());
            let mut step = Step::good(StepName::CallAnswer, format!("{status}, text/plain"))
                .with_details(["content-type: text/plain".to_owned()])
                .took(std::time::Duration::from_millis(12));
            if status == 401 {
                step.outcome = StepOutcome::Bad;
                step = step.with_findings(vec!["the API says: unknown issuer".to_owned()]);
            }
            update(&mut state, Msg::Step(task, Box::new(step)), now());
            update(&mut state, Msg::Piece(task, body.to_owned()), now());
            gone(&mut state, task, Vec::new(), Ok(()));
            look(name, &state);
        }
    }
}

#[test]
fn the_form_of_a_client() {
    for (columns, rows) in SIZES {
        let mut state = with_clients(columns, rows);
        press(&mut state, &[Key::Char('a')]);
        look("dialog-client-new", &state);
        press(&mut state, &[Key::Enter]);
        text(&mut state, "billing");
        press(&mut state, &[Key::Enter]);
        look("dialog-client-taken", &state);
        press(&mut state, &[Key::Esc, Key::Down, Key::Char('E')]);
        look("dialog-client-edit", &state);
        press(&mut state, &[Key::Esc, Key::Char('d')]);
        look("dialog-client-remove", &state);
        press(&mut state, &[Key::Esc, Key::Char('Y')]);
        look("dialog-client-copy", &state);
    }
}
