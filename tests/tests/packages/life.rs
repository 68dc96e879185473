//! From the installation to the purge.

use serde_json::json;

use crate::guest::{Guest, UNIT};

pub(crate) const CONFIGURATION: &str = "/etc/qemu/qemu-ga.conf";

/// Notes in /run, which is not frozen, what it hears.
const HOOK: &str = "#!/bin/sh\necho $1 >> /run/heard";

pub(crate) fn is_installed_where_there_is_no_port(guest: &mut Guest) {
    guest.run("dpkg --install /opt/agent.deb");
    assert_eq!(version(guest), "installed 0.1.0-1");
    // As Debian's: the rule of udev starts it, no target does.
    assert_eq!(
        guest.shell(&format!("systemctl is-enabled {UNIT}")),
        "disabled"
    );
    assert_eq!(guest.state(), "inactive");
    assert_eq!(guest.run("qapi-agent --version"), "QEMU Guest Agent 0.1.0");
    guest.report("installed");
}

pub(crate) fn starts_when_the_port_appears(guest: &mut Guest) {
    // The rule has been read, or something else would have to start it.
    guest.run("udevadm settle");
    assert_eq!(guest.state(), "inactive");
    guest.plug_port();
    let name = guest.agent.run("guest-get-host-name", &json!({}));
    assert_eq!(
        name["host-name"],
        guest.run("cat /proc/sys/kernel/hostname")
    );
    guest.report("started by the port");
}

pub(crate) fn logs_to_the_journal(guest: &mut Guest) {
    guest.run(&format!(
        "sed -i -e 's/^#verbose = .*/verbose = true/' -e 's/^#fsfreeze-hook = /fsfreeze-hook = /' {CONFIGURATION}"
    ));
    guest.run(&format!("systemctl restart {UNIT}"));
    guest.agent.ping();
    // Its own files are private by themselves; what the host's programs make is as that of other services.
    guest.start("/bin/sh", &["-c", "umask > /run/umask"]);
    guest.wait_until("cat /run/umask 2>/dev/null", "0022");
    let journal = guest.journal();
    assert!(journal.contains("host connected"), "{journal}");
    assert!(journal.contains("Started qapi-agent.service"), "{journal}");
    // What a host does to the guest is on record without `verbose`, too.
    assert!(journal.contains("guest-exec"), "{journal}");
    guest.report("the journal has the log");
}

pub(crate) fn runs_the_programs_of_the_hook_s_folder(guest: &mut Guest) {
    add_hook(guest);
    freeze_and_thaw(guest);
    guest.report("frozen and thawed with a hook");
}

/// Adds a program to the folder of the hook.
pub(crate) fn add_hook(guest: &mut Guest) {
    guest.write("/etc/qemu/fsfreeze-hook.d/notes", HOOK);
    guest.run("chmod 755 /etc/qemu/fsfreeze-hook.d/notes");
}

/// Freezes and thaws, and asserts that the program in the hook's folder hears of both.
pub(crate) fn freeze_and_thaw(guest: &mut Guest) {
    let frozen = guest.agent.run("guest-fsfreeze-freeze", &json!({}));
    let status = guest.agent.run("guest-fsfreeze-status", &json!({}));
    let thawed = guest.agent.run("guest-fsfreeze-thaw", &json!({}));
    // The one file system that is on a disk.
    assert_eq!(
        (frozen, status, thawed),
        (json!(1), json!("frozen"), json!(1))
    );
    assert_eq!(guest.run("cat /run/heard; rm /run/heard"), "freeze\nthaw");
}

pub(crate) fn ends_and_starts_with_the_port(guest: &mut Guest) {
    let process = guest.process();
    guest.unplug_port();
    guest.wait_until(&format!("systemctl is-active {UNIT}"), "inactive");
    assert_eq!(
        guest.shell(&format!("ls -d /proc/{process} 2>/dev/null")),
        ""
    );
    guest.plug_port();
    guest.report("unplugged and plugged in again");
}

pub(crate) fn an_upgrade_keeps_what_was_set_and_what_runs(guest: &mut Guest) {
    let settings = format!("md5sum {CONFIGURATION} /etc/qemu/fsfreeze-hook.d/notes");
    upgrade(guest, &settings, |guest| {
        guest.run("dpkg --install /opt/next.deb");
        assert_eq!(version(guest), "installed 0.1.0-1+next");
    });
    guest.report("upgraded");
}

/// Upgrades the package by a package manager. The new agent runs, what `settings` prints is the same, and a program that
/// the host has started goes on.
pub(crate) fn upgrade(guest: &mut Guest, settings: &str, by: impl FnOnce(&mut Guest)) {
    let program = guest.start("/bin/sleep", &["100000"]);
    let before = (guest.process(), guest.run(settings));
    by(guest);
    guest.wait_until_active();
    let after = (guest.process(), guest.run(settings));
    assert_ne!(before.0, after.0, "the new program runs");
    assert_eq!(before.1, after.1);
    assert_eq!(guest.run(&format!("cat /proc/{program}/comm")), "sleep");
    freeze_and_thaw(guest);
    guest.run(&format!("kill {program}"));
}

pub(crate) fn is_gone_after_a_purge(guest: &mut Guest) {
    guest.run("rm /etc/qemu/fsfreeze-hook.d/notes");
    let process = guest.process();
    guest.run("dpkg --remove qapi-agent");
    // Settings stay until the purge.
    guest.run(&format!("test -f {CONFIGURATION}"));
    guest.run("dpkg --purge qapi-agent");
    assert_eq!(
        guest.shell(&format!("ls -d /proc/{process} 2>/dev/null")),
        ""
    );
    assert_eq!(guest.state(), "inactive");
    let is_known = format!("systemctl show --property LoadState --value {UNIT}");
    assert_eq!(guest.run(&is_known), "not-found");
    assert_eq!(guest.changes(), "");
    guest.report("purged");
}

pub(crate) fn takes_the_place_of_the_distribution_s(guest: &mut Guest) {
    // What it depends on is not there; who may be installed beside whom is decided before that.
    let theirs = "dpkg --force-depends --install /opt/theirs.deb";
    guest.run(theirs);
    guest.run("dpkg --install /opt/agent.deb");
    let status = "dpkg-query --show --showformat '${db:Status-Status}' qemu-guest-agent";
    assert_eq!(guest.run(status), "config-files");
    // The port is there already, and has been served by the other one.
    guest.wait_until_active();
    let refusal = guest.shell(&format!("{theirs} </dev/null; echo \"code $?\""));
    assert!(
        refusal.contains("qapi-agent conflicts with qemu-guest-agent"),
        "{refusal}"
    );
    assert!(refusal.ends_with("code 1"), "{refusal}");
    guest.agent.ping();
    guest.run("dpkg --purge qapi-agent qemu-guest-agent");
    assert_eq!(guest.changes(), "");
    guest.report("in the place of the distribution's");
}

/// State and version of the package.
fn version(guest: &mut Guest) -> String {
    guest.run("dpkg-query --show --showformat '${db:Status-Status} ${Version}' qapi-agent")
}
