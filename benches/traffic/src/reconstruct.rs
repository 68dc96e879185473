//! A schema from the introspection of a QMP server.

use std::process::Command;
use std::time::{Duration, Instant};

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_diff::reconstruct::reconstruct;
use qapi_parser::ir::Condition;
use qapi_runtime::introspect::Introspection;

use crate::programs::{Folder, qapi};
use crate::{Goals, Subject};

const GOAL: Duration = Duration::from_millis(100);

pub(crate) fn measure(subject: &Subject, goals: &mut Goals) {
    let schema = &subject.schema;
    let all = |_: &Condition| true;
    let description = describe(schema, TypeNames::Masked, &all).to_json();
    let best = |run: &mut dyn FnMut()| {
        let times = (0..10).map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        });
        times.min().unwrap_or_default()
    };
    let library = best(&mut || {
        let introspection = Introspection::parse(description.as_bytes()).expect("it is introspection");
        let made = reconstruct(&introspection, &[]).expect("QMP can be written");
        assert!(made.made_names > 500);
    });
    let folder = Folder::new();
    let file = folder.file("description.json");
    std::fs::write(&file, &description).expect("the folder is writable");
    let program = best(&mut || {
        let output = Command::new(qapi()).arg("reconstruct").arg(&file).output();
        assert!(output.is_ok_and(|it| it.status.success() && it.stdout.len() > 100_000));
    });
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "  QMP, {} entries: {:.1} ms by the library, {:.1} ms by the command; {}",
        description.matches("\"meta-type\"").count(),
        ms(library),
        ms(program),
        goals.check(program <= GOAL, "100 ms")
    );
}
