//! libvirt's daemon, with its configuration, state and sockets in a folder of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use qapi_tests::Scratch;
use qapi_tests::vm::PATIENCE;

const LIBVIRTD: &str = "/usr/sbin/libvirtd";
const VIRSH: &str = "/usr/bin/virsh";

/// The user and group `nobody` of Debian.
const NOBODY: u32 = 65_534;

/// A daemon as an ordinary user has it: such a one leaves the system's folders alone, and needs no rights. Its domains
/// outlive it, as those of the system's daemon do, but not this value.
pub(crate) struct Daemon {
    scratch: Scratch,
    process: Option<Child>,
}

impl Daemon {
    /// Starts one, or none where libvirt is not installed.
    pub(crate) fn start() -> Option<Self> {
        if !Path::new(LIBVIRTD).is_file() || !Path::new(VIRSH).is_file() {
            qapi_tests::skip("no libvirtd and virsh");
            return None;
        }
        let scratch = Scratch::new();
        for folder in ["run", "config", "cache", "data", "images"] {
            fs::create_dir(scratch.join(folder)).expect("the scratch folder is writable");
        }
        // Others must not look into the folder for sockets; the daemon insists.
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(scratch.join("run"), private).expect("it is ours");
        let mut daemon = Self {
            scratch,
            process: None,
        };
        daemon.hand_over();
        daemon.run();
        Some(daemon)
    }

    /// A path among the images of machines.
    pub(crate) fn image(&self, name: &str) -> PathBuf {
        self.scratch.join("images").join(name)
    }

    /// Makes all files in the folder the daemon's own.
    pub(crate) fn hand_over(&self) {
        if is_root() {
            give_away(self.scratch.path());
        }
    }

    /// Starts the daemon again after [`Daemon::kill`].
    pub(crate) fn run(&mut self) {
        let log = fs::File::create(self.scratch.join("log")).expect("the folder is writable");
        let mut command = self.command(LIBVIRTD);
        command
            .arg("--pid-file")
            .arg(self.scratch.join("run/libvirtd.pid"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.process = Some(command.spawn().expect("the daemon starts"));
        let deadline = Instant::now() + PATIENCE;
        while !self.virsh(&["uri"]).status.success() {
            assert!(Instant::now() < deadline, "{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Sends the daemon the signal that ends it without warning.
    pub(crate) fn kill_process(&self) {
        let process = self.process.as_ref().expect("it runs");
        let status = Command::new("kill")
            .args(["-9", &process.id().to_string()])
            .status();
        assert!(status.is_ok_and(|status| status.success()));
    }

    /// Ends the daemon without warning, as a crash does. Domains go on.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Runs virsh with these arguments.
    pub(crate) fn virsh(&self, arguments: &[&str]) -> Output {
        let socket = self.scratch.join("run/libvirt/libvirt-sock");
        // A named socket, so that the client starts no daemon by itself.
        let uri = format!("qemu+unix:///session?socket={}", socket.display());
        let mut command = self.command(VIRSH);
        command.args(["--connect", &uri]).args(arguments);
        command.stdin(Stdio::null());
        command.output().expect("virsh starts")
    }

    /// The daemon's complaints.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.scratch.join("log")).unwrap_or_default()
    }

    /// A program that runs as the daemon does, and finds it.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let folder = |name: &str| self.scratch.join(name);
        command
            .env("LC_ALL", "C")
            .env("HOME", self.scratch.path())
            .env("XDG_RUNTIME_DIR", folder("run"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("XDG_DATA_HOME", folder("data"))
            .current_dir(self.scratch.path());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
        let states = fs::read_dir(self.scratch.join("run/libvirt/qemu/run"));
        for entry in states.into_iter().flatten().flatten() {
            let process = fs::read_to_string(entry.path()).unwrap_or_default();
            let process = process.trim();
            // The number of a machine that has ended may be another's by now.
            let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
            if entry.path().extension().is_some_and(|end| end == "pid")
                && line.contains(&*self.scratch.path().to_string_lossy())
            {
                let _ = Command::new("kill").args(["-9", process]).status();
            }
        }
    }
}

fn is_root() -> bool {
    // A process owns its folder in /proc.
    fs::metadata("/proc/self").is_ok_and(|folder| std::os::unix::fs::MetadataExt::uid(&folder) == 0)
}

fn give_away(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("it is a folder");
        entries.flatten().for_each(|entry| give_away(&entry.path()));
    }
}
