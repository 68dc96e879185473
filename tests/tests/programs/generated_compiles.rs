//! Generated code passes the tools that its users run on it, whatever the schema.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use qapi_codegen::{Conditions, Config, Edition, Formatter, Output};
use qapi_parser::Options;
use qapi_parser::ir::Schema;
use qapi_parser::source::{Disk, SourceMap};
use qapi_tests::generate::{self, FilesInMemory, Settings};
use qapi_tests::throwaway::Throwaway;
use qapi_tests::{corpus, golden};

/// The same bytes whenever it is made.
#[track_caller]
fn generate(schema: &Schema, config: &Config) -> Output {
    let output = golden::generate(schema, config);
    assert_eq!(output, golden::generate(schema, config), "made twice");
    output
}

/// The interfaces that QEMU has a schema of.
const PARTS: [&str; 3] = ["qapi", "qga", "storage-daemon/qapi"];

/// Schemas of the guest agent: ours, and those that QEMU had.
fn guest_agents() -> Vec<(String, PathBuf)> {
    let revisions = corpus::GUEST_AGENT_REVISIONS;
    let ours = revisions.map(|name| (format!("ours_{name}"), corpus::guest_agent(name)));
    let root = corpus::root();
    let seeds = root.map(|root| {
        revisions.map(|name| {
            let path = root.join(format!("seeds/qga-{name}.json"));
            (format!("seed_{name}"), path)
        })
    });
    ours.into_iter()
        .chain(seeds.into_iter().flatten())
        .collect()
}

/// All schemas of a version of QEMU.
fn qemu(version: &str) -> Vec<(String, PathBuf)> {
    let schemas = corpus::root().map(|root| {
        PARTS.map(|part| {
            let path = root.join(format!("qemu/{version}/{part}/qapi-schema.json"));
            (format!("qemu_{version}_{part}"), path)
        })
    });
    schemas.into_iter().flatten().collect()
}

/// Puts generated code of the schemas, and of one in other forms, through the tools.
fn pass(
    mut throwaway: Throwaway,
    edition: Edition,
    schemas: impl IntoIterator<Item = (String, PathBuf)>,
    other: &Config,
) {
    let mut add = |name: &str, output: &Output| {
        throwaway.add(&name.replace(['.', '/', '-'], "_"), output);
    };
    let mut last = None;
    for (name, path) in schemas {
        let schema = golden::schema(&path);
        add(&name, &generate(&schema, &Config::new()));
        if name.ends_with("_qapi") {
            last = Some(schema);
        }
    }
    if let Some(schema) = &last {
        add("other", &generate(schema, other));
    }
    let schema = golden::schema(&corpus::guest_agent("2.5"));
    let output = generate(&schema, &Config::new().asynchronous(true));
    add("asynchronous", &output);
    // Not laid out, but the same code.
    throwaway.add(
        "plain",
        &generate(&schema, &Config::new().formatter(Formatter::None)),
    );
    // By the rustfmt of whoever runs this, and its default configuration.
    let formatted = Config::new()
        .formatter(Formatter::Rustfmt)
        .edition(edition)
        .introspection(true)
        .out_dir(throwaway.source("formatted"));
    throwaway.add("formatted", &generate(&schema, &formatted));
    if let Some(schema) = &last {
        let large = formatted.clone().out_dir(throwaway.source("large"));
        // The code is that of another module, compiled there.
        throwaway.add_uncompiled("large", &generate(schema, &large));
    }
    throwaway.check_format();
    throwaway.clippy(|_| false);
    throwaway.doc();
}

#[test]
fn real_schemas_pass_rustfmt_clippy_and_rustdoc() {
    let schemas = guest_agents().into_iter().chain(qemu("7.2"));
    let split = Config::new().module_per_file(true).asynchronous(true);
    let newest = qemu("10.2");
    let throwaway = Throwaway::new("real", "2021");
    pass(throwaway, Edition::E2021, schemas.chain(newest), &split);
}

