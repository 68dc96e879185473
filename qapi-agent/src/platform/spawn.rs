//! Starts programs so that a failure to start is known at once (docs/reference/agent-behaviour.md §6.9).

pub(crate) mod become_user;

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::libc::{self, c_int};
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::Mode;
use nix::unistd::{AccessFlags, Gid, Uid, access, pipe2};

use self::become_user::SHELL;
use crate::failure::{Failure, errno_text};
use crate::platform::sys::descriptors::out_of_the_way;

/// The directories in which programs are looked for if neither environment has a `PATH`.
const DEFAULT_PATH: &[u8] = b"/usr/bin:/bin";

/// The output of a program that is collected; the rest is dropped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capture {
    /// None.
    #[default]
    None,
    /// Standard output only.
    Output,
    /// Standard error only.
    Errors,
    /// Both, each on its own.
    Separated,
    /// Both as one stream in the order in which they were written, as if it were standard output.
    Merged,
}

/// A program to start.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: CString,
    /// The file to execute, if it is not looked for by `path`.
    pub(crate) file: Option<CString>,
    /// The user to run it as, instead of the agent's.
    pub(crate) identity: Option<UserIdentity>,
    /// The whole argument vector, name included.
    pub(crate) arguments: Vec<CString>,
    /// `None` is the agent's own.
    pub(crate) environment: Option<Vec<CString>>,
    /// True if standard input is a pipe; otherwise it is empty.
    pub(crate) input: bool,
    /// Standard output and standard error, as far as they are pipes; the others are dropped.
    pub(crate) capture: Capture,
    /// True if the agent keeps its ends of the pipes for as long as the program likes, which must not leave it without
    /// descriptors.
    pub(crate) is_kept: bool,
    /// True if it leads a session of its own, out of reach of signals to the agent's process group.
    pub(crate) own_session: bool,
}

impl Program {
    /// Returns a program that the agent runs for itself: a session of its own, no input, all of its output in one pipe.
    pub(crate) fn auxiliary(path: CString, arguments: Vec<CString>) -> Self {
        Self {
            path,
            arguments,
            environment: None,
            input: false,
            capture: Capture::Merged,
            is_kept: false,
            own_session: true,
            file: None,
            identity: None,
        }
    }
}

/// A user with groups, as the kernel knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserIdentity {
    pub(crate) user: Uid,
    pub(crate) group: Gid,
    /// Supplementary groups.
    pub(crate) groups: Vec<Gid>,
}

/// The reason why a program could not be started.
#[derive(Debug)]
pub(crate) enum NotStarted {
    /// The agent lacks resources.
    Agent(Failure),
    /// The system could not execute the program.
    Program(Errno),
}

impl NotStarted {
    /// Returns the error of guest-exec.
    pub(crate) fn failure(self, path: &CStr) -> Failure {
        match self {
            Self::Agent(failure) => failure,
            Self::Program(errno) => {
                let path = path.to_string_lossy();
                let reason = errno_text(errno);
                Failure::new(format!(
                    "Failed to execute child process \u{201c}{path}\u{201d} ({reason})"
                ))
            }
        }
    }
}

/// A started program and the agent's ends of its pipes, which do not block.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) pid: i32,
    pub(crate) input: Option<File>,
    pub(crate) output: Option<File>,
    pub(crate) errors: Option<File>,
}

