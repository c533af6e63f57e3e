//! Sending.

use std::{
    error::Error as _,
    fs,
    io::{self, Read as _},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustls::{AlertDescription, CertificateError, crypto::aws_lc_rs};
use ureq::{
    Agent, Body, Timeout,
    http::{self, header::HeaderValue as Value},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider},
    unversioned::transport::DefaultConnector,
};

pub use super::error::NetError;
use super::{
    identity::Identity,
    loopback::{LeadsAway, LoopbackResolver},
    policy::{PlainHttp, Policy},
    request::{HeaderValue, Method, Request, Response},
    url::{Scheme, Url},
};

/// Redirects that are followed, all on the same origin.
const REDIRECTS: u32 = 3;

/// Repetitions of a request that was answered with 429 or 503.
const RETRIES: u32 = 3;

/// The longest `Retry-After` that is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Sends one request and reads the whole answer under `policy`.
///
/// A redirect is followed only for a GET without credentials, on the same origin, at most three
/// times; any other 3xx is an answer. 429 and 503 are repeated where they name a `Retry-After` of at
/// most 30 s and the method is idempotent, at most three times.
pub fn send(request: &Request, policy: &Policy) -> Result<Response, NetError> {
    let mut url = allowed(request, policy)?;
    let agent = agent(&url, policy, Patience::ForTheWhole)?;
    let started = Instant::now();
    let (mut redirects, mut retries) = (0, 0);
    loop {
        let mut response = exchange(&agent, request, &url, policy)?;
        if retries < RETRIES
            && let Some(wait) = wait_before_retry(request, &response)
        {
            retries += 1;
            thread::sleep(wait);
        } else if redirects < REDIRECTS
            && let Some(target) = redirect_target(request, &response, &url)
        {
            redirects += 1;
            url = target;
        } else {
            response.elapsed = started.elapsed();
            return Ok(response);
        }
    }
}

/// What the time of a policy counts for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Patience {
    /// For the answer's head, and then for each piece of its body.
    ForEachPiece,
    /// For the whole exchange.
    ForTheWhole,
}

/// Where `request` goes, if the policy lets it.
pub fn allowed(request: &Request, policy: &Policy) -> Result<Url, NetError> {
    let url = Url::parse(&request.url)?;
    if must_stay_here(&url, policy) && !url.is_loopback() {
        return Err(NetError::PlainHttp {
            host: url.authority(),
        });
    }
    Ok(url)
}

/// Whether `policy` lets nothing be sent to `url` but to this machine.
fn must_stay_here(url: &Url, policy: &Policy) -> bool {
    url.scheme() == Scheme::Http && policy.plain_http == PlainHttp::LoopbackOnly
}

/// How long an answer asks to wait before the request is sent again: of a 429 or 503 with a
/// `Retry-After` of at most 30 s.
pub fn retry_after(response: &Response) -> Option<Duration> {
    if !matches!(response.status, 429 | 503) {
        return None;
    }
    // Only the form in seconds: the form with a date trusts that two clocks agree.
    let seconds = response.header("retry-after")?.trim().parse().ok()?;
    let wait = Duration::from_secs(seconds);
    (wait <= LONGEST_WAIT).then_some(wait)
}

