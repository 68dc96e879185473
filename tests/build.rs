//! Generates what the tests talk with: both sides of the guest agent's protocol for the README's
//! programs, and clients of QEMU's own servers from the corpus, which is read in place.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use qapi_parser::Options;
use qapi_parser::ir::{Schema, TypeDef, TypeKind};
use qapi_parser::source::Disk;

/// The schemas of QEMU's servers that clients are made from, below `corpus/qemu`, and their modules.
const SERVERS: [(&str, &str); 4] = [
    ("qmp_7_2", "7.2/qapi/qapi-schema.json"),
    ("qmp_10_0", "10.0/qapi/qapi-schema.json"),
    ("qmp_10_2", "10.2/qapi/qapi-schema.json"),
    (
        "storage_daemon_7_2",
        "7.2/storage-daemon/qapi/qapi-schema.json",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    qapi_codegen::Config::new()
        .module("guest_agent")
        .compile("../schemas/guest-agent/2.5.json")?;
    qapi_codegen::Config::new()
        .module("old_machine")
        .server(false)
        .compile("data/old-machine/schema.json")?;
    // Their absence is an error where nothing may be skipped; the tests see to that.
    println!("cargo::rustc-check-cfg=cfg(corpus)");
    println!("cargo::rerun-if-changed=build.rs");
    let corpus = Path::new("../../shared/corpus/qemu");
    if !corpus.is_dir() {
        return Ok(());
    }
    println!("cargo::rustc-cfg=corpus");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?);
    for (module, root) in SERVERS {
        let root = corpus.join(root);
        qapi_codegen::Config::new()
            .module(module)
            .server(false)
            .formatter(qapi_codegen::Formatter::None)
            .compile(&root)?;
        let loaded = qapi_parser::load(&root, &Disk, &Options::default());
        let schema = loaded.schema.ok_or("a schema that compiles is valid")?;
        keep(&out_dir.join(module).join("table.rs"), &table(&schema)?)?;
        keep(
            &out_dir.join(module).join("queries.rs"),
            &queries(&[&schema])?,
        )?;
    }
    united(corpus, &out_dir)
}

/// Makes one client for all revisions of QMP in the corpus.
fn united(corpus: &Path, out_dir: &Path) -> Result<(), Box<dyn Error>> {
    const MODULE: &str = "qmp";
    let revisions = ["7.2", "10.0", "10.2"];
    let root = |revision| corpus.join(revision).join("qapi/qapi-schema.json");
    qapi_codegen::Config::new()
        .module(MODULE)
        .server(false)
        .formatter(qapi_codegen::Formatter::None)
        .revisions(revisions.map(|revision| (revision, root(revision))))
        .compile()?;
    let mut schemas = Vec::new();
    for revision in revisions {
        let loaded = qapi_parser::load(&root(revision), &Disk, &Options::default());
        schemas.push(loaded.schema.ok_or("a schema that compiles is valid")?);
    }
    let schemas: Vec<_> = schemas.iter().collect();
    keep(
        &out_dir.join(MODULE).join("queries.rs"),
        &queries(&schemas)?,
    )?;
    Ok(())
}

/// A function that executes every `query-*` command that needs no arguments and hands out what came of each.
fn queries(revisions: &[&Schema]) -> Result<String, std::fmt::Error> {
    let mut commands = BTreeMap::new();
    for schema in revisions {
        for command in &schema.commands {
            let members = command
                .arguments
                .map_or(Vec::new(), |ty| schema.flattened(ty));
            let is_query = command.name.starts_with("query-")
                && members.iter().all(|(_, member)| member.optional);
            // Needed by one revision, an argument keeps the command out.
            let known = commands
                .entry(command.name.as_str())
                .or_insert((true, false));
            known.0 &= is_query;
            known.1 |= !members.is_empty();
        }
    }
    let mut text = "pub(crate) fn each<E: Execute>(
    client: &mut E,
    mut outcome: impl FnMut(&'static str, Result<(), ClientError>),
) {
"
    .to_owned();
    for (name, (_, has_members)) in commands.iter().filter(|(_, (is_query, _))| *is_query) {
        let new = if *has_members { "::new()" } else { "" };
        let rust = camel_case(name);
        writeln!(
            text,
            "    outcome({name:?}, client.execute(&commands::{rust}{new}).map(drop));"
        )?;
    }
    text.push_str("}\n");
    Ok(text)
}

/// Functions that give the code of all types, commands and events of a schema by their names in it. What includes them
/// has to say what a `Codec` is and how to make one of a type.
fn table(schema: &Schema) -> Result<String, std::fmt::Error> {
    let is_defined = |ty: &&TypeDef| {
        let has_own_code = !matches!(ty.kind, TypeKind::Builtin(_) | TypeKind::Array(_));
        has_own_code && ty.span.is_some() && !ty.implicit
    };
    let mut text = "use std::collections::BTreeMap;\n".to_owned();
    let mut function = |name: &str, output: &str, entries: Vec<(&str, String)>| {
        writeln!(
            text,
            "pub(crate) fn {name}() -> BTreeMap<&'static str, {output}> {{"
        )?;
        writeln!(text, "    const ENTRIES: &[(&str, {output})] = &[")?;
        for (wire, value) in entries {
            writeln!(text, "        ({wire:?}, {value} as _),")?;
        }
        writeln!(text, "    ];\n    ENTRIES.iter().copied().collect()\n}}")
    };
    let types = schema.types.iter().filter(is_defined);
    let types = types.map(|it| {
        // Its own name would hide the one of the standard library.
        let name = if it.name == "String" {
            "QapiString"
        } else {
            &it.name
        };
        (it.name.as_str(), format!("value::<types::{name}>"))
    });
    function("types", "Codec", types.collect())?;
    let names = |it| (it, camel_case(it));
    let commands: Vec<_> = schema.commands.iter().map(|it| names(&it.name)).collect();
    let events = schema.events.iter().map(|it| names(&it.name));
    for (name, codec, module, entries) in [
        ("arguments", "members", "commands", commands.clone()),
        ("replies", "reply", "commands", commands),
        ("events", "members", "events", events.collect()),
    ] {
        let entry = |(wire, rust)| (wire, format!("{codec}::<{module}::{rust}>"));
        function(name, "Codec", entries.into_iter().map(entry).collect())?;
    }
    Ok(text)
}

/// A name of a command or event as the generator spells it. Where that should be wrong, the tests do not compile.
fn camel_case(name: &str) -> String {
    let words = name.split(['-', '_']);
    words
        .flat_map(|word| {
            let first = word.chars().take(1).map(|it| it.to_ascii_uppercase());
            first.chain(word.chars().skip(1).map(|it| it.to_ascii_lowercase()))
        })
        .collect()
}

/// Writes a file unless it has that text already: what includes it is not compiled again then.
fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text)
}
