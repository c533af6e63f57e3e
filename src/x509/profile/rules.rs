//! What the single values of a certificate must be (RFC 5280 appendix A.1 and section 4.2.1.6), told
//! to the person who wrote them.

use std::net::IpAddr;

/// A country's name: two letters.
pub fn country(text: &str) -> Result<String, String> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text:?} is no country: write its two letters, DE for example"
    ))
}

/// An attribute of a subject that has at most 64 characters.
pub fn short_attribute(text: &str) -> Result<String, String> {
    attribute(text, 64)
}

/// An attribute of a subject that has at most 128 characters.
pub fn long_attribute(text: &str) -> Result<String, String> {
    attribute(text, 128)
}

/// A host's name, `*` allowed as its first label.
pub(super) fn dns(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.strip_prefix("*.").unwrap_or(text);
    if text.len() <= 253 && name.split('.').all(label) {
        return Ok(text.to_owned());
    }
    let remedy = if text.is_ascii() {
        "write letters, digits, - and dots, api.example for example"
    } else {
        "write it as the DNS has it, beginning with xn--"
    };
    Err(format!("{text:?} is no host's name: {remedy}"))
}

/// A mailbox.
pub(super) fn email(text: &str) -> Result<String, String> {
    let fits = text.bytes().all(|byte| byte.is_ascii_graphic());
    match text.rsplit_once('@') {
        Some((who, host)) if fits && !who.is_empty() && dns(host).is_ok() => Ok(text.to_owned()),
        _ => Err(format!(
            "{text:?} is no address of mail: write me@api.example for example, in ASCII"
        )),
    }
}

/// An absolute URI.
pub(super) fn uri(text: &str) -> Result<String, String> {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    match text.split_once(':') {
        Some((scheme, rest))
            if is_scheme(scheme)
                && !rest.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!(
            "{text:?} is no URI: write https://api.example/ for example, in ASCII"
        )),
    }
}

/// An address of IP version 4 or 6.
pub(super) fn ip(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no IP address: write 192.0.2.1 or 2001:db8::1"))
}

fn attribute(text: &str, most: usize) -> Result<String, String> {
    let count = text.chars().count();
    if count == 0 {
        return Err("it is empty: write something, or leave it away".to_owned());
    }
    if count > most {
        return Err(format!(
            "it has {count} characters: at most {most} (RFC 5280)"
        ));
    }
    Ok(text.to_owned())
}
