//! Generates types to fuzz: of our own schema of the guest agent, and of QMP where the corpus is.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use qapi_parser::Options;
use qapi_parser::source::Disk;

#[path = "../tests/build/table.rs"]
mod table;

/// Modules, and the schemas that they are made of. The second is read in place, if it is there.
const SCHEMAS: [(&str, &str); 2] = [
    ("guest_agent", "../schemas/guest-agent/current.json"),
    (
        "qmp_10_2",
        "../../shared/corpus/qemu/10.2/qapi/qapi-schema.json",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../tests/build/table.rs");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?);
    let (mut modules, mut tables, mut all) = (String::new(), String::new(), String::new());
    for (module, root) in SCHEMAS {
        let root = Path::new(root);
        if !root.exists() {
            continue;
        }
        qapi_codegen::Config::new()
            .module(module)
            .server(false)
            .formatter(qapi_codegen::Formatter::None)
            .compile(root)?;
        let loaded = qapi_parser::load(root, &Disk, &Options::default());
        let schema = loaded.schema.ok_or("a schema that compiles is valid")?;
        fs::write(
            out_dir.join(module).join("table.rs"),
            table::table(&schema)?,
        )?;
        writeln!(
            modules,
            "pub mod {module} {{ qapi_runtime::include_schema!({module:?}); }}"
        )?;
        let events = if schema.events.is_empty() {
            ""
        } else {
            ", events"
        };
        let table = format!("concat!(env!(\"OUT_DIR\"), \"/{module}/table.rs\")");
        writeln!(
            tables,
            "mod {module} {{
    use super::super::codec::{{Codec, members, reply, value}};
    use super::super::generated::{module}::{{commands, types{events}}};

    include!({table});
}}"
        )?;
        writeln!(
            all,
            "    Table {{ types: {module}::types, arguments: {module}::arguments, replies: {module}::replies, \
             events: {module}::events }},"
        )?;
    }
    fs::write(out_dir.join("modules.rs"), modules)?;
    let all = format!("pub(super) const ALL: &[Table] = &[\n{all}];\n");
    fs::write(out_dir.join("tables.rs"), tables + &all)?;
    Ok(())
}
