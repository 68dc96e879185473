//! Files are called after their subject, so that a rule is found from the list of files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sources::{rust_sources, shown};

/// Names that say what kind of thing a file holds, and not which.
const VAGUE: [&str; 11] = [
    "common", "helpers", "lines", "misc", "names", "parts", "text", "things", "tools", "util",
    "utils",
];

/// Vague names that several files of a crate have. In a folder of output formats, `text` is one of them.
fn shared_vague_names(paths: &[String]) -> Vec<String> {
    let all: BTreeSet<&Path> = paths.iter().map(Path::new).collect();
    let mut found = BTreeMap::<(&str, &str), BTreeSet<&str>>::new();
    for path in paths {
        let Some((name, _)) = path.split_once("/src/") else {
            continue;
        };
        let file = Path::new(path);
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let Some(stem) = stem.filter(|stem| VAGUE.contains(stem)) else {
            continue;
        };
        if !all.contains(file.with_file_name("json.rs").as_path()) {
            found.entry((name, stem)).or_default().insert(path);
        }
    }
    found.retain(|_, files| files.len() > 1);
    found
        .into_values()
        .map(|files| format!("{files:?}"))
        .collect()
}

#[test]
fn vague_names_are_found() {
    let paths = [
        "a/src/x/text.rs",
        "a/src/y/text.rs",
        "a/src/names.rs",
        "a/tests/text.rs",
        "a/src/report/text.rs",
        "a/src/report/json.rs",
        "b/src/names.rs",
    ];
    let found = shared_vague_names(&paths.map(str::to_owned));
    assert_eq!(found, [r#"{"a/src/x/text.rs", "a/src/y/text.rs"}"#]);
}

#[test]
fn files_are_called_after_their_subject() {
    let paths: Vec<_> = rust_sources().iter().map(|(path, _)| shown(path)).collect();
    let found = shared_vague_names(&paths);
    assert!(found.is_empty(), "one name, one thing: {found:#?}");
}
