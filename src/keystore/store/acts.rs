//! Acts at services that were begun and whose end was not seen yet, in `state/acts.json`: after a
//! stop on the way, what became of them is unknown, and said to be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Existing, Keystore, KeystoreError, Thumbprint, files, whole_second};

/// The file.
const ACTS: &str = "acts.json";

/// What is done at a service.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActKind {
    /// A key is put there.
    Register,
    /// A key is taken away.
    Unregister,
}

impl ActKind {
    /// What is told of an act of which nothing more is known.
    pub fn unknown(self) -> &'static str {
        match self {
            Self::Register => "it may be there: registering it was begun, and no end was seen",
            Self::Unregister => "it may be gone: removing it was begun, and no end was seen",
        }
    }
}

/// An act whose end was not seen.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What it was.
    pub kind: ActKind,
    /// The key's thumbprint (RFC 7638), base64url.
    pub thumbprint: String,
    /// Where.
    pub endpoint: String,
    /// When it was begun.
    pub since: Timestamp,
}

impl Keystore {
    /// The acts whose end was not seen, in the order in which they were begun.
    pub fn acts(&self) -> Result<Vec<Act>, KeystoreError> {
        let path = self.path("state").join(ACTS);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = files::read_text(&path)?;
        serde_json::from_str(&text).map_err(|error| KeystoreError::Damaged {
            file: path.display().to_string(),
            reason: format!("{error}: remove it, and ask with keyfob registrations --refresh"),
        })
    }

    /// Notes that an act is under way, in the place of an earlier one of this key there, which is
    /// returned.
    pub fn begin_act(
        &self,
        kind: ActKind,
        thumbprint: &Thumbprint,
        endpoint: &str,
        now: Timestamp,
    ) -> Result<Option<Act>, KeystoreError> {
        let act = Act {
            kind,
            thumbprint: thumbprint.to_string(),
            endpoint: endpoint.to_owned(),
            since: whole_second(now),
        };
        self.change_acts(thumbprint, endpoint, Some(act))
    }

    /// Notes that what became of an act is known.
    pub fn end_act(&self, thumbprint: &Thumbprint, endpoint: &str) -> Result<(), KeystoreError> {
        self.change_acts(thumbprint, endpoint, None).map(drop)
    }

    fn change_acts(
        &self,
        thumbprint: &Thumbprint,
        endpoint: &str,
        new: Option<Act>,
    ) -> Result<Option<Act>, KeystoreError> {
        let _lock = self.lock()?;
        let mut acts = self.acts()?;
        let thumbprint = thumbprint.to_string();
        let earlier = acts
            .iter()
            .position(|act| act.thumbprint == thumbprint && act.endpoint == endpoint)
            .map(|place| acts.remove(place));
        if earlier.is_none() && new.is_none() {
            return Ok(None);
        }
        acts.extend(new);
        let path = self.path("state").join(ACTS);
        if acts.is_empty() {
            files::remove(&path)?;
        } else {
            // A list of texts and times is always JSON.
            let text = serde_json::to_string_pretty(&acts).unwrap_or_default();
            files::write(&path, text.as_bytes(), Existing::Replace)?;
        }
        Ok(earlier)
    }
}
