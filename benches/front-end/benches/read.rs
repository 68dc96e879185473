//! Reading and checking: the real QMP schema, then one and sixteen copies of it without comments.
//! Where `QEMU_SCRIPTS` names the `scripts` folder of QEMU's sources, its compiler is timed on the
//! same schema in the same run, and the ratio printed: to the library, and to `qapi check` as a process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use qapi_bench_front_end::{copies, qmp};
use qapi_parser::source::{Disk, Memory};
use qapi_parser::{Dialect, Options, check, load};

/// Copies of the schema that show how time grows.
const COPIES: usize = 16;

fn read(criterion: &mut Criterion) {
    let mut strict = Options::default();
    strict.dialect = Dialect::Strict;
    let schema = qmp("10.2");
    assert!(
        load(&schema, &Disk, &strict).schema.is_some(),
        "the schema has no errors"
    );
    criterion.bench_function("QMP 10.2", |bencher| {
        bencher.iter(|| load(&schema, &Disk, &strict))
    });

    for count in [1, COPIES] {
        let memory = Memory::new().with("all.json", copies(&schema, count));
        let loaded = load(Path::new("all.json"), &memory, &Options::default());
        assert!(
            loaded.schema.is_some(),
            "the copies have errors: {:?}",
            loaded
                .diagnostics
                .iter()
                .find(|one| one.severity == qapi_parser::diag::Severity::Error)
        );
        criterion.bench_function(&format!("without comments, {count} times"), |bencher| {
            bencher.iter(|| load(Path::new("all.json"), &memory, &Options::default()));
        });
    }
    growth(&schema);
    settling(&schema);
    compare_with_peer();
}

/// Time per copy among many copies, beside that of a single one. What grows with the square of the size would show as 16;
/// larger caches that are missed show as up to 2.
fn growth(schema: &Path) {
    let time = |count: usize| {
        let memory = Memory::new().with("all.json", copies(schema, count));
        let run = || drop(load(Path::new("all.json"), &memory, &Options::default()));
        best(20, run).as_secs_f64() / count as f64
    };
    let growth = time(COPIES) / time(1);
    goal(
        format!("{COPIES} copies: {growth:.2} times the time of one, per copy"),
        growth <= 2.0,
        "2",
    );
}

/// The cost of finding the release that accepts a schema.
fn settling(schema: &Path) {
    let mut strict = Options::default();
    strict.dialect = Dialect::Strict;
    let auto = best(50, || drop(check(schema, &Disk, &Options::default())));
    let strict = best(50, || drop(check(schema, &Disk, &strict)));
    let price = auto.as_secs_f64() / strict.as_secs_f64() - 1.0;
    goal(
        format!("settling on a release adds {:.1} %", price * 100.0),
        price <= 0.1,
        "10 %",
    );
}

/// The best of a few runs of the peer's compiler and of ours, on the schema that both can read.
fn compare_with_peer() {
    let Some(scripts) = std::env::var_os("QEMU_SCRIPTS") else {
        println!("QEMU_SCRIPTS is not set: no ratio");
        return;
    };
    let version = std::env::var("QEMU_VERSION").unwrap_or_else(|_| "7.2".to_owned());
    let schema = qmp(&version);
    let theirs = best(5, || {
        let mut compiler = Command::new("python3");
        compiler
            .arg(Path::new(&scripts).join("qapi-gen.py"))
            .arg("-b")
            .arg("-o")
            .arg(std::env::temp_dir().join("qapi-bench-peer"));
        succeed(compiler.arg(&schema));
    });
    let ours = best(30, || {
        assert!(load(&schema, &Disk, &Options::default()).schema.is_some());
    });
    compare("library", &version, ours, theirs, 130.0);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/qapi");
    if program.is_file() {
        let ours = best(60, || {
            succeed(Command::new(&program).arg("check").arg(&schema))
        });
        compare("process", &version, ours, theirs, 80.0);
    } else {
        println!("no {}: process not measured", program.display());
    }
}

fn compare(name: &str, version: &str, ours: Duration, theirs: Duration, wanted: f64) {
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    goal(
        format!("QMP {version}, {name}: {ours:?}, QEMU's compiler {theirs:?}, ratio 1/{ratio:.0}"),
        ratio >= wanted,
        &format!("1/{wanted}"),
    );
}

/// Prints a figure and its goal.
fn goal(figure: String, is_reached: bool, goal: &str) {
    let missed = if is_reached { "" } else { ", MISSED" };
    println!("{figure} (goal {goal}{missed})");
}

fn succeed(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{command:?} succeeds"
    );
}

fn best(runs: usize, run: impl Fn()) -> Duration {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

criterion_group!(benches, read);
criterion_main!(benches);
