//! Freezing, thawing and trimming inside a virtual machine, where it can do no harm.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use qapi_tests::vm::{Machine, Setup};
use serde_json::{Value, json};

const AGENT: &str = "/usr/sbin/qapi-agent";

const HOOK: &str = "#!/bin/sh
echo $1 >>/run/hook.log
[ -e /run/hook-slow ] && sleep 4
[ -e /run/hook-fails-$1 ] && { echo hook-fails; exit 7; }
exit 0
";

/// A machine with the agent at work.
struct Guest {
    machine: Machine,
    host: UnixStream,
    input: Vec<u8>,
}

impl Guest {
    /// ext4 at /mnt/a, with a bind mount of it and a second one below it, at /mnt/a/sub.
    fn boot(options: &str) -> Option<Self> {
        let mut machine = Setup::new()
            .program(env!("CARGO_BIN_EXE_qapi-agent"), AGENT)
            .file("/etc/qemu/fsfreeze-hook", HOOK)
            .disks(2)
            .boot()?;
        machine.shell(
            "umount /mnt/b; mkdir -p /mnt/a/sub '/mnt/a/bind dir'; mount -t ext4 /dev/vdb /mnt/a/sub; \
             mount -o bind /mnt/a/sub '/mnt/a/bind dir'",
        );
        start(&mut machine, options);
        let host = UnixStream::connect(machine.agent_socket()).unwrap();
        host.set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        Some(Self {
            machine,
            host,
            input: Vec::new(),
        })
    }

    fn send(&mut self, request: &Value) {
        writeln!(self.host, "{request}").unwrap();
    }

    fn line(&mut self) -> Value {
        loop {
            if let Some(end) = self.input.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                return serde_json::from_slice(&line).unwrap();
            }
            let mut buffer = [0; 4096];
            let count = self.host.read(&mut buffer).unwrap();
            assert!(count > 0, "the machine has ended");
            self.input.extend_from_slice(&buffer[..count]);
        }
    }

    fn call(&mut self, command: &str) -> Value {
        self.call_with(command, &json!({}))
    }

    fn call_with(&mut self, command: &str, arguments: &Value) -> Value {
        self.send(&json!({"execute": command, "arguments": arguments}));
        self.line()
    }

    fn freeze(&mut self) -> Value {
        self.call("guest-fsfreeze-freeze")
    }

    fn thaw(&mut self) -> Value {
        self.call("guest-fsfreeze-thaw")
    }

    fn status(&mut self) -> String {
        let reply = self.call("guest-fsfreeze-status");
        reply["return"].as_str().unwrap().to_owned()
    }

    /// Begins to write a file; whether that is done after two seconds.
    fn writes(&mut self, file: &str) -> bool {
        let command =
            format!("(echo x >{file}; echo ok >/run/written) & sleep 2; cat /run/written");
        self.machine.shell("rm -f /run/written");
        self.machine.shell(&command).contains("ok")
    }

    fn hook_log(&mut self) -> String {
        let log = self.machine.shell("cat /run/hook.log; rm -f /run/hook.log");
        log.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn start(machine: &mut Machine, options: &str) {
    machine.shell(&format!(
        "{AGENT} -v {options} </dev/null >>/run/log 2>&1 & echo $! >/run/pid"
    ));
}

fn returned(value: impl Into<Value>) -> Value {
    json!({"return": value.into()})
}

#[test]
fn a_freeze_that_lasts_too_long_ends_by_itself() {
    let Some(mut guest) = Guest::boot("-F --max-freeze-time 4") else {
        return;
    };
    assert_eq!(guest.freeze(), returned(2));
    assert_eq!(guest.status(), "frozen");
    let until = Instant::now() + Duration::from_secs(30);
    while guest.status() == "frozen" {
        assert!(Instant::now() < until, "it does not thaw");
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(guest.writes("/mnt/a/x"));
    assert_eq!(guest.hook_log(), "freeze thaw");
    let log = guest.machine.shell("cat /run/log");
    assert!(log.contains("the freeze has lasted too long"), "{log}");
    assert_eq!(guest.thaw(), returned(0));

    // A thaw in time stops the clock.
    assert_eq!(guest.freeze(), returned(2));
    assert_eq!(guest.thaw(), returned(2));
    guest.machine.shell("rm /run/hook.log; sleep 6");
    assert_eq!(guest.machine.shell("cat /run/hook.log 2>/dev/null"), "");
}
