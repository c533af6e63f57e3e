//! `keyfob clients`, `keyfob token` and `keyfob call` as clap reads them.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::algorithms;
use crate::{
    config::settings::{Binding, ClientAuth, Grant, TokenKind},
    jose::algorithm::Algorithm,
    net::request::Method,
};

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum ClientsCommand {
    /// List the clients
    List,
    /// Show one client
    Show { name: String },
    /// Write a client to config.d
    Add(Box<ClientAddOptions>),
    /// Remove a client that `add` wrote
    Rm { name: String },
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("server").required(true).args(["issuer", "token_url"])))]
pub(in crate::cli) struct ClientAddOptions {
    /// What it is called here: 1 to 100 of A–Z a–z 0–9 . _ -
    pub(in crate::cli) name: String,
    /// The authorization server; its metadata name the token endpoint
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) issuer: Option<String>,
    /// The token endpoint, where there are no metadata
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) token_url: Option<String>,
    /// What the server calls the client: iss and sub of the assertion
    #[arg(long, value_name = "ID", required_unless_present = "template")]
    pub(in crate::cli) client_id: Option<String>,
    /// The key that signs, or whose certificate is shown; a client with a shared secret needs none
    #[arg(long, value_name = "KID")]
    pub(in crate::cli) key: Option<String>,
    /// The algorithm, where it is not the key's own
    #[arg(long, value_parser = algorithms(), hide_possible_values = true)]
    pub(in crate::cli) alg: Option<Algorithm>,
    /// aud of the assertion: `issuer`, `token_url` or any text [default: issuer]
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) audience: Option<String>,
    /// From iat to exp of the assertion [default: 60s]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lifetime: Option<String>,
    #[arg(long)]
    pub(in crate::cli) scope: Option<String>,
    /// The API the token is for (RFC 8707)
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) resource: Option<String>,
    /// The form parameter `audience`
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) request_audience: Option<String>,
    /// A further form parameter
    #[arg(long, value_name = "K=V")]
    pub(in crate::cli) extra: Vec<String>,
    /// A member of the assertion's header: kid, typ, x5t, x5t#S256 or x5c [default: kid and typ]
    #[arg(long, value_name = "MEMBER")]
    pub(in crate::cli) header: Vec<String>,
    /// A further claim of the assertion, by the rules of mint
    #[arg(long = "claim", value_name = "K=V")]
    pub(in crate::cli) claim: Vec<String>,
    /// How the client proves itself: `private_key_jwt`, `tls_client_auth`,
    /// `self_signed_tls_client_auth`, `client_secret_jwt` or `client_secret_basic` [default:
    /// `private_key_jwt`]
    #[arg(long, value_name = "METHOD")]
    pub(in crate::cli) auth: Option<ClientAuth>,
    /// The environment variable that holds the secret of `client_secret_basic` or _jwt
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) secret_env: Option<String>,
    /// Ask for that secret (or read the first line of stdin) and seal it in the keystore
    #[arg(long, conflicts_with = "secret_env")]
    pub(in crate::cli) secret_sealed: bool,
    /// By what right a token is asked for: `client_credentials`, or `jwt_bearer` for whom an
    /// assertion names [default: `client_credentials`]
    #[arg(long, value_name = "GRANT")]
    pub(in crate::cli) grant: Option<Grant>,
    /// sub of the assertion of `jwt_bearer`, where it is not the client's id
    #[arg(long, value_name = "SUB")]
    pub(in crate::cli) subject: Option<String>,
    /// Claims to begin from, for `jwt_bearer`: google-jwt-bearer, for example
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) template: Option<String>,
    /// Fill a field of the template: keyfob templates show NAME lists them
    #[arg(long, value_name = "FIELD=VALUE", requires = "template")]
    pub(in crate::cli) set: Vec<String>,
    /// What access tokens are bound to: the `certificate` of the key, or by `dpop` a key that
    /// signs a proof for each request
    #[arg(long, value_name = "WHAT")]
    pub(in crate::cli) bind: Option<Binding>,
    /// The key that signs the proofs of dpop [default: the client's own]
    #[arg(long, value_name = "KID")]
    pub(in crate::cli) dpop_key: Option<String>,
    /// PEM certificates trusted instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Allow plain http to another machine
    #[arg(long)]
    pub(in crate::cli) allow_http: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct TokenOptions {
    /// A client of the configuration, or sandbox: the key registered there last
    pub(in crate::cli) client: String,
    /// Show every step instead, with what was decoded and verified, and not the token
    #[arg(long, conflicts_with = "curl")]
    pub(in crate::cli) show: bool,
    /// Print the commands that do the same, and ask for no token
    #[arg(long)]
    pub(in crate::cli) curl: bool,
    /// Exchange a token for one of the client's; - reads stdin (RFC 8693)
    #[arg(long, value_name = "TOKEN|-", conflicts_with_all = ["introspect", "revoke"])]
    pub(in crate::cli) exchange: Option<String>,
    /// The kind of the token to exchange: `access_token`, `id_token`, jwt, `refresh_token`, saml1 or
    /// saml2 [default: `access_token`]
    #[arg(long, value_name = "KIND", requires = "exchange")]
    pub(in crate::cli) kind: Option<TokenKind>,
    /// Print what the server knows of a token instead: of a new one, or that of --of (RFC 7662)
    #[arg(long, conflicts_with = "curl")]
    pub(in crate::cli) introspect: bool,
    /// The token to introspect; - reads stdin
    #[arg(long, value_name = "TOKEN|-", requires = "introspect")]
    pub(in crate::cli) of: Option<String>,
    /// Have the server forget a token instead; - reads stdin (RFC 7009)
    #[arg(long, value_name = "TOKEN|-", conflicts_with_all = ["curl", "introspect"])]
    pub(in crate::cli) revoke: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct CallOptions {
    /// A client of the configuration, or sandbox: the key registered there last
    pub(in crate::cli) client: String,
    /// The API's address; the access token is sent there and nowhere else
    pub(in crate::cli) url: String,
    /// DELETE, GET, HEAD, OPTIONS, PATCH, POST or PUT [default: GET, with -d POST]
    #[arg(short = 'X', long, value_parser = method)]
    pub(in crate::cli) request: Option<Method>,
    /// A header, NAME: VALUE
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(in crate::cli) header: Vec<String>,
    /// The body, or @FILE; sent as JSON where it is JSON
    #[arg(short = 'd', long, value_name = "TEXT|@FILE")]
    pub(in crate::cli) data: Option<String>,
}

fn method(text: &str) -> Result<Method, String> {
    let mut all = Method::ALL.into_iter();
    all.find(|method| method.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| "write DELETE, GET, HEAD, OPTIONS, PATCH, POST or PUT".to_owned())
}
