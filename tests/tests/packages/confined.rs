//! The drop-in that takes commands away, and the profile for `AppArmor` that goes with it.

use serde_json::json;

use crate::guest::{Guest, UNIT};
use crate::life::{CONFIGURATION, freeze_and_thaw};

const EXAMPLES: &str = "/usr/share/doc/qapi-agent/examples";
const DROP_IN: &str = "/etc/systemd/system/qapi-agent.service.d";

pub(crate) fn does_what_it_may_under_drop_in_and_profile(guest: &mut Guest) {
    let exposure = exposure(guest);
    guest.run(&format!(
        "mkdir {DROP_IN}; cp {EXAMPLES}/restricted.conf {DROP_IN}/; systemctl daemon-reload"
    ));
    assert_eq!([exposure, self::exposure(guest)], ["9.6", "4.6"]);
    let has_profiles = guest.shell("cat /sys/module/apparmor/parameters/enabled") == "Y";
    if has_profiles {
        guest.run(&format!(
            "cp {EXAMPLES}/apparmor/usr.sbin.qapi-agent /etc/apparmor.d/; \
             cp {EXAMPLES}/apparmor/with-apparmor.conf {DROP_IN}/; systemctl daemon-reload"
        ));
        guest.run("apparmor_parser --replace /etc/apparmor.d/usr.sbin.qapi-agent");
    } else {
        qapi_tests::skip("no AppArmor in the kernel of the virtual machine");
    }
    guest.run(&format!("systemctl restart {UNIT}"));
    guest.agent.ping();
    if has_profiles {
        let process = guest.process();
        let label = guest.run(&format!("cat /proc/{process}/attr/current"));
        assert_eq!(label, "qapi-agent (enforce)");
    }
    looks_succeed(guest);
    freeze_and_thaw(guest);
    a_hook_is_ended(guest);
    let denials = guest.shell("journalctl --sync; journalctl --dmesg --output cat | grep DENIED");
    assert_eq!(denials, "");

    guest.run(&format!("rm -r {DROP_IN}; systemctl daemon-reload"));
    if has_profiles {
        guest.run("apparmor_parser --remove /etc/apparmor.d/usr.sbin.qapi-agent; rm /etc/apparmor.d/usr.sbin.qapi-agent");
    }
    guest.run(&format!("systemctl restart {UNIT}"));
    guest.agent.ping();
    guest.report("confined");
}

/// The overall figure of `systemd-analyze security`.
fn exposure(guest: &mut Guest) -> String {
    guest.run(&format!(
        "systemd-analyze security {UNIT} | grep 'Overall exposure' | grep -oE '[0-9]+[.][0-9]'"
    ))
}

/// A hook that takes too long is ended, though it has left the profile.
fn a_hook_is_ended(guest: &mut Guest) {
    guest.write(
        "/etc/qemu/fsfreeze-hook.d/slow",
        "#!/bin/sh\n[ $1 = thaw ] || exec sleep 100000",
    );
    guest.run(&format!(
        "chmod 755 /etc/qemu/fsfreeze-hook.d/slow; cp {CONFIGURATION} /run/configuration; \
         sed -i 's/^#max-hook-time = .*/max-hook-time = 1/' {CONFIGURATION}; systemctl restart {UNIT}"
    ));
    let error = guest.agent.fail("guest-fsfreeze-freeze", &json!({}));
    assert!(error.contains("hook"), "{error}");
    guest.agent.run("guest-fsfreeze-thaw", &json!({}));
    guest.run(&format!(
        "rm /etc/qemu/fsfreeze-hook.d/slow /run/heard; cp /run/configuration {CONFIGURATION}; systemctl restart {UNIT}"
    ));
    guest.agent.ping();
}

/// Every command that only looks succeeds, and those that are taken away are refused.
fn looks_succeed(guest: &mut Guest) {
    let info = guest.agent.run("guest-info", &json!({}));
    let commands = info["supported_commands"].as_array().expect("a list");
    let mut looked = 0;
    for command in commands {
        let name = command["name"].as_str().expect("a name");
        if command["enabled"] == true && name.starts_with("guest-get-") {
            guest.agent.run(name, &json!({}));
            looked += 1;
        }
    }
    assert!(looked > 10, "{looked}");
    // As where there is no such file.
    guest.run("mv /run/utmp /run/utmp-before");
    guest.agent.run("guest-get-users", &json!({}));
    guest.run("mv /run/utmp-before /run/utmp");
    guest.agent.run("guest-network-get-interfaces", &json!({}));
    guest.agent.run("guest-network-get-route", &json!({}));
    guest.agent.run("guest-fstrim", &json!({}));
    let time = guest.agent.run("guest-get-time", &json!({}));
    guest.agent.run("guest-set-time", &json!({ "time": time }));
    guest.run("rm -f /etc/adjtime");
    let refusal = guest
        .agent
        .fail("guest-exec", &json!({ "path": "/bin/true" }));
    assert_eq!(
        refusal,
        "Command guest-exec has been disabled: the command is not allowed"
    );
}
