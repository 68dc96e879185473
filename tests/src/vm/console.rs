//! The serial console of a machine: what the guest prints, and a shell that runs commands.

use std::io::{ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::initramfs::READY;

/// Both directions of a console.
pub struct Console {
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    /// Everything printed so far.
    printed: String,
    /// Length of the part that was looked at.
    seen: usize,
    commands: u32,
}

impl Console {
    /// Creates a console whose input is written to the one and whose output is read from the other.
    pub fn new(input: impl Write + Send + 'static, mut output: impl Read + Send + 'static) -> Self {
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
            input: Box::new(input),
            output: receiver,
            printed: String::new(),
            seen: 0,
            commands: 0,
        }
    }

    /// Waits until `text` is printed; returns what came before it, or all that was printed
    /// if it did not come.
    pub(super) fn find(&mut self, text: &str, patience: Duration) -> Result<String, String> {
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

    /// Waits until the guest's shell takes commands.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn wait_until_ready(&mut self) {
        self.wait_for(READY, PATIENCE);
    }

    /// Waits until `text` is printed.
    ///
    /// # Panics
    /// If it is not.
    pub fn wait_for(&mut self, text: &str, patience: Duration) {
        if let Err(printed) = self.find(text, patience) {
            panic!("`{text}` does not come; the machine printed:\n{printed}");
        }
    }

    /// Runs a command in the guest and returns what it printed.
    ///
    /// # Panics
    /// If it does not end.
    pub fn shell(&mut self, command: &str) -> String {
        match self.run(command, PATIENCE) {
            Ok(output) => output,
            Err(printed) => panic!("`{command}` does not end; the machine printed:\n{printed}"),
        }
    }

    /// Runs a command until it prints this, for some time.
    ///
    /// # Panics
    /// If it does not print that.
    pub fn wait_until(&mut self, command: &str, expected: &str) {
        let mut printed = String::new();
        for _ in 0..100 {
            printed = self.shell(command);
            if printed == expected {
                return;
            }
            self.shell("sleep 0.3");
        }
        panic!("`{command}` does not print `{expected}` but `{printed}`");
    }

    /// Sends a command without waiting for it.
    pub fn send(&mut self, command: &str) {
        let _ = writeln!(self.input, "{command}");
        let _ = self.input.flush();
    }

    fn run(&mut self, command: &str, patience: Duration) -> Result<String, String> {
        self.commands += 1;
        // The guest puts the two halves together, so that an echo of the command is not an answer.
        self.send(&format!("{command}\necho '@@ done ''{} @@'", self.commands));
        let output = self.find(&format!("@@ done {} @@", self.commands), patience)?;
        Ok(output.replace('\r', "").trim().to_owned())
    }
}
