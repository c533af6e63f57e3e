//! The certificate by which a client proves itself, or that its access tokens are bound to
//! (RFC 8705).

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;

use super::{client::Client, error::OauthError, metadata::Metadata};
use crate::{
    config::settings::{Binding, ClientAuth},
    jose::{key::PrivateKey, time},
    keystore::record::Record,
    net::{error::NetError, identity::Identity},
    x509::{
        certificate::Certificate,
        chain,
        details::Details,
        validity::{Validity, WARN_DAYS},
    },
};

/// OID of extendedKeyUsage.
const PURPOSES: &str = "2.5.29.37";

/// Purposes by which a certificate serves a TLS client.
const SERVING: [&str; 2] = ["clientAuth", "anyExtendedKeyUsage"];

/// The certificate of a client's key.
pub fn leaf(record: &Record) -> Result<&Certificate, OauthError> {
    record.leaf().ok_or_else(|| {
        let kid = &record.kid;
        OauthError::DoesNotFit(format!(
            "{kid} has no certificate to show: keyfob cert new {kid} --profile client-auth makes \
             one, keyfob cert csr {kid} asks a CA for one"
        ))
    })
}

/// Certificate and key as the HTTP client shows them.
pub fn identity(record: &Record, private: &PrivateKey) -> Result<Identity, OauthError> {
    leaf(record)?;
    let chain = record.chain.iter();
    let chain = chain.map(|certificate| certificate.der().to_vec());
    Identity::new(chain.collect(), private.pkcs8_pem()).map_err(|error| match error {
        NetError::Identity { why } => OauthError::DoesNotFit(format!(
            "the certificate of {} cannot be shown to a server: {why}; make another one: keyfob \
             cert new {} --profile client-auth",
            record.kid, record.kid
        )),
        other => other.into(),
    })
}

/// `x5t#S256` of `certificate`, as `cnf` of an access token has it (RFC 8705 section 3.1).
pub fn confirmation(certificate: &Certificate) -> String {
    Base64UrlUnpadded::encode_string(&certificate.x5t_s256())
}

/// On one line: whose it is, and until when.
pub fn summary(certificate: &Certificate, now: Timestamp) -> String {
    let details = Details::of(certificate);
    let (subject, end) = (&details.subject.text, certificate.not_after());
    let end = time::relative(end, now);
    let by = if chain::is_self_signed(certificate) {
        "self-signed".to_owned()
    } else {
        format!("by {}", details.issuer.text)
    };
    format!("{subject}, {by}, ends {end}")
}

/// What a server looks at.
pub fn contents(certificate: &Certificate) -> Vec<String> {
    let details = Details::of(certificate);
    let mut lines = vec![
        format!("subject: {}", details.subject.text),
        format!("issuer: {}", details.issuer.text),
        format!("serial: {}", details.serial),
        format!("not_before: {}", details.not_before),
        format!("not_after: {}", details.not_after),
        format!("x5t#S256: {}", details.x5t_s256),
    ];
    let names = ["extendedKeyUsage", "subjectAltName"];
    let shown = details.extensions.iter();
    lines.extend(
        shown
            .filter(|extension| names.contains(&extension.name.as_str()))
            .map(|extension| format!("{}: {}", extension.name, extension.meaning.join("; "))),
    );
    lines
}

/// What is worth a word before it is shown; nothing is refused for it.
pub fn findings(
    client: &Client,
    record: &Record,
    certificate: &Certificate,
    metadata: Option<&Metadata>,
    now: Timestamp,
) -> Vec<String> {
    let kid = &record.kid;
    let mut findings = Vec::new();
    let end = time::relative(certificate.not_after(), now);
    match Validity::of(certificate, now) {
        Validity::Expired => findings.push(format!(
            "the certificate of {kid} has expired, {end}: keyfob cert renew {kid}"
        )),
        Validity::Never => findings.push(format!(
            "the certificate of {kid} ends before it begins and is never valid: have another one made"
        )),
        Validity::NotYet => findings.push(format!(
            "the certificate of {kid} is not valid yet: wait, or set this machine's clock"
        )),
        Validity::EndsSoon { days } if days < WARN_DAYS => findings.push(format!(
            "the certificate of {kid} ends {end}: have the next one known to the server before"
        )),
        Validity::EndsSoon { .. } | Validity::Good { .. } => {}
    }
    let details = Details::of(certificate);
    let mut purposes = details.extensions.iter();
    if let Some(purposes) = purposes.find(|extension| extension.oid == PURPOSES)
        && !purposes
            .meaning
            .iter()
            .any(|purpose| SERVING.iter().any(|name| purpose.starts_with(name)))
    {
        findings.push(format!(
            "its extendedKeyUsage is not clientAuth: many servers take no such certificate from a \
             client; keyfob cert new {kid} --profile client-auth"
        ));
    }
    let is_self_signed = chain::is_self_signed(certificate);
    match client.settings.auth {
        ClientAuth::TlsClientAuth if is_self_signed => findings.push(format!(
            "it is self-signed, and for tls_client_auth a CA that the server trusts must have \
             issued it: keyfob cert csr {kid}, or self_signed_tls_client_auth"
        )),
        ClientAuth::SelfSignedTlsClientAuth if !is_self_signed => findings.push(
            "a CA issued it, and for self_signed_tls_client_auth the server must know this very \
             certificate: where it knows the CA, say tls_client_auth"
                .to_owned(),
        ),
        ClientAuth::ClientSecretBasic
        | ClientAuth::ClientSecretJwt
        | ClientAuth::PrivateKeyJwt
        | ClientAuth::SelfSignedTlsClientAuth
        | ClientAuth::TlsClientAuth => {}
    }
    let says = "tls_client_certificate_bound_access_tokens";
    if client.settings.bind == Some(Binding::Certificate)
        && metadata.is_some_and(|metadata| metadata.is_true(says) == Some(false))
    {
        findings.push(format!(
            "the server says {says}: false, so its access tokens are bound to nothing"
        ));
    }
    findings
}
