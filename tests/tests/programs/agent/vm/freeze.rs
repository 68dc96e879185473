//! Freezing and thawing file systems, on ext4 with a second mount below it, a bind mount of that and
//! a hook.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use qapi_tests::vm::Setup;
use serde_json::{Value, json};

use super::guest::{Guest, Lines};

/// It tells what it was called with, and can be made to fail, to take long or to leave a process behind.
const HOOK: &str = "#!/bin/sh
echo $1 >>/run/hook.log
[ -e /run/hook-leaves-$1 ] && sleep 3000 &
[ -e /run/hook-slow-$1 ] && sleep $(cat /run/hook-slow-$1)
[ -e /run/hook-fails-$1 ] && { echo hook-fails; exit 7; }
exit 0
";

/// Name of the marker of the frozen state.
pub(crate) const MARKER: &str = "/run/qga.state.isfrozen";

pub(crate) fn setup() -> Setup {
    Setup::new()
        .file("/etc/qemu/fsfreeze-hook", HOOK)
        .disks(2)
        .nvme()
}

/// ext4 at `/mnt/n` and `/mnt/a`, another one at `/mnt/a/sub`, and that again at `/mnt/a/bind dir`.
pub(crate) fn prepare(guest: &mut Guest) {
    // The agent may not have opened its port yet, and the distribution's naps until then. Ours knows by now that its host
    // has the port open, and notices when it leaves.
    guest.agent.ping();
    guest.shell(
        "umount /mnt/b; mkdir -p /mnt/a/sub '/mnt/a/bind dir'; mount -t ext4 /dev/vdb /mnt/a/sub; \
         mount -o bind /mnt/a/sub '/mnt/a/bind dir'",
    );
}

pub(crate) fn freeze(guest: &mut Guest) -> Value {
    guest.agent.call("guest-fsfreeze-freeze", &json!({}))
}

fn freeze_list(guest: &mut Guest, mountpoints: &[&str]) -> Value {
    let arguments = json!({ "mountpoints": mountpoints });
    guest.agent.call("guest-fsfreeze-freeze-list", &arguments)
}

pub(crate) fn thaw(guest: &mut Guest) -> Value {
    guest.agent.call("guest-fsfreeze-thaw", &json!({}))
}

pub(crate) fn status(guest: &mut Guest) -> Value {
    guest.agent.run("guest-fsfreeze-status", &json!({}))
}

pub(crate) fn returned(value: impl Into<Value>) -> Value {
    json!({ "return": value.into() })
}

/// The hook's arguments since the last call.
pub(crate) fn hook_log(guest: &mut Guest) -> String {
    guest.shell("cat /run/hook.log 2>/dev/null | xargs; rm -f /run/hook.log")
}

/// Begins to write a file in each folder; returns those in which that is done after a moment.
pub(crate) fn writable(guest: &mut Guest, folders: &[&str]) -> Vec<String> {
    let mut command = "rm -rf /run/written; mkdir /run/written; ".to_owned();
    for (number, folder) in folders.iter().enumerate() {
        let write = format!("(echo x >'{folder}/x'; echo '{folder}' >/run/written/{number}) & ");
        command.push_str(&write);
    }
    guest.shell(&(command + "sleep 2"));
    written(guest)
}

/// The folders of the last [`writable`] in which writing is done by now.
fn written(guest: &mut Guest) -> Vec<String> {
    let written = guest.shell("cat /run/written/* 2>/dev/null");
    written.lines().map(str::to_owned).collect()
}

pub(crate) const ALL: [&str; 4] = ["/mnt/n", "/mnt/a", "/mnt/a/sub", "/mnt/a/bind dir"];

