//! Reading and checking: the real QMP schema, then one and ten copies of it without comments.
//! Where `QEMU_SCRIPTS` names the `scripts` folder of QEMU's sources, its compiler is timed on the
//! same schema in the same run, and the ratio printed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use qapi_bench_front_end::{copies, qmp};
use qapi_parser::source::{Disk, Memory};
use qapi_parser::{Dialect, Options, load};

fn read(criterion: &mut Criterion) {
    let mut strict = Options::default();
    strict.dialect = Dialect::Strict;
    let schema = qmp("10.2");
    assert!(
        load(&schema, &Disk, &strict).schema.is_some(),
        "the schema is fine"
    );
    criterion.bench_function("QMP 10.2", |bencher| {
        bencher.iter(|| load(&schema, &Disk, &strict))
    });

    for count in [1, 10] {
        let memory = Memory::new().with("all.json", copies(&schema, count));
        let loaded = load(Path::new("all.json"), &memory, &Options::default());
        assert!(
            loaded.schema.is_some(),
            "copies are fine: {:?}",
            loaded
                .diagnostics
                .iter()
                .find(|one| one.severity == qapi_parser::diag::Severity::Error)
        );
        criterion.bench_function(&format!("without comments, {count} times"), |bencher| {
            bencher.iter(|| load(Path::new("all.json"), &memory, &Options::default()));
        });
    }
    compare_with_peer();
}

/// The best of a few runs of the peer's compiler and of ours, on the schema that both can read.
fn compare_with_peer() {
    let Some(scripts) = std::env::var_os("QEMU_SCRIPTS") else {
        println!("QEMU_SCRIPTS is not set: no ratio");
        return;
    };
    let version = std::env::var("QEMU_VERSION").unwrap_or_else(|_| "7.2".to_owned());
    let schema = qmp(&version);
    let ours = best(30, || {
        assert!(load(&schema, &Disk, &Options::default()).schema.is_some());
    });
    let theirs = best(5, || {
        let status = Command::new("python3")
            .arg(Path::new(&scripts).join("qapi-gen.py"))
            .arg("-b")
            .arg("-o")
            .arg(std::env::temp_dir().join("qapi-bench-peer"))
            .arg(&schema)
            .stdout(Stdio::null())
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "QEMU's compiler runs"
        );
    });
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "QMP {version}: read and check {ours:?}, QEMU's compiler {theirs:?}, ratio 1/{ratio:.0}"
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
