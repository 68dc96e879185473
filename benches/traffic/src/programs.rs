//! The command, and servers and proxies in folders that are removed with them.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Returns the command of this workspace, built for release.
pub(crate) fn qapi() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let status = Command::new("cargo")
            .args(["build", "--quiet", "--release", "-p", "qapi-cli"])
            .current_dir(&workspace)
            .status();
        let is_built = status.is_ok_and(|status| status.success());
        assert!(is_built, "the command cannot be built");
        let program = workspace.join("target/release/qapi");
        program.canonicalize().expect("cargo puts it there")
    })
}

/// Returns the interpreter that the environment names, or the system's.
pub(crate) fn python_program() -> PathBuf {
    std::env::var_os("PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// A folder for temporary files.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("qapi-bench-traffic-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("the folder for temporary files is writable");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A program that listens at a socket; ended when dropped.
pub(crate) struct Listening {
    child: Child,
    socket: PathBuf,
}

impl Listening {
    /// Starts a program that will listen at `socket`.
    pub(crate) fn start(command: &mut Command, socket: PathBuf) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let start = Instant::now();
        while !socket.exists() {
            let waited = start.elapsed();
            assert!(
                waited < Duration::from_secs(30),
                "{command:?} does not listen"
            );
            sleep(Duration::from_millis(5));
        }
        Self { child, socket }
    }

    pub(crate) fn connect(&self) -> UnixStream {
        let start = Instant::now();
        loop {
            match UnixStream::connect(&self.socket) {
                Ok(stream) => return stream,
                Err(error) => {
                    let waited = start.elapsed();
                    assert!(waited < Duration::from_secs(10), "no server: {error}");
                }
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Processor time of all its threads so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(path).expect("the kernel keeps account");
        let (_, fields) = text.rsplit_once(')').expect("the name is in parentheses");
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || -> u64 {
            let field = fields.next().and_then(|it| it.parse().ok());
            field.expect("times are numbers")
        };
        // The kernel counts in hundredths of a second for programs.
        Duration::from_millis(10 * (ticks() + ticks()))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
