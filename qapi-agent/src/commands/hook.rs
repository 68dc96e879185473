//! The administrator's program that is called before a freeze and after the thaw (docs/reference/agent-behaviour.md
//! §5.1, §6.5).

use std::ffi::CString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::{Failure, errno_text};
use crate::platform::child_exits::ChildExits;
use crate::platform::helper::{LAST_WAIT, shown};
use crate::platform::spawn::{NotStarted, Program, spawn};
use crate::platform::sys::Exit;

/// The occasion on which the hook is called, its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// File systems are about to be frozen.
    Freeze,
    /// They are thawed, or the freeze has failed.
    Thaw,
}

impl Moment {
    fn argument(self) -> CString {
        match self {
            Self::Freeze => c"freeze".to_owned(),
            Self::Thaw => c"thaw".to_owned(),
        }
    }
}

/// A failure of the hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HookFailure {
    /// True if it has run at all.
    pub(crate) started: bool,
    pub(crate) failure: Failure,
}

/// The hook.
#[derive(Debug)]
pub(crate) struct Hook {
    path: PathBuf,
    /// The time that it may take, `None` is forever.
    longest: Option<Duration>,
    /// The time between SIGTERM and SIGKILL.
    grace: Duration,
    /// The time that it has to end once it is killed.
    last_wait: Duration,
    exits: Arc<ChildExits>,
}

/// The limit on output, which is part of an error text. The rest is dropped.
const OUTPUT_LIMIT: usize = 64 * 1024;

/// The interval, in milliseconds, at which a silent hook is checked.
const TICK: u16 = 100;

/// The default time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// The same for a hook that has closed its output.
const SHORT_TICK: Duration = Duration::from_millis(5);

const ACTION: &str = "child process has failed to execute fsfreeze hook";

impl Hook {
    /// Returns the hook at `path`, which may take `longest`; `exits` is where the event loop leaves the ends
    /// of children.
    pub(crate) fn new(path: PathBuf, longest: Option<Duration>, exits: Arc<ChildExits>) -> Self {
        Self {
            path,
            longest,
            grace: GRACE,
            last_wait: LAST_WAIT,
            exits,
        }
    }

    /// Runs it and waits for its end. When it has taken too long, or when `is_cancelled` returns true, it
    /// is asked to end by SIGTERM, and some time later killed.
    pub(crate) fn run(
        &self,
        moment: Moment,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), HookFailure> {
        let not_started = |failure| HookFailure {
            started: false,
            failure,
        };
        let shown = self.path.display();
        let program = self.program(moment).ok_or_else(|| {
            not_started(Failure::new(format!("{ACTION}: no program is `{shown}`")))
        })?;
        let (pid, output) = self
            .exits
            .start(|| spawn(&program).map(|child| (child.pid, child.output)))
            .map_err(|error| {
                not_started(match error {
                    NotStarted::Agent(failure) => failure,
                    // The line break is part of the text that callers know.
                    NotStarted::Program(errno) => Failure::new(format!(
                        "{ACTION}: failed to exec '{shown}': {}\n",
                        errno_text(errno)
                    )),
                })
            })?;
        let pipe = output.expect("merged output comes through a pipe");
        let run = self.follow(pid, pipe, is_cancelled);
        let result = match self.longest {
            Some(longest) if run.is_overdue => Err(Failure::new(format!(
                "{ACTION}: it was ended because it took longer than {} seconds",
                longest.as_secs_f64()
            ))),
            _ => judge(run.exit, &run.output, run.dropped),
        };
        result.map_err(|failure| HookFailure {
            started: true,
            failure,
        })
    }

    fn program(&self, moment: Moment) -> Option<Program> {
        let path = CString::new(self.path.as_os_str().as_bytes()).ok()?;
        let arguments = vec![path.clone(), moment.argument()];
        Some(Program::auxiliary(path, arguments))
    }

