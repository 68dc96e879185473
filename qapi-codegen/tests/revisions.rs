//! Revisions that can be merged, and revisions that cannot.

use std::io;
use std::path::Path;

use qapi_codegen::{Config, Output};
use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::ir::Schema;
use qapi_parser::source::{Files, SourceMap, Span};
use qapi_parser::{Options, load_beside};

struct One(String);

impl Files for One {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into())
    }
}

fn load(texts: &[&str]) -> (Vec<(&'static str, Schema)>, SourceMap) {
    const NAMES: [&str; 4] = ["1.0", "2.0", "3.0", "4.0"];
    let mut sources = SourceMap::default();
    let mut schemas = Vec::new();
    for (name, text) in NAMES.into_iter().zip(texts) {
        let path = format!("{name}.json");
        let loaded = load_beside(
            sources,
            Path::new(&path),
            &One((*text).to_owned()),
            &Options::default(),
        );
        sources = loaded.sources;
        schemas.push((
            name,
            loaded
                .schema
                .unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics)),
        ));
    }
    (schemas, sources)
}

fn generate(texts: &[&str]) -> (Result<Output, Vec<Diagnostic>>, SourceMap) {
    let (schemas, sources) = load(texts);
    let named: Vec<_> = schemas
        .iter()
        .map(|(name, schema)| (*name, schema))
        .collect();
    (Config::new().generate_revisions(&named), sources)
}

#[track_caller]
fn file(texts: &[&str], file: &str) -> String {
    let output = generate(texts).0.expect("the revisions can be merged");
    output.get(file).expect("the file is there").to_owned()
}

/// A struct `S` with a member `m` of this type, as a reply.
fn member(ty: &str) -> String {
    format!(
        "{{ 'enum': 'E', 'data': [ 'a' ] }}\n{{ 'struct': 'O', 'data': {{ 'o': 'int' }} }}\n\
         {{ 'alternate': 'A', 'data': {{ 'i': 'int', 'o': 'O' }} }}\n\
         {{ 'struct': 'S', 'data': {{ 'm': {ty} }} }}\n{{ 'command': 'c', 'returns': 'S' }}\n"
    )
}

#[test]
fn types_that_have_something_in_common_are_merged() {
    for (older, newer, expected) in [
        ("'int'", "'int'", "i64"),
        ("'int8'", "'uint8'", "i16"),
        ("'int'", "'number'", "f64"),
        ("'str'", "'E'", "E"),
        ("'E'", "'str'", "E"),
        ("'int'", "'A'", "A"),
        ("'A'", "'O'", "A"),
        ("'O'", "'any'", "Any"),
        ("[ 'uint8' ]", "[ 'uint16' ]", "Vec<u16>"),
        ("[ 'str' ]", "[ 'E' ]", "Vec<E>"),
    ] {
        let types = file(&[&member(older), &member(newer)], "types.rs");
        assert!(
            types.contains(&format!("    pub m: {expected},")),
            "{older}, {newer}: {types}"
        );
    }
}

#[test]
fn types_of_different_kinds_are_reported_with_both_places() {
    for (older, newer, (old, new)) in [
        ("'str'", "'O'", ("`str`", "`O`")),
        ("'int'", "'str'", ("`int`", "`str`")),
        ("'bool'", "'int'", ("`bool`", "`int`")),
        ("[ 'int' ]", "'int'", ("`intList`", "`int`")),
        ("'str'", "'A'", ("`str`", "`A`")),
        ("'E'", "'null'", ("`E`", "`null`")),
    ] {
        let (output, sources) = generate(&[&member(older), &member(newer)]);
        let errors = output.expect_err("they have nothing in common");
        let [error] = errors.as_slice() else {
            panic!("{older}, {newer}: {errors:#?}");
        };
        assert_eq!(error.code, Code::GEN_REVISIONS);
        assert_eq!(
            error.message,
            format!("member `m` of `S` is {old} in revision 1.0 and {new} in revision 2.0")
        );
        let place = |span| {
            let span: Span = span;
            let file = sources.file(span.file);
            format!("{}:{}", file.path, sources.position(span).line)
        };
        let primary = error.primary.as_ref().map(|label| place(label.span));
        assert_eq!(primary.as_deref(), Some("2.0.json:4"));
        assert_eq!(place(error.labels[0].span), "1.0.json:4");
    }
}