/// A client for requests to `url` and its origin.
pub(super) fn agent(url: &Url, policy: &Policy, patience: Patience) -> Result<Agent, NetError> {
    let roots = match &policy.ca_file {
        Some(file) => {
            let wrong = |why: String| NetError::CaFile {
                file: file.clone(),
                why,
            };
            let pem = fs::read(file).map_err(|e| wrong(e.to_string()))?;
            let certificates = certificates(&pem).map_err(|e| wrong(e.to_string()))?;
            if certificates.is_empty() {
                return Err(wrong("it holds no PEM certificate".to_owned()));
            }
            RootCerts::from(certificates)
        }
        None => RootCerts::PlatformVerifier,
    };
    let identity = policy.identity.as_ref();
    let identity = identity.map(Identity::for_tls).transpose()?;
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(roots)
        .client_cert(identity)
        .build();
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .tls_config(tls)
        .user_agent(concat!("keyfob/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(policy.connect))
        .timeout_connect(Some(policy.connect));
    config = match patience {
        Patience::ForEachPiece => config
            .timeout_send_request(Some(policy.total))
            .timeout_send_body(Some(policy.total))
            .timeout_recv_response(Some(policy.total))
            .timeout_per_read(Some(policy.total)),
        Patience::ForTheWhole => config.timeout_global(Some(policy.total)),
    };
    if url.is_loopback() {
        config = config.proxy(None);
    }
    let config = config.build();
    if must_stay_here(url, policy) {
        // That a name says so is not enough: what it leads to counts.
        let (connector, resolver) = (DefaultConnector::new(), LoopbackResolver::default());
        return Ok(Agent::with_parts(config, connector, resolver));
    }
    Ok(config.new_agent())
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, ureq::Error> {
    ureq::tls::parse_pem(pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(e) => Some(Err(e)),
        })
        .collect()
}

/// One request, one whole answer.
fn exchange(
    agent: &Agent,
    request: &Request,
    url: &Url,
    policy: &Policy,
) -> Result<Response, NetError> {
    let (mut response, reader) = open(agent, request, url, policy)?;
    reader
        .into_with_config()
        .limit(policy.body_limit)
        .reader()
        .read_to_end(&mut response.body)
        .map_err(|e| explained(e.into(), url, policy))?;
    Ok(response)
}

/// One request, and its answer before the body is read.
pub(super) fn open(
    agent: &Agent,
    request: &Request,
    url: &Url,
    policy: &Policy,
) -> Result<(Response, Body), NetError> {
    let mut message = http::Request::builder()
        .method(request.method.name())
        .uri(url.as_str());
    for (name, value) in &request.headers {
        message = message.header(name, encoded(name, value)?);
    }
    let message = message
        .body(request.body.as_deref().unwrap_or_default())
        .map_err(|_| NetError::Header {
            name: names(request),
        })?;
    let answer = match &request.body {
        Some(_) => agent.run(message),
        None => agent.run(message.map(|_| ())),
    }
    .map_err(|e| explained(e, url, policy))?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let response = Response {
        status,
        headers,
        body: Vec::new(),
        elapsed: Duration::ZERO,
    };
    Ok((response, answer.into_body()))
}

fn encoded(name: &str, value: &HeaderValue) -> Result<Value, NetError> {
    let wrong = |_| NetError::Header {
        name: name.to_owned(),
    };
    match value {
        HeaderValue::Plain(text) => Value::from_str(text).map_err(wrong),
        HeaderValue::Secret { scheme, value } if scheme.is_empty() => {
            sensitive(value.expose()).map_err(wrong)
        }
        HeaderValue::Secret { scheme, value } => {
            sensitive(&format!("{scheme} {}", value.expose())).map_err(wrong)
        }
    }
}

fn sensitive(text: &str) -> Result<Value, http::header::InvalidHeaderValue> {
    let mut value = Value::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

fn names(request: &Request) -> String {
    let names: Vec<_> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.join(", ")
}

/// How long to wait before sending `request` again; none where the answer stands.
fn wait_before_retry(request: &Request, response: &Response) -> Option<Duration> {
    request
        .method
        .is_idempotent()
        .then(|| retry_after(response))
        .flatten()
}

fn redirect_target(request: &Request, response: &Response, url: &Url) -> Option<Url> {
    let follows = request.method == Method::Get
        && !request.has_credentials()
        && matches!(response.status, 301 | 302 | 303 | 307 | 308);
    if !follows {
        return None;
    }
    url.same_origin_target(response.header("location")?)
}

/// What `error` means to somebody who knows the host and not the library.
pub(super) fn explained(error: ureq::Error, url: &Url, policy: &Policy) -> NetError {
    let host = url.authority();
    if let ureq::Error::Other(error) = &error
        && let Some(LeadsAway(address)) = error.downcast_ref()
    {
        let address = *address;
        return NetError::LeadsAway { host, address };
    }
    match error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => NetError::ConnectTimeout {
            host,
            limit: policy.connect,
        },
        ureq::Error::Timeout(_) => NetError::NoAnswer {
            host,
            limit: policy.total,
        },
        ureq::Error::HostNotFound => NetError::HostNotFound { host },
        ureq::Error::BodyExceedsLimit(limit) => NetError::TooLarge { host, limit },
        ureq::Error::Rustls(e) => tls_failure(&e, host),
        ureq::Error::Tls(why) => NetError::Tls {
            why: why.to_owned(),
            host,
        },
        ureq::Error::Io(e) => io_failure(&e, host, url),
        ureq::Error::ConnectProxyFailed(why) => NetError::Connect {
            host,
            why: format!("the proxy refused: {why}"),
        },
        ureq::Error::ConnectionFailed => NetError::Connect {
            host,
            why: "connection failed".to_owned(),
        },
        ureq::Error::Decompress(_, e) => NetError::NotHttp {
            host,
            why: format!("broken compression: {e}"),
        },
        other => {
            let why = other.to_string();
            // What comes before says which part of the client found it.
            let why = why.rsplit(": ").next().unwrap_or_default().to_owned();
            NetError::NotHttp { host, why }
        }
    }
}

fn io_failure(error: &io::Error, host: String, url: &Url) -> NetError {
    if let Some(tls) = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>())
    {
        return tls_failure(tls, host);
    }
    let why = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        io::ErrorKind::HostUnreachable => "host unreachable".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        io::ErrorKind::UnexpectedEof => "connection closed".to_owned(),
        _ => error.to_string(),
    };
    match error.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => NetError::Connect { host, why },
        // Name lookup has no error kind of its own; the resolver says so in words.
        _ if error.source().is_none() && why.contains("lookup address") => NetError::HostNotFound {
            host: url.host().to_owned(),
        },
        _ => NetError::Broken { host, why },
    }
}

