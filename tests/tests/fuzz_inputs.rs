//! The inputs of the fuzz targets for what is made of schemas, and damaged copies of them, go through their properties.

use std::fs;
use std::path::{Path, PathBuf};

use qapi_tests::workspace;

#[path = "../../qapi-parser/tests/support/damage.rs"]
mod damage;
#[path = "../../qapi-parser/tests/support/kept_inputs.rs"]
mod kept_inputs;
#[expect(unreachable_pub, reason = "the fuzzers have it as a library")]
#[path = "../../fuzz/src/schemas.rs"]
mod schemas;

/// Damaged copies of each input.
const COPIES: usize = 3;

/// Schemas that have everything between them.
fn features() -> Vec<Vec<u8>> {
    let data = workspace().join("tests/data");
    let mut files = kept_inputs::files(&data.join("features"));
    for golden in subfolders(&data.join("golden")) {
        files.extend(fs::read(golden.join("schema.json")));
    }
    assert!(files.len() > 30, "{} schemas", files.len());
    files
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is part of the project");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// The pair of schemas of each rule for changes, as `.ci/fuzz` puts them together.
fn pairs() -> Vec<Vec<u8>> {
    let mut rules = subfolders(&workspace().join("qapi-diff/tests/data"));
    rules.retain(|rule| rule.join("old.json").is_file());
    assert!(rules.len() > 50, "{} pairs", rules.len());
    let side = |rule: &PathBuf, name| fs::read(rule.join(name)).expect("it is readable");
    let pair = |rule| [side(rule, "old.json"), side(rule, "new.json")].join(&0xFF);
    rules.iter().map(pair).collect()
}

#[test]
fn comparing() {
    kept_inputs::try_all(&pairs(), COPIES, schemas::diff);
}

#[test]
fn documenting() {
    kept_inputs::try_all(&features(), COPIES, schemas::docs);
}

#[test]
fn generating() {
    kept_inputs::try_all(&features(), COPIES, schemas::generate);
}
