//! Whether an endpoint can be used, before anything is registered there.

use super::endpoint::{Endpoint, FirstPage};
use crate::net::{
    http::NetError,
    url::{Scheme, Url},
};

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    pub subject: Subject,
    pub verdict: Verdict,
    /// What was seen, and what to do about it.
    pub text: String,
}

/// What is looked at, in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// Somebody answers there.
    Reachable,
    /// Nobody on the way can read or change it.
    Secure,
    /// The service knows the token.
    Token,
    /// The token may look at keys.
    Rights,
}

/// How a look ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Bad,
    Good,
    /// What came before it failed, or nobody can tell.
    Unknown,
}

impl Subject {
    pub const ALL: [Self; 4] = [Self::Reachable, Self::Secure, Self::Token, Self::Rights];

    pub fn name(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Rights => "rights",
            Self::Secure => "secure",
            Self::Token => "token",
        }
    }
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Unknown => "unknown",
        }
    }
}

impl Endpoint {
    /// Asks for the keys there, and says what can be told from the answer. Nothing is changed there.
    pub fn check(&self) -> Vec<Finding> {
        let mut seen = self.look();
        for subject in Subject::ALL {
            if !seen.iter().any(|finding| finding.subject == subject) {
                seen.push(finding(subject, Verdict::Unknown, "could not be looked at"));
            }
        }
        seen.sort_by_key(|finding| {
            Subject::ALL
                .iter()
                .position(|each| *each == finding.subject)
        });
        seen
    }

    /// What was seen, as far as it could be looked at.
    fn look(&self) -> Vec<Finding> {
        let good = |subject, text: &str| finding(subject, Verdict::Good, text);
        let bad = |subject, text: &str| finding(subject, Verdict::Bad, text);
        let look = match self.first_page() {
            Ok(FirstPage::Local(findings)) => return findings,
            Ok(FirstPage::Remote(look)) => look,
            Err(error @ NetError::Tls { .. }) => {
                return vec![
                    good(Subject::Reachable, "somebody answers there"),
                    bad(Subject::Secure, &error.to_string()),
                ];
            }
            Err(error @ (NetError::LeadsAway { .. } | NetError::PlainHttp { .. })) => {
                return vec![bad(Subject::Secure, &error.to_string())];
            }
            Err(error) => return vec![bad(Subject::Reachable, &error.to_string())],
        };
        let (response, keys) = (look.response, look.keys);
        let answered = format!("answered in {} ms", response.elapsed.as_millis());
        let reachable = good(Subject::Reachable, &answered);
        let token = match &self.token {
            Some((_, source)) => format!("accepted, {source}"),
            None => "none is configured, and none was asked for".to_owned(),
        };
        let told = match (keys, response.status) {
            (Ok(_), _) if !look.token_was_tried => {
                let untried = "only registering a key will tell";
                return vec![
                    reachable,
                    self.secure(),
                    finding(Subject::Token, Verdict::Unknown, untried),
                    finding(Subject::Rights, Verdict::Unknown, untried),
                ];
            }
            (Ok(count), _) => {
                let rights = match count {
                    0 => "may list keys: none is there".to_owned(),
                    1 => "may list keys: one is there".to_owned(),
                    count => format!("may list keys: {count} on the first page"),
                };
                return vec![
                    reachable,
                    self.secure(),
                    good(Subject::Token, &token),
                    good(Subject::Rights, &rights),
                ];
            }
            (Err(error), 401) => bad(Subject::Token, &error.to_string()),
            (Err(error), 400..=428 | 430..=499) => bad(Subject::Rights, &error.to_string()),
            (Err(error), _) => {
                return vec![bad(Subject::Reachable, &error.to_string()), self.secure()];
            }
        };
        vec![reachable, self.secure(), told]
    }

    fn secure(&self) -> Finding {
        let (verdict, text) = match Url::parse(&self.url) {
            Ok(url) if url.scheme() == Scheme::Https => {
                (Verdict::Good, "TLS, and its certificate is trusted")
            }
            Ok(url) if url.is_loopback() => {
                (Verdict::Good, "plain http that stays on this machine")
            }
            _ => (
                Verdict::Bad,
                "plain http: anybody on the way can read the token",
            ),
        };
        finding(Subject::Secure, verdict, text)
    }
}

fn finding(subject: Subject, verdict: Verdict, text: &str) -> Finding {
    Finding {
        subject,
        verdict,
        text: text.to_owned(),
    }
}
