//! The programs in `examples/` do what the README says of them, and the README shows them as they are.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use qapi_tests::Scratch;
use qapi_tests::qmp_server::QmpServer;
use qapi_tests::raw::{Agent, Connection};
use qapi_tests::{corpus, peer, workspace};

/// Limit for what must happen; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

fn run(name: &str, arguments: &[&Path]) -> Output {
    let program = peer::example("qapi-examples", name);
    let output = Command::new(program).args(arguments).output();
    output.expect("the example runs")
}

fn printed(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).expect("it prints text")
}

#[test]
fn the_client_opens_a_file() {
    let agent = Agent::start(&peer::qapi_agent());
    let text = printed(&run("guest_client", &[&agent.socket()]));
    assert!(text.starts_with("version "), "{text}");
    assert!(text.contains("\nhandle "), "{text}");
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_agent_answers() {
    let folder = Scratch::new();
    let socket = folder.join("sock");
    let mut agent = Command::new(peer::example("qapi-examples", "agent"));
    let agent = agent.arg(&socket).spawn().expect("the example runs");
    let _agent = Ended(agent);
    let start = Instant::now();
    let stream = loop {
        match UnixStream::connect(&socket) {
            Ok(stream) => break stream,
            Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
        }
        thread::sleep(Duration::from_millis(20));
    };
    let mut client = Connection::over(stream);
    let reply = client.call(br#"{"execute": "guest-sync", "arguments": {"id": 7}}"#);
    assert_eq!(reply["return"], 7);
    let reply = client.call(br#"{"execute": "guest-sync", "arguments": {"id": "7"}}"#);
    assert_eq!(reply["error"]["class"], "GenericError");
}

#[test]
fn the_qmp_client_pauses_a_machine() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let text = printed(&run("qmp_client", &[&server.socket()]));
    assert_eq!(text, "the machine is running\nit was running\npaused\n");
}

#[test]
fn the_query_reports_events_until_the_end() {
    for server in QmpServer::whole_machines() {
        let text = printed(&run("qmp_query", &[&server.socket()]));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("version "), "{text}");
        assert_eq!(lines[1], "the machine is prelaunch");
        let events: Vec<_> = lines[2..]
            .iter()
            .map(|it| it.split(['(', ' ']).next().unwrap_or_default())
            .collect();
        assert_eq!(events, ["Resume", "Shutdown"], "{text}");
    }
}

#[test]
fn a_job_is_waited_for() {
    for server in QmpServer::whole_machines() {
        let image = server.folder().join("new.img");
        let text = printed(&run("job", &[&server.socket(), &image]));
        assert_eq!(text, format!("{}: created\n", image.display()));
        let size = fs::metadata(&image).expect("it was created").len();
        assert_eq!(size, 1 << 20);
        let nowhere = server.folder().join("no/new.img");
        let text = printed(&run("job", &[&server.socket(), &nowhere]));
        assert!(text.contains("No such file"), "{text}");
    }
}

#[test]
fn the_manager_hands_over_an_image_and_plugs_a_device_in() {
    for server in QmpServer::hotplug_machines() {
        let image = server.folder().join("disk.img");
        fs::write(&image, [0; 4096]).expect("the folder is writable");
        let text = printed(&run("vm_manager", &[&server.socket(), &image]));
        assert_eq!(text, "max-bytes 1024\nit is off\n");
    }
}

#[test]
fn the_check_fails_for_breaking_changes_only() {
    let (old, new) = (corpus::guest_agent("1.5"), corpus::guest_agent("2.5"));
    let output = run("compatibility", &[&new, &old]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("guest-exec: command removed"), "{text}");
    let output = run("compatibility", &[&old, &old]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
}

#[test]
fn a_client_is_tested_without_a_server() {
    assert_eq!(printed(&run("testing", &[])), "done\n");
}

#[test]
fn the_readme_shows_the_examples() {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("there is a README");
    let mut shown = Vec::new();
    for (link, rest) in readme
        .match_indices("](examples/")
        .map(|(at, link)| (at, &readme[at + link.len()..]))
    {
        let name = rest.split(')').next().expect("the link ends");
        // The code stands right after the paragraph with the link, if it is shown at all.
        let paragraph = readme[link..].split("\n\n").nth(1).unwrap_or_default();
        let Some(code) = paragraph.strip_prefix("```rust,ignore\n") else {
            continue;
        };
        let start = code.as_ptr() as usize - readme.as_ptr() as usize;
        let code = readme[start..].split("\n```").next().unwrap_or_default();
        let text = fs::read_to_string(workspace().join("examples").join(name));
        let text = text.expect("the example is there");
        let mut rest = text.as_str();
        for piece in code.split("\n    \u{2026}\n") {
            let at = rest.find(piece);
            let at = at.unwrap_or_else(|| panic!("{name} has another text:\n{piece}"));
            rest = &rest[at + piece.len()..];
        }
        shown.push(name);
    }
    assert_eq!(
        shown,
        [
            "vm_manager.rs",
            "job.rs",
            "qmp_client.rs",
            "build.rs",
            "build.rs",
            "guest_client.rs",
            "agent.rs"
        ]
    );
}
