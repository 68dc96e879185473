//! The history of QEMU as the schemas in the peer's crates tell it: a matrix of all their versions, beside what the
//! documentation says since when things exist.

use std::path::PathBuf;

use qapi_codegen::documentation::Documentation;
use qapi_diff::{Matrix, Model, Symbols};
use qapi_parser::ir::Schema;
use qapi_parser::source::Disk;
use qapi_tests::peer;

const QMP: [&str; 13] = [
    "0.0.1", "0.2.0", "0.3.0", "0.4.0", "0.6.0", "0.7.0", "0.8.0", "0.9.0", "0.10.0", "0.11.0",
    "0.12.0", "0.13.0", "0.14.0",
];
const GUEST_AGENT: [&str; 12] = [
    "0.0.1", "0.2.0", "0.3.0", "0.4.0", "0.6.0", "0.7.0", "0.8.0", "0.9.0", "0.10.0", "0.11.0",
    "0.12.0", "0.13.0",
];

/// The main file of a version's schema.
fn root(name: &str, version: &str) -> Option<PathBuf> {
    let folder = peer::published_crate(name, version)?;
    let places = [
        "schema/qapi/qapi-schema.json",
        "schema/qapi-schema.json",
        "schema/qga/qapi-schema.json",
    ];
    let found = places
        .iter()
        .map(|place| folder.join(place))
        .find(|path| path.is_file());
    Some(found.expect("the crate has a schema"))
}

/// The numbers of a version, `2.9` being the same as `2.9.0`.
fn version(text: &str) -> Option<Vec<u32>> {
    let text = text.split([',', ' ', '(']).next()?.trim();
    let mut numbers = text
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<Vec<u32>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    (!numbers.is_empty()).then_some(numbers)
}

/// The commands and events of a schema with the version since which they exist, as it says.
fn since(schema: &Schema) -> Vec<(String, Vec<u32>)> {
    let documentation = Documentation::new(schema);
    let definitions = documentation.definitions();
    let messages = definitions.filter(|(_, definition)| definition.kind.is_message());
    messages
        .filter_map(|(_, definition)| {
            let since = version(definition.since.as_deref()?)?;
            Some((definition.name.to_owned(), since))
        })
        .collect()
}

/// Of the commands and events that came within the versions: the number that first exist in the one that their
/// documentation names, and the number of all.
fn agreement(name: &str, versions: &[&str]) -> Option<(usize, usize)> {
    let roots: Vec<_> = versions
        .iter()
        .map(|version| root(name, version))
        .collect::<Option<_>>()?;
    let schemas: Vec<Schema> = roots
        .iter()
        .map(|root| {
            let loaded = qapi_parser::load(root, &Disk, &qapi_parser::Options::default());
            loaded
                .schema
                .unwrap_or_else(|| panic!("{}: {:#?}", root.display(), loaded.diagnostics))
        })
        .collect();
    // A schema is of the newest version that it names.
    let told: Vec<_> = schemas.iter().map(since).collect();
    let releases: Vec<_> = told
        .iter()
        .map(|told| {
            told.iter()
                .map(|(_, since)| since.clone())
                .max()
                .expect("something is dated")
        })
        .collect();
    assert!(releases.is_sorted(), "{releases:?}");
    let symbols = Symbols::default();
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let matrix = Matrix::new(&models);
    let (mut agreeing, mut all) = (0, 0);
    for (name, since) in told.last().expect("there are versions") {
        let Some(row) = matrix
            .rows
            .iter()
            .find(|row| row.parent.is_none() && row.path.root == *name)
        else {
            continue;
        };
        let first = row
            .cells
            .iter()
            .position(Option::is_some)
            .expect("it exists somewhere");
        let expected = releases.iter().position(|release| release >= since);
        all += 1;
        agreeing += usize::from(expected == Some(first));
    }
    Some((agreeing, all))
}

#[test]
fn commands_and_events_exist_since_when_they_say() {
    let mut total = (0, 0);
    for (name, versions) in [("qapi-qmp", &QMP[..]), ("qapi-qga", &GUEST_AGENT)] {
        let Some((agreeing, all)) = agreement(name, versions) else {
            return;
        };
        total = (total.0 + agreeing, total.1 + all);
    }
    let (agreeing, all) = total;
    assert!(all >= 250, "there are only {all}");
    assert!(agreeing * 100 >= all * 97, "{agreeing} of {all}");
}
