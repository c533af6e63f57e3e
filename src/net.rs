//! The one HTTP client and its policy.

pub mod http;
pub mod policy;
pub mod request;
