//! Public keys at remote services: presets, endpoints, requests, answers, drift.

pub mod answer;
pub mod endpoint;
pub mod error;
pub mod preset;
pub mod projection;
