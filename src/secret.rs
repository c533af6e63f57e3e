//! The wrapper that every secret lives in from the moment it exists.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A value that must never be shown: zeroed on drop, without `Display` or `Serialize`, and with a
/// `Debug` that prints `[redacted]`.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes `value` into keeping.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Lends the value. Every call is a place where a secret may leak: keep the borrow short.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Lends the value to be filled in place.
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
