//! `qapi diff`: sources, formats, configuration, exit status.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Run, Scratch, data, qapi, qapi_with_input};

const OLD: &str = "diff/old.json";
const NEW: &str = "diff/new.json";

fn diff(arguments: &[&str]) -> Run {
    qapi(["diff"].into_iter().chain(arguments.iter().copied()))
}

#[test]
fn people_get_it_by_command_with_both_places_and_a_witness() {
    insta::assert_snapshot!(diff(&[OLD, NEW]));
}

#[test]
fn colours_tell_the_levels() {
    insta::assert_snapshot!(diff(&[
        "--color",
        "always",
        "--at-least",
        "breaking",
        OLD,
        NEW
    ]));
}

#[test]
fn verbose_names_every_place() {
    let run = diff(&["-v", "--lens", "wire", OLD, NEW]);
    assert!(run.stderr.contains("read diff/parts/media.json"), "{run}");
    assert!(!run.stdout.contains("further place"), "{run}");
}

#[test]
fn programs_get_json() {
    let run = diff(&["--format", "json", OLD, NEW]);
    insta::assert_snapshot!(run);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["format"], 1);
    let findings = document["findings"].as_array().unwrap().len();
    let summary = &document["summary"];
    let counted: u64 = ["breaking", "risky", "compatible"]
        .iter()
        .map(|level| summary[level].as_u64().unwrap())
        .sum();
    assert_eq!(counted, findings as u64);
}

#[test]
fn release_notes_get_markdown() {
    insta::assert_snapshot!(diff(&["--format", "markdown", OLD, NEW]));
}

#[test]
fn workflows_get_annotations() {
    insta::assert_snapshot!(diff(&["--format", "github", OLD, NEW]));
}

#[test]
fn scanners_get_sarif() {
    let run = diff(&["--format", "sarif", OLD, NEW]);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(result["locations"][0]["physicalLocation"].is_object());
    }
    let first = serde_json::to_string_pretty(&log["runs"][0]["results"][0]).unwrap();
    insta::assert_snapshot!(first);
}

#[test]
fn scanners_see_what_is_ignored_as_suppressed() {
    let config = ["--config", "diff/config.json"];
    let run = diff(&[&config[..], &["--format", "sarif", OLD, NEW]].concat());
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<_> = results
        .iter()
        .filter_map(|it| it["suppressions"][0]["justification"].as_str())
        .collect();
    assert_eq!(
        suppressed,
        ["no tray has a motor any more", "under discussion"]
    );
    let plain = diff(&["--format", "sarif", OLD, NEW]);
    assert!(!plain.stdout.contains("suppressions"));
}

#[test]
fn other_lenses_look_at_the_interface_and_the_documentation() {
    insta::assert_snapshot!(diff(&["--lens", "rust", OLD, NEW]));
    insta::assert_snapshot!(diff(&["--lens", "docs", OLD, NEW]));
}

#[test]
fn exit_status_follows_fail_on() {
    for (level, expected) in [("breaking", 1), ("risky", 1), ("any", 1), ("never", 0)] {
        assert_eq!(diff(&["--fail-on", level, OLD, NEW]).status, expected);
    }
    for level in ["breaking", "risky", "any", "never"] {
        let run = diff(&["--fail-on", level, OLD, OLD]);
        assert_eq!(
            run.to_string(),
            "status: 0\n---- stdout\ndiff/old.json to diff/old.json: no changes on the wire\n"
        );
    }
    let harmless = diff(&["--level", "*=compatible", OLD, NEW]);
    assert_eq!(harmless.status, 0);
    assert_eq!(
        diff(&["--at-least", "breaking", "--fail-on", "any", OLD, NEW]).status,
        1
    );
}

#[test]
fn configuration_has_the_last_word() {
    let config = ["--config", "diff/config.json"];
    let at_least = ["--at-least", "risky", OLD, NEW];
    insta::assert_snapshot!(diff(&[&config[..], &at_least].concat()));
    let expired = ["--today", "2030-07-01"];
    insta::assert_snapshot!(diff(&[&config[..], &expired, &at_least].concat()));
}

