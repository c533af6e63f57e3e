//! Certificates (RFC 5280), as pure functions: profiles, issuing, details, chains.

pub mod bag;
pub mod certificate;
pub mod chain;
pub mod compare;
pub mod details;
pub mod issue;
pub mod profile;
pub mod request;
pub mod serial;
pub mod signature;
mod times;
pub mod validity;
pub mod verification;
