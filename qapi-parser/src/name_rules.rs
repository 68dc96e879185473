//! The rules for names (docs/reference/language.md §2.6).

use crate::diag::{Code, Meta};

/// A violation of the name rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has an invalid character or form.
    Invalid,
    /// It maps to a C name with the prefix `q_`.
    QPrefix,
    /// A type's name is not in `CamelCase`.
    Camel,
    /// A type's name ends in `List`.
    ListSuffix,
    /// An event's name has lower-case letters or `-`.
    EventCase,
    /// The name has upper-case letters.
    Upper,
    /// The name has `_`, though no upper-case letters.
    Underscore,
    /// A member's name is taken by the generated C code.
    Reserved,
}

impl Fault {
    /// Returns the code it is reported under.
    pub(crate) fn code(self) -> Code {
        match self {
            Self::Invalid | Self::QPrefix => Code::NAME_INVALID,
            Self::Camel => Code::NAME_CAMEL,
            Self::ListSuffix => Code::NAME_LIST_SUFFIX,
            Self::EventCase => Code::NAME_EVENT_CASE,
            Self::Upper | Self::Underscore => Code::NAME_LOWER,
            Self::Reserved => Code::NAME_RESERVED,
        }
    }

    /// Describes the violation, to follow the name: "`Foo` …".
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Invalid => "is not a valid name",
            Self::QPrefix => "starts with the reserved prefix `q_`",
            Self::Camel => "is not in CamelCase",
            Self::ListSuffix => "ends in `List`, which is reserved for array types",
            Self::EventCase => "has a lower-case letter or `-`",
            Self::Upper => "has an upper-case letter",
            Self::Underscore => "has a `_`",
            Self::Reserved => "is a reserved member name",
        }
    }

    /// Describes the names that are allowed.
    pub(crate) fn allowed(self) -> &'static str {
        match self {
            Self::Invalid => {
                "a name is an ASCII letter followed by letters, digits, `-` and `_`, \
                 optionally after `__vendor_` and `x-`"
            }
            Self::QPrefix => "choose a name that does not begin with `q-` or `q_`",
            Self::Camel => {
                "names of types begin with an upper-case letter, have at least one lower-case \
                 letter after it, and consist of letters and digits"
            }
            Self::ListSuffix => "choose a name that does not end in `List`",
            Self::EventCase => "names of events are in upper case, with `_` between words",
            Self::Upper | Self::Underscore => "use lower-case letters, with `-` between the words",
            Self::Reserved => "neither `u` nor names beginning with `has-` or `has_` can be used",
        }
    }
}

/// The relaxation that a pragma grants one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// Neither upper case nor `_`.
    Strict,
    /// `_`, but no upper case.
    Underscore,
    /// Both.
    Free,
}

/// Judges the name of a definition.
pub(crate) fn definition(meta: Meta, name: &str, case: Case) -> Result<(), Fault> {
    let stem = stem(name)?;
    match meta {
        Meta::Event => {
            if stem
                .bytes()
                .any(|byte| byte.is_ascii_lowercase() || byte == b'-')
            {
                return Err(Fault::EventCase);
            }
        }
        Meta::Command => lower(stem, case)?,
        Meta::Enum | Meta::Struct | Meta::Union | Meta::Alternate => {
            if !is_camel(stem) {
                return Err(Fault::Camel);
            }
            if name.ends_with("List") {
                return Err(Fault::ListSuffix);
            }
        }
    }
    Ok(())
}

/// Judges the name of a struct member, union base member or argument.
pub(crate) fn member(name: &str, case: Case) -> Result<(), Fault> {
    plain(name, case)?;
    if name == "u"
        || matches!(name.as_bytes(), [b'h', b'a', b's', next, ..] if !next.is_ascii_alphanumeric())
    {
        return Err(Fault::Reserved);
    }
    Ok(())
}

/// Judges the name of an enumeration's value, which may begin with a digit.
pub(crate) fn value(name: &str, case: Case) -> Result<(), Fault> {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        plain(&format!("d{name}"), case)
    } else {
        plain(name, case)
    }
}

/// Judges the name of an alternative or feature.
pub(crate) fn plain(name: &str, case: Case) -> Result<(), Fault> {
    lower(stem(name)?, case)
}

/// A name for clash tests: all characters except ASCII letters and digits count as `_`, because C names are made that
/// way (docs/reference/language.md §2.7).
#[derive(Debug, Clone, Copy)]
pub(crate) struct CName<'a>(pub &'a str);

impl CName<'_> {
    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.0.chars().map(|c| match u8::try_from(c) {
            Ok(byte) if byte.is_ascii_alphanumeric() => byte,
            _ => b'_',
        })
    }
}

impl PartialEq for CName<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl Eq for CName<'_> {}

impl std::hash::Hash for CName<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Hashers are slow on single bytes.
        let mut chunk = [0; 32];
        let mut length = 0;
        for byte in self.bytes() {
            if length == chunk.len() {
                state.write(&chunk);
                length = 0;
            }
            chunk[length] = byte;
            length += 1;
        }
        state.write(&chunk[..length]);
        state.write_u8(0xff);
    }
}

