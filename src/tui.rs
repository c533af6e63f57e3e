//! The terminal app. (owner: tui)

use crate::config::home::Home;

/// Runs the app until the user leaves.
pub fn run(home: &Home) -> Result<(), Box<dyn std::error::Error>> {
    unimplemented!("{home:?}")
}
