//! A key file: YAML front matter, then PEM blocks. openssl, Python and Node read the public key and
//! the certificates in place; the private half is an age file that `age -d` opens.

mod blocks;

use std::{fmt::Write, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::blocks::Blocks;
use super::{
    error::KeystoreError,
    files::{self, Existing},
    record::{Half, Origin, Record, Registration, Status},
};
use crate::{
    jose::{
        algorithm::Algorithm,
        key::{PrivateKey, PublicKey, Signer},
        pem::{self, Found},
        thumbprint::Thumbprint,
    },
    secret::Secret,
};

const VERSION: u32 = 1;
const FENCE: &str = "---\n";

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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<String>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    /// What follows, so that a file cut off between two blocks is noticed; files of before say
    /// nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    half: Option<WrittenHalf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificates: Option<usize>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum WrittenHalf {
    Private,
    Public,
}

impl FrontMatter {
    /// Reads lines of `name: JSON`, each name once; none where there is anything else.
    fn of_lines(text: &str) -> Option<Self> {
        fn put<'a, T: Deserialize<'a>>(place: &mut Option<T>, json: &'a str) -> Option<()> {
            match place {
                Some(_) => None,
                None => {
                    *place = Some(serde_json::from_str(json).ok()?);
                    Some(())
                }
            }
        }
        let (mut keyfob, mut kid, mut alg, mut usage) = (None, None, None, None);
        let (mut former, mut created, mut status, mut tags) = (None, None, None, None);
        let (mut registrations, mut template, mut profile) = (None, None, None);
        let (mut half, mut certificates) = (None, None);
        for line in text.lines() {
            let (name, json) = line.split_once(": ")?;
            match name {
                "keyfob" => put(&mut keyfob, json),
                "kid" => put(&mut kid, json),
                "former" => put(&mut former, json),
                "alg" => put(&mut alg, json),
                "use" => put(&mut usage, json),
                "created" => put(&mut created, json),
                "status" => put(&mut status, json),
                "tags" => put(&mut tags, json),
                "registrations" => put(&mut registrations, json),
                "template" => put(&mut template, json),
                "profile" => put(&mut profile, json),
                "half" => put(&mut half, json),
                "certificates" => put(&mut certificates, json),
                _ => None,
            }?;
        }
        Some(Self {
            keyfob: keyfob?,
            kid: kid?,
            former: former.unwrap_or_default(),
            alg: alg?,
            usage: usage?,
            created: created?,
            status: status?,
            tags: tags.unwrap_or_default(),
            registrations: registrations.unwrap_or_default(),
            template,
            profile,
            half,
            certificates,
        })
    }

