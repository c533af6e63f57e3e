//! The commands that do what an exchange does, with placeholders for secrets.

use super::{
    client::Client,
    dpop,
    inquiry::{self, Inquiry},
    token_request::{self, PLACEHOLDER, SUBJECT_TOKEN},
};
use crate::{
    config::settings::{AssertionHeader, ClientAuth},
    net::request::{Method, quoted},
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
    /// What they cannot do.
    pub remarks: Vec<&'static str>,
}

impl Commands {
    /// Those of `client` with the key `kid` at the token endpoint `token_url`.
    pub fn of(client: &Client, kid: &str, token_url: &str) -> Self {
        let settings = &client.settings;
        let (mut proofs, mut curl) = begun(client, kid, token_url, token_url);
        let signs = settings.signs();
        if let Some(kid) = settings.proof_key() {
            proofs.push(("dpop_proof", proof(kid, Method::Post, token_url, None)));
            curl.push(r#"-H "DPoP: $DPOP""#.to_owned());
        }
        curl.extend(written(token_request::parameters(client)));
        let mut remarks = Vec::new();
        if settings.auth == ClientAuth::ClientSecretJwt {
            remarks
                .push("./client-secret.jwk is the secret as a JWK of kty oct, its k in base64url");
        }
        if signs && settings.algorithm.is_some() {
            remarks
                .push("mint signs with the key's own algorithm, the client with the one it names");
        }
        if settings.proof_key().is_some() {
            remarks.push(
                "a server that answers use_dpop_nonce gives a nonce in its header DPoP-Nonce: add \
                 --claim nonce=NONCE to the proof's command, and send it again",
            );
        }
        Self {
            proofs,
            token: curl.join(JOIN),
            remarks,
        }
    }

    /// Those that ask `url` about the token in `$TOKEN`.
    pub(super) fn of_inquiry(client: &Client, kid: &str, token_url: &str, url: &str) -> Self {
        let (proofs, mut curl) = begun(client, kid, token_url, url);
        curl.extend(written(Inquiry::parameters(client)));
        Self {
            proofs,
            token: curl.join(JOIN),
            remarks: Vec::new(),
        }
    }

    /// All of them, one after the other.
    pub fn text(&self) -> String {
        let proofs = self.proofs.iter().map(|(_, command)| command.as_str());
        let commands: Vec<&str> = proofs.chain([self.token.as_str()]).collect();
        commands.join("\n")
    }
}

/// What proves the client whose token endpoint is `token_url`, and the beginning of the command that
/// sends it to `url`.
fn begun(
    client: &Client,
    kid: &str,
    token_url: &str,
    url: &str,
) -> (Vec<(&'static str, String)>, Vec<String>) {
    let settings = &client.settings;
    let mut proofs = Vec::new();
    let mut curl = vec![format!("curl {}", quoted(url))];
    if let Some(file) = &settings.ca_file {
        curl.push(format!("--cacert {}", quoted(&file.display().to_string())));
    }
    if settings.shows_certificate() {
        proofs.push(("certificate", certificate(kid)));
        curl.push(format!("--cert {CHAIN_FILE} --key {KEY_FILE}"));
    }
    match settings.auth {
        _ if settings.signs() => {
            let kid = quoted(kid);
            proofs.push(("assertion", assertion(client, &kid, token_url)));
        }
        ClientAuth::ClientSecretJwt => {
            proofs.push(("assertion", assertion(client, SECRET_FILE, token_url)));
        }
        _ => {}
    }
    if settings.auth == ClientAuth::ClientSecretBasic {
        let id = quoted(&settings.client_id);
        curl.push(format!("-u {id}:\"$CLIENT_SECRET\""));
    }
    (proofs, curl)
}

/// Parameters of a form as curl takes them; the shell fills in what stands for a secret.
fn written(parameters: Vec<(&str, &str)>) -> impl Iterator<Item = String> {
    parameters.into_iter().map(|(name, value)| match value {
        PLACEHOLDER | SUBJECT_TOKEN | inquiry::PLACEHOLDER => {
            format!("--data-urlencode \"{name}={value}\"")
        }
        _ => format!("--data-urlencode {}", quoted(&format!("{name}={value}"))),
    })
}

/// A JWK of the secret (`kty` oct), for `keyfob mint`.
const SECRET_FILE: &str = "./client-secret.jwk";

/// Writes the certificate and its key to files, for curl to show.
fn certificate(kid: &str) -> String {
    let kid = quoted(kid);
    format!(
        "keyfob keys export {kid} --as chain --out {CHAIN_FILE}\nkeyfob keys export {kid} --as \
         pkcs8 --private --out {KEY_FILE}"
    )
}

/// Puts the proof for one request into `$DPOP`; `token` is the shell's name for the token that goes
/// with it.
pub(super) fn proof(kid: &str, method: Method, url: &str, token: Option<&str>) -> String {
    let mut mint = vec![
        format!("DPOP=$(keyfob mint --key {}", quoted(kid)),
        "--template dpop-proof".to_owned(),
        "--without kid".to_owned(),
        format!("--set method={method}"),
        format!("--set {}", quoted(&format!("url={}", dpop::target(url)))),
    ];
    if let Some(token) = token {
        // base64url, as openssl does not write it.
        mint.push(format!(
            "--claim \"ath=$(printf %s \"{token}\" | openssl dgst -sha256 -binary | openssl base64 \
             -A | tr '+/' '-_' | tr -d =)\""
        ));
    }
    format!("{})", mint.join(JOIN))
}

/// Puts the assertion into `$ASSERTION`.
fn assertion(client: &Client, key: &str, token_url: &str) -> String {
    let settings = &client.settings;
    let claim = |name: &str, value: &str| format!("--claim {}", quoted(&format!("{name}={value}")));
    let mut mint = vec![
        format!("ASSERTION=$(keyfob mint --key {key}"),
        "--template client-assertion".to_owned(),
        claim("iss", &settings.client_id),
        claim("sub", client.subject()),
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
