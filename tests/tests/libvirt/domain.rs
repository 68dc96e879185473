//! A machine that libvirt manages, with an agent in it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qapi_tests::vm::{Console, PATIENCE, PORT, Setup};
use serde_json::{Value, json};

use crate::daemon::Daemon;

/// Path of the agent in the guest, whoever made it.
const AGENT: &str = "/usr/sbin/agent";

/// A domain. The same daemon serves several.
pub(crate) struct Domain {
    pub(crate) name: &'static str,
    console: Console,
}

impl Domain {
    /// Boots a domain with `program`, an agent, and starts that. None where there is nothing to boot with.
    pub(crate) fn boot(
        daemon: &Daemon,
        name: &'static str,
        setup: Setup,
        program: &Path,
        options: &str,
    ) -> Option<Self> {
        let folder = daemon.image(name);
        fs::create_dir(&folder).expect("the folder is writable");
        let files = setup.program(program, AGENT).write_to(&folder)?;
        let kernel = folder.join("kernel");
        fs::copy(&files.kernel, &kernel).expect("the folder is writable");
        let console = folder.join("console");
        let description = describe(name, &kernel, &files.initrd, &files.disks, &console);
        let path = folder.join("domain.xml");
        fs::write(&path, description).expect("the folder is writable");
        daemon.hand_over();
        succeed(daemon, &["define", &path.to_string_lossy()]);
        succeed(daemon, &["start", name]);
        let mut domain = Self {
            name,
            console: connect(&console),
        };
        domain.console.wait_until_ready();
        domain.start(daemon, options);
        Some(domain)
    }

    /// Starts the agent, and waits until libvirt has heard of it.
    pub(crate) fn start(&mut self, daemon: &Daemon, options: &str) {
        self.shell(&format!(
            "{AGENT} {options} </dev/null >>/run/log 2>&1 & echo $! >/run/pid"
        ));
        self.wait_for_agent(daemon, true);
    }

    /// Ends the agent without warning, and waits until libvirt has heard of it.
    pub(crate) fn kill(&mut self, daemon: &Daemon) {
        self.shell("kill -9 $(cat /run/pid); wait $(cat /run/pid)");
        self.wait_for_agent(daemon, false);
    }

    /// Waits until libvirt reaches the agent, or knows that it does not.
    pub(crate) fn wait_for_agent(&self, daemon: &Daemon, is_there: bool) {
        let deadline = Instant::now() + PATIENCE;
        let is_reached = || {
            self.agent(daemon, &json!({ "execute": "guest-ping" }))
                .is_ok()
        };
        while is_reached() != is_there {
            assert!(Instant::now() < deadline, "{} {is_there}", self.name);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// See [`Console::shell`].
    pub(crate) fn shell(&mut self, command: &str) -> String {
        self.console.shell(command)
    }

    /// See [`Console::wait_until`].
    pub(crate) fn wait_until(&mut self, command: &str, expected: &str) {
        self.console.wait_until(command, expected);
    }

    /// Waits until the guest's shell is there again after a reset.
    pub(crate) fn wait_until_ready(&mut self) {
        self.console.wait_until_ready();
    }

    /// Connects to the console again, after libvirt has started a new emulator.
    pub(crate) fn reconnect(&mut self, daemon: &Daemon) {
        self.console = connect(&daemon.image(self.name).join("console"));
    }

    /// Waits until libvirt takes the domain for `state`.
    pub(crate) fn wait_for_state(&self, daemon: &Daemon, state: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.call(daemon, "domstate", &[]).unwrap_or_default();
            if now == state {
                return;
            }
            assert!(Instant::now() < deadline, "{} is {now}", self.name);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Has virsh run a command on this domain: what it prints, or its error.
    pub(crate) fn call(
        &self,
        daemon: &Daemon,
        command: &str,
        arguments: &[&str],
    ) -> Result<String, String> {
        let all = [&[command, self.name], arguments].concat();
        call(daemon, &all)
    }

    /// Has virsh run a command that must succeed.
    pub(crate) fn run(&self, daemon: &Daemon, command: &str, arguments: &[&str]) -> String {
        self.call(daemon, command, arguments)
            .unwrap_or_else(|error| {
                panic!(
                    "{} {command} {arguments:?}: {error}\n{}",
                    self.name,
                    daemon.log()
                )
            })
    }

    /// Sends a request through libvirt as it is; what the agent returns, or libvirt's error.
    pub(crate) fn agent(&self, daemon: &Daemon, request: &Value) -> Result<Value, String> {
        let request = request.to_string();
        let reply = self.call(daemon, "qemu-agent-command", &["--timeout", "60", &request])?;
        let mut reply: Value = serde_json::from_str(&reply).map_err(|error| error.to_string())?;
        Ok(reply["return"].take())
    }
}

fn connect(console: &Path) -> Console {
    let stream = UnixStream::connect(console).expect("the emulator listens");
    let input = stream.try_clone().expect("a socket can be cloned");
    Console::new(input, stream)
}

fn succeed(daemon: &Daemon, arguments: &[&str]) {
    if let Err(error) = call(daemon, arguments) {
        panic!("{arguments:?}: {error}\n{}", daemon.log());
    }
}

fn call(daemon: &Daemon, arguments: &[&str]) -> Result<String, String> {
    let output = daemon.virsh(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

/// The description of a domain without hardware acceleration, with the channel that libvirt manages by itself.
fn describe(name: &str, kernel: &Path, initrd: &Path, disks: &[PathBuf], console: &Path) -> String {
    let disks: String = disks
        .iter()
        .zip('a'..)
        .map(|(disk, letter)| {
            format!(
                "<disk type='file'><driver name='qemu' type='raw' cache='unsafe' discard='unmap'/>\
                 <source file='{}'/><target dev='vd{letter}' bus='virtio'/>\
                 <serial>serial-{letter}</serial></disk>",
                disk.display()
            )
        })
        .collect();
    format!(
        "<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>512</memory>
  <vcpu current='2'>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{}</kernel>
    <initrd>{}</initrd>
    <cmdline>console=ttyS0 quiet panic=-1 no_timer_check</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    {disks}
    <serial type='unix'><source mode='bind' path='{}'/></serial>
    <channel type='unix'><target type='virtio' name='{PORT}'/></channel>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>",
        kernel.display(),
        initrd.display(),
        console.display()
    )
}
