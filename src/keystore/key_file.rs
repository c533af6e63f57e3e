//! A key file: YAML front matter, then PEM blocks. openssl, Python and Node read the public key and
//! the certificates in place; the private half is an age file that `age -d` opens.

use std::{fmt::Write, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    error::KeystoreError,
    files::{self, Existing},
    record::{Half, Record, Registration, Status},
};
use crate::{
    jose::{
        algorithm::Algorithm,
        key::{PrivateKey, PublicKey},
        pem::{self, Found},
        thumbprint::Thumbprint,
    },
    secret::Secret,
    x509::certificate::Certificate,
};

const VERSION: u32 = 1;
const FENCE: &str = "---\n";
const AGE_BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const AGE_END: &str = "-----END AGE ENCRYPTED FILE-----";

/// A key file's content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct KeyFile {
    pub(super) record: Record,
    /// The armored age file, where there is a private half.
    pub(super) sealed: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    keyfob: u32,
    kid: String,
    alg: String,
    #[serde(rename = "use")]
    usage: String,
    created: Timestamp,
    status: Status,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    registrations: Vec<Registration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    template: Option<String>,
}

/// The private half with the names it was sealed under, so that it cannot be put into another's
/// file.
pub(super) struct SealedKey {
    pub(super) kid: String,
    pub(super) alg: String,
    pub(super) private: PrivateKey,
}

impl KeyFile {
    /// Reads a key file whose name is its key's thumbprint.
    pub(super) fn read(path: &Path) -> Result<Self, KeystoreError> {
        let damaged = |reason: String| KeystoreError::Damaged {
            file: file_name(path),
            reason,
        };
        let bytes = files::read(path)?;
        let text = std::str::from_utf8(bytes.expose())
            .map_err(|_| damaged("it is no UTF-8 text".to_owned()))?;
        let file = Self::parse(text).map_err(damaged)?;
        let named = path
            .file_stem()
            .and_then(|stem| Thumbprint::from_hex(stem.to_str()?));
        if named == Some(file.record.thumbprint()) {
            Ok(file)
        } else {
            Err(damaged(
                "its name is not its key's thumbprint: another key was put in".to_owned(),
            ))
        }
    }

    /// Writes it whole.
    pub(super) fn write(&self, path: &Path, existing: Existing) -> Result<(), KeystoreError> {
        let text = self.text().map_err(|error| KeystoreError::Damaged {
            file: file_name(path),
            reason: error.to_string(),
        })?;
        files::write(path, text.as_bytes(), existing)
    }

    /// Reads a file; the error is the reason it cannot be used.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (front, blocks) = text
            .strip_prefix(FENCE)
            .and_then(|rest| rest.split_once("\n---\n"))
            .ok_or(
                "it has no front matter between two lines ---: it was cut off or is no key file",
            )?;
        let front = front_matter(front)?;
        let alg: Algorithm = front.alg.parse().map_err(|error| format!("alg: {error}"))?;
        let (public, chain) = public_blocks(blocks)?;
        if !public.supports(alg) {
            return Err(format!(
                "its alg {alg} does not fit its key, {}",
                public.label()
            ));
        }
        let sealed = match (blocks.find(AGE_BEGIN), blocks.find(AGE_END)) {
            (None, None) => None,
            (Some(start), Some(end)) if start < end => {
                Some(format!("{}\n", &blocks[start..end + AGE_END.len()]))
            }
            _ => return Err("its sealed block has no end: it was cut off".to_owned()),
        };
        if is_cut(blocks) {
            return Err("its last block has no end: it was cut off".to_owned());
        }
        let half = if sealed.is_some() {
            Half::Private
        } else {
            Half::PublicOnly
        };
        Ok(Self {
            record: Record {
                kid: front.kid,
                alg,
                usage: front.usage,
                created: front.created,
                status: front.status,
                tags: front.tags,
                registrations: front.registrations,
                template: front.template,
                half,
                public,
                chain,
            },
            sealed,
        })
    }

    /// The file's text. Every member of the front matter is JSON on one line, so that no text in it
    /// can forge a PEM block.
    pub(super) fn text(&self) -> Result<String, serde_json::Error> {
        let record = &self.record;
        let front = serde_json::to_value(FrontMatter {
            keyfob: VERSION,
            kid: record.kid.clone(),
            alg: record.alg.name().to_owned(),
            usage: record.usage.clone(),
            created: record.created,
            status: record.status,
            tags: record.tags.clone(),
            registrations: record.registrations.clone(),
            template: record.template.clone(),
        })?;
        let mut text = FENCE.to_owned();
        for (name, value) in front.as_object().into_iter().flatten() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}: {value}");
        }
        text.push_str(FENCE);
        text.push_str(&record.public.spki_pem());
        for certificate in &record.chain {
            text.push_str(&certificate.pem());
        }
        text.push_str(self.sealed.as_deref().unwrap_or_default());
        Ok(text)
    }
}

impl SealedKey {
    /// What is sealed: the two names, an empty line, PKCS#8 PEM.
    pub(super) fn text(kid: &str, alg: Algorithm, private: &PrivateKey) -> Secret<String> {
        let pem = private.pkcs8_pem();
        let kid = Value::from(kid);
        let mut text = Secret::new(String::with_capacity(pem.expose().len() + 600));
        let plain = text.expose_mut();
        // Writing to a String cannot fail.
        let _ = write!(plain, "kid: {kid}\nalg: {:?}\n\n", alg.name());
        plain.push_str(pem.expose());
        text
    }