    /// Whether `blocks` is all that was written after it; the error says what is missing.
    fn check_whole(&self, blocks: &Blocks) -> Result<(), String> {
        let missing = if self.half == Some(WrittenHalf::Private) && blocks.sealed.is_none() {
            "its private half"
        } else if self.certificates.unwrap_or_default() > blocks.chain.len() {
            "a certificate"
        } else {
            return Ok(());
        };
        Err(format!(
            "{missing} is missing: the file was cut off; take it from a backup"
        ))
    }
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
        Self::read_as(path, &files::read_text(path)?)
    }

    /// Reads a key file where its kid is `kid`, as far as that can be told.
    pub(super) fn read_if_called(path: &Path, kid: &str) -> Result<Option<Self>, KeystoreError> {
        let text = files::read_text(path)?;
        match parts(&text).and_then(|(front, _)| front_matter(front)) {
            Ok(front) if front.kid != kid => Ok(None),
            Ok(_) | Err(_) => Self::read_as(path, &text).map(Some),
        }
    }

    fn read_as(path: &Path, text: &str) -> Result<Self, KeystoreError> {
        let damaged = |reason: String| KeystoreError::Damaged {
            file: files::name(path),
            reason,
        };
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
            file: files::name(path),
            reason: error.to_string(),
        })?;
        files::write(path, text.as_bytes(), existing)
    }

    /// Reads a file; the error is the reason it cannot be used.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (front, blocks) = parts(text)?;
        let front = front_matter(front)?;
        let alg: Algorithm = front.alg.parse().map_err(|error| format!("alg: {error}"))?;
        let blocks = Blocks::parse(blocks)?;
        front.check_whole(&blocks)?;
        let Blocks {
            public,
            chain,
            sealed,
        } = blocks;
        if !public.supports(alg) {
            return Err(format!(
                "its alg {alg} does not fit its key, {}",
                public.label()
            ));
        }
        let half = if sealed.is_some() {
            Half::Private
        } else {
            Half::PublicOnly
        };
        Ok(Self {
            record: Record {
                kid: front.kid,
                former: front.former,
                alg,
                usage: front.usage,
                created: front.created,
                status: front.status,
                tags: front.tags,
                registrations: front.registrations,
                template: front.template,
                profile: front.profile,
                half,
                origin: Origin::NewHere,
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
            former: record.former.clone(),
            alg: record.alg.name().to_owned(),
            usage: record.usage.clone(),
            created: record.created,
            status: record.status,
            tags: record.tags.clone(),
            registrations: record.registrations.clone(),
            template: record.template.clone(),
            profile: record.profile.clone(),
            half: Some(match self.sealed {
                Some(_) => WrittenHalf::Private,
                None => WrittenHalf::Public,
            }),
            certificates: Some(record.chain.len()),
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

    /// Whether it was sealed for this key, under these names.
    pub(super) fn is_for(&self, kid: &str, alg: Algorithm, public: &PublicKey) -> bool {
        self.private.public() == public && self.kid == kid && self.alg == alg.name()
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
            Some(Found::Private(private, _)) => Ok(Self {
                kid: name("kid").unwrap_or_default(),
                alg: name("alg").unwrap_or_default(),
                private,
            }),
            Some(Found::Refused(error)) => Err(error.to_string()),
            _ => Err("the sealed block holds no private key".to_owned()),
        }
    }
}

fn parts(text: &str) -> Result<(&str, &str), String> {
    text.strip_prefix(FENCE)
        .and_then(|rest| rest.split_once("\n---\n"))
        .ok_or_else(|| {
            "it has no front matter between two lines ---: it was cut off or is no key file"
                .to_owned()
        })
}

/// keyfob's own lines are JSON each, which is read fast; a file touched by hand may be any YAML.
fn front_matter(text: &str) -> Result<FrontMatter, String> {
    let front = match FrontMatter::of_lines(text) {
        Some(front) => front,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jose::{key::Signer, pem::fixture},
        x509::certificate::Certificate,
    };

    fn file() -> KeyFile {
        KeyFile {
            record: Record {
                kid: "a\n-----BEGIN PUBLIC KEY-----".replace('\n', "\u{2028}"),
                former: vec!["b".to_owned()],
                alg: Algorithm::Es256,
                usage: "sig".to_owned(),
                created: Timestamp::UNIX_EPOCH,
                status: Status::Active,
                tags: vec!["one".to_owned()],
                registrations: Vec::new(),
                template: None,
                profile: Some("server".to_owned()),
                half: Half::PublicOnly,
                origin: Origin::NewHere,
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
    fn a_file_cut_off_anywhere_never_passes_for_a_public_half() {
        let mut file = file();
        file.sealed = Some(
            "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"
                .to_owned(),
        );
        let text = file.text().unwrap();
        for length in 0..text.len() - 1 {
            let Some(cut) = text.get(..length) else {
                continue;
            };
            assert!(KeyFile::parse(cut).is_err(), "{length}");
        }
    }

    #[test]
    fn a_file_cut_off_between_two_blocks_says_what_is_missing() {
        let mut file = file();
        let pem = include_str!("../../tests/vectors/chain.pem");
        file.record.chain = Certificate::all_from_pem(pem).unwrap();
        let text = file.text().unwrap();
        let (cut, _) = text.rsplit_once("-----BEGIN").unwrap();
        assert_eq!(
            KeyFile::parse(cut).unwrap_err(),
            "a certificate is missing: the file was cut off; take it from a backup"
        );
    }

    #[test]
    fn a_file_of_before_that_says_nothing_of_its_blocks_is_read() {
        let file = file();
        let text = file.text().unwrap();
        let old = text.replace("half: \"public\"\ncertificates: 0\n", "");
        assert_ne!(old, text);
        assert_eq!(KeyFile::parse(&old).unwrap(), file);
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
