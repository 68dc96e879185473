//! `qapi docs`.

use std::fs;
use std::path::Path;

use crate::harness::{Run, Scratch, qapi};

fn docs(schema: &str, folder: &Path, more: &[&str]) -> Run {
    let folder = folder.to_str().unwrap();
    qapi(["docs", schema, "--out-dir", folder].iter().chain(more))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn formats_have_their_files_and_leave_each_other_alone() {
    let scratch = Scratch::new();
    let mut expected: Vec<&str> = Vec::new();
    for (format, files) in [
        (
            "html",
            &[
                "all.html",
                "clean.html",
                "index.html",
                "objects.inv",
                "search.js",
                "site.js",
                "style.css",
            ][..],
        ),
        ("markdown", &["clean.md", "index.md"]),
        ("man", &["clean.7"]),
    ] {
        let run = docs("clean.json", scratch.path(), &["--format", format]);
        assert_eq!(run.to_string(), "status: 0", "{format}");
        expected.extend(files);
        expected.sort_unstable();
        assert_eq!(names(scratch.path()), expected);
    }
}

#[test]
fn pages_of_modules_that_are_gone_are_removed() {
    let scratch = Scratch::new();
    assert_eq!(docs("board/main.json", scratch.path(), &[]).status, 0);
    assert!(scratch.join("pen.html").is_file());
    fs::write(scratch.join("own.html"), "by hand").unwrap();
    assert_eq!(docs("clean.json", scratch.path(), &[]).status, 0);
    assert!(!scratch.join("pen.html").exists());
    assert!(scratch.join("own.html").is_file());
}

#[test]
fn check_tells_what_is_out_of_date_and_writes_nothing() {
    let scratch = Scratch::new();
    let check = || {
        docs(
            "clean.json",
            scratch.path(),
            &["--format", "man", "--check"],
        )
    };
    let run = check();
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("missing: ") && run.stdout.ends_with("clean.7\n"));
    assert!(names(scratch.path()).is_empty());
    assert_eq!(
        docs("clean.json", scratch.path(), &["--format", "man"]).status,
        0
    );
    assert_eq!(check().to_string(), "status: 0");
}

#[test]
fn files_written_by_hand_are_not_overwritten() {
    let scratch = Scratch::new();
    fs::write(scratch.join("index.md"), "mine\n").unwrap();
    let run = docs("clean.json", scratch.path(), &["--format", "markdown"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("index.md exists"), "{run}");
    assert_eq!(names(scratch.path()), ["index.md"]);
}

#[test]
fn markup_that_is_not_understood_is_counted() {
    let scratch = Scratch::new();
    let schema = scratch.join("odd.json");
    fs::write(
        &schema,
        "##\n# @stop:\n#\n# See :magic:`this` and :magic:`that`.\n#\n# .. figure:: a.png\n##\n{ 'command': 'stop' }\n",
    )
    .unwrap();
    let schema = schema.to_str().unwrap();
    let run = docs(schema, &scratch.join("out"), &[]);
    let shown = run.to_string().replace(schema, "odd.json");
    assert_eq!(
        shown,
        "status: 0\n---- stderr\n\
         note: 3 pieces of markup are not understood, and shown as written:\n  \
         2 x role `magic`: odd.json:4, odd.json:4\n  \
         1 x directive `figure`: odd.json:6\n"
    );
    let page = fs::read_to_string(scratch.join("out/odd.html")).unwrap();
    assert!(page.contains(":magic:`this`") && page.contains(".. figure:: a.png"));
    let quiet = docs(schema, &scratch.join("out"), &["-q"]);
    assert_eq!(quiet.to_string(), "status: 0");
}

#[test]
fn a_schema_with_errors_has_no_reference() {
    let scratch = Scratch::new();
    let folder = scratch.join("out");
    assert_eq!(docs("errors.json", &folder, &[]).status, 1);
    assert!(!folder.exists());
}

#[test]
fn the_title_is_the_name() {
    let scratch = Scratch::new();
    let title = ["--title", "A <b> & c"];
    assert_eq!(docs("clean.json", scratch.path(), &title).status, 0);
    let page = fs::read_to_string(scratch.join("index.html")).unwrap();
    assert!(page.contains("<title>A &lt;b&gt; &amp; c</title>"));
    assert!(page.contains("<h1>A &lt;b&gt; &amp; c</h1>"));
}

#[test]
fn several_schemas_are_revisions_and_folders_of_dropped_ones_go() {
    let scratch = Scratch::new();
    let folder = scratch.path().to_str().unwrap();
    let run = |arguments: &[&str]| qapi(["docs", "--out-dir", folder].iter().chain(arguments));
    let revisions = ["diff/old.json", "diff/new.json"];
    assert_eq!(run(&revisions).to_string(), "status: 0");
    let all = [
        "all.html",
        "changes.html",
        "index.html",
        "media.html",
        "new.html",
        "objects.inv",
        "old",
        "search.js",
        "site.js",
        "style.css",
    ];
    assert_eq!(names(scratch.path()), all);
    assert_eq!(
        names(&scratch.join("old")),
        [
            "all.html",
            "index.html",
            "objects.inv",
            "old.html",
            "search.js"
        ]
    );
    assert_eq!(
        run(&["--check", revisions[0], revisions[1]]).to_string(),
        "status: 0"
    );

    // The site of another schema, in a directory below, is left alone.
    let other = scratch.join("other");
    assert_eq!(docs("clean.json", &other, &[]).status, 0);
    let named = ["--names", "1,2", revisions[0], revisions[1]];
    let check = run(&["--check", "-q", named[0], named[1], named[2], named[3]]);
    assert_eq!(check.status, 1);
    assert!(
        check.stdout.contains("extra: ") && check.stdout.contains("missing: "),
        "{check}"
    );
    assert_eq!(run(&named).status, 0);
    assert!(scratch.join("1/old.html").is_file() && !scratch.join("old").exists());
    assert_eq!(docs("diff/new.json", scratch.path(), &[]).status, 0);
    assert!(!scratch.join("1").exists() && other.join("index.html").is_file());
}

#[test]
fn options_for_one_schema_are_rejected_for_several() {
    let scratch = Scratch::new();
    let folder = scratch.join("out");
    let folder = folder.to_str().unwrap();
    for (arguments, status, message) in [
        (
            &["diff/old.json", "diff/new.json", "--format", "man"][..],
            2,
            "leave out --format",
        ),
        (
            &["diff/old.json", "--names", "1"],
            2,
            "--names is for several revisions",
        ),
        (
            &["diff/old.json", "diff/new.json", "--names", "1"],
            2,
            "1 names for 2 revisions",
        ),
        (&["diff/old.json", "none.json"], 2, "none.json"),
        (&["diff/old.json", "errors.json"], 1, "error["),
        (&["diff/old.json", "git:HEAD"], 2, "expected git:REV:PATH"),
    ] {
        let run = qapi(["docs", "--out-dir", folder].iter().chain(arguments));
        assert_eq!(run.status, status, "{run}");
        assert!(run.stderr.contains(message), "{run}");
        assert!(!Path::new(folder).exists());
    }
}
