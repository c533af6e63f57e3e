//! (owner: keystore)
