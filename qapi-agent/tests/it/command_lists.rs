//! `-b` and `-a` as callers see them.

use serde_json::json;

use crate::harness::Agent;

fn refused(agent: &Agent, command: &str) -> Option<String> {
    let answer = agent
        .connect()
        .ask(json!({ "execute": command }).to_string());
    let class = answer["error"]["class"].as_str()?;
    assert_eq!(class, "CommandNotFound", "{answer}");
    Some(answer["error"]["desc"].as_str().unwrap().to_owned())
}

const NOT_ALLOWED: &str = "has been disabled: the command is not allowed";

#[test]
fn blocked_commands_are_refused_and_the_others_work() {
    let agent = Agent::start_with(&[
        "-b",
        "guest-ping, guest-get-time;guest-sync",
        "-b",
        "guest-exec",
    ]);
    for command in ["guest-ping", "guest-get-time", "guest-sync", "guest-exec"] {
        let text = refused(&agent, command).unwrap();
        assert_eq!(text, format!("Command {command} {NOT_ALLOWED}"));
    }
    assert_eq!(refused(&agent, "guest-info"), None);
    assert_eq!(agent.stderr(), "");
}

#[test]
fn only_allowed_commands_work() {
    let agent = Agent::start_with(&["-a", "guest-ping,guest-get-time", "-b", "guest-get-time"]);
    assert_eq!(refused(&agent, "guest-ping"), None);
    for command in ["guest-info", "guest-get-time", "guest-exec"] {
        assert!(
            refused(&agent, command).unwrap().ends_with(NOT_ALLOWED),
            "{command}"
        );
    }
}

#[test]
fn unknown_names_are_warned_about() {
    let agent = Agent::start_with(&["-b", "guest-pin,guest-info", "-a", ""]);
    assert_eq!(refused(&agent, "guest-ping"), None);
    assert!(refused(&agent, "guest-info").is_some());
    let log = agent.stderr();
    assert!(
        log.contains("warning: `--block-rpcs` names `guest-pin`, which is not a command"),
        "{log}"
    );
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn guest_info_tells_what_is_enabled() {
    let agent = Agent::start_with(&["-b", "guest-exec"]);
    let info = agent.connect().run("guest-info", &json!({}));
    assert_eq!(info["version"], qapi_agent::VERSION);
    let commands = info["supported_commands"].as_array().unwrap();
    assert_eq!(commands.len(), 43);
    let find = |name: &str| {
        commands
            .iter()
            .find(|command| command["name"] == name)
            .unwrap()
    };
    let command = |enabled, response| json!({ "enabled": enabled, "success-response": response });
    let without_name = |name: &str| {
        let mut found = find(name).clone();
        found.as_object_mut().unwrap().remove("name");
        found
    };
    assert_eq!(without_name("guest-ping"), command(true, true));
    assert_eq!(without_name("guest-exec"), command(false, true));
    assert_eq!(find("guest-shutdown")["success-response"], false);
    assert_eq!(commands[0]["name"], "guest-sync-delimited");
}

#[test]
fn commands_that_are_not_implemented_are_disabled_with_a_reason() {
    let agent = Agent::start();
    let info = agent.connect().run("guest-info", &json!({}));
    for command in info["supported_commands"].as_array().unwrap() {
        let name = command["name"].as_str().unwrap();
        let refusal = format!("Command {name} has been disabled: not implemented");
        if command["enabled"] == false {
            assert_eq!(refused(&agent, name), Some(refusal));
        }
    }
}
