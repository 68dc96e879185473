//! System programs that commands run to completion: chpasswd, hwclock, shutdown, hooks
//! (docs/reference/agent-behaviour.md §5.1).
//!
//! They are started by argument vector, never through a shell, and never on the event loop's thread. Every run has a
//! time limit.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::{Failure, errno_text};
use crate::platform::child_exits::ChildExits;
use crate::platform::spawn::{self, Child, NotStarted, Program, c_string, would_block};
use crate::platform::sys::Exit;
use crate::platform::sys::errno_of;

/// The default time limit, after which a program is killed.
pub(crate) const CEILING: Duration = Duration::from_secs(60);

/// The time that a killed program has to end: one that hangs in the kernel, at a disk that does not answer, never does.
pub(crate) const LAST_WAIT: Duration = Duration::from_secs(5);

/// Most bytes of output that are kept for an error's text; the rest is read and dropped.
const OUTPUT_LIMIT: usize = 4096;

/// The interval, in milliseconds, at which the exit of a program with open output is checked.
const GLANCE: u8 = 20;

/// A program to run.
#[derive(Debug)]
pub(crate) struct Helper<'a> {
    /// A path, or a name to be searched in `PATH`.
    pub(crate) program: &'a str,
    pub(crate) arguments: &'a [&'a str],
    /// The bytes that it reads from standard input, which is empty without. Never appears in an error.
    pub(crate) input: Option<&'a [u8]>,
    /// Instead of the agent's own environment; its `PATH` is searched then.
    pub(crate) environment: Option<&'a [CString]>,
    pub(crate) ceiling: Duration,
    /// The time that it has to end once it is killed.
    pub(crate) last_wait: Duration,
    /// The place where the event loop leaves the ends of children.
    pub(crate) exits: &'a ChildExits,
}

/// The end of a run.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The program ran.
    Ended {
        exit: Exit,
        /// Beginning of what it wrote to standard output and standard error.
        output: String,
        /// The number of bytes of output after that.
        dropped: usize,
        /// The reason why it did not get all of its input.
        input_error: Option<Errno>,
    },
    /// The system could not execute it.
    NotExecuted(Errno),
    /// It exceeded its time limit and was killed with all of its children.
    TimedOut,
}

impl<'a> Helper<'a> {
    /// Creates a program with arguments, without input, in the agent's environment.
    pub(crate) fn new(program: &'a str, arguments: &'a [&'a str], exits: &'a ChildExits) -> Self {
        Self {
            program,
            arguments,
            input: None,
            environment: None,
            ceiling: CEILING,
            last_wait: LAST_WAIT,
            exits,
        }
    }

    /// Runs the program to do `action`, which the texts of errors name; success is exit code 0.
    pub(crate) fn run(&self, action: &str) -> Result<(), Failure> {
        match self.execute(action)? {
            Ending::Ended {
                exit,
                output,
                dropped,
                input_error,
            } => judge(action, exit, &shown(output, dropped), input_error),
            Ending::NotExecuted(errno) => Err(Failure::new(format!(
                "child process has failed to {action}: failed to exec '{}': {}\n",
                self.program,
                errno_text(errno)
            ))),
            Ending::TimedOut => Err(Failure::new(format!(
                "child process has failed to {action}: `{}` was killed because it took longer than \
                 {} seconds",
                self.program,
                self.ceiling.as_secs_f64()
            ))),
        }
    }

    /// Runs the program. The error is about the agent's side only.
    pub(crate) fn execute(&self, action: &str) -> Result<Ending, Failure> {
        let path = c_string(self.program, "the path of a program")?;
        let mut arguments = vec![path.clone()];
        for argument in self.arguments {
            arguments.push(c_string(argument, "an argument of a program")?);
        }
        let program = Program {
            environment: self.environment.map(<[CString]>::to_vec),
            input: self.input.is_some(),
            ..Program::auxiliary(path, arguments)
        };
        let deadline = Instant::now() + self.ceiling;
        let start = || spawn::spawn(&program).map(|child| (child.pid, child));
        match self.exits.start(start) {
            Ok((_, child)) => {
                let run = HelperRun::new(child, self.input.unwrap_or_default(), self.exits);
                run.finish(action, deadline, self.last_wait)
            }
            Err(NotStarted::Program(errno)) => Ok(Ending::NotExecuted(errno)),
            Err(NotStarted::Agent(failure)) => Err(failure),
        }
    }
}

/// Output for the text of an error, which says so if some of it was dropped.
pub(crate) fn shown(output: String, dropped: usize) -> String {
    if dropped == 0 {
        return output;
    }
    format!("{output}\n[{dropped} more bytes of output were dropped]")
}

/// Returns the error, if any, in how a program ended.
fn judge(
    action: &str,
    exit: Exit,
    output: &str,
    input_error: Option<Errno>,
) -> Result<(), Failure> {
    let text = match (exit, input_error) {
        (Exit::Code(0), None) => return Ok(()),
        (Exit::Code(0), Some(errno)) => {
            return Err(Failure::with_errno(
                format_args!("{action}: cannot write to stdin pipe"),
                errno,
            ));
        }
        (Exit::Code(code), _) if output.is_empty() => {
            format!("child process has failed to {action}: exit status {code}")
        }
        (Exit::Code(_), _) => format!("child process has failed to {action}: {output}"),
        (Exit::Signal(_), _) if output.is_empty() => {
            "child process has terminated abnormally".to_owned()
        }
        (Exit::Signal(_), _) => format!("child process has terminated abnormally: {output}"),
    };
    Err(Failure::new(text))
}

/// A running program.
struct HelperRun<'a> {
    pid: i32,
    exits: &'a ChildExits,
    input: Option<File>,
    rest: &'a [u8],
    input_error: Option<Errno>,
    output: Option<File>,
    collected: Vec<u8>,
    /// Bytes of output that were dropped.
    dropped: usize,
}

