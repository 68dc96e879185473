//! One mistake gives one diagnostic, the right one, whatever the schema around it.

use std::path::Path;

use qapi_parser::diag::Code;
use qapi_parser::{Dialect, Options};
use qapi_tests::generate::FilesInMemory;
use qapi_tests::mutate;

/// Number of schemas that each mistake is put into.
const SCHEMAS: usize = 25;

fn complaints(files: &[(String, String)], dialect: Dialect) -> Vec<String> {
    let mut options = Options::default();
    options.dialect = dialect;
    let files = FilesInMemory::new(files);
    let loaded = qapi_parser::load(Path::new("schema.json"), &files, &options);
    let diagnostics = loaded.diagnostics.iter();
    diagnostics
        .map(|it| format!("{}: {}", it.code, it.message))
        .collect()
}

#[test]
fn one_mistake_gives_one_diagnostic() {
    let mut wrong = Vec::new();
    for mistake in mutate::all() {
        let schemas = (0..).filter_map(|seed| Some((seed, mutate::schema(mistake, seed)?)));
        for (seed, files) in schemas.take(SCHEMAS) {
            let found = complaints(&files, Dialect::Strict);
            let expected = format!("{}: ", mistake.code);
            if !matches!(found.as_slice(), [one] if one.starts_with(&expected)) {
                wrong.push(format!(
                    "{} (seed {seed}, {}): {found:#?}",
                    mistake.name, mistake.code
                ));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_never_confuse_the_tolerant_reader() {
    for mistake in mutate::all() {
        for files in (0..200)
            .filter_map(|seed| mutate::schema(mistake, seed))
            .take(5)
        {
            complaints(&files, Dialect::Auto);
        }
    }
}

#[test]
fn mistakes_have_codes_that_exist() {
    for mistake in mutate::all() {
        assert!(
            Code::ALL
                .iter()
                .any(|(code, _)| code.as_str() == mistake.code),
            "{}",
            mistake.code
        );
    }
}
