//! QEMU's own QMP servers, started for a test on a unix socket.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Scratch;
use crate::peer;

/// Limit for a server to come up; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; ended when dropped.
#[derive(Debug)]
pub struct QmpServer {
    child: Child,
    scratch: Scratch,
}

impl QmpServer {
    /// Returns a machine without processors and devices, or none where QEMU is not installed.
    ///
    /// # Panics
    /// If QEMU is absent and `CI` is `true`, or if it does not come up.
    pub fn machine() -> Option<Self> {
        let program = Command::new(peer::qemu_system()?);
        Some(Self::start_machine(program, &["-M", "none"]))
    }

    /// Returns a machine of QEMU 10.0 as [`QmpServer::machine`] is, or none where that is not unpacked.
    ///
    /// # Panics
    /// If it is absent and `CI` is `true`, or if it does not come up.
    pub fn newer_machine() -> Option<Self> {
        Some(Self::start_machine(
            peer::qemu_system_10()?,
            &["-M", "none"],
        ))
    }

    /// Machines of QEMU 7.2 and 10.0 with a processor that does not run, memory and a chipset: more than
    /// [`QmpServer::machine`] has to tell about itself. Without those that are absent.
    ///
    /// # Panics
    /// If one is absent and `CI` is `true`, or if it does not come up.
    pub fn whole_machines() -> Vec<Self> {
        Self::start_machines(&["-M", "q35", "-S", "-m", "32"])
    }

    /// Machines of QEMU 7.2 and 10.0 that devices can be plugged into. Without those that are absent.
    ///
    /// # Panics
    /// If one is absent and `CI` is `true`, or if it does not come up.
    pub fn hotplug_machines() -> Vec<Self> {
        Self::start_machines(&["-M", "pc", "-S", "-m", "32"])
    }

    /// Paused machines of QEMU 7.2 and 10.0 with room for a second processor and two pieces of memory; those that are not
    /// installed are left out.
    ///
    /// # Panics
    /// If one is absent and `CI` is `true`, or if it does not come up.
    pub fn growing_machines() -> Vec<Self> {
        let memory = "32M,slots=2,maxmem=1G";
        Self::start_machines(&["-M", "pc", "-S", "-m", memory, "-smp", "1,maxcpus=2"])
    }

    fn start_machines(machine: &[&str]) -> Vec<Self> {
        let programs = [
            peer::qemu_system().map(Command::new),
            peer::qemu_system_10(),
        ];
        let start = |program| Self::start_machine(program, machine);
        programs.into_iter().flatten().map(start).collect()
    }

    fn start_machine(mut command: Command, machine: &[&str]) -> Self {
        command.args(machine);
        command.args(["-display", "none", "-nodefaults"]);
        command.args(["-qmp", "unix:qmp,server=on,wait=off"]);
        Self::start(command)
    }

    /// Returns a storage daemon, or none where it is not installed.
    ///
    /// # Panics
    /// If it is absent and `CI` is `true`, or if it does not come up.
    pub fn storage_daemon() -> Option<Self> {
        let mut command = Command::new(peer::qemu_storage_daemon()?);
        command.args(["--chardev", "socket,id=qmp,path=qmp,server=on,wait=off"]);
        command.args(["--monitor", "chardev=qmp"]);
        Some(Self::start(command))
    }

    fn start(mut command: Command) -> Self {
        let scratch = Scratch::new();
        let child = command
            .current_dir(scratch.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        let server = Self { child, scratch };
        let started = Instant::now();
        // Whoever listens takes the connection that finds this out for a client that hangs up.
        while UnixStream::connect(server.socket()).is_err() {
            assert!(started.elapsed() < PATIENCE, "the server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    /// Returns the socket it listens on. It serves one client at a time.
    pub fn socket(&self) -> PathBuf {
        self.scratch.join("qmp")
    }

    /// Returns a folder for the test's files.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Stops it from running until [`QmpServer::resume`], so that requests stay under way.
    pub fn suspend(&self) {
        self.signal("STOP");
    }

    /// Lets it run again.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Ends it at once, whatever it does.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        kill.args(["-s", name, &self.child.id().to_string()]);
        let status = kill.status().expect("there is a `kill`");
        assert!(status.success(), "the server has gone before SIG{name}");
    }
}

impl Drop for QmpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
