//! Old findings of the fuzzers, and the schemas they start from, go through their properties.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzzers have it as a library")]
#[path = "../fuzz/src/properties.rs"]
mod properties;

/// Applies a property to every file of a folder; their number.
fn replay(folder: &str, property: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder is part of the project") {
        let path = entry.expect("the folder is readable").path();
        #[expect(clippy::disallowed_methods, reason = "this is a test")]
        let bytes = fs::read(&path).expect("the file is readable");
        property(&bytes);
        count += 1;
    }
    count
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
