//! A value for what a name or selector stands for: `NAME=VALUE` as a flag, an entry of a table in a file.

use std::str::FromStr;

/// A name of the schema, or a selector, and what it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// The name or selector.
    pub name: String,
    /// The value.
    pub value: String,
}

impl FromStr for Assignment {
    type Err = &'static str;

    /// Takes `NAME=VALUE` apart at the first equals sign.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Self {
                    name: name.trim().to_owned(),
                    value: value.trim().to_owned(),
                })
            }
            _ => Err("expected two parts with `=` in between"),
        }
    }
}

#[cfg(feature = "project")]
pub(super) use tables::{table, table_of_lists};

#[cfg(feature = "project")]
mod tables {
    //! Assignments as tables of a file, in its order.

    use std::fmt;
    use std::marker::PhantomData;

    use serde::Deserializer;
    use serde::de::{Deserialize, MapAccess, Visitor};

    use super::Assignment;

    /// One value, or several for the same name.
    #[derive(serde::Deserialize)]
    #[serde(untagged, expecting = "expected a string or a list of strings")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }

    impl From<String> for OneOrMany {
        fn from(value: String) -> Self {
            Self::One(value)
        }
    }

    struct Entries<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de> + Into<OneOrMany>> Visitor<'de> for Entries<T> {
        type Value = Vec<Assignment>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of names and values")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut assignments = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, T>()? {
                let values = match value.into() {
                    OneOrMany::One(value) => vec![value],
                    OneOrMany::Many(values) => values,
                };
                assignments.extend(values.into_iter().map(|value| Assignment {
                    name: name.clone(),
                    value,
                }));
            }
            Ok(assignments)
        }
    }

    /// Reads a table of strings.
    pub(in super::super) fn table<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Assignment>, D::Error> {
        deserializer.deserialize_map(Entries::<String>(PhantomData))
    }

    /// Reads a table of strings and lists of strings.
    pub(in super::super) fn table_of_lists<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Assignment>, D::Error> {
        deserializer.deserialize_map(Entries::<OneOrMany>(PhantomData))
    }
}
