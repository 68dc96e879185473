//! `qapi call`, against servers that follow a script and against real ones.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Run, Scratch, qapi};

/// Answer of a scripted server to a request; none is silence.
type Script = fn(&Value) -> Option<String>;

/// A server on a unix socket that takes one client.
struct Server {
    scratch: Scratch,
    thread: JoinHandle<Vec<Value>>,
}

impl Server {
    /// A server that says `greeting`, then answers.
    fn start(greeting: &'static str, script: Script) -> Self {
        let scratch = Scratch::new();
        let listener = UnixListener::bind(scratch.join("s")).expect("the socket can be made");
        let thread = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client connects");
            serve(&stream, greeting, script)
        });
        Self { scratch, thread }
    }

    fn socket(&self) -> String {
        self.scratch.join("s").to_str().unwrap().to_owned()
    }

    /// Calls with the server's socket in the place of `SOCKET`; returns the result, and the requests that were received.
    fn call(self, arguments: &[&str]) -> (Run, Vec<Value>) {
        let socket = self.socket();
        let arguments = arguments.iter().map(|word| {
            if *word == "SOCKET" {
                socket.as_str()
            } else {
                word
            }
        });
        let mut run = qapi(["call"].into_iter().chain(arguments));
        run.stderr = run.stderr.replace(&socket, "SOCKET");
        (
            run,
            self.thread.join().expect("the server keeps to its script"),
        )
    }
}

/// Answers synchronisation and capabilities by itself, the rest by script; returns the rest.
fn serve(stream: &UnixStream, greeting: &str, script: Script) -> Vec<Value> {
    let mut out = stream;
    out.write_all(greeting.as_bytes()).unwrap();
    let mut requests = Vec::new();
    let mut lines = BufReader::new(stream).split(b'\n');
    while let Some(Ok(line)) = lines.next() {
        let line: Vec<u8> = line.into_iter().filter(|byte| *byte != 0xff).collect();
        let Ok(request) = serde_json::from_slice::<Value>(&line) else {
            continue;
        };
        let reply = match request["execute"].as_str().unwrap_or_default() {
            "guest-sync-delimited" => {
                out.write_all(b"\xff").unwrap();
                Some(format!(
                    "{}\n",
                    json!({ "return": request["arguments"]["id"] })
                ))
            }
            "guest-sync" => Some(format!(
                "{}\n",
                json!({ "return": request["arguments"]["id"] })
            )),
            "qmp_capabilities" => Some(format!(
                "{}\n",
                json!({ "return": {}, "id": request["id"] })
            )),
            _ => {
                requests.push(request.clone());
                let Some(reply) = script(&request) else {
                    // A server without an answer hangs up.
                    return requests;
                };
                Some(reply)
            }
        };
        if let Some(reply) = reply {
            out.write_all(reply.as_bytes()).unwrap();
        }
    }
    requests
}

const GREETING: &str = "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 1, \"major\": 9}, \"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n";

#[expect(clippy::unnecessary_wraps, reason = "a script may also have no answer")]
fn reply(request: &Value, value: &Value) -> Option<String> {
    let mut reply = json!({ "return": value });
    if let Some(id) = request.get("id") {
        reply["id"] = id.clone();
    }
    Some(format!("{reply}\n"))
}

#[test]
fn silent_server_is_a_guest_agent() {
    let server = Server::start("", |request| reply(request, &json!({ "size": 3 })));
    let (run, requests) = server.call(&["SOCKET", "get-size", "what=all", "deep=true"]);
    assert_eq!(
        run.to_string(),
        "status: 0\n---- stdout\n{\n  \"size\": 3\n}\n"
    );
    assert_eq!(
        requests,
        [json!({ "execute": "get-size", "arguments": { "what": "all", "deep": true } })]
    );
}

