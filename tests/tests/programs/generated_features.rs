//! Code for every construct of the language passes the tools that users run on it: under each policy for conditions, in both
//! editions, in all the forms that the builder can give it.

use std::fs;
use std::path::{Path, PathBuf};

use qapi_codegen::{Conditions, Config, Output};
use qapi_parser::ir::Schema;
use qapi_tests::throwaway::Throwaway;
use qapi_tests::{corpus, golden};

/// Schemas of a folder, with the names of their files, sorted.
fn schemas(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut schemas: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            let stem = path
                .file_stem()
                .expect("it has an extension")
                .to_string_lossy();
            (stem.replace(['-', '.'], "_"), path)
        })
        .collect();
    schemas.sort();
    schemas
}

fn features() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/features");
    let schemas = schemas(&folder);
    assert!(schemas.len() > 20, "{schemas:?}");
    schemas
}

/// The schemas that the reference accepts, among those that say so.
fn conformance() -> Vec<(String, PathBuf)> {
    let Some(root) = corpus::root() else {
        return Vec::new();
    };
    let folder = root.join("conformance");
    let table = fs::read_to_string(folder.join("expected.tsv")).expect("there is a table");
    let accepted = table.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        let schema = columns.next()?;
        (columns.next()? == "accept").then(|| {
            let name = schema
                .trim_end_matches(".json")
                .replace(['-', '.', '/'], "_");
            (format!("accepted_{name}"), folder.join(schema))
        })
    });
    let accepted: Vec<_> = accepted.collect();
    assert!(!accepted.is_empty(), "the table has another form");
    accepted
}

/// The policies for a schema, one with symbols of which half are defined, and a word for each.
fn policies(schema: &Schema) -> [(&'static str, Config); 3] {
    let resolve = Config::new().conditions(Conditions::Resolve);
    let resolve = ["HAVE_A", "HAVE_E", "HAVE_S", "HAVE_Y"]
        .into_iter()
        .filter(|symbol| schema.symbols().contains(symbol))
        .fold(resolve, Config::define);
    [
        ("optional", Config::new()),
        ("cfg", Config::new().conditions(Conditions::Cfg)),
        ("resolve", resolve),
    ]
}

/// The same bytes whenever it is made.
#[track_caller]
fn generate(name: &str, schema: &Schema, config: &Config) -> Output {
    let output = config.generate(schema).unwrap_or_else(|diagnostics| {
        let texts: Vec<_> = diagnostics.iter().map(|it| &it.message).collect();
        panic!("{name}: {texts:#?}");
    });
    assert_eq!(
        config.generate(schema).as_ref(),
        Ok(&output),
        "{name}: made twice"
    );
    output
}

fn pass(edition: &'static str, variant: fn(Config) -> Config) {
    let mut throwaway = Throwaway::new(&format!("features-{edition}"), edition);
    for (name, path) in features().into_iter().chain(conformance()) {
        let schema = golden::schema(&path);
        for (policy, config) in policies(&schema) {
            let module = format!("{name}_{policy}");
            throwaway.add(&module, &generate(&module, &schema, &variant(config)));
        }
    }
    throwaway.check_format();
    throwaway.clippy(|_| false);
    throwaway.clippy(|_| true);
    throwaway.clippy(|number| number % 2 == 0);
    throwaway.doc();
}

#[test]
fn every_construct_passes_in_edition_2021() {
    pass("2021", |config| config);
}

/// With everything that the builder can add.
#[test]
fn every_construct_passes_in_edition_2024() {
    pass("2024", |config| {
        config
            .asynchronous(true)
            .introspection(true)
            .module_per_file(true)
    });
}
