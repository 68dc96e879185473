//! Each rule on the examples of its page, and on what pages have no room for.

use std::path::Path;

use qapi_lint::{History, RULES, lint};
use qapi_parser::diag::explain::explain;
use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::source::Memory;
use qapi_parser::{Dialect, Options};

fn warnings(text: &str, code: Code, history: Option<&dyn History>) -> Vec<Diagnostic> {
    let files = Memory::new().with("schema.json", text);
    let mut options = Options::default();
    options.dialect = Dialect::Strict;
    let loaded = qapi_parser::load(Path::new("schema.json"), &files, &options);
    let Some(schema) = loaded.schema else {
        panic!("{:#?}", loaded.diagnostics)
    };
    lint(&schema, &loaded.sources, history, |it| it == code)
}

#[track_caller]
fn check(code: Code, text: &str, expected: &[&str]) {
    let found = warnings(text, code, None);
    let messages: Vec<_> = found.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, expected, "{text}");
}

/// The examples of a page that are marked as `kind`.
fn examples(code: Code, kind: &str) -> Vec<String> {
    let fence = format!("```qapi {kind}\n");
    let blocks = explain(code).split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn pages_show_what_their_rules_find() {
    for rule in RULES
        .iter()
        .filter(|rule| rule.code != Code::LINT_SINCE_NEWER)
    {
        let (wrong, right) = (examples(rule.code, "wrong"), examples(rule.code, "right"));
        assert!(!wrong.is_empty() && !right.is_empty(), "{}", rule.code);
        for text in wrong {
            let found = warnings(&text, rule.code, None);
            assert_eq!(found.len(), 1, "{}: {found:#?}", rule.code);
            assert_eq!(found[0].code, rule.code);
        }
        for text in right {
            assert_eq!(warnings(&text, rule.code, None), [], "{}", rule.code);
        }
    }
}

#[test]
fn codes_and_rules_are_the_same() {
    let codes = Code::ALL.iter().map(|(code, _)| *code);
    let codes: Vec<_> = codes
        .filter(|code| code.as_str().starts_with("LINT-"))
        .collect();
    let rules: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes, rules);
}

fn documented(lines: &str) -> String {
    let lines: String = lines
        .lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect();
    format!(
        "##\n# @stop:\n#\n{lines}##\n{{ 'command': 'stop', 'data': 'Delay' }}\n\
         {{ 'struct': 'Delay', 'data': {{ '*delay': 'uint8' }} }}\n"
    )
}

#[test]
fn since_is_found_where_it_is_swallowed() {
    let part = "`Since: 9.1` of command `stop` is part of the text before it";
    for lines in ["Does it.\nSince: 9.1", "TODO: Do it.\n    Since: 9.1"] {
        check(Code::LINT_SINCE_FORM, &documented(lines), &[part]);
        check(Code::LINT_SINCE, &documented(lines), &[]);
    }
    check(
        Code::LINT_SINCE_FORM,
        &documented("Does it.\n\nsince 9.1"),
        &["`since 9.1` of command `stop` has no colon, so it is text"],
    );
    check(
        Code::LINT_SINCE_FORM,
        &documented("Does it.\n\nSince: soon"),
        &["`Since:` of command `stop` names no release"],
    );
    // A sentence that begins with the word.
    check(Code::LINT_SINCE_FORM, &documented("Since some time."), &[]);
}

