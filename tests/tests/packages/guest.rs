//! A machine with systemd.

use std::path::Path;
use std::time::Instant;

use qapi_tests::vm::{Lines, Machine, Setup};
use serde_json::json;

/// The unit of the agent.
pub(crate) const UNIT: &str = "qapi-agent.service";

/// Prints what is in the guest but for what its other programs keep for themselves.
const INVENTORY: &str = "(find / -xdev -printf '%M %U:%G %p\\n' \
    | grep -vE ' /(var/(log|cache|tmp|lib/(systemd|dpkg/(status|available|lock|triggers|updates)))|tmp|root)'; \
    find /run /tmp -path /run/udev -prune -o '(' -name '*qga*' -o -name '*qapi*' -o -name '*qemu*' ')' -print; \
    find /etc /usr/lib/udev /usr/lib/systemd -type f -print0 | xargs -0 md5sum; \
    systemctl list-unit-files --no-legend; ls /var/lib/systemd/deb-systemd-helper-* 2>/dev/null) | LC_ALL=C sort";

/// A machine with systemd, in which nothing is installed besides the base of the distribution.
pub(crate) struct Guest {
    machine: Machine,
    /// The host's end of the port, if one is plugged in.
    pub(crate) agent: Lines,
    started: Instant,
}

impl Guest {
    /// Boots one and waits until all units are up; none where there is no disk for it.
    pub(crate) fn boot() -> Option<Self> {
        let disk = qapi_tests::workspace().join("target/systemd-vm/root.img");
        if !Path::new(&disk).is_file() {
            qapi_tests::skip(
                "no disk with systemd (`.ci/systemd-vm` makes one, after `packaging/build`)",
            );
            return None;
        }
        let started = Instant::now();
        let machine = Setup::new().system(disk).module("vsock_loopback").boot()?;
        let mut guest = Self {
            machine,
            agent: Lines::disconnected(),
            started,
        };
        let state = guest.shell("systemctl is-system-running --wait");
        assert_eq!(state, "running", "{}", guest.shell("systemctl --failed"));
        Some(guest)
    }

    /// Tells on standard output how long it took to come this far.
    #[expect(
        clippy::print_stdout,
        reason = "the times are for whoever runs the suite"
    )]
    pub(crate) fn report(&self, step: &str) {
        println!("{:4} s {step}", self.started.elapsed().as_secs());
    }

    /// See [`Machine::shell`].
    pub(crate) fn shell(&mut self, command: &str) -> String {
        self.machine.shell(command)
    }

    /// See [`Machine::wait_until`].
    pub(crate) fn wait_until(&mut self, command: &str, expected: &str) {
        self.machine.wait_until(command, expected);
    }

    /// Runs a command that must succeed.
    pub(crate) fn run(&mut self, command: &str) -> String {
        let output = self.shell(&format!("({command}) </dev/null; echo \"code $?\""));
        match output.strip_suffix("code 0") {
            Some(output) => output.trim_end().to_owned(),
            None => panic!("`{command}` fails: {output}"),
        }
    }

    /// Puts a text into a file whose folder is there.
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        self.run(&format!("cat > {path} <<'@@'\n{text}\n@@\n"));
    }

    /// Plugs the port in and waits until the agent serves it.
    pub(crate) fn plug_port(&mut self) {
        self.machine.plug_port();
        self.agent = Lines::connect(&self.machine.agent_socket());
        self.wait_until_active();
    }

    /// Unplugs the port.
    pub(crate) fn unplug_port(&mut self) {
        self.agent = Lines::disconnected();
        self.machine.unplug_port();
    }

    /// The state of the unit.
    pub(crate) fn state(&mut self) -> String {
        self.shell(&format!("systemctl is-active {UNIT}"))
    }

    /// Waits until the agent has told systemd that it serves.
    pub(crate) fn wait_until_active(&mut self) {
        self.wait_until(&format!("systemctl is-active {UNIT}"), "active");
        self.agent.ping();
    }

    /// The number of the agent's process.
    pub(crate) fn process(&mut self) -> String {
        let process = self.run(&format!("systemctl show --property MainPID --value {UNIT}"));
        assert_ne!(process, "0");
        process
    }

    /// The messages that the agent has written since the machine was booted.
    pub(crate) fn journal(&mut self) -> String {
        self.run(&format!(
            "journalctl --sync; journalctl --unit {UNIT} --output cat"
        ))
    }

    /// Starts a program by the agent, which must be permitted; returns its number.
    pub(crate) fn start(&mut self, path: &str, arguments: &[&str]) -> String {
        let arguments = json!({ "path": path, "arg": arguments });
        self.agent.run("guest-exec", &arguments)["pid"].to_string()
    }

    /// Takes down what is in the guest: files with owner and mode, contents of configuration files, units.
    pub(crate) fn take_inventory(&mut self) {
        self.run(&format!("{INVENTORY} > /dev/shm/before"));
    }

    /// Differences from the inventory that was taken last, line by line.
    pub(crate) fn changes(&mut self) -> String {
        self.run(&format!("{INVENTORY} > /dev/shm/after"));
        self.shell("diff /dev/shm/before /dev/shm/after | grep '^[<>]'")
    }
}