#[test]
fn what_is_wrong_with_the_command_line_is_told() {
    for (arguments, expected) in [
        (&[OLD][..], "<NEW>"),
        (&["--level", "x", OLD, NEW], "expected RULE=LEVEL"),
        (&["--level", "x=risky", OLD, NEW], "`x` fits no rule"),
        (
            &["--level", "value-added=bad", OLD, NEW],
            "`bad` is not a level",
        ),
        (&["--today", "tomorrow", OLD, NEW], "not a date"),
        (
            &["--config", "diff/none.json", OLD, NEW],
            "diff/none.json: ",
        ),
        (&["--config", OLD, OLD, NEW], "not a configuration"),
        (&["git:x", NEW], "expected git:REV:PATH"),
        (&["git::x", NEW], "a git revision is needed"),
        (&["unix:diff/no-socket", NEW], "unix:diff/no-socket: "),
        (&["diff/none.json", NEW], "cannot read"),
        (
            &["-D", "A", "-U", "A", OLD, NEW],
            "both --define and --undefine",
        ),
    ] {
        let run = diff(arguments);
        assert_eq!(run.status, 2, "{run}");
        assert!(
            run.stderr.contains(expected) && run.stdout.is_empty(),
            "{run}"
        );
    }
}

#[test]
fn errors_in_a_schema_are_not_findings_of_a_comparison() {
    let run = diff(&["errors.json", NEW]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("error[") && run.stdout.is_empty(),
        "{run}"
    );
}

#[test]
fn a_summary_counts_by_command_the_worst_first() {
    let run = diff(&["--summary", OLD, NEW]);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(
        lines[0].starts_with("diff/old.json to diff/new.json: "),
        "{run}"
    );
    let breaking: Vec<_> = lines
        .iter()
        .map(|line| line.contains(" breaking"))
        .collect();
    assert!(breaking[2..].is_sorted_by(|a, b| a >= b), "{run}");
    assert!(!run.stdout.contains("allows"), "{run}");
}

