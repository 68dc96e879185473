//! Commands of our agent that would be dangerous on the host, in virtual machines.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use qapi_tests::peer;
use qapi_tests::vm::{Machine, Setup};
use serde_json::{Value, json};

const AGENT: &str = "/usr/sbin/qapi-agent";

/// Emulation on a busy machine is slow; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A machine in which the agent serves its port.
fn boot(setup: Setup) -> Option<Machine> {
    let mut machine = setup.program(peer::qapi_agent(), AGENT).boot()?;
    machine.shell(&format!(
        "{AGENT} -v </dev/null >/run/log 2>&1 & echo $! >/run/pid"
    ));
    Some(machine)
}

/// A conversation in lines of JSON: with the agent or with the emulator.
struct Lines {
    reader: BufReader<UnixStream>,
}

impl Lines {
    fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).expect("the emulator listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
        Self {
            reader: BufReader::new(stream),
        }
    }

    fn send(&mut self, request: &Value) {
        writeln!(self.reader.get_mut(), "{request}").expect("the other side reads");
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("an answer in time");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn call(&mut self, command: &str, arguments: &Value) -> Value {
        self.send(&json!({ "execute": command, "arguments": arguments }));
        loop {
            let message = self.receive();
            // The emulator's events may come at any time.
            if message.get("event").is_none() {
                return message;
            }
        }
    }

    /// Runs a command that must succeed.
    fn run(&mut self, command: &str, arguments: &Value) -> Value {
        let mut reply = self.call(command, arguments);
        assert!(
            reply.get("error").is_none(),
            "{command} {arguments}: {reply}"
        );
        reply["return"].take()
    }

    /// Runs a command that must fail; returns the text.
    fn fail(&mut self, command: &str, arguments: &Value) -> String {
        let reply = self.call(command, arguments);
        let text = reply["error"]["desc"].as_str();
        text.unwrap_or_else(|| panic!("{command} {arguments}: {reply}"))
            .to_owned()
    }

    /// Asserts that the agent is there, and that no reply to anything else is on the way.
    fn ping(&mut self) {
        self.send(&json!({ "execute": "guest-ping", "id": "ping" }));
        assert_eq!(self.receive(), json!({ "return": {}, "id": "ping" }));
    }
}

#[test]
fn processors_go_off_and_come_back() {
    let Some(mut machine) = boot(Setup::new()) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    let all = |second: bool| {
        json!([
            { "logical-id": 0, "online": true, "can-offline": false },
            { "logical-id": 1, "online": second, "can-offline": true },
        ])
    };
    let one = |id: i64, online: bool| json!({ "vcpus": [{ "logical-id": id, "online": online }] });
    assert_eq!(agent.run("guest-get-vcpus", &json!({})), all(true), "V067");
    assert_eq!(agent.run("guest-set-vcpus", &one(1, false)), 1, "V068");
    assert_eq!(agent.run("guest-get-vcpus", &json!({})), all(false), "V069");
    assert_eq!(machine.shell("cat /sys/devices/system/cpu/online"), "0");
    assert_eq!(agent.run("guest-set-vcpus", &one(1, true)), 1, "V070");
    assert_eq!(machine.shell("cat /sys/devices/system/cpu/online"), "0-1");
    assert_eq!(
        agent.fail("guest-set-vcpus", &one(0, false)),
        "logical processor #0 can't be offlined",
        "V072"
    );
    assert_eq!(agent.run("guest-set-vcpus", &one(0, true)), 1, "V073");
    let partly = json!({ "vcpus": [
        { "logical-id": 1, "online": true, "can-offline": false },
        { "logical-id": 77, "online": true },
    ] });
    assert_eq!(agent.run("guest-set-vcpus", &partly), 1, "V075, V076");
}

#[test]
fn memory_blocks_are_those_of_the_kernel() {
    let Some(mut machine) = boot(Setup::new()) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    let size = machine.shell("cat /sys/devices/system/memory/block_size_bytes");
    let size = u64::from_str_radix(&size, 16).expect("a hexadecimal number");
    assert_eq!(
        agent.run("guest-get-memory-block-info", &json!({})),
        json!({ "size": size })
    );
    let count = machine.shell("ls -d /sys/devices/system/memory/memory[0-9]* | wc -l");
    let blocks = agent.run("guest-get-memory-blocks", &json!({}));
    let blocks = blocks.as_array().expect("a list");
    assert_eq!(blocks.len().to_string(), count);
    assert!(blocks.iter().all(|block| block["online"] == true));
    // V082: the kernel needs the first block.
    let wanted = json!({ "mem-blks": [
        { "phys-index": 0, "online": true },
        { "phys-index": 999, "online": false },
        { "phys-index": 0, "online": false },
    ] });
    let answers = agent.run("guest-set-memory-blocks", &wanted);
    assert_eq!(
        answers[0],
        json!({ "phys-index": 0, "response": "success" })
    );
    assert_eq!(
        answers[1],
        json!({ "phys-index": 999, "response": "not-found", "error-code": 2 })
    );
    assert_eq!(answers[2]["response"], "operation-failed", "{answers}");

    // A block that the kernel says can go does so and comes back.
    let Some(block) = blocks
        .iter()
        .rev()
        .find(|block| block["can-offline"] == true)
    else {
        panic!("no block can be taken away: {blocks:?}");
    };
    let index = &block["phys-index"];
    let mut set = |online: bool| {
        let wanted = json!({ "mem-blks": [{ "phys-index": index, "online": online }] });
        agent.run("guest-set-memory-blocks", &wanted)[0].take()
    };
    let state = format!("cat /sys/devices/system/memory/memory{index}/state");
    let gone = set(false);
    if gone["response"] == "success" {
        assert_eq!(machine.shell(&state), "offline");
        assert_eq!(set(true)["response"], "success");
    } else {
        // Whether it can is known to the kernel only when it tries.
        assert_eq!(gone["response"], "operation-failed", "{gone}");
    }
    assert_eq!(machine.shell(&state), "online");
}

