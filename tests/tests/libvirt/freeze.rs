//! Freezes that go wrong at one end or the other.

use std::time::Duration;

use qapi_tests::vm::Setup;
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::domain::Domain;

/// It tells what it was called with, and can be made to take long.
pub(crate) const HOOK: &str = "#!/bin/sh
echo $1 >>/run/hook.log
[ -e /run/hook-slow-$1 ] && sleep $(cat /run/hook-slow-$1)
exit 0
";

/// Two file systems and the hook.
pub(crate) fn setup() -> Setup {
    Setup::new().file("/etc/qemu/fsfreeze-hook", HOOK).disks(2)
}

/// Options of the agent.
pub(crate) const OPTIONS: &str = "-v -F";

/// The text of an agent that has thawed because nobody knew of the freeze.
const UNKNOWN: &str = "no host took its answer";

/// The hook's arguments since the last look.
pub(crate) fn hook_log(domain: &mut Domain) -> String {
    domain.shell("cat /run/hook.log 2>/dev/null | xargs; rm -f /run/hook.log")
}

fn wait_for_hook(domain: &mut Domain, calls: &str) {
    domain.wait_until("cat /run/hook.log 2>/dev/null | xargs", calls);
}

pub(crate) fn status(daemon: &Daemon, domain: &Domain) -> Value {
    let status = domain.agent(daemon, &json!({ "execute": "guest-fsfreeze-status" }));
    status.unwrap_or_else(|error| panic!("{error}"))
}

/// Both file systems take a file.
fn assert_writable(domain: &mut Domain) {
    let written = domain.shell("for f in a b; do echo x >/mnt/$f/x && cat /mnt/$f/x; done | xargs");
    assert_eq!(written, "x x");
}

pub(crate) fn assert_thaws(daemon: &Daemon, domain: &mut Domain, count: usize) {
    let thawed = domain.run(daemon, "domfsthaw", &[]);
    assert_eq!(thawed, format!("Thawed {count} filesystem(s)"));
    assert_writable(domain);
}

/// Freezes with a hook that takes longer than libvirt waits.
fn freeze_in_vain(daemon: &Daemon, domain: &mut Domain) {
    domain.shell("echo 6 >/run/hook-slow-freeze");
    domain.run(daemon, "guest-agent-timeout", &["--timeout", "2"]);
    let error = domain.call(daemon, "domfsfreeze", &[]).unwrap_err();
    assert!(error.contains("agent"), "{error}");
    domain.run(daemon, "guest-agent-timeout", &["--timeout", "60"]);
    domain.shell("rm /run/hook-slow-freeze");
}

pub(crate) fn a_host_that_gave_up_learns_from_the_status(daemon: &Daemon, domain: &mut Domain) {
    freeze_in_vain(daemon, domain);
    // The answer of the freeze, which libvirt does not wait for any more, is not taken for this one.
    assert_eq!(status(daemon, domain), "frozen");
    assert_thaws(daemon, domain, 2);
    assert_eq!(status(daemon, domain), "thawed");
    assert_eq!(hook_log(domain), "freeze thaw");

    // What backup programs do: thaw, whatever became of the freeze.
    freeze_in_vain(daemon, domain);
    domain.run(daemon, "domfsthaw", &[]);
    assert_writable(domain);
    assert_eq!(status(daemon, domain), "thawed");
    assert_eq!(hook_log(domain), "freeze thaw");
}

pub(crate) fn a_host_that_gave_up_and_does_not_ask_is_told(daemon: &Daemon, domain: &mut Domain) {
    freeze_in_vain(daemon, domain);
    // libvirt begins with a new sync: the answer of the freeze will never come.
    domain
        .agent(daemon, &json!({ "execute": "guest-ping" }))
        .unwrap_or_else(|error| panic!("{error}"));
    wait_for_hook(domain, "freeze thaw");
    assert_writable(domain);
    let error = domain.call(daemon, "domfsthaw", &[]).unwrap_err();
    assert!(error.contains(UNKNOWN), "{error}");
    assert_thaws(daemon, domain, 0);
    assert_eq!(hook_log(domain), "freeze thaw");
}

/// Asks for a freeze whose hook takes long, calls `kill` while the hook is at work, and expects the freeze to fail.
fn kill_while_freezing(daemon: &Daemon, domain: &mut Domain, kill: impl FnOnce(&mut Domain)) {
    domain.shell("echo 6 >/run/hook-slow-freeze");
    let name = domain.name;
    std::thread::scope(|scope| {
        let freeze = scope.spawn(move || daemon.virsh(&["domfsfreeze", name]));
        wait_for_hook(domain, "freeze");
        kill(domain);
        let output = freeze.join().expect("the thread did not panic");
        assert!(!output.status.success());
    });
}

