//! Audit log: records the host's actions in the system's log (docs/reference/agent-behaviour.md §1.5).

use qapi_runtime::server::Service;
use qapi_runtime::{CommandInfo, Decode, Error, Kind, Members, Outcome, Value, Writer};

use crate::platform::syslog::Syslog;

/// The recorded commands, each with the recorded members of its arguments. Other members may hold passwords, keys and
/// file contents, as may the arguments of a program.
const AUDITED: &[(&str, &[&str])] = &[
    ("guest-exec", &["path"]),
    ("guest-exec-status", &["pid"]),
    ("guest-file-close", &["handle"]),
    ("guest-file-open", &["path", "mode"]),
    ("guest-fsfreeze-freeze", &[]),
    ("guest-fsfreeze-freeze-list", &[]),
    ("guest-fsfreeze-thaw", &[]),
    ("guest-fstrim", &["minimum"]),
    ("guest-set-memory-blocks", &[]),
    ("guest-set-time", &["time"]),
    ("guest-set-user-password", &["username"]),
    ("guest-set-vcpus", &[]),
    ("guest-shutdown", &["mode"]),
    ("guest-ssh-add-authorized-keys", &["username"]),
    ("guest-ssh-remove-authorized-keys", &["username"]),
    ("guest-suspend-disk", &[]),
    ("guest-suspend-hybrid", &[]),
    ("guest-suspend-ram", &[]),
];

/// A service whose calls are recorded before they are served.
#[derive(Debug)]
pub(crate) struct AuditLog<S> {
    service: S,
    syslog: Syslog,
    /// For each command of the service, the recorded members, if it is recorded.
    recorded: Vec<Option<&'static [&'static str]>>,
}

impl<S: Service> AuditLog<S> {
    pub(crate) fn new(service: S, syslog: Syslog) -> Self {
        let members = |command: &CommandInfo| {
            let found = AUDITED.iter().find(|(name, _)| *name == command.name);
            found.map(|(_, members)| *members)
        };
        Self {
            recorded: service.commands().iter().map(members).collect(),
            service,
            syslog,
        }
    }
}

impl<S: Service> Service for AuditLog<S> {
    fn commands(&self) -> &'static [CommandInfo] {
        self.service.commands()
    }

    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        if let Some(members) = self.recorded[index] {
            let name = self.commands()[index].name;
            let members = audited(members, &arguments);
            self.syslog.info(format_args!("{name} called{members}"));
        }
        self.service.call(index, arguments, reply)
    }

    fn is_blocked(&self, index: usize) -> bool {
        self.service.is_blocked(index)
    }
}

/// Returns the members that are there and fit, as `: path "/x", mode "r"`.
fn audited(members: &[&str], arguments: &Members<'_>) -> String {
    let shown = members.iter().filter_map(|name| {
        let value = show(arguments.peek(name)?)?;
        Some(format!("{name} {value}"))
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() {
        return String::new();
    }
    format!(": {}", shown.join(", "))
}

fn show(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Kind::String => Some(format!("{:?}", String::decode(value).ok()?)),
        Kind::Integer => Some(i64::decode(value).ok()?.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use qapi_runtime::server::{CommandTable, Dispatcher, Session};

    use super::*;
    use crate::guest_agent::commands::COMMANDS;

    struct Refusing;

    impl Service for Refusing {
        fn commands(&self) -> &'static [CommandInfo] {
            COMMANDS
        }

        fn call(&self, _: usize, _: Members<'_>, _: &mut Writer) -> Result<Outcome, Error> {
            Err(Error::generic("no"))
        }
    }

    #[test]
    fn calls_are_logged_without_secrets() {
        let path = std::env::temp_dir().join(format!("qapi-agent-audit-{}", std::process::id()));
        let daemon = UnixDatagram::bind(&path).unwrap();
        let service = AuditLog::new(Refusing, Syslog::at(&path));
        let dispatcher = Dispatcher::new(service, CommandTable::new(COMMANDS).into());
        let requests = concat!(
            r#"{"execute":"guest-ping"}"#,
            r#"{"execute":"guest-set-user-password","arguments":"#,
            r#"{"password":"secret","username":"u","crypted":false}}"#,
            r#"{"execute":"guest-exec","arguments":{"arg":["secret"],"path":"a\nb"}}"#,
            r#"{"execute":"guest-file-close","arguments":{"handle":7}}"#,
            r#"{"execute":"guest-file-close","arguments":{"handle":[]}}"#,
        );
        let mut session = Session::new();
        let mut rest = requests.as_bytes();
        while !rest.is_empty() {
            session.feed_some(&mut rest, &dispatcher);
            session.output().clear();
        }
        daemon.set_nonblocking(true).unwrap();
        let mut told = Vec::new();
        let mut buffer = [0; 2048];
        while let Ok(length) = daemon.recv(&mut buffer) {
            let text = std::str::from_utf8(&buffer[..length]).unwrap();
            told.push(text.split_once("info: ").unwrap().1.to_owned());
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(
            told,
            [
                r#"guest-set-user-password called: username "u""#,
                r#"guest-exec called: path "a\nb""#,
                "guest-file-close called: handle 7",
                "guest-file-close called",
            ]
        );
    }

    #[test]
    fn lists_are_sorted_and_their_items_exist() {
        assert!(AUDITED.is_sorted());
        for (name, _) in AUDITED {
            assert!(
                COMMANDS.iter().any(|command| command.name == *name),
                "{name}"
            );
        }
    }
}
