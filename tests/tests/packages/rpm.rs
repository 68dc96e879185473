//! The package for distributions with rpm, by rpm itself.

use crate::guest::{Guest, UNIT};
use crate::life::{CONFIGURATION, add_hook, upgrade};

/// Its dependencies are known to the other package manager only.
const RPM: &str = "rpm --force-debian --nodeps";

/// From the installation to the removal.
pub(crate) fn goes_the_same_way(guest: &mut Guest) {
    guest.unplug_port();
    // A folder of the base there, which packages put theirs into.
    guest.run("mkdir -p /usr/share/licenses");
    // The first use makes the list of packages.
    guest.run("rpm --force-debian --query --all");
    guest.take_inventory();

    // Without a port nothing starts, and nobody waits for one.
    guest.run(&format!("timeout 60 {RPM} --install /opt/agent.rpm"));
    assert_eq!(guest.state(), "inactive");
    // Contents, modes and owners are as in the package.
    guest.run(&format!("{RPM} --verify qapi-agent"));
    assert_eq!(guest.run("qapi-agent --version"), "QEMU Guest Agent 0.1.0");
    guest.plug_port();
    guest.report("the .rpm is installed and started by the port");

    let settings = format!("md5sum {CONFIGURATION}");
    let pristine = guest.run(&settings);
    guest.run(&format!(
        "sed -i -e 's/^#fsfreeze-hook = /fsfreeze-hook = /' {CONFIGURATION}"
    ));
    add_hook(guest);
    assert_ne!(guest.run(&settings), pristine);
    upgrade(guest, &settings, |guest| {
        guest.run(&format!("{RPM} --upgrade /opt/next.rpm"));
        assert_eq!(
            guest.run("rpm --force-debian --query qapi-agent"),
            "qapi-agent-0.1.0-2.x86_64"
        );
    });
    guest.report("the .rpm is upgraded");

    guest.run("rm /etc/qemu/fsfreeze-hook.d/notes");
    guest.run(&format!("sed -i 's/^fsfreeze-hook = /#&/' {CONFIGURATION}"));
    assert_eq!(guest.run(&settings), pristine);
    let process = guest.process();
    guest.run(&format!("{RPM} --erase qapi-agent"));
    assert_eq!(
        guest.shell(&format!("ls -d /proc/{process} 2>/dev/null")),
        ""
    );
    let is_known = format!("systemctl show --property LoadState --value {UNIT}");
    assert_eq!(guest.run(&is_known), "not-found");
    assert_eq!(guest.changes(), "");
    guest.report("the .rpm is removed");
}