/// Starts `program`. It gets no descriptors but its standard ones, no blocked signals, and the
/// default action for SIGPIPE, which the agent ignores.
pub(crate) fn spawn(program: &Program) -> Result<Child, NotStarted> {
    let failed = |action: &str, errno| {
        NotStarted::Agent(Failure::with_errno(
            format_args!("failed to {action}"),
            errno,
        ))
    };
    let null = open(
        c"/dev/null",
        OFlag::O_RDWR | OFlag::O_CLOEXEC,
        Mode::empty(),
    )
    .map_err(|errno| failed("open /dev/null", errno))?;
    let pipe_failed = |errno| failed("create a pipe", errno);
    let input = program
        .input
        .then(|| input_pipe(program.is_kept))
        .transpose()
        .map_err(pipe_failed)?;
    let capture = program.capture;
    let output = matches!(
        capture,
        Capture::Output | Capture::Separated | Capture::Merged
    )
    .then(|| output_pipe(program.is_kept))
    .transpose()
    .map_err(pipe_failed)?;
    let errors = matches!(capture, Capture::Errors | Capture::Separated)
        .then(|| output_pipe(program.is_kept))
        .transpose()
        .map_err(pipe_failed)?;
    let theirs = |pipe: &Option<Pipe>| pipe.as_ref().map_or(&null, |pipe| &pipe.theirs).as_raw_fd();
    let for_errors = if capture == Capture::Merged {
        &output
    } else {
        &errors
    };
    let standard = [theirs(&input), theirs(&output), theirs(for_errors)];

    let pid = match &program.identity {
        None => execute(program, standard),
        Some(identity) => execute_as(program, identity, standard),
    };
    let pid = pid.map_err(NotStarted::Program)?;
    let ours = |pipe: Option<Pipe>| pipe.map(|pipe| pipe.ours);
    Ok(Child {
        pid,
        input: ours(input),
        output: ours(output),
        errors: ours(errors),
    })
}

/// Both ends of a pipe: the agent's, which does not block, and the child's, which does.
struct Pipe {
    ours: File,
    theirs: OwnedFd,
}

fn input_pipe(is_kept: bool) -> Result<Pipe, Errno> {
    let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
    Ok(Pipe {
        ours: own_end(write, is_kept)?,
        theirs: read,
    })
}

fn output_pipe(is_kept: bool) -> Result<Pipe, Errno> {
    let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
    Ok(Pipe {
        ours: own_end(read, is_kept)?,
        theirs: write,
    })
}

fn own_end(end: OwnedFd, is_kept: bool) -> Result<File, Errno> {
    let end = if is_kept { out_of_the_way(end)? } else { end };
    fcntl(&end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok(File::from(end))
}

/// Tries the places where the program may be, as the shell would: a missing or non-executable file does not end the
/// search; its error is reported if no other file is found.
fn execute(program: &Program, standard: [i32; 3]) -> Result<i32, Errno> {
    let environment = match &program.environment {
        Some(environment) => Cow::Borrowed(environment),
        None => Cow::Owned(own_environment()),
    };
    let launch = Launch::new(standard, &environment, program.own_session)?;
    if let Some(file) = &program.file {
        return launch.start(file, &program.arguments);
    }
    let name = program.path.as_bytes();
    if name.is_empty() {
        return Err(Errno::ENOENT);
    }
    if name.contains(&b'/') {
        return launch.start(&program.path, &program.arguments);
    }
    let mut denied = false;
    for candidate in candidates(name, &environment) {
        match launch.start(&candidate, &program.arguments) {
            Err(Errno::EACCES) => denied = true,
            Err(
                Errno::ENOENT | Errno::ENOTDIR | Errno::ESTALE | Errno::ENODEV | Errno::ETIMEDOUT,
            ) => {}
            result => return result,
        }
    }
    Err(if denied { Errno::EACCES } else { Errno::ENOENT })
}

/// Starts a program as the user. Failures on the way are reported like failures of the system's call.
fn execute_as(
    program: &Program,
    identity: &UserIdentity,
    standard: [i32; 3],
) -> Result<i32, Errno> {
    let environment = program.environment.clone().unwrap_or_else(own_environment);
    let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
    let mut launch = Launch::new(standard, &environment, program.own_session)?;
    launch
        .actions
        .add_dup2(theirs.as_raw_fd(), become_user::REPORT)?;
    let numbers = [identity.user.as_raw(), identity.group.as_raw()].into_iter();
    let numbers = numbers.chain(identity.groups.iter().map(|group| group.as_raw()));
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    let mut arguments = vec![
        c_text("qapi-agent")?,
        c_text(become_user::OPTION)?,
        c_text(&numbers.join(","))?,
    ];
    arguments.push(program.file.clone().unwrap_or_else(|| program.path.clone()));
    arguments.extend(program.arguments.iter().cloned());
    let pid = launch.run(become_user::SELF, &arguments)?;
    drop(theirs);
    // The end of file comes when the program has taken over.
    let mut report = String::new();
    let _ = File::from(ours).read_to_string(&mut report);
    match report.trim().parse() {
        Ok(number) => Err(Errno::from_raw(number)),
        Err(_) => Ok(pid),
    }
}

fn c_text(text: &str) -> Result<CString, Errno> {
    CString::new(text).map_err(|_| Errno::EINVAL)
}

/// Returns the places where a program without a folder in its name may be.
fn candidates(name: &[u8], environment: &[CString]) -> Vec<CString> {
    let own_path = std::env::var_os("PATH").map(OsStringExt::into_vec);
    let path = environment
        .iter()
        .find_map(|entry| entry.as_bytes().strip_prefix(b"PATH="))
        .or(own_path.as_deref())
        .unwrap_or(DEFAULT_PATH);
    let directories = path.split(|&byte| byte == b':');
    directories.map(|directory| join(directory, name)).collect()
}

/// Returns the file that would be executed: the first of the places that has it, or the name itself.
pub(crate) fn locate(program: &Program) -> PathBuf {
    let name = program.path.as_bytes();
    let own = || PathBuf::from(OsStr::from_bytes(name));
    if name.is_empty() || name.contains(&b'/') {
        return own();
    }
    candidates(name, program.environment.as_deref().unwrap_or_default())
        .into_iter()
        .map(|candidate| PathBuf::from(OsString::from_vec(candidate.into_bytes())))
        .find(|path| path.is_file() && access(path, AccessFlags::X_OK).is_ok())
        .unwrap_or_else(own)
}

/// Joins a directory of a search path and a name. An empty directory is the current one.
fn join(directory: &[u8], name: &[u8]) -> CString {
    let separator: &[u8] = if directory.is_empty() { b"" } else { b"/" };
    CString::new([directory, separator, name].concat())
        .expect("both parts come from C strings or the environment, which hold no NUL")
}

fn own_environment() -> Vec<CString> {
    let entry = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        CString::new([name.into_vec(), value.into_vec()].join(&b'=')).ok()
    };
    std::env::vars_os().filter_map(entry).collect()
}

