//! Messages judged against a small schema.

use std::path::Path;

use qapi_parser::source::Memory;
use qapi_runtime::wire::Document;
use qapi_traffic::{Build, Problem, Remark, Severity, Validator};

const SCHEMA: &str = "
{'enum': 'Format', 'data': ['raw', {'name': 'qcow', 'features': ['deprecated']}, {'name': 'new', 'if': 'NEW'}]}
{'struct': 'File', 'data': {'path': 'str', '*size': 'uint32', '*old': {'type': 'int', 'features': ['deprecated']}}}
{'struct': 'Empty', 'data': {}}
{'union': 'Node', 'base': {'format': 'Format', '*id': 'str'}, 'discriminator': 'format', 'data': {'raw': 'File'}}
{'alternate': 'Ref', 'data': {'name': 'str', 'node': 'Node', 'none': 'null'}}
{'command': 'add', 'data': {'node': 'Ref', '*more': ['Ref'], '*level': 'int8', '*factor': 'number',
    '*data': 'any', '*flag': 'bool', 'newer': {'type': 'int', 'if': 'NEW'}}}
{'command': 'query', 'returns': ['File'], 'allow-oob': true}
{'command': 'free', 'data': {'driver': 'str'}, 'gen': false}
{'command': 'bye', 'success-response': false}
{'command': 'x-try', 'features': ['unstable']}
{'event': 'DONE', 'data': {'path': 'str'}}
{'event': 'IDLE'}
";

