//! A scripted shell beside a plain Python client: the same commands at the same server, in turns.
#![expect(clippy::print_stdout, reason = "that is the result")]

use std::os::unix::net::UnixListener;
use std::process::{Command, ExitCode};
use std::thread;

use qapi_benches_command_line::{best, is_meter, qapi, run};
use qapi_runtime::server::Stop;
use qapi_runtime::testing::{Expect, MockServer, Script};
use qapi_runtime::{Any, Object};

const COMMANDS: usize = 2_000;

/// A minimal client for QMP.
const PYTHON: &str = r#"
import json, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
stream = connection.makefile("rw")
json.loads(stream.readline())
for line in ["qmp_capabilities", *sys.stdin.read().split()]:
    stream.write(json.dumps({"execute": line}) + "\n")
    stream.flush()
    while "return" not in (reply := json.loads(stream.readline())):
        pass
    print(json.dumps(reply["return"]))
"#;

fn main() -> ExitCode {
    if is_meter() {
        return ExitCode::SUCCESS;
    }
    let status = Object::from([
        ("status", Any::from("running")),
        ("singlestep", Any::from(false)),
        ("running", Any::from(true)),
    ]);
    let known = Any::Array(vec![Any::Object(Object::from([(
        "name",
        Any::from("query-status"),
    )]))]);
    let script = Script::by_name([
        Expect::command("query-status").replies(&status),
        Expect::command("query-commands").replies(&known),
    ]);
    let server = MockServer::qmp(script);
    let folder = std::env::temp_dir().join(format!("qapi-bench-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("the temporary folder is writable");
    let socket = folder.join("qmp");
    let listener = UnixListener::bind(&socket).expect("the name is free");
    let stop = Stop::new();
    let input = "query-status\n".repeat(COMMANDS);
    let (ours, theirs) = thread::scope(|scope| {
        scope.spawn(|| server.listen(&listener, &stop));
        let mut shell = Command::new(qapi());
        shell.args(["shell", "--qmp", "--compact"]).arg(&socket);
        let mut python = Command::new("python3");
        python.args(["-c", PYTHON]).arg(&socket);
        let costs = (
            best(5, || run(&shell, input.as_bytes())),
            best(5, || run(&python, input.as_bytes())),
        );
        stop.abort();
        costs
    });
    std::fs::remove_dir_all(&folder).expect("it is ours");
    let mut holds = true;
    for (what, ours, theirs) in [
        ("on the clock", ours.wall, theirs.wall),
        ("of processor time", ours.processor, theirs.processor),
    ] {
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        let is_met = ratio >= 1.0 / 3.0;
        holds &= is_met;
        println!(
            "{COMMANDS} commands: shell {ours:.3?}, Python {theirs:.3?} {what}; {ratio:.2} of its speed{}",
            if is_met { "" } else { " (missed: a third)" }
        );
    }
    ExitCode::from(u8::from(!holds))
}
