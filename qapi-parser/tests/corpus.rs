//! Real schemas: today's and old ones.

use std::collections::BTreeMap;
use std::path::Path;

use qapi_parser::diag::Severity;
use qapi_parser::source::Disk;
use qapi_parser::{Dialect, Loaded, load};

#[path = "support/corpus.rs"]
mod folder;
#[path = "support/invariants.rs"]
mod invariants;
#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

const ROOTS: [&str; 3] = [
    "qapi/qapi-schema.json",
    "qga/qapi-schema.json",
    "storage-daemon/qapi/qapi-schema.json",
];

const SEEDS: [(&str, usize); 5] = [
    ("qga-1.1.json", 27),
    ("qga-1.5.json", 33),
    ("qga-2.3.json", 47),
    ("qga-2.4.json", 49),
    ("qga-2.5.json", 53),
];

fn read(path: &Path, dialect: Dialect) -> Loaded {
    load(path, &Disk, &loading::options(dialect))
}

/// Nothing is an error, and the IR keeps its promises.
fn assert_passes(loaded: &Loaded) {
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| {
            format!(
                "{} {}",
                loading::brief(&loaded.sources, diagnostic),
                diagnostic.message
            )
        })
        .collect::<Vec<_>>();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let schema = loaded.schema.as_ref().expect("the schema has no errors");
    invariants::assert_invariants(schema, &loaded.sources);
}

#[test]
fn schemas_of_today_are_fine_in_both_dialects() {
    let Some(corpus) = folder::corpus() else {
        return;
    };
    for root in ROOTS {
        for dialect in [Dialect::Strict, Dialect::Auto] {
            let loaded = read(&corpus.join("qemu/10.2").join(root), dialect);
            assert_passes(&loaded);
            assert_eq!(loaded.diagnostics, [], "{root} {dialect:?}");
        }
    }
}

#[test]
fn schemas_of_earlier_releases_pass_the_tolerant_dialect() {
    let Some(corpus) = folder::corpus() else {
        return;
    };
    for release in ["7.2", "10.0"] {
        for root in ROOTS {
            let loaded = read(&corpus.join("qemu").join(release).join(root), Dialect::Auto);
            assert_passes(&loaded);
        }
    }
}

#[test]
fn guest_agent_schemas_of_five_releases_pass_the_tolerant_dialect() {
    let Some(corpus) = folder::corpus() else {
        return;
    };
    for (seed, definitions) in SEEDS {
        let loaded = read(&corpus.join("seeds").join(seed), Dialect::Auto);
        assert_passes(&loaded);
        let schema = loaded.schema.as_ref().expect("the schema has no errors");
        let types = schema.types.iter().filter(|ty| {
            let array = matches!(ty.kind, qapi_parser::ir::TypeKind::Array(_));
            !array && !ty.implicit && ty.module.0 > 0
        });
        let found = types.count() + schema.commands.len() + schema.events.len();
        assert_eq!(found, definitions, "{seed}");
    }
}

/// Oddities of each seed, with their number. Where docs/reference/language.md §10.5 counts, these are its counts.
const ODDITIES: [(&str, &[(&str, usize)]); 5] = [
    (
        "qga-1.1.json",
        &[
            ("OLD-COMMA-MISSING", 2),
            ("OLD-DOC-BOGUS", 1),
            ("OLD-DOC-END", 1),
            ("OLD-DOC-HDR-COLON", 8),
            ("OLD-DOC-MEMBER-MISSING", 1),
            ("OLD-DOC-RETURNS-NONE", 2),
            ("OLD-DOC-SYMBOL", 1),
            ("OLD-DOC-TAG", 5),
            ("OLD-DOC-UNNAMED", 1),
            ("OLD-FLAG-NO", 4),
            ("OLD-NAME", 1),
            ("OLD-RETURN-TYPE", 6),
            ("OLD-STRUCT-TYPE", 7),
        ],
    ),
    (
        "qga-1.5.json",
        &[
            ("OLD-DOC-ARG-LATE", 2),
            ("OLD-DOC-BOGUS", 1),
            ("OLD-DOC-EMPTY-TEXT", 1),
            ("OLD-DOC-END", 1),
            ("OLD-DOC-HDR-COLON", 8),
            ("OLD-DOC-MEMBER-MISSING", 2),
            ("OLD-DOC-RETURNS-NONE", 4),
            ("OLD-DOC-SYMBOL", 1),
            ("OLD-DOC-TAG", 5),
            ("OLD-DOC-UNNAMED", 1),
            ("OLD-FLAG-NO", 4),
            ("OLD-NAME", 1),
            ("OLD-RETURN-TYPE", 8),
            ("OLD-STRUCT-TYPE", 8),
        ],
    ),
    (
        "qga-2.3.json",
        &[
            ("OLD-DOC-BOGUS", 3),
            ("OLD-DOC-DUP-SECTION", 1),
            ("OLD-DOC-END", 1),
            ("OLD-DOC-HDR-COLON", 12),
            ("OLD-DOC-MEMBER-MISSING", 5),
            ("OLD-DOC-RETURNS-NONE", 5),
            ("OLD-DOC-START", 2),
            ("OLD-DOC-SYMBOL", 1),
            ("OLD-DOC-TAG", 5),
            ("OLD-DOC-UNNAMED", 1),
            ("OLD-FLAG-NO", 4),
            ("OLD-NAME", 1),
            ("OLD-RETURN-TYPE", 9),
            ("OLD-STRUCT-TYPE", 14),
        ],
    ),
    (
        "qga-2.4.json",
        &[
            ("OLD-DOC-BOGUS", 3),
            ("OLD-DOC-DUP-SECTION", 1),
            ("OLD-DOC-END", 1),
            ("OLD-DOC-HDR-COLON", 14),
            ("OLD-DOC-MEMBER-MISSING", 5),
            ("OLD-DOC-RETURNS-NONE", 4),
            ("OLD-DOC-START", 2),
            ("OLD-DOC-SYMBOL", 1),
            ("OLD-DOC-TAG", 5),
            ("OLD-DOC-UNNAMED", 1),
            ("OLD-NAME", 1),
            ("OLD-RETURN-TYPE", 9),
        ],
    ),
    (
        "qga-2.5.json",
        &[
            ("OLD-DOC-BOGUS", 3),
            ("OLD-DOC-DUP-SECTION", 1),
            ("OLD-DOC-HDR-COLON", 15),
            ("OLD-DOC-MEMBER-MISSING", 5),
            ("OLD-DOC-NO-SPACE", 1),
            ("OLD-DOC-RETURNS-NONE", 4),
            ("OLD-DOC-START", 3),
            ("OLD-DOC-SYMBOL", 1),
            ("OLD-DOC-TAG", 5),
            ("OLD-NAME", 1),
            ("OLD-RETURN-TYPE", 9),
        ],
    ),
];

#[test]
fn every_oddity_of_the_seeds_has_its_warning() {
    let Some(corpus) = folder::corpus() else {
        return;
    };
    for (seed, expected) in ODDITIES {
        let loaded = read(&corpus.join("seeds").join(seed), Dialect::Auto);
        let mut found = BTreeMap::new();
        for diagnostic in &loaded.diagnostics {
            *found.entry(diagnostic.code.as_str()).or_insert(0) += 1;
        }
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{seed}");
    }
}
