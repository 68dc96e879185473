//! A guest agent for Linux. Types, marshalling and dispatch of its commands are generated from
//! `schemas/guest-agent/current.json`; this crate implements the commands.
//!
//! One thread waits for all events (`event_loop`): signals, the transport, the pipes of programs, and the ends of
//! slow commands, which run on separate threads (`background`). Commands are implemented in `commands`, independent
//! of the wire format; `handler` implements the generated trait with them.
//!
//! Its behaviour is specified in docs/reference/agent-behaviour.md; the README lists the intended differences from
//! QEMU's agent.

mod agent;
mod audit_log;
mod background;
pub mod cli;
mod command_lists;
mod commands;
mod config;
mod dump;
mod event_loop;
mod failure;
mod freeze_policy;
mod handle_counter;
mod handler;
mod log;
mod platform;
mod policy;
mod service;
mod transport;
mod version;

/// The protocol, generated from the schema.
#[expect(
    clippy::doc_markdown,
    reason = "documentation texts are the schema's, which is not written for Rust"
)]
pub mod guest_agent {
    qapi_runtime::include_schema!("guest_agent");
}

use std::ffi::OsString;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use qapi_runtime::server::{CommandTable, Dispatcher};

use crate::agent::Agent;
use crate::audit_log::AuditLog;
use crate::cli::{Request, Settings, Surroundings};
pub use crate::command_lists::CommandLists;
use crate::commands::freeze::marker::Marker;
use crate::commands::freeze::{Gate, Passage};
use crate::commands::ssh::account;
use crate::event_loop::EventLoop;
pub use crate::failure::Failure;
use crate::failure::errno_text;
use crate::freeze_policy::Freezing;
use crate::guest_agent::commands::COMMANDS;
use crate::log::{Log, log};
use crate::platform::daemon::Split;
use crate::platform::notify::Manager;
use crate::platform::poller::Poller;
use crate::platform::signals::Signals;
use crate::platform::syslog::Syslog;
use crate::platform::system::System;
use crate::platform::{daemon, spawn, sys};
use crate::policy::Policy;
use crate::service::AgentService;
use crate::transport::activation;
pub use crate::transport::vsock_listen::VsockAddress;
pub use crate::transport::{Admission, Peers, Transport};
pub use crate::version::VERSION;

/// Reads the command line, program name included, the environment and the configuration file.
///
/// There must be one thread only: variables that are meant for this process alone are taken out of
/// the environment.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, String> {
    let surroundings = Surroundings {
        config_variable: std::env::var_os("QGA_CONF"),
        activation: activation::detect(),
    };
    cli::parse(arguments, surroundings, &names(), VERSION)
}

/// Runs the agent until SIGTERM or SIGINT, or starts it as a daemon.
///
/// It takes over the process, which must have one thread: it blocks these signals, reaps every child, including those
/// of other threads, and keeps inherited descriptors from children. SIGPIPE must be ignored, as it is in every Rust
/// program. The error is a text for the administrator; the log and standard error have it already.
pub fn run(settings: &Settings) -> Result<(), String> {
    sys::close_inherited_on_exec();
    let log = open_log(settings)?;
    for warning in &settings.warnings {
        log!(log, Warning, "{warning}");
    }
    let report = |error: &String| {
        log!(log, Critical, "{error}");
        // A held log has not written it.
        if settings.log_file.is_some() || starts_frozen(settings) {
            log!(Log::to_stderr(settings.verbose), Critical, "{error}");
        }
    };
    let Some(pid_file) = &settings.daemon else {
        return serve(settings, &log, || Ok(())).inspect_err(report);
    };
    match daemon::split().inspect_err(report)? {
        // The daemon has reported what went wrong.
        Split::Starter(result) => result,
        Split::Daemon(candidate) => {
            serve(settings, &log, || candidate.detach(pid_file)).inspect_err(report)
        }
    }
}

/// Returns true if the agent before this one has left frozen file systems behind. Nothing may be
/// written then: the file might be on one of them, and without the agent nothing would thaw it.
fn starts_frozen(settings: &Settings) -> bool {
    // Faults of the directory are reported later, when the start fails because of them.
    Marker::new(&settings.state_directory)
        .is_present()
        .unwrap_or(false)
}

fn open_log(settings: &Settings) -> Result<Log, String> {
    let frozen = starts_frozen(settings);
    let Some(path) = &settings.log_file else {
        let log = Log::to_stderr(settings.verbose);
        log.hold_while(Arc::new(AtomicBool::new(frozen)));
        return Ok(log);
    };
    if frozen {
        let log = Log::to_file_later(path, settings.verbose);
        log.hold_while(Arc::new(AtomicBool::new(true)));
        return Ok(log);
    }
    Log::to_file(path, settings.verbose).map_err(|error| {
        let message = format!("cannot open log file `{}`: {error}", path.display());
        log!(Log::to_stderr(settings.verbose), Critical, "{message}");
        message
    })
}

