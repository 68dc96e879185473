//! Properties of what is made of schemas, whatever the schemas are. Shared with the test that replays the kept inputs.

use std::path::Path;

use qapi_codegen::docgen::{Format, ReferencePrinter};
use qapi_codegen::{Config, Formatter, Output};
use qapi_diff::{Change, Finding, Lens, Level, Model, Symbols, Witnesses};
use qapi_parser::Options;
use qapi_parser::ir::Schema;
use qapi_parser::source::Memory;

/// The schema of a text; none if the text is no valid schema in one file.
fn schema(text: &[u8]) -> Option<Schema> {
    let text = std::str::from_utf8(text).ok()?;
    let files = Memory::new().with("schema.json", text);
    qapi_parser::load(Path::new("schema.json"), &files, &Options::default()).schema
}

/// Compares two schemas, which a byte 0xFF separates: a schema does not differ from itself, every change is judged,
/// and witnesses are messages that one side allows and the other refuses.
pub fn diff(data: &[u8]) {
    let has_conditions = data.windows(4).any(|it| it == b"'if'");
    let mut texts = data.splitn(2, |byte| *byte == 0xFF);
    let (Some(old), Some(new)) = (texts.next(), texts.next()) else {
        return;
    };
    let (Some(old), Some(new)) = (schema(old), schema(new)) else {
        return;
    };
    for side in [&old, &new] {
        let found = judge(changes(side, side));
        assert!(found.is_empty(), "differs from itself: {found:#?}");
    }
    for (from, to) in [(&old, &new), (&new, &old)] {
        let changes = changes(from, to);
        let expected = changes.len();
        let found = judge(changes);
        assert_eq!(found.len(), expected, "each change is judged once");
        check_witnesses(from, to, &found, has_conditions);
    }
}

/// All changes that any lens finds.
fn changes(old: &Schema, new: &Schema) -> Vec<Change> {
    let symbols = Symbols::default();
    let comparison = qapi_diff::compare(
        &Model::of_schema(old, &symbols),
        &Model::of_schema(new, &symbols),
    );
    let mut changes = comparison.changes;
    changes.extend(qapi_diff::api::compare(old, new, &comparison.renamed));
    changes.extend(qapi_diff::docs::compare(old, new));
    changes
}

fn judge(changes: Vec<Change>) -> Vec<Finding> {
    let config = qapi_diff::Config::default();
    config.judge(changes, None).findings
}

fn check_witnesses(old: &Schema, new: &Schema, findings: &[Finding], has_conditions: bool) {
    let symbols = Symbols::default();
    let (old, new) = (
        Model::of_schema(old, &symbols),
        Model::of_schema(new, &symbols),
    );
    let witnesses = Witnesses::new(&old, &new);
    for finding in findings {
        if finding.rule.lens != Lens::Wire || finding.level != Level::Breaking {
            continue;
        }
        let Some(witness) = witnesses.find(&finding.change) else {
            continue;
        };
        // A witness is of a build, which decides the conditions; models without symbols do not.
        if has_conditions || witness.is_elided {
            continue;
        }
        let (allows, refuses) = if witness.allowed_by_old {
            (&old, &new)
        } else {
            (&new, &old)
        };
        assert_eq!(allows.check(&witness.message), Ok(()), "{witness:#?}");
        let violations = refuses.violations(&witness.message);
        assert!(violations.contains(&witness.violation), "{witness:#?}");
    }
}

/// Prints the documentation in all formats: the same bytes each time, and pages that are whole.
pub fn docs(data: &[u8]) {
    let Some(schema) = schema(data) else {
        return;
    };
    for format in [Format::Html, Format::Markdown, Format::Man] {
        let print = || {
            let printed = ReferencePrinter::new(format).print(&schema);
            let output = printed.unwrap_or_else(|error| panic!("{error}")).output;
            contents(&output)
        };
        let printed = print();
        assert_eq!(printed, print(), "printed twice");
        for (path, bytes) in printed {
            if format == Format::Html && Path::new(&path).extension().is_some_and(|it| it == "html")
            {
                let text = std::str::from_utf8(&bytes).expect("pages are UTF-8");
                assert!(text.trim_end().ends_with("</html>"), "{path} is not whole");
            }
        }
    }
}

fn contents(output: &Output) -> Vec<(String, Vec<u8>)> {
    let files = output.contents();
    files
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}

/// Generates a client and a server: Rust that parses, the same bytes each time, or errors that say why not.
pub fn generate(data: &[u8]) {
    let Some(schema) = schema(data) else {
        return;
    };
    let generate = |formatter| {
        let output = Config::new().formatter(formatter).generate(&schema);
        output.map(|output| contents(&output))
    };
    let printed = generate(Formatter::Prettyplease);
    match &printed {
        Ok(files) => {
            for (path, bytes) in files {
                let text = std::str::from_utf8(bytes).expect("code is UTF-8");
                if let Err(error) = syn::parse_file(text) {
                    panic!("{path}: {error}\n{text}");
                }
            }
        }
        Err(diagnostics) => assert!(!diagnostics.is_empty(), "output, or errors"),
    }
    assert_eq!(
        printed.is_ok(),
        generate(Formatter::None).is_ok(),
        "the formatter makes no difference"
    );
    let again = generate(Formatter::Prettyplease);
    assert_eq!(printed.ok(), again.ok(), "generated twice");
}
