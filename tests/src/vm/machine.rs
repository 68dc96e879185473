//! A running machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::console::Console;
use super::{Lines, PORT, Parts, initramfs};
use crate::Scratch;

/// Devices and programs of a machine.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    programs: Vec<(PathBuf, String)>,
    files: Vec<(String, String)>,
    disks: usize,
    nvme: bool,
    system: Option<PathBuf>,
    modules: Vec<String>,
    arguments: Vec<String>,
}

impl Setup {
    /// Creates a machine without disks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a program of the host, with the libraries that it needs, at `path`.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>, path: &str) -> Self {
        self.programs.push((program.into(), path.to_owned()));
        self
    }

    /// Puts a file that may be executed at `path`.
    #[must_use]
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Gives it this many disks (at most two) with an ext4 file system each, mounted
    /// at `/mnt/a` and `/mnt/b`.
    #[must_use]
    pub fn disks(mut self, count: usize) -> Self {
        self.disks = count;
        self
    }

    /// Gives it a disk on NVM Express with an ext4 file system, mounted at `/mnt/n` before the others.
    #[must_use]
    pub fn nvme(mut self) -> Self {
        self.nvme = true;
        self
    }

    /// Boots the system on this disk, which has an ext4 file system and no partitions. The disk is not written to: changes
    /// go with the machine. There is no port for the agent until [`Machine::plug_port`].
    #[must_use]
    pub fn system(mut self, disk: impl Into<PathBuf>) -> Self {
        self.system = Some(disk.into());
        self
    }

    /// Loads a module of the kernel, and all that it depends on.
    #[must_use]
    pub fn module(mut self, name: &str) -> Self {
        self.modules.push(name.to_owned());
        self
    }

    /// Adds arguments of the emulator.
    #[must_use]
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Boots it, or none where there is nothing to boot with.
    ///
    /// # Panics
    /// If it does not come up, or if the parts are absent and `CI` is `true`.
    pub fn boot(self) -> Option<Machine> {
        let scratch = Scratch::new();
        let files = self.write_to(scratch.path())?;
        let mut command = Command::new("qemu-system-x86_64");
        command
            .args([
                "-accel",
                "tcg",
                "-m",
                "512,slots=2,maxmem=1G",
                "-smp",
                "2",
                "-nographic",
                "-no-reboot",
                "-nodefaults",
            ])
            .args(["-serial", "stdio", "-monitor", "none"])
            // Whether the timer works is not to be judged by a busy machine: the kernel would panic.
            // Memory that is plugged in is to be movable, so that it can be taken away again.
            .args([
                "-append",
                "console=ttyS0 quiet panic=-1 no_timer_check movable_node",
            ])
            .args(["-device", "virtio-serial"])
            .args([
                "-chardev",
                &format!(
                    "socket,path={},server=on,wait=off,id=ga",
                    scratch.join("ga.sock").display()
                ),
            ])
            .args([
                "-qmp",
                &format!(
                    "unix:{},server=on,wait=off",
                    scratch.join("qmp.sock").display()
                ),
            ])
            .arg("-kernel")
            .arg(&files.kernel)
            .arg("-initrd")
            .arg(&files.initrd);
        let drive = |disk: &Path, connection: &str| {
            // What is on it is of no use after a crash of the host.
            let file = disk.display();
            format!("file={file},format=raw,discard=unmap,cache=unsafe,{connection}")
        };
        match &self.system {
            None => {
                let port = format!("virtserialport,chardev=ga,name={PORT}");
                command.args(["-device", &port]);
            }
            Some(disk) => {
                command.args(["-drive", &(drive(disk, "if=virtio") + ",snapshot=on")]);
            }
        }
        for disk in &files.disks {
            command.args(["-drive", &drive(disk, "if=virtio")]);
        }
        if self.nvme {
            let disk = scratch.join("nvme");
            make_disk(&disk);
            command
                .args(["-drive", &drive(&disk, "if=none,id=nvme")])
                .args(["-device", "nvme,drive=nvme,serial=nvme-1"]);
        }
        command.args(&self.arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emulator starts");
        let input = child.stdin.take().expect("it was piped");
        let output = child.stdout.take().expect("it was piped");
        let mut machine = Machine {
            child,
            console: Console::new(input, output),
            scratch,
        };
        machine.console.wait_until_ready();
        Some(machine)
    }

    /// Writes what others boot a machine with, or nothing where there are no parts for it.
    ///
    /// # Panics
    /// If the folder is not writable, or if the parts are absent and `CI` is `true`.
    pub fn write_to(&self, folder: &Path) -> Option<Files> {
        let parts = Parts::find(&self.modules)?;
        let initrd = folder.join("initrd");
        let then = match self.system {
            None => initramfs::shell(),
            Some(_) => initramfs::SYSTEM.to_owned(),
        };
        let content = initramfs::build(&parts, &self.programs, &self.files, &then);
        fs::write(&initrd, content).expect("the folder is writable");
        let disks = (0..self.disks).map(|number| folder.join(format!("disk{number}")));
        let disks: Vec<_> = disks.collect();
        for disk in &disks {
            make_disk(disk);
        }
        Some(Files {
            kernel: parts.kernel,
            initrd,
            disks,
        })
    }
}

