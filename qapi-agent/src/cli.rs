//! The command line (docs/reference/agent-behaviour.md §1.1), over the configuration file (§1.2).

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgAction, Parser};

use crate::command_lists::CommandLists;
use crate::config::{ConfigFile, Options};
use crate::dump::Dump;
use crate::platform::places::{self, FREEZE_HOOK, SERIAL_LINE, VIRTIO_PORT};
use crate::transport::vsock_listen::VsockAddress;
use crate::transport::{Admission, Peers, Transport};

/// The name that `--version` prints, the same as the reference's, because callers match it.
const PRODUCT: &str = "QEMU Guest Agent";

/// The time that the hook may take by default, in seconds.
const MAX_HOOK_TIME: u32 = 300;

/// The time that a client may do nothing for while another one waits, in seconds.
const MAX_IDLE_TIME: u32 = 60;

/// The default directory for state.
const STATE_DIRECTORY: &str = "/var/run";

/// The daemon's default pid file.
const PID_FILE: &str = "/var/run/qemu-ga.pid";

/// Options are those of the reference agent, with the same meaning.
#[derive(Debug, Parser)]
#[command(
    name = "qapi-agent",
    about = "Serves a host's requests inside a virtual machine",
    disable_version_flag = true,
    args_override_self = true,
    infer_long_args = true,
    after_help = "Options override the configuration file; lists of commands are combined with its lists.\n\
                  \n\
                  Ceilings: requests 64 MiB and 1024 levels, reads of files 48 MiB; output of programs 16 MiB per \
                  stream, 256 MiB in all, of 4096 ended programs at most, kept for a day; programs that the agent \
                  needs 60 seconds, for suspending 300; 5 seconds from SIGTERM to the end.\n\
                  \n\
                  Exit status: 0 after SIGTERM, SIGINT and for --help, --version, --dump-conf and the list \
                  of commands; 1 if the agent cannot start."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Arguments {
    /// Transport: `virtio-serial`, `isa-serial`, `unix-listen` or `vsock-listen` [default:
    /// virtio-serial]
    #[arg(short, long, value_name = "METHOD", allow_hyphen_values = true)]
    method: Option<String>,

    /// Path of the device, or of the socket to listen on; `CID:PORT` for vsock [default:
    /// /dev/virtio-ports/org.qemu.guest_agent.0 or /dev/ttyS0]
    #[arg(short, long, value_name = "PATH", allow_hyphen_values = true)]
    path: Option<PathBuf>,

    /// Append the log to this file instead of writing it to standard error
    #[arg(short, long, value_name = "FILE", allow_hyphen_values = true)]
    logfile: Option<PathBuf>,

    /// Directory for persistent state [default: /var/run]
    #[arg(
        short = 't',
        long,
        value_name = "DIRECTORY",
        allow_hyphen_values = true
    )]
    statedir: Option<PathBuf>,

    /// Also log requests and events, not only errors and warnings
    #[arg(short, long)]
    verbose: bool,

    /// Become a daemon
    #[arg(short, long)]
    daemonize: bool,

    /// File for the process id of the daemon [default: /var/run/qemu-ga.pid]
    #[arg(short = 'f', long, value_name = "FILE", allow_hyphen_values = true)]
    pidfile: Option<PathBuf>,

    /// Wait for a device that does not exist yet, and reopen it when it fails
    #[arg(short, long)]
    retry_path: bool,

    /// Configuration file [default: that of the variable `QGA_CONF`, or else /etc/qemu/qemu-ga.conf]
    #[arg(short, long, value_name = "FILE", allow_hyphen_values = true)]
    config: Option<PathBuf>,

    /// Print the effective configuration
    #[arg(short = 'D', long)]
    dump_conf: bool,

    /// Program to run with `freeze` before a freeze and with `thaw` after it, written without a space after `-F`;
    /// without PROGRAM, `/etc/qemu/fsfreeze-hook` [default: none]
    #[arg(
        short = 'F',
        long,
        value_name = "PROGRAM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = FREEZE_HOOK
    )]
    fsfreeze_hook: Option<PathBuf>,

    /// Thaw automatically after this time, including the hook's; 0 for never [default: 0]
    #[arg(long, value_name = "SECONDS")]
    max_freeze_time: Option<u32>,

    /// Kill the hook after this time, so that the freeze fails; 0 for never [default: 300]
    #[arg(long, value_name = "SECONDS")]
    max_hook_time: Option<u32>,

    /// Disconnect a client of a socket that is idle for this long while another one waits; 0 for never [default: 60]
    #[arg(long, value_name = "SECONDS")]
    max_idle_time: Option<u32>,

    /// CIDs that may connect by vsock, separated by commas, or `any` [default: 2, the host]
    #[arg(long, value_name = "CIDS")]
    vsock_peers: Option<String>,

    /// Rules for the programs that the host may run, the files that it may open, and how often it may call [default:
    /// none]
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    policy: Option<PathBuf>,

    /// Log what the policy would refuse, but refuse nothing
    #[arg(long)]
    policy_dry_run: bool,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::SetTrue)]
    version: bool,

    /// Commands to disable, separated by commas; `help` lists all commands
    #[arg(short, long, value_name = "COMMANDS", allow_hyphen_values = true)]
    block_rpcs: Vec<String>,

    /// The only commands to enable, separated by commas; `help` lists all commands
    #[arg(short, long, value_name = "COMMANDS", allow_hyphen_values = true)]
    allow_rpcs: Vec<String>,

    /// The old spelling of `--block-rpcs`.
    #[arg(long, hide = true, allow_hyphen_values = true)]
    blacklist: Vec<String>,

    /// Operands are ignored.
    #[arg(hide = true)]
    operands: Vec<OsString>,
}