/// Kills the daemon while the hook of a freeze is at work.
fn kill_daemon_while_freezing(daemon: &mut Daemon, domain: &mut Domain) {
    kill_while_freezing(daemon, domain, |_| daemon.kill_process());
    daemon.kill();
    domain.shell("rm /run/hook-slow-freeze");
}

pub(crate) fn a_daemon_that_dies_while_freezing_may_come_back(
    daemon: &mut Daemon,
    domain: &mut Domain,
) {
    kill_daemon_while_freezing(daemon, domain);
    daemon.run();
    domain.wait_for_agent(daemon, true);
    assert_eq!(status(daemon, domain), "frozen");
    assert_thaws(daemon, domain, 2);
    assert_eq!(hook_log(domain), "freeze thaw");
}

pub(crate) fn a_daemon_that_dies_while_freezing_may_stay_away(
    daemon: &mut Daemon,
    domain: &mut Domain,
) {
    kill_daemon_while_freezing(daemon, domain);
    wait_for_hook(domain, "freeze thaw");
    assert_writable(domain);
    daemon.run();
    domain.wait_for_agent(daemon, true);
    assert_eq!(status(daemon, domain), "thawed");
    let error = domain.call(daemon, "domfsthaw", &[]).unwrap_err();
    assert!(error.contains(UNKNOWN), "{error}");
    assert_thaws(daemon, domain, 0);
    assert_eq!(hook_log(domain), "freeze thaw");
}

pub(crate) fn freeze(daemon: &Daemon, domain: &Domain) {
    let frozen = domain.run(daemon, "domfsfreeze", &[]);
    assert_eq!(frozen, "Froze 2 filesystem(s)");
}

pub(crate) fn an_agent_killed_while_frozen_thaws_when_it_is_back(
    daemon: &Daemon,
    domain: &mut Domain,
) {
    freeze(daemon, domain);
    domain.kill(daemon);
    assert!(domain.call(daemon, "domfsthaw", &[]).is_err());
    domain.start(daemon, OPTIONS);
    assert_eq!(status(daemon, domain), "frozen");
    assert_thaws(daemon, domain, 2);
    assert_eq!(hook_log(domain), "freeze thaw");
}

pub(crate) fn an_agent_killed_in_the_hook_tells_it_of_the_thaw(
    daemon: &Daemon,
    domain: &mut Domain,
) {
    kill_while_freezing(daemon, domain, |domain| domain.kill(daemon));
    domain.shell("rm /run/hook-slow-freeze");
    domain.start(daemon, OPTIONS);
    domain.run(daemon, "domfsthaw", &[]);
    assert_writable(domain);
    assert_eq!(status(daemon, domain), "thawed");
    assert_eq!(hook_log(domain), "freeze thaw");
}

pub(crate) fn a_freeze_that_lasted_too_long_is_no_success(daemon: &Daemon, domain: &mut Domain) {
    domain.shell("kill $(cat /run/pid); wait $(cat /run/pid)");
    domain.start(daemon, "-v -F --max-freeze-time 5");
    freeze(daemon, domain);
    wait_for_hook(domain, "freeze thaw");
    assert_writable(domain);
    let error = domain.call(daemon, "domfsthaw", &[]).unwrap_err();
    assert!(error.contains("(max-freeze-time)"), "{error}");
    assert_thaws(daemon, domain, 0);
    assert_eq!(hook_log(domain), "freeze thaw");
}

/// Runs a program by `guest-exec`; returns its id.
fn exec(daemon: &Daemon, domain: &Domain, path: &str, arguments: &[&str]) -> Value {
    let request = json!({
        "execute": "guest-exec",
        "arguments": { "path": path, "arg": arguments, "capture-output": true },
    });
    let mut started = domain
        .agent(daemon, &request)
        .unwrap_or_else(|error| panic!("{error}"));
    started["pid"].take()
}

pub(crate) fn dropped_output_is_reported(daemon: &Daemon, domain: &mut Domain) {
    for _ in 0..16 {
        exec(daemon, domain, "head", &["-c", "17825792", "/dev/zero"]);
    }
    domain.wait_until("ps | grep -c '[h]ead -c 178'", "0");
    let process = exec(daemon, domain, "sh", &["-c", "echo hi"]);
    let request =
        json!({ "execute": "guest-exec-status", "arguments": { "pid": process.as_i64() } });
    for _ in 0..300 {
        let status = domain
            .agent(daemon, &request)
            .unwrap_or_else(|error| panic!("{error}"));
        if status["exited"] == true {
            // Old output that nobody asked for has given way.
            assert_eq!(status["out-data"], "aGkK", "{status}");
            assert_eq!(status["out-truncated"], false, "{status}");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the program does not end");
}
