//! A guest agent on a socket, in a folder that is removed with it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(crate) struct Agent {
    process: Child,
    folder: PathBuf,
}

impl Agent {
    pub(crate) fn start(program: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("qapi-bench-{}-{number}", std::process::id()));
        fs::create_dir(&folder).expect("the folder for temporary files is writable");
        let process = Command::new(program)
            .args(["-m", "unix-listen", "-p"])
            .arg(folder.join("sock"))
            .arg("-t")
            .arg(&folder)
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let agent = Self { process, folder };
        drop(agent.connect());
        agent
    }

    pub(crate) fn connect(&self) -> UnixStream {
        let start = Instant::now();
        loop {
            match UnixStream::connect(self.folder.join("sock")) {
                Ok(stream) => return stream,
                Err(error) => assert!(
                    start.elapsed() < Duration::from_secs(10),
                    "no agent: {error}"
                ),
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Processor time of its first thread, which serves clients.
    pub(crate) fn processor_time(&self) -> Duration {
        let path = format!("/proc/{}/schedstat", self.process.id());
        let text = fs::read_to_string(path).expect("the kernel keeps account");
        let nanoseconds = text.split_whitespace().next();
        let nanoseconds = nanoseconds.and_then(|digits| digits.parse().ok());
        Duration::from_nanos(nanoseconds.expect("a number"))
    }

    /// Its resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(path).expect("the agent runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let digits = line.and_then(|line| line.split_whitespace().next());
        digits
            .and_then(|digits| digits.parse().ok())
            .expect("the kernel has the value")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
