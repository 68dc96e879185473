//! Recorded traffic: `validate` beside Python's jsonschema, `record` beside socat, `mock` beside a client in Python, and
//! `reconstruct`.
//!
//! `cargo run --release -p qapi-benches-traffic`, in `benches/`, builds the command and measures all four; arguments name
//! those to measure instead. The schema is that of QMP in the peer's crate.

mod json_schema;
mod mock;
mod programs;
mod reconstruct;
mod record;
#[path = "../../client/schema.rs"]
mod schema;
mod validate;

use std::path::PathBuf;
use std::process::ExitCode;

use qapi_parser::ir::Schema;
use qapi_parser::source::Disk;

/// QMP, from the files in the peer's crate.
pub(crate) struct Subject {
    pub(crate) path: PathBuf,
    pub(crate) schema: Schema,
}

/// Collects the goals that are missed.
#[derive(Default)]
pub(crate) struct Goals {
    missed: Vec<String>,
}

impl Goals {
    /// Words for a figure that has a goal.
    pub(crate) fn check(&mut self, is_reached: bool, goal: &str) -> String {
        if is_reached {
            format!("goal {goal}, reached")
        } else {
            self.missed.push(goal.to_owned());
            format!("goal {goal}, MISSED")
        }
    }
}

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let path = schema::schema().expect("cargo knows the peer's crate");
    let loaded = qapi_parser::load(&path, &Disk, &qapi_parser::Options::default());
    let schema = loaded.schema.expect("the peer's schema is right");
    let subject = Subject { path, schema };
    let mut goals = Goals::default();
    let measures: [(&str, fn(&Subject, &mut Goals)); 4] = [
        ("validate", validate::measure),
        ("reconstruct", reconstruct::measure),
        ("mock", mock::measure),
        ("record", record::measure),
    ];
    for (name, measure) in measures {
        if chosen.is_empty() || chosen.iter().any(|it| it == name) {
            println!("{name}");
            measure(&subject, &mut goals);
        }
    }
    println!("{} goals missed", goals.missed.len());
    if goals.missed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
