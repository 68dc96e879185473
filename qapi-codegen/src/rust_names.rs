//! Converts names of a schema to Rust: those of [`naming`] as identifiers. A table in the tests lists the cases.
//!
//! * A name that begins with a digit gets a leading underscore.
//! * A keyword of any edition up to 2024 gets a trailing underscore.
//! * An item of a module (a type, a command, an event) never has a name that hides one of Rust's prelude, or one that its
//!   file imports: it gets the prefix `Qapi`, so that `String` is `QapiString`. Otherwise `use types::*` would break
//!   other uses of `String`. Fields, methods and variants hide nothing and keep such names.

use crate::naming;

/// Keywords of the editions 2015 to 2024, reserved ones included. `r#` is not an alternative: `self`, `super`, `crate`
/// and `Self` cannot be written that way.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The types, traits and variants of the preludes of all editions up to 2024, as item names can be the same.
const PRELUDE: [&str; 45] = [
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Names of the runtime that files with types import.
const IMPORTED_BY_TYPES: [&str; 3] = ["Any", "Null", "Object"];

/// Names of the runtime that files with commands or events import.
const IMPORTED_BY_CALLS: [&str; 5] = ["Any", "Command", "CommandInfo", "Null", "Object"];

/// [`naming::identifier`] by the keywords of Rust.
fn identifier(name: String) -> String {
    let found = KEYWORDS.binary_search(&name.as_str());
    let keywords = found.map_or(&[][..], |at| &KEYWORDS[at..=at]);
    naming::identifier(name, keywords)
}

/// Returns the name of an item, which hides neither one of the prelude nor one that its file imports.
fn visible(name: String, imported: &[&str]) -> String {
    let is_taken =
        PRELUDE.binary_search(&name.as_str()).is_ok() || imported.contains(&name.as_str());
    if is_taken {
        format!("Qapi{name}")
    } else {
        name
    }
}

/// Returns the name of a struct made from a command or event: `guest-file-read` is `GuestFileRead`.
pub(crate) fn item_name(name: &str) -> String {
    visible(camel_case(name), &IMPORTED_BY_CALLS)
}

/// Returns the name of a variant: `dark-blue` is `DarkBlue`.
pub(crate) fn camel_case(name: &str) -> String {
    identifier(naming::camel_case(name))
}

/// Returns the name of a field, parameter, method or module: `node-name` is `node_name`.
pub(crate) fn snake_case(name: &str) -> String {
    identifier(naming::snake_case(name))
}

/// Returns the name of the method that sets a field.
pub(crate) fn setter(field: &str) -> String {
    format!("with_{}", field.trim_matches('_'))
}

/// Returns the name of a type, as [`naming::type_name`] has it.
pub(crate) fn type_name(name: &str) -> String {
    let name = identifier(naming::type_name(name));
    visible(name, &IMPORTED_BY_TYPES)
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, PRELUDE, camel_case, snake_case, type_name};

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
            ("String", "QapiString"),
            ("some", "QapiSome"),
            ("CommandInfo", "CommandInfo"),
            ("Object", "QapiObject"),
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
    fn names_are_sorted_for_the_search() {
        assert!(PRELUDE.is_sorted());
        assert!(KEYWORDS.is_sorted());
    }
}
