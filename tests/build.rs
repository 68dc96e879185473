//! Generates code for the tests: both sides of the guest agent's protocol for the README's
//! programs, and clients of QEMU's own servers from the corpus, which is read in place.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use qapi_parser::Options;
use qapi_parser::source::Disk;

#[expect(unreachable_pub, reason = "the tests have it, too")]
#[path = "build/queries.rs"]
mod queries;
#[expect(unreachable_pub, reason = "the fuzz targets have it, too")]
#[path = "build/table.rs"]
mod table;

use queries::queries;
use table::table;

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
    println!("cargo::rerun-if-changed=build");
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

/// Writes a file unless it has that text already: what includes it is not compiled again then.
fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text)
}
