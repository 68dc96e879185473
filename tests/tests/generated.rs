//! Laws that hold for every schema, tried on random ones.

use std::path::Path;

use qapi_codegen::{Config, Formatter};
use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::ir::Schema;
use qapi_parser::source::Disk;
use qapi_parser::{Dialect, Options, format};
use qapi_tests::generate::{self, FilesInMemory, Settings};
use qapi_tests::meaning::meaning;
use quote::ToTokens as _;
use syn::visit::Visit;

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

/// The parameters of every constructor in generated code, and their types as they are written.
#[derive(Default)]
struct Constructors(Vec<(String, Vec<String>)>);

impl<'ast> Visit<'ast> for Constructors {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let functions = item.items.iter().filter_map(|it| match it {
            syn::ImplItem::Fn(function) => Some(&function.sig),
            _ => None,
        });
        let is_new = |it: &&syn::Signature| it.ident == "new";
        for signature in functions.filter(is_new) {
            let types = signature.inputs.iter().filter_map(|it| match it {
                syn::FnArg::Typed(typed) => Some(typed.ty.to_token_stream().to_string()),
                syn::FnArg::Receiver(_) => None,
            });
            let owner = item.self_ty.to_token_stream().to_string();
            self.0.push((owner, types.collect()));
        }
    }
}

/// The types of constructors' parameters of which literals can be exchanged are one.
fn exchangeable(ty: &str) -> &str {
    match ty {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => "an integer",
        "impl Into < String >" | "impl Into < Vec < u8 > >" | "impl Into < Any >" => "text",
        other => other,
    }
}

fn assert_calls_are_plain(schema: &Schema, about: &str) -> usize {
    let output = Config::new().formatter(Formatter::None).generate(schema);
    let output = match output {
        Ok(output) => output,
        // Random names meet now and then.
        Err(problems) if problems.iter().all(|it| it.code == Code::GEN_NAME_CLASH) => return 0,
        Err(problems) => panic!("{about}: {problems:?}"),
    };
    let mut constructors = Constructors::default();
    for (_, text) in output.files() {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{about}: {error}"));
        constructors.visit_file(&file);
    }
    for (owner, types) in &constructors.0 {
        let pairs = types.windows(2);
        let equal = pairs.filter(|pair| exchangeable(&pair[0]) == exchangeable(&pair[1]));
        assert!(
            types.len() <= 3 && equal.count() == 0,
            "{about}: {owner}::new({})",
            types.join(", ")
        );
    }
    constructors.0.len()
}

#[test]
fn calls_of_constructors_say_which_value_is_which() {
    let mut seen = 0;
    for seed in 0..SEEDS / 4 {
        let files = generate::schema(seed, &settings(seed));
        let schema = accepted(seed, &files, Dialect::Strict);
        seen += assert_calls_are_plain(&schema, &format!("seed {seed}"));
    }
    assert!(seen > 100, "{seen} constructors");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/guest-agent/current.json");
    let loaded = qapi_parser::load(&root, &Disk, &Options::default());
    let schema = loaded.schema.expect("it is a schema of ours");
    assert_calls_are_plain(&schema, "the guest agent");
}
