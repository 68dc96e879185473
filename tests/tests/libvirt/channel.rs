//! A channel that is unplugged and plugged in again.

use std::fs;

use serde_json::json;

use qapi_tests::vm::PORT;

use crate::daemon::Daemon;
use crate::domain::Domain;
use crate::freeze;

/// Options of an agent that waits for its port.
const OPTIONS: &str = "-v -F --retry-path";

/// Unplugs the channel, and waits until it is gone at both ends.
fn unplug(daemon: &Daemon, domain: &mut Domain) {
    let description = domain.run(daemon, "dumpxml", &[]);
    let start = description.find("<channel ").expect("there is a channel");
    let end = description.find("</channel>").expect("it ends") + "</channel>".len();
    let file = daemon.image(domain.name).join("channel.xml");
    fs::write(&file, &description[start..end]).expect("the folder is writable");
    daemon.hand_over();
    let file = file.to_string_lossy();
    domain.run(daemon, "detach-device", &[&file, "--live"]);
    domain.wait_until("ls /sys/class/virtio-ports | grep -c vport", "0");
    domain.wait_for_agent(daemon, false);
}

/// Plugs a new channel in, and waits until libvirt reaches the agent by it.
fn plug(daemon: &Daemon, domain: &mut Domain) {
    let file = daemon.image(domain.name).join("channel.xml");
    let channel = format!("<channel type='unix'><target type='virtio' name='{PORT}'/></channel>");
    fs::write(&file, channel).expect("the folder is writable");
    daemon.hand_over();
    let file = file.to_string_lossy();
    domain.run(daemon, "attach-device", &[&file, "--live"]);
    domain.wait_for_agent(daemon, true);
}

/// The agent goes on, also with what it has frozen.
pub(crate) fn comes_back_with_the_agent(daemon: &Daemon, domain: &mut Domain) {
    domain.shell("kill $(cat /run/pid); wait $(cat /run/pid)");
    domain.start(daemon, OPTIONS);
    let process = domain.shell("cat /run/pid");
    for _ in 0..2 {
        unplug(daemon, domain);
        plug(daemon, domain);
    }
    let file = json!({ "path": "/run/kept", "mode": "w" });
    let open = json!({ "execute": "guest-file-open", "arguments": file });
    let handle = domain.agent(daemon, &open).expect("it opens files");
    freeze::freeze(daemon, domain);
    unplug(daemon, domain);
    plug(daemon, domain);
    assert_eq!(freeze::status(daemon, domain), "frozen");
    freeze::assert_thaws(daemon, domain, 2);
    assert_eq!(freeze::hook_log(domain), "freeze thaw");
    // It is the same agent, with its state.
    let close = json!({ "execute": "guest-file-close", "arguments": { "handle": handle } });
    domain.agent(daemon, &close).expect("the handle is known");
    let is_alive = format!("kill -0 {process} && echo yes");
    assert_eq!(domain.shell(&is_alive), "yes");
}
