//! `keyfob sandbox …`

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use crate::sandbox::fault::Fault;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct SandboxOptions {
    /// None runs both servers
    #[command(subcommand)]
    pub(in crate::cli) command: Option<SandboxCommand>,
    /// Address of the authorization server and key registry; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3001")]
    pub(in crate::cli) auth: SocketAddr,
    /// Address of the protected API; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3002")]
    pub(in crate::cli) api: SocketAddr,
    /// Sign access tokens with the key of this folder, which is the client `client`'s too
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) keys: Option<PathBuf>,
    /// Where the API fetches the keys of the authorization server
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) jwks_url: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) manners: Manners,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum SandboxCommand {
    /// Write a key pair for servers and client: two PEM files and a JWK Set
    Bootstrap {
        /// The folder, made where it is missing; nothing in it is replaced
        dir: PathBuf,
    },
    /// Run the authorization server and key registry alone
    Auth(AuthOptions),
    /// Run the protected API alone, behind any authorization server
    Api(ApiOptions),
    /// Show how the sandbox that runs refuses on purpose, or change it
    Faults {
        /// These from now on, and no others: expired, wrong-aud, replay, unknown-kid, 429, slow,
        /// 500, clock; or none
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Let the sandbox that runs sign access tokens with a new key; the old one stays in its set
    Rotate,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct AuthOptions {
    /// Its address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3001")]
    pub(in crate::cli) auth: SocketAddr,
    /// Sign access tokens with the key of this folder, which is the client `client`'s too
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) keys: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) manners: Manners,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ApiOptions {
    /// Its address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3002")]
    pub(in crate::cli) api: SocketAddr,
    /// Where it fetches the authorization server's keys: ISSUER/.well-known/jwks.json unless said
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) jwks_url: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) manners: Manners,
}

// What the servers call themselves and how they take requests. A doc comment here would take the
// place of what each command says of itself.
#[derive(Args, Debug)]
pub(in crate::cli) struct Manners {
    /// What access tokens call their issuer: the authorization server's address unless said
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) issuer: Option<String>,
    /// Whom access tokens are for: the API's address unless said
    #[arg(long, value_name = "A")]
    pub(in crate::cli) audience: Option<String>,
    /// Take the Node.js article's client and tokens of any typ, and log what a strict server refuses
    #[arg(long)]
    pub(in crate::cli) lenient: bool,
    /// Refuse on purpose: expired, wrong-aud, replay, unknown-kid, 429, slow, 500, clock
    #[arg(long = "fault", value_name = "NAME")]
    pub(in crate::cli) faults: Vec<Fault>,
}
