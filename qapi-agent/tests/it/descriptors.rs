//! A host that opens as many files as the agent's limit on descriptors allows, and more.

use std::process::Command;

use serde_json::{Value, json};

use super::harness::{Agent, Client, PROGRAM, Scratch};

/// An agent with this limit on descriptors.
fn agent(limit: u32) -> Agent {
    let mut shell = Command::new("sh");
    let line = format!("ulimit -n {limit}; exec \"$@\"");
    shell.args(["-c", &line, "sh", PROGRAM]);
    Agent::start_by(&mut shell, Scratch::new(), &[])
}

/// Opens a file until that fails; returns the handles and the error.
fn open_all(client: &mut Client) -> (Vec<Value>, String) {
    let request = json!({ "execute": "guest-file-open", "arguments": { "path": "/dev/null" } });
    let mut handles = Vec::new();
    loop {
        let mut reply = client.ask(request.to_string());
        match reply["error"]["desc"].as_str() {
            None => handles.push(reply["return"].take()),
            Some(error) => return (handles, error.to_owned()),
        }
    }
}

/// The answers to commands that only read values, and values that do not change by themselves.
fn looks(client: &mut Client) -> Vec<(String, Value)> {
    let info = client.run("guest-info", &json!({}));
    let commands = info["supported_commands"].as_array().unwrap().clone();
    let names = commands
        .iter()
        .map(|command| command["name"].as_str().unwrap());
    let constant = names.filter(|name| {
        let looks = name.starts_with("guest-get-") || name.starts_with("guest-network-get-");
        let changes = ["time", "stats", "load", "fsinfo", "interfaces", "route"];
        looks && !changes.iter().any(|end| name.ends_with(end))
    });
    constant
        .map(|name| {
            let request = json!({ "execute": name, "arguments": {} });
            (name.to_owned(), client.ask(request.to_string()))
        })
        .collect()
}

#[test]
fn what_a_host_keeps_open_leaves_enough_for_everything_else() {
    for limit in [48, 256, 1024] {
        let agent = agent(limit);
        let mut client = agent.connect();
        let before = looks(&mut client);
        assert!(before.len() > 6, "{}", before.len());
        let (handles, error) = open_all(&mut client);
        assert_eq!(
            error, "failed to open file '/dev/null' (mode: 'r'): Too many open files",
            "{limit}"
        );
        let allowed = usize::try_from(limit - limit.div_ceil(2).min(64)).unwrap();
        assert!(handles.len() + 10 > allowed, "{limit}: {}", handles.len());

        // The next host can be served.
        drop(client);
        let mut client = agent.connect();
        assert_eq!(looks(&mut client), before, "{limit}");
        for user in ["root", "no-such"] {
            let reply = client.ask(
                json!({ "execute": "guest-ssh-get-authorized-keys", "arguments": { "username": user } })
                    .to_string(),
            );
            assert!(
                !reply.to_string().contains("Too many open files"),
                "{reply}"
            );
        }
        let run = json!({ "path": "/bin/true" });
        client.run("guest-exec", &run);
        let collected = json!({ "path": "/bin/true", "capture-output": true });
        assert_eq!(
            client.fail("guest-exec", &collected),
            "failed to create a pipe: Too many open files"
        );
        client.run("guest-file-close", &json!({ "handle": handles[0] }));
        client.run("guest-file-close", &json!({ "handle": handles[1] }));
        client.run("guest-exec", &collected);
    }
}

#[test]
fn programs_whose_output_is_collected_are_no_more_than_files() {
    let agent = agent(128);
    let mut client = agent.connect();
    let before = looks(&mut client);
    let sleeper = json!({ "execute": "guest-exec", "arguments": {
        "path": "sleep", "arg": ["100000"], "capture-output": "separated", "input-data": "" } });
    let mut started = Vec::new();
    let error = loop {
        let mut reply = client.ask(sleeper.to_string());
        match reply["error"]["desc"].as_str() {
            None => started.push(reply["return"]["pid"].take()),
            Some(error) => break error.to_owned(),
        }
    };
    assert!(started.len() > 10, "{started:?}");
    assert_eq!(error, "failed to create a pipe: Too many open files");
    drop(client);
    let mut client = agent.connect();
    assert_eq!(looks(&mut client), before);
    for process in started {
        let process = process.to_string();
        let status = Command::new("kill").args(["-9", &process]).status();
        assert!(status.unwrap().success());
    }
}
