//! Certificates (RFC 5280), as pure functions: profiles, issuing, details, chains.

pub mod certificate;
pub mod details;
pub mod issue;
pub mod profile;