#[test]
fn expired_ignores_no_longer_count() {
    let scratch = Scratch::new();
    let (old, new, rules) = (
        scratch.join("old.json"),
        scratch.join("new.json"),
        scratch.join("rules.json"),
    );
    fs::write(&old, "{ 'command': 'go' }").unwrap();
    fs::write(&new, "{ 'command': 'stay' }").unwrap();
    for (until, status) in [("2001-01-31", 1), ("9999-12-31", 0)] {
        let ignore =
            format!(r#"{{"ignore": [{{"path": "go", "reason": "unused", "until": "{until}"}}]}}"#);
        fs::write(&rules, ignore).unwrap();
        let paths = [&old, &new].map(|path| path.to_str().unwrap());
        let run = diff(&["--config", rules.to_str().unwrap(), paths[0], paths[1]]);
        assert_eq!(run.status, status, "{run}");
    }
}

#[test]
fn annotations_begin_with_breaking_changes() {
    let run = diff(&["--format", "github", OLD, NEW]);
    let severity = |line: &str| {
        let levels = ["::error ", "::warning ", "::notice "];
        levels.iter().position(|level| line.starts_with(level))
    };
    let levels: Vec<_> = run.stdout.lines().filter_map(severity).collect();
    assert!(
        levels.is_sorted() && levels.contains(&0) && levels.contains(&1),
        "{run}"
    );
}

/// Twelve removed commands are ten annotations, and the job's summary has them all.
#[test]
fn annotations_are_few_and_the_job_summary_is_whole() {
    let scratch = Scratch::new();
    let (old, new) = (scratch.join("old.json"), scratch.join("new.json"));
    let commands: Vec<_> = (0..12)
        .map(|index| format!("{{ 'command': 'go{index}' }}"))
        .collect();
    fs::write(&old, commands.join("\n")).unwrap();
    fs::write(&new, "{ 'command': 'stay' }\n").unwrap();
    let summary = scratch.join("summary.md");
    let run = Command::new(env!("CARGO_BIN_EXE_qapi"))
        .args(["diff", "--format", "github"])
        .args([&old, &new])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    let shown = String::from_utf8(run.stdout).unwrap();
    assert_eq!(shown.matches("::error ").count(), 10, "{shown}");
    assert!(shown.contains("3 further breaking changes"), "{shown}");
    let summary = fs::read_to_string(&summary).unwrap();
    assert_eq!(
        summary.matches("`command-removed`").count(),
        12,
        "{summary}"
    );
}

#[test]
fn symbols_decide_conditions() {
    let conditional = "{ 'command': 'eject', 'if': 'HAVE_TRAY' }";
    let stdin = |arguments: &[&str]| {
        let arguments = ["diff", "-q", "-"]
            .into_iter()
            .chain(arguments.iter().copied());
        let arguments: Vec<_> = arguments.collect();
        qapi_with_input(&arguments, conditional).stdout
    };
    let scratch = Scratch::new();
    let file = scratch.join("new.json");
    fs::write(&file, "{ 'command': 'eject' }").unwrap();
    let file = file.to_str().unwrap();
    assert!(
        stdin(&[file]).contains("command added, in builds without `HAVE_TRAY` [command-added]")
    );
    assert_eq!(stdin(&["-D", "HAVE_TRAY", file]), "");
    assert!(stdin(&["-U", "HAVE_TRAY", file]).contains("[command-added]"));
}

/// Introspection of a server that is built from a schema.
fn introspection(schema: &str, scratch: &Scratch) -> String {
    let file = scratch.join("introspection.json");
    let run = qapi(["introspect", schema]);
    assert_eq!(run.status, 0);
    fs::write(&file, run.stdout).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_server_is_compared_by_what_it_says_about_itself() {
    let scratch = Scratch::new();
    let file = introspection(OLD, &scratch);
    let same = diff(&["--fail-on", "any", OLD, &file]);
    assert_eq!(same.status, 0, "{same}");
    // Widths of integers are all that introspection hides here.
    let rules = |old: &str| {
        let run = diff(&["--format", "json", old, NEW]);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = document["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|finding| {
                let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
                [text("rule"), text("level"), text("root"), text("path")]
            })
            .filter(|[rule, ..]| !rule.starts_with("number-"))
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(OLD), rules(&file));
    let run = diff(&["--lens", "rust", &file, NEW]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("the lens `rust` needs a schema"),
        "{run}"
    );
}

#[test]
fn real_schemas_are_what_their_servers_say() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/qemu");
    if !corpus.is_dir() {
        qapi_test_support::skip("no corpus");
        return;
    }
    let scratch = Scratch::new();
    let file = scratch.join("introspection.json");
    for schema in ["7.2/qapi", "10.2/qapi", "10.2/qga"] {
        let schema = corpus.join(schema).join("qapi-schema.json");
        let schema = schema.to_str().unwrap();
        let said = qapi(["introspect", "-q", "--all-conditions", schema]);
        fs::write(&file, said.stdout).unwrap();
        for sides in [
            [schema, file.to_str().unwrap()],
            [file.to_str().unwrap(), schema],
        ] {
            let run = diff(&[&["-q", "--fail-on", "any"][..], &sides].concat());
            assert_eq!(run.to_string(), "status: 0");
        }
    }
}

#[test]
fn a_part_that_a_build_lacks_may_be_excluded_by_its_condition() {
    let scratch = Scratch::new();
    let schema = scratch.join("schema.json");
    let text = "{ 'command': 'eject', 'if': 'HAVE_TRAY' } { 'command': 'insert' }";
    fs::write(&schema, text).unwrap();
    let schema = schema.to_str().unwrap();
    let file = introspection(schema, &scratch);
    let run = diff(&[schema, &file]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("risky: command removed"), "{run}");
    assert!(run.stdout.contains("only where `HAVE_TRAY`"), "{run}");
    let decided = diff(&["-D", "HAVE_TRAY", schema, &file]);
    assert_eq!(decided.status, 1, "{decided}");
}

