//! Starting a program as another user.
//!
//! The system's call for starting programs does not change users, and a copy of a process with threads may do next to
//! nothing. So the agent's own program is started, which becomes the user and then the other program.

use std::ffi::{CStr, CString, OsString};
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, execv, setgid, setgroups, setuid};

use crate::platform::sys;

/// The first argument of the agent's program for this; the next ones are user, group and further groups, the file to
/// execute, and the argument vector for it.
pub(super) const OPTION: &str = "--become-user";

/// The agent's own program, even if its file has been replaced.
pub(super) const SELF: &CStr = c"/proc/self/exe";

/// Runs scripts that the kernel does not execute.
pub(super) const SHELL: &CStr = c"/bin/sh";

/// The descriptor for the error if the new process could not execute the program.
pub(super) const REPORT: i32 = 3;

/// Returns the work of the new process, if these are its arguments. It returns only on failure, which it has reported.
pub(crate) fn run(arguments: &[OsString]) -> Option<Errno> {
    let [_, option, numbers, rest @ ..] = arguments else {
        return None;
    };
    if option != OPTION {
        return None;
    }
    // The file is opened through this path, which is closed on exec, like the descriptor itself. The user could not
    // open it.
    let report = File::options()
        .write(true)
        .open(format!("/proc/self/fd/{REPORT}"));
    let result = become_program(numbers.to_str().unwrap_or_default(), rest);
    let errno = result.unwrap_or_else(|errno| errno);
    if let Ok(mut report) = report {
        let _ = write!(report, "{}", errno as i32);
    }
    Some(errno)
}

fn become_program(numbers: &str, rest: &[OsString]) -> Result<Errno, Errno> {
    sys::close_inherited_on_exec();
    let numbers: Option<Vec<u32>> = numbers
        .split(',')
        .map(|number| number.parse().ok())
        .collect();
    let (Some([user, group, groups @ ..]), [file, arguments @ ..]) = (numbers.as_deref(), rest)
    else {
        return Err(Errno::EINVAL);
    };
    let c_string =
        |text: &OsString| CString::new(text.clone().into_vec()).map_err(|_| Errno::EINVAL);
    let file = c_string(file)?;
    let mut arguments = arguments
        .iter()
        .map(c_string)
        .collect::<Result<Vec<_>, _>>()?;
    let groups: Vec<_> = groups.iter().copied().map(Gid::from_raw).collect();
    setgroups(&groups)?;
    setgid(Gid::from_raw(*group))?;
    setuid(Uid::from_raw(*user))?;
    sys::default_action(Signal::SIGPIPE)?;
    let Err(errno) = execv(&file, &arguments);
    if errno != Errno::ENOEXEC {
        return Ok(errno);
    }
    // A script without an interpreter.
    arguments.splice(..arguments.len().min(1), [SHELL.to_owned(), file]);
    let Err(errno) = execv(SHELL, &arguments);
    Ok(errno)
}