/// All parameters of a start except the file.
struct Launch<'a> {
    actions: PosixSpawnFileActions,
    attributes: PosixSpawnAttr,
    environment: &'a [CString],
}

impl<'a> Launch<'a> {
    fn new(
        standard: [i32; 3],
        environment: &'a [CString],
        own_session: bool,
    ) -> Result<Self, Errno> {
        let mut actions = PosixSpawnFileActions::init()?;
        for (number, descriptor) in (0..).zip(standard) {
            // The standard library opens the standard descriptors at start if they are closed, so
            // `descriptor` is above them and none of these overwrites the source of another.
            actions.add_dup2(descriptor, number)?;
        }
        let mut attributes = PosixSpawnAttr::init()?;
        let mut broken_pipe = SigSet::empty();
        broken_pipe.add(Signal::SIGPIPE);
        attributes.set_sigdefault(&broken_pipe)?;
        attributes.set_sigmask(&SigSet::empty())?;
        let mut flags =
            PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK;
        if own_session {
            flags |= PosixSpawnFlags::from_bits_retain(c_int::from(libc::POSIX_SPAWN_SETSID));
        }
        attributes.set_flags(flags)?;
        Ok(Self {
            actions,
            attributes,
            environment,
        })
    }

    /// Starts `file`, or the shell with it if the kernel takes it for a script without an
    /// interpreter.
    fn start(&self, file: &CStr, arguments: &[CString]) -> Result<i32, Errno> {
        match self.run(file, arguments) {
            Err(Errno::ENOEXEC) => {
                let script = [SHELL, file].map(CStr::to_owned);
                let rest = arguments.iter().skip(1).cloned();
                self.run(SHELL, &script.into_iter().chain(rest).collect::<Vec<_>>())
            }
            result => result,
        }
    }

    fn run(&self, file: &CStr, arguments: &[CString]) -> Result<i32, Errno> {
        posix_spawn(
            file,
            &self.actions,
            &self.attributes,
            arguments,
            self.environment,
        )
        .map(nix::unistd::Pid::as_raw)
    }
}

/// Turns a string of a request into one for the system, which cannot hold U+0000.
pub(crate) fn c_string(text: &str, what: &str) -> Result<CString, Failure> {
    CString::new(text)
        .map_err(|_| Failure::new(format!("{what} must not contain the character U+0000")))
}

/// Returns true if an I/O error only means "not now".
pub(crate) fn would_block(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
