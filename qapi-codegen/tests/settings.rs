//! Settings that select nothing, or that are not Rust, and names that clash: what is said, and what helps.

use std::io;
use std::path::Path;

use qapi_codegen::{Conditions, Config};
use qapi_parser::diag::Diagnostic;
use qapi_parser::ir::Schema;
use qapi_parser::source::{Files, SourceMap};

const SCHEMA: &str = "\
{ 'enum': 'Colour', 'data': [ 'red', 'dark-blue' ] }
{ 'struct': 'Base', 'data': { 'handle': 'int' } }
{ 'struct': 'File', 'base': 'Base', 'data': { 'buf-b64': 'str', 'mode': 'Colour' } }
{ 'union': 'Shape', 'base': { 'kind': 'Colour' }, 'discriminator': 'kind', 'data': { 'red': 'File' } }
{ 'command': 'file-read', 'data': { 'count': 'int' }, 'returns': 'Shape' }
";

struct One(&'static str);

impl Files for One {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.into())
    }
}

fn load(text: &'static str) -> (Schema, SourceMap) {
    let loaded = qapi_parser::load(
        Path::new("a.json"),
        &One(text),
        &qapi_parser::Options::default(),
    );
    (loaded.schema.expect("the schema is valid"), loaded.sources)
}

fn errors(text: &'static str, config: &Config) -> Vec<Diagnostic> {
    config
        .generate(&load(text).0)
        .expect_err("something is wrong")
}

