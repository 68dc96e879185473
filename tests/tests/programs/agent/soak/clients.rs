//! Three ways to behave.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use qapi_tests::agents::conversation::Conversation;
use qapi_tests::base64;
use qapi_tests::generate::Random;
use qapi_tests::raw::{Agent, Connection};
use serde_json::{Value, json};

/// Behaves in its way until the end is wanted.
pub(crate) type Client = fn(&Agent, u64, &AtomicBool, &Served);

/// Amount of work done.
#[derive(Debug, Default)]
pub(crate) struct Served {
    polite: AtomicU64,
    hasty: AtomicU64,
    rude: AtomicU64,
    programs: AtomicU64,
}

impl Served {
    pub(crate) fn summary(&self) -> String {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} polite requests with {} programs, {} hasty ones, {} rude connections",
            count(&self.polite),
            count(&self.programs),
            count(&self.hasty),
            count(&self.rude)
        )
    }

    pub(crate) fn assert_that_all_kinds_did_something(&self) {
        for counter in [&self.polite, &self.hasty, &self.rude, &self.programs] {
            assert!(counter.load(Ordering::Relaxed) > 0, "{self:?}");
        }
    }
}

/// One request, one answer; each has an `id`, and the answer must have it.
struct Asking<'a> {
    connection: Connection,
    next: u64,
    served: &'a Served,
}

impl Asking<'_> {
    fn ask(&mut self, command: &str, arguments: &Value) -> Value {
        self.next += 1;
        let request = json!({ "execute": command, "arguments": arguments, "id": self.next });
        let mut reply = self.connection.call(format!("{request}\n").as_bytes());
        assert_eq!(reply["id"], self.next, "{request}: {reply}");
        self.served.polite.fetch_add(1, Ordering::Relaxed);
        assert!(reply.get("error").is_none(), "{request}: {reply}");
        reply["return"].take()
    }

    fn use_a_file(&mut self, rng: &mut Random) {
        let content: Vec<u8> = (0..rng.below(20_000))
            .map(|_| rng.number().to_le_bytes()[0])
            .collect();
        let handle = self.ask("guest-file-open", &json!({ "path": "soak", "mode": "w+" }));
        let text = base64::encode(&content);
        self.ask(
            "guest-file-write",
            &json!({ "handle": handle, "buf-b64": text }),
        );
        self.ask(
            "guest-file-seek",
            &json!({ "handle": handle, "offset": 0, "whence": "set" }),
        );
        let read = self.ask(
            "guest-file-read",
            &json!({ "handle": handle, "count": 30_000 }),
        );
        assert_eq!(read["buf-b64"], text);
        self.ask("guest-file-close", &json!({ "handle": handle }));
    }

    fn run_a_program(&mut self) {
        let script = "cat; echo some output; echo some errors >&2; exit 3";
        let started = self.ask(
            "guest-exec",
            &json!({ "path": "sh", "arg": ["-c", script], "input-data": "aW5wdXQK", "capture-output": true }),
        );
        let start = Instant::now();
        loop {
            let status = self.ask("guest-exec-status", &started);
            if status["exited"] == true {
                assert_eq!(status["exitcode"], 3);
                assert_eq!(status["out-data"], base64::encode(b"input\nsome output\n"));
                assert_eq!(status["err-data"], base64::encode(b"some errors\n"));
                self.served.programs.fetch_add(1, Ordering::Relaxed);
                return;
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "the program goes on"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Asks, waits for the answer, asks again; uses files and programs.
pub(crate) fn polite(agent: &Agent, seed: u64, end: &AtomicBool, served: &Served) {
    let mut rng = Random::new(seed);
    while !end.load(Ordering::Relaxed) {
        let connection = agent.connect();
        let mut asking = Asking {
            connection,
            next: rng.number() >> 12,
            served,
        };
        for _ in 0..rng.between(1, 30) {
            match rng.below(8) {
                0 => asking.use_a_file(&mut rng),
                1 => asking.run_a_program(),
                2 => drop(asking.ask("guest-info", &json!({}))),
                3 => drop(asking.ask("guest-network-get-interfaces", &json!({}))),
                4 => drop(asking.ask("guest-get-osinfo", &json!({}))),
                _ => drop(asking.ask("guest-ping", &json!({}))),
            }
        }
    }
}

/// Sends many requests before it reads an answer; all must come, once and in order.
pub(crate) fn hasty(agent: &Agent, seed: u64, end: &AtomicBool, served: &Served) {
    let mut rng = Random::new(seed);
    while !end.load(Ordering::Relaxed) {
        let mut connection = agent.connect();
        for _ in 0..rng.between(1, 4) {
            let count = rng.between(1, 300);
            let mut requests = String::new();
            for id in 0..count {
                let command = ["guest-ping", "guest-get-time", "guest-nonsense"][rng.below(3)];
                requests.push_str(&json!({ "execute": command, "id": id }).to_string());
            }
            connection.send(requests.as_bytes());
            for id in 0..count {
                let reply: Value =
                    serde_json::from_slice(&connection.line()).expect("a reply is JSON");
                assert_eq!(reply["id"], id, "{reply}");
                served.hasty.fetch_add(1, Ordering::Relaxed);
            }
        }
        assert_eq!(connection.drain(Duration::from_millis(1)), b"");
    }
}

/// Leaves in the middle of requests and before it has read the answers, sends what is not a request, and finds
/// nothing of all that when it comes back.
pub(crate) fn rude(agent: &Agent, seed: u64, end: &AtomicBool, served: &Served) {
    let ping: &[u8] = b"{\"execute\":\"guest-ping\"}\n";
    let info = b"{\"execute\":\"guest-info\"}".repeat(100);
    let deep = [vec![b'['; 3000], vec![b']'; 3000]].concat();
    let long = [b"{\"execute\":\"", "x".repeat(200_000).as_bytes()].concat();
    let acts: [&[u8]; 8] = [
        b"{\"execute\":\"guest-sync\",\"argu",
        b"'",
        b"\x00\x01garbage}}]{{[\xFF\xFE",
        &ping.repeat(200),
        &info,
        &deep,
        &long,
        b"",
    ];
    let mut rng = Random::new(seed);
    while !end.load(Ordering::Relaxed) {
        let mut connection = agent.connect();
        for _ in 0..rng.between(1, 3) {
            // The agent does not read on while its answers are not taken.
            if !connection.try_send(acts[rng.below(acts.len())]) {
                break;
            }
        }
        drop(connection);
        let mut conversation = Conversation::new(agent);
        assert_eq!(conversation.ask(&[ping]), [b"{\"return\": {}}"]);
        served.rude.fetch_add(1, Ordering::Relaxed);
    }
}
