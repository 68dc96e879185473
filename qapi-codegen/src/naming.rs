//! Converts names of a schema to names of a programming language.
//!
//! * Words end at `-`, `_` and `.` and, in names that mix upper and lower case, at changes of case: before an
//!   upper-case letter that follows a lower-case letter or a digit, and before the last of several upper-case letters
//!   if a lower-case one follows.
//! * Between two words of which the first ends and the second begins with a digit an underscore stays, also in
//!   `CamelCase`: `x86_64` is not `X8664`.
//!
//! The functions for a case only join words; [`identifier`] makes the result valid in a language.
//!
//! # Examples
//!
//! ```
//! use qapi_codegen::naming::{camel_case, identifier, screaming_case, snake_case};
//!
//! assert_eq!(camel_case("dark-blue"), "DarkBlue");
//! assert_eq!(snake_case("KVMMissingCap"), "kvm_missing_cap");
//! assert_eq!(screaming_case("x86-64"), "X86_64");
//! assert_eq!(identifier("from".to_owned(), &["from", "import"]), "from_");
//! assert_eq!(identifier("3des".to_owned(), &[]), "_3des");
//! ```

/// Returns the words of a name in `CamelCase`: `dark-blue` is `DarkBlue`.
pub fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in words(name) {
        if ends_with_digit(&out) && word.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars.map(|c| c.to_ascii_lowercase()));
    }
    out
}

/// Returns the words of a name in `snake_case`: `node-name` is `node_name`.
pub fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    for word in words(name) {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(word);
    }
    out.make_ascii_lowercase();
    out
}

/// Returns the words of a name in `SCREAMING_CASE`: `node-name` is `NODE_NAME`.
pub fn screaming_case(name: &str) -> String {
    snake_case(name).to_ascii_uppercase()
}

/// Returns the name of a type: as the schema has it, since the language demands `CamelCase` there and people search for these
/// names. Only a name in another form, as old schemas have them, goes through [`camel_case`].
pub fn type_name(name: &str) -> String {
    let implicit = name.strip_prefix("q_obj_");
    let plain = implicit.unwrap_or(name);
    let is_camel = plain.starts_with(|c: char| c.is_ascii_uppercase())
        && plain.contains(|c: char| c.is_ascii_lowercase())
        && plain.chars().all(|c| c.is_ascii_alphanumeric());
    if is_camel {
        plain.to_owned()
    } else {
        camel_case_words_kept(plain)
    }
}

/// [`camel_case`], except that words which are already `CamelCase` keep their capitals.
fn camel_case_words_kept(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(is_break).filter(|word| !word.is_empty()) {
        if ends_with_digit(&out) && word.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        if word.contains(|c: char| c.is_ascii_lowercase()) {
            let mut chars = word.chars();
            out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
            out.push_str(chars.as_str());
        } else {
            out.push_str(&word[..1]);
            out.push_str(&word[1..].to_ascii_lowercase());
        }
    }
    out
}

/// Returns a joined name as an identifier: never empty, without a leading digit, and with a trailing underscore if it
/// is one of the keywords.
pub fn identifier(name: String, keywords: &[&str]) -> String {
    if name.is_empty() {
        return "__".to_owned();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("_{name}");
    }
    if keywords.contains(&name.as_str()) {
        return name + "_";
    }
    name
}

fn ends_with_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

fn is_break(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Returns the words of a name, in its own case.
pub fn words(name: &str) -> impl Iterator<Item = &str> {
    let mixed = name.bytes().any(|byte| byte.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase());
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = name.as_bytes();
        while at < bytes.len() && !bytes[at].is_ascii_alphanumeric() {
            at += 1;
        }
        let start = at;
        while at < bytes.len()
            && bytes[at].is_ascii_alphanumeric()
            && !(mixed && at > start && is_case_break(bytes, at))
        {
            at += 1;
        }
        (at > start).then(|| &name[start..at])
    })
}

/// Returns true if a word begins with the letter at `at`, which stands after another letter or digit.
fn is_case_break(bytes: &[u8], at: usize) -> bool {
    bytes[at].is_ascii_uppercase()
        && (!bytes[at - 1].is_ascii_uppercase()
            || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::{camel_case, identifier, screaming_case, snake_case};

    #[test]
    fn cases_join_the_same_words() {
        for (name, camel, snake) in [
            ("red", "Red", "red"),
            ("x86_64", "X86_64", "x86_64"),
            ("KVMMissingCap", "KvmMissingCap", "kvm_missing_cap"),
            ("hmac-sha2-256", "HmacSha2_256", "hmac_sha2_256"),
            ("type", "Type", "type"),
            ("3des", "3des", "3des"),
            ("", "", ""),
        ] {
            assert_eq!(camel_case(name), camel);
            assert_eq!(snake_case(name), snake);
            assert_eq!(screaming_case(name), snake.to_uppercase());
        }
    }

    #[test]
    fn identifiers_are_never_empty_and_no_keywords() {
        for (name, expected) in [("", "__"), ("1", "_1"), ("in", "in_"), ("out", "out")] {
            assert_eq!(identifier(name.to_owned(), &["in"]), expected);
        }
    }
}