/// Returns the part of a name that the case rules look at: without `__vendor_` and `x-`.
fn stem(name: &str) -> Result<&str, Fault> {
    let rest = match name.strip_prefix("__") {
        None => name,
        Some(vendor) => {
            let end = vendor.find('_').ok_or(Fault::Invalid)?;
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
            if end == 0 || !vendor[..end].bytes().all(fits) {
                return Err(Fault::Invalid);
            }
            &vendor[end + 1..]
        }
    };
    let bytes = rest.as_bytes();
    let experimental =
        matches!(bytes, [b'x' | b'X', b'-', first, ..] if first.is_ascii_alphabetic());
    let stem = if experimental { &rest[2..] } else { rest };
    let [b'a'..=b'z' | b'A'..=b'Z', behind @ ..] = stem.as_bytes() else {
        return Err(Fault::Invalid);
    };
    let mut rest = behind;
    while let [
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_',
        behind @ ..,
    ] = rest
    {
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(Fault::Invalid);
    }
    if matches!(name.as_bytes(), [b'q', second, ..] if !second.is_ascii_alphanumeric()) {
        return Err(Fault::QPrefix);
    }
    Ok(stem)
}

fn lower(stem: &str, case: Case) -> Result<(), Fault> {
    let mut has_underscore = false;
    for byte in stem.bytes() {
        if byte.is_ascii_uppercase() && case != Case::Free {
            return Err(Fault::Upper);
        }
        has_underscore |= byte == b'_';
    }
    if has_underscore && case == Case::Strict {
        return Err(Fault::Underscore);
    }
    Ok(())
}

fn is_camel(stem: &str) -> bool {
    stem.starts_with(|c: char| c.is_ascii_uppercase())
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && stem.bytes().skip(1).any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_in_camel_case() {
        let check = |name| definition(Meta::Struct, name, Case::Strict);
        for good in [
            "Foo",
            "AB1c",
            "X-Foo",
            "__org.example_Foo",
            "__a-b_x-Foo",
            "Qa",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for camel in ["A", "ABC", "A-b", "foo", "Foo_bar", "x-foo", "__org_foo"] {
            assert_eq!(check(camel), Err(Fault::Camel), "{camel}");
        }
        assert_eq!(check("FooList"), Err(Fault::ListSuffix));
        assert_eq!(check("List"), Err(Fault::ListSuffix));
        for invalid in [
            "",
            "_Foo",
            "__Foo",
            "1Foo",
            "Fo o",
            "Fo.o",
            "__a b_Foo",
            "__ab_",
            "x-",
            "Fö",
        ] {
            assert_ne!(check(invalid), Ok(()), "{invalid}");
        }
        assert_eq!(check("__Foo"), Err(Fault::Invalid));
    }

    #[test]
    fn experimental_prefix_needs_a_letter_after_it() {
        assert_eq!(member("x-1a", Case::Strict), Ok(()));
        assert_eq!(
            definition(Meta::Event, "x-1A", Case::Strict),
            Err(Fault::EventCase)
        );
        assert_eq!(definition(Meta::Event, "x-FOO", Case::Strict), Ok(()));
        assert_eq!(definition(Meta::Event, "X-FOO", Case::Strict), Ok(()));
        assert_eq!(definition(Meta::Command, "X-foo", Case::Strict), Ok(()));
    }

    #[test]
    fn names_beginning_with_q_and_a_separator_are_invalid() {
        for name in ["q-a", "q_a", "q--"] {
            assert_eq!(plain(name, Case::Strict), Err(Fault::QPrefix), "{name}");
        }
        assert_eq!(plain("q.a", Case::Strict), Err(Fault::Invalid));
        assert_eq!(plain("qa", Case::Strict), Ok(()));
        assert_eq!(plain("Q-a", Case::Free), Ok(()));
    }

    #[test]
    fn case_rules_spare_the_prefixes() {
        assert_eq!(member("__RFQDN_x-foo", Case::Strict), Ok(()));
        assert_eq!(member("foo_bar", Case::Strict), Err(Fault::Underscore));
        assert_eq!(member("foo_Bar", Case::Strict), Err(Fault::Upper));
        assert_eq!(member("foo_Bar", Case::Underscore), Err(Fault::Upper));
        assert_eq!(member("foo_bar", Case::Underscore), Ok(()));
        assert_eq!(member("foo_Bar", Case::Free), Ok(()));
    }

    #[test]
    fn reserved_members_are_found_after_case() {
        assert_eq!(member("has-a", Case::Strict), Err(Fault::Reserved));
        assert_eq!(member("has-A", Case::Strict), Err(Fault::Upper));
        assert_eq!(member("u", Case::Strict), Err(Fault::Reserved));
        assert_eq!(member("has", Case::Strict), Ok(()));
        assert_eq!(plain("has-a", Case::Strict), Ok(()));
        assert_eq!(value("u", Case::Strict), Ok(()));
    }

    #[test]
    fn values_may_begin_with_a_digit() {
        for good in ["1", "802-1x", "0-a"] {
            assert_eq!(value(good, Case::Strict), Ok(()), "{good}");
        }
        assert_eq!(value("1A", Case::Strict), Err(Fault::Upper));
        assert_eq!(value("", Case::Strict), Err(Fault::Invalid));
        assert_eq!(value("-1", Case::Strict), Err(Fault::Invalid));
    }

    #[test]
    fn c_names_agree_where_only_separators_differ() {
        assert_eq!(CName("a-b"), CName("a_b"));
        assert_eq!(CName("__a.b_c"), CName("__a-b_c"));
        assert_ne!(CName("aB"), CName("ab"));
        assert_ne!(CName("ab"), CName("a-b"));
    }
}
