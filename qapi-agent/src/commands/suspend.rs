//! guest-suspend-disk, guest-suspend-ram and guest-suspend-hybrid (docs/reference/agent-behaviour.md §6.3).

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use crate::failure::{Failure, errno_text};
use crate::platform::helper::Ending;
use crate::platform::sys::Exit;
use crate::platform::sys::errno_of;
use crate::platform::system::System;

/// The kernel's own way: it lists the states it knows in this file and enters the one written.
const STATE: &str = "/sys/power/state";

/// The time that a program may take to suspend the system; the time spent suspended does not count.
const CEILING: Duration = Duration::from_secs(300);

/// The place where the system's state is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SuspendMode {
    Disk,
    Ram,
    /// Both: it wakes from memory, or from disk if power was lost.
    Hybrid,
}

impl SuspendMode {
    /// systemd's unit and the order for it.
    fn systemd(self) -> [&'static str; 2] {
        match self {
            Self::Disk => ["systemd-hibernate", "hibernate"],
            Self::Ram => ["systemd-suspend", "suspend"],
            Self::Hybrid => ["systemd-hybrid-sleep", "hybrid-sleep"],
        }
    }

    /// Returns the question to pm-utils and the program that does it.
    fn pm_utils(self) -> [&'static str; 2] {
        match self {
            Self::Disk => ["--hibernate", "pm-hibernate"],
            Self::Ram => ["--suspend", "pm-suspend"],
            Self::Hybrid => ["--suspend-hybrid", "pm-suspend-hybrid"],
        }
    }

    /// Returns the kernel's word, if it has one.
    fn kernel(self) -> Option<&'static str> {
        match self {
            Self::Disk => Some("disk"),
            Self::Ram => Some("mem"),
            Self::Hybrid => None,
        }
    }
}

/// Suspends the system by the first of three ways that works: systemd, pm-utils, the kernel itself.
/// Returns when it has been woken again, or at once if systemd does it in the background.
///
/// The error is that of the first way that the system said to support (D23: the reference takes
/// systemd's refusal for success where there is no other way).
pub(crate) fn suspend(system: &System, mode: SuspendMode) -> Result<(), Failure> {
    let mut first_error = None;
    let mut attempt = |result: Result<(), Failure>| {
        let done = result.is_ok();
        if let Err(failure) = result {
            first_error.get_or_insert(failure);
        }
        done
    };
    let [unit, order] = mode.systemd();
    // 0 would mean that it is being suspended already, 4 that there is no such unit.
    if matches!(
        exit_code(system, "systemctl", &["status", unit]),
        Some(1..=3)
    ) && attempt(run(system, "systemctl", &[order]))
    {
        return Ok(());
    }
    let [question, program] = mode.pm_utils();
    if exit_code(system, "pm-is-supported", &[question]) == Some(0)
        && attempt(run(system, program, &[]))
    {
        return Ok(());
    }
    if let Some(word) = mode.kernel().filter(|word| kernel_has(system, word))
        && attempt(write_state(system, word))
    {
        return Ok(());
    }
    Err(first_error.unwrap_or_else(|| {
        Failure::new("the requested suspend mode is not supported by the guest")
    }))
}

/// Returns the exit code of a program that tells whether something is supported; nothing if it does not
/// even run.
fn exit_code(system: &System, program: &str, arguments: &[&str]) -> Option<i32> {
    match system.helper(program, arguments).execute("suspend") {
        Ok(Ending::Ended {
            exit: Exit::Code(code),
            ..
        }) => Some(code),
        _ => None,
    }
}

fn run(system: &System, program: &str, arguments: &[&str]) -> Result<(), Failure> {
    let mut helper = system.helper(program, arguments);
    helper.ceiling = CEILING;
    let text = match helper.execute("suspend")? {
        Ending::Ended { exit, .. } => match exit {
            Exit::Code(0) => return Ok(()),
            Exit::Code(code) => format!(
                "the helper program '{program}' returned an unexpected exit status code ({code})"
            ),
            Exit::Signal(signal) => {
                format!("the helper program '{program}' was killed by signal {signal}")
            }
        },
        Ending::NotExecuted(nix::errno::Errno::ENOENT) => {
            format!("the helper program '{program}' was not found")
        }
        Ending::NotExecuted(errno) => format!(
            "failed to create child process, error '{}'",
            errno_text(errno)
        ),
        Ending::TimedOut => format!(
            "the helper program '{program}' was killed because it took longer than {} seconds",
            CEILING.as_secs()
        ),
    };
    Err(Failure::new(text))
}

