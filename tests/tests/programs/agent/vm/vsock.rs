//! The host at a guest's vsock socket, as number 2. A program in the place of the host's kernel stands between.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use qapi_tests::Scratch;
use qapi_tests::peer;
use qapi_tests::vm::Setup;

use super::guest::{Guest, PATIENCE};

/// The program that forwards connections to guests.
pub(crate) struct Host {
    process: Child,
    scratch: Scratch,
}

impl Host {
    /// Starts it, or none where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let program = peer::vhost_device_vsock()?;
        let scratch = Scratch::new();
        let process = Command::new(program)
            .args(["--guest-cid", "3", "--socket"])
            .arg(scratch.join("device"))
            .arg("--uds-path")
            .arg(scratch.join("host"))
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        let host = Self { process, scratch };
        wait_for(&host.scratch.join("device"));
        Some(host)
    }

    /// A machine with the device. Its memory is shared with the program.
    pub(crate) fn setup(&self) -> Setup {
        let device = self.scratch.join("device");
        let socket = format!("socket,id=vsock,path={}", device.display());
        Setup::new()
            .module("vmw_vsock_virtio_transport")
            .arguments(&[
                "-object",
                "memory-backend-memfd,id=memory,size=512M,share=on",
            ])
            .arguments(&["-machine", "memory-backend=memory", "-chardev", &socket])
            .arguments(&["-device", "vhost-user-vsock-pci,chardev=vsock"])
    }

    /// Connects to a port of the guest and sends a ping; what is answered.
    fn ping(&self, port: u32) -> String {
        let stream = UnixStream::connect(self.socket()).expect("the program listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
        let mut reader = BufReader::new(stream);
        let request = format!("CONNECT {port}\n");
        reader
            .get_mut()
            .write_all(request.as_bytes())
            .expect("the program reads");
        let mut line = String::new();
        reader.read_line(&mut line).expect("an answer in time");
        if !line.starts_with("OK ") {
            return line;
        }
        // A peer that is refused may be gone before.
        let _ = reader
            .get_mut()
            .write_all(b"{\"execute\":\"guest-ping\"}\n");
        let mut answer = [0; 64];
        let length = reader.read(&mut answer).unwrap_or(0);
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    fn socket(&self) -> PathBuf {
        self.scratch.join("host")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + PATIENCE;
    while !path.exists() {
        assert!(Instant::now() < deadline, "no {}", path.display());
        sleep(Duration::from_millis(20));
    }
}

const PONG: &str = "{\"return\": {}}\n";

/// Options of an agent that listens.
pub(crate) const OPTIONS: &str = "-v -m vsock-listen -p 4294967295:1234";

/// The default is to serve the host, and the setting can take that away.
pub(crate) fn the_host_is_served_unless_the_setting_has_others_only(
    host: &Host,
    guest: &mut Guest,
) {
    // The machine has started one with the default.
    assert_eq!(answer(host), PONG);
    for (peers, is_served) in [
        ("--vsock-peers 2", true),
        ("--vsock-peers any", true),
        ("--vsock-peers 1,3", false),
    ] {
        guest.stop();
        guest.shell("rm -f /run/log");
        guest.start(&format!("{OPTIONS} {peers}"));
        if is_served {
            // One after the other: the place of each is free for the next.
            for _ in 0..3 {
                assert_eq!(answer(host), PONG, "{peers}");
            }
        } else {
            wait_until_refused(host, guest);
        }
    }
}

/// The answer, once the agent listens.
fn answer(host: &Host) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = host.ping(1234);
        if !answer.is_empty() || Instant::now() > deadline {
            return answer;
        }
        sleep(Duration::from_millis(100));
    }
}

fn wait_until_refused(host: &Host, guest: &mut Guest) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert_eq!(host.ping(1234), "");
        let log = guest.shell("cat /run/log");
        if log.contains("client refused: CID 2 is not among") {
            return;
        }
        assert!(Instant::now() < deadline, "{log}");
        sleep(Duration::from_millis(100));
    }
}