#[test]
fn greeting_server_speaks_qmp() {
    let server = Server::start(GREETING, |request| reply(request, &json!([1, 2])));
    let (run, requests) = server.call(&["SOCKET", "query", "--compact", "{\"x\": {\"y\": null}}"]);
    assert_eq!(run.to_string(), "status: 0\n---- stdout\n[1,2]\n");
    assert_eq!(requests[0]["execute"], "query");
    assert_eq!(requests[0]["arguments"], json!({ "x": { "y": null } }));
}

#[test]
fn protocol_can_be_named() {
    let server = Server::start(GREETING, |request| reply(request, &json!({})));
    let (run, _) = server.call(&["--qmp", "SOCKET", "query"]);
    assert_eq!(run.to_string(), "status: 0\n---- stdout\n{}\n");
    // A loaded machine may be slow once, but not every time.
    let quick = (0..30).any(|_| {
        let server = Server::start("", |request| reply(request, &json!({})));
        let start = Instant::now();
        let (run, _) = server.call(&["--guest", "SOCKET", "query"]);
        let quick = start.elapsed() < Duration::from_millis(300);
        assert_eq!(run.to_string(), "status: 0\n---- stdout\n{}\n");
        quick
    });
    assert!(quick, "there is no waiting for a greeting");
}

#[test]
fn error_reply_is_status_1() {
    let server = Server::start("", |_| {
        Some("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no \\u001b[31msuch\\nthing\"}}\n".to_owned())
    });
    let (run, _) = server.call(&["--guest", "SOCKET", "fly"]);
    assert_eq!(
        run.to_string(),
        "status: 1\n---- stderr\nerror: CommandNotFound: no \\u{1b}[31msuch\\nthing\n"
    );
}

#[test]
fn order_and_large_numbers_survive() {
    let server = Server::start("", |_| {
        Some("{\"return\": {\"z\": 18446744073709551615, \"a\": [-9223372036854775808, \"\\u00fc\"]}}\n".to_owned())
    });
    let (run, _) = server.call(&["--guest", "--compact", "SOCKET", "x"]);
    assert_eq!(
        run.to_string(),
        "status: 0\n---- stdout\n{\"z\":18446744073709551615,\"a\":[-9223372036854775808,\"ü\"]}\n"
    );
}

#[test]
fn command_without_reply_needs_a_flag() {
    let server = Server::start("", |_| None);
    let (run, requests) = server.call(&["--guest", "SOCKET", "turn-off", "--no-reply"]);
    assert_eq!(run.to_string(), "status: 0");
    assert_eq!(requests.len(), 1);
    let server = Server::start("", |_| None);
    let (run, _) = server.call(&["--guest", "SOCKET", "turn-off"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--no-reply"), "{run}");
}

#[test]
fn late_reply_is_status_2() {
    let server = Server::start("", |_| Some(String::new()));
    let start = Instant::now();
    let (run, _) = server.call(&["--guest", "--timeout", "0.2", "SOCKET", "sleep"]);
    assert_eq!(
        run.to_string(),
        "status: 2\n---- stderr\nerror: no reply to `sleep` in time (SOCKET)\n"
    );
    // Without the option it is 10 seconds.
    assert!(start.elapsed() < Duration::from_secs(9));
}

#[test]
fn nonsense_is_status_2() {
    let server = Server::start("", |_| Some("<html>\n".to_owned()));
    let (run, _) = server.call(&["--guest", "--timeout", "2", "SOCKET", "query"]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stderr.ends_with(" (SOCKET)\n"), "{run}");
}

#[test]
fn traffic_is_shown_on_demand() {
    let server = Server::start(GREETING, |request| reply(request, &json!({})));
    let (run, _) = server.call(&["-v", "SOCKET", "query"]);
    assert!(
        run.stderr
            .lines()
            .any(|line| line.starts_with("< {\"QMP\"")),
        "{run}"
    );
    assert!(
        run.stderr
            .lines()
            .any(|line| line.starts_with("> ") && line.contains("\"query\"")),
        "{run}"
    );
}

#[test]
fn servers_may_listen_on_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp:{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(GREETING.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            let request: Value = serde_json::from_str(&line).unwrap();
            stream
                .write_all(reply(&request, &json!({})).unwrap().as_bytes())
                .unwrap();
        }
    });
    let run = qapi(["call", &address, "query-status"]);
    assert_eq!(run.to_string(), "status: 0\n---- stdout\n{}\n");
    thread.join().unwrap();
}

