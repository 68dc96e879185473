//! The serial console of a machine: what the guest prints, and a shell that runs commands.

use std::io::{ErrorKind, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Both directions of a console.
#[derive(Debug)]
pub(super) struct Console {
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// Everything printed so far.
    printed: String,
    /// Length of the part that was looked at.
    seen: usize,
    commands: u32,
}

impl Console {
    pub(super) fn new(input: ChildStdin, mut output: ChildStdout) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                match output.read(&mut buffer) {
                    Ok(count @ 1..) if sender.send(buffer[..count].to_vec()).is_ok() => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    _ => break,
                }
            }
        });
        Self {
            input,
            output: receiver,
            printed: String::new(),
            seen: 0,
            commands: 0,
        }
    }

    /// Waits until `text` is printed; returns what came before it, or all that was printed
    /// if it did not come.
    pub(super) fn wait_for(&mut self, text: &str, patience: Duration) -> Result<String, String> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(position) = self.printed[self.seen..].find(text) {
                let before = self.printed[self.seen..self.seen + position].to_owned();
                self.seen += position + text.len();
                return Ok(before);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.printed.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(self.printed.clone());
                }
            }
        }
    }

    /// Sends a command without waiting for it.
    pub(super) fn send(&mut self, command: &str) {
        let _ = writeln!(self.input, "{command}");
        let _ = self.input.flush();
    }

    /// Runs a command and returns what it printed.
    pub(super) fn run(&mut self, command: &str, patience: Duration) -> Result<String, String> {
        self.commands += 1;
        // The guest puts the two halves together, so that an echo of the command is no answer.
        self.send(&format!("{command}\necho '@@ done ''{} @@'", self.commands));
        let output = self.wait_for(&format!("@@ done {} @@", self.commands), patience)?;
        Ok(output.replace('\r', "").trim().to_owned())
    }
}