#[test]
fn real_schemas_pass_them_in_edition_2024_and_with_serde() {
    let throwaway = Throwaway::new("real-serde", "2024").with_runtime_features(&["serde"]);
    let client = Config::new().server(false).introspection(true);
    pass(throwaway, Edition::E2024, qemu("10.0"), &client);
}

/// Everything that the tests above take turns with. It takes long, and is meant for changes of the generator.
#[test]
#[ignore = "takes several minutes; the other tests have each schema once"]
fn all_real_schemas_pass_in_both_editions() {
    for (edition, year) in [(Edition::E2021, "2021"), (Edition::E2024, "2024")] {
        let versions = ["7.2", "10.0", "10.2"].into_iter().flat_map(qemu);
        let schemas = guest_agents().into_iter().chain(versions);
        let throwaway =
            Throwaway::new(&format!("all-{year}"), year).with_runtime_features(&["serde", "tokio"]);
        pass(
            throwaway,
            edition,
            schemas,
            &Config::new().introspection(true),
        );
    }
}

/// The schemas of these files, with their names.
fn revisions(paths: &[(&'static str, PathBuf)]) -> Vec<(&'static str, Schema)> {
    let mut sources = SourceMap::default();
    let mut schemas = Vec::new();
    for (name, path) in paths {
        let loaded = qapi_parser::load_beside(sources, path, &Disk, &Options::default());
        sources = loaded.sources;
        schemas.push((*name, loaded.schema.expect("the schema is valid")));
    }
    schemas
}

fn generate_revisions(schemas: &[(&str, Schema)], config: &Config) -> Output {
    let named: Vec<_> = schemas
        .iter()
        .map(|(name, schema)| (*name, schema))
        .collect();
    let output = config
        .generate_revisions(&named)
        .unwrap_or_else(|diagnostics| {
            let texts: Vec<_> = diagnostics.iter().map(|it| &it.message).collect();
            panic!("{texts:#?}");
        });
    assert_eq!(
        config.generate_revisions(&named).as_ref(),
        Ok(&output),
        "made twice"
    );
    output
}

#[test]
fn clients_of_several_revisions_pass_rustfmt_clippy_and_rustdoc() {
    let mut throwaway = Throwaway::new("revisions", "2024");
    let config = Config::new().server(false).introspection(true);
    let guest_agent = corpus::GUEST_AGENT_REVISIONS.map(|name| (name, corpus::guest_agent(name)));
    let guest_agent = revisions(&guest_agent);
    throwaway.add("guest_agent", &generate_revisions(&guest_agent, &config));
    if let Some(root) = corpus::root() {
        let path = |revision: &str, part: &str| {
            root.join(format!("qemu/{revision}/{part}/qapi-schema.json"))
        };
        for (module, part) in [("qmp", "qapi"), ("agent", "qga")] {
            let schemas = revisions(&["7.2", "10.0", "10.2"].map(|name| (name, path(name, part))));
            let config = config.clone().asynchronous(module == "qmp");
            throwaway.add(module, &generate_revisions(&schemas, &config));
        }
    }
    throwaway.check_format();
    throwaway.clippy(|_| false);
    throwaway.doc();
}

#[test]
fn random_schemas_pass_rustfmt_and_clippy_under_every_policy() {
    let mut throwaway = Throwaway::new("random", "2024");
    let mut made = 0;
    for seed in 0..40 {
        let settings = Settings {
            definitions: 14,
            docs: seed % 2 == 0,
            ..Settings::default()
        };
        let files = generate::schema(seed, &settings);
        let files = FilesInMemory::new(&files);
        let loaded = qapi_parser::load(Path::new("schema.json"), &files, &Options::default());
        let schema = loaded.schema.expect("random schemas are valid");
        let config = match seed % 3 {
            0 => Config::new(),
            1 => Config::new().conditions(Conditions::Resolve),
            _ => Config::new().conditions(Conditions::Cfg),
        };
        let Ok(output) = config.generate(&schema) else {
            // Names may clash; that has tests of its own.
            continue;
        };
        assert_eq!(
            config.generate(&schema).ok(),
            Some(output.clone()),
            "seed {seed}"
        );
        throwaway.add(&format!("seed_{seed}"), &output);
        made += 1;
    }
    assert!(made > 20, "most schemas should make sense: {made}");
    throwaway.check_format();
    throwaway.clippy(|_| false);
    throwaway.clippy(|_| true);
    throwaway.clippy(|number| number % 2 == 0);
}

/// A name of that many characters, in words.
fn kebab(length: usize) -> String {
    let mut name = String::new();
    for letter in ('a'..='z').cycle() {
        if name.len() >= length {
            break;
        }
        name.push(letter);
        if name.len() % 8 == 7 && name.len() + 1 < length {
            name.push('-');
        }
    }
    name
}

/// Every construct with names of every length: also the longest are laid out in a way that rustfmt keeps.
fn schema_of_all_lengths(longest: usize) -> String {
    let mut text = String::new();
    for length in 1..=longest {
        let k = kebab(length);
        let letters: String = ('a'..='z').cycle().take(length).collect();
        let c = format!("T{letters}");
        let event = k.to_uppercase().replace('-', "_");
        let _ = write!(
            text,
            "{{'enum': '{c}E', 'data': ['{k}', 'b']}}
             {{'enum': '{c}Eo', 'data': ['{k}', 'b', 'cccccc', 'ddddddd']}}
             {{'struct': '{c}S', 'data': {{'{k}-x': 'str', '*{k}-y': 'str', 'a-{k}': ['str'], '*b-{k}': '{c}E',
               'c-{k}': '{c}E', 'd-{k}': {{'type': 'int', 'features': ['deprecated', 'unstable']}}}}}}
             {{'struct': '{c}S1', 'data': {{'{k}': 'str'}}}}
             {{'struct': '{c}S2', 'data': {{'{k}': 'bool'}}}}
             {{'struct': '{c}S3', 'data': {{'{k}': '{c}S'}}}}
             {{'union': '{c}U', 'base': {{'x-{k}': 'int', 't{k}': '{c}E'}}, 'discriminator': 't{k}',
               'data': {{'{k}': '{c}S'}}}}
             {{'union': '{c}Uo', 'base': {{'*x-{k}': 'int', 't{k}': '{c}Eo'}}, 'discriminator': 't{k}',
               'data': {{'{k}': '{c}S'}}}}
             {{'union': '{c}Up', 'base': {{'*x-{k}': 'int', 't{k}': '{c}E'}}, 'discriminator': 't{k}',
               'data': {{'{k}': '{c}S'}}}}
             {{'alternate': '{c}A', 'data': {{'{k}': '{c}S', 's': 'str'}}}}
             {{'command': 'c{k}', 'data': {{'*{k}': 'int', 'y': '{c}U', 'z': '{c}E', 'w': '{c}A'}}, 'returns': '{c}Uo'}}
             {{'command': 'cg{k}', 'data': {{'{k}': 'int'}}, 'returns': '{c}Up', 'gen': false}}
             {{'command': 'd{k}'}}
             {{'command': 'e{k}', 'boxed': true, 'data': '{c}U', 'features': ['deprecated']}}
             {{'event': 'V{event}', 'data': {{'{k}': 'int'}}}}
             {{'event': 'W{event}', 'boxed': true, 'data': '{c}S'}}
             "
        );
    }
    text
}

#[test]
fn names_of_all_lengths_pass_rustfmt_and_clippy() {
    let text = schema_of_all_lengths(56);
    let files = [("schema.json".to_owned(), text)];
    let files = FilesInMemory::new(&files);
    let loaded = qapi_parser::load(Path::new("schema.json"), &files, &Options::default());
    let messages: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|it| &it.message)
        .take(3)
        .collect();
    let schema = loaded.schema.unwrap_or_else(|| panic!("{messages:#?}"));
    let mut throwaway = Throwaway::new("lengths", "2021");
    let asynchronous = Config::new().blocking(false).asynchronous(true);
    let formatted = Config::new()
        .formatter(Formatter::Rustfmt)
        .edition(Edition::E2021)
        .out_dir(throwaway.source("formatted"));
    // The same code as the next, which is compiled.
    throwaway.add_uncompiled("formatted", &generate(&schema, &formatted));
    throwaway.add("lengths", &generate(&schema, &Config::new()));
    throwaway.add("later", &generate(&schema, &asynchronous));
    throwaway.check_format();
    throwaway.clippy(|_| false);
}

/// Types, traits and variants of the preludes of 2021 and 2024, which every program has in scope.
const PRELUDE: &str = "AsMut AsRef AsyncFn AsyncFnMut AsyncFnOnce Box Clone Copy Default DoubleEndedIterator Drop Eq Err \
    ExactSizeIterator Extend Fn FnMut FnOnce From FromIterator Future Into IntoFuture IntoIterator Iterator None Ok Option \
    Ord PartialEq PartialOrd Result Send Sized Some String Sync ToOwned ToString TryFrom TryInto Unpin Vec";

/// A type, a command and an event for every name of the prelude and of our imports.
fn schema_of_known_names() -> String {
    let mut text = String::new();
    let imported = ["Any", "Command", "CommandInfo", "Null", "Object"];
    for name in PRELUDE.split_whitespace().chain(imported) {
        let mut kebab = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.extend(c.to_lowercase());
        }
        let event = kebab.to_uppercase().replace('-', "_");
        // Names of built-in types are taken; this makes the same of another name.
        if matches!(&*kebab, "any" | "null") {
            kebab.push('-');
        }
        let _ = write!(
            text,
            "{{ 'struct': '{name}', 'data': {{ '*text': 'str', 'list': [ 'any' ], 'self': 'null' }} }}
             {{ 'command': '{kebab}', 'data': {{ 'it': '{name}', '*text': 'str', 'list': [ 'any' ] }}, 'returns': '{name}' }}
             {{ 'event': '{event}', 'data': {{ 'it': '{name}', '*text': 'str', 'list': [ 'null' ] }} }}
             "
        );
    }
    text
}

