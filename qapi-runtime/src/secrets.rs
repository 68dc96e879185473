//! Secrets in messages: passwords, keys and the data that programs in guests get, for those who write messages down.
//!
//! One list for all who do: it hides too much rather than too little.

use crate::value::{Any, Object};

/// Text in place of a secret.
pub const MASK: &str = "(masked)";

/// Commands of which nothing but the name is to be written down: their arguments, replies and errors may be secrets, or repeat
/// them. A `*` stands for any end of a name.
pub const COMMANDS: &[&str] = &[
    "block_passwd",
    "change",
    "change-vnc-password",
    "expire_password",
    "guest-exec",
    "guest-exec-status",
    "guest-file-read",
    "guest-file-write",
    "guest-set-user-password",
    "guest-ssh-*",
    "human-monitor-command",
    "input-send-event",
    "qom-set",
    "ringbuf-read",
    "ringbuf-write",
    "send-key",
    "set_password",
    "sev-inject-launch-secret",
];

/// Words in names of members whose values are secrets, whatever the command.
pub const WORDS: &[&str] = &["passw", "passphrase", "secret", "cookie", "crypted"];

/// Members of `object-add` that hold the data of a secret, in the forms of all releases.
const OBJECT: &[&str] = &["data", "props"];

/// Returns whether nothing but a command's name is to be written down.
pub fn hides_command(name: &str) -> bool {
    COMMANDS
        .iter()
        .any(|hidden| match hidden.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *hidden,
        })
}

/// Returns whether the value of a command's argument, or of a member in it, is a secret. The name of a secret object is
/// none.
pub fn hides_member(command: &str, member: &str) -> bool {
    let in_object = command == "object-add" && OBJECT.contains(&member);
    let member = member.to_ascii_lowercase();
    let named = WORDS.iter().any(|word| member.contains(word));
    in_object || named && !member.ends_with("-secret")
}

/// A command's arguments, or its reply, without the secrets.
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