/// Code, message and help of each error.
#[track_caller]
fn check(config: &Config, expected: &[(&str, &str, &str)]) {
    let found = errors(SCHEMA, config);
    let found: Vec<_> = found
        .iter()
        .map(|it| {
            (
                it.code.as_str(),
                it.message.as_str(),
                it.help.as_deref().unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_misspelt_selector_gets_a_suggestion() {
    let fits = |selector: &str, suggestion: &str| {
        let message = format!("`skip_docs` selects `{selector}`, which `a.json` does not have");
        let help = format!("did you mean `{suggestion}`?");
        check(
            &Config::new().skip_docs(selector),
            &[("GEN-SELECTOR", &message, &help)],
        );
    };
    fits("Flie", "File");
    fits(".Flie", ".File");
    fits("File.buf-64", "File.buf-b64");
    fits("file.buf-b64", "File.buf-b64");
    fits("buf_b64", "buf-b64");
    fits("Colour.darkblue", "Colour.dark-blue");
    fits("file-raed.count", "file-read.count");
    fits("Shape.kinds", "Shape.kind");
    let help = "a selector is a name of the schema, such as `Type`, `Type.member` or `.Type` with all in it, or `.` \
                for everything";
    for selector in ["Something.else", "", "File.handle"] {
        let message = format!("`skip_docs` selects `{selector}`, which `a.json` does not have");
        let found = errors(SCHEMA, &Config::new().skip_docs(selector));
        assert_eq!(found[0].message, message);
        if selector != "File.handle" {
            assert_eq!(found[0].help.as_deref(), Some(help));
        }
    }
}

#[test]
fn an_error_about_a_selector_names_what_the_setting_applies_to() {
    let other = |option: &str, selector: &str, applies: &str, config: Config| {
        let message = format!("`{option}` selects `{selector}`, to which it does not apply");
        let help = format!("it applies to {applies}");
        check(&config, &[("GEN-SELECTOR", &message, &help)]);
    };
    let text = "members of type `str` or `[str]`, and commands that return one";
    other("bytes", "File", text, Config::new().bytes("File"));
    other("bytes", "File.mode", text, Config::new().bytes("File.mode"));
    other(
        "open",
        "File",
        "enumerations, unions and alternates",
        Config::new().open("File"),
    );
    other(
        "closed",
        "kind",
        "enumerations, unions and alternates",
        Config::new().closed("kind"),
    );
    other(
        "derive",
        "File.mode",
        "types, commands and events",
        Config::new().derive("File.mode", "Ord"),
    );
    other(
        "extern_type",
        "file-read",
        "types",
        Config::new().extern_type("file-read", "crate::Read"),
    );
    other(
        "rename",
        "mode",
        "definitions, and members in full",
        Config::new().rename("mode", "m"),
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let config = Config::new()
        .rename("Fiel", "x")
        .bytes("xyz")
        .derive("File", "not a path")
        .derive("File", "Ord")
        .attribute("File", "must_use")
        .extern_type("Colour", "'a");
    let messages: Vec<_> = errors(SCHEMA, &config)
        .into_iter()
        .map(|it| it.message)
        .collect();
    assert_eq!(
        messages,
        [
            "`extern_type` selects `Colour`, the discriminator of union `Shape`",
            "`'a`, given to `extern_type` for `Colour`, is not the path of a type",
            "`not a path`, given to `derive` for `File`, is not a path, or paths with commas in between",
            "`must_use`, given to `attribute` for `File`, is not an attribute such as `#[must_use]`",
            "`rename` selects `Fiel`, which `a.json` does not have",
            "`bytes` selects `xyz`, which `a.json` does not have",
        ]
    );
}

#[test]
fn u_0000_in_an_attribute_is_refused() {
    let raw = Config::new().attribute("File", "#[doc = \"\0\"]");
    let messages: Vec<_> = errors(SCHEMA, &raw)
        .into_iter()
        .map(|it| it.message)
        .collect();
    assert_eq!(
        messages,
        [
            "`#[doc = \"\\u{0}\"]`, given to `attribute` for `File`, is not an attribute such as `#[must_use]`"
        ]
    );
}

#[test]
fn selected_revisions_have_no_reports() {
    let config = Config::new()
        .bytes("File.buf-b64")
        .bytes(".")
        .open(".")
        .closed("Colour")
        .derive(".", "Eq")
        .attribute("red", "#[allow(unused)]")
        .skip_docs("count")
        .rename("Base.handle", "h");
    let output = config
        .generate(&load(SCHEMA).0)
        .expect("all of it selects something");
    let types = output.get("types.rs").expect("there are types");
    assert!(types.contains("pub buf_b64: Vec<u8>") && types.contains("pub h: i64"));
    assert_eq!(types.matches("#[allow(unused)]").count(), 2, "{types}");
}

/// Each clash: the schema, the message, the setting that resolves it.
#[test]
fn a_clash_names_both_places_and_the_setting_that_resolves_it() {
    let resolve = |selector: &'static str| Config::new().rename(selector, "other");
    for (text, message, lines, selector) in [
        (
            "{ 'struct': 'S', 'data': { 'a-b': 'int',\n 'A_B': 'int' } }",
            "member `a-b` of `S` and member `A_B` of `S` are both `a_b` in Rust",
            Some((2, 1)),
            "S.A_B",
        ),
        (
            "{ 'enum': 'E', 'data': [ 'a-b', 'a_B' ] }\n{ 'command': 'c', 'data': { 'e': 'E' } }",
            "value `a-b` of `E` and value `a_B` of `E` are both `AB` in Rust",
            Some((1, 1)),
            "E.a_B",
        ),
        (
            "{ 'enum': 'E', 'data': [ 'unlisted' ] }\n{ 'event': 'V', 'data': { 'e': 'E' } }",
            "the variant for values that are not in the schema and value `unlisted` of `E` are both `Unlisted` in Rust",
            None,
            "E.unlisted",
        ),
        (
            "{ 'struct': 'old-name', 'data': {} }\n{ 'struct': 'OldName', 'data': {} }",
            "type `old-name` and type `OldName` are both `OldName` in Rust",
            Some((2, 1)),
            "OldName",
        ),
        (
            "{ 'command': 'a-b' }\n{ 'command': 'a_b' }",
            "command `a-b` and command `a_b` are both `AB` in Rust",
            Some((2, 1)),
            "a_b",
        ),
        (
            "{ 'event': 'EVENT' }",
            "the enum of all events and event `EVENT` are both `Event` in Rust",
            None,
            "EVENT",
        ),
        (
            "{ 'struct': 'UBranch', 'data': {} }\n{ 'enum': 'E', 'data': [ 'x' ] }\n\
             { 'union': 'U', 'base': { 'e': 'E' }, 'discriminator': 'e', 'data': { 'x': 'UBranch' } }",
            "type `UBranch` and the enum for the branches of union `U` are both `UBranch` in Rust",
            Some((3, 1)),
            "U",
        ),
        (
            "{ 'command': 'c', 'gen': false, 'data': { 'extra': 'int' } }",
            "the field for members that are not in the schema and member `extra` of `c` are both `extra` in Rust",
            None,
            "c.extra",
        ),
    ] {
        let (schema, sources) = load(text);
        let errors = Config::new().generate(&schema).expect_err(message);
        let [error] = errors.as_slice() else {
            panic!("{message}: {errors:#?}");
        };
        assert_eq!(error.message, message);
        let at = |span| sources.position(span).line;
        let second = error.primary.as_ref().map(|label| at(label.span));
        let first = error.labels.first().map(|label| at(label.span));
        match lines {
            Some((second_line, first_line)) => {
                assert_eq!(
                    (second, first),
                    (Some(second_line), Some(first_line)),
                    "{message}"
                );
            }
            None => assert!(
                first.is_none() && second.is_some() && error.notes.len() == 1,
                "{error:#?}"
            ),
        }
        let help = error.help.as_deref().unwrap_or_default();
        assert!(
            help.contains(&format!("Config::rename(\"{selector}\"")),
            "{help}"
        );
        let output = resolve(selector).generate(&schema);
        assert!(output.is_ok(), "{message}: {output:#?}");
    }
}

#[test]
fn predicates_are_checked() {
    let text = "{ 'command': 'c', 'if': 'A' }";
    let config = Config::new().conditions(Conditions::Cfg);
    for (config, code) in [
        (
            config.clone().predicate("A", "not a predicate"),
            "GEN-PREDICATE",
        ),
        (config.predicate("B", "unix"), "GEN-SELECTOR"),
    ] {
        assert_eq!(errors(text, &config)[0].code.as_str(), code);
    }
}

#[test]
fn exhaustive_types_are_written_in_full() {
    let text = "{ 'enum': 'E', 'data': [ 'x', 'y' ] }\n{ 'struct': 'S', 'data': { 'a': 'int' } }\n\
                { 'union': 'U', 'base': { 'e': 'E' }, 'discriminator': 'e', 'data': { 'x': 'S' } }\n\
                { 'alternate': 'A', 'data': { 's': 'S', 'i': 'int' } }\n\
                { 'command': 'c', 'returns': [ 'U' ] }\n{ 'struct': 'B', 'data': { 'a': 'A' } }\n\
                { 'command': 'd', 'returns': 'B' }";
    let count = |config: Config| {
        let output = config.generate(&load(text).0).unwrap();
        output
            .get("types.rs")
            .unwrap()
            .matches("#[non_exhaustive]")
            .count()
    };
    let all = count(Config::new());
    assert_eq!(
        all, 6,
        "the enumeration, two structs, the union and its branches, the alternate"
    );
    assert_eq!(count(Config::new().exhaustive(".")), 0);
    assert_eq!(count(Config::new().exhaustive("S")), all - 1);
    assert_eq!(count(Config::new().exhaustive("U")), all - 2);
    let errors = errors(text, &Config::new().exhaustive("c"));
    assert_eq!(errors[0].help.as_deref(), Some("it applies to types"));
}

#[test]
fn symbols_are_those_of_the_schema_and_of_the_policy() {
    let text = "{ 'command': 'c', 'if': 'CONFIG_A' }";
    let with = |policy| Config::new().conditions(policy);
    for (config, message, help) in [
        (
            with(Conditions::Resolve).define("CONFIG_B"),
            "`define` names `CONFIG_B`, which is in no condition of `a.json`",
            "did you mean `CONFIG_A`?",
        ),
        (
            with(Conditions::Cfg).predicate("OTHER", "unix"),
            "`predicate` names `OTHER`, which is in no condition of `a.json`",
            "its conditions are about `CONFIG_A`",
        ),
        (
            Config::new().define("CONFIG_A"),
            "`define` names `CONFIG_A`, but conditions are treated as `optional`, where that has no effect",
            "set `conditions` to `resolve`, or leave it out",
        ),
        (
            with(Conditions::Resolve).predicate("CONFIG_A", "unix"),
            "`predicate` names `CONFIG_A`, but conditions are treated as `resolve`, where that has no effect",
            "set `conditions` to `cfg`, or leave it out",
        ),
    ] {
        let errors = errors(text, &config);
        let [error] = errors.as_slice() else {
            panic!("{message}: {errors:#?}");
        };
        assert_eq!(error.message, message);
        assert_eq!(error.help.as_deref(), Some(help));
        assert_eq!(error.code.as_str(), "GEN-SELECTOR");
    }
    for config in [
        with(Conditions::Resolve).define("CONFIG_A"),
        with(Conditions::Cfg).predicate("CONFIG_A", "unix"),
    ] {
        assert!(config.generate(&load(text).0).is_ok());
    }
    let none = errors("{ 'command': 'c' }", &with(Conditions::Resolve).define("A"));
    assert_eq!(
        none[0].help.as_deref(),
        Some("this schema has no conditions")
    );
}

/// Two files, of which the second includes the first.
struct Two;

impl Files for Two {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(match path.to_str() {
            Some("a.json") => "{ 'include': 'sub/block-core.json' }\n{ 'struct': 'A', 'data': { 'b': 'B', '*a': 'A' } }",
            _ => "{ 'struct': 'B', 'data': { 'c': [ 'C' ] } }\n{ 'enum': 'C', 'data': [ 'x' ] }",
        }
        .into())
    }
}

#[test]
fn types_can_be_in_a_module_per_file() {
    let options = qapi_parser::Options::default();
    let schema = qapi_parser::load(Path::new("a.json"), &Two, &options).schema;
    let schema = schema.expect("the schema is valid");
    let output = Config::new().module_per_file(true).generate(&schema);
    let output = output.expect("the names do not clash");
    let paths: Vec<_> = output.files().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "client.rs",
            "commands.rs",
            "marshal.rs",
            "mod.rs",
            "server.rs",
            "types.rs",
            "types/a.rs",
            "types/sub_block_core.rs",
        ]
    );
    let file = |path: &str| output.get(path).expect("it was just listed");
    assert!(file("types.rs").contains(
        "/// Types of `sub/block-core.json`.\n#[rustfmt::skip]\npub mod sub_block_core;"
    ));
    assert!(file("types/a.rs").contains("    pub b: super::B,\n"));
    assert!(file("types/a.rs").contains("    pub a: Option<Box<A>>,\n"));
    assert!(file("types/sub_block_core.rs").contains("    pub c: Vec<C>,\n"));
}
