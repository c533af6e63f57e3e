//! The URLs that requests go to.

use std::net::IpAddr;

use ureq::http::Uri;

use super::error::NetError;

/// An absolute `http` or `https` URL without user name, password or fragment (RFC 3986).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Url {
    text: String,
    scheme: Scheme,
    /// Lower case; an IPv6 address without its brackets.
    host: String,
    port: u16,
}

/// How a URL is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    Http,
    Https,
}

impl Url {
    /// Reads `text`; the errors never repeat it, for it may hold credentials.
    pub fn parse(text: &str) -> Result<Self, NetError> {
        let wrong = |why| Err(NetError::Url { why });
        if text.contains('#') {
            return wrong("the URL has a part after #, which is never sent: leave it out");
        }
        let Ok(uri) = text.parse::<Uri>() else {
            return wrong("this is no URL: write it like https://host.example/path");
        };
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            Some(_) => return wrong("the URL must begin with https:// (or http://)"),
            None => return wrong("the URL must be whole, with https:// at its beginning"),
        };
        let Some(authority) = uri.authority() else {
            return wrong("the URL names no host: write it like https://host.example/path");
        };
        if authority.as_str().contains('@') {
            return wrong(
                "the URL holds a user name or password: leave them out, credentials go into the \
                 endpoint's `token`",
            );
        }
        let host = authority
            .host()
            .trim_matches(['[', ']'])
            .to_ascii_lowercase();
        if host.is_empty() {
            return wrong("the URL names no host: write it like https://host.example/path");
        }
        let port = match (authority.port(), scheme) {
            (Some(port), _) => port.as_u16(),
            (None, Scheme::Http) => 80,
            (None, Scheme::Https) => 443,
        };
        Ok(Self {
            text: text.to_owned(),
            scheme,
            host,
            port,
        })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Lower case; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and, where it is not the scheme's own, port: what error messages name.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match (self.scheme, self.port) {
            (Scheme::Http, 80) | (Scheme::Https, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// Scheme, host and port (RFC 6454 section 6.2): `https://host.example`.
    pub fn origin(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://{}", self.authority())
    }

    /// What follows the host: `/path?query`; empty where nothing does.
    pub fn after_origin(&self) -> &str {
        let begin = self.text.find("://").map_or(0, |place| place + 3);
        let rest = &self.text[begin..];
        rest.find(['/', '?']).map_or("", |place| &rest[place..])
    }

    /// Whether it stays on this machine: 127.0.0.0/8, `::1`, or a `localhost` name (RFC 6761
    /// section 6.3).
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// Where a `Location` seen at this URL leads, if that is the same origin.
    pub(super) fn same_origin_target(&self, location: &str) -> Option<Self> {
        let location = location.split('#').next().unwrap_or_default();
        let origin = self.origin();
        let target = if location.contains("://") {
            location.to_owned()
        } else if location.starts_with("//") || location.is_empty() {
            return None;
        } else if location.starts_with('/') {
            format!("{origin}{location}")
        } else {
            let uri = self.text.parse::<Uri>().ok()?;
            let folder = &uri.path()[..=uri.path().rfind('/')?];
            format!("{origin}{folder}{location}")
        };
        let target = Self::parse(&target).ok()?;
        let same =
            (target.scheme, &target.host, target.port) == (self.scheme, &self.host, self.port);
        same.then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_and_nothing_that_looks_like_it() {
        for (text, expected) in [
            ("http://127.0.0.1:3001/x", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:3001", true),
            ("http://localhost", true),
            ("http://LOCALHOST", true),
            ("http://app.localhost", true),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(Url::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn a_url_is_its_origin_and_what_follows() {
        for (text, origin, rest) in [
            (
                "https://A.example:443/a/b?c=d",
                "https://a.example",
                "/a/b?c=d",
            ),
            ("http://[::1]:3001", "http://[::1]:3001", ""),
            ("https://a.example?x=/", "https://a.example", "?x=/"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.origin().as_str(), url.after_origin()), (origin, rest));
        }
    }

    #[test]
    fn a_url_that_is_refused_is_never_repeated() {
        for (text, expected) in [
            (
                "https://eve:s3cret@host.example/",
                "the URL holds a user name or password: leave them out, credentials go into the endpoint's `token`",
            ),
            (
                "ftp://host.example",
                "the URL must begin with https:// (or http://)",
            ),
            (
                "host.example",
                "the URL must be whole, with https:// at its beginning",
            ),
            (
                "/path",
                "the URL must be whole, with https:// at its beginning",
            ),
            (
                "",
                "this is no URL: write it like https://host.example/path",
            ),
            (
                "https://ho st/",
                "this is no URL: write it like https://host.example/path",
            ),
            (
                "https://host/\r\nX: y",
                "this is no URL: write it like https://host.example/path",
            ),
            (
                "https://",
                "this is no URL: write it like https://host.example/path",
            ),
            (
                "https://host/#frag",
                "the URL has a part after #, which is never sent: leave it out",
            ),
        ] {
            assert_eq!(
                Url::parse(text).unwrap_err().to_string(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_location_counts_only_on_the_same_origin() {
        let url = Url::parse("https://a.example/one/two?q=1").unwrap();
        for (location, expected) in [
            ("/three", Some("https://a.example/three")),
            ("three", Some("https://a.example/one/three")),
            ("https://a.example:443/x#y", Some("https://a.example:443/x")),
            ("http://a.example/x", None),
            ("https://a.example:8443/x", None),
            ("https://b.example/x", None),
            ("//b.example/x", None),
            ("https://a.example@b.example/", None),
            ("", None),
        ] {
            let target = url.same_origin_target(location);
            assert_eq!(target.as_ref().map(Url::as_str), expected, "{location}");
        }
    }
}
