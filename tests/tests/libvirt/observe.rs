//! The output of virsh and the state of the guest, command by command.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use qapi_tests::base64;
use qapi_tests::vm::Setup;
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::domain::Domain;
use crate::freeze::HOOK;

/// A name and what was seen under it.
pub(crate) type Observation = (String, String);

/// Observations with either agent.
pub(crate) struct Both {
    pub(crate) ours: Vec<Observation>,
    pub(crate) theirs: Vec<Observation>,
}

impl Both {
    pub(crate) fn extend(&mut self, more: Self) {
        self.ours.extend(more.ours);
        self.theirs.extend(more.theirs);
    }
}

/// Observes two domains at a time.
pub(crate) fn both(
    daemon: &Daemon,
    ours: &mut Domain,
    theirs: &mut Domain,
    observe: fn(&mut Observer<'_>),
) -> Both {
    let of = |domain| {
        let mut observer = Observer {
            daemon,
            domain,
            seen: Vec::new(),
        };
        observe(&mut observer);
        observer.seen
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| of(theirs));
        Both {
            ours: of(ours),
            theirs: other.join().expect("the thread did not panic"),
        }
    })
}

/// A guest with two file systems, a hook, a system's name, and the programs that commands need. None where one is missing.
pub(crate) fn setup() -> Option<Setup> {
    let release = "ID=test\nNAME=\"A test\"\nPRETTY_NAME=\"A test of agents\"\nVERSION=\"1 (one)\"\nVERSION_ID=1\n\
                   VARIANT=\"Small\"\nVARIANT_ID=small\n";
    let setup = Setup::new()
        .file("/etc/qemu/fsfreeze-hook", HOOK)
        .file("/etc/os-release", release)
        .disks(2)
        .power_programs()
        // What the distribution's agent of this version shuts down with.
        .file(
            "/sbin/shutdown",
            "#!/bin/sh\ncase $* in *-P*) exec /sbin/poweroff;; *-r*) exec /sbin/reboot;; *) exec /sbin/halt;; esac\n",
        );
    setup.chpasswd()
}

/// Takes notes of one domain.
pub(crate) struct Observer<'d> {
    daemon: &'d Daemon,
    domain: &'d mut Domain,
    seen: Vec<Observation>,
}

impl Observer<'_> {
    fn note(&mut self, name: &str, text: &str) {
        let text = text.replace(self.domain.name, "<domain>");
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        self.seen.push((name.to_owned(), lines.join(" | ")));
    }

    /// Notes what virsh prints, or its error.
    fn virsh(&mut self, name: &str, command: &str, arguments: &[&str]) {
        let printed = self.domain.call(self.daemon, command, arguments);
        self.note(name, &printed.unwrap_or_else(|error| error));
    }

    /// Notes what a command prints in the guest.
    fn guest(&mut self, name: &str, command: &str) {
        let printed = self.domain.shell(command);
        self.note(name, &printed);
    }

    /// Notes what the agent returns, or libvirt's error.
    fn agent(&mut self, name: &str, request: &Value) {
        match self.domain.agent(self.daemon, request) {
            Ok(value) => self.note(name, &value.to_string()),
            Err(error) => self.note(name, &error),
        }
    }
}

/// Everything that does not end the machine.
pub(crate) fn while_it_runs(observer: &mut Observer<'_>) {
    prepare(observer);
    facts(observer);
    clocks(observer);
    processors(observer);
    accounts(observer);
    freezing(observer);
    requests(observer);
    absence(observer);
}

/// The state after libvirt's own restart, and then the ways to end the machine.
pub(crate) fn until_it_ends(observer: &mut Observer<'_>) {
    observer.virsh(
        "daemon restarted: hostname",
        "domhostname",
        &["--source", "agent"],
    );
    saving(observer);
    power(observer);
}

/// A name, a user, and a login of that user at a console.
fn prepare(observer: &mut Observer<'_>) {
    observer.domain.shell(
        "hostname guest.example; ln -s /bin/busybox /sbin/hwclock; \
         echo 'u:x:1000:1000::/home/u:/bin/sh' >> /etc/passwd; \
         echo 'u:*:19000:0:99999:7:::' >> /etc/shadow; mkdir -p /home/u; chown 1000:1000 /home/u",
    );
    let record = base64::encode(&login("u", "tty1", 1_700_000_000));
    observer
        .domain
        .shell(&format!("echo {record} | base64 -d >/run/utmp"));
}

/// A record of utmp(5): a process of a user.
fn login(user: &str, line: &str, seconds: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = 7;
    record[4] = 99;
    record[8..8 + line.len()].copy_from_slice(line.as_bytes());
    record[44..44 + user.len()].copy_from_slice(user.as_bytes());
    record[340..344].copy_from_slice(&seconds.to_le_bytes());
    record
}

