//! A check for CI: `cargo run --example compatibility -- old.json new.json` fails if a program that worked with the
//! old schema does not work with the new one. `qapi diff` does the same, with all options.

use std::process::ExitCode;

use qapi_diff::{Config, Level, Model, Symbols, compare};
use qapi_parser::ir::Schema;
use qapi_parser::source::Disk;

fn load(path: &str) -> Result<Schema, String> {
    let loaded = qapi_parser::load(path.as_ref(), &Disk, &qapi_parser::Options::default());
    loaded
        .schema
        .ok_or(format!("{path} has errors; `qapi check` tells which"))
}

fn main() -> Result<ExitCode, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [old, new] = arguments.as_slice() else {
        return Err("two schemas are needed".to_owned());
    };
    let (old, new) = (load(old)?, load(new)?);
    let symbols = Symbols::default();
    let comparison = compare(
        &Model::of_schema(&old, &symbols),
        &Model::of_schema(&new, &symbols),
    );
    let judgement = Config::default().judge(comparison.changes, None);
    for finding in &judgement.findings {
        if finding.level == Level::Breaking {
            println!("{}: {}", finding.change.path, finding.message());
        }
    }
    let breaks = judgement.worst() == Some(Level::Breaking);
    Ok(ExitCode::from(u8::from(breaks)))
}
