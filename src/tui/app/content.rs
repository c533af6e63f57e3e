//! The texts of panels and dialogs: what they say, not how it looks.

pub mod activity;
pub mod certificate;
pub mod clients;
pub mod comparison;
pub mod details;
pub mod form;
pub mod header;
pub mod help;
pub mod json;
pub mod moments;
pub mod rotation;
pub mod sight;
pub mod token;
pub mod why;
