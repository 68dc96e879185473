//! Requests to a mock on one core, and as many as a client in Python can send.

use std::io::{Read, Write};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::{Folder, Listening, python_program, qapi};
use crate::{Goals, Subject};

const GOAL: f64 = 50_000.0;

/// Requests of a run.
const COUNT: usize = 200_000;

const REQUEST: &[u8] = b"{\"execute\": \"query-status\"}\n";

/// A minimal client: it writes a request as JSON and parses the reply. Prints the requests per second.
const PYTHON: &str = r#"
import json, socket, sys, time
stream = socket.socket(socket.AF_UNIX)
stream.connect(sys.argv[1])
file = stream.makefile("rw")
def ask(command):
    file.write(json.dumps({"execute": command}) + "\n")
    file.flush()
    return json.loads(file.readline())
file.readline()
ask("qmp_capabilities")
count = 20000
start = time.perf_counter()
for _ in range(count):
    ask("query-status")
print(count / (time.perf_counter() - start))
"#;

pub(crate) fn measure(subject: &Subject, goals: &mut Goals) {
    let folder = Folder::new();
    let socket = folder.file("s");
    // One core, where the system can say so.
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(qapi());
    if Command::new("taskset").arg("--version").output().is_err() {
        println!("  no taskset: the mock has all cores");
        command = Command::new(qapi());
    }
    command.args(["-q", "mock"]).args([&subject.path, &socket]);
    let mock = Listening::start(&mut command, socket.clone());
    let (mut rate, mut load) = (0.0_f64, Duration::MAX);
    for _ in 0..5 {
        let before = mock.processor_time();
        let start = Instant::now();
        pipeline(&mock);
        rate = rate.max(per_second(COUNT, start.elapsed()));
        load = load.min(mock.processor_time() - before);
    }
    println!(
        "  {rate:.0} requests a second in a row, {:.0} in a second of its processor time; {}",
        per_second(COUNT, load),
        goals.check(rate >= GOAL, "50,000 a second")
    );
    let output = Command::new(python_program())
        .args(["-c", PYTHON])
        .arg(&socket)
        .output();
    match output {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            let limit: f64 = text.trim().parse().expect("it prints a number");
            println!(
                "  a client in Python asks {limit:.0} times a second; {}",
                goals.check(rate >= limit, "no less than it can")
            );
        }
        _ => println!("  no Python: no client to compare with"),
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    let count = u32::try_from(count).expect("it is small");
    f64::from(count) / time.as_secs_f64().max(1e-9)
}

/// Sends all requests without waiting, and reads as many replies.
fn pipeline(mock: &Listening) {
    let stream = mock.connect();
    let (mut requests, mut replies) = (&stream, &stream);
    thread::scope(|scope| {
        scope.spawn(move || {
            let hello = b"{\"execute\": \"qmp_capabilities\"}\n";
            requests.write_all(hello).expect("the mock reads");
            let many = REQUEST.repeat(1000);
            for _ in 0..COUNT / 1000 {
                requests.write_all(&many).expect("the mock reads");
            }
        });
        let mut buffer = vec![0; 1 << 16];
        // The greeting and the reply to the negotiation are lines, too.
        let mut missing = COUNT + 2;
        while missing > 0 {
            let length = replies.read(&mut buffer).expect("the mock writes");
            assert!(length > 0, "the mock has closed the connection");
            missing -= buffer[..length].iter().filter(|it| **it == b'\n').count();
        }
    });
}
