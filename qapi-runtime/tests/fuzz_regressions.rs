//! Old findings of the fuzzers, replayed against their properties.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzzers have it as a library")]
#[path = "../fuzz/src/properties.rs"]
mod properties;

/// Applies a property to every file of a folder.
fn replay(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/regressions")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder is part of the project") {
        let path = entry.expect("the folder is readable").path();
        property(&fs::read(&path).expect("the file is readable"));
        count += 1;
    }
    assert!(count > 0, "no findings in {}", folder.display());
}

#[test]
fn findings_of_wire_stay_mended() {
    replay("wire", properties::wire);
}

#[test]
fn findings_of_document_stay_mended() {
    replay("document", properties::document);
}

/// The vectors of the protocol are good starts for all properties, whole and as separate lines.
#[test]
fn protocol_vectors_have_all_properties() {
    let vectors = include_bytes!("data/protocol.txt");
    properties::wire(&[b"\0", vectors.as_slice()].concat());
    for line in vectors.split(|byte| *byte == b'\n') {
        properties::document(line);
        for choice in [b"\0", b"\x01"] {
            properties::wire(&[choice.as_slice(), line].concat());
        }
    }
}
