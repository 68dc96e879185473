//! The server of a schema: what it says to requests, and the replies that are made up for it.

use std::path::Path;

use qapi_parser::Options;
use qapi_parser::ir::Schema;
use qapi_parser::source::{Disk, Memory};
use qapi_runtime::message::Request;
use qapi_runtime::wire::Document;
use qapi_runtime::{Encode, Writer};
use qapi_traffic::{Build, ServerModel, Severity, Validator};

fn schema(text: &str) -> Schema {
    let files = Memory::new().with("s.json", text);
    let loaded = qapi_parser::load(Path::new("s.json"), &files, &Options::default());
    loaded.schema.expect("the schema is right")
}

const SCHEMA: &str = "
{ 'enum': 'Kind', 'data': ['a', 'b'] }
{ 'struct': 'Base', 'data': {'kind': 'Kind', '*label': 'str'} }
{ 'struct': 'A', 'data': {'count': 'uint8', 'items': ['int']} }
{ 'union': 'Thing', 'base': 'Base', 'discriminator': 'kind', 'data': {'a': 'A'} }
{ 'alternate': 'Name', 'data': {'s': 'str', 'thing': 'Thing'} }
{ 'command': 'set', 'data': {'thing': 'Thing', '*name': 'Name'}, 'allow-oob': true }
{ 'command': 'get', 'returns': ['Thing'] }
{ 'command': 'free', 'data': {'x': 'int'}, 'gen': false }
";

/// The server's error to a request; empty if it has none.
fn judged(model: &ServerModel, message: &str) -> String {
    let document = Document::parse(message.as_bytes()).expect("it is JSON");
    let request = Request::parse(&document, true).map_err(|it| it.error);
    match request.and_then(|request| model.judge(&request)) {
        Ok(()) => String::new(),
        Err(error) => error.desc,
    }
}