#[test]
fn no_item_hides_a_name_of_the_prelude() {
    let files = FilesInMemory::new(&[("schema.json".to_owned(), schema_of_known_names())]);
    let loaded = qapi_parser::load(Path::new("schema.json"), &files, &Options::default());
    let messages: Vec<_> = loaded.diagnostics.iter().map(|it| &it.message).collect();
    let schema = loaded.schema.unwrap_or_else(|| panic!("{messages:#?}"));
    let config = Config::new().asynchronous(true);
    let output = generate(&schema, &config);
    for edition in ["2021", "2024"] {
        let mut throwaway = Throwaway::new(&format!("prelude-{edition}"), edition);
        throwaway.add("known", &output);
        throwaway.add_user(
            "/// Has all names of the schema in scope, and those of the prelude.
pub mod user {
    #[allow(unused_imports)]
    use crate::known::{commands::*, events::*, types::*};

    /// Needs the prelude.
    pub fn words<T: AsRef<str> + Into<String> + Clone + Default + PartialEq + Send + Sync>(
        texts: impl IntoIterator<Item = T>,
        check: impl Fn(&str) -> Result<Option<u8>, Box<String>>,
    ) -> Vec<Option<String>> {
        let texts = texts.into_iter().map(|text| match check(text.as_ref()) {
            Ok(Some(_)) => Some(text.into()),
            Ok(None) => None,
            Err(text) => Some(*text),
        });
        texts.collect()
    }
}
",
        );
        throwaway.check_format();
        throwaway.clippy(|_| false);
    }
}
