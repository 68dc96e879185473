//! The files that packages install beside the program.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use qapi_tests::Scratch;

use crate::harness::PROGRAM;

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

fn text(name: &str) -> String {
    fs::read_to_string(packaging().join(name)).unwrap()
}

fn agent(arguments: &[&str]) -> String {
    let output = Command::new(PROGRAM)
        .args(arguments)
        .env_remove("QGA_CONF")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The long options that a text mentions.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let long = words.filter_map(|word| word.strip_prefix("--"));
    long.filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn manual_page_has_every_option() {
    let mut page = text("qapi-agent.8").replace("\\-", "-");
    for font in ["\\fB", "\\fI", "\\fR"] {
        page = page.replace(font, "");
    }
    assert_eq!(options(&page), options(&agent(&["--help"])));
}

#[test]
fn sample_configuration_shows_every_key_with_its_default() {
    let sample = text("qemu-ga.conf");
    let scratch = Scratch::new();
    let path = scratch.join("qemu-ga.conf");
    let is_key = |line: &&str| {
        line.strip_prefix('#')
            .is_some_and(|line| line.contains(" ="))
    };
    let keys: Vec<&str> = sample
        .lines()
        .filter(is_key)
        .map(|line| &line[1..])
        .collect();
    // As installed, and with every key uncommented, it means the same as an empty file.
    let plain = agent(&["--dump-conf", "--config", "/dev/null"]);
    fs::write(&path, &sample).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(agent(&["--dump-conf", "--config", path]), plain);
    // Keys that are unset by default have an example for a value.
    let examples = ["logfile", "fsfreeze-hook", "policy ="];
    let defaults = keys
        .iter()
        .filter(|line| !examples.iter().any(|key| line.starts_with(key)));
    let spelt_out = defaults.copied().collect::<Vec<_>>().join("\n");
    fs::write(path, format!("[general]\n{spelt_out}\n")).unwrap();
    let dump = agent(&["--dump-conf", "--config", path]);
    let without_own_keys = |text: &str| {
        let lines = text.lines().filter(|line| {
            !["max-", "vsock-", "policy-"]
                .iter()
                .any(|own| line.starts_with(own))
        });
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_own_keys(&dump), without_own_keys(&plain));
    // Every key that the agent can print is in the sample.
    let key = |line: &str| line.split(['=', ' ']).next().unwrap().to_owned();
    let known: BTreeSet<_> = keys.iter().map(|line| key(line)).collect();
    let hook = agent(&[
        "--dump-conf",
        "-F",
        "-l",
        "x",
        "--max-freeze-time=1",
        "--max-hook-time=1",
        "--max-idle-time=1",
        "--vsock-peers=2",
        "--policy=x",
        "--policy-dry-run",
    ]);
    let printed: BTreeSet<_> = hook.lines().skip(1).map(key).collect();
    assert_eq!(known, printed);
}

#[test]
fn drop_in_blocks_commands_that_act_on_programs_files_and_accounts() {
    let drop_in = text("restricted.conf");
    let (_, list) = drop_in.split_once("--block-rpcs=").unwrap();
    let blocked: BTreeSet<_> = list.lines().next().unwrap().split(',').collect();
    let all = agent(&["-b", "help"]);
    let wanted: BTreeSet<_> = all
        .lines()
        .filter(|name| {
            ["guest-exec", "guest-file-", "guest-ssh-"]
                .iter()
                .any(|start| name.starts_with(start))
                || *name == "guest-set-user-password"
        })
        .collect();
    assert_eq!(blocked, wanted);
}

/// A folder with the dispatcher and programs that note when they are called.
struct Hooks(Scratch);

impl Hooks {
    fn new(programs: &[(&str, u32, &str)]) -> Self {
        let scratch = Scratch::new();
        fs::copy(
            packaging().join("fsfreeze-hook"),
            scratch.join("fsfreeze-hook"),
        )
        .unwrap();
        fs::create_dir(scratch.join("fsfreeze-hook.d")).unwrap();
        for (name, mode, end) in programs {
            let path = scratch.join("fsfreeze-hook.d").join(name);
            let calls = scratch.join("calls");
            let script = format!(
                "#!/bin/sh\necho \"{name} $1\" >> '{}'\n{end}\n",
                calls.display()
            );
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
        }
        Self(scratch)
    }

    /// Calls the dispatcher; returns its result and the programs that were called.
    fn call(&self, action: &str) -> (Output, Vec<String>) {
        let _ = fs::remove_file(self.0.join("calls"));
        let mut command = Command::new("/bin/sh");
        let output = command
            .arg(self.0.join("fsfreeze-hook"))
            .arg(action)
            .output()
            .unwrap();
        let calls = fs::read_to_string(self.0.join("calls")).unwrap_or_default();
        (output, calls.lines().map(str::to_owned).collect())
    }
}

#[test]
fn hooks_run_in_order_before_a_freeze_and_in_reverse_after_it() {
    let hooks = Hooks::new(&[
        ("10-first", 0o755, ""),
        ("20 with a blank", 0o755, ""),
        ("30-not-executable", 0o644, ""),
        ("40-old.dpkg-old", 0o755, ""),
        ("50-backup~", 0o755, ""),
        ("90-last", 0o755, ""),
    ]);
    let (output, calls) = hooks.call("freeze");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        calls,
        [
            "10-first freeze",
            "20 with a blank freeze",
            "90-last freeze"
        ]
    );
    let (output, calls) = hooks.call("thaw");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        calls,
        ["90-last thaw", "20 with a blank thaw", "10-first thaw"]
    );
}

#[test]
fn a_hook_that_fails_before_a_freeze_fails_it_and_the_earlier_ones_are_told() {
    let hooks = Hooks::new(&[
        ("1", 0o755, ""),
        ("2", 0o755, ""),
        ("3", 0o755, "exit 7"),
        ("4", 0o755, ""),
    ]);
    let (output, calls) = hooks.call("freeze");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(
        calls,
        ["1 freeze", "2 freeze", "3 freeze", "2 thaw", "1 thaw"]
    );
    // After a freeze all are called, even if some fail.
    let (output, calls) = hooks.call("thaw");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(calls, ["4 thaw", "3 thaw", "2 thaw", "1 thaw"]);
    let nobody = Hooks::new(&[]);
    for action in ["freeze", "thaw"] {
        assert!(nobody.call(action).0.status.success(), "{action}");
    }
    assert_eq!(nobody.call("melt").0.status.code(), Some(2));
}
