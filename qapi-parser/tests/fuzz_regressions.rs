//! Old findings of the fuzzers, the inputs they start from, and small changes of these, go through their properties.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzzers have it as a library")]
#[path = "../fuzz/src/properties.rs"]
mod properties;

#[expect(unreachable_pub, reason = "the same")]
#[path = "../fuzz/src/mutations.rs"]
mod mutations;

/// The files of a folder, in the order of their names.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).expect("the folder is part of the project");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    #[expect(clippy::disallowed_methods, reason = "this is a test")]
    let read = |path| fs::read(path).expect("the file is readable");
    paths.iter().map(read).collect()
}

/// Applies a property to every file of a folder; their number.
fn replay(folder: &str, property: fn(&[u8])) -> usize {
    let files = files(folder);
    for file in &files {
        property(file);
    }
    files.len()
}

#[test]
fn findings_of_parse_stay_mended() {
    assert!(replay("fuzz/regressions/parse", properties::parse) > 0);
}

#[test]
fn findings_of_roundtrip_stay_mended() {
    assert!(replay("fuzz/regressions/roundtrip", properties::roundtrip) > 0);
}

#[test]
fn findings_of_lower_stay_mended() {
    assert!(replay("fuzz/regressions/lower", properties::lower) > 0);
}

#[test]
fn our_schemas_have_all_properties() {
    for property in [properties::parse, properties::roundtrip, properties::lower] {
        assert!(replay("../schemas/guest-agent", property) >= 5);
    }
}

/// Changed copies of each kept input.
const CHANGES: usize = 12;

#[test]
fn small_changes_of_kept_inputs_keep_all_properties() {
    for (target, property) in [
        ("parse", properties::parse as fn(&[u8])),
        ("roundtrip", properties::roundtrip),
        ("lower", properties::lower),
    ] {
        let inputs = files(&format!("fuzz/corpus/{target}"));
        assert!(inputs.len() > 50, "{target}: {} inputs", inputs.len());
        mutations::try_all(&inputs, CHANGES, property);
    }
}