#[test]
fn both_clocks_are_set() {
    let Some(mut machine) = boot(Setup::new()) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    let time = json!({ "time": 1_700_000_000_123_456_789_i64 });
    let half = agent.fail("guest-set-time", &time);
    assert_eq!(
        half,
        "child process has failed to set hardware clock to system time: failed to exec \
         '/sbin/hwclock': No such file or directory\n (the system clock has been set)",
        "V065, D28"
    );
    let is_set = |nanoseconds: &Value| {
        let since = nanoseconds.as_i64().expect("a number") - 1_700_000_000_123_456_000;
        assert!((0..120_000_000_000).contains(&since), "{since}");
    };
    is_set(&agent.run("guest-get-time", &json!({})));

    machine.shell("ln -s /bin/busybox /sbin/hwclock");
    assert_eq!(agent.run("guest-set-time", &time), json!({}), "V056");
    is_set(&agent.run("guest-get-time", &json!({})));
    // The system clock goes astray, and the hardware clock has been set.
    machine.shell("date -s @1500000000");
    assert_eq!(agent.run("guest-set-time", &json!({})), json!({}), "V058");
    let seconds = agent.run("guest-get-time", &json!({}));
    let since = seconds.as_i64().expect("a number") / 1_000_000_000 - 1_700_000_000;
    assert!((-2..240).contains(&since), "{since}");
    for refused in [-1, 0] {
        assert_eq!(
            agent.fail("guest-set-time", &json!({ "time": refused })),
            "Failed to set time to guest: Invalid argument",
            "V060, V061"
        );
    }
}

/// Makes the user `u`, who has a home and no password.
const ADD_USER: &str = "echo 'u:x:1000:1000::/home/u:/bin/sh' >> /etc/passwd; \
    echo 'u:*:19000:0:99999:7:::' >> /etc/shadow; mkdir -p /home/u; chown 1000:1000 /home/u";

/// Where the module is in the guest.
const MODULE: &str = "/lib/security/pam_unix.so";

/// The distribution's chpasswd with the module that does its work, or none where it is missing.
fn with_chpasswd() -> Option<Setup> {
    let program = Path::new("/usr/sbin/chpasswd");
    let module = std::fs::read_dir("/usr/lib")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("security/pam_unix.so"))
        .find(|path| path.is_file());
    let Some(module) = module.filter(|_| program.is_file()) else {
        qapi_tests::skip("no chpasswd");
        return None;
    };
    Some(
        Setup::new()
            .program(program, "/usr/sbin/chpasswd")
            .program(module, MODULE)
            .file(
                "/etc/pam.d/chpasswd",
                &format!("password required {MODULE} sha512\n"),
            ),
    )
}

#[test]
fn passwords_are_changed() {
    let Some(mut machine) = with_chpasswd().and_then(boot) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    machine.shell(ADD_USER);
    let password = |user: &str, password: &str, crypted: bool| json!({ "username": user, "password": password, "crypted": crypted });
    agent.run("guest-set-user-password", &password("u", "bmV3cHc=", false));
    let shadow = machine.shell("grep ^u: /etc/shadow | cut -d: -f2");
    assert!(shadow.starts_with("$6$"), "V083: {shadow}");
    agent.run(
        "guest-set-user-password",
        &password("u", "JDYkYWJjJGRlZg==", true),
    );
    assert_eq!(
        machine.shell("grep ^u: /etc/shadow | cut -d: -f2"),
        "$6$abc$def",
        "V084"
    );
    let error = agent.fail(
        "guest-set-user-password",
        &password("nosuch", "c2VjcmV0", false),
    );
    assert!(
        error.starts_with("child process has failed to set user password: ")
            && error.contains("nosuch"),
        "V085: {error}"
    );
    let log = machine.shell("cat /run/log");
    for secret in ["bmV3cHc=", "newpw", "$6$abc", "secret", "c2VjcmV0"] {
        assert!(!log.contains(secret) && !error.contains(secret), "{log}");
    }
}

