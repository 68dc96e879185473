//! Values that clients must be able to read from servers of other versions, by rule over whole schemas.

use std::collections::BTreeSet;
use std::path::Path;

use qapi_codegen::{Config, Output};
use qapi_parser::Options;
use qapi_parser::ir::{Schema, TypeId, TypeKind};
use qapi_tests::generate::{self, FilesInMemory, Settings};
use qapi_tests::{corpus, golden};

/// The names in Rust of enumerations and alternates that keep values that are not in the schema.
fn open_types(output: &Output) -> BTreeSet<String> {
    let types = output.get("types.rs").unwrap_or_default();
    let mut open = BTreeSet::new();
    let mut name = "";
    for line in types.lines() {
        if let Some(rest) = line.strip_prefix("pub enum ") {
            name = rest.trim_end_matches(" {");
        }
        if line.starts_with("    Unlisted(") {
            open.insert(name.to_owned());
        }
    }
    open
}

/// Returns how many enumerations and alternates travel both ways.
fn check(schema: &Schema, what: &str) -> usize {
    let outputs = schema.reached_from(
        schema
            .commands
            .iter()
            .filter_map(|command| command.returns)
            .chain(schema.events.iter().filter_map(|event| event.arguments)),
    );
    let inputs = schema.reached_from(
        schema
            .commands
            .iter()
            .filter_map(|command| command.arguments),
    );
    let configs = [
        Config::new(),
        Config::new().server(false),
        Config::new().client(false),
    ];
    let outputs_of = configs.map(|config| config.generate(schema));
    let [Ok(both_sides), Ok(client), Ok(server)] = &outputs_of else {
        // Names may clash; that has tests of its own.
        return 0;
    };
    let [both_sides, client, server] = [both_sides, client, server].map(open_types);
    assert_eq!(client, both_sides, "{what}");
    let mut count = 0;
    for (id, ty) in (0u32..).map(TypeId).zip(&schema.types) {
        let is_choice = matches!(ty.kind, TypeKind::Enum(_) | TypeKind::Alternate(_));
        if !is_choice || ty.implicit || ty.span.is_none() {
            continue;
        }
        // Names with other characters are changed; they are left to the goldens.
        let name = &ty.name;
        if !name.chars().all(char::is_alphanumeric) || !name.starts_with(char::is_uppercase) {
            continue;
        }
        let (input, output) = (inputs[id.index()], outputs[id.index()]);
        // Names of the prelude and the runtime get a prefix.
        let has =
            |open: &BTreeSet<String>| open.contains(name) || open.contains(&format!("Qapi{name}"));
        let is_open = has(&client);
        assert!(is_open || !output, "{what}: a client reads `{name}`");
        assert!(
            !is_open || output || !input,
            "{what}: `{name}` is sent only"
        );
        assert!(!has(&server) || !input, "{what}: `{name}` is judged");
        count += usize::from(input && output);
    }
    count
}

#[test]
fn everything_that_clients_receive_is_open_to_them() {
    let mut both_ways = 0;
    for seed in 0..40 {
        let files = FilesInMemory::new(&generate::schema(seed, &Settings::default()));
        let loaded = qapi_parser::load(Path::new("schema.json"), &files, &Options::default());
        let schema = loaded.schema.expect("random schemas are valid");
        both_ways += check(&schema, &format!("seed {seed}"));
    }
    if let Some(root) = corpus::root() {
        for version in ["7.2", "10.0", "10.2"] {
            let path = root.join(format!("qemu/{version}/qapi/qapi-schema.json"));
            both_ways += check(&golden::schema(&path), version);
        }
        assert!(both_ways > 30, "{both_ways}");
    }
}
