//! The PEM blocks of a key file (RFC 7468).

use base64ct::{Base64, Encoding};

use crate::{jose::key::PublicKey, x509::certificate::Certificate};

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// What stands after the front matter.
pub(super) struct Blocks {
    pub(super) public: PublicKey,
    pub(super) chain: Vec<Certificate>,
    /// The armored age file.
    pub(super) sealed: Option<String>,
}

impl Blocks {
    pub(super) fn parse(mut text: &str) -> Result<Self, String> {
        let mut public = None;
        let mut chain = Vec::new();
        let mut sealed = None;
        while let Some(start) = text.find(BEGIN) {
            text = &text[start..];
            let label = text[BEGIN.len()..].split(DASHES).next().unwrap_or_default();
            let end = format!("-----END {label}-----");
            let length = text
                .find(&end)
                .ok_or_else(|| format!("its block {label} has no end: it was cut off"))?
                + end.len();
            let (block, rest) = text.split_at(length);
            match label {
                "PUBLIC KEY" if public.is_none() => {
                    let key = PublicKey::from_spki_der(&der(label, block)?);
                    public = Some(key.map_err(|error| error.to_string())?);
                }
                "CERTIFICATE" => chain.push(
                    Certificate::from_stored_der(der(label, block)?)
                        .map_err(|error| error.to_string())?,
                ),
                "AGE ENCRYPTED FILE" if sealed.is_none() => sealed = Some(format!("{block}\n")),
                _ => {
                    return Err(format!(
                        "it holds one {label} too many: a public key, its certificates and a \
                         sealed block belong there"
                    ));
                }
            }
            text = rest;
        }
        if is_cut(text) {
            return Err("its last block has no end: it was cut off".to_owned());
        }
        Ok(Self {
            public: public.ok_or("it has no public key: it was cut off")?,
            chain,
            sealed,
        })
    }
}

/// Whether the text breaks off in the line that begins a block. Without its sealed block a key
/// would pass for a public half.
fn is_cut(text: &str) -> bool {
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    last.starts_with('-')
}

/// What a PEM block holds (RFC 7468).
fn der(label: &str, block: &str) -> Result<Vec<u8>, String> {
    let body = &block[BEGIN.len() + label.len() + DASHES.len()..];
    let body = body.split(DASHES).next().unwrap_or_default();
    let mut folded = String::with_capacity(body.len());
    folded.extend(body.split_ascii_whitespace());
    Base64::decode_vec(&folded).map_err(|_| format!("its block {label} is no base64"))
}
