//! Laws that hold for every schema, tried on random ones.

use std::path::Path;

use qapi_parser::diag::Diagnostic;
use qapi_parser::ir::Schema;
use qapi_parser::{Dialect, Options, format};
use qapi_tests::generate::{self, FilesInMemory, Settings};
use qapi_tests::meaning::meaning;

const SEEDS: u64 = 400;

/// Settings that vary with the seed, so that each kind of schema has its turn.
fn settings(seed: u64) -> Settings {
    Settings {
        definitions: 6 + usize::try_from(seed % 20).expect("it is small"),
        docs: seed & 1 == 1,
        includes: seed & 2 == 2,
        wild_layout: seed & 4 == 4,
    }
}

fn load(files: &[(String, String)], dialect: Dialect) -> (Option<Schema>, Vec<Diagnostic>) {
    let mut options = Options::default();
    options.dialect = dialect;
    let loaded = qapi_parser::load(
        Path::new("schema.json"),
        &FilesInMemory::new(files),
        &options,
    );
    (loaded.schema, loaded.diagnostics)
}

fn shown(files: &[(String, String)]) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| format!("--- {name}\n{text}"))
        .collect();
    files.concat()
}

#[track_caller]
fn accepted(seed: u64, files: &[(String, String)], dialect: Dialect) -> Schema {
    let (schema, diagnostics) = load(files, dialect);
    let complaints: Vec<_> = diagnostics
        .iter()
        .map(|it| format!("{}: {}", it.code, it.message))
        .collect();
    assert!(
        complaints.is_empty(),
        "seed {seed}: {complaints:#?}\n{}",
        shown(files)
    );
    schema.expect("there is a schema where nothing is wrong")
}

#[test]
fn generated_schemas_are_valid() {
    for seed in 0..SEEDS {
        accepted(
            seed,
            &generate::schema(seed, &settings(seed)),
            Dialect::Strict,
        );
    }
}

#[test]
fn both_dialects_read_a_strict_schema_alike() {
    for seed in 0..SEEDS {
        let files = generate::schema(seed, &settings(seed));
        let strict = accepted(seed, &files, Dialect::Strict);
        let auto = accepted(seed, &files, Dialect::Auto);
        assert_eq!(
            meaning(&strict),
            meaning(&auto),
            "seed {seed}:\n{}",
            shown(&files)
        );
    }
}

#[test]
fn formatting_keeps_the_meaning_and_is_stable() {
    for seed in 0..SEEDS {
        let files = generate::schema(seed, &settings(seed));
        let formatted: Vec<_> = files
            .iter()
            .map(|(name, text)| {
                let once = format::format(text, Dialect::Strict)
                    .unwrap_or_else(|errors| panic!("seed {seed}: {errors:#?}\n{text}"));
                let twice =
                    format::format(&once, Dialect::Strict).expect("formatted text is well-formed");
                assert_eq!(once, twice, "seed {seed}, {name}:\n{text}");
                (name.clone(), once)
            })
            .collect();
        let before = meaning(&accepted(seed, &files, Dialect::Strict));
        let after = meaning(&accepted(seed, &formatted, Dialect::Strict));
        assert_eq!(before, after, "seed {seed}:\n{}", shown(&files));
    }
}
