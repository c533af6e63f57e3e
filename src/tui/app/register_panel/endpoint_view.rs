//! All keys at one endpoint.

use jiff::Timestamp;

use crate::{
    registry::view::Sight,
    tui::app::{
        dialog::Failure,
        keys_panel::{Filter, filter::ranked_within},
        scroll::Scroll,
        task::TaskId,
    },
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
    /// The cursor, among those that match the filter.
    pub scroll: Scroll,
    pub filter: Option<Filter>,
    /// The places of the keys that match the filter, the best first; all where there is none.
    shown: Vec<usize>,
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
            filter: None,
            shown: Vec::new(),
        }
    }

    /// The keys that match the filter, the best first; all where there is none.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Sight> + Clone {
        self.shown.iter().map(|place| &self.sights[*place])
    }

    /// The key under the cursor.
    pub fn selected(&self) -> Option<&Sight> {
        self.sights.get(*self.shown.get(self.scroll.0)?)
    }

    /// Takes what was seen; the cursor stays on its key.
    pub fn saw(&mut self, sights: Vec<Sight>, at: Timestamp) {
        let before = self.selected().map(|sight| sight.id.clone());
        self.sights = sights;
        self.at = Some(at);
        self.failure = None;
        self.arrange();
        self.select(before.as_deref());
    }

    /// Nothing was seen.
    pub fn saw_nothing(&mut self, failure: Failure) {
        self.sights.clear();
        self.failure = Some(failure);
        self.arrange();
    }

    /// Other words are looked for: the cursor goes to what matches best.
    pub fn refilter(&mut self) {
        self.arrange();
        self.scroll = Scroll::default();
    }

    /// All keys again; the cursor stays on its key.
    pub fn unfilter(&mut self) {
        let before = self.selected().map(|sight| sight.id.clone());
        self.filter = None;
        self.arrange();
        self.select(before.as_deref());
    }

    fn arrange(&mut self) {
        let pattern = self.filter.as_ref().map(|filter| filter.line.text().trim());
        let count = self.sights.len();
        self.shown = match pattern {
            None | Some("") => (0..count).collect(),
            Some(pattern) => ranked_within(pattern, count, |place| texts(&self.sights[place])),
        };
    }

    fn select(&mut self, id: Option<&str>) {
        let place = self.shown().position(|sight| Some(sight.id.as_str()) == id);
        let last = self.shown.len().saturating_sub(1);
        self.scroll = Scroll(place.unwrap_or(self.scroll.0.min(last)));
    }
}

/// What the filter looks in: what it is called here and there, its algorithm, whose it is.
fn texts(sight: &Sight) -> Vec<String> {
    let alg = sight.jwk.as_ref().and_then(|jwk| jwk.alg.clone());
    let standing = sight.standing.name().to_owned();
    let names = [sight.kid.clone(), sight.id.clone(), standing];
    names.into_iter().chain(alg).collect()
}
