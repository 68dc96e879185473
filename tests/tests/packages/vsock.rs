//! Connections by vsock. From the guest itself, as that needs nothing of the host's kernel: the peer is number 1 then,
//! which is not the host.

use crate::guest::Guest;

pub(crate) fn only_the_peers_that_the_setting_has_are_served(guest: &mut Guest) {
    for (peers, is_served) in [
        ("", false),
        ("--vsock-peers 3", false),
        ("--vsock-peers 1", true),
        ("--vsock-peers any", true),
    ] {
        // The command ends when clients can be served.
        guest.run(&format!(
            "mkdir -p /run/vsock; qapi-agent --daemonize --verbose --method vsock-listen --path 4294967295:1234 \
             --statedir /run/vsock --pidfile /run/vsock/pid --logfile /run/vsock/log {peers}"
        ));
        let answer =
            guest.shell("echo '{\"execute\":\"guest-ping\"}' | socat -t 60 - VSOCK-CONNECT:1:1234");
        let log = guest.shell("cat /run/vsock/log");
        guest.run("kill $(cat /run/vsock/pid)");
        guest.wait_until(
            "ls -d /proc/$(cat /run/vsock/pid 2>/dev/null || echo none) 2>/dev/null",
            "",
        );
        guest.run("rm -r /run/vsock");
        if is_served {
            assert_eq!(answer, "{\"return\": {}}", "{peers}: {log}");
        } else {
            assert!(!answer.contains("return"), "{peers}: {answer}");
            assert!(log.contains("client refused: "), "{peers}: {log}");
        }
    }
    guest.report("peers by vsock");
}
