//! Helpers of the tests: schemas from texts and files, and findings as lines.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use qapi_diff::{Change, Config, Finding, Lens, Model, Symbols, api, compare, docs};
use qapi_parser::ir::Schema;
use qapi_parser::source::{Disk, Files, Memory};

/// Loads a schema that must be without errors.
pub(crate) fn load(root: &Path, files: &dyn Files) -> Schema {
    let loaded = qapi_parser::load(root, files, &qapi_parser::Options::default());
    loaded.schema.unwrap_or_else(|| {
        let messages: Vec<_> = loaded.diagnostics.iter().map(|it| &it.message).collect();
        panic!("{}: {messages:#?}", root.display())
    })
}

/// Loads a schema from a text.
pub(crate) fn parse(text: &str) -> Schema {
    load(
        Path::new("schema.json"),
        &Memory::new().with("schema.json", text),
    )
}

/// The folder of a rule's pair of schemas.
pub(crate) fn pair(rule: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(rule)
}

/// The pair itself.
pub(crate) fn schemas(rule: &str) -> (Schema, Schema) {
    let folder = pair(rule);
    (
        load(&folder.join("old.json"), &Disk),
        load(&folder.join("new.json"), &Disk),
    )
}

/// All changes that any lens finds.
pub(crate) fn changes(old: &Schema, new: &Schema) -> Vec<Change> {
    let symbols = Symbols::default();
    let comparison = compare(
        &Model::of_schema(old, &symbols),
        &Model::of_schema(new, &symbols),
    );
    let mut changes = comparison.changes;
    changes.extend(api::compare(old, new, &comparison.renamed));
    changes.extend(docs::compare(old, new));
    changes
}

/// All findings of all lenses.
pub(crate) fn findings(old: &Schema, new: &Schema) -> Vec<Finding> {
    Config::default().judge(changes(old, new), None).findings
}

/// Findings of the wire alone.
pub(crate) fn wire(old: &Schema, new: &Schema) -> Vec<Finding> {
    let mut findings = findings(old, new);
    findings.retain(|finding| finding.rule.lens == Lens::Wire);
    findings
}

/// A line per finding, under a heading per lens.
pub(crate) fn lines(findings: &[Finding]) -> String {
    let mut out = String::new();
    for lens in [Lens::Wire, Lens::Rust, Lens::Docs] {
        let of_lens = findings.iter().filter(|finding| finding.rule.lens == lens);
        for (index, finding) in of_lens.enumerate() {
            if index == 0 {
                writeln!(out, "{}:", lens.as_str()).unwrap();
            }
            let notes: Vec<_> = finding
                .notes()
                .iter()
                .map(|it| format!(" ({it})"))
                .collect();
            writeln!(
                out,
                "  {:10} {} [{}] {}{}",
                finding.level,
                finding.change.path,
                finding.rule.id,
                finding.message(),
                notes.concat()
            )
            .unwrap();
        }
    }
    out
}