impl<'a> HelperRun<'a> {
    fn new(child: Child, input: &'a [u8], exits: &'a ChildExits) -> Self {
        Self {
            pid: child.pid,
            exits,
            input: child.input,
            rest: input,
            input_error: None,
            output: child.output,
            collected: Vec::new(),
            dropped: 0,
        }
    }

    /// Feeds and reads until the program has ended. Background processes that outlive it are not waited for, even if
    /// they keep its output open. One that is still running at the deadline is killed, and has `last_wait` to end.
    fn finish(
        mut self,
        action: &str,
        deadline: Instant,
        last_wait: Duration,
    ) -> Result<Ending, Failure> {
        let exit = loop {
            self.move_bytes(action)?;
            if let Some(exit) = self.exits.try_wait(self.pid) {
                break exit;
            }
            if Instant::now() >= deadline {
                return Ok(self.kill(last_wait));
            }
            self.wait();
        };
        self.move_bytes(action)?;
        Ok(Ending::Ended {
            exit,
            output: String::from_utf8_lossy(&self.collected).into_owned(),
            dropped: self.dropped,
            input_error: self.input_error,
        })
    }

    /// Waits until a pipe is ready, but not for long: the program may end with its output open.
    fn wait(&self) {
        let input = self.input.as_ref();
        let mut descriptors: Vec<_> = input
            .map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLOUT))
            .into_iter()
            .chain(
                self.output
                    .as_ref()
                    .map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)),
            )
            .collect();
        if descriptors.is_empty() {
            // Both pipes are closed: it is about to end.
            sleep(Duration::from_millis(1));
        } else {
            // An error is treated as the end of the wait; the calls on the pipes will report it.
            let _ = poll(&mut descriptors, PollTimeout::from(GLANCE));
        }
    }

    fn move_bytes(&mut self, action: &str) -> Result<(), Failure> {
        self.feed();
        self.collect().map_err(|error| {
            Failure::with_errno(
                format_args!("{action}: cannot read from stdout/stderr pipe"),
                errno_of(&error),
            )
        })
    }

    fn feed(&mut self) {
        let Some(pipe) = &mut self.input else { return };
        while !self.rest.is_empty() {
            match pipe.write(self.rest) {
                Ok(count) => self.rest = &self.rest[count..],
                Err(error) if would_block(&error) => return,
                Err(error) => {
                    self.input_error = Some(errno_of(&error));
                    break;
                }
            }
        }
        self.input = None;
    }

    fn collect(&mut self) -> io::Result<()> {
        let Some(pipe) = &mut self.output else {
            return Ok(());
        };
        let mut buffer = [0; 4096];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let room = OUTPUT_LIMIT - self.collected.len();
                    self.collected.extend_from_slice(&buffer[..count.min(room)]);
                    self.dropped += count.saturating_sub(room);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if would_block(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.output = None;
        Ok(())
    }

    /// Ends the program with everything in its session's group, and waits no longer than `last_wait` for its end.
    fn kill(&mut self, last_wait: Duration) -> Ending {
        let _ = killpg(Pid::from_raw(self.pid), Signal::SIGKILL);
        let until = Instant::now() + last_wait;
        while self.exits.try_wait(self.pid).is_none() {
            if Instant::now() >= until {
                self.exits.forget(self.pid);
                break;
            }
            sleep(Duration::from_millis(1));
        }
        Ending::TimedOut
    }
}

#[cfg(test)]
mod tests;
