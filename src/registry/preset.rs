//! Presets: `assets/endpoints/*.yaml`. (owner: registry)

/// A kind of endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preset {
    pub name: String,
    pub description: String,
}

impl Preset {
    /// `sandbox`, `gooddata`.
    pub fn builtin() -> Vec<Self> {
        unimplemented!()
    }
}