#[test]
fn examples_are_checked_both_ways() {
    let rule = Code::LINT_EXAMPLE;
    let wrong = |problem: &str| format!("an example of command `stop` is wrong: {problem}");
    for (example, problem) in [
        (
            r#"-> { "execute": "stop", "arguments": { "delay": 256 } }"#,
            "arguments.delay: 256 does not fit uint8",
        ),
        (
            r#"<- { "return": { "delay": 1 } }"#,
            "return: the empty reply has no member `delay`",
        ),
        (
            r#"-> { "execute": "stpo" }"#,
            "execute: there is no command `stpo`; did you mean `stop`?",
        ),
        (r#"<- { "event": "STOP" }"#, "member `timestamp` is missing"),
    ] {
        let text = documented(&format!(".. qmp-example::\n\n    {example}"));
        let found = warnings(&text, rule, None);
        assert_eq!(found.len(), 1, "{example}: {found:#?}");
        assert_eq!(found[0].message, wrong(problem));
        let primary = found[0].primary.as_ref().expect("the place is known");
        let (start, end) = (primary.span.start as usize, primary.span.end as usize);
        assert_eq!(&text[start..end], example);
    }
    for fine in [
        "-> { \"execute\": \"stop\",\n     \"arguments\": { \"delay\": 1 } }\n<- { \"return\": {} }",
        "-> { \"execute\": \"stop\", ... }",
        "<- { \"error\": { \"class\": \"GenericError\", \"desc\": \"no\" } }",
        "an arrow -> without a message",
    ] {
        let fine = fine.replace('\n', "\n    ");
        check(
            rule,
            &documented(&format!(".. qmp-example::\n\n    {fine}\n")),
            &[],
        );
    }
    let broken = documented(".. qmp-example::\n\n    -> { \"execute\": \"stop\",\n");
    let found = warnings(&broken, rule, None);
    assert!(
        found[0].message.starts_with(&wrong("it is not JSON: ")),
        "{found:#?}"
    );
}

#[test]
fn features_are_looked_for_on_parts_too() {
    check(
        Code::LINT_FEATURE,
        "{ 'command': 'c', 'data': { 'a': { 'type': 'int', 'features': [ 'unstabel', 'other-one' ] } } }",
        &["feature `unstabel` looks like a misspelling of `unstable`"],
    );
    check(
        Code::LINT_X_STABLE,
        "{ 'command': 'c', 'data': { '__org.example_x-a': 'int', 'x-b': { 'type': 'int', 'features': [ 'unstable' ] } } }",
        &["`__org.example_x-a` of command `c` is named as unstable, but has no feature `unstable`"],
    );
}

#[test]
fn unused_types_are_those_that_no_message_reaches() {
    check(
        Code::LINT_UNUSED,
        "{ 'struct': 'Aa', 'data': { 'b': 'Bb' } }
{ 'struct': 'Bb', 'data': { '*next': 'Bb' } }
{ 'enum': 'Tag', 'data': [ 'one' ] }
{ 'struct': 'Base', 'data': { 't': 'Tag' } }
{ 'struct': 'One', 'data': {} }
{ 'union': 'Uu', 'base': 'Base', 'discriminator': 't', 'data': { 'one': 'One' } }
{ 'command': 'c', 'returns': [ 'Uu' ] }",
        &[
            "struct `Aa` is used by no command or event",
            "struct `Bb` is used by no command or event",
        ],
    );
    // Types for others to include.
    check(Code::LINT_UNUSED, "{ 'struct': 'Aa', 'data': {} }", &[]);
}

/// A past of one release, 9.0.
struct Past(&'static str);

impl History for Past {
    fn before(&self, file: &str, release: (u32, u32)) -> Option<(String, String)> {
        let is_older = (9, 0) < release;
        assert_eq!(file, "schema.json");
        is_older.then(|| ("v9.0.0".to_owned(), self.0.to_owned()))
    }
}

#[test]
fn a_release_had_it_before_it_was_there() {
    let text = documented("Does it.\n\nSince: 9.1");
    let code = Code::LINT_SINCE_NEWER;
    let found = warnings(&text, code, Some(&Past("{ 'command': 'stop' }")));
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].message,
        "command `stop` is documented as new in 9.1, but v9.0.0 has it already"
    );
    assert_eq!(
        warnings(&text, code, Some(&Past("{ 'command': 'stop-it' }"))),
        []
    );
    let text = documented("Does it.\n\nSince: 9.0");
    assert_eq!(
        warnings(&text, code, Some(&Past("{ 'command': 'stop' }"))),
        []
    );
}
