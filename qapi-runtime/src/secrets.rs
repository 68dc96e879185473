//! Secrets in messages: passwords, keys and input of programs in guests.
//!
//! All programs that log or record messages share one list, which hides too much rather than too little.

use crate::value::{Any, Object};

/// Text in place of a secret.
pub const MASK: &str = "(masked)";

/// The places of secrets: a command, `arguments` or `return`, and the members that lead to the secret.
///
/// A `*` in the name of a command stands for any text. `[MEMBER=VALUE]` after it limits the place to calls with such an
/// argument, or without any argument of that name.
pub const PLACES: &[&str] = &[
    "block_passwd.arguments.password",
    "change-vnc-password.arguments.password",
    "change[target=passw*].arguments.arg",
    "guest-set-user-password.arguments.password",
    "guest-ssh-*.arguments.keys",
    "guest-ssh-*.return.keys",
    "human-monitor-command[command-line=*passw*].arguments.command-line",
    "human-monitor-command[command-line=*secret*].arguments.command-line",
    "human-monitor-command[command-line=change *].arguments.command-line",
    "object-add[qom-type=secret*].arguments.data",
    "object-add[qom-type=secret*].arguments.props.data",
    "qom-set[property=data].arguments.value",
    "qom-set[property=passw*].arguments.value",
    "set_password.arguments.password",
    "sev-inject-launch-secret.arguments.secret",
];

/// Commands that carry the input or output of programs and users, which may be secret. Logs contain only their names.
/// Recordings, which are made for inspection, contain everything.
pub const COMMANDS: &[&str] = &[
    "expire_password",
    "guest-exec",
    "guest-exec-status",
    "guest-file-read",
    "guest-file-write",
    "input-send-event",
    "ringbuf-read",
    "ringbuf-write",
    "send-key",
];

/// Words in names of members whose values are secrets, whatever the command.
pub const WORDS: &[&str] = &["passw", "passphrase", "secret", "cookie", "crypted"];

/// The command with secrets in two of its members and useful facts in others.
const OBJECT: &str = "object-add";

/// Returns whether nothing but a command's name is to be written into logs: its arguments, replies and errors may be secrets,
/// or repeat them.
pub fn hides_command(name: &str) -> bool {
    if name == OBJECT {
        return false;
    }
    let in_places = PLACES.iter().map(|place| parts(place).0);
    in_places
        .chain(COMMANDS.iter().copied())
        .any(|hidden| match hidden.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == hidden,
        })
}

/// Returns the command of a place, and the first member that leads to the secret.
fn parts(place: &str) -> (&str, &str) {
    let command = place.split(['[', '.']).next().unwrap_or_default();
    let (_, way) = place.rsplit_once(".arguments.").unwrap_or_default();
    (command, way.split('.').next().unwrap_or_default())
}

/// Returns whether a member is called what secrets are called. The name of a secret object is not a secret.
pub fn names_secret(member: &str) -> bool {
    let member = member.to_ascii_lowercase();
    WORDS.iter().any(|word| member.contains(word)) && !member.ends_with("-secret")
}

/// Returns whether the value of a command's argument, or of a member in it, is a secret.
pub fn hides_member(command: &str, member: &str) -> bool {
    let is_place = |place: &&str| parts(place) == (OBJECT, member);
    names_secret(member) || command == OBJECT && PLACES.iter().any(is_place)
}

/// Returns a command's arguments, or its reply, without the secrets.
///
/// ```
/// use qapi_runtime::secrets::masked;
///
/// let arguments = r#"{"driver": "http", "cookie": "id=7", "password-secret": "sec0"}"#.parse()?;
/// assert_eq!(
///     masked("blockdev-add", &arguments).to_string(),
///     r#"{"driver": "http", "cookie": "(masked)", "password-secret": "sec0"}"#
/// );
/// assert_eq!(masked("set_password", &arguments).to_string(), r#""(masked)""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn masked(command: &str, value: &Any) -> Any {
    if hides_command(command) {
        return Any::from(MASK);
    }
    match value {
        Any::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let value = if hides_member(command, name) {
                    Any::from(MASK)
                } else {
                    masked(command, value)
                };
                (name.to_owned(), value)
            });
            Any::Object(members.collect::<Object>())
        }
        Any::Array(elements) => Any::Array(elements.iter().map(|it| masked(command, it)).collect()),
        other => other.clone(),
    }
}
