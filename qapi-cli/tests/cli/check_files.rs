//! `qapi check` of files that are parts of a schema, its formats for programs, and its fixes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Run, Scratch, command};

/// A folder that is removed at the end of the test.
struct Folder(Scratch);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let scratch = Scratch::new();
        for (file, text) in files {
            scratch.write(file, text);
        }
        Self(scratch)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let run = command(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        run.into()
    }

    fn read(&self, file: &str) -> String {
        self.0.text(file)
    }
}

/// A schema of three files, whose pragma only the main file has; `part` is one of the others.
fn tree(part: &str) -> Folder {
    Folder::new(&[
        (".git/HEAD", ""),
        (
            "qapi/qapi-schema.json",
            "{ 'pragma': { 'command-name-exceptions': [ 'do_it', 'do_that' ] } }\n\
                 { 'include': 'common.json' }\n{ 'include': 'part.json' }\n",
        ),
        (
            "qapi/common.json",
            "{ 'struct': 'Common', 'data': { 'if': 'int' } }\n",
        ),
        ("qapi/part.json", part),
    ])
}

const SOUND: &str = "{ 'command': 'do_it', 'data': 'Common' }\n";
const WRONG: &str = "{ 'command': 'do_it',\n  'data': { 'a': 'Comon' } }\n";

#[test]
fn files_are_checked_in_the_setting_of_their_schema() {
    let folder = tree(SOUND);
    for files in [
        &["qapi/part.json"][..],
        &[
            "qapi/common.json",
            "qapi/part.json",
            "qapi/qapi-schema.json",
        ],
        &["--root", "qapi/qapi-schema.json", "qapi/part.json"],
        &[
            "--dialect",
            "strict",
            "--message-format",
            "short",
            "qapi/part.json",
        ],
    ] {
        let run = folder.run(&[&["check"], files].concat());
        assert_eq!(run.status, 0, "{run}");
        assert!(!run.stdout.contains("error"), "{run}");
    }
    let run = folder.run(&["check", "qapi/part.json"]);
    assert_eq!(
        run.stdout,
        "1 file is part of the schema of qapi/qapi-schema.json\n"
    );
}

#[test]
fn a_mistake_is_one_message_at_its_place_in_every_format() {
    let folder = tree(WRONG);
    let all = [
        "qapi/common.json",
        "qapi/part.json",
        "qapi/qapi-schema.json",
    ];
    for files in [&all[..], &all[1..2]] {
        let run = |format: &str| {
            let run = folder.run(&[&["check", "--message-format", format], files].concat());
            assert_eq!(run.status, 1, "{run}");
            run.stdout
        };
        let short = run("short");
        assert!(
            short.starts_with("qapi/part.json:2:18: error[REF-UNKNOWN]: "),
            "{short}"
        );
        assert_eq!(short.lines().count(), 1);
        let json: Value = serde_json::from_str(&run("json")).expect("one object");
        assert_eq!(json["line"], 2);
        assert_eq!(json["column"], 18);
        assert_eq!(json["qemu_line"], 1);
        assert_eq!(json["qemu_column"], Value::Null);
        assert_eq!(json["suggestions"][0]["applicability"], "MaybeIncorrect");
        let github = run("github");
        let expected =
            "::error file=qapi/part.json,line=2,endLine=2,col=18,endColumn=25,title=REF-UNKNOWN::";
        assert!(github.starts_with(expected), "{github}");
        assert_eq!(github.lines().count(), 1);
        let sarif: Value = serde_json::from_str(&run("sarif")).expect("one document");
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 1);
        assert_eq!(results[0]["ruleId"], "REF-UNKNOWN");
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "qapi/part.json");
        assert_eq!(place["region"]["startLine"], 2);
        assert_eq!(place["region"]["startColumn"], 18);
    }
    let others = folder.run(&["check", "qapi/common.json"]);
    assert_eq!(others.status, 0);
    assert!(
        others.stdout.contains("which has 1 error elsewhere"),
        "{others}"
    );
}