    /// Collects output until the hook has ended: a background process of it may hold the pipe for longer.
    fn follow(&self, pid: i32, mut pipe: File, is_cancelled: &dyn Fn() -> bool) -> HookRun {
        let start = Instant::now();
        let (mut output, mut dropped) = (Vec::new(), 0);
        let (mut is_overdue, mut asked_to_end, mut killed) = (false, None, None::<Instant>);
        // It leads its own session; if it has just ended, there is no process to signal.
        let tell = |signal| {
            let _ = killpg(Pid::from_raw(pid), signal);
        };
        loop {
            let mut watched = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
            // Whatever the result, the read below shows the state.
            let _ = poll(&mut watched, PollTimeout::from(TICK));
            let at_end = drain(&mut pipe, &mut output, &mut dropped);
            let mut ended = self.exits.try_wait(pid);
            if ended.is_none() && killed.is_some_and(|at| at.elapsed() >= self.last_wait) {
                self.exits.forget(pid);
                ended = Some(Exit::Signal(Signal::SIGKILL as i32));
            }
            if let Some(exit) = ended {
                drain(&mut pipe, &mut output, &mut dropped);
                return HookRun {
                    exit,
                    output,
                    dropped,
                    is_overdue,
                };
            }
            match asked_to_end {
                None => {
                    is_overdue = self
                        .longest
                        .is_some_and(|longest| start.elapsed() >= longest);
                    if is_overdue || is_cancelled() {
                        tell(Signal::SIGTERM);
                        asked_to_end = Some(Instant::now());
                    }
                }
                Some(at) if killed.is_none() && at.elapsed() >= self.grace => {
                    tell(Signal::SIGKILL);
                    killed = Some(Instant::now());
                }
                Some(_) => {}
            }
            if at_end {
                // Waiting for the pipe is useless now; usually the program ends in a moment.
                sleep(SHORT_TICK);
            }
        }
    }
}

/// The result of a run.
#[derive(Debug)]
struct HookRun {
    exit: Exit,
    output: Vec<u8>,
    /// The number of bytes of output after that.
    dropped: usize,
    /// It had to be ended because it took too long.
    is_overdue: bool,
}