fn validator(build: &Build) -> Validator {
    let files = Memory::new().with("s.json", SCHEMA);
    let loaded = qapi_parser::load(
        Path::new("s.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    let complaints: Vec<_> = loaded.diagnostics.iter().map(|it| &it.message).collect();
    Validator::new(
        &loaded.schema.unwrap_or_else(|| panic!("{complaints:?}")),
        build,
    )
}

fn undecided() -> Validator {
    validator(&Build::default())
}

/// Remarks as lines of problem, path and words.
fn lines(remarks: Vec<Remark>) -> Vec<String> {
    let line = |it: Remark| format!("{} {}: {it}", it.problem.as_str(), it.path);
    remarks.into_iter().map(line).collect()
}

fn request(validator: &Validator, text: &str) -> Vec<String> {
    lines(validator.request(parsed(text).strict()))
}

fn add(arguments: &str) -> Vec<String> {
    let text = format!(r#"{{"execute": "add", "arguments": {arguments}}}"#);
    request(&undecided(), &text)
}

#[test]
fn valid_messages_have_no_remarks() {
    for arguments in [
        r#"{"node": "n"}"#,
        r#"{"node": null, "more": [], "level": -128, "factor": 1, "data": {"x": [1]}, "flag": true}"#,
        r#"{"node": {"path": "p", "format": "raw", "size": 4294967295}, "factor": 1.5}"#,
        r#"{"node": {"format": "new"}, "newer": 1}"#,
    ] {
        assert_eq!(add(arguments), [""; 0], "{arguments}");
    }
    let undecided = undecided();
    for text in [
        r#"{"execute": "query", "id": {"any": 1}}"#,
        r#"{"exec-oob": "query", "arguments": {}}"#,
        r#"{"execute": "free", "arguments": {"driver": "d", "unknown": [1]}}"#,
    ] {
        assert_eq!(request(&undecided, text), [""; 0], "{text}");
    }
}

#[test]
fn each_mistake_is_reported_with_its_place() {
    for (arguments, expected) in [
        ("{}", "missing-member arguments: member `node` is missing"),
        (
            r#"{"nod": "n", "node": "n"}"#,
            "unknown-member arguments: the object has no member `nod`; did you mean `node`?",
        ),
        (
            r#"{"node": 1}"#,
            "wrong-type arguments.node: expected `Ref`, found integer 1",
        ),
        (
            r#"{"node": {"format": "raw", "path": "p", "pth": 1}}"#,
            "unknown-member arguments.node: `Node` has no member `pth`; did you mean `path`?",
        ),
        (
            r#"{"node": {"format": "rawe", "id": "i"}}"#,
            "unknown-value arguments.node.format: `rawe` is not a value of `Format`; did you mean `raw`?",
        ),
        (
            r#"{"node": "n", "more": ["a", {"path": 5, "format": "raw"}]}"#,
            "wrong-type arguments.more[1].path: expected str, found integer 5",
        ),
        (
            r#"{"node": "n", "level": 128}"#,
            "out-of-range arguments.level: 128 does not fit int8",
        ),
        (
            r#"{"node": "n", "level": 1.0}"#,
            "wrong-type arguments.level: expected int8, found number 1",
        ),
        (
            r#"{"node": "n", "more": {}}"#,
            "wrong-type arguments.more: expected array of `Ref`, found object",
        ),
        (
            r#"{"node": {"format": "qcow"}}"#,
            "deprecated arguments.node.format: value `qcow` is deprecated",
        ),
        (
            r#"{"node": {"format": "raw", "path": "p", "old": 1}}"#,
            "deprecated arguments.node.old: member `old` is deprecated",
        ),
    ] {
        assert_eq!(add(arguments), [expected], "{arguments}");
    }
}

#[test]
fn requests_are_checked_as_a_whole() {
    let validator = undecided();
    for (text, expected) in [
        ("[1]", "no-message : expected a request, found array"),
        (
            r#"{"execute": "qury"}"#,
            "unknown-command execute: there is no command `qury`; did you mean `query`?",
        ),
        (
            r#"{"execute": "query", "arguments": {"a": 1}}"#,
            "unknown-member arguments: member `a` is unexpected",
        ),
        (
            r#"{"execute": "query", "control": 1}"#,
            "unknown-member : a request has no member `control`",
        ),
        (
            r#"{"exec-oob": "x-try"}"#,
            "unstable exec-oob: command `x-try` is unstable\nnot-out-of-band exec-oob: `x-try` cannot be executed out of band",
        ),
        (
            r#"{"execute": 1}"#,
            "wrong-type execute: expected the name of a command, found integer 1",
        ),
    ] {
        assert_eq!(request(&validator, text).join("\n"), expected, "{text}");
    }
}

fn parsed(text: &str) -> Document {
    Document::parse(text.as_bytes()).expect("it is JSON")
}

#[test]
fn replies_are_checked_by_their_command() {
    let validator = undecided();
    for (command, text, expected) in [
        ("query", r#"{"return": [{"path": "p"}], "id": 1}"#, ""),
        (
            "query",
            r#"{"return": {}}"#,
            "wrong-type return: expected array of `File`, found object",
        ),
        (
            "query",
            r#"{"return": [{"path": "p", "sise": 1}]}"#,
            "unknown-member return[0]: `File` has no member `sise`; did you mean `size`?",
        ),
        ("add", r#"{"return": {}}"#, ""),
        (
            "add",
            r#"{"return": {"a": 1}}"#,
            "unknown-member return: the empty reply has no member `a`",
        ),
        (
            "bye",
            r#"{"return": {}}"#,
            "unexpected-reply : success of `bye` sends no reply",
        ),
        (
            "add",
            r#"{"result": 1}"#,
            "unknown-member : a reply has no member `result`\nno-message : expected a reply, found object",
        ),
    ] {
        let remarks = lines(validator.reply(command, parsed(text).lenient()));
        assert_eq!(remarks.join("\n"), expected, "{command} {text}");
    }
}

#[test]
fn events_and_errors_are_checked_as_a_whole() {
    let validator = undecided();
    let time = r#""timestamp": {"seconds": 1, "microseconds": 2}"#;
    for (text, expected) in [
        (
            format!(r#"{{"event": "DONE", "data": {{"path": "p"}}, {time}}}"#),
            "",
        ),
        (format!(r#"{{"event": "IDLE", {time}}}"#), ""),
        (
            format!(r#"{{"event": "DONE", {time}}}"#),
            "missing-member data: member `path` is missing",
        ),
        (
            format!(r#"{{"event": "DON", {time}}}"#),
            "unknown-event event: there is no event `DON`; did you mean `DONE`?",
        ),
        (
            r#"{"event": "IDLE", "timestamp": {"seconds": 1}}"#.to_owned(),
            "missing-member timestamp: member `microseconds` is missing",
        ),
    ] {
        let remarks = lines(validator.event(parsed(&text).lenient()));
        assert_eq!(remarks.join("\n"), expected, "{text}");
    }
    for (text, expected) in [
        (
            r#"{"error": {"class": "GenericError", "desc": "no"}, "id": 1}"#,
            "",
        ),
        (
            r#"{"error": {"class": "GenericError"}}"#,
            "missing-member error: member `desc` is missing",
        ),
        (
            r#"{"error": {"class": "GenericEror", "desc": "no"}}"#,
            "unknown-value error.class: `GenericEror` is not a value of `QapiErrorClass`; did you mean `GenericError`?",
        ),
    ] {
        let remarks = lines(validator.error(parsed(text).lenient()));
        assert_eq!(remarks.join("\n"), expected, "{text}");
    }
}

#[test]
fn builds_decide_which_parts_exist() {
    let text = r#"{"execute": "add", "arguments": {"node": {"format": "new"}, "newer": 1}}"#;
    let bare = r#"{"execute": "add", "arguments": {"node": "n"}}"#;
    let build = |defined: &[&str], undefined: &[&str]| {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        validator(&Build::new(set(defined), set(undefined)))
    };
    let with = build(&["NEW"], &[]);
    assert_eq!(request(&with, text), [""; 0]);
    assert_eq!(
        request(&with, bare),
        ["missing-member arguments: member `newer` is missing"]
    );
    let without = build(&[], &["NEW"]);
    assert_eq!(request(&without, bare), [""; 0]);
    assert_eq!(request(&without, text).len(), 2);
}

#[test]
fn hopeless_messages_end_after_a_hundred_remarks() {
    let wrong = vec!["1"; 1000].join(",");
    let remarks = add(&format!(r#"{{"node": "n", "more": [{wrong}]}}"#));
    assert_eq!(remarks.len(), 100);
    let long = "x".repeat(1 << 20);
    let remarks = add(&format!(r#"{{"node": "n", "{long}": 1}}"#));
    assert!(remarks[0].len() < 200);
}

#[test]
fn values_as_deep_as_servers_read_them_are_checked() {
    let files = Memory::new().with(
        "s.json",
        "{'struct': 'Tree', 'data': {'*below': 'Tree', '*list': ['Tree']}}\n{'command': 'go', 'data': 'Tree'}",
    );
    let loaded = qapi_parser::load(
        Path::new("s.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    let validator = Validator::new(&loaded.schema.unwrap(), &Build::default());
    let depth = 1000;
    let arguments = format!(
        "{}{{\"bad\": 1}}{}",
        r#"{"below":"#.repeat(depth),
        "}".repeat(depth)
    );
    let text = format!(r#"{{"execute": "go", "arguments": {arguments}}}"#);
    let remarks = request(&validator, &text);
    assert!(remarks[0].contains("no member `bad`"), "{remarks:?}");
}

#[test]
fn names_of_problems_are_unique() {
    let mut names: Vec<_> = Problem::ALL.iter().map(|it| it.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Problem::ALL.len());
    assert_eq!(Problem::Deprecated.severity(), Severity::Warning);
}
