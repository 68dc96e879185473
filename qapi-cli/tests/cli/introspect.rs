//! `qapi introspect`.

use crate::harness::qapi;

#[test]
fn conditions_are_decided_by_defined_symbols() {
    insta::assert_snapshot!(qapi(["introspect", "clean.json"]));
    insta::assert_snapshot!(qapi([
        "introspect",
        "-D",
        "HAVE_ARROWS",
        "-D",
        "HAVE_POWER",
        "clean.json"
    ]));
}

#[test]
fn all_conditions_and_names_on_demand() {
    insta::assert_snapshot!(qapi([
        "introspect",
        "--all-conditions",
        "--unmask",
        "clean.json"
    ]));
}

#[test]
fn errors_leave_standard_output_empty() {
    let run = qapi(["introspect", "errors.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert_eq!(
        qapi(["introspect", "--all-conditions", "-D", "A", "clean.json"]).status,
        2
    );
}