    /// Reads what was sealed; the error is what is wrong with it.
    pub(super) fn parse(text: &Secret<String>) -> Result<Self, String> {
        let (names, pem) = text
            .expose()
            .split_once("\n\n")
            .ok_or("the sealed block names no key")?;
        let names = json_lines(names).ok_or("the sealed block names no key")?;
        let name = |name: &str| names.get(name).and_then(Value::as_str).map(str::to_owned);
        let found = pem::detect(&Secret::new(pem.as_bytes().to_vec()))
            .map_err(|error| error.to_string())?;
        match found.into_iter().next() {
            Some(Found::Private(private)) => Ok(Self {
                kid: name("kid").unwrap_or_default(),
                alg: name("alg").unwrap_or_default(),
                private,
            }),
            Some(Found::Refused(error)) => Err(error.to_string()),
            _ => Err("the sealed block holds no private key".to_owned()),
        }
    }
}

/// The last part of a path, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// keyfob's own lines are JSON each, which is read fast; a file touched by hand may be any YAML.
fn front_matter(text: &str) -> Result<FrontMatter, String> {
    let front: FrontMatter = match json_lines(text).map(Value::Object) {
        Some(lines) => serde_json::from_value(lines).map_err(|error| error.to_string())?,
        None => serde_yaml::from_str(text).map_err(|error| error.to_string())?,
    };
    if front.keyfob != VERSION {
        return Err(format!(
            "a newer keyfob wrote it (version {}): update",
            front.keyfob
        ));
    }
    super::kid::check_imported(&front.kid).map_err(|error| error.to_string())?;
    Ok(front)
}

fn json_lines(text: &str) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for line in text.lines() {
        let (name, value) = line.split_once(": ")?;
        members.insert(name.to_owned(), serde_json::from_str(value).ok()?);
    }
    Some(members)
}

/// Whether the text breaks off in the line that begins or ends a block. Without its sealed block a
/// key would pass for a public half.
fn is_cut(blocks: &str) -> bool {
    let last = blocks.trim_end().lines().next_back().unwrap_or_default();
    last.starts_with('-') && !(last.starts_with("-----END ") && last.ends_with("-----"))
}

fn public_blocks(blocks: &str) -> Result<(PublicKey, Vec<Certificate>), String> {
    let before_sealed = blocks.split(AGE_BEGIN).next().unwrap_or(blocks);
    let found = pem::detect(&Secret::new(before_sealed.as_bytes().to_vec()))
        .map_err(|_| "it has no public key: it was cut off".to_owned())?;
    let mut public = None;
    let mut chain = Vec::new();
    for part in found {
        match part {
            Found::Public(key) if public.is_none() => public = Some(key),
            Found::Certificate(der) => {
                chain.push(Certificate::from_der(&der).map_err(|error| error.to_string())?);
            }
            Found::Refused(error) => return Err(error.to_string()),
            _ => return Err("it holds more than one public key and its certificates".to_owned()),
        }
    }
    Ok((public.ok_or("it has no public key")?, chain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{key::Signer, pem::fixture};

    fn file() -> KeyFile {
        KeyFile {
            record: Record {
                kid: "a\n-----BEGIN PUBLIC KEY-----".replace('\n', "\u{2028}"),
                alg: Algorithm::Es256,
                usage: "sig".to_owned(),
                created: Timestamp::UNIX_EPOCH,
                status: Status::Active,
                tags: vec!["one".to_owned()],
                registrations: Vec::new(),
                template: None,
                half: Half::PublicOnly,
                public: fixture::private(fixture::P256).public().clone(),
                chain: Vec::new(),
            },
            sealed: None,
        }
    }

    #[test]
    fn a_file_reads_back_as_it_was_written() {
        let file = file();
        assert_eq!(KeyFile::parse(&file.text().unwrap()).unwrap(), file);
    }

    #[test]
    fn a_file_touched_by_hand_may_be_any_yaml() {
        let text = file()
            .text()
            .unwrap()
            .replace("status: \"active\"", "status: retired  # mine");
        assert_eq!(
            KeyFile::parse(&text).unwrap().record.status,
            Status::Retired
        );
    }

    #[test]
    fn a_file_cut_off_anywhere_is_refused() {
        let text = file().text().unwrap();
        for length in 0..text.len() - 1 {
            if text.is_char_boundary(length) {
                assert!(KeyFile::parse(&text[..length]).is_err(), "{length}");
            }
        }
    }

    #[test]
    fn a_file_cut_off_inside_a_block_never_passes_for_a_public_half() {
        let mut file = file();
        file.sealed = Some(format!("{AGE_BEGIN}\nYWdl\n{AGE_END}\n"));
        let text = file.text().unwrap();
        for length in 0..text.len() - 1 {
            let Some(cut) = text.get(..length) else {
                continue;
            };
            let whole = cut.trim_end().ends_with("-----END PUBLIC KEY-----");
            assert_eq!(KeyFile::parse(cut).is_ok(), whole, "{length}");
        }
    }

    #[test]
    fn a_newer_version_is_told() {
        let text = file().text().unwrap().replace("keyfob: 1", "keyfob: 2");
        assert_eq!(
            KeyFile::parse(&text).unwrap_err(),
            "a newer keyfob wrote it (version 2): update"
        );
    }

    #[test]
    fn the_sealed_text_names_its_key() {
        let private = fixture::private(fixture::P256);
        let text = SealedKey::text("k", Algorithm::Es256, &private);
        assert!(
            text.expose()
                .starts_with("kid: \"k\"\nalg: \"ES256\"\n\n-----BEGIN PRIVATE KEY")
        );
        let again = SealedKey::parse(&text).unwrap();
        assert_eq!((again.kid.as_str(), again.alg.as_str()), ("k", "ES256"));
        assert_eq!(again.private.public(), private.public());
    }
}