#[test]
fn a_file_of_another_schema_is_refused() {
    let folder = tree(SOUND);
    fs::write(folder.0.join("alone.json"), "").unwrap();
    let run = folder.run(&["check", "--root", "qapi/qapi-schema.json", "alone.json"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("is not part of the schema of qapi/qapi-schema.json"),
        "{run}"
    );
}

#[test]
fn standard_input_can_stand_for_a_file() {
    let folder = tree(SOUND);
    let changed = folder.0.join("changed");
    fs::write(&changed, WRONG).unwrap();
    let run: Run = command([
        "check",
        "--message-format",
        "short",
        "--stdin-filename",
        "qapi/part.json",
        "-",
    ])
    .current_dir(folder.0.path())
    .stdin(fs::File::open(changed).unwrap())
    .output()
    .unwrap()
    .into();
    assert_eq!(run.status, 1, "{run}");
    assert!(
        run.stdout
            .starts_with("qapi/part.json:2:18: error[REF-UNKNOWN]"),
        "{run}"
    );
}

#[test]
fn certain_changes_are_made_and_shown() {
    let old =
        "{ 'type': 'Aa', 'data': { 'x': '**' } }\n{ 'command': 'c', 'gen': 'no' 'data': 'Aa' }\n";
    let folder = Folder::new(&[("schema.json", old)]);
    let shown = folder.run(&["check", "--fix", "--diff", "schema.json"]);
    assert!(
        shown
            .stdout
            .contains("+{ 'struct': 'Aa', 'data': { 'x': 'any' } }"),
        "{shown}"
    );
    assert_eq!(folder.read("schema.json"), old);
    let run = folder.run(&["check", "--fix", "schema.json"]);
    assert_eq!(run.status, 0, "{run}");
    let new = "{ 'struct': 'Aa', 'data': { 'x': 'any' } }\n{ 'command': 'c', 'gen': false, 'data': 'Aa' }\n";
    assert_eq!(folder.read("schema.json"), new);
    assert_eq!(
        folder
            .run(&["check", "--dialect", "strict", "schema.json"])
            .status,
        0
    );
}

#[test]
fn uncertain_changes_are_not_made() {
    let folder = tree(WRONG);
    folder.run(&["check", "--fix", "qapi/part.json"]);
    assert_eq!(folder.read("qapi/part.json"), WRONG);
}

#[test]
fn warnings_are_allowed_denied_and_capped_by_code() {
    let text = "{ 'type': 'Aa', 'data': {} }\n{ 'type': 'Bb', 'data': {} }\n";
    let folder = Folder::new(&[("schema.json", text)]);
    let run = |more: &[&str]| {
        let base = [
            "check",
            "--message-format",
            "short",
            "--verbose",
            "schema.json",
        ];
        folder.run(&[&base, more].concat())
    };
    assert_eq!(run(&["--allow", "old-struct-type"]).stdout, "");
    let denied = run(&["--deny", "OLD-STRUCT-TYPE"]);
    assert_eq!((denied.status, denied.stdout.lines().count()), (1, 2));
    let capped = run(&["--deny", "OLD-STRUCT-TYPE", "--max-errors", "1"]);
    assert_eq!((capped.status, capped.stdout.lines().count()), (1, 1));
    assert_eq!(run(&["--max-per-code", "1"]).stdout.lines().count(), 1);
    assert_eq!(run(&["--deny", "NO-SUCH"]).status, 2);
}

#[test]
fn a_formatted_file_keeps_its_links_and_a_read_only_one_its_content() {
    let text = "{'enum':'Ee','data':['a']}\n";
    let folder = Folder::new(&[("one.json", text), ("locked.json", text)]);
    let [one, other, locked] =
        ["one.json", "other.json", "locked.json"].map(|name| folder.0.join(name));
    fs::hard_link(&one, &other).unwrap();
    assert_eq!(folder.run(&["fmt", "one.json"]).status, 0);
    assert_ne!(folder.read("other.json"), text);
    assert_eq!(folder.read("other.json"), folder.read("one.json"));
    set_read_only(&locked);
    assert_eq!(folder.run(&["fmt", "locked.json"]).status, 2);
    assert_eq!(folder.read("locked.json"), text);
}

fn set_read_only(path: &Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions).unwrap();
}
