//! Marks of the older revision which announce that a part may change or be removed.

use crate::builds::{BuildSets, Builds};
use crate::change::Announcement;

/// The builds in which the older revision marks a part, or one that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) deprecated: Builds,
    pub(super) unstable: Builds,
}

impl Marks {
    pub(super) const NONE: Self = Self {
        deprecated: Builds::NONE,
        unstable: Builds::NONE,
    };

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn or(self, other: Self, sets: &mut BuildSets) -> Self {
        Self {
            deprecated: sets.or(self.deprecated, other.deprecated),
            unstable: sets.or(self.unstable, other.unstable),
        }
    }

    /// Returns the builds among these in which the strongest mark is this one. Unstable parts may change at any time,
    /// deprecated or not.
    pub(super) fn select(
        self,
        builds: Builds,
        announcement: Option<Announcement>,
        sets: &mut BuildSets,
    ) -> Builds {
        if self.is_none() {
            return match announcement {
                None => builds,
                Some(_) => Builds::NONE,
            };
        }
        match announcement {
            Some(Announcement::Unstable) => sets.and(builds, self.unstable),
            Some(Announcement::Deprecated) => {
                let deprecated = sets.and(builds, self.deprecated);
                sets.minus(deprecated, self.unstable)
            }
            None => {
                let rest = sets.minus(builds, self.unstable);
                sets.minus(rest, self.deprecated)
            }
        }
    }
}

/// Returns true if a name says that it is unstable: it begins with `x-`, after the prefix of a vendor if there is one
/// (docs/reference/language.md, naming rules).
pub(super) fn is_experimental(name: &str) -> bool {
    let bare = match name.strip_prefix("__") {
        Some(rest) => rest.split_once('_').map_or(rest, |(_, bare)| bare),
        None => name,
    };
    bare.starts_with("x-")
}

#[cfg(test)]
mod tests {
    use super::is_experimental;

    #[test]
    fn experimental_names_may_have_the_prefix_of_a_vendor() {
        for (name, expected) in [
            ("x-blockdev-change", true),
            ("__com.example_x-thing", true),
            ("__com.example_thing", false),
            ("max-x-size", false),
            ("xbzrle", false),
        ] {
            assert_eq!(is_experimental(name), expected, "{name}");
        }
    }
}