fn tls_failure(error: &rustls::Error, host: String) -> NetError {
    use rustls::{AlertDescription as Alert, Error as Tls};
    match error {
        // What was sent may have been read before this.
        Tls::DecryptError
        | Tls::PeerSentOversizedRecord
        | Tls::AlertReceived(
            Alert::BadRecordMac | Alert::DecodeError | Alert::DecryptError | Alert::RecordOverflow,
        ) => NetError::Broken {
            host,
            why: format!("its encryption is damaged on the way: {error}"),
        },
        other => NetError::Tls {
            host,
            why: distrust(other),
        },
    }
}

/// Why no secure connection came about, and what to do.
fn distrust(error: &rustls::Error) -> String {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "nobody this machine trusts issued its certificate; if it is your own service, name \
             the issuing CA as the endpoint's `ca_file`"
                .to_owned()
        }
        Tls::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired; its operator must renew it (or check this machine's \
              clock)"
            .to_owned(),
        Tls::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is not valid yet; check this machine's clock".to_owned(),
        Tls::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name; check the URL".to_owned(),
        Tls::InvalidCertificate(CertificateError::Revoked) => {
            "its certificate was revoked; do not send anything there".to_owned()
        }
        Tls::InvalidCertificate(why) => format!("its certificate is not trusted ({why})"),
        Tls::InvalidMessage(_) => {
            "it does not speak TLS there; check the port, or whether it is http".to_owned()
        }
        Tls::AlertReceived(alert) => alerted(*alert),
        other => other.to_string(),
    }
}

/// What a server says that ends a connection (RFC 8446 section 6.2).
fn alerted(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "it wants a client certificate, and none was shown; where a client asks, say auth: \
             tls_client_auth or bind: certificate at it"
                .to_owned()
        }
        AlertDescription::UnknownCA => {
            "it does not trust who issued the client's certificate (UnknownCA); have it signed by \
             a CA that the server trusts (keyfob cert csr), or the certificate entered there"
                .to_owned()
        }
        AlertDescription::CertificateExpired => {
            "to it, the client's certificate has expired; renew it: keyfob cert renew".to_owned()
        }
        AlertDescription::CertificateRevoked => {
            "the client's certificate was revoked; ask for another one".to_owned()
        }
        AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnsupportedCertificate => format!(
            "it does not take the client's certificate ({alert:?}); it may want one for clients \
             (keyfob cert new --profile client-auth), or by another issuer"
        ),
        alert => format!("it ended the handshake with {alert:?}"),
    }
}

#[cfg(test)]
mod tests;
