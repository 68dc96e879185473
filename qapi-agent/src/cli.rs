//! The command line (agent-behaviour.md §1.1).

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, Parser};

use crate::command_lists::CommandLists;
use crate::transport::Transport;

/// Name that `--version` prints, as callers know it from the reference.
const PRODUCT: &str = "QEMU Guest Agent";

/// Where a virtio-serial port of the name that hosts give to the agent's appears.
const VIRTIO_PORT: &str = "/dev/virtio-ports/org.qemu.guest_agent.0";

/// The first serial line.
const SERIAL_LINE: &str = "/dev/ttyS0";

/// Options are those of the reference agent, with the same meaning; what this agent cannot do yet
/// it does not know.
#[derive(Debug, Parser)]
#[command(
    name = "qapi-agent",
    about = "Serves a host's requests inside a virtual machine",
    disable_version_flag = true,
    args_override_self = true,
    infer_long_args = true,
    after_help = "Exit status: 0 after SIGTERM, SIGINT and for --help, --version and the list of commands; \
                  1 if the agent cannot start."
)]
struct Arguments {
    /// Transport: `virtio-serial`, `isa-serial` or `unix-listen`
    #[arg(
        short,
        long,
        value_name = "METHOD",
        default_value = "virtio-serial",
        allow_hyphen_values = true
    )]
    method: String,

    /// Path of the device, or of the socket to listen on [default:
    /// /dev/virtio-ports/org.qemu.guest_agent.0 or /dev/ttyS0]
    #[arg(short, long, value_name = "PATH", allow_hyphen_values = true)]
    path: Option<PathBuf>,

    /// Append the log to this file instead of writing it to standard error
    #[arg(short, long, value_name = "FILE", allow_hyphen_values = true)]
    logfile: Option<PathBuf>,

    /// Directory for what must survive a restart
    #[arg(
        short = 't',
        long,
        value_name = "DIRECTORY",
        default_value = "/var/run",
        allow_hyphen_values = true
    )]
    statedir: PathBuf,

    /// Log what the agent does, not only what goes wrong
    #[arg(short, long)]
    verbose: bool,

    /// Become a daemon
    #[arg(short, long)]
    daemonize: bool,

    /// File for the process id of the daemon
    #[arg(
        short = 'f',
        long,
        value_name = "FILE",
        default_value = "/var/run/qemu-ga.pid",
        allow_hyphen_values = true
    )]
    pidfile: PathBuf,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::SetTrue)]
    version: bool,

    /// Commands not to serve, separated by commas; `help` lists all commands
    #[arg(short, long, value_name = "COMMANDS", allow_hyphen_values = true)]
    block_rpcs: Vec<String>,

    /// The only commands to serve, separated by commas; `help` lists all commands
    #[arg(short, long, value_name = "COMMANDS", allow_hyphen_values = true)]
    allow_rpcs: Vec<String>,

    /// Operands mean nothing and are ignored.
    #[arg(hide = true)]
    operands: Vec<OsString>,
}

/// How to run the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How clients reach the agent.
    pub transport: Transport,
    /// Where to keep what must survive a restart.
    pub state_directory: PathBuf,
    /// Where to log; `None` is standard error.
    pub log_file: Option<PathBuf>,
    /// Whether to log what the agent does, and not only errors and warnings.
    pub verbose: bool,
    /// The pid file, if the agent is to become a daemon.
    pub daemon: Option<PathBuf>,
    /// Which commands to serve.
    pub lists: CommandLists,
}

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Serve.
    Run(Settings),
    /// Print this on standard output and exit with status 0.
    Print(String),
}

/// Reads the command line, program name included. `commands` are the names for `-b help`. The error
/// is a text for standard error.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    commands: &[&str],
    version: &str,
) -> Result<Request, String> {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            return Ok(Request::Print(error.to_string()));
        }
        Err(error) => return Err(error.to_string()),
    };
    if arguments.version {
        return Ok(Request::Print(format!("{PRODUCT} {version}\n")));
    }
    let mut lists = arguments.block_rpcs.iter().chain(&arguments.allow_rpcs);
    if lists.any(|value| value == "help" || value == "?") {
        let lines = commands.iter().flat_map(|name| [name, "\n"]);
        return Ok(Request::Print(lines.collect()));
    }
    settings(arguments).map(Request::Run)
}