pub(crate) fn everything_freezes_and_thaws(guest: &mut Guest) {
    assert_eq!(status(guest), "thawed");
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(status(guest), "frozen");
    assert_eq!(hook_log(guest), "freeze");
    assert_eq!(writable(guest, &ALL), [""; 0]);
    // The memory file system is none to be frozen.
    assert_eq!(guest.shell("echo x >/run/x && cat /run/x"), "x");
    let time = guest.agent.call("guest-get-time", &json!({}));
    assert_eq!(
        time["error"],
        json!({
            "class": "CommandNotFound",
            "desc": "Command guest-get-time has been disabled: the agent is in frozen state",
        })
    );
    // The agent does not go before it has thawed.
    guest.shell("kill -TERM $(cat /run/pid); kill -INT $(cat /run/pid); sleep 1");
    guest.agent.ping();
    assert_eq!(status(guest), "frozen");

    assert_eq!(thaw(guest), returned(3));
    assert_eq!(status(guest), "thawed");
    guest.shell("sleep 1");
    assert_eq!(written(guest), ALL);
    assert_eq!(hook_log(guest), "thaw");
    assert!(guest.agent.run("guest-get-time", &json!({})).is_i64());
    // The log was held back and comes now.
    let log = guest.shell("grep -c 'received while frozen: ignored' /run/log");
    assert_eq!(log, "2");
}

pub(crate) fn only_what_was_chosen_freezes(guest: &mut Guest) {
    assert_eq!(
        freeze_list(guest, &["/mnt/a/sub", "/nonexistent"]),
        returned(1)
    );
    assert_eq!(writable(guest, &ALL), ["/mnt/n", "/mnt/a"]);
    assert_eq!(thaw(guest), returned(1));
    assert_eq!(hook_log(guest), "freeze thaw");
}

/// D22
pub(crate) fn hidden_file_systems_freeze_and_thaw(guest: &mut Guest) {
    guest.shell("mkdir -p /side; mount -o bind /mnt/n /side; mount -t tmpfs tmpfs /mnt");
    // The one is reached elsewhere, the others cannot be reached at all.
    assert_eq!(freeze(guest), returned(1));
    assert_eq!(writable(guest, &["/side"]), [""; 0]);
    assert_eq!(thaw(guest), returned(1));
    guest.shell("umount /mnt; umount /side");
    let log = guest.shell("grep -c 'cannot be reached, so it was not frozen' /run/log");
    assert_eq!(log, "2");

    // What is hidden only when it is frozen is thawed nevertheless.
    assert_eq!(freeze(guest), returned(3));
    guest.shell("mount -t tmpfs tmpfs /mnt");
    assert_eq!(thaw(guest), returned(3));
    guest.shell("umount /mnt");
    assert_eq!(writable(guest, &ALL), ALL);
    hook_log(guest);
}

/// D12, D13
pub(crate) fn hooks_come_in_pairs(guest: &mut Guest) {
    guest.shell("touch /run/hook-fails-freeze");
    let failed = "child process has failed to execute fsfreeze hook: hook-fails\n";
    let error = json!({ "class": "GenericError", "desc": failed });
    assert_eq!(freeze(guest)["error"], error);
    assert_eq!(status(guest), "thawed");
    assert_eq!(writable(guest, &ALL), ALL);
    assert_eq!(hook_log(guest), "freeze thaw");

    guest.shell("rm /run/hook-fails-freeze; touch /run/hook-fails-thaw");
    assert_eq!(freeze(guest), returned(3));
    let error = guest.agent.fail("guest-fsfreeze-thaw", &json!({}));
    assert!(
        error.starts_with(failed) && error.contains("file systems thawed: 3"),
        "{error}"
    );
    assert_eq!(status(guest), "thawed");
    assert_eq!(writable(guest, &ALL), ALL);
    assert_eq!(hook_log(guest), "freeze thaw");
    guest.shell("rm /run/hook-fails-thaw");

    // Nothing to freeze is not a reason to leave the hook alone.
    assert_eq!(freeze_list(guest, &["/nonexistent"]), returned(0));
    assert_eq!(hook_log(guest), "freeze thaw");
}

