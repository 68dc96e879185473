//! Programs that read their input to its end.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Runs a program with an input, and takes what it prints.
///
/// # Panics
/// If it does not run, or does not read its input.
pub fn feed(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin
        .write_all(input.as_bytes())
        .expect("it reads its input");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}
