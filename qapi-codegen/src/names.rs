//! Names of the schema made into names of Rust. Every rule is here, and its cases are a table test.
//!
//! * Words end at `-`, `_` and `.` and, in names that mix upper and lower case, at changes of case: before an
//!   upper-case letter that follows a lower-case letter or a digit, and before the last of several upper-case letters
//!   if a lower-case one follows.
//! * Between two words of which the first ends and the second begins with a digit an underscore stays, also in
//!   `CamelCase`: `x86_64` is not `X8664`.
//! * A name that begins with a digit gets an underscore in front.
//! * A keyword of any edition up to 2024 gets an underscore behind it.

/// Keywords of the editions 2015 to 2024, reserved ones included. `r#` would not do: `self`, `super`, `crate` and
/// `Self` cannot be written that way.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of a variant or of a struct made from a command or event: `dark-blue` is `DarkBlue`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in words(name) {
        if ends_with_digit(&out) && word.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars.map(|c| c.to_ascii_lowercase()));
    }
    accept(out)
}

/// The name of a field, parameter, method or module: `node-name` is `node_name`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    for word in words(name) {
        if !out.is_empty() {
            out.push('_');
        }
        out.extend(word.chars().map(|c| c.to_ascii_lowercase()));
    }
    accept(out)
}

/// The name of a type: as the schema has it, since the language demands `CamelCase` there and people search for these
/// names. Only a name in another form, as old schemas have them, goes through [`camel_case`].
pub(crate) fn type_name(name: &str) -> String {
    let implicit = name.strip_prefix("q_obj_");
    let plain = implicit.unwrap_or(name);
    let is_camel = plain.starts_with(|c: char| c.is_ascii_uppercase())
        && plain.contains(|c: char| c.is_ascii_lowercase())
        && plain.chars().all(|c| c.is_ascii_alphanumeric());
    if is_camel {
        accept(plain.to_owned())
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
    accept(out)
}

/// Makes an identifier of a joined name: never empty, no digit in front, no keyword.
fn accept(name: String) -> String {
    if name.is_empty() {
        return "__".to_owned();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("_{name}");
    }
    if KEYWORDS.binary_search(&name.as_str()).is_ok() {
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

/// The words of a name, in its own case.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mixed = name.contains(|c: char| c.is_ascii_lowercase())
        && name.contains(|c: char| c.is_ascii_uppercase());
    name.split(is_break)
        .flat_map(move |part| CaseWords { rest: part, mixed })
        .filter(|word| !word.is_empty())
}

/// Splits a part without separators at its changes of case.
struct CaseWords<'n> {
    rest: &'n str,
    mixed: bool,
}

impl<'n> Iterator for CaseWords<'n> {
    type Item = &'n str;

    fn next(&mut self) -> Option<&'n str> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest.as_bytes();
        let end = (1..bytes.len())
            .find(|&at| self.mixed && is_case_break(bytes, at))
            .unwrap_or(bytes.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word)
    }
}

fn is_case_break(bytes: &[u8], at: usize) -> bool {
    bytes[at].is_ascii_uppercase()
        && (!bytes[at - 1].is_ascii_uppercase()
            || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, camel_case, snake_case, type_name};

    /// Name, as a variant or command struct, as a field or method.
    const CASES: &[(&str, &str, &str)] = &[
        ("red", "Red", "red"),
        ("dark-blue", "DarkBlue", "dark_blue"),
        ("guest-file-read", "GuestFileRead", "guest_file_read"),
        (
            "supported_commands",
            "SupportedCommands",
            "supported_commands",
        ),
        ("BLOCK_JOB_READY", "BlockJobReady", "block_job_ready"),
        ("ACPI_DEVICE_OST", "AcpiDeviceOst", "acpi_device_ost"),
        ("VNC", "Vnc", "vnc"),
        ("KVMMissingCap", "KvmMissingCap", "kvm_missing_cap"),
        ("GenericError", "GenericError", "generic_error"),
        ("iSCSI", "IScsi", "i_scsi"),
        ("deviceID", "DeviceId", "device_id"),
        ("x86_64", "X86_64", "x86_64"),
        ("aarch64", "Aarch64", "aarch64"),
        ("qcow2", "Qcow2", "qcow2"),
        ("qcow2Size", "Qcow2Size", "qcow2_size"),
        ("buf-b64", "BufB64", "buf_b64"),
        ("ipv4-1-2", "Ipv4_1_2", "ipv4_1_2"),
        ("hmac-sha2-256", "HmacSha2_256", "hmac_sha2_256"),
        ("144", "_144", "_144"),
        ("3des", "_3des", "_3des"),
        ("x-perf", "XPerf", "x_perf"),
        ("__org.example_x-foo", "OrgExampleXFoo", "org_example_x_foo"),
        ("a--b", "AB", "a_b"),
        ("a-", "A", "a"),
        ("type", "Type", "type_"),
        ("gen", "Gen", "gen_"),
        ("self", "Self_", "self_"),
        ("Self", "Self_", "self_"),
        ("async", "Async", "async_"),
        ("union", "Union", "union"),
        ("crate", "Crate", "crate_"),
    ];

    #[test]
    fn names_follow_the_table() {
        for (name, camel, snake) in CASES {
            assert_eq!(camel_case(name), *camel, "{name} as a variant");
            assert_eq!(snake_case(name), *snake, "{name} as a field");
        }
    }

    #[test]
    fn type_names_stay_as_they_are_unless_they_are_not_camel_case() {
        for (name, expected) in [
            ("GuestFileRead", "GuestFileRead"),
            ("QCryptoTLSCreds", "QCryptoTLSCreds"),
            ("BlockdevOptionsNVMe", "BlockdevOptionsNVMe"),
            ("String", "String"),
            ("Self", "Self_"),
            ("VNC", "Vnc"),
            ("old-name", "OldName"),
            ("q_obj_Shape-circle", "ShapeCircle"),
            ("q_obj_TPMOptions-x", "TPMOptionsX"),
            ("X86_64", "X86_64"),
        ] {
            assert_eq!(type_name(name), expected, "{name}");
        }
    }

    #[test]
    fn every_name_is_an_identifier() {
        for name in ["", "-", "_", "__", "1", "ä"] {
            for made in [camel_case(name), snake_case(name), type_name(name)] {
                assert!(
                    syn::parse_str::<syn::Ident>(&made).is_ok(),
                    "{name:?} becomes {made:?}"
                );
            }
        }
    }

    #[test]
    fn keywords_are_sorted_for_the_search() {
        assert!(KEYWORDS.is_sorted());
    }
}
