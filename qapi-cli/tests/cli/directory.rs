//! Directories of generated files: runs at the same time, runs that are killed, disks that are full.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::harness::{Run, Scratch, command, qapi};

/// One of two outputs for one directory, which differ in names and contents of files.
fn arguments(number: usize, directory: &Path) -> Vec<String> {
    let more: &[&str] = match number % 2 {
        0 => &["--client", "--introspection"],
        _ => &["--server", "--rename", "Point=Spot"],
    };
    of_verb("generate", more, directory)
}

/// The same for `qapi docs`.
fn docs_arguments(number: usize, directory: &Path) -> Vec<String> {
    let more: &[&str] = match number % 2 {
        0 => &["--title", "One"],
        _ => &["clean.json", "--title", "Two"],
    };
    of_verb("docs", more, directory)
}

fn of_verb(verb: &str, more: &[&str], directory: &Path) -> Vec<String> {
    let directory = directory.to_str().unwrap();
    let arguments = [verb, "clean.json", "--out-dir", directory];
    arguments
        .iter()
        .chain(more)
        .map(|&it| it.to_owned())
        .collect()
}

type Arguments = fn(usize, &Path) -> Vec<String>;

/// Both outputs, each in a fresh directory.
fn fresh(arguments: Arguments) -> [BTreeMap<PathBuf, Vec<u8>>; 2] {
    [0, 1].map(|number| {
        let scratch = Scratch::new();
        let run = qapi(arguments(number, scratch.path()));
        assert_eq!(run.status, 0, "{run}");
        Scratch::files_below(scratch.path())
    })
}

#[test]
fn runs_at_the_same_time_wait_for_each_other() {
    for arguments in [arguments as Arguments, docs_arguments] {
        let fresh = fresh(arguments);
        let scratch = Scratch::new();
        for round in 0..30 {
            let both = [round, round + 1].map(|number| {
                let arguments = arguments(number, scratch.path());
                command(arguments).spawn().unwrap()
            });
            let both = both.map(|child| child.wait_with_output().unwrap().status.code());
            assert_eq!(both, [Some(0), Some(0)], "round {round}");
            let files = Scratch::files_below(scratch.path());
            assert!(fresh.contains(&files), "round {round}: {:?}", files.keys());
        }
    }
}

#[test]
fn a_killed_run_is_made_good_by_the_next() {
    let fresh = fresh(arguments);
    let scratch = Scratch::new();
    let start = Instant::now();
    qapi(arguments(1, scratch.path()));
    let duration = start.elapsed();
    for round in 0..40 {
        let mut child = command(arguments(round, scratch.path())).spawn().unwrap();
        thread::sleep(duration * u32::try_from(round % 20).unwrap() / 20);
        // It may have ended already.
        let _ = child.kill();
        child.wait().unwrap();
        let files = Scratch::files_below(scratch.path());
        if !fresh.contains(&files) {
            let mut check = arguments(round, scratch.path());
            check.push("--check".to_owned());
            let check = qapi(check);
            assert!(check.stdout.contains("leftover: "), "{check}");
            assert_eq!(check.status, 1);
        }
        let number = round / 2;
        let run = qapi(arguments(number, scratch.path()));
        assert_eq!(run.to_string(), "status: 0");
        assert_eq!(
            Scratch::files_below(scratch.path()),
            fresh[number % 2],
            "round {round}"
        );
    }
}

#[test]
fn leftovers_of_a_killed_run_are_seen_and_removed() {
    let fresh = fresh(arguments);
    let scratch = Scratch::new();
    qapi(arguments(0, scratch.path()));
    for (name, state) in [(".qapi-staging", 0), (".qapi-publishing", 1)] {
        fs::create_dir_all(scratch.join(name).join("old")).unwrap();
        fs::write(scratch.join(name).join("created"), "server.rs\n../x\n").unwrap();
        if state == 1 {
            fs::write(scratch.join("server.rs"), "half").unwrap();
            fs::rename(
                scratch.join("client.rs"),
                scratch.join(name).join("old/client.rs"),
            )
            .unwrap();
        }
        let mut check = arguments(0, scratch.path());
        check.push("--check".to_owned());
        let run = qapi(&check);
        assert_eq!(run.status, 1, "{run}");
        let line = format!("leftover: {}\n", scratch.join(name).display());
        assert!(run.stdout.contains(&line), "{run}");
        let mut again = arguments(0, scratch.path());
        again.push("-v".to_owned());
        let run = qapi(again);
        let line = format!("removed {}\n", scratch.join(name).display());
        assert!(run.stderr.contains(&line), "{run}");
        assert_eq!(Scratch::files_below(scratch.path()), fresh[0]);
        assert_eq!(qapi(check).to_string(), "status: 0");
    }
}

#[test]
fn directory_may_be_a_link() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("real")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("real", scratch.join("link")).unwrap();
    #[cfg(not(unix))]
    fs::create_dir(scratch.join("link")).unwrap();
    for number in [0, 1, 0] {
        let run = qapi(arguments(number, &scratch.join("link")));
        assert_eq!(run.to_string(), "status: 0");
        assert_eq!(
            Scratch::files_below(&scratch.join("link")),
            fresh(arguments)[number]
        );
    }
}

/// Runs the binary as an argument of another program.
#[cfg(target_os = "linux")]
fn under(wrapper: &[&str], arguments: &[String]) -> Run {
    let inner = command(arguments);
    let output = Command::new(wrapper[0])
        .args(&wrapper[1..])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(crate::harness::data())
        .output();
    output.expect("the program runs").into()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_files() {
    let scratch = Scratch::new();
    qapi(arguments(0, scratch.path()));
    let before = Scratch::files_below(scratch.path());
    // A limit on the size of files, in place of a full disk.
    let limit = ["env", "--ignore-signal=XFSZ", "prlimit", "--fsize=1500"];
    let run = under(&limit, &arguments(1, scratch.path()));
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stderr.starts_with("error: cannot write "), "{run}");
    assert_eq!(Scratch::files_below(scratch.path()), before);
    let absent = scratch.join("absent/too");
    let run = under(&limit, &arguments(1, &absent));
    assert_eq!(run.status, 2, "{run}");
    assert!(
        !scratch.join("absent").exists(),
        "a directory of the failed run is left"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_may_not_be_written_to_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::new();
    qapi(arguments(0, scratch.path()));
    let before = Scratch::files_below(scratch.path());
    let mode = |mode: u32| {
        fs::set_permissions(scratch.path(), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o555);
    // The superuser may write anywhere, unless that right is given up.
    let is_denied = fs::write(scratch.join("probe"), "").is_err();
    let drop_rights = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"];
    let wrapper: &[&str] = if is_denied { &["env"] } else { &drop_rights };
    let _ = fs::remove_file(scratch.join("probe"));
    let run = under(wrapper, &arguments(1, scratch.path()));
    let current = under(wrapper, &arguments(0, scratch.path()));
    mode(0o755);
    assert_eq!(run.status, 2, "{run}");
    assert!(
        run.stderr.starts_with("error: cannot create ") && run.stderr.contains("ermission denied"),
        "{run}"
    );
    assert_eq!(Scratch::files_below(scratch.path()), before);
    assert_eq!(current.to_string(), "status: 0", "nothing to write");
}
