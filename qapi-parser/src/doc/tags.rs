//! The tags that start a documentation line (docs/reference/language.md §7.4).

use crate::ir::SectionKind;

/// `@name: rest`; the name may contain anything except a colon, and may be empty.
pub(super) fn description(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix('@')?.split_once(':')?;
    Some((name, rest.trim_start_matches(' ')))
}

/// `Returns: rest` and its like.
pub(super) fn tag(text: &str) -> Option<(SectionKind, &str)> {
    let (name, rest) = word_and_rest(text)?;
    let kind = match name {
        "Returns" => SectionKind::Returns,
        "Errors" => SectionKind::Errors,
        "Since" => SectionKind::Since,
        "TODO" => SectionKind::Todo,
        _ => return None,
    };
    Some((kind, rest))
}

/// Returns the name of a tag that is one no more.
pub(super) fn old_tag(text: &str) -> Option<&str> {
    let (name, _) = word_and_rest(text)?;
    matches!(name, "Note" | "Notes" | "Example" | "Examples").then_some(name)
}

/// Returns the word before a colon and the text after it, unless that is a second colon: then it introduces literal text.
fn word_and_rest(text: &str) -> Option<(&str, &str)> {
    let mut rest = text.as_bytes();
    while let [b'a'..=b'z' | b'A'..=b'Z', behind @ ..] = rest {
        rest = behind;
    }
    let (name, rest) = text.split_at(text.len() - rest.len());
    let rest = rest.strip_prefix(':')?;
    (!rest.starts_with(':')).then(|| (name, rest.trim_start_matches(' ')))
}

/// Returns the version in `Since 1.5`, if there is nothing else: until QEMU 2.8, the colon after `Since` was optional.
pub(super) fn old_since(text: &str) -> Option<&str> {
    let version = text.strip_prefix("Since ")?.trim_start_matches(' ');
    let is_version = version.starts_with(|first: char| first.is_ascii_digit())
        && version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_version.then_some(version)
}

/// Returns the text of a member without the mark for optional ones that it had until QEMU 2.8.
pub(super) fn without_optional(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("#optional")?;
    (rest.is_empty() || rest.starts_with([' ', '\n'])).then(|| rest.trim_start_matches([' ', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_needs_at_sign_and_colon() {
        for (text, expected) in [
            ("@a: b", Some(("a", "b"))),
            ("@a:b:c", Some(("a", "b:c"))),
            ("@a b:   c", Some(("a b", "c"))),
            ("@:", Some(("", ""))),
            ("@a", None),
            (" @a: b", None),
            ("a: b", None),
        ] {
            assert_eq!(description(text), expected, "{text}");
        }
    }

    #[test]
    fn tag_needs_exactly_one_colon() {
        for (text, expected) in [
            ("Returns: x", Some((SectionKind::Returns, "x"))),
            ("Since:1.5", Some((SectionKind::Since, "1.5"))),
            ("Errors:", Some((SectionKind::Errors, ""))),
            ("TODO:  y", Some((SectionKind::Todo, "y"))),
            ("Returns::", None),
            ("Returns :", None),
            ("since: 1", None),
            ("Since 1.5", None),
            ("TODOs: x", None),
            (" Since: 1", None),
        ] {
            assert_eq!(tag(text), expected, "{text}");
        }
        assert_eq!(old_tag("Notes: x"), Some("Notes"));
        assert_eq!(old_tag("Example:"), Some("Example"));
        assert_eq!(old_tag("Example::"), None);
        assert_eq!(old_tag("note: x"), None);
    }

    #[test]
    fn since_without_colon_is_only_a_version() {
        assert_eq!(old_since("Since 0.15.0"), Some("0.15.0"));
        assert_eq!(old_since("Since 1.5, or so"), None);
        assert_eq!(old_since("Since then"), None);
        assert_eq!(old_since("Since"), None);
    }

    #[test]
    fn optional_mark_is_a_word() {
        assert_eq!(without_optional("#optional foo"), Some("foo"));
        assert_eq!(without_optional("#optional\n   foo"), Some("foo"));
        assert_eq!(without_optional("#optional"), Some(""));
        assert_eq!(without_optional("#optionally foo"), None);
        assert_eq!(without_optional("foo #optional"), None);
    }
}
