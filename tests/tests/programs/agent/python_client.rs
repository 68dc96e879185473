//! QEMU's own Python library as a client of our agent: it sends an `id` with every request and finds the answers
//! by it.

use std::fs;
use std::process::Command;

use qapi_tests::agents::data;
use qapi_tests::peer;
use qapi_tests::raw::Agent;

#[test]
fn the_python_library_of_qemu_talks_to_our_agent() {
    let Some(python) = peer::python_with_qmp() else {
        return;
    };
    let agent = Agent::start(&peer::qapi_agent());
    let file = agent.folder().join("file");
    let content: Vec<u8> = (0..10_000_u32)
        .map(|number| number.to_le_bytes()[0])
        .collect();
    fs::write(&file, &content).expect("a scratch folder is writable");
    let output = Command::new(python)
        .arg(data("qmp_client.py"))
        .arg(agent.socket())
        .arg(&file)
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    let sum: u32 = content.iter().map(|byte| u32::from(*byte)).sum();
    for line in [
        "commands 43",
        "interface lo 00:00:00:00:00:00",
        &format!("content {} {sum}", content.len()),
        "status thawed",
        "error GenericError handle '-1' has not been found",
    ] {
        assert!(
            said.lines().any(|said| said == line),
            "no `{line}` in\n{said}"
        );
    }
    assert!(said.starts_with("version "), "{said}");
}