fn settings(arguments: Arguments) -> Result<Settings, String> {
    let path = |default: &str| arguments.path.clone().unwrap_or_else(|| default.into());
    let transport = match arguments.method.as_str() {
        "virtio-serial" => Transport::VirtioSerial(path(VIRTIO_PORT)),
        "isa-serial" => Transport::IsaSerial(path(SERIAL_LINE)),
        "unix-listen" => Transport::UnixListen(
            arguments
                .path
                .clone()
                .ok_or("error: must specify a path for this channel: add `--path SOCKET`\n")?,
        ),
        "vsock-listen" => {
            return Err(
                "error: method `vsock-listen` is not supported yet; use one of \
                 `virtio-serial`, `isa-serial` and `unix-listen`\n"
                    .to_owned(),
            );
        }
        method => {
            return Err(format!(
                "error: unknown method `{method}`; use one of `virtio-serial`, `isa-serial` and \
                 `unix-listen`\n"
            ));
        }
    };
    Ok(Settings {
        transport,
        state_directory: arguments.statedir,
        daemon: arguments.daemonize.then_some(arguments.pidfile),
        log_file: arguments.logfile,
        verbose: arguments.verbose,
        lists: CommandLists::new(&arguments.block_rpcs, &arguments.allow_rpcs),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse_line(line: &str) -> Result<Request, String> {
        let arguments = ["qapi-agent"].into_iter().chain(line.split_whitespace());
        parse(
            arguments.map(OsString::from),
            &["guest-ping", "guest-info"],
            "1.2.3",
        )
    }

    fn run(line: &str) -> Settings {
        match parse_line(line) {
            Ok(Request::Run(settings)) => settings,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_options_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_have_the_meaning_of_the_reference() {
        let settings = run(
            "-m unix-listen operand -p /run/a.sock -t /run/state --logfile=/l -v -b guest-exec,a -b c -a d",
        );
        let expected = Settings {
            transport: Transport::UnixListen(PathBuf::from("/run/a.sock")),
            state_directory: PathBuf::from("/run/state"),
            log_file: Some(PathBuf::from("/l")),
            daemon: None,
            verbose: true,
            lists: CommandLists::new(
                &["guest-exec,a".to_owned(), "c".to_owned()],
                &["d".to_owned()],
            ),
        };
        assert_eq!(settings, expected);
        let settings = run("-munix-listen -psock");
        assert_eq!(settings.transport, Transport::UnixListen("sock".into()));
        assert_eq!(settings.state_directory, PathBuf::from("/var/run"));
    }

    #[test]
    fn the_pid_file_counts_for_daemons_only() {
        assert_eq!(run("-f pid").daemon, None);
        assert_eq!(run("-d").daemon, Some("/var/run/qemu-ga.pid".into()));
        assert_eq!(run("--daemon --pidfile=x").daemon, Some("x".into()));
    }

    #[test]
    fn serial_methods_have_default_paths_and_virtio_is_the_default_method() {
        for (line, expected) in [
            ("", Transport::VirtioSerial(VIRTIO_PORT.into())),
            (
                "-p /dev/vport1p1",
                Transport::VirtioSerial("/dev/vport1p1".into()),
            ),
            ("-m isa-serial", Transport::IsaSerial(SERIAL_LINE.into())),
            ("-m isa-serial -p x", Transport::IsaSerial("x".into())),
        ] {
            assert_eq!(run(line).transport, expected, "{line}");
        }
    }

    #[test]
    fn long_options_can_be_abbreviated_and_the_last_value_wins() {
        let settings = run("--meth virtio-serial --met=unix-listen --pa a --path b");
        assert_eq!(settings.transport, Transport::UnixListen("b".into()));
    }

    #[test]
    fn version_and_command_list_are_printed() {
        for line in ["-V", "--version", "-m nonsense -V"] {
            let expected = Request::Print("QEMU Guest Agent 1.2.3\n".to_owned());
            assert_eq!(parse_line(line), Ok(expected), "{line}");
        }
        for line in ["-b help", "-b ?", "-a help", "--allow-rpcs=?"] {
            let expected = Request::Print("guest-ping\nguest-info\n".to_owned());
            assert_eq!(parse_line(line), Ok(expected), "{line}");
        }
        run("-m unix-listen -p s -b HELP -a help,x");
        assert!(
            matches!(parse_line("-h"), Ok(Request::Print(help)) if help.contains("--statedir"))
        );
    }

    #[test]
    fn what_is_not_supported_is_refused() {
        for (line, reason) in [
            (
                "-m vsock-listen -p 1:2",
                "method `vsock-listen` is not supported yet",
            ),
            ("-m tcp -p x", "unknown method `tcp`"),
            ("-m unix-listen", "must specify a path"),
            ("-m unix-listen -p", "a value is required"),
            ("-m unix-listen -p x --retry-path", "unexpected argument"),
            ("-m unix-listen -p x -F/hook", "unexpected argument '-F'"),
            ("-m unix-listen -p x -c conf", "unexpected argument '-c'"),
            ("-m unix-listen -p x -D", "unexpected argument '-D'"),
        ] {
            let error = parse_line(line).expect_err(line);
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
