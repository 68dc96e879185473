//! Schemas to measure with: the real QMP schema, and ones many times its size made from it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the QMP schema of a QEMU version in the corpus beside the project.
pub fn qmp(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpus/qemu")
        .join(version)
        .join("qapi/qapi-schema.json")
}

/// Returns the QMP schema as one text without comments, `copies` times, each copy with names of its own.
///
/// # Panics
/// If the schema cannot be read.
pub fn copies(schema: &Path, copies: usize) -> String {
    let mut text = String::new();
    flatten(schema, &mut BTreeSet::new(), &mut text);
    let names = defined_names(&text);
    let mut all = String::new();
    let mut exceptions = String::new();
    for copy in 0..copies {
        let letter = char::from(b'a' + u8::try_from(copy).expect("few copies"));
        rename(&text, &names, letter, &mut all, &mut exceptions);
    }
    let lists = [
        "command-name-exceptions",
        "command-returns-exceptions",
        "member-name-exceptions",
    ];
    let pragmas: Vec<_> = lists
        .iter()
        .map(|list| format!("'{list}': [ {} ]", exceptions.trim_end_matches(", ")))
        .collect();
    format!("{{ 'pragma': {{ {} }} }}\n{all}", pragmas.join(",\n  "))
}

/// Appends the definitions of a file and of what it includes.
fn flatten(path: &Path, seen: &mut BTreeSet<PathBuf>, out: &mut String) {
    if !seen.insert(path.to_owned()) {
        return;
    }
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut pragma = false;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line
            .strip_prefix("{ 'include': '")
            .and_then(|rest| rest.split('\'').next())
        {
            flatten(&path.with_file_name(name), seen, out);
            continue;
        }
        pragma |= line.starts_with("{ 'pragma'");
        if !pragma {
            out.push_str(line);
            out.push('\n');
        }
        pragma &= !line.ends_with("} }");
    }
}

/// Returns the names after the six keywords.
fn defined_names(text: &str) -> BTreeSet<String> {
    let keywords = ["enum", "struct", "union", "alternate", "command", "event"];
    let strings: Vec<_> = text.split('\'').skip(1).step_by(2).collect();
    let between: Vec<_> = text.split('\'').skip(2).step_by(2).collect();
    strings
        .windows(2)
        .zip(between)
        .filter(|(pair, between)| keywords.contains(&pair[0]) && between.trim() == ":")
        .map(|(pair, _)| pair[1].to_owned())
        .collect()
}

/// Appends a copy in which every string that is a defined name has a suffix, and the list of
/// the suffixed names. Members and values of the same name change with it, consistently.
fn rename(
    text: &str,
    names: &BTreeSet<String>,
    letter: char,
    out: &mut String,
    exceptions: &mut String,
) {
    let suffixed = |name: &str| {
        if !name.contains(|c: char| c.is_ascii_lowercase()) {
            format!("{name}_{}", letter.to_ascii_uppercase())
        } else if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            format!("{name}{letter}")
        } else {
            format!("{name}-{letter}")
        }
    };
    for (index, part) in text.split('\'').enumerate() {
        if index % 2 == 0 {
            out.push_str(part);
            continue;
        }
        let star = if part.starts_with('*') { "*" } else { "" };
        let name = part.trim_start_matches('*');
        let name = if names.contains(name) {
            suffixed(name)
        } else {
            name.to_owned()
        };
        write!(out, "'{star}{name}'").expect("writing to a string cannot fail");
    }
    for name in names {
        write!(exceptions, "'{}', ", suffixed(name)).expect("writing to a string cannot fail");
    }
}