/// As many as the agent may have.
pub(crate) fn files_that_the_host_keeps_open_do_not_hinder_it(guest: &mut Guest) {
    let open = json!({ "path": "/dev/null" });
    let mut handles = Vec::new();
    let error = loop {
        let mut reply = guest.agent.call("guest-file-open", &open);
        match reply["error"]["desc"].as_str() {
            None => handles.push(reply["return"].take()),
            Some(error) => break error.to_owned(),
        }
    };
    assert!(error.ends_with(": Too many open files"), "{error}");
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(status(guest), "frozen");
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");
    for handle in handles {
        guest
            .agent
            .run("guest-file-close", &json!({ "handle": handle }));
    }
}

/// So many replies, by their `id`.
fn replies(guest: &mut Guest, count: usize) -> BTreeMap<String, Value> {
    let replies = (0..count).map(|_| {
        let reply = guest.agent.receive();
        (reply["id"].as_str().unwrap_or_default().to_owned(), reply)
    });
    replies.collect()
}

/// D26
pub(crate) fn a_slow_hook_lets_safe_commands_through(guest: &mut Guest) {
    guest.shell("echo 3 >/run/hook-slow-freeze");
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-freeze", "id": "freeze" }));
    guest.agent.ping();
    // The status is that which the freeze leads to, and comes when it is known.
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-status", "id": "status" }));
    // What must not run in the frozen state does not run any more.
    let exec = json!({ "execute": "guest-exec", "arguments": { "path": "true" }, "id": "exec" });
    guest.agent.send(&exec);
    let replies = replies(guest, 3);
    assert_eq!(replies["freeze"]["return"], 3);
    assert_eq!(replies["status"]["return"], "frozen");
    assert_eq!(replies["exec"]["error"]["class"], "CommandNotFound");
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");

    // A thaw does not wait for a freeze that is under way.
    guest.shell("echo 60 >/run/hook-slow-freeze");
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-freeze", "id": "freeze" }));
    guest.agent.ping();
    let start = Instant::now();
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-thaw", "id": "thaw" }));
    let cancelled = guest.agent.receive();
    assert_eq!(cancelled["id"], "freeze", "{cancelled}");
    let reason = "the freeze was cancelled: a thaw was asked for";
    assert_eq!(cancelled["error"]["desc"], reason, "{cancelled}");
    assert_eq!(guest.agent.receive(), json!({ "return": 0, "id": "thaw" }));
    assert!(start.elapsed() < Duration::from_secs(45));
    guest.shell("rm /run/hook-slow-freeze");
    // The hook hears once of each.
    assert_eq!(hook_log(guest), "freeze thaw");
}

/// The host program goes while the hook runs.
fn leave_during_a_freeze(guest: &mut Guest) {
    guest.shell("echo 4 >/run/hook-slow-freeze");
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-freeze" }));
    guest.agent.ping();
    guest.agent = Lines::disconnected();
    // The log is held back, so that it cannot tell when the agent has noticed.
    guest.shell("sleep 1");
}

pub(crate) fn a_freeze_that_nobody_waits_for_is_told_or_undone(guest: &mut Guest) {
    // Another host program asks, and knows.
    leave_during_a_freeze(guest);
    guest.agent = Lines::connect(&guest.machine.agent_socket());
    assert_eq!(status(guest), "frozen");
    guest.shell("sleep 12");
    assert_eq!(status(guest), "frozen");
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");

    // Nobody asks.
    guest.shell("syslogd -O /run/syslog");
    leave_during_a_freeze(guest);
    guest.wait_until("cat /run/hook.log | xargs", "freeze thaw");
    assert_eq!(writable(guest, &ALL), ALL);
    let reason = "no host took its answer, or asked for the status, for 10 seconds";
    for log in ["/run/log", "/run/syslog"] {
        assert_eq!(guest.shell(&format!("grep -c '{reason}' {log}")), "1");
    }
    guest.agent = Lines::connect(&guest.machine.agent_socket());
    assert_eq!(status(guest), "thawed");
    let error = guest.agent.fail("guest-fsfreeze-thaw", &json!({}));
    assert!(error.contains(reason), "{error}");
    assert_eq!(thaw(guest), returned(0));
    assert_eq!(hook_log(guest), "freeze thaw");
    guest.shell("rm /run/hook-slow-freeze");
}

