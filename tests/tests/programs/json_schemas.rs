//! The JSON that `qapi` prints about real schemas, held to the JSON Schemas that describe it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use qapi_codegen::documentation::Documentation;
use qapi_parser::ir::{Origin, TypeKind};
use qapi_parser::source::Disk;
use qapi_tests::Scratch;
use qapi_tests::{corpus, peer, workspace};
use serde_json::Value;

fn validator(name: &str) -> Validator {
    let path = workspace().join(format!("qapi-cli/docs/schemas/{name}.json"));
    let text = fs::read_to_string(&path).expect("the schema is there");
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is one")
}

/// Fails with the faults of a value.
fn check(validator: &Validator, value: &Value, what: &str) {
    let faults: Vec<String> = validator
        .iter_errors(value)
        .take(5)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what}: {}", faults.join("\n"));
}

fn parsed(text: &str, what: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// Standard output of a run of `qapi`.
fn qapi(arguments: &[&str]) -> String {
    let output = Command::new(peer::qapi()).args(arguments).output();
    let output = output.expect("the program runs");
    assert_ne!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

/// The real schemas of all versions, and our own.
fn schemas(root: &Path) -> Vec<PathBuf> {
    let versions = ["7.2", "10.0", "10.2"];
    let mut paths: Vec<_> = versions
        .iter()
        .flat_map(|version| corpus::roots(root, version))
        .collect();
    paths.extend(corpus::GUEST_AGENT_REVISIONS.map(corpus::guest_agent));
    paths.push(corpus::guest_agent("current"));
    paths
}

#[test]
fn dumps_and_introspection_of_real_schemas_are_as_described() {
    let Some(root) = corpus::root() else {
        return;
    };
    let (dump, introspection) = (validator("dump"), validator("introspection"));
    for path in schemas(&root) {
        let path = path.to_str().expect("the path is text");
        let text = qapi(&["dump", "--quiet", path]);
        check(&dump, &parsed(&text, path), path);
        assert!(
            !text.contains(path),
            "{path}: the dump has a path as opened"
        );
        for more in [&["--all-conditions"][..], &["--unmask"], &[]] {
            let arguments = [&["introspect", "--quiet", path], more].concat();
            check(&introspection, &parsed(&qapi(&arguments), path), path);
        }
    }
}

#[test]
fn diagnostics_of_the_conformance_schemas_are_as_described() {
    let Some(root) = corpus::root() else {
        return;
    };
    let (diagnostic, dump) = (validator("diagnostic"), validator("dump"));
    let mut count = 0;
    let folder = fs::read_dir(root.join("conformance")).expect("the corpus has it");
    for path in folder.map(|file| file.expect("the folder is readable").path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let path = path.to_str().expect("the path is text");
        let text = qapi(&["check", "--quiet", "--message-format", "json", path]);
        for line in text.lines() {
            check(&diagnostic, &parsed(line, path), path);
            count += 1;
        }
        if text.is_empty() {
            let text = qapi(&["dump", "--quiet", path]);
            check(&dump, &parsed(&text, path), path);
        }
    }
    assert!(count > 50, "only {count} diagnostics were checked");
}

#[test]
fn comparisons_of_real_schemas_are_as_described() {
    let Some(root) = corpus::root() else {
        return;
    };
    for index in 0..corpus::roots(&root, "7.2").len() {
        let paths = ["7.2", "10.0", "10.2"].map(|version| {
            let path = corpus::roots(&root, version)[index].clone();
            path.into_os_string()
                .into_string()
                .expect("the path is text")
        });
        let [old, _, new] = paths.each_ref().map(String::as_str);
        for lens in ["wire", "rust", "docs"] {
            let text = qapi(&["diff", "-q", "--format", "json", "--lens", lens, old, new]);
            check(&validator("diff"), &parsed(&text, new), lens);
            let text = qapi(&["diff", "-q", "--format", "sarif", "--lens", lens, old, new]);
            check(&validator("sarif"), &parsed(&text, new), lens);
        }
        let arguments = ["matrix", "-q", "--format", "json"];
        let arguments: Vec<_> = arguments
            .into_iter()
            .chain(paths.iter().map(String::as_str))
            .collect();
        check(&validator("matrix"), &parsed(&qapi(&arguments), new), new);
    }
}

/// Demands of GitHub's code scanning on a log beyond the schema, as its documentation states.
fn check_for_github(log: &Value, what: &str) {
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("there are results");
    assert!(results.len() <= 5_000, "{what}: {} results", results.len());
    let rules = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("there are rules");
    assert!(rules.len() <= 1_000, "{what}: {} rules", rules.len());
    for result in results {
        let text = result["message"]["text"].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{what}: {result}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"]
            .as_str()
            .unwrap_or_default();
        let is_inside =
            !uri.is_empty() && !uri.starts_with('/') && !uri.split('/').any(|part| part == "..");
        assert!(is_inside, "{what}: {uri:?}");
        assert!(
            place["region"]["startLine"].as_u64() >= Some(1),
            "{what}: {place}"
        );
        let further = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert!(further <= 1_000, "{what}: {further} related locations");
    }
}

#[test]
fn sarif_is_as_its_committee_and_github_demand() {
    let (Some(root), Some(of_sarif)) = (
        corpus::root(),
        peer::published_crate("serde-sarif", "0.8.0"),
    ) else {
        return;
    };
    let text = fs::read_to_string(of_sarif.join("src/schema.json")).expect("the schema is there");
    // One of its patterns, that of languages, is not a regular expression; logs of ours name no language.
    let text = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    let validator = jsonschema::draft7::new(&schema).expect("the schema is one");
    // As in a repository: paths that lead out of it are of no use to anyone.
    let folder = Scratch::new();
    let copy = |from: &Path, name: &str| {
        fs::copy(from, folder.join(name)).expect("it can be copied");
        name.to_owned()
    };
    let in_folder = |arguments: &[&str]| {
        let mut command = Command::new(peer::qapi());
        let output = command.args(arguments).current_dir(folder.path()).output();
        String::from_utf8(output.expect("the program runs").stdout).expect("the output is UTF-8")
    };
    let mut revisions = vec![
        copy(&corpus::guest_agent("1.1"), "old.json"),
        copy(&corpus::guest_agent("current"), "new.json"),
    ];
    for (name, schema) in [("old", "old.json"), ("new", "new.json")] {
        let described = in_folder(&["introspect", "-q", schema]);
        let name = format!("{name}-server.json");
        fs::write(folder.join(&name), described).expect("it can be written");
        revisions.push(name);
    }
    for old in &revisions {
        for new in &revisions {
            let what = format!("{old} to {new}");
            let log = in_folder(&["diff", "-q", "--format", "sarif", old, new]);
            let log = parsed(&log, &what);
            check(&validator, &log, &what);
            check_for_github(&log, &what);
        }
    }
    let conformance = root.join("conformance");
    let mut count = 0;
    for entry in fs::read_dir(conformance).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_some_and(|end| end == "json") {
            let name = path
                .file_name()
                .expect("it has one")
                .to_string_lossy()
                .into_owned();
            let name = copy(&path, &name);
            let log = in_folder(&["check", "-q", "--message-format", "sarif", &name]);
            let log = parsed(&log, &name);
            check(&validator, &log, &name);
            check_for_github(&log, &name);
            count += 1;
        }
    }
    assert!(count > 50, "only {count} schemas were checked");
}

/// Who works with a schema can always tell what a type is for that nobody wrote.
#[test]
fn every_implicit_type_has_an_origin() {
    let Some(root) = corpus::root() else {
        return;
    };
    for path in schemas(&root) {
        let loaded = qapi_parser::load(&path, &Disk, &qapi_parser::Options::default());
        let schema = loaded.schema.expect("the schema has no errors");
        for ty in &schema.types {
            let is_array = matches!(ty.kind, TypeKind::Array(_));
            let expected = ty.implicit || is_array;
            let found = ty.origin.is_some();
            assert_eq!(found, expected, "{}: {}", path.display(), ty.name);
            assert_eq!(ty.origin == Some(Origin::Array), is_array, "{}", ty.name);
        }
        // References in the text lead to what there is.
        let documentation = Documentation::new(&schema);
        for (_, definition) in documentation.definitions() {
            assert_eq!(
                documentation.of(definition.entity).map(|it| it.name),
                Some(definition.name)
            );
        }
    }
}
