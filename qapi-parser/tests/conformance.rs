//! The verdicts of QEMU's compiler on the schemas that it is tested with.

use std::path::Path;

use qapi_parser::diag::Anchor;
use qapi_parser::source::{Disk, Files};
use qapi_parser::{Dialect, Loaded, load};

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/invariants.rs"]
mod invariants;
#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

/// The table has the place of the earlier definition, which is the second half of the
/// reference's message; the error is at the later one (docs/reference/language.md §6.2, §12).
const LATER_DEFINITION: [(&str, &str); 1] = [("redefined-event.json", "3")];

/// The outcome, in the columns of the table.
fn outcome(loaded: &Loaded) -> Vec<String> {
    let Some(first) = loaded.diagnostics.first() else {
        return ["accept", "", "", "", "", ""].map(str::to_owned).into();
    };
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let (file, line, column) = match &first.anchor {
        Anchor::File(path) => (base(path), String::new(), String::new()),
        Anchor::Line(span) => {
            let line = loaded.sources.position(*span).line;
            let file = &loaded.sources.file(span.file).path;
            (base(file), line.to_string(), String::new())
        }
        Anchor::Point(span) => {
            let position = loaded.sources.position(*span);
            let file = &loaded.sources.file(span.file).path;
            (
                base(file),
                position.line.to_string(),
                position.column.to_string(),
            )
        }
    };
    let entity = first
        .entity
        .as_ref()
        .map(|entity| format!("{} {}", entity.meta.as_str(), entity.name))
        .unwrap_or_default();
    let code = first.code.as_str().to_owned();
    vec!["reject".to_owned(), code, file, line, column, entity]
}

#[test]
fn first_error_is_that_of_the_reference() {
    let Some(corpus) = corpus::corpus() else {
        return;
    };
    let folder = corpus.join("conformance");
    let table = table(&folder);
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let mut columns = row.split('\t').map(str::to_owned).collect::<Vec<_>>();
        columns.resize(7, String::new());
        let schema = columns.remove(0);
        if let Some((_, line)) = LATER_DEFINITION.iter().find(|(name, _)| *name == schema) {
            columns[3] = (*line).to_owned();
        }
        let loaded = load(
            &folder.join(&schema),
            &Disk,
            &loading::options(Dialect::Strict),
        );
        let found = outcome(&loaded);
        if found != columns {
            wrong.push(format!(
                "{schema}\n  expected {columns:?}\n  found    {found:?}"
            ));
        }
        rows += 1;
    }
    assert!(rows > 100, "the table was read");
    assert!(
        wrong.is_empty(),
        "{} of {rows}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn accepted_schemas_keep_the_promises_of_the_ir() {
    each_accepted(|path| {
        let loaded = load(path, &Disk, &loading::options(Dialect::Strict));
        let schema = loaded.schema.expect("the table says that it is accepted");
        invariants::assert_invariants(&schema, &loaded.sources);
    });
}

#[test]
fn accepted_schemas_need_no_warning_in_the_tolerant_dialect() {
    each_accepted(|path| {
        let loaded = load(path, &Disk, &loading::options(Dialect::Auto));
        assert_eq!(loaded.diagnostics, [], "{}", path.display());
    });
}

fn table(folder: &Path) -> String {
    let bytes = Disk.read(&folder.join("expected.tsv"));
    String::from_utf8(bytes.expect("the table is there")).expect("the table is text")
}

fn each_accepted(check: impl Fn(&Path)) {
    let Some(corpus) = corpus::corpus() else {
        return;
    };
    let folder = corpus.join("conformance");
    let table = table(&folder);
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let mut columns = row.split('\t');
        if let (Some(schema), Some("accept")) = (columns.next(), columns.next()) {
            check(&folder.join(schema));
            rows += 1;
        }
    }
    assert!(rows > 4, "the table was read");
}
