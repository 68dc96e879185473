//! Clients that others wrote, and our own shell.

use std::path::Path;
use std::process::{Command, Output};

use qapi_tests::{feed, peer};

use crate::machine::{Lines, Served};

fn succeed(output: &Output) -> &str {
    let errors = String::from_utf8_lossy(&output.stderr);
    let said = str::from_utf8(&output.stdout).expect("it prints text");
    assert!(output.status.success(), "{said}{errors}");
    said
}

#[test]
fn the_python_library_of_qemu_is_served() {
    let Some(python) = peer::python_with_qmp() else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/qmp/client.py");
    for server in Served::each() {
        let mut command = Command::new(&python);
        let output = command.arg(&script).arg(server.socket()).output();
        let output = output.expect("Python runs");
        let expected = [
            "greeting a machine that there is not ['oob']",
            "status running",
            "names 100 True",
            "id {}",
            "refusal CommandNotFound The command nope has not been found",
            "refusal DeviceNotFound Device 'net9' not found",
            "refusal GenericError Parameter 'up' is missing",
            "refusal GenericError Invalid parameter type for 'up', expected: boolean",
            "refusal GenericError Parameter 'x' is unexpected",
            "refusal CommandNotFound Capabilities negotiation is already complete, command ignored",
            // The library enables what is offered.
            "refusal GenericError The command query-status does not support OOB",
            "refusal GenericError nothing to recover from tcp:x:1",
            "refusal GenericError No file descriptor supplied via SCM_RIGHTS",
            "getfd {}",
            "event POWERDOWN ['microseconds', 'seconds']",
        ];
        let said: Vec<_> = succeed(&output).lines().collect();
        assert_eq!(said, expected);
    }
}

#[test]
fn our_shell_is_served() {
    for server in Served::each() {
        let mut command = Command::new(peer::qapi());
        command.args(["shell", "--compact"]).arg(server.socket());
        let script = "query-status\nsystem_powerdown\nquery-name\nset_link name=net9 up=true\nnope\n\
                      {\"execute\": \"query-name\", \"id\": [1, null]}\n";
        let output = feed(&mut command, script);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let printed = str::from_utf8(&output.stdout).expect("it prints text");
        let expected =
            "{\"running\":true,\"singlestep\":false,\"status\":\"running\"}\n{}\n{}\n{}\n";
        assert_eq!(printed, expected, "{output:?}");
        let told = str::from_utf8(&output.stderr).expect("it prints text");
        for line in [
            "event: POWERDOWN {}",
            "error: DeviceNotFound: Device 'net9' not found",
            "error: CommandNotFound: The command nope has not been found",
        ] {
            assert!(
                told.lines().any(|told| told == line),
                "no `{line}` in\n{told}"
            );
        }
    }
}

#[test]
fn events_reach_clients_that_ask_nothing() {
    for server in Served::each() {
        let mut clients: Vec<_> = (0..3).map(|_| Lines::ready(&server.socket(), "")).collect();
        assert_eq!(server.events.emit("STOP", &()), clients.len());
        for client in &mut clients {
            assert_eq!(client.message()["event"], "STOP");
        }
    }
}
