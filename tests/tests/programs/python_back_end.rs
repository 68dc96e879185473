//! The example of a back end, which makes Python: type checkers accept what it makes of any schema, and a real agent
//! understands it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use qapi_tests::Scratch;
use qapi_tests::agents::data;
use qapi_tests::generate::{self, Settings};
use qapi_tests::raw::Agent;
use qapi_tests::{corpus, peer, workspace};

/// Schemas of our generator that are tried.
const SCHEMAS: u64 = 25;

/// The example, built if it was not.
fn example() -> PathBuf {
    static EXAMPLE: OnceLock<PathBuf> = OnceLock::new();
    EXAMPLE
        .get_or_init(|| peer::example("qapi-codegen", "python"))
        .clone()
}

/// Makes Python of a schema.
fn make(schema: &Path, folder: &Path) {
    let output = Command::new(example()).arg(schema).arg(folder).output();
    let output = output.expect("the example runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", schema.display());
}

/// Gives the module in a folder a name of its own, as all modules of a run of mypy must have.
fn named_apart(made: &Path, file: &Path) -> PathBuf {
    fs::rename(made.join("schema.py"), file).expect("the module was made");
    file.to_owned()
}

/// Fails with the faults that mypy finds.
fn check(python: &Path, files: &[PathBuf], folder: &Path) {
    let output = Command::new(python)
        .args([
            "-m",
            "mypy",
            "--strict",
            "--no-error-summary",
            "--cache-dir",
        ])
        .arg(folder.join("cache"))
        .args(files)
        .output()
        .expect("Python runs");
    let faults = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{faults}{errors}");
}

#[test]
fn python_of_real_schemas_is_typed() {
    let (Some(root), Some(python)) = (corpus::root(), peer::python_with_mypy()) else {
        return;
    };
    let versions = ["10.2", "7.2"];
    let real = versions
        .iter()
        .flat_map(|version| corpus::roots(&root, version));
    let schemas = real.chain([corpus::guest_agent("1.1"), corpus::guest_agent("current")]);
    let folder = Scratch::new();
    let files = (0..).zip(schemas).map(|(number, schema)| {
        let made = folder.join(format!("made{number}"));
        make(&schema, &made);
        named_apart(&made, &folder.join(format!("schema{number}.py")))
    });
    let files: Vec<_> = files.collect();
    check(&python, &files, folder.path());
}

#[test]
fn python_of_any_schema_is_typed() {
    let Some(python) = peer::python_with_mypy() else {
        return;
    };
    let folder = Scratch::new();
    let mut files = Vec::new();
    for seed in 0..SCHEMAS {
        let source = folder.join(format!("source{seed}"));
        let settings = Settings {
            docs: seed % 2 == 0,
            includes: seed % 3 == 0,
            ..Settings::default()
        };
        for (name, text) in generate::schema(seed, &settings) {
            let path = source.join(name);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("writable");
            fs::write(path, text).expect("writable");
        }
        let made = folder.join(format!("made{seed}"));
        make(&source.join("schema.json"), &made);
        files.push(named_apart(&made, &folder.join(format!("schema{seed}.py"))));
    }
    check(&python, &files, folder.path());
}

/// The code in the README's section about back ends.
fn excerpt(language: &str) -> String {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("there is a README");
    let section = readme.split("\n### Other languages\n").nth(1);
    let section = section.expect("the section is there");
    let code = section.split(&format!("\n```{language}\n")).nth(1);
    let code = code.and_then(|rest| rest.split("\n```").next());
    code.expect("the excerpt is there").to_owned()
}

#[test]
fn the_readme_shows_the_example_and_what_it_makes() {
    let example = workspace().join("qapi-codegen/examples/python.rs");
    let example = fs::read_to_string(example).expect("the example is there");
    assert!(example.contains(&excerpt("rust,ignore")));
    assert!(example.lines().count() <= 200);
    let folder = Scratch::new();
    make(&corpus::guest_agent("current"), folder.path());
    let made = fs::read_to_string(folder.join("schema.py")).expect("the module was made");
    let mut rest = made.as_str();
    for piece in excerpt("python").split("\n\u{2026}\n") {
        let at = rest.find(piece);
        let at = at.unwrap_or_else(|| panic!("not made any more:\n{piece}"));
        rest = &rest[at + piece.len()..];
    }
}

#[test]
fn python_talks_to_the_agents_and_is_typed() {
    let (Some(root), Some(python), Some(qemu_ga)) =
        (corpus::root(), peer::python_with_mypy(), peer::qemu_ga())
    else {
        return;
    };
    let theirs = root.join("qemu/10.2/qga/qapi-schema.json");
    for (program, schema) in [
        (qemu_ga, theirs),
        (peer::qapi_agent(), corpus::guest_agent("current")),
    ] {
        let folder = Scratch::new();
        make(&schema, folder.path());
        let script = folder.join("script.py");
        fs::copy(data("python_backend.py"), &script).expect("the folder is writable");
        check(
            &python,
            &[folder.join("schema.py"), script.clone()],
            folder.path(),
        );
        let agent = Agent::start(&program);
        let output = Command::new(&python)
            .arg(&script)
            .arg(agent.socket())
            .arg(agent.folder().join("file"))
            .output()
            .expect("Python runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{errors}");
        for line in [
            "commands True",
            "written 7",
            "position 0",
            "read Grüße 7 True",
            "position 2",
            "thawed",
            "loopback 127.0.0.1 8",
            "processor True True GuestCpuStats__linux",
            "error handle '-1' has not been found",
        ] {
            let is_there = said.lines().any(|said| said == line);
            assert!(is_there, "{}: no `{line}` in\n{said}", program.display());
        }
    }
}