#[test]
fn a_reply_that_is_not_introspection_is_reported() {
    for text in [
        "[1]",
        "{\"return\": [{}]}",
        "[{\"name\": \"a\", \"meta-type\": \"event\", \"arg-type\": \"9\"}]",
    ] {
        let run = qapi_with_input(&["diff", "-", NEW], text);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.starts_with("error: -: "), "{run}");
    }
}

#[cfg(unix)]
#[test]
fn a_live_server_is_asked() {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;

    let scratch = Scratch::new();
    let listener = UnixListener::bind(scratch.join("s")).unwrap();
    let said: Value = serde_json::from_str(&qapi(["introspect", OLD]).stdout).unwrap();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut out = &stream;
        out.write_all(b"{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n")
            .unwrap();
        let mut asked = Vec::new();
        for line in BufReader::new(&stream).lines() {
            let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let command = request["execute"].as_str().unwrap().to_owned();
            let mut reply = match command.as_str() {
                "query-qmp-schema" => serde_json::json!({ "return": said }),
                _ => serde_json::json!({ "return": {} }),
            };
            if let Some(id) = request.get("id") {
                reply["id"] = id.clone();
            }
            asked.push(command);
            // In one piece: a client that has seen the end of the reply may hang up.
            out.write_all(format!("{reply}\n").as_bytes()).unwrap();
        }
        asked
    });
    let socket = scratch.join("s").display().to_string();
    let run = diff(&["-v", "--fail-on", "any", OLD, &socket]);
    assert_eq!(run.status, 0, "{run}");
    // The whole schema, which the server has sent, is not logged.
    assert!(!run.stderr.contains("meta-type"), "{run}");
    assert_eq!(
        server.join().unwrap(),
        ["qmp_capabilities", "query-qmp-schema"]
    );
}

/// Runs git in a folder; returns false if that fails, as where git is not installed.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let status = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@localhost"])
        .args(arguments)
        .current_dir(folder)
        .stdout(std::process::Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn git_revisions_are_read_with_their_includes() {
    let scratch = Scratch::new();
    let copy = |from: &str, to: &str| {
        let to = scratch.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(data().join(from), to).unwrap();
    };
    if !git(scratch.path(), &["init", "--quiet"]) {
        qapi_test_support::skip("no git");
        return;
    }
    copy(OLD, "api/main.json");
    assert!(git(scratch.path(), &["add", "."]));
    assert!(git(scratch.path(), &["commit", "--quiet", "-m", "one"]));
    assert!(git(scratch.path(), &["tag", "one/v1"]));
    copy(NEW, "api/main.json");
    copy("diff/parts/media.json", "api/parts/media.json");
    assert!(git(scratch.path(), &["add", "."]));
    assert!(git(scratch.path(), &["commit", "--quiet", "-m", "two"]));
    fs::write(scratch.join("api/main.json"), "").unwrap();

    let run_in = |folder: &str, old: &str, new: &str| {
        let mut command = crate::harness::command(["diff", "--at-least", "breaking", old, new]);
        command.current_dir(scratch.join(folder));
        Run::from(command.output().unwrap())
    };
    let top = run_in(".", "git:one/v1:api/main.json", "git:HEAD:api/main.json");
    insta::assert_snapshot!(top);
    let below = run_in(
        "api",
        "git:one/v1:./main.json",
        "git:HEAD:./parts/../main.json",
    );
    assert_eq!(below.status, 1, "{below}");
    assert_eq!(below.stdout.lines().count(), top.stdout.lines().count());
    let missing = run_in(".", "git:HEAD:api/none.json", "git:HEAD:api/main.json");
    assert_eq!(missing.status, 2, "{missing}");
    assert!(
        missing.stderr.contains("git has no HEAD:api/none.json"),
        "{missing}"
    );
    let folder = run_in(".", "git:HEAD:api", "git:HEAD:api/main.json");
    assert!(folder.stderr.contains("is a tree, not a file"), "{folder}");
    let option = run_in(".", "git:--help:api/main.json", "git:HEAD:api/main.json");
    assert_eq!(option.status, 2, "{option}");
}