#[test]
fn absent_socket_is_status_2() {
    let run = qapi(["call", "no-such-socket", "guest-ping"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .starts_with("error: cannot connect to no-such-socket: "),
        "{run}"
    );
}

#[test]
fn wrong_usage_is_status_2() {
    let cases: &[&[&str]] = &[
        &["call", "s"],
        &["call", "--qmp", "--guest", "s", "c"],
        &["call", "--timeout", "soon", "s", "c"],
        &["call", "--timeout", "-1", "s", "c"],
        &["call", "--timeout", "1e300", "s", "c"],
        &["call", "--timeout", "NaN", "s", "c"],
        &["call", "s", "c", "argument"],
        &["call", "s", "c", "a=1", "a=2"],
        &["call", "s", "c", "{\"a\": 1"],
    ];
    for arguments in cases {
        let run = qapi(*arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {run}");
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {run}");
    }
}

/// A real agent on a socket of its own.
struct Agent {
    child: Child,
    scratch: Scratch,
}

impl Agent {
    fn start(program: &Path) -> Self {
        let scratch = Scratch::new();
        let child = Command::new(program)
            .args(["-m", "unix-listen", "-p"])
            .arg(scratch.join("s"))
            .arg("-t")
            .arg(scratch.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the agent starts");
        let agent = Self { child, scratch };
        let start = Instant::now();
        while UnixStream::connect(agent.scratch.join("s")).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "the agent does not listen"
            );
            thread::sleep(Duration::from_millis(20));
        }
        agent
    }

    fn call(&self, arguments: &[&str]) -> Run {
        let socket = self.scratch.join("s");
        let arguments = arguments.iter().map(|word| {
            if *word == "SOCKET" {
                socket.to_str().unwrap()
            } else {
                word
            }
        });
        qapi(["call"].into_iter().chain(arguments))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The available agents: QEMU's, and ours if it was built beside the command.
fn agents() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let theirs = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join("qemu-ga"))
        .find(|program| program.is_file());
    if theirs.is_none() {
        qapi_test_support::skip("no qemu-ga");
    }
    let ours = Path::new(env!("CARGO_BIN_EXE_qapi")).with_file_name("qapi-agent");
    theirs
        .into_iter()
        .chain(ours.is_file().then_some(ours))
        .collect()
}

#[test]
fn real_agents_answer() {
    for program in agents() {
        let agent = Agent::start(&program);
        let run = agent.call(&["SOCKET", "guest-ping"]);
        assert_eq!(run.to_string(), "status: 0\n---- stdout\n{}\n");
        let run = agent.call(&["--guest", "SOCKET", "guest-info"]);
        let info: Value = serde_json::from_str(&run.stdout).unwrap();
        assert!(info["supported_commands"].as_array().unwrap().len() > 20);
        let run = agent.call(&["--guest", "SOCKET", "guest-file-open", "path=/no/such/file"]);
        assert_eq!(run.status, 1);
        assert!(run.stderr.starts_with("error: GenericError: "), "{run}");
        let run = agent.call(&["--guest", "SOCKET", "guest-fly"]);
        assert_eq!(run.status, 1);
        assert!(run.stderr.starts_with("error: CommandNotFound: "), "{run}");
        let run = agent.call(&["--guest", "SOCKET", "guest-ping", "--no-reply"]);
        assert_eq!(run.to_string(), "status: 0");
    }
}
