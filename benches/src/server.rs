//! A real QEMU to get real replies from.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A QEMU without a machine, spoken to through its standard streams.
pub struct Server {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it; none if it is not installed.
    pub fn start() -> Option<Self> {
        let mut child = Command::new("qemu-system-x86_64")
            .args([
                "-M",
                "none",
                "-nodefaults",
                "-display",
                "none",
                "-qmp",
                "stdio",
            ])
            .args(["-drive", "if=none,id=one,file=null-co://,format=raw"])
            .args([
                "-drive",
                "if=none,id=two,file=null-co://,format=raw,read-only=on",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let requests = child.stdin.take()?;
        let replies = BufReader::new(child.stdout.take()?);
        let mut server = Self {
            child,
            requests,
            replies,
        };
        server.call("qmp_capabilities", "{}");
        Some(server)
    }

    /// Returns the text of a reply's value.
    ///
    /// # Panics
    /// If the command fails, or the server.
    pub fn call(&mut self, command: &str, arguments: &str) -> String {
        writeln!(
            self.requests,
            "{{\"execute\": \"{command}\", \"arguments\": {arguments}}}"
        )
        .expect("the server reads");
        loop {
            let mut line = String::new();
            self.replies
                .read_line(&mut line)
                .expect("the server writes");
            assert!(!line.starts_with("{\"error\""), "{command} failed: {line}");
            if let Some(value) = line.trim_end().strip_prefix("{\"return\": ") {
                return value[..value.len() - 1].to_owned();
            }
            assert!(!line.is_empty(), "the server has ended");
        }
    }

    /// Adds block devices in layers.
    pub fn add_block_nodes(&mut self, count: usize) {
        for number in 0..count {
            let arguments = format!(
                "{{\"driver\": \"null-co\", \"node-name\": \"null{number}\", \"size\": 1073741824}}"
            );
            self.call("blockdev-add", &arguments);
            let arguments = format!(
                "{{\"driver\": \"raw\", \"node-name\": \"raw{number}\", \"file\": \"null{number}\"}}"
            );
            self.call("blockdev-add", &arguments);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
