//! A request as data: shown before it is sent, copied as curl, sent unchanged.

use crate::secret::Secret;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    Delete,
    Get,
    Patch,
    Post,
    Put,
}

/// A header's value: a secret one is masked wherever it is shown (`Bearer ••••`).
#[derive(Clone, Debug)]
pub enum HeaderValue {
    Plain(String),
    /** scheme word and secret */
    Secret {
        scheme: String,
        value: Secret<String>,
    },
}

#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, HeaderValue)>,
    pub body: Option<String>,
}

/// What came back; the body is text from outside.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub elapsed: std::time::Duration,
}

impl Request {
    /// Method, URL, headers with secrets masked, empty line, body.
    pub fn shown(&self) -> Vec<String> {
        unimplemented!()
    }
    /// A curl command with `$TOKEN` in place of secrets, quoted for a POSIX shell.
    pub fn curl(&self) -> String {
        unimplemented!()
    }
}
