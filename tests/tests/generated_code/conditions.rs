//! Conditions as `cfg` attributes, for the system that the tests run on.

use crate::golden::conditions::commands::COMMANDS;
use crate::golden::conditions::server::{Handler, Server};
use crate::golden::conditions::{Device, Kind, QapiAnyBranch};
use crate::support::{reply, respond};

#[cfg(target_os = "linux")]
#[test]
fn facts_that_do_not_exist_are_left_out() {
    assert_eq!(Kind::VALUES, [Kind::Always, Kind::Linux]);
    let names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(names, ["probe", "probe-linux"]);
    let device: Device = reply(r#"{"path": "/dev/x", "size": 1}"#);
    assert_eq!(device, Device::new("/dev/x", 1));
    assert_eq!(QapiAnyBranch::Linux(device).as_str(), "linux");
}

struct Nobody;

impl Handler for Nobody {}

#[cfg(target_os = "linux")]
#[test]
fn commands_are_found_though_others_are_missing() {
    let answer = respond(
        Server(Nobody),
        r#"{"execute": "probe-linux", "arguments": {"handle": 1}}"#,
    );
    assert!(
        answer.contains("Command probe-linux has been disabled: not implemented"),
        "{answer}"
    );
    let answer = respond(Server(Nobody), r#"{"execute": "probe-windows"}"#);
    assert!(
        answer.contains("The command probe-windows has not been found"),
        "{answer}"
    );
}