pub(crate) fn a_slow_disk_lets_safe_commands_through(guest: &mut Guest) {
    let mut qmp = guest.qmp();
    let mut throttle = |iops: i64| {
        let limits = json!({
            "device": "virtio0", "iops": iops,
            "bps": 0, "bps_rd": 0, "bps_wr": 0, "iops_rd": 0, "iops_wr": 0,
        });
        qmp.run("block_set_io_throttle", &limits);
    };
    guest.shell("for i in 1 2 3 4 5 6 7 8 9; do dd if=/dev/zero of=/mnt/a/d$i bs=4k count=3; done 2>/dev/null");
    throttle(1);
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-freeze", "id": "freeze" }));
    guest.agent.ping();
    guest
        .agent
        .send(&json!({ "execute": "guest-fsfreeze-status", "id": "status" }));
    guest.agent.ping();
    throttle(0);
    let replies = replies(guest, 2);
    assert_eq!(replies["freeze"]["return"], 3);
    assert_eq!(replies["status"]["return"], "frozen");
    assert_eq!(thaw(guest), returned(3));
    hook_log(guest);
}

pub(crate) fn the_frozen_state_outlives_the_agent(guest: &mut Guest) {
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(guest.shell(&format!("stat -c %a:%s {MARKER}")), "600:0");
    guest.shell("kill -9 $(cat /run/pid); wait $(cat /run/pid)");
    assert_eq!(writable(guest, &ALL), [""; 0]);
    guest.start("-v -F");
    // The host program has stayed.
    assert_eq!(status(guest), "frozen");
    assert!(
        guest
            .agent
            .fail("guest-get-time", &json!({}))
            .contains("has been disabled")
    );
    assert_eq!(thaw(guest), returned(3));
    guest.shell("sleep 1");
    assert_eq!(written(guest), ALL);
    assert_eq!(guest.shell(&format!("ls {MARKER} 2>/dev/null")), "");
    assert!(guest.agent.run("guest-get-time", &json!({})).is_i64());
    assert_eq!(hook_log(guest), "freeze thaw");
}

pub(crate) fn a_hook_has_a_ceiling(guest: &mut Guest) {
    guest.stop();
    guest.shell("echo 60 >/run/hook-slow-freeze");
    guest.start("-v -F --max-hook-time 2");
    let error = guest.agent.fail("guest-fsfreeze-freeze", &json!({}));
    assert_eq!(
        error,
        "child process has failed to execute fsfreeze hook: it was ended because it took longer than 2 \
         seconds"
    );
    assert_eq!(status(guest), "thawed");
    guest.shell("rm /run/hook-slow-freeze");
    guest.wait_until("cat /run/hook.log | xargs", "freeze thaw");
    hook_log(guest);
}

pub(crate) fn a_freeze_that_lasts_too_long_ends_by_itself(guest: &mut Guest) {
    guest.stop();
    guest.start("-v -F --max-freeze-time 8");
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(status(guest), "frozen");
    let until = Instant::now() + Duration::from_secs(60);
    while status(guest) == "frozen" {
        assert!(Instant::now() < until, "it does not thaw");
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(writable(guest, &ALL), ALL);
    guest.wait_until("cat /run/hook.log | xargs", "freeze thaw");
    hook_log(guest);
    let log = guest.shell("grep -c 'undoing the freeze: it lasted longer than 8 seconds' /run/log");
    assert_eq!(log, "1");
    // Its host does not take the copy for consistent.
    let error = guest.agent.fail("guest-fsfreeze-thaw", &json!({}));
    assert!(error.contains("(max-freeze-time)"), "{error}");
    assert_eq!(thaw(guest), returned(0));
    assert_eq!(hook_log(guest), "");

    // A thaw in time stops the clock.
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(thaw(guest), returned(3));
    hook_log(guest);
    guest.shell("sleep 9");
    assert_eq!(hook_log(guest), "");
}
