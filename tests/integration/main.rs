//! The real binary, from outside.

mod keyfob;
mod keys;
mod tokens;
