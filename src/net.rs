//! The one HTTP client and its policy: what may be asked of whom, how long, and how much may come
//! back.

pub mod error;
pub mod exchange;
pub mod form;
pub mod http;
pub mod identity;
mod loopback;
pub mod policy;
pub mod request;
pub mod said;
pub mod stream;
pub mod url;
