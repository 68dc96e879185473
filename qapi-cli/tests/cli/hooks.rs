//! The hooks for pre-commit, run by the real one.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check_tree::Tree;
use crate::harness::Scratch;

/// A Python with pre-commit: that of the peers, or the system's.
fn python() -> Option<PathBuf> {
    let peers = workspace().join("target/peers/bin/python3");
    let mut candidates = [peers, PathBuf::from("python3")].into_iter();
    candidates.find(|python| {
        let mut import = Command::new(python);
        let output = import.args(["-c", "import pre_commit"]).output();
        output.is_ok_and(|output| output.status.success())
    })
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = [
        "-c",
        "user.name=Nobody",
        "-c",
        "user.email=nobody@example.org",
    ];
    let mut git = Command::new("git");
    git.args(identity).args(arguments).current_dir(folder);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The path that programs are looked for in, with the `qapi` under test in front.
fn path() -> OsString {
    let command = Path::new(env!("CARGO_BIN_EXE_qapi"));
    let mut folders = vec![command.parent().unwrap().to_owned()];
    let path = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&path));
    env::join_paths(folders).unwrap()
}

#[test]
fn hooks_check_and_format_what_is_committed() {
    let Some(python) = python() else {
        return qapi_test_support::skip("no pre-commit");
    };
    let scratch = Scratch::new();
    let hooks = scratch.join("hooks");
    fs::create_dir(&hooks).unwrap();
    let file = ".pre-commit-hooks.yaml";
    fs::copy(workspace().join(file), hooks.join(file)).unwrap();
    git(&hooks, &["init", "-q"]);
    git(&hooks, &["add", "."]);
    git(&hooks, &["commit", "-q", "-m", "hooks"]);
    let revision = git(&hooks, &["rev-parse", "HEAD"]);

    let project = scratch.join("project");
    fs::create_dir_all(project.join("qapi")).unwrap();
    let part = project.join("qapi/part.json");
    fs::write(
        project.join("qapi/main.json"),
        "{ 'include': 'part.json' }\n",
    )
    .unwrap();
    fs::write(&part, "{ 'command': 'stop','returns': 'Reason' }\n").unwrap();
    // Not every JSON file is a schema.
    fs::write(project.join("other.json"), "[]\n").unwrap();
    fs::write(
        project.join(".pre-commit-config.yaml"),
        format!(
            "repos:\n- repo: {}\n  rev: {revision}\n  hooks:\n{}{}",
            hooks.display(),
            "  - { id: qapi-check, files: ^qapi/ }\n",
            "  - { id: qapi-fmt, files: ^qapi/ }\n"
        ),
    )
    .unwrap();
    git(&project, &["init", "-q"]);
    let run = || {
        git(&project, &["add", "."]);
        let mut run = Command::new(&python);
        run.args(["-m", "pre_commit", "run", "--all-files"]);
        run.env("PATH", path())
            .env("PRE_COMMIT_HOME", scratch.join("cache"));
        let output = run.current_dir(&project).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), text)
    };

    let (passed, text) = run();
    let mistake =
        "qapi/part.json:1:32: error[REF-UNKNOWN]: `returns` uses the unknown type `Reason`";
    assert!(!passed && text.contains(mistake), "{text}");
    assert!(text.contains("files were modified by this hook"), "{text}");
    let formatted = fs::read_to_string(&part).unwrap();
    assert_eq!(formatted, "{ 'command': 'stop', 'returns': 'Reason' }\n");

    let mended = format!("{formatted}\n{{ 'struct': 'Reason', 'data': {{}} }}\n");
    fs::write(&part, mended).unwrap();
    let (passed, text) = run();
    assert!(passed, "{text}");
}

/// The configuration that the README has for QEMU's tree.
fn configuration() -> String {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, rest) = readme
        .split_once("```yaml\n# .pre-commit-config.yaml\n")
        .expect("the README has a configuration");
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_hook_of_the_readme_serves_qemus_tree() {
    let (Some(python), Some(tree)) = (python(), Tree::new()) else {
        return qapi_test_support::skip("no pre-commit, or no schemas of QEMU");
    };
    let folder = tree.folder.path();
    fs::write(folder.join(".pre-commit-config.yaml"), configuration()).unwrap();
    fs::remove_dir(folder.join(".git")).unwrap();
    git(folder, &["init", "-q"]);
    let run = || {
        git(folder, &["add", "."]);
        let mut run = Command::new(&python);
        run.args(["-m", "pre_commit", "run", "--all-files"]);
        run.env("PATH", path())
            .env("PRE_COMMIT_HOME", folder.join(".git/cache"));
        let output = run.current_dir(folder).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), text)
    };
    let (passed, text) = run();
    assert!(passed, "{text}");
    let part = folder.join("qga/qapi-schema.json");
    let sound = fs::read_to_string(&part).unwrap();
    fs::write(
        &part,
        format!("{sound}{{ 'command': 'extra', 'returns': 'Gone' }}\n"),
    )
    .unwrap();
    let (passed, text) = run();
    assert!(!passed && text.contains("error[REF-UNKNOWN]"), "{text}");
}
