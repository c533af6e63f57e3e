//! Why no answer came.

use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Why no answer came: which host, what failed, what to do. Exit 5. Never holds credentials: a URL
/// that may have some is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The connection broke before the whole answer was there.
    #[error("the connection to {host} broke before the whole answer came ({why}): try again")]
    Broken { host: String, why: String },
    /// The endpoint's `ca_file` cannot be used.
    #[error("cannot use the ca_file {}: {why}", file.display())]
    CaFile { file: PathBuf, why: String },
    /// Nobody listens, or nothing leads there.
    #[error("could not connect to {host} ({why}): check that it runs there, and the URL")]
    Connect { host: String, why: String },
    /// Nothing took the connection in time.
    #[error(
        "could not connect to {host} in {}: check the URL, the network and any firewall or proxy",
        shown(*limit)
    )]
    ConnectTimeout { host: String, limit: Duration },
    /// A header that HTTP cannot carry.
    #[error("the header {name} cannot be sent: its value has a character that HTTP forbids")]
    Header { name: String },
    /// No such name.
    #[error("there is no host {host}: check the URL, and the network's name server")]
    HostNotFound { host: String },
    /// A certificate and its key that TLS cannot show.
    #[error("no TLS server would take this certificate and its key: {why}")]
    Identity { why: String },
    /// A name of this machine that leads to another one, over plain http.
    #[error(
        "{host} leads to {address}, another machine, and over plain http anybody on the way can \
         read the token: mend /etc/hosts or the name server, use https, or say `allow_http: true` \
         at the endpoint"
    )]
    LeadsAway { host: String, address: IpAddr },
    /// The whole answer was not there in time.
    #[error(
        "no whole answer from {host} in {}: try again; an endpoint may have a longer `timeout`",
        shown(*limit)
    )]
    NoAnswer { host: String, limit: Duration },
    /// It answered, but not in HTTP.
    #[error("{host} answered with something that is no HTTP ({why}): check the URL and its port")]
    NotHttp { host: String, why: String },
    /// Plain http to another machine.
    #[error(
        "{host} would be reached over plain http, where anybody on the way can read the token: use \
         https, or say `allow_http: true` at the endpoint"
    )]
    PlainHttp { host: String },
    /// TLS failed; `why` says what to do.
    #[error("no secure connection to {host}: {why}")]
    Tls { host: String, why: String },
    /// More bytes than the policy allows, counted after decompression.
    #[error("{host} answered with more than {}: that is no answer keyfob waits for", bytes(*limit))]
    TooLarge { host: String, limit: u64 },
    /// Text that is no URL keyfob sends to.
    #[error("{why}")]
    Url { why: &'static str },
}

impl NetError {
    /// Whether the request may have reached the service although no answer came: what it asked for
    /// may have been done.
    pub fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::Broken { .. }
                | Self::NoAnswer { .. }
                | Self::NotHttp { .. }
                | Self::TooLarge { .. }
        )
    }
}

/// `4 MiB`, or `1000 bytes` where it is no whole number of them.
fn bytes(limit: u64) -> String {
    const MEBIBYTE: u64 = 1 << 20;
    match (limit / MEBIBYTE, limit % MEBIBYTE) {
        (whole @ 1.., 0) => format!("{whole} MiB"),
        _ => format!("{limit} bytes"),
    }
}

/// `5 s`, or `200 ms` below a second.
fn shown(limit: Duration) -> String {
    if limit < Duration::from_secs(1) {
        format!("{} ms", limit.as_millis())
    } else {
        format!("{} s", limit.as_secs())
    }
}
