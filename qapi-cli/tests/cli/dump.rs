//! `qapi dump`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::qapi;

fn dump(arguments: &[&str]) -> Value {
    let run = qapi(["dump"].iter().chain(arguments));
    assert_eq!(run.status, 0, "{run}");
    serde_json::from_str(&run.stdout).expect("the dump is JSON")
}

/// The entities of a module, as their dump.
fn entities<'v>(dump: &'v Value, module: &str) -> &'v [Value] {
    let modules = dump["modules"].as_array().unwrap();
    let module = modules
        .iter()
        .find(|candidate| candidate["name"] == module)
        .unwrap();
    module["entities"].as_array().unwrap()
}

#[test]
fn whole_schema_is_there() {
    let dump = dump(&["clean.json"]);
    let mut shown = dump.clone();
    // The predefined module is the same for all schemas, and shown by a test of its own.
    shown["modules"][0]["entities"] = Value::from("…");
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
}

#[test]
fn predefined_module_comes_first() {
    let dump = dump(&["clean.json"]);
    let names: Vec<String> = entities(&dump, "./builtin")
        .iter()
        .map(|entity| {
            format!(
                "{} {}",
                entity["kind"].as_str().unwrap(),
                entity["name"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        names[..4],
        [
            "builtin str",
            "array strList",
            "builtin number",
            "array numberList"
        ]
    );
    assert_eq!(
        names[names.len() - 2..],
        ["object q_empty", "enum QType"],
        "{names:?}"
    );
}

#[test]
fn entities_stand_in_order_with_what_they_imply() {
    let dump = dump(&["clean.json"]);
    let names: Vec<&str> = entities(&dump, "clean.json")
        .iter()
        .map(|entity| entity["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "ShapeKind",
            "Point",
            "Circle",
            "Arrow",
            "q_obj_Shape-base",
            "Shape",
            "ShapeRef",
            "ShapeRefList",
            "q_obj_draw-arg",
            "DrawnList",
            "draw",
            "Drawn",
            "wipe",
            "q_obj_CROWDED-arg",
            "CROWDED",
        ]
    );
}

#[test]
fn includes_are_recorded_in_their_modules() {
    let dump = dump(&["board/main.json"]);
    let modules: Vec<&Value> = dump["modules"].as_array().unwrap().iter().collect();
    let names: Vec<&str> = modules
        .iter()
        .map(|module| module["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["./builtin", "main.json", "parts/pen.json", "../clean.json"]
    );
    let records: Vec<String> = entities(&dump, "main.json")
        .iter()
        .filter(|entity| entity["kind"] == "include")
        .map(|entity| {
            format!(
                "{} {}",
                entity["source"]["line"],
                entity["module"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        records,
        ["2 parts/pen.json", "3 ../clean.json", "4 parts/pen.json"]
    );
    let places: BTreeSet<&str> = entities(&dump, "../clean.json")
        .iter()
        .filter_map(|entity| entity["source"]["file"].as_str())
        .collect();
    assert_eq!(places, BTreeSet::from(["../clean.json"]));
}

#[test]
fn errors_leave_standard_output_empty() {
    let run = qapi(["dump", "shared/b.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("error[REF-UNKNOWN]"));
}

#[test]
fn output_is_the_same_every_time_and_in_both_layouts() {
    let one = qapi(["dump", "clean.json"]).stdout;
    assert_eq!(one, qapi(["dump", "clean.json"]).stdout);
    let compact = qapi(["dump", "--compact", "clean.json"]).stdout;
    assert_eq!(compact.matches('\n').count(), 1);
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parsed(&one), parsed(&compact));
}

#[test]
fn old_forms_are_warned_about_on_standard_error() {
    let run = qapi(["dump", "--message-format", "short", "old.json"]);
    assert_eq!(run.status, 0);
    assert!(run.stderr.contains("warning[OLD-ERA]"));
    serde_json::from_str::<Value>(&run.stdout).expect("standard output is nothing but JSON");
    let denied = qapi(["dump", "--deny-warnings", "old.json"]);
    assert_eq!((denied.status, denied.stdout.as_str()), (1, ""));
}

#[test]
fn unreadable_schema_is_status_2() {
    assert_eq!(qapi(["dump", "absent.json"]).status, 2);
}

/// All keys of objects in a value.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_documented() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dump-format.md");
    let page = fs::read_to_string(page).unwrap();
    let mut found = BTreeSet::new();
    keys(&dump(&["clean.json"]), &mut found);
    for key in found
        .iter()
        .filter(|key| !["all", "any", "not"].contains(&key.as_str()))
    {
        assert!(
            page.contains(&format!("`{key}`")),
            "{key} is not documented"
        );
    }
    for key in [
        "tag",
        "branches",
        "declared_in",
        "success_response",
        "json_type",
        "alternatives",
    ] {
        assert!(found.contains(key), "the test schema has no `{key}`");
    }
}