impl Arguments {
    /// Options from the command line, as one source among others.
    fn into_options(self) -> Options {
        let given = |flag: bool| flag.then_some(true);
        let mut warnings = Vec::new();
        if !self.blacklist.is_empty() {
            warnings.push("`--blacklist` is an old spelling of `--block-rpcs`".to_owned());
        }
        Options {
            daemon: given(self.daemonize),
            method: self.method,
            path: self.path,
            log_file: self.logfile,
            pid_file: self.pidfile,
            freeze_hook: self.fsfreeze_hook,
            max_freeze_time: self.max_freeze_time,
            max_hook_time: self.max_hook_time,
            max_idle_time: self.max_idle_time,
            vsock_peers: self.vsock_peers,
            policy: self.policy,
            policy_dry_run: given(self.policy_dry_run),
            state_directory: self.statedir,
            verbose: given(self.verbose),
            retry_path: given(self.retry_path),
            block: self.blacklist.into_iter().chain(self.block_rpcs).collect(),
            allow: self.allow_rpcs,
            warnings,
        }
    }
}

/// The settings that the agent runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The transport through which clients reach the agent.
    pub transport: Transport,
    /// True to wait for a missing device, and to reopen it when it fails.
    pub retry: bool,
    /// The directory for state that must survive a restart.
    pub state_directory: PathBuf,
    /// The file to log to; `None` is standard error.
    pub log_file: Option<PathBuf>,
    /// True to log activity, and not only errors and warnings.
    pub verbose: bool,
    /// The pid file, if the agent is to become a daemon.
    pub daemon: Option<PathBuf>,
    /// The program to run around a freeze.
    pub freeze_hook: Option<PathBuf>,
    /// The commands to serve.
    pub lists: CommandLists,
    /// Warnings for the administrator about command line and configuration file.
    pub warnings: Vec<String>,
    /// The time that a freeze may last before it is undone; `None` is forever.
    pub max_freeze_time: Option<Duration>,
    /// The time that the hook may take before it is ended; `None` is forever.
    pub max_hook_time: Option<Duration>,
    /// The clients of a socket that are served.
    pub admission: Admission,
    /// The file with the policy, if there is one.
    pub policy: Option<PathBuf>,
    /// True to log what the policy would refuse, but refuse nothing.
    pub is_policy_dry_run: bool,
}

/// The requested action.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a process has one of these")]
pub enum Request {
    /// Serve.
    Run(Settings),
    /// Print this on standard output and exit with status 0.
    Print(String),
    /// The same, after warnings for standard error.
    Dump {
        /// The effective configuration.
        text: String,
        /// Options without effect, and old spellings.
        warnings: Vec<String>,
    },
}

