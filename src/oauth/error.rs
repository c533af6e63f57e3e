//! Why an authorization server could not be asked, or what it said cannot be used.

use crate::{
    jose::{claims::JsonError, key::KeyError},
    net::error::NetError,
};

/// Why an authorization server could not be asked, or what it said cannot be used: what, where, and
/// what to do instead. What the server said stands in it as it is.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// An answer of a token endpoint that cannot be used.
    #[error("{url} granted nothing that can be used: {why}")]
    Answer { url: String, why: String },
    /// Nobody waits for it any more; nothing further was sent.
    #[error("cancelled")]
    Cancelled,
    /// The client's own settings and its key do not fit together. Exit 2.
    #[error("{0}")]
    DoesNotFit(String),
    /// An https server names an address that anybody on the way can read.
    #[error(
        "{issuer} names {url} as its {member}, over plain http, although it is https itself: \
         nothing is sent there; its operator must mend that"
    )]
    Downgrade {
        issuer: String,
        member: &'static str,
        url: String,
    },
    /// What was said of a token cannot be used.
    #[error("{url} said nothing of the token that can be used: {why}")]
    Inquiry { url: String, why: String },
    /// The metadata are of somebody else (RFC 8414 section 3.3).
    #[error(
        "{asked} describes itself as the issuer {said:?}: {}",
        same_but_slash(asked, said)
    )]
    Issuer { asked: String, said: String },
    /// A text that cannot be an issuer (RFC 8414 section 2). Exit 2.
    #[error("{issuer}: {why}")]
    IssuerText { issuer: String, why: String },
    /// A member of the metadata is not what it must be.
    #[error("the {member} that {issuer} names cannot be used: {why}")]
    Member {
        issuer: String,
        member: &'static str,
        why: String,
    },
    /// No answer.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The access token had ended when it came.
    #[error(
        "{url} granted an access token that ended {ended}: an old answer was played back, or its \
         clock and this machine's differ"
    )]
    Ended { url: String, ended: String },
    /// Neither path of discovery has metadata.
    #[error(
        "{issuer} publishes no metadata: {tried}; check the issuer, or name its URLs one by one"
    )]
    NoMetadata { issuer: String, tried: String },
    /// The server does not have it.
    #[error("{issuer} names no {member}: it does not offer that, or not to everybody")]
    NotNamed {
        issuer: String,
        member: &'static str,
    },
    /// A certificate is shown in a TLS handshake alone.
    #[error(
        "{url} is plain http, where no certificate is shown: the server must name an https \
         address, as its token_endpoint or among its mtls_endpoint_aliases"
    )]
    NoTls { url: String },
    /// The metadata are no JSON object.
    #[error("{url} answered with something that is no metadata: {why}; check the issuer")]
    NotMetadata { url: String, why: JsonError },
    /// The keys are no JWK Set.
    #[error("{url}: {why}")]
    NotASet { url: String, why: KeyError },
    /// The system has none.
    #[error("the system has no randomness: {0}")]
    Randomness(String),
    /// A redirect that is not followed.
    #[error(
        "{url} sends on to {to}, and only redirects on the same host are followed, three at most: \
         name the last address yourself if you trust it"
    )]
    Redirected { url: String, to: String },
    /// The token endpoint said no: what it said, and the likely causes, likeliest first.
    #[error("{}", refusal(url, *status, error.as_deref(), description.as_deref(), causes))]
    Refused {
        url: String,
        status: u16,
        error: Option<String>,
        description: Option<String>,
        causes: Vec<String>,
    },
    /// The key could not sign.
    #[error(transparent)]
    Sign(#[from] KeyError),
    /// Any other answer than 200.
    #[error("{url} answered {status} instead of {wanted}")]
    Status {
        url: String,
        status: u16,
        wanted: &'static str,
    },
}

/// The refusal on one line, and each cause on its own.
fn refusal(
    url: &str,
    status: u16,
    error: Option<&str>,
    description: Option<&str>,
    causes: &[String],
) -> String {
    let said = match (error, description) {
        (Some(error), Some(description)) => format!(" {error}: {description}"),
        (Some(word), None) | (None, Some(word)) => format!(" {word}"),
        (None, None) => String::new(),
    };
    let mut lines = vec![format!("{url} refused: {status}{said}")];
    lines.extend(causes.iter().map(|cause| format!("  {cause}")));
    lines.join("\n")
}

/// What to do about two issuers that differ.
fn same_but_slash(asked: &str, said: &str) -> String {
    if asked.trim_end_matches('/') == said.trim_end_matches('/') {
        format!("write it so, {said}")
    } else {
        "that is another one, and its word does not count here; check the URL".to_owned()
    }
}
