//! Names of the folders for generated code, below the output folder.

use std::path::{Component, Path};

/// Tells what is wrong with the name of a module's folder, if anything: it must stay below the output folder.
pub(crate) fn fault(name: &str) -> Option<String> {
    let mut parts = Path::new(name).components().peekable();
    let is_empty = parts.peek().is_none();
    let is_name = |part| matches!(part, Component::Normal(_));
    // A drive or a backslash means something else on another system.
    let is_portable = !name.contains(['\\', ':', '\0']);
    let is_good = !is_empty && parts.all(is_name) && is_portable && !name.starts_with("./");
    (!is_good).then(|| {
        format!(
            "`{name}` is not a valid name for a folder in the output folder; use a name such as `guest_agent`"
        )
    })
}

/// Takes a name that stays below the output folder.
#[cfg(feature = "clap")]
pub(crate) fn parse(name: &str) -> Result<String, String> {
    match fault(name) {
        None => Ok(name.to_owned()),
        Some(fault) => Err(fault),
    }
}

/// Reads a name that stays below the output folder.
#[cfg(feature = "project")]
pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let name: Option<String> = serde::Deserialize::deserialize(deserializer)?;
    match name.as_deref().and_then(fault) {
        None => Ok(name),
        Some(fault) => Err(serde::de::Error::custom(fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn names_stay_below_the_output_folder() {
        for good in ["guest_agent", "a/b", "qapi-schema", "..a", "a.b"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "", ".", "..", "../a", "a/../..", "/a", "./a", "a\\b", "C:a", "a\0",
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
    }
}