/// The files that a machine boots with.
#[derive(Debug)]
pub struct Files {
    /// The kernel image.
    pub kernel: PathBuf,
    /// The initial file system.
    pub initrd: PathBuf,
    /// Raw images, to be connected as virtio disks in this order.
    pub disks: Vec<PathBuf>,
}

/// 64 MiB with an empty ext4 file system.
fn make_disk(path: &Path) {
    let file = File::create(path).expect("the scratch folder is writable");
    file.set_len(64 << 20).expect("a sparse file");
    let status = Command::new("mkfs.ext4")
        .args(["-q", "-F"])
        .arg(path)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "cannot make a file system"
    );
}

/// A running machine; ended when dropped.
pub struct Machine {
    child: Child,
    console: Console,
    scratch: Scratch,
}

impl Machine {
    /// Returns the host's end of the guest agent's port.
    pub fn agent_socket(&self) -> PathBuf {
        self.scratch.join("ga.sock")
    }

    /// Returns the machine's own protocol.
    pub fn qmp_socket(&self) -> PathBuf {
        self.scratch.join("qmp.sock")
    }

    /// Returns the emulator's side of the machine, ready for commands.
    ///
    /// # Panics
    /// If another one has it.
    pub fn qmp(&self) -> Lines {
        let mut qmp = Lines::connect(&self.qmp_socket());
        qmp.receive();
        qmp.run("qmp_capabilities", &json!({}));
        qmp
    }

    /// Gives the machine the port for the guest agent while it runs.
    ///
    /// # Panics
    /// If it has one.
    pub fn plug_port(&self) {
        let device =
            json!({ "driver": "virtserialport", "id": "agent", "chardev": "ga", "name": PORT });
        self.qmp().run("device_add", &device);
    }

    /// Takes the port away that [`Machine::plug_port`] has given it.
    ///
    /// # Panics
    /// If there is none.
    pub fn unplug_port(&self) {
        let mut qmp = self.qmp();
        qmp.run("device_del", &json!({ "id": "agent" }));
    }

    /// Runs a command in the guest and returns what it printed.
    ///
    /// # Panics
    /// If it does not end.
    pub fn shell(&mut self, command: &str) -> String {
        self.console.shell(command)
    }

    /// Runs a command in the guest until it prints this, for some time.
    ///
    /// # Panics
    /// If it does not print that.
    pub fn wait_until(&mut self, command: &str, expected: &str) {
        self.console.wait_until(command, expected);
    }

    /// Sends a command to the guest's shell without waiting for it.
    pub fn send(&mut self, command: &str) {
        self.console.send(command);
    }

    /// Waits until the guest prints a text on its console.
    ///
    /// # Panics
    /// If it does not.
    pub fn wait_for(&mut self, text: &str, patience: Duration) {
        self.console.wait_for(text, patience);
    }

    /// Waits for the machine to end by itself; false if it does not.
    pub fn wait_for_exit(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
