//! Old findings of the fuzzers, the inputs they start from, and damaged copies of these, go through their properties.

use std::path::Path;

#[path = "support/damage.rs"]
mod damage;
#[path = "support/kept_inputs.rs"]
mod kept_inputs;
#[expect(unreachable_pub, reason = "the fuzzers have it as a library")]
#[path = "../fuzz/src/properties.rs"]
mod properties;

/// Files of a folder of this crate.
fn files(folder: &str) -> Vec<Vec<u8>> {
    kept_inputs::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
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

/// Damaged copies of each kept input.
const COPIES: usize = 12;

#[test]
fn damaged_kept_inputs_have_all_properties() {
    for (target, property) in [
        ("parse", properties::parse as fn(&[u8])),
        ("roundtrip", properties::roundtrip),
        ("lower", properties::lower),
    ] {
        let inputs = files(&format!("fuzz/corpus/{target}"));
        assert!(inputs.len() > 50, "{target}: {} inputs", inputs.len());
        kept_inputs::try_all(&inputs, COPIES, property);
    }
}
