//! The commands that do what an exchange does, with placeholders for secrets.

use super::{
    client::Client,
    token_request::{self, PLACEHOLDER},
};
use crate::{config::settings::AssertionHeader, net::request::quoted};

/// How an assertion is made and an access token asked for, as a POSIX shell takes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Commands {
    /// Puts the assertion into `$ASSERTION`.
    pub assertion: String,
    /// Asks for the token with it.
    pub token: String,
    /// What the first one cannot do.
    pub remark: Option<&'static str>,
}

impl Commands {
    /// Those of `client` with the key `kid` at the token endpoint `token_url`.
    pub fn of(client: &Client, kid: &str, token_url: &str) -> Self {
        let settings = &client.settings;
        let claim =
            |name: &str, value: &str| format!("--claim {}", quoted(&format!("{name}={value}")));
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
        let last = mint.pop().unwrap_or_default();
        mint.push(format!("{last})"));
        let mut curl = vec![format!("curl {}", quoted(token_url))];
        let parameters = token_request::parameters(client).into_iter();
        curl.extend(parameters.map(|(name, value)| match value {
            PLACEHOLDER => format!("--data-urlencode \"{name}={PLACEHOLDER}\""),
            _ => format!("--data-urlencode {}", quoted(&format!("{name}={value}"))),
        }));
        let remark = settings
            .algorithm
            .map(|_| "mint signs with the key's own algorithm, the client with the one it names");
        Self {
            assertion: mint.join(" \\\n  "),
            token: curl.join(" \\\n  "),
            remark,
        }
    }

    /// Both, one after the other.
    pub fn text(&self) -> String {
        format!("{}\n{}", self.assertion, self.token)
    }
}