/// Reads what is there; whether the other end is closed.
fn drain(pipe: &mut File, output: &mut Vec<u8>, dropped: &mut usize) -> bool {
    let mut buffer = [0; 4096];
    // The default size of a pipe, because a background process may write without end.
    for _ in 0..16 {
        match pipe.read(&mut buffer) {
            Ok(0) => return true,
            Ok(count) => {
                let room = OUTPUT_LIMIT - output.len();
                output.extend_from_slice(&buffer[..count.min(room)]);
                *dropped += count.saturating_sub(room);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    false
}

fn judge(exit: Exit, output: &[u8], dropped: usize) -> Result<(), Failure> {
    let output = shown(String::from_utf8_lossy(output).into_owned(), dropped);
    Err(Failure::new(match exit {
        Exit::Code(0) => return Ok(()),
        Exit::Code(code) if output.is_empty() => format!("{ACTION}: exit status {code}"),
        Exit::Code(_) => format!("{ACTION}: {output}"),
        Exit::Signal(_) if output.is_empty() => {
            "child process has terminated abnormally".to_owned()
        }
        Exit::Signal(_) => format!("child process has terminated abnormally: {output}"),
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn run(name: &str, script: &str, moment: Moment, cancelled: bool) -> Result<(), HookFailure> {
        run_for(name, script, moment, cancelled, None)
    }

    fn run_for(
        name: &str,
        script: &str,
        moment: Moment,
        cancelled: bool,
        longest: Option<Duration>,
    ) -> Result<(), HookFailure> {
        let path =
            std::env::temp_dir().join(format!("qapi-agent-hook-{}-{name}", std::process::id()));
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        let hook = Hook {
            grace: Duration::from_millis(500),
            ..Hook::new(path.clone(), longest, Arc::default())
        };
        let result = crate::platform::sys::quickly_in_turn(|| hook.run(moment, &|| cancelled));
        fs::remove_file(&path).unwrap();
        result
    }

    fn text(result: Result<(), HookFailure>) -> String {
        let failure = result.unwrap_err();
        assert!(failure.started);
        failure.failure.to_string()
    }

    #[test]
    fn the_hook_gets_its_occasion_and_success_is_silent() {
        run(
            "a",
            "echo noise; [ \"$1\" = freeze ]",
            Moment::Freeze,
            false,
        )
        .unwrap();
        run("b", "[ \"$1\" = thaw ] && [ $# = 1 ]", Moment::Thaw, false).unwrap();
    }

    #[test]
    fn its_failures_have_the_texts_of_the_reference() {
        assert_eq!(
            text(run(
                "c",
                "echo out; echo err >&2; exit 7",
                Moment::Freeze,
                false
            )),
            format!("{ACTION}: out\nerr\n")
        );
        assert_eq!(
            text(run("d", "exit 7", Moment::Freeze, false)),
            format!("{ACTION}: exit status 7")
        );
        assert_eq!(
            text(run("e", "echo bye; kill -9 $$", Moment::Freeze, false)),
            "child process has terminated abnormally: bye\n"
        );
    }

    #[test]
    fn dropped_output_is_reported() {
        let script = "head -c 70000 /dev/zero | tr '\\0' x; exit 1";
        let error = text(run("k", script, Moment::Freeze, false));
        let told = format!(
            "\n[{} more bytes of output were dropped]",
            70_000 - OUTPUT_LIMIT
        );
        assert!(error.ends_with(&told), "{}", &error[error.len() - 60..]);
    }

    #[test]
    fn a_missing_hook_has_not_started() {
        let _turn = crate::platform::sys::turn_with_children();
        let hook = Hook::new("/nonexistent/hook".into(), None, Arc::default());
        let failure = hook.run(Moment::Freeze, &|| false).unwrap_err();
        assert!(!failure.started);
        assert_eq!(
            failure.failure.to_string(),
            format!("{ACTION}: failed to exec '/nonexistent/hook': No such file or directory\n")
        );
    }

    #[test]
    fn a_background_process_with_the_pipe_does_not_delay_it() {
        run("f", "sleep 90 & exit 0", Moment::Freeze, false).unwrap();
    }

    #[test]
    fn a_hook_that_takes_too_long_is_killed_even_if_it_ignores_signals() {
        for (name, script) in [
            ("h", "exec sleep 90"),
            ("i", "trap 'exit 0' TERM; while :; do sleep 0.1; done"),
            ("j", "trap '' TERM; while :; do sleep 0.1; done"),
        ] {
            let longest = Some(Duration::from_millis(500));
            let failure = text(run_for(name, script, Moment::Freeze, false, longest));
            assert_eq!(
                failure,
                "child process has failed to execute fsfreeze hook: it was ended because it took \
                 longer than 0.5 seconds"
            );
        }
    }

    #[test]
    fn one_whose_end_is_never_seen_is_given_up() {
        let _turn = crate::platform::sys::turn_with_children();
        let hook = Hook {
            grace: Duration::from_millis(200),
            last_wait: Duration::from_millis(200),
            ..Hook::new("/bin/true".into(), None, Arc::default())
        };
        let program = hook.program(Moment::Freeze).unwrap();
        let start = || spawn(&program).map(|child| (child.pid, child.output));
        let (pid, output) = hook.exits.start(start).unwrap();
        // Without a notice of its end, it looks like a process that hangs in the kernel.
        while crate::platform::sys::reap_child(pid).unwrap().is_none() {}
        let run = hook.follow(pid, output.unwrap(), &|| true);
        assert_eq!(run.exit, Exit::Signal(9));
    }

    #[test]
    fn it_ends_when_the_freeze_is_cancelled() {
        let failure = text(run("g", "exec sleep 90", Moment::Freeze, true));
        assert_eq!(failure, "child process has terminated abnormally");
    }
}