#[test]
fn requests_are_rejected_with_the_servers_errors() {
    let model = ServerModel::new(&schema(SCHEMA), &Build::default(), 0);
    for (arguments, error) in [
        (r#"{"thing": {"kind": "b"}}"#, ""),
        (
            r#"{"thing": {"count": 1, "kind": "a", "items": [1]}, "name": "x"}"#,
            "",
        ),
        (r#"{"thing": {"kind": "b"}, "name": {"kind": "b"}}"#, ""),
        ("{}", "Parameter 'thing' is missing"),
        (r#"{"thing": {}}"#, "Parameter 'thing.kind' is missing"),
        (
            r#"{"thing": {"kind": "c"}}"#,
            "Parameter 'thing.kind' does not accept value 'c'",
        ),
        (
            r#"{"thing": {"kind": "a"}}"#,
            "Parameter 'thing.count' is missing",
        ),
        (
            r#"{"thing": {"kind": "b", "count": 1}}"#,
            "Parameter 'thing.count' is unexpected",
        ),
        (
            r#"{"thing": {"kind": "b"}, "more": 1}"#,
            "Parameter 'more' is unexpected",
        ),
        (
            r#"{"thing": {"kind": "a", "count": 256, "items": []}}"#,
            "Parameter 'thing.count' expects uint8_t",
        ),
        (
            r#"{"thing": {"kind": "a", "count": 1, "items": [1, "2"]}}"#,
            "Invalid parameter type for 'thing.items[1]', expected: integer",
        ),
        (
            r#"{"thing": {"kind": "b"}, "name": 1}"#,
            "Invalid parameter type for 'name', expected: Name",
        ),
    ] {
        let message = format!(r#"{{"execute": "set", "arguments": {arguments}}}"#);
        let said = judged(&model, &message);
        assert!(
            said == error || error.contains("uint8") && said.contains("uint8"),
            "{message}: {said}"
        );
    }
    assert_eq!(
        judged(&model, r#"{"execute": "free", "arguments": {"y": 1}}"#),
        ""
    );
    assert_eq!(
        judged(&model, r#"{"execute": "nope"}"#),
        "The command nope has not been found"
    );
    let said = judged(&model, r#"{"exec-oob": "get"}"#);
    assert_eq!(said, "The command get does not support OOB");
    let said = judged(&model, r#"{"execute": "get", "arguments": {"y": 1}}"#);
    assert_eq!(said, "Parameter 'y' is unexpected");
}

/// Makes a reply to each command and judges it.
fn check_replies(schema: &Schema, seed: u64) {
    let model = ServerModel::new(schema, &Build::default(), seed);
    let again = ServerModel::new(schema, &Build::default(), seed);
    let validator = Validator::new(schema, &Build::default());
    for command in model.commands() {
        if model.is_silent(command) {
            continue;
        }
        let reply = model.reply(command).expect(command);
        assert_eq!(Some(&reply), again.reply(command).as_ref(), "{command}");
        let mut out = Writer::new();
        out.object(|out| out.member("return", &reply));
        let document = Document::parse(out.as_bytes()).expect("it is JSON");
        let remarks = validator.reply(command, document.strict());
        let errors = remarks
            .iter()
            .filter(|remark| remark.problem.severity() == Severity::Error);
        assert_eq!(errors.count(), 0, "{command}, seed {seed}: {remarks:?}");
    }
}

#[test]
fn replies_fit_the_schema() {
    let small = schema(SCHEMA);
    for seed in 0..200 {
        check_replies(&small, seed);
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for path in [
        "schemas/guest-agent/current.json",
        "examples/schemas/machine.json",
    ] {
        let loaded = qapi_parser::load(&top.join(path), &Disk, &Options::default());
        let schema = loaded.schema.expect(path);
        for seed in 0..20 {
            check_replies(&schema, seed);
        }
    }
}

#[test]
fn replies_end_where_the_schema_has_an_end() {
    let endless = schema(
        "{ 'enum': 'K', 'data': ['a', 'b'] }
         { 'struct': 'B', 'data': {'k': 'K'} }
         { 'struct': 'L', 'data': {'x': 'U', 'y': 'U'} }
         { 'union': 'U', 'base': 'B', 'discriminator': 'k', 'data': {'a': 'L', 'b': 'L'} }
         { 'struct': 'S', 'data': {'x': 'V', 'y': 'V'} }
         { 'union': 'V', 'base': 'B', 'discriminator': 'k', 'data': {'a': 'S'} }
         { 'command': 'never', 'returns': 'U' }
         { 'command': 'maybe', 'returns': 'V' }",
    );
    let model = ServerModel::new(&endless, &Build::default(), 1);
    assert_eq!(model.reply("never"), None);
    for seed in 0..50 {
        let model = ServerModel::new(&endless, &Build::default(), seed);
        assert!(model.reply("maybe").is_some());
    }
    // Two members of the type below, forty times.
    let levels: Vec<_> = (1..=40)
        .map(|level| {
            let below = level - 1;
            format!("{{ 'struct': 'D{level}', 'data': {{'x': 'D{below}', 'y': 'D{below}'}} }}")
        })
        .collect();
    let text = [
        "{ 'struct': 'D0', 'data': {'x': 'int'} }",
        &levels.join("\n"),
        "{ 'command': 'large', 'returns': 'D40' }",
    ];
    let model = ServerModel::new(&schema(&text.join("\n")), &Build::default(), 0);
    assert_eq!(model.reply("large"), None);
}

#[test]
fn seeds_choose_among_replies() {
    let small = schema(SCHEMA);
    let replies = (0..10).map(|seed| {
        let model = ServerModel::new(&small, &Build::default(), seed);
        let mut out = Writer::new();
        model.reply("get").unwrap().encode(&mut out);
        out.into_string()
    });
    let replies: std::collections::BTreeSet<_> = replies.collect();
    assert!(replies.len() > 3, "{replies:?}");
}
