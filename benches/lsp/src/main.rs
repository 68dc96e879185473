//! The language server while an editor types in `block-core.json` of QMP 10.2: time from a keystroke to
//! diagnostics, time of answers, memory.
//!
//! `cargo run --release -p qapi-benches-lsp`, in `benches/`, builds the server. A program that is named as an argument is
//! measured instead.

mod editor;
mod random;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use editor::{Age, Cost, Editor};
use random::Random;

/// Keystrokes that are timed.
const TIMED: usize = 1_000;
/// Keystrokes until memory is looked at.
const ALL: usize = 10_000;
/// Starts of the server, and requests of each kind, the median of which counts.
const STARTS: usize = 11;
const REQUESTS: usize = 200;

/// The text before the cursor, in requests about a place.
const PLACE: &str = "'base': '^BlockdevOptionsGenericFormat";

/// Resident memory after all keystrokes, in KiB.
const RESIDENT: u64 = 60 * 1024;

fn main() -> ExitCode {
    let schema =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/qemu/10.2/qapi");
    let path = schema.join("block-core.json");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("no {}: nothing to edit", path.display());
        return ExitCode::FAILURE;
    };
    let program = std::env::args_os()
        .nth(1)
        .map_or_else(server, PathBuf::from);
    let mut goals = Goals::default();

    let starts = (0..STARTS).map(|_| {
        let mut editor = Editor::start(&program, &schema, Age::Today);
        editor.open(&path, &text)
    });
    goals.time("start to first diagnostics", starts.collect(), 50, 100);

    let mut editor = Editor::start(&program, &schema, Age::Today);
    editor.open(&path, &text);
    let mut random = Random::default();
    let typed: Vec<_> = (0..TIMED)
        .map(|_| editor.type_at_random(&text, &mut random))
        .collect();
    goals.time("keystroke to diagnostics, median", typed.clone(), 50, 10);
    goals.time("keystroke to diagnostics, 99 %", typed, 99, 20);
    for _ in TIMED..ALL {
        editor.type_at_random(&text, &mut random);
    }
    let resident = editor.resident_kib();
    goals.judge(
        format!("resident after {ALL} keystrokes: {resident} KiB"),
        resident <= RESIDENT,
        &format!("{RESIDENT} KiB"),
    );

    editor.replace(&text);
    for (method, limit) in [
        ("hover", 2),
        ("definition", 2),
        ("completion", 2),
        ("references", 10),
    ] {
        // After the keystrokes, something may have to be made anew once.
        let answers = (0..REQUESTS).map(|_| editor.ask(method, &text, PLACE));
        goals.time(method, answers.collect(), 50, limit);
    }
    let mut editor = Editor::start(&program, &schema, Age::Earlier);
    editor.open(&path, &text);
    for (name, place) in [
        ("completion of a base for an earlier editor", PLACE),
        (
            "completion of a type for an earlier editor",
            "'returns': '^",
        ),
    ] {
        let answers = (0..REQUESTS).map(|_| editor.ask("completion", &text, place));
        goals.time(name, answers.collect(), 50, 2);
    }
    goals.finish()
}

/// Builds the server as it is installed.
fn server() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "-p", "qapi-cli"])
        .current_dir(&workspace)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the server cannot be built"
    );
    workspace.join("target/release/qapi")
}

/// Prints figures and their goals.
#[derive(Default)]
struct Goals {
    missed: usize,
}

impl Goals {
    /// A goal in milliseconds for the time that `percent` of the costs do not exceed: reached on the clock or, on a busy
    /// machine, in the server's processor time.
    fn time(&mut self, name: &str, costs: Vec<Cost>, percent: usize, limit: u64) {
        let at = |time: fn(&Cost) -> Duration| {
            let mut times: Vec<_> = costs.iter().map(time).collect();
            times.sort_unstable();
            times[(times.len() - 1) * percent / 100]
        };
        let (clock, processor) = (at(|it| it.clock), at(|it| it.processor));
        let limit = Duration::from_millis(limit);
        self.judge(
            format!("{name}: {clock:.2?}, processor time {processor:.2?}"),
            clock.min(processor) <= limit,
            &format!("{limit:?}"),
        );
    }

    fn judge(&mut self, figure: String, is_reached: bool, goal: &str) {
        self.missed += usize::from(!is_reached);
        println!(
            "{figure} (goal {goal}{})",
            if is_reached { "" } else { ", MISSED" }
        );
    }

    fn finish(self) -> ExitCode {
        println!("{} goals missed", self.missed);
        if self.missed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