/// Inputs besides the command line.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The environment variable `QGA_CONF`.
    pub config_variable: Option<OsString>,
    /// The socket that the agent was started with, which replaces method and path; or the reason why it cannot be used.
    pub activation: Result<Option<Transport>, String>,
}

/// Reads the command line, program name included, and the configuration file. `commands` are the
/// names for `-b help`. The error is a text for standard error.
///
/// Help, version and list of commands are printed even if the configuration file is invalid (D29).
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    surroundings: Surroundings,
    commands: &[&str],
    version: &str,
) -> Result<Request, String> {
    let arguments = match Arguments::try_parse_from(arguments.into_iter().map(glued_hook)) {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            return Ok(Request::Print(error.to_string()));
        }
        Err(error) => return Err(error.to_string()),
    };
    if arguments.version {
        return Ok(Request::Print(format!("{PRODUCT} {version}\n")));
    }
    let mut lists = arguments
        .block_rpcs
        .iter()
        .chain(&arguments.allow_rpcs)
        .chain(&arguments.blacklist);
    if lists.any(|value| value == "help" || value == "?") {
        let lines = commands.iter().flat_map(|name| [name, "\n"]);
        return Ok(Request::Print(lines.collect()));
    }
    let is_error = |error: String| format!("error: {error}\n");
    let source = ConfigFile::new(arguments.config.clone(), surroundings.config_variable);
    let file = source.load().map_err(is_error)?;
    let dump = arguments.dump_conf;
    let options = file.overridden_by(arguments.into_options());
    let activation = surroundings.activation.map_err(is_error)?;
    if dump {
        let text = dump_text(&options, activation.as_ref()).map_err(is_error)?;
        let warnings = options.warnings;
        return Ok(Request::Dump { text, warnings });
    }
    let mut settings = settings(options, activation).map_err(is_error)?;
    for (option, name) in settings.lists.unknown(commands) {
        settings.warnings.push(format!(
            "`{option}` names `{name}`, which is not a command: it has no effect"
        ));
    }
    Ok(Request::Run(settings))
}

/// `-F/path` is written `-F=/path` for the parser, which otherwise takes an optional value of a short
/// option for further options.
fn glued_hook(argument: OsString) -> OsString {
    match argument.as_encoded_bytes() {
        [b'-', b'F', first, ..] if *first != b'=' => {
            let mut option = OsString::from("-F=");
            option.push(places::behind(&argument, 2));
            option
        }
        _ => argument,
    }
}

const DEFAULT_METHOD: &str = "virtio-serial";

/// Returns the path, or the method's default.
fn channel_path(method: &str, path: Option<PathBuf>) -> Result<PathBuf, String> {
    let example = match (path, method) {
        (Some(path), _) => return Ok(path),
        (None, "virtio-serial") => return Ok(VIRTIO_PORT.into()),
        (None, "isa-serial") => return Ok(SERIAL_LINE.into()),
        (None, "vsock-listen") => "CID:PORT",
        (None, _) => "SOCKET",
    };
    Err(format!(
        "must specify a path for this channel: add `--path {example}`"
    ))
}

fn settings(options: Options, activation: Option<Transport>) -> Result<Settings, String> {
    let transport = match activation {
        Some(inherited) => inherited,
        None => transport(options.method.as_deref(), options.path)?,
    };
    let pid_file = options.pid_file.unwrap_or_else(|| PID_FILE.into());
    let vsock_peers = match &options.vsock_peers {
        Some(list) => Peers::parse(list)?,
        None => Peers::default(),
    };
    let seconds = |seconds: u32| (seconds > 0).then(|| Duration::from_secs(seconds.into()));
    Ok(Settings {
        transport,
        retry: options.retry_path.unwrap_or(false),
        state_directory: options
            .state_directory
            .unwrap_or_else(|| STATE_DIRECTORY.into()),
        daemon: options.daemon.unwrap_or(false).then_some(pid_file),
        freeze_hook: options.freeze_hook,
        max_freeze_time: options.max_freeze_time.and_then(seconds),
        max_hook_time: seconds(options.max_hook_time.unwrap_or(MAX_HOOK_TIME)),
        admission: Admission {
            max_idle_time: seconds(options.max_idle_time.unwrap_or(MAX_IDLE_TIME)),
            vsock_peers,
        },
        policy: options.policy.map(absolute),
        is_policy_dry_run: options.policy_dry_run.unwrap_or(false),
        log_file: options.log_file,
        verbose: options.verbose.unwrap_or(false),
        lists: CommandLists::new(&options.block, &options.allow),
        warnings: options.warnings,
    })
}

