//! The terminal app.
//!
//! - [`app`]: state, action table, `update`: pure.
//! - [`view`]: `&State` to a frame.
//! - `run`: the terminal, the input, and the workers that carry out effects.

pub mod app;
#[cfg(test)]
mod fixture;
mod run;
pub mod view;

pub use self::run::{Options, TuiError, run};
