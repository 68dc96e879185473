//! Comparisons as processes: two revisions of QMP, a matrix of thirteen, and files of 100 kB that are hard to compare.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use qapi_benches_command_line::{best, is_meter, report, run_qapi, workspace};

mod shapes;

use shapes::{LARGEST_FILE, SHAPES};

const FORMATS: [&str; 5] = ["text", "json", "markdown", "github", "sarif"];

/// Versions of the peer's crate of QMP, which `.ci/crates` unpacks.
const VERSIONS: [&str; 13] = [
    "0.0.1", "0.2.0", "0.3.0", "0.4.0", "0.6.0", "0.7.0", "0.8.0", "0.9.0", "0.10.0", "0.11.0",
    "0.12.0", "0.13.0", "0.14.0",
];

fn main() -> ExitCode {
    if is_meter() {
        return ExitCode::SUCCESS;
    }
    let mut holds = true;
    if let Some(schemas) = schemas() {
        let [.., old, new] = &schemas[..] else {
            return ExitCode::FAILURE;
        };
        for format in FORMATS {
            let run = || {
                run_qapi([
                    "diff".as_ref(),
                    old.as_os_str(),
                    new.as_os_str(),
                    "--format".as_ref(),
                    format.as_ref(),
                ])
            };
            let what = format!("two revisions of QMP as {format}");
            holds &= report(&what, best(9, run), Duration::from_millis(50), 64 << 20);
        }
    }
    let folder = std::env::temp_dir().join(format!("qapi-bench-diff-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("the temporary folder is writable");
    for (name, make) in SHAPES {
        let fits = |count| {
            [false, true]
                .iter()
                .all(|is_new| make(count, *is_new).len() <= LARGEST_FILE)
        };
        // The largest that fits, by halves.
        let mut count = 1;
        let mut step = 1 << 14;
        while step > 0 {
            if fits(count + step) {
                count += step;
            }
            step /= 2;
        }
        let paths = [false, true].map(|is_new| {
            let path = folder.join(format!(
                "{name}-{}.json",
                if is_new { "new" } else { "old" }
            ));
            std::fs::write(&path, make(count, is_new)).expect("the folder is writable");
            path
        });
        for format in FORMATS {
            let run = || {
                run_qapi([
                    "diff".as_ref(),
                    paths[0].as_os_str(),
                    paths[1].as_os_str(),
                    "--format".as_ref(),
                    format.as_ref(),
                ])
            };
            let what = format!("{name} of {count} as {format}");
            holds &= report(&what, best(1, run), Duration::from_secs(1), 256 << 20);
        }
    }
    std::fs::remove_dir_all(&folder).expect("it is ours");
    if let Some(schemas) = schemas() {
        let run = || run_qapi([PathBuf::from("matrix")].iter().chain(&schemas));
        holds &= report(
            "a matrix of 13 revisions of QMP",
            best(5, run),
            Duration::from_millis(300),
            u64::MAX,
        );
    }
    ExitCode::from(u8::from(!holds))
}

/// Returns the main files of all versions; none where the crates are not unpacked.
fn schemas() -> Option<Vec<PathBuf>> {
    let crates = workspace().join("target/peers/crates");
    let main_file = |version: &&str| {
        let folder = crates.join(format!("qapi-qmp-{version}/schema"));
        let places = ["qapi/qapi-schema.json", "qapi-schema.json"];
        let mut places = places.iter().map(|place| folder.join(place));
        places.find(|path| path.is_file())
    };
    VERSIONS.iter().map(main_file).collect()
}
