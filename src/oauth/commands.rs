//! The commands that do what an exchange does, with placeholders for secrets.

use super::{
    client::Client,
    token_request::{self, PLACEHOLDER},
};
use crate::{
    config::settings::{AssertionHeader, ClientAuth},
    net::request::quoted,
};

/// Between the words of a command.
const JOIN: &str = " \\\n  ";

/// Where the chain and its key are written for curl.
const CHAIN_FILE: &str = "client.crt";
const KEY_FILE: &str = "client.key";

/// How a proof is made and an access token asked for, as a POSIX shell takes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Commands {
    /// Makes what the second one proves the client with, named as JSON names it.
    pub proofs: Vec<(&'static str, String)>,
    /// Asks for the token with it.
    pub token: String,
    /// What the first one cannot do.
    pub remark: Option<&'static str>,
}

impl Commands {
    /// Those of `client` with the key `kid` at the token endpoint `token_url`.
    pub fn of(client: &Client, kid: &str, token_url: &str) -> Self {
        let settings = &client.settings;
        let mut proofs = Vec::new();
        let mut curl = vec![format!("curl {}", quoted(token_url))];
        if let Some(file) = &settings.ca_file {
            curl.push(format!("--cacert {}", quoted(&file.display().to_string())));
        }
        if settings.shows_certificate() {
            proofs.push(("certificate", certificate(kid)));
            curl.push(format!("--cert {CHAIN_FILE} --key {KEY_FILE}"));
        }
        let signs = settings.auth == ClientAuth::PrivateKeyJwt;
        if signs {
            proofs.push(("assertion", assertion(client, kid, token_url)));
        }
        let parameters = token_request::parameters(client).into_iter();
        curl.extend(parameters.map(|(name, value)| match value {
            PLACEHOLDER => format!("--data-urlencode \"{name}={PLACEHOLDER}\""),
            _ => format!("--data-urlencode {}", quoted(&format!("{name}={value}"))),
        }));
        let remark = (signs && settings.algorithm.is_some())
            .then_some("mint signs with the key's own algorithm, the client with the one it names");
        Self {
            proofs,
            token: curl.join(JOIN),
            remark,
        }
    }

    /// All of them, one after the other.
    pub fn text(&self) -> String {
        let proofs = self.proofs.iter().map(|(_, command)| command.as_str());
        let commands: Vec<&str> = proofs.chain([self.token.as_str()]).collect();
        commands.join("\n")
    }
}

/// Writes the certificate and its key to files, for curl to show.
fn certificate(kid: &str) -> String {
    let kid = quoted(kid);
    format!(
        "keyfob keys export {kid} --as chain --out {CHAIN_FILE}\nkeyfob keys export {kid} --as \
         pkcs8 --private --out {KEY_FILE}"
    )
}

/// Puts the assertion into `$ASSERTION`.
fn assertion(client: &Client, kid: &str, token_url: &str) -> String {
    let settings = &client.settings;
    let claim = |name: &str, value: &str| format!("--claim {}", quoted(&format!("{name}={value}")));
    let mut mint = vec![
        format!("ASSERTION=$(keyfob mint --key {}", quoted(kid)),
        "--template client-assertion".to_owned(),
        claim("iss", &settings.client_id),
        claim("sub", &settings.client_id),
        claim("aud", client.audience(token_url)),
        format!("--ttl {}s", settings.lifetime.as_secs()),
    ];
    let own = settings.claims.iter();
    mint.extend(
        own.map(|(name, value)| format!("--claim {}", quoted(&format!("{name}:={value}")))),
    );
    for member in AssertionHeader::ALL {
        let is_default = AssertionHeader::DEFAULT.contains(&member);
        match (settings.header.contains(&member), is_default) {
            (true, false) => mint.push(format!("--header {}", quoted(member.name()))),
            (false, true) => mint.push(format!("--without {}", member.name())),
            (true, true) | (false, false) => {}
        }
    }
    format!("{})", mint.join(JOIN))
}
