//! The forms of a key that services want. (owner: registry)