#[test]
fn keys_are_changed() {
    let Some(mut machine) = boot(Setup::new()) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    machine.shell(ADD_USER);
    let who = json!({ "username": "u" });
    assert!(
        agent
            .fail("guest-ssh-get-authorized-keys", &who)
            .ends_with("No such file or directory"),
        "V092"
    );
    let keys = |keys: &[&str]| json!({ "username": "u", "keys": keys });
    agent.run(
        "guest-ssh-add-authorized-keys",
        &keys(&["ssh-rsa AAAA one", "ssh-rsa BBBB two"]),
    );
    agent.run(
        "guest-ssh-add-authorized-keys",
        &keys(&["ssh-rsa AAAA one", "ssh-rsa CCCC three"]),
    );
    assert_eq!(
        agent.run("guest-ssh-get-authorized-keys", &who),
        json!({ "keys": ["ssh-rsa CCCC three", "ssh-rsa BBBB two", "ssh-rsa AAAA one"] }),
        "V095"
    );
    agent.run(
        "guest-ssh-remove-authorized-keys",
        &keys(&["ssh-rsa BBBB two", "nope"]),
    );
    assert_eq!(
        machine.shell("cat /home/u/.ssh/authorized_keys; echo; stat -c '%a %u:%g' /home/u/.ssh /home/u/.ssh/authorized_keys"),
        "ssh-rsa AAAA one\nssh-rsa CCCC three\n700 1000:1000\n600 1000:1000",
        "V097"
    );
}

/// Programs as the system would have them; busybox' own ask an init that is not there.
fn with_power_programs() -> Setup {
    let script = |applet: &str| format!("#!/bin/sh\nexec /bin/busybox {applet} -f\n");
    Setup::new()
        .file("/sbin/poweroff", &script("poweroff"))
        .file("/sbin/halt", &script("halt"))
        .file("/sbin/reboot", &script("reboot"))
}

/// The emulator's side of a machine, ready for commands.
fn qmp(machine: &Machine) -> Lines {
    let mut qmp = Lines::connect(&machine.qmp_socket());
    qmp.receive();
    qmp.run("qmp_capabilities", &json!({}));
    qmp
}

impl Lines {
    /// Skips to the next event of a name; returns its data.
    fn event(&mut self, name: &str) -> Value {
        loop {
            let mut message = self.receive();
            if message["event"] == name {
                return message["data"].take();
            }
        }
    }
}

#[test]
fn shutting_down_ends_the_machine_without_a_reply() {
    for (arguments, reason) in [
        (json!({}), "guest-shutdown"),
        (json!({ "mode": "powerdown" }), "guest-shutdown"),
        (json!({ "mode": "reboot" }), "guest-reset"),
    ] {
        let Some(mut machine) = boot(with_power_programs()) else {
            return;
        };
        let mut agent = Lines::connect(&machine.agent_socket());
        agent.ping();
        let mut qmp = qmp(&machine);
        agent.send(&json!({ "execute": "guest-shutdown", "arguments": arguments, "id": 1 }));
        let data = qmp.event("SHUTDOWN");
        assert_eq!(data["reason"], reason, "{arguments}");
        assert!(machine.wait_for_exit(PATIENCE), "{arguments}");
        let mut rest = String::new();
        // The end of the emulator may cut the connection in any way.
        let _ = agent.reader.read_line(&mut rest);
        assert_eq!(rest, "", "{arguments}");
    }
}

#[test]
fn halting_stops_the_processors_and_leaves_the_machine() {
    let Some(mut machine) = boot(with_power_programs()) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    agent.ping();
    agent.send(&json!({ "execute": "guest-shutdown", "arguments": { "mode": "halt" } }));
    machine.wait_for("System halted", PATIENCE);
    assert!(!machine.wait_for_exit(Duration::from_millis(500)));
}

#[test]
fn a_suspended_machine_wakes_with_its_agent() {
    let Some(mut machine) = boot(Setup::new()) else {
        return;
    };
    let mut agent = Lines::connect(&machine.agent_socket());
    assert_eq!(
        agent.fail("guest-suspend-hybrid", &json!({})),
        "the requested suspend mode is not supported by the guest",
        "V107"
    );
    let states = machine.shell("cat /sys/power/state");
    assert!(states.contains("mem"), "the kernel suspends: {states}");
    let mut qmp = qmp(&machine);
    agent.send(&json!({ "execute": "guest-suspend-ram", "id": 1 }));
    qmp.event("SUSPEND");
    qmp.run("system_wakeup", &json!({}));
    // V122, V123: no late reply comes before that of the ping.
    agent.ping();
    assert_eq!(machine.shell("echo awake"), "awake");
}
