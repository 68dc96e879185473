//! Finds the implemented commands by calling them.

use std::collections::BTreeSet;
use std::sync::Arc;

use qapi_runtime::server::{CommandTable, Dispatcher, Session};

use super::*;
use crate::freeze_policy::Freezing;
use crate::guest_agent::commands::COMMANDS;
use crate::guest_agent::server::Server;
use crate::platform::system::System;
use crate::policy::Policy;

/// Arguments for the commands that must have some, so that the call reaches the handler. None of
/// them does anything.
const ARGUMENTS: &[(&str, &str)] = &[
    ("guest-sync-delimited", r#"{"id":1}"#),
    ("guest-sync", r#"{"id":1}"#),
    ("guest-file-open", r#"{"path":"/nonexistent/x"}"#),
    ("guest-file-close", r#"{"handle":-1}"#),
    ("guest-file-read", r#"{"handle":-1}"#),
    ("guest-file-write", r#"{"handle":-1,"buf-b64":""}"#),
    ("guest-file-seek", r#"{"handle":-1,"offset":0,"whence":0}"#),
    ("guest-file-flush", r#"{"handle":-1}"#),
    ("guest-set-vcpus", r#"{"vcpus":[]}"#),
    (
        "guest-set-user-password",
        r#"{"username":":","password":"","crypted":false}"#,
    ),
    ("guest-set-memory-blocks", r#"{"mem-blks":[]}"#),
    ("guest-exec-status", r#"{"pid":-1}"#),
    ("guest-exec", r#"{"path":"/nonexistent/x"}"#),
    (
        "guest-ssh-get-authorized-keys",
        r#"{"username":"no-such-user"}"#,
    ),
    (
        "guest-ssh-add-authorized-keys",
        r##"{"username":"no-such-user","keys":["#"]}"##,
    ),
    (
        "guest-ssh-remove-authorized-keys",
        r##"{"username":"no-such-user","keys":["#"]}"##,
    ),
];

#[test]
fn exactly_the_commands_that_are_written_are_served() {
    let _turn = crate::platform::sys::turn_with_children();
    let directory = std::env::temp_dir().join(format!("qapi-agent-handler-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    // Without any programs: nothing is shut down, suspended or set by this.
    let system = System::below(&directory);
    let table = Arc::new(CommandTable::new(COMMANDS));
    let freezing = Freezing {
        hook: None,
        longest_hook: None,
        longest: None,
        gate: Box::new(|_| {}),
    };
    let agent = Agent::new(
        &directory,
        Arc::clone(&table),
        system,
        freezing,
        Policy::default(),
    )
    .unwrap();
    let dispatcher = Dispatcher::new(Server(&agent), table);
    let mut answering = BTreeSet::new();
    for command in COMMANDS {
        let arguments = ARGUMENTS
            .iter()
            .find(|(name, _)| *name == command.name)
            .map_or("{}", |pair| pair.1);
        let name = command.name;
        let request = format!("{{\"execute\":\"{name}\",\"arguments\":{arguments}}}");
        let mut session = Session::new();
        session.feed(request.as_bytes(), &dispatcher);
        let answer = String::from_utf8_lossy(session.output()).into_owned();
        assert!(!answer.contains("Parameter '"), "{name}: {answer}");
        let refusal = format!("Command {name} has been disabled: {NOT_IMPLEMENTED}");
        if !answer.contains(&refusal) {
            answering.insert(name);
        }
    }
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(answering, IMPLEMENTED.iter().copied().collect());
}