#[test]
fn elements_and_replies_are_places_too() {
    let (output, _) = generate(&[
        "{ 'command': 'c', 'returns': [ 'str' ] }\n{ 'command': 'd' }",
        "{ 'command': 'c', 'returns': [ 'int' ] }\n{ 'command': 'd', 'returns': 'int' }",
    ]);
    let errors = output.expect_err("they have nothing in common");
    let messages: Vec<_> = errors.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "an element of the reply of `c` is `str` in revision 1.0 and `int` in revision 2.0",
            "the reply of `d` is empty in revision 1.0 and `int` in revision 2.0",
        ]
    );
}

#[test]
fn a_member_is_mandatory_only_where_all_revisions_say_so() {
    let old = "{ 'struct': 'S', 'data': { 'a': 'int', 'b': 'int', '*c': 'int', 'd': 'int' } }\n\
               { 'command': 'c', 'returns': 'S' }";
    let new = "{ 'struct': 'S', 'data': { 'a': 'int', '*b': 'int', 'c': 'int', 'e': 'int' } }\n\
               { 'command': 'c', 'returns': 'S' }";
    let types = file(&[old, new], "types.rs");
    for (field, remark) in [
        ("    pub a: i64,", None),
        ("    pub b: Option<i64>,", None),
        ("    pub c: Option<i64>,", None),
        ("    pub d: Option<i64>,", Some("1.0")),
        ("    pub e: Option<i64>,", Some("2.0")),
    ] {
        let (before, _) = types
            .split_once(field)
            .unwrap_or_else(|| panic!("{field}: {types}"));
        let last = before.trim_end().lines().last().unwrap_or_default();
        let expected = remark.map(|revision| format!("    /// Only in revision {revision}."));
        assert_eq!(
            last.contains("Only in revision").then_some(last.to_owned()),
            expected,
            "{field}"
        );
    }
}

#[test]
fn members_move_between_bases_and_types_freely() {
    let old = "{ 'struct': 'B', 'data': { 'a': 'int' } }\n{ 'struct': 'S', 'base': 'B', 'data': { 'b': 'int' } }\n\
               { 'command': 'c', 'data': 'S' }";
    let new = "{ 'struct': 'S', 'data': { 'a': 'int', 'b': 'int' } }\n{ 'command': 'c', 'data': { 'a': 'int', 'b': 'int' } }";
    let commands = file(&[old, new], "commands.rs");
    assert!(
        commands.contains("pub fn new(CMandatory { a, b }: CMandatory) -> Self {"),
        "{commands}"
    );
}

#[test]
fn a_revision_in_between_may_lack_anything() {
    let with = "{ 'command': 'c', 'data': { 'a': 'str' } }\n{ 'event': 'V' }";
    let without = "{ 'command': 'other' }";
    let commands = file(&[with, without, with], "commands.rs");
    assert!(commands.contains("&[\"1.0\", \"3.0\"]"), "{commands}");
    assert!(commands.contains("    pub a: String,"), "{commands}");
    assert!(
        commands.contains("/// Only in revisions 1.0, 3.0."),
        "{commands}"
    );
}

#[test]
fn one_revision_alone_is_itself() {
    let text = member("'E'");
    let types = file(&[&text], "types.rs");
    assert!(!types.contains("Only in"));
    assert!(file(&[&text], "commands.rs").contains("pub const REVISIONS: &[&str] = &[\"1.0\"];"));
}

#[test]
fn recursion_and_renaming_go_together() {
    let old = "{ 'struct': 'Old', 'data': { '*next': 'Old', 'x': 'int' } }\n{ 'command': 'c', 'returns': 'Old' }";
    let new = "{ 'struct': 'New', 'data': { '*next': 'New', 'y': 'int' } }\n{ 'command': 'c', 'returns': 'New' }";
    let types = file(&[old, new], "types.rs");
    assert!(types.contains("    pub next: Option<Box<New>>,"), "{types}");
    assert!(
        types.contains("    pub x: Option<i64>,") && !types.contains("struct Old"),
        "{types}"
    );
}
