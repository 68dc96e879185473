//! The workflow for GitHub: it is YAML, and its commands do what they say.

use std::fs;
use std::process::Command;

use qapi_tests::Scratch;
use qapi_tests::{corpus, peer, workspace};
use serde_json::Value;

#[test]
fn the_workflow_checks_a_recording() {
    let Some(python) = peer::python_with_yaml() else {
        return;
    };
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let output = Command::new(python)
        .args(["-c", program])
        .arg(workspace().join("docs/workflows/impact.yml"))
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{output:?}");
    let workflow: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let steps = workflow["jobs"]["impact"]["steps"]
        .as_array()
        .expect("it has steps");
    let commands = steps.iter().filter_map(|step| step["run"].as_str());
    let commands: Vec<_> = commands.filter(|run| run.starts_with("qapi ")).collect();
    assert_eq!(commands.len(), 2, "{workflow}");

    let scratch = Scratch::new();
    let (now, next) = (corpus::guest_agent("2.4"), corpus::guest_agent("1.5"));
    let copy = |from: &std::path::Path, to: &str| {
        fs::copy(from, scratch.join(to)).expect("the folder is writable");
    };
    fs::create_dir(scratch.join("tests")).expect("the folder is writable");
    copy(&now, "qemu.json");
    copy(&next, "qemu-next.json");
    copy(
        &workspace().join("examples/session.jsonl"),
        "tests/session.jsonl",
    );
    let run = |command: &str| {
        Command::new(peer::qapi())
            .args(command.split_whitespace().skip(1))
            .current_dir(scratch.path())
            .output()
            .expect("the program runs")
    };
    let [fits, meets] = [run(commands[0]), run(commands[1])];
    assert!(fits.status.success(), "{fits:?}");
    // The older agent demands a time.
    assert_eq!(meets.status.code(), Some(1), "{meets:?}");
    let said = String::from_utf8_lossy(&meets.stdout);
    assert!(said.starts_with("::error "), "{said}");
}
