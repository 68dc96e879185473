//! Kept inputs of the fuzz targets for what is made of schemas, and small changes of them, go through their properties.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzzers have it as a library")]
#[path = "../../qapi-parser/fuzz/src/mutations.rs"]
mod mutations;
#[expect(unreachable_pub, reason = "the same")]
#[path = "../../fuzz/src/schemas.rs"]
mod schemas;

/// Changed copies of each kept input.
const CHANGES: usize = 3;

fn inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let entries = fs::read_dir(&folder).expect("the folder is part of the project");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder is readable").path())
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "{target}: {} inputs", paths.len());
    let read = |path| fs::read(path).expect("the file is readable");
    paths.iter().map(read).collect()
}

#[test]
fn comparing() {
    mutations::try_all(&inputs("diff"), CHANGES, schemas::diff);
}

#[test]
fn documenting() {
    mutations::try_all(&inputs("docs"), CHANGES, schemas::docs);
}

#[test]
fn generating() {
    mutations::try_all(&inputs("generate"), CHANGES, schemas::generate);
}