fn facts(observer: &mut Observer<'_>) {
    let printed = observer.domain.run(observer.daemon, "guestinfo", &[]);
    for line in printed.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        observer.note(&format!("guestinfo {}", field.trim()), value.trim());
    }
    observer.virsh("fsinfo", "domfsinfo", &[]);
    observer.virsh("hostname", "domhostname", &["--source", "agent"]);
    observer.virsh("addresses", "domifaddr", &["--source", "agent", "--full"]);
    observer.virsh("trim", "domfstrim", &[]);
    observer.virsh("trim one", "domfstrim", &["--mountpoint", "/mnt/a"]);
}

/// "right" if the time is that, but for what slow machines take.
fn near(seconds: &str, expected: u64) -> String {
    match seconds.trim().parse::<u64>() {
        Ok(now) if now + 2 >= expected && now < expected + 240 => "right".to_owned(),
        _ => format!("{seconds} and not {expected}"),
    }
}

fn clocks(observer: &mut Observer<'_>) {
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    };
    let clock = |observer: &mut Observer<'_>, name: &str, expected: u64| {
        let guest = observer.domain.shell("date +%s");
        observer.note(
            &format!("{name}: the system's clock"),
            &near(&guest, expected),
        );
        let printed = observer.domain.run(observer.daemon, "domtime", &[]);
        let time = printed.trim_start_matches("Time:").trim().to_owned();
        observer.note(&format!("{name}: domtime"), &near(&time, expected));
    };
    clock(observer, "at first", now());
    observer.virsh("set the time", "domtime", &["--time", "1600000000"]);
    clock(observer, "after setting", 1_600_000_000);
    // The clock is set wrong, and then to the hardware clock.
    observer.domain.shell("date -s @1500000000");
    observer.virsh("sync the time", "domtime", &["--sync"]);
    clock(observer, "after sync", 1_600_000_000);
    observer.virsh("set the time to the host's", "domtime", &["--now"]);
    clock(observer, "after now", now());
}

fn processors(observer: &mut Observer<'_>) {
    let online = |observer: &mut Observer<'_>, name: &str| {
        observer.guest(
            &format!("{name}: online"),
            "cat /sys/devices/system/cpu/online",
        );
        observer.virsh(&format!("{name}: guestvcpus"), "guestvcpus", &[]);
    };
    online(observer, "processors");
    observer.virsh(
        "take 1 away",
        "guestvcpus",
        &["--disable", "--cpulist", "1"],
    );
    online(observer, "1 taken away");
    observer.virsh("give 1 back", "guestvcpus", &["--enable", "--cpulist", "1"]);
    observer.virsh(
        "take 0 away",
        "guestvcpus",
        &["--disable", "--cpulist", "0"],
    );
    observer.virsh("one by setvcpus", "setvcpus", &["1", "--guest"]);
    online(observer, "one left");
    observer.virsh("two by setvcpus", "setvcpus", &["2", "--guest"]);
    observer.virsh("plug a third", "setvcpus", &["3", "--live"]);
    observer
        .domain
        .wait_until("ls -d /sys/devices/system/cpu/cpu[0-9] | wc -l", "3");
    online(observer, "a third plugged");
    observer.virsh("three by setvcpus", "setvcpus", &["3", "--guest"]);
    online(observer, "three used");
    observer.virsh("too many", "setvcpus", &["4", "--guest"]);
}

fn accounts(observer: &mut Observer<'_>) {
    let set = "set-user-password";
    observer.virsh("password", set, &["u", "new word"]);
    observer.guest("the password", "grep ^u: /etc/shadow | cut -c1-5");
    observer.virsh("crypted password", set, &["u", "$6$abc$def", "--encrypted"]);
    observer.guest("the crypted password", "grep ^u: /etc/shadow | cut -d: -f2");
    observer.virsh("password of nobody known", set, &["nosuch", "word"]);

    observer.virsh("keys at first", "get-user-sshkeys", &["u"]);
    let path = observer.daemon.image(observer.domain.name).join("keys");
    std::fs::write(&path, "ssh-rsa AAAA one\nssh-rsa BBBB two\n").expect("the folder is writable");
    observer.daemon.hand_over();
    let file = path.to_string_lossy().into_owned();
    observer.virsh("keys added", "set-user-sshkeys", &["u", "--file", &file]);
    observer.virsh("keys then", "get-user-sshkeys", &["u"]);
    std::fs::write(&path, "ssh-rsa BBBB two\n").expect("the folder is writable");
    let remove = ["u", "--file", &file, "--remove"];
    observer.virsh("a key removed", "set-user-sshkeys", &remove);
    observer.guest(
        "the keys' file",
        "cat /home/u/.ssh/authorized_keys; stat -c '%a %u:%g' /home/u/.ssh /home/u/.ssh/authorized_keys",
    );
    let reset = ["u", "--file", &file, "--reset"];
    observer.virsh("keys replaced", "set-user-sshkeys", &reset);
    observer.virsh("keys at last", "get-user-sshkeys", &["u"]);
    observer.virsh("keys of nobody known", "get-user-sshkeys", &["nosuch"]);
}

