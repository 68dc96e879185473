//! Validating replies: ours and Python's jsonschema, on the same documents.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use qapi_parser::ir::Schema;
use qapi_traffic::{Audit, Build, ServerModel, Validator};
use serde_json::json;

use crate::json_schema::definitions;
use crate::programs::{Folder, python_program};
use crate::{Goals, Subject};

const GOAL: f64 = 50.0;

/// Replies to each command.
const SEEDS: u64 = 8;

/// Reads documents, judges each by the schema of its command, and prints the seconds of reading and of judging, the best of
/// three.
const PYTHON: &str = r##"
import json, sys, time
from jsonschema import Draft202012Validator
definitions, commands = json.load(open(sys.argv[1]))
validators = {
    name: Draft202012Validator({"$ref": "#/$defs/" + number, "$defs": definitions})
    for name, number in commands.items()
}
lines = open(sys.argv[2]).read().splitlines()
best = None
for _ in range(3):
    start = time.process_time()
    documents = [json.loads(line) for line in lines]
    read = time.process_time()
    wrong = sum(not validators[name].is_valid(reply) for name, reply in documents)
    judged = time.process_time()
    times = (read - start, judged - read)
    best = min(best or times, times, key=sum)
print(wrong, *best)
"##;

pub(crate) fn measure(subject: &Subject, goals: &mut Goals) {
    let schema = &subject.schema;
    let build = Build::default();
    let validator = Validator::new(schema, &build);
    let (mut documents, mut recording) = (String::new(), String::new());
    let mut count: u32 = 0;
    for seed in 0..SEEDS {
        let model = ServerModel::new(schema, &build, seed);
        for command in &schema.commands {
            let Some(reply) = model.reply(&command.name) else {
                continue;
            };
            if !command.success_response || command.returns.is_none() {
                continue;
            }
            let name = &command.name;
            writeln!(documents, "[{name:?}, {reply}]").expect("writing to a string cannot fail");
            writeln!(
                recording,
                "{{\"execute\": {name:?}, \"id\": {count}}}\n{{\"return\": {reply}, \"id\": {count}}}"
            )
            .expect("writing to a string cannot fail");
            count += 1;
        }
    }
    let ours = (0..25).map(|_| {
        let start = Instant::now();
        let mut audit = Audit::new(&validator);
        audit
            .read(recording.as_bytes())
            .expect("memory can be read");
        assert_eq!(audit.counts().replies, u64::from(count));
        start.elapsed()
    });
    let ours = ours.min().unwrap_or_default();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(count);
    println!(
        "  {count} replies, {} kB, with their requests: {:.2} µs each",
        recording.len() / 1000,
        each(ours)
    );
    let Some((read, judged)) = python(schema, &documents) else {
        println!("  no Python with jsonschema: nothing to compare with (pip install jsonschema)");
        return;
    };
    // All that ours does is in its time: reading lines and JSON, and finding the request of a reply.
    let ratio = |theirs: Duration| theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "  jsonschema {:.2} µs each, {:.2} µs with reading them: {:.0} ×, {:.0} × with reading; {}",
        each(judged),
        each(read + judged),
        ratio(judged),
        ratio(read + judged),
        goals.check(ratio(judged) >= GOAL, "50 × jsonschema alone")
    );
}

/// Returns the times of Python; none if it has no jsonschema.
fn python(schema: &Schema, documents: &str) -> Option<(Duration, Duration)> {
    let folder = Folder::new();
    let (definitions_file, documents_file) = (folder.file("schema"), folder.file("documents"));
    let commands = schema.commands.iter();
    let numbers: serde_json::Map<_, _> = commands
        .filter_map(|it| Some((it.name.clone(), json!(it.returns?.index().to_string()))))
        .collect();
    let schemas = json!([definitions(schema), numbers]);
    std::fs::write(&definitions_file, schemas.to_string()).expect("the folder is writable");
    std::fs::write(&documents_file, documents).expect("the folder is writable");
    let output = Command::new(python_program())
        .args(["-c", PYTHON])
        .args([&definitions_file, &documents_file])
        .output();
    let output = output.ok().filter(|it| it.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(|it| it.parse::<f64>());
    let mut next = || {
        numbers
            .next()
            .and_then(Result::ok)
            .expect("it prints three numbers")
    };
    // The schema for Python must accept the same, or the comparison is meaningless.
    assert!(next() == 0.0, "jsonschema finds mistakes in {text}");
    Some((
        Duration::from_secs_f64(next()),
        Duration::from_secs_f64(next()),
    ))
}
