//! The policy, as hosts and administrators see it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use serde_json::{Value, json};

use crate::harness::{Agent, Client, Scratch, run_program, wait_until};

/// An agent with a policy in its folder, `@` in which stands for that folder.
fn start(text: &str, options: &[&str]) -> Agent {
    let scratch = Scratch::new();
    let root = fs::canonicalize(scratch.join("")).unwrap();
    let root = root.to_str().unwrap().trim_end_matches('/');
    let path = scratch.join("policy");
    fs::write(&path, text.replace('@', root)).unwrap();
    let path = path.to_str().unwrap().to_owned();
    Agent::start_in(scratch, &[&["--policy", &path][..], options].concat())
}

/// Makes a program that prints what it is called with.
fn program(agent: &Agent, name: &str, script: &str) -> String {
    let path = agent.scratch.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs a program to its end; what it printed, in base64.
fn output(client: &mut Client, arguments: &Value) -> Value {
    let started = client.run("guest-exec", arguments);
    let mut status = json!({});
    wait_until("the program ends", || {
        status = client.run("guest-exec-status", &started);
        status["exited"] == true
    });
    status["out-data"].take()
}

#[test]
fn only_what_fits_a_rule_is_done() {
    let agent = start(
        "[program tell]\npath = @/tell\nargument = -*\n[file data]\npath = @/data/*\naccess = read-write\n\
         [guest-get-osinfo]\nrate = 2/3600\n",
        &[],
    );
    let tell = program(&agent, "tell", "#!/bin/sh\necho \"$1\"\n");
    let data = agent.scratch.join("data");
    fs::create_dir(&data).unwrap();
    symlink("../policy", data.join("link")).unwrap();
    let mut client = agent.connect();

    let call = json!({ "path": tell, "arg": ["-x"], "capture-output": true });
    assert_eq!(output(&mut client, &call), "LXgK");
    let error = client.fail("guest-exec", &json!({ "path": tell, "arg": ["x"] }));
    assert!(
        error.ends_with("rule `tell`: argument 1 does not fit `-*`"),
        "{error}"
    );
    for path in ["/bin/sh", "sh"] {
        let error = client.fail("guest-exec", &json!({ "path": path }));
        assert!(
            error.ends_with("no group `program` has its path"),
            "{error}"
        );
    }

    let path = |name: &str| json!({ "path": data.join(name), "mode": "w+" });
    let handle = client.run("guest-file-open", &path("new"));
    client.run("guest-file-close", &json!({ "handle": handle }));
    assert!(data.join("new").is_file());
    for name in ["link", "../policy", "../data/../policy", "/etc/passwd"] {
        let error = client.fail("guest-file-open", &path(name));
        assert!(
            error.starts_with("the policy refuses guest-file-open: "),
            "{error}"
        );
    }

    client.run("guest-get-osinfo", &json!({}));
    client.run("guest-get-osinfo", &json!({}));
    let error = client.fail("guest-get-osinfo", &json!({}));
    assert_eq!(
        error,
        "the policy refuses guest-get-osinfo: rule `rate`: more than 2 calls in 3600 seconds"
    );
    client.run("guest-get-time", &json!({}));
    wait_until("the log has it", || agent.stderr().contains(&error));
}

#[test]
fn a_dry_run_refuses_nothing_and_says_what_it_would() {
    let agent = start("[program none]\npath = /none\n", &["--policy-dry-run"]);
    let mut client = agent.connect();
    let call = json!({ "path": "sh", "arg": ["-c", "echo hi"], "capture-output": true });
    assert_eq!(output(&mut client, &call), "aGkK");
    wait_until("the log has it", || {
        agent
            .stderr()
            .contains("the policy would refuse guest-exec: `")
    });
}

#[test]
fn a_program_runs_as_the_user_of_its_rule() {
    let agent = start(
        "[program as]\npath = @/open/*\nuser = nobody\n[program sh]\npath = @/open/sub/*\nuser = nobody\nargument = ...\n",
        &[],
    );
    if fs::metadata(agent.scratch.join("policy"))
        .map(|file| std::os::unix::fs::MetadataExt::uid(&file))
        .unwrap()
        != 0
    {
        qapi_tests::skip("no right to become another user");
        return;
    }
    let open = agent.scratch.join("open");
    fs::create_dir(&open).unwrap();
    for folder in [agent.scratch.join(""), open.clone()] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let who = "id -u; id -g; id -G; trap 2>&1";
    let script = program(&agent, "open/script", &format!("#!/bin/sh\n{who}\n"));
    let plain = program(&agent, "open/plain", &format!("{who}\n"));
    let mut client = agent.connect();
    let numbers = qapi_tests::base64::encode(b"65534\n65534\n65534\n");
    for path in [&script, &plain] {
        let call = json!({ "path": path, "capture-output": true });
        assert_eq!(output(&mut client, &call), numbers, "{path}");
    }
    // A failure to start it is reported at once, although it happens in another process.
    let secret = program(&agent, "open/secret", "#!/bin/sh\n");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o700)).unwrap();
    chown(&secret, Some(0), Some(0)).unwrap();
    let error = client.fail("guest-exec", &json!({ "path": secret }));
    assert!(error.ends_with("(Permission denied)"), "{error}");
    let missing = agent.scratch.join("open/missing");
    let error = client.fail("guest-exec", &json!({ "path": missing }));
    assert!(error.ends_with("(No such file or directory)"), "{error}");
    client.ping();
}

#[test]
fn a_policy_that_is_not_understood_keeps_the_agent_from_starting() {
    let scratch = Scratch::new();
    let path = scratch.join("policy");
    fs::write(&path, "[program a]\npath = /a\npaths = /b\n").unwrap();
    let socket = scratch.join("socket");
    let options = [
        "-m",
        "unix-listen",
        "-p",
        socket.to_str().unwrap(),
        "-t",
        scratch.join("").to_str().unwrap(),
    ]
    .map(str::to_owned);
    let with = |policy: &str| {
        let policy = ["--policy".to_owned(), policy.to_owned()];
        run_program(&[&options[..], &policy[..]].concat())
    };
    let (code, _, stderr) = with(path.to_str().unwrap());
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("policy, line 3: `paths` is not a key of this group"),
        "{stderr}"
    );
    let (code, _, stderr) = with("/nonexistent/policy");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("error loading policy from path: /nonexistent/policy, "),
        "{stderr}"
    );
}

#[test]
fn the_sample_is_a_policy() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/policy.conf");
    let text = fs::read_to_string(sample).unwrap();
    // Every machine has that user.
    let agent = start(&text.replace("user = backup", "user = root"), &[]);
    let mut client = agent.connect();
    let error = client.fail("guest-exec", &json!({ "path": "sh" }));
    assert!(error.contains("no group `program`"), "{error}");
    let keys = [
        "path",
        "argument",
        "environment",
        "input",
        "user",
        "access",
        "rate",
    ];
    for key in keys {
        assert!(text.contains(&format!("\n{key} = ")), "{key}");
    }
}
