//! Freezing while something else goes on: clocks that jump, mounts that come and go, and hooks in a bad state.

use serde_json::json;

use super::freeze::{ALL, MARKER, freeze, hook_log, returned, status, thaw, writable};
use super::guest::Guest;

const HOOK: &str = "/etc/qemu/fsfreeze-hook";

/// Moves the guest's clock.
fn jump(guest: &mut Guest, seconds: i64) {
    guest.shell(&format!("date -s @$(($(date +%s) + {seconds})) >/dev/null"));
}

pub(crate) fn the_clock_may_jump(guest: &mut Guest) {
    const DAY: i64 = 86_400;
    guest.stop();
    guest.start("-v -F --max-freeze-time 3600");
    assert_eq!(freeze(guest), returned(3));
    jump(guest, 2 * DAY);
    guest.shell("sleep 1");
    assert_eq!(status(guest), "frozen");
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");

    guest.stop();
    guest.start("-v -F --max-freeze-time 5");
    assert_eq!(freeze(guest), returned(3));
    jump(guest, -4 * DAY);
    let told = "grep -c 'undoing the freeze: it lasted longer than 5 seconds' /run/log";
    guest.wait_until(told, "1");
    guest.wait_until("cat /run/hook.log | xargs", "freeze thaw");
    hook_log(guest);
    jump(guest, 2 * DAY);
    let error = guest.agent.fail("guest-fsfreeze-thaw", &json!({}));
    assert!(error.contains("(max-freeze-time)"), "{error}");
    guest.stop();
    guest.start("-v -F");
}

pub(crate) fn mounts_may_come_and_go(guest: &mut Guest) {
    let device = guest.shell("awk '$2 == \"/mnt/n\" {print $1}' /proc/mounts");
    guest.shell("mkdir -p /run/late");
    assert_eq!(freeze(guest), returned(3));
    // The file system goes on without a place, and stays frozen.
    guest.shell("umount -l /mnt/n && mount -o bind /mnt/a /run/late");
    let mounts = guest.shell("grep -c -e ' /mnt/n ' -e ' /run/late ' /proc/mounts");
    assert_eq!(mounts, "1");
    assert_eq!(thaw(guest), returned(3));
    guest.shell(&format!("umount /run/late; mount -t ext4 {device} /mnt/n"));
    assert_eq!(writable(guest, &ALL), ALL);
    assert_eq!(hook_log(guest), "freeze thaw");
}

pub(crate) fn a_hook_may_leave_a_process_behind(guest: &mut Guest) {
    // It has the hook's output open.
    guest.shell("touch /run/hook-leaves-freeze /run/hook-leaves-thaw");
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(status(guest), "frozen");
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");
    let left = guest.shell("rm /run/hook-leaves-*; ps | grep -c '[s]leep 3000'; killall sleep");
    assert_eq!(left, "2");
}

pub(crate) fn a_hook_that_cannot_run_freezes_nothing(guest: &mut Guest) {
    guest.shell(&format!("mv {HOOK} /etc/qemu/hook"));
    for (make, reason) in [
        ("true", "No such file or directory"),
        (
            "cp /etc/qemu/hook HOOK; chmod 600 HOOK",
            "Permission denied",
        ),
        ("ln -s /nonexistent HOOK", "No such file or directory"),
        ("ln -s HOOK HOOK", "Too many levels of symbolic links"),
        ("mkdir HOOK", "Permission denied"),
        (
            "printf '#!/nonexistent\\n' >HOOK; chmod 700 HOOK",
            "No such file or directory",
        ),
    ] {
        guest.shell(&make.replace("HOOK", HOOK));
        let error = guest.agent.fail("guest-fsfreeze-freeze", &json!({}));
        let expected = format!(
            "child process has failed to execute fsfreeze hook: failed to exec '{HOOK}': {reason}\n"
        );
        assert_eq!(error, expected, "{make}");
        assert_eq!(status(guest), "thawed", "{make}");
        let rest = guest.shell(&format!("ls {MARKER} 2>/dev/null; rm -rf {HOOK}"));
        assert_eq!(rest, "", "{make}");
    }
    assert_eq!(writable(guest, &ALL), ALL);
    // A link to one that runs is as good as that.
    guest.shell(&format!("ln -s hook {HOOK}"));
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");
    guest.shell(&format!("mv /etc/qemu/hook {HOOK}"));
}

/// The kernel's own limit on open files is not for root, whom the agent runs as.
pub(crate) fn a_system_without_free_files_is_thawed(guest: &mut Guest) {
    let most = guest.shell("cat /proc/sys/fs/file-max");
    guest.shell("echo 1 >/proc/sys/fs/file-max");
    assert_eq!(freeze(guest), returned(3));
    assert_eq!(thaw(guest), returned(3));
    assert_eq!(hook_log(guest), "freeze thaw");
    guest.shell(&format!("echo {most} >/proc/sys/fs/file-max"));
}
