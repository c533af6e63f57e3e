//! A value that has a name: it is read as the type reads it, and completed from a list.

use std::{error::Error, ffi::OsStr, marker::PhantomData, str::FromStr};

use clap::{
    Arg, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

/// Reads a `T` by its own rules, which say best what is wrong; shells are told the names.
#[derive(Clone, Debug)]
pub(super) struct Named<T> {
    names: Vec<&'static str>,
    kind: PhantomData<T>,
}

impl<T> Named<T> {
    /// With the names that shells complete.
    pub(super) fn of(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            names: names.into_iter().collect(),
            kind: PhantomData,
        }
    }
}

impl<T> TypedValueParser for Named<T>
where
    T: Clone + FromStr<Err: Error + Send + Sync + 'static> + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let own = StringValueParser::new().try_map(|text| text.parse::<T>());
        own.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            self.names.iter().map(|name| PossibleValue::new(*name)),
        ))
    }
}
