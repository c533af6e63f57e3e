//! Single values of the configuration, checked where they stand, so that an error has its place.

use std::{fmt, marker::PhantomData, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::{
    client::AssertionHeader,
    client_auth::{Binding, ClientAuth},
    grant::Grant,
    theme_name::ThemeName,
};
use crate::{
    jose::{
        algorithm::Algorithm,
        key::{RSA_LEAST_BITS, RSA_MOST_BITS},
        time,
    },
    net::url::Url,
};

/// A value that is read from a text.
pub(super) struct Text<T>(pub(super) T);

/// The size of an RSA modulus.
pub(super) struct Bits(pub(super) u32);

/// A text that may be written as a number or a truth value too.
pub(super) struct Plain(pub(super) String);

/// What [`Text`] can hold.
pub(super) trait FromText: Sized {
    /// What to write, after the word "expected".
    const EXPECTED: &'static str;

    /// The value, or what is wrong and what to write.
    fn from_text(text: &str) -> Result<Self, String>;
}

impl FromText for Algorithm {
    const EXPECTED: &'static str = "the name of an algorithm, RS256 for example";

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|error: <Self as std::str::FromStr>::Err| error.to_string())
    }
}

impl FromText for AssertionHeader {
    const EXPECTED: &'static str = "kid, typ, x5t, x5t#S256 or x5c";

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl FromText for Binding {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl FromText for ClientAuth {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl FromText for Duration {
    const EXPECTED: &'static str = "a duration with its unit: 90s, 5m, 1h30m or 2d";

    fn from_text(text: &str) -> Result<Self, String> {
        time::parse_duration(text).map_err(|error| error.to_string())
    }
}

impl FromText for Grant {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl FromText for ThemeName {
    const EXPECTED: &'static str = "dark, light or high-contrast";

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|error: <Self as std::str::FromStr>::Err| error.to_string())
    }
}

impl FromText for Url {
    const EXPECTED: &'static str = "a URL like https://host.example";

    fn from_text(text: &str) -> Result<Self, String> {
        Url::parse(text).map_err(|error| error.to_string())
    }
}

impl<'de, T: FromText> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfText<T>(PhantomData<T>);
        impl<T: FromText> Visitor<'_> for OfText<T> {
            type Value = Text<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<T>, E> {
                T::from_text(text).map(Text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(OfText(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfNumber;
        impl Visitor<'_> for OfNumber {
            type Value = Bits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the bits of an RSA key, a number from 2048 to 8192")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Bits, E> {
                u32::try_from(number)
                    .ok()
                    .filter(|bits| (RSA_LEAST_BITS..=RSA_MOST_BITS).contains(bits))
                    .filter(|bits| bits.is_multiple_of(8))
                    .map(Bits)
                    .ok_or_else(|| {
                        E::custom(format_args!(
                            "{number} bits: write 2048 to 8192, a multiple of 8"
                        ))
                    })
            }
        }
        deserializer.deserialize_any(OfNumber)
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfScalar;
        impl Visitor<'_> for OfScalar {
            type Value = Plain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Plain, E> {
                Ok(Plain(value.to_string()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Plain, E> {
                Ok(Plain(value.to_string()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Plain, E> {
                Ok(Plain(value.to_string()))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Plain, E> {
                Ok(Plain(value.to_owned()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Plain, E> {
                Ok(Plain(value.to_string()))
            }
        }
        deserializer.deserialize_any(OfScalar)
    }
}
