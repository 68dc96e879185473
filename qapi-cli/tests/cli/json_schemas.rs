//! Checks all JSON in the tests against the JSON Schemas beside the pages about the formats.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::harness::{Run, qapi};

/// The schemas by name.
fn validators() -> &'static BTreeMap<String, Validator> {
    static VALIDATORS: OnceLock<BTreeMap<String, Validator>> = OnceLock::new();
    VALIDATORS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let read = |path: &Path| {
            let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            jsonschema::draft202012::meta::validate(&schema)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            jsonschema::draft202012::new(&schema).unwrap()
        };
        let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
        files.map(|path| (name(&path), read(&path))).collect()
    })
}

/// The faults of a value by a schema, a line each.
fn faults(schema: &str, value: &Value) -> Vec<String> {
    validators()[schema]
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

fn check(schema: &str, text: &str, run: &Run) {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{run}"));
    let faults = faults(schema, &value);
    assert!(
        faults.is_empty(),
        "not by docs/schemas/{schema}.json: {}\n{text}",
        faults.join("\n")
    );
}

/// Fails with the faults of a value that a run wrote into a file.
pub(crate) fn check_value(schema: &str, value: &Value) {
    let faults = faults(schema, value);
    assert!(
        faults.is_empty(),
        "not by docs/schemas/{schema}.json: {}\n{value}",
        faults.join("\n")
    );
}

/// The schema of what a run prints on standard output, if that is one JSON document.
fn document(arguments: &[&str]) -> Option<&'static str> {
    let has = |format: &str| {
        arguments.contains(&format!("--format={format}").as_str())
            || arguments
                .windows(2)
                .any(|pair| pair == ["--format", format])
    };
    match *arguments.first()? {
        "dump" => Some("dump"),
        "introspect" => Some("introspection"),
        "diff" if has("json") => Some("diff"),
        "diff" if has("sarif") => Some("sarif"),
        "matrix" if has("json") && arguments.contains(&"--used-by") => Some("drive"),
        "matrix" if has("json") => Some("matrix"),
        _ => None,
    }
}

/// Checks all JSON that a run printed.
pub(crate) fn check_run(arguments: &[&str], run: &Run) {
    if arguments.contains(&"--help") {
        return;
    }
    match document(arguments) {
        Some(schema) if !run.stdout.is_empty() => check(schema, &run.stdout, run),
        _ => {}
    }
    let speaks_json = arguments.contains(&"--message-format=json")
        || arguments
            .windows(2)
            .any(|pair| pair == ["--message-format", "json"]);
    if speaks_json {
        let check_prints = arguments.first() == Some(&"check");
        let stdout = if check_prints {
            run.stdout.as_str()
        } else {
            ""
        };
        if arguments.first() == Some(&"validate") {
            for line in run.stdout.lines() {
                check("traffic", line, run);
            }
        }
        let lines = stdout.lines().chain(run.stderr.lines());
        for line in lines.filter(|line| line.starts_with('{')) {
            check("diagnostic", line, run);
        }
    }
}

/// Every object in the schemas lists all of its properties, so that a new one fails the tests until it is described.
#[test]
fn schemas_allow_nothing_that_they_do_not_name() {
    fn objects(value: &Value, found: &mut Vec<Value>) {
        match value {
            Value::Object(object) => {
                if object.contains_key("properties") && object.get("type").is_some() {
                    found.push(value.clone());
                }
                object.values().for_each(|value| objects(value, found));
            }
            Value::Array(array) => array.iter().for_each(|value| objects(value, found)),
            _ => {}
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let mut found = Vec::new();
        objects(&serde_json::from_str(&text).unwrap(), &mut found);
        assert!(!found.is_empty(), "{}", path.display());
        for object in found {
            assert_eq!(object["additionalProperties"], false, "{object}");
        }
    }
}

/// Every verb and format that prints JSON has a schema, by what the help says.
#[test]
fn every_json_format_has_a_schema() {
    for (verb, schemas) in [
        ("check", &["diagnostic"][..]),
        ("dump", &["dump"]),
        ("introspect", &["introspection"]),
        ("diff", &["diff", "sarif"]),
        ("matrix", &["drive", "matrix"]),
        ("record", &["recording"]),
        ("validate", &["traffic"]),
    ] {
        for schema in schemas {
            assert!(validators().contains_key(*schema), "{verb}: {schema}");
        }
    }
    let help = qapi(["--help"]).stdout;
    let verbs = help.lines().filter_map(|line| {
        let verb = line.strip_prefix("  ")?.split(' ').next()?;
        let is_verb = !verb.is_empty() && verb.bytes().all(|byte| byte.is_ascii_lowercase());
        is_verb.then(|| verb.to_owned())
    });
    let verbs: Vec<String> = verbs.collect();
    assert!(verbs.iter().any(|verb| verb == "diff"), "{help}");
    let mut found = Vec::new();
    for verb in verbs.iter().filter(|verb| *verb != "help") {
        let help = qapi([verb.as_str(), "--help"]).stdout;
        let mut lines = help.lines().skip_while(|line| !line.contains("--format <"));
        let _ = lines.next();
        // The values of the option stand below it.
        let values: Vec<&str> = lines
            .take_while(|line| !line.trim_start().starts_with("--"))
            .collect();
        let has = |format: &str| {
            values.iter().any(|line| {
                let line = line.trim_start();
                line.starts_with(&format!("- {format}:")) || line.contains(&format!(" {format},"))
            })
        };
        for format in ["json", "sarif"] {
            if has(format) {
                let known = document(&[verb, "--format", format]);
                assert!(
                    known.is_some(),
                    "{verb} --format {format} has no schema\n{help}"
                );
                found.push(format!("{verb} {format}"));
            }
        }
    }
    for one in ["diff json", "diff sarif", "matrix json"] {
        assert!(
            found.iter().any(|it| it == one),
            "{one} is not in {found:?}"
        );
    }
}

/// The schemas reject unknown properties, so that the tests can fail.
#[test]
fn changed_documents_are_refused() {
    let run = qapi(["dump", "clean.json"]);
    let dump: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(faults("dump", &dump), Vec::<String>::new());
    let mut renamed = dump.clone();
    renamed["modules"][1]["entities"][0]["colour"] = Value::from(1);
    let mut lacking = dump.clone();
    lacking["docs"][0]["tree"]
        .as_object_mut()
        .unwrap()
        .remove("since");
    let mut mistyped = dump;
    mistyped["modules"][1]["entities"][0]["features"] = Value::Null;
    for value in [renamed, lacking, mistyped] {
        assert!(!faults("dump", &value).is_empty());
    }
}

#[test]
fn the_page_about_diagnostics_has_every_key() {
    fn keys(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(parts) => {
                let properties = parts.get("properties").and_then(Value::as_object);
                found.extend(properties.into_iter().flat_map(|it| it.keys().cloned()));
                parts.values().for_each(|part| keys(part, found));
            }
            Value::Array(parts) => parts.iter().for_each(|part| keys(part, found)),
            _ => {}
        }
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let read = |file: &str| fs::read_to_string(docs.join(file)).unwrap();
    let schema = serde_json::from_str(&read("schemas/diagnostic.json")).unwrap();
    let page = read("diagnostics-format.md");
    let mut found = Vec::new();
    keys(&schema, &mut found);
    assert!(found.len() > 20);
    for key in found {
        assert!(
            page.contains(&format!("`{key}`")),
            "{key} is not documented"
        );
    }
}