/// Makes a path absolute, because a daemon leaves its working directory before it reads the file.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn transport(method: Option<&str>, path: Option<PathBuf>) -> Result<Transport, String> {
    let method = method.unwrap_or(DEFAULT_METHOD);
    let make = match method {
        "virtio-serial" => Transport::VirtioSerial,
        "isa-serial" => Transport::IsaSerial,
        "unix-listen" => Transport::UnixListen,
        "vsock-listen" => {
            let path = channel_path(method, path)?;
            return VsockAddress::parse(&path.to_string_lossy()).map(Transport::VsockListen);
        }
        method => {
            return Err(format!(
                "unknown method `{method}`; use one of `virtio-serial`, `isa-serial`, \
                 `unix-listen` and `vsock-listen`"
            ));
        }
    };
    channel_path(method, path).map(make)
}

/// Returns the configuration as a file. The method is not checked, as in the reference, so that users can dump a wrong
/// configuration and correct it.
fn dump_text(options: &Options, activation: Option<&Transport>) -> Result<String, String> {
    let method = options.method.as_deref().unwrap_or(DEFAULT_METHOD);
    let (method, path) = match activation {
        Some(inherited) => (inherited.method(), None),
        None => (method, Some(channel_path(method, options.path.clone())?)),
    };
    let or = |path: &Option<PathBuf>, default: &str| path.clone().unwrap_or_else(|| default.into());
    Dump {
        daemon: options.daemon.unwrap_or(false),
        method,
        path: path.as_deref(),
        log_file: options.log_file.as_deref(),
        pid_file: &or(&options.pid_file, PID_FILE),
        freeze_hook: options.freeze_hook.as_deref(),
        state_directory: &or(&options.state_directory, STATE_DIRECTORY),
        verbose: options.verbose.unwrap_or(false),
        retry_path: options.retry_path.unwrap_or(false),
        block: &options.block,
        allow: &options.allow,
        max_freeze_time: options.max_freeze_time,
        max_hook_time: options.max_hook_time,
        max_idle_time: options.max_idle_time,
        vsock_peers: options.vsock_peers.as_deref(),
        policy: options.policy.as_deref(),
        policy_dry_run: options.policy_dry_run,
    }
    .text()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse_line(line: &str) -> Result<Request, String> {
        let arguments = ["qapi-agent"].into_iter().chain(line.split_whitespace());
        parse(
            arguments.map(OsString::from),
            Surroundings {
                config_variable: Some("/nonexistent".into()),
                activation: Ok(None),
            },
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
            "-m unix-listen operand -p /run/a.sock -t /run/state --logfile=/l -v -r -b guest-ping -b c -a guest-info",
        );
        let expected = Settings {
            transport: Transport::UnixListen(PathBuf::from("/run/a.sock")),
            state_directory: PathBuf::from("/run/state"),
            log_file: Some(PathBuf::from("/l")),
            daemon: None,
            verbose: true,
            max_freeze_time: None,
            max_hook_time: Some(Duration::from_secs(300)),
            admission: Admission {
                max_idle_time: Some(Duration::from_secs(60)),
                vsock_peers: Peers::default(),
            },
            retry: true,
            freeze_hook: None,
            policy: None,
            is_policy_dry_run: false,
            lists: CommandLists::new(
                &["guest-ping".to_owned(), "c".to_owned()],
                &["guest-info".to_owned()],
            ),
            warnings: vec![
                "`--block-rpcs` names `c`, which is not a command: it has no effect".to_owned(),
            ],
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
    fn the_hook_is_glued_to_its_option() {
        for (line, hook) in [
            ("", None),
            ("-F", Some(FREEZE_HOOK)),
            ("-F /ignored/operand", Some(FREEZE_HOOK)),
            ("-F/some/hook -v", Some("/some/hook")),
            ("--fsfreeze-hook", Some(FREEZE_HOOK)),
            ("--fsfreeze-hook=hook", Some("hook")),
            ("--fsf=hook", Some("hook")),
        ] {
            assert_eq!(run(line).freeze_hook, hook.map(PathBuf::from), "{line}");
        }
        assert!(!run("-F -p x").verbose);
        assert!(run("-F/a -v").verbose);
    }

    #[test]
    fn a_freeze_has_no_limit_unless_one_is_given() {
        assert_eq!(run("").max_freeze_time, None);
        assert_eq!(run("--max-freeze-time 0").max_freeze_time, None);
        let minute = Some(Duration::from_secs(60));
        assert_eq!(run("--max-freeze-time=60").max_freeze_time, minute);
        for value in ["-1", "1.5", "x", "99999999999"] {
            parse_line(&format!("--max-freeze-time={value}")).unwrap_err();
        }
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
    fn the_old_spelling_of_the_block_list_works_with_a_warning() {
        let settings = run("--blacklist guest-ping -b guest-info");
        assert!(!settings.lists.permit("guest-ping"));
        assert!(!settings.lists.permit("guest-info"));
        assert_eq!(
            settings.warnings,
            ["`--blacklist` is an old spelling of `--block-rpcs`"]
        );
    }

    #[test]
    fn vsock_takes_an_address() {
        let address = VsockAddress::parse("4294967295:1234").unwrap();
        assert_eq!(
            run("-m vsock-listen -p 4294967295:1234").transport,
            Transport::VsockListen(address)
        );
    }

    #[test]
    fn clients_are_admitted_by_settings() {
        let admission = run("--max-idle-time 0 --vsock-peers any").admission;
        assert_eq!(admission.max_idle_time, None);
        assert_eq!(admission.vsock_peers, Peers::Any);
        let error = parse_line("--vsock-peers host").unwrap_err();
        assert!(
            error.contains("`host` in `vsock-peers` is not a CID"),
            "{error}"
        );
    }

    #[test]
    fn a_socket_handed_over_stands_in_for_method_and_path() {
        let parse = |line: &str, activation| {
            let arguments = ["qapi-agent"].into_iter().chain(line.split_whitespace());
            let surroundings = Surroundings {
                config_variable: Some("/nonexistent".into()),
                activation,
            };
            parse(arguments.map(OsString::from), surroundings, &[], "1")
        };
        let inherited = Transport::InheritedUnix;
        for line in ["-m isa-serial -p x", "-m unix-listen", "-m nonsense"] {
            match parse(line, Ok(Some(inherited.clone()))) {
                Ok(Request::Run(settings)) => assert_eq!(settings.transport, inherited),
                other => panic!("{line}: {other:?}"),
            }
        }
        match parse("-m isa-serial -p x -D", Ok(Some(inherited))) {
            Ok(Request::Dump { text, .. }) => {
                assert!(text.contains("\nmethod=unix-listen\npidfile="), "{text}");
            }
            other => panic!("{other:?}"),
        }
        let broken = Err("no use".to_owned());
        assert_eq!(parse("", broken.clone()), Err("error: no use\n".to_owned()));
        assert!(matches!(parse("-V", broken), Ok(Request::Print(_))));
    }

    #[test]
    fn unusable_options_are_rejected() {
        for (line, reason) in [
            ("-m vsock-listen -p 1", "error parsing address '1'"),
            ("-m vsock-listen", "add `--path CID:PORT`"),
            ("-m tcp -p x", "unknown method `tcp`"),
            ("-m unix-listen", "must specify a path"),
            ("-m unix-listen -D", "must specify a path"),
            ("-m unix-listen -p", "a value is required"),
            (
                "-c /nonexistent/c",
                "error loading configuration from path: /nonexistent/c, ",
            ),
            ("--nonsense", "unexpected argument '--nonsense'"),
        ] {
            let error = parse_line(line).expect_err(line);
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