/// Serves after `prepare`, which is called when clients can be served and whose result is kept until
/// the end.
fn serve<T>(
    settings: &Settings,
    log: &Log,
    prepare: impl FnOnce() -> Result<T, String>,
) -> Result<(), String> {
    let signals =
        Signals::block().map_err(|errno| format!("cannot watch signals: {}", errno_text(errno)))?;
    let table = Arc::new(table(&settings.lists));
    let freezing = Freezing {
        hook: settings.freeze_hook.clone(),
        longest_hook: settings.max_hook_time,
        longest: settings.max_freeze_time,
        gate: gate(&settings.lists, &table),
    };
    let system = System::running();
    let policy = policy(settings, &system, log)?;
    let agent = Agent::new(
        &settings.state_directory,
        Arc::clone(&table),
        system,
        freezing,
        policy,
    )?;
    log.hold_while(agent.freezing().holding());
    if agent.freezing().is_frozen() {
        log!(
            log,
            Warning,
            "file systems are frozen since before the start"
        );
    }
    let service = AuditLog::new(AgentService::new(&agent), Syslog::system());
    let dispatcher = Dispatcher::new(service, table)
        .sentinel_before("guest-sync-delimited")
        .synchronized_by("guest-sync-delimited")
        .synchronized_by("guest-sync");
    let poller = Poller::new()
        .map(Rc::new)
        .map_err(|errno| format!("cannot prepare to wait for events: {}", errno_text(errno)))?;
    let (transport, admission) = (&settings.transport, &settings.admission);
    let channel = if settings.retry {
        transport.open_patiently(admission.clone(), Rc::clone(&poller), log)
    } else {
        transport.open(admission, &poller)?
    };
    let _prepared = prepare()?;
    let manager = Manager::from_environment();
    manager.ready(&format!("serving {}", settings.transport));
    let mut event_loop = EventLoop {
        poller,
        signals,
        channel,
        dispatcher: &dispatcher,
        agent: &agent,
        log,
        syslog: Syslog::system(),
    };
    let result = event_loop.run();
    manager.stopping();
    if agent.freezing().is_holding() {
        // Only a broken transport ends the agent in this state, and then no host can thaw.
        match agent.freezing().thaw_before_end() {
            Ok(count) => log!(log, Warning, "thawed {count} file systems before the end"),
            Err(failure) => log!(log, Error, "cannot thaw before the end: {failure}"),
        }
    }
    log.release();
    for (handle, reason) in agent.files().close_all() {
        log!(
            log,
            Error,
            "data written to handle {handle} are lost: {reason}"
        );
    }
    result
}

/// Returns the policy that the settings name, with its doubts in the log; one without rules if they name none.
fn policy(settings: &Settings, system: &System, log: &Log) -> Result<Policy, String> {
    let Some(path) = &settings.policy else {
        return Ok(Policy::default());
    };
    let find_user =
        |name: &str| account::identity(system, name).map_err(|failure| failure.to_string());
    let policy = Policy::load(path, settings.is_policy_dry_run, &names(), find_user)?;
    for warning in policy.warnings(|command| settings.lists.permit(command)) {
        log!(log, Warning, "{warning}");
    }
    Ok(policy)
}

/// Becomes another user and then a program, if these are the arguments of a process that the agent has started for that.
/// It returns only if the process is not one, or on failure; the result is then the exit status.
pub fn become_user(arguments: &[OsString]) -> Option<u8> {
    // The agent that started this process knows the reason.
    spawn::become_user::run(arguments).map(|_| 127)
}

fn names() -> Vec<&'static str> {
    COMMANDS.iter().map(|command| command.name).collect()
}

/// Which commands are enabled: those that are implemented and that the lists permit.
fn table(lists: &CommandLists) -> CommandTable {
    let table = CommandTable::new(COMMANDS);
    for command in COMMANDS {
        if !handler::IMPLEMENTED.contains(&command.name) {
            table.disable(command.name, handler::NOT_IMPLEMENTED);
        }
    }
    set_passage(&table, lists, Passage::All);
    table
}

/// Returns the gate that closes the way to unsafe commands and opens it again.
fn gate(lists: &CommandLists, table: &Arc<CommandTable>) -> Gate {
    let (lists, table) = (lists.clone(), Arc::clone(table));
    Box::new(move |passage| set_passage(&table, &lists, passage))
}

fn set_passage(table: &CommandTable, lists: &CommandLists, passage: Passage) {
    for command in COMMANDS {
        let name = command.name;
        if !handler::IMPLEMENTED.contains(&name) {
            continue;
        }
        if freeze_policy::passes(name, lists.permit(name), passage) {
            table.enable(name);
        } else {
            let reason = if lists.permit(name) {
                command_lists::FROZEN
            } else {
                command_lists::NOT_ALLOWED
            };
            table.disable(name, reason);
        }
    }
}
