//! `keyfob mint`, `keyfob verify`, `keyfob why` and `keyfob templates` as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Named;
use crate::jose::algorithm::{Algorithm, MacAlgorithm};

#[derive(Args, Debug)]
pub(in crate::cli) struct MintOptions {
    /// The signing key: a kid of the keystore, or a file
    #[arg(long, value_name = "KID|FILE")]
    pub(in crate::cli) key: String,
    /// Claims to start from [default: the key's last; else gooddata for RS keys, access-token]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) template: Option<String>,
    /// Claims as JSON instead of a template; - reads stdin
    #[arg(long, value_name = "FILE|-", conflicts_with = "template")]
    pub(in crate::cli) claims: Option<PathBuf>,
    /// Set a claim: JSON when it parses (iss sub aud jti name stay text); k:=v forces JSON
    #[arg(long = "claim", value_name = "K=V")]
    pub(in crate::cli) claim: Vec<String>,
    /// Fill a field of the template: keyfob templates show NAME lists them
    #[arg(long = "set", value_name = "FIELD=VALUE", conflicts_with = "claims")]
    pub(in crate::cli) set: Vec<String>,
    /// Set a header member, by the same rules (typ cty kid x5t stay text); kid, jwk, x5t, x5t#S256 and
    /// x5c alone are filled from the key and its certificate
    #[arg(long = "header", value_name = "K=V|MEMBER")]
    pub(in crate::cli) header: Vec<String>,
    /// Leave a member out of the header: kid or typ, for example
    #[arg(long = "without", value_name = "MEMBER")]
    pub(in crate::cli) without: Vec<String>,
    /// Subject (sub)
    #[arg(long)]
    pub(in crate::cli) sub: Option<String>,
    /// Audience (aud); several make an array
    #[arg(long)]
    pub(in crate::cli) aud: Vec<String>,
    /// Issuer (iss)
    #[arg(long)]
    pub(in crate::cli) iss: Option<String>,
    /// Lifetime: exp = now + TTL, 5m or 1h30m
    #[arg(long, allow_hyphen_values = true)]
    pub(in crate::cli) ttl: Option<String>,
    /// How many tokens, each with a fresh jti
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) count: u32,
    /// Sign also what the template's service is known to refuse
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum TemplatesCommand {
    /// List the templates, keyfob's own and yours
    List,
    /// Show one: its rules with their sources, its fields, its claims
    Show { name: String },
}

#[derive(Args, Debug)]
pub(in crate::cli) struct VerifyOptions {
    /// The token, a file that holds it, or - for stdin (the default)
    #[arg(value_name = "TOKEN|FILE|-")]
    pub(in crate::cli) token: Option<String>,
    /// A kid of the keystore, a file (JWK, JWKS, PEM, DER, certificate) or the URL of a JWKS
    #[arg(long, value_name = "KID|FILE|URL")]
    pub(in crate::cli) key: Option<String>,
    /// Find the keys as the issuer's metadata name them, and expect it as iss
    #[arg(long, value_name = "URL", conflicts_with = "key")]
    pub(in crate::cli) issuer: Option<String>,
    /// Allowed algorithms [default: the key's own]
    #[arg(long, value_parser = signatures(), hide_possible_values = true)]
    pub(in crate::cli) alg: Vec<String>,
    /// Expected issuer
    #[arg(long)]
    pub(in crate::cli) iss: Option<String>,
    /// Expected audience
    #[arg(long)]
    pub(in crate::cli) aud: Option<String>,
    /// Expected typ
    #[arg(long)]
    pub(in crate::cli) typ: Option<String>,
    /// A claim that must be there
    #[arg(long, value_name = "CLAIM")]
    pub(in crate::cli) require: Vec<String>,
    /// The oldest accepted iat, as an age: 5m
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub(in crate::cli) max_age: Option<String>,
    /// Tolerance for exp, nbf and iat, at most 300s
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "0s",
        allow_hyphen_values = true
    )]
    pub(in crate::cli) leeway: String,
    /// Judge as of TIME: epoch seconds or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) now: Option<String>,
    /// The payload need not be a claims set
    #[arg(long)]
    pub(in crate::cli) raw: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WhyOptions {
    /// The token, a file that holds it, or - for stdin
    #[arg(value_name = "TOKEN|FILE|-")]
    pub(in crate::cli) token: String,
    /// Ask the configured endpoints for their keys and their clocks; never a URL of the token
    #[arg(long)]
    pub(in crate::cli) online: bool,
}

/// Of tokens of others, which may name any.
fn signatures() -> Named<String> {
    let macs = MacAlgorithm::ALL.map(MacAlgorithm::name);
    Named::of(Algorithm::ALL.map(Algorithm::name).into_iter().chain(macs))
}