fn freezing(observer: &mut Observer<'_>) {
    let status = json!({ "execute": "guest-fsfreeze-status" });
    let hook = "cat /run/hook.log 2>/dev/null | xargs; rm -f /run/hook.log";
    observer.virsh("freeze", "domfsfreeze", &[]);
    observer.agent("status of frozen", &status);
    observer.virsh(
        "a command while frozen",
        "domhostname",
        &["--source", "agent"],
    );
    observer.virsh("thaw", "domfsthaw", &[]);
    observer.agent("status of thawed", &status);
    observer.guest("hook", hook);
    observer.virsh("freeze one", "domfsfreeze", &["/mnt/a"]);
    observer.virsh("thaw one", "domfsthaw", &[]);
    observer.guest("hook of one", hook);
    observer.virsh("thaw of nothing", "domfsthaw", &[]);
    observer.guest("hook of nothing", hook);

    // The agent is killed, and the next one knows of the freeze.
    observer.virsh("freeze again", "domfsfreeze", &[]);
    observer.domain.kill(observer.daemon);
    observer.virsh("thaw without an agent", "domfsthaw", &[]);
    observer.domain.start(observer.daemon, "-v -F");
    observer.agent("status of an agent started while frozen", &status);
    observer.virsh("thaw by the next agent", "domfsthaw", &[]);
    observer.guest("hook of both agents", hook);
    observer.guest("writing after all", "echo x >/mnt/a/x; cat /mnt/a/x");
}

fn requests(observer: &mut Observer<'_>) {
    observer.agent("ping", &json!({ "execute": "guest-ping" }));
    observer.agent("no command", &json!({ "execute": "guest-none" }));
    observer.agent(
        "a member too many",
        &json!({ "execute": "guest-ping", "arguments": { "x": 1 } }),
    );
    let missing = json!({ "execute": "guest-file-open", "arguments": { "path": "/none/at/all" } });
    observer.agent("no file", &missing);
    let missing = json!({ "execute": "guest-exec", "arguments": { "path": "/none/at/all" } });
    observer.agent("no program", &missing);
    observer.agent("disks", &json!({ "execute": "guest-get-disks" }));
    let program = json!({ "execute": "guest-exec", "arguments": {
        "path": "/bin/sh", "arg": ["-c", "echo out; echo err >&2; exit 3"], "capture-output": true,
    } });
    let started = observer.domain.agent(observer.daemon, &program);
    let process = started.unwrap_or_else(|error| panic!("{error}"))["pid"].take();
    let request = json!({ "execute": "guest-exec-status", "arguments": { "pid": process } });
    for _ in 0..100 {
        let status = observer.domain.agent(observer.daemon, &request);
        if !matches!(&status, Ok(status) if status["exited"] == false) {
            let text = status.map_or_else(|error| error, |status| status.to_string());
            observer.note("a program's end", &text);
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the program does not end");
}

fn absence(observer: &mut Observer<'_>) {
    observer.virsh("short patience", "guest-agent-timeout", &["--timeout", "2"]);
    observer.domain.kill(observer.daemon);
    observer.virsh("without an agent", "domhostname", &["--source", "agent"]);
    observer.virsh("patience", "guest-agent-timeout", &["--timeout", "60"]);
    observer.domain.start(observer.daemon, "-v -F");
    observer.virsh("with a new agent", "domhostname", &["--source", "agent"]);
}

fn saving(observer: &mut Observer<'_>) {
    let path = observer.daemon.image(observer.domain.name).join("saved");
    let file = path.to_string_lossy().into_owned();
    let restore = |observer: &mut Observer<'_>| {
        let output = observer.daemon.virsh(&["restore", &file]);
        assert!(output.status.success(), "{output:?}");
        observer.domain.reconnect(observer.daemon);
    };
    observer.virsh("save", "save", &[&file]);
    restore(observer);
    observer.virsh("restored: hostname", "domhostname", &["--source", "agent"]);

    observer.virsh("freeze before saving", "domfsfreeze", &[]);
    observer.domain.run(observer.daemon, "save", &[&file]);
    restore(observer);
    observer.virsh("thaw after restoring", "domfsthaw", &[]);
    observer.guest("writing after restoring", "echo y >/mnt/b/y; cat /mnt/b/y");
}

fn power(observer: &mut Observer<'_>) {
    observer.virsh("reboot", "reboot", &["--mode", "agent"]);
    observer.domain.wait_until_ready();
    observer.note("after the reboot", "it is ready");
    observer.domain.start(observer.daemon, "-v -F");
    observer.virsh(
        "rebooted: ping",
        "qemu-agent-command",
        &["{\"execute\":\"guest-ping\"}"],
    );
    // With either agent, the machine may be gone before libvirt has handled that it goes; it says then that the
    // agent's socket has ended.
    let printed = observer
        .domain
        .call(observer.daemon, "shutdown", &["--mode", "agent"]);
    if let Err(error) = printed
        && !error.contains("End of file from agent socket")
    {
        observer.note("shut down", &error);
    }
    observer.domain.wait_for_state(observer.daemon, "shut off");
    observer.note("after the shutdown", "it is shut off");
}
