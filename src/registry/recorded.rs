//! The places that keep keys, as `why` takes them.

use super::book::Endpoints;
use crate::{
    jose::{
        thumbprint::Thumbprint,
        why::{Place, PlacedKey, Source},
    },
    keystore::record::Record,
};

impl Endpoints {
    /// The endpoints there are, with the keys that key files say are registered there.
    pub fn recorded<'a>(&self, records: impl Iterator<Item = &'a Record> + Clone) -> Vec<Place> {
        let keys_at = |name: &str| {
            let all = records.clone().flat_map(|record| &record.registrations);
            all.filter(|place| place.endpoint == name)
                .map(|place| PlacedKey {
                    id: place.id.clone(),
                    thumbprint: Thumbprint::from_base64url(&place.thumbprint)
                        .or_else(|| Thumbprint::from_hex(&place.thumbprint)),
                })
                .collect()
        };
        let places = self.summaries().into_iter().map(|summary| {
            let algorithms = self
                .presets()
                .iter()
                .filter(|preset| preset.name == summary.preset)
                .flat_map(|preset| &preset.capabilities.algorithms)
                .map(|algorithm| algorithm.0)
                .collect();
            Place {
                keys: keys_at(&summary.name),
                name: summary.name,
                preset: summary.preset,
                algorithms,
                source: Source::Recorded,
                ahead: None,
            }
        });
        places.collect()
    }
}
