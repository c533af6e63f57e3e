//! All keys at one endpoint.

use jiff::Timestamp;

use crate::{
    registry::view::Sight,
    tui::app::{dialog::Failure, scroll::Scroll, task::TaskId},
};

/// All keys at one endpoint, as far as they were seen.
#[derive(Clone, Debug)]
pub struct EndpointView {
    pub endpoint: String,
    pub sights: Vec<Sight>,
    /// When they were seen.
    pub at: Option<Timestamp>,
    /// The look that is under way.
    pub looking: Option<TaskId>,
    /// Why the last look saw nothing.
    pub failure: Option<Failure>,
    pub scroll: Scroll,
}

impl EndpointView {
    pub fn new(endpoint: String) -> Self {
        Self {
            endpoint,
            sights: Vec::new(),
            at: None,
            looking: None,
            failure: None,
            scroll: Scroll::default(),
        }
    }

    /// The key under the cursor.
    pub fn selected(&self) -> Option<&Sight> {
        self.sights.get(self.scroll.0)
    }

    /// Takes what was seen; the cursor stays on its key.
    pub fn saw(&mut self, sights: Vec<Sight>, at: Timestamp) {
        let before = self.selected().map(|sight| sight.id.clone());
        self.sights = sights;
        self.at = Some(at);
        self.failure = None;
        let place = self
            .sights
            .iter()
            .position(|sight| Some(&sight.id) == before.as_ref());
        let last = self.sights.len().saturating_sub(1);
        self.scroll = Scroll(place.unwrap_or(self.scroll.0.min(last)));
    }
}