fn kernel_has(system: &System, word: &str) -> bool {
    fs::read_to_string(system.path(STATE))
        .is_ok_and(|states| states.split_ascii_whitespace().any(|state| state == word))
}

fn write_state(system: &System, word: &str) -> Result<(), Failure> {
    File::options()
        .write(true)
        .open(system.path(STATE))
        .and_then(|mut file| file.write_all(word.as_bytes()))
        .map_err(|error| {
            Failure::with_errno(
                format_args!("suspend: cannot write to '{STATE}'"),
                errno_of(&error),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn try_it(tree: &Tree, mode: SuspendMode) -> Result<(), String> {
        let _turn = crate::platform::sys::turn_with_children();
        suspend(&System::below(tree.path()), mode).map_err(|failure| failure.to_string())
    }

    /// A program that notes its call and returns a code that depends on its first argument.
    fn program(tree: &Tree, name: &str, codes: &str) {
        let log = format!("{}/log", tree.path().display());
        tree.script(
            &format!("bin/{name}"),
            &format!("echo {name} $* >> {log}\ncase $1 in {codes} esac"),
        );
    }

    const UNSUPPORTED: &str = "the requested suspend mode is not supported by the guest";

    #[test]
    fn systemd_comes_first() {
        let tree = Tree::new();
        tree.file("sys/power/state", "mem disk\n");
        program(&tree, "systemctl", "status) exit 3;;");
        program(&tree, "pm-is-supported", "*) exit 0;;");
        assert_eq!(try_it(&tree, SuspendMode::Ram), Ok(()));
        assert_eq!(try_it(&tree, SuspendMode::Disk), Ok(()));
        assert_eq!(try_it(&tree, SuspendMode::Hybrid), Ok(()));
        assert_eq!(
            tree.text("log"),
            "systemctl status systemd-suspend\nsystemctl suspend\n\
             systemctl status systemd-hibernate\nsystemctl hibernate\n\
             systemctl status systemd-hybrid-sleep\nsystemctl hybrid-sleep\n"
        );
        assert_eq!(tree.text("sys/power/state"), "mem disk\n");
    }

    #[test]
    fn pm_utils_come_second() {
        let tree = Tree::new();
        program(&tree, "systemctl", "status) exit 4;;");
        program(&tree, "pm-is-supported", "--suspend) exit 0;; *) exit 1;;");
        program(&tree, "pm-suspend", "*) exit 0;;");
        assert_eq!(try_it(&tree, SuspendMode::Ram), Ok(()));
        assert!(tree.text("log").ends_with("\npm-suspend\n"));
        assert_eq!(
            try_it(&tree, SuspendMode::Hybrid),
            Err(UNSUPPORTED.to_owned())
        );
    }

    #[test]
    fn the_kernel_comes_last() {
        let tree = Tree::new();
        assert_eq!(try_it(&tree, SuspendMode::Ram), Err(UNSUPPORTED.to_owned()));
        tree.file("sys/power/state", "freeze mem");
        assert_eq!(
            try_it(&tree, SuspendMode::Disk),
            Err(UNSUPPORTED.to_owned())
        );
        assert_eq!(
            try_it(&tree, SuspendMode::Hybrid),
            Err(UNSUPPORTED.to_owned())
        );
        assert_eq!(try_it(&tree, SuspendMode::Ram), Ok(()));
        assert!(tree.text("sys/power/state").starts_with("mem"));
    }

    #[test]
    fn the_first_error_is_returned_unless_a_later_way_works() {
        let tree = Tree::new();
        program(&tree, "systemctl", "status) exit 3;; *) exit 9;;");
        // D23: nothing else claims the mode, and the reference would be silent.
        let refused = "the helper program 'systemctl' returned an unexpected exit status code (9)";
        assert_eq!(try_it(&tree, SuspendMode::Ram), Err(refused.to_owned()));
        program(&tree, "pm-is-supported", "*) exit 0;;");
        assert_eq!(try_it(&tree, SuspendMode::Ram), Err(refused.to_owned()));
        tree.file("sys/power/state", "mem");
        assert_eq!(try_it(&tree, SuspendMode::Ram), Ok(()));
        program(&tree, "systemctl", "*) exit 4;;");
        assert_eq!(
            try_it(&tree, SuspendMode::Hybrid),
            Err("the helper program 'pm-suspend-hybrid' was not found".to_owned())
        );
    }
}
