//! Secrets: their places in messages, and masking them in recordings.

use std::fmt;
use std::str::FromStr;

use qapi_runtime::secrets::{PLACES, names_secret};
use qapi_runtime::{Any, Object};

use crate::recording::MASKED;
use crate::remembered_secrets::RememberedSecrets;

/// A place of secrets in messages, such as `set_password.arguments.password`.
///
/// A command or event, `arguments`, `return` or `data`, and the members that lead to the secret; elements of arrays need
/// no step. In the command's name, `*` stands for any text. `[MEMBER=VALUE]` after the name demands an argument, in
/// whose value `*` stands for any text, too; it counts as given where the argument is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    command: Box<str>,
    condition: Option<(Box<str>, Box<str>)>,
    part: MessagePart,
    members: Vec<Box<str>>,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessagePart {
    Arguments,
    Return,
    Data,
}

/// The reason why a text is not a [`Selector`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectorError(String);

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SelectorError {}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let wrong = |what: &str| {
            SelectorError(format!(
                "{what}: expected COMMAND[MEMBER=VALUE].arguments.MEMBER…, COMMAND.return.MEMBER… or EVENT.data.MEMBER…"
            ))
        };
        let (command, condition, rest) = match text.split_once('[') {
            Some((command, rest)) if !command.contains('.') => {
                let (condition, rest) = rest
                    .split_once(']')
                    .ok_or_else(|| wrong("the bracket is not closed"))?;
                let (member, value) = condition
                    .split_once('=')
                    .ok_or_else(|| wrong("the condition has no `=`"))?;
                let rest = rest.strip_prefix('.').unwrap_or(rest);
                (command, Some((member.into(), value.into())), rest)
            }
            _ => {
                let (command, rest) = text.split_once('.').unwrap_or((text, ""));
                (command, None, rest)
            }
        };
        let (part, members) = rest.split_once('.').unwrap_or((rest, ""));
        let part = match part {
            "arguments" => MessagePart::Arguments,
            "return" => MessagePart::Return,
            "data" => MessagePart::Data,
            _ => return Err(wrong("the part of the message is missing")),
        };
        let members: Vec<Box<str>> = members.split('.').map(Into::into).collect();
        if command.is_empty() || members.iter().any(|member| member.is_empty()) {
            return Err(wrong("a name is missing"));
        }
        Ok(Self {
            command: command.into(),
            condition,
            part,
            members,
        })
    }
}

/// All places of secrets to mask.
#[derive(Debug, Clone)]
pub struct Masks {
    selectors: Vec<Selector>,
}

impl Default for Masks {
    /// Returns the [known places](qapi_runtime::secrets::PLACES). Members with names of secrets are masked in addition,
    /// for every command.
    fn default() -> Self {
        let selectors = PLACES.iter().filter_map(|text| text.parse().ok());
        Self {
            selectors: selectors.collect(),
        }
    }
}

impl Masks {
    /// Adds a place.
    pub fn add(&mut self, selector: Selector) {
        self.selectors.push(selector);
    }

    /// Returns the way to secrets in a part of a message of this command or event, which has these arguments.
    fn ways<'m>(
        &'m self,
        name: &str,
        part: MessagePart,
        arguments: Option<&Object>,
    ) -> Vec<&'m [Box<str>]> {
        let fits_arguments = |selector: &&Selector| match (&selector.condition, arguments) {
            (Some((member, value)), Some(arguments)) => match arguments.get(member) {
                Some(Any::String(text)) => fits(value, text),
                Some(_) | None => true,
            },
            _ => true,
        };
        let selectors = self.selectors.iter();
        let selectors = selectors.filter(|it| it.part == part && fits(&it.command, name));
        selectors
            .filter(fits_arguments)
            .map(|it| &*it.members)
            .collect()
    }
}

/// Masks the requests of a run, those of all clients in the order in which they came.
#[derive(Debug, Default)]
pub struct RequestMask {
    masks: Masks,
    secrets: Secrets,
}

impl RequestMask {
    /// Creates a mask that has seen no requests.
    pub fn new(masks: Masks) -> Self {
        Self {
            masks,
            secrets: Secrets::default(),
        }
    }

    /// Returns a request without its secrets, nor those of earlier ones that it repeats, and the number of masked values.
    pub fn request(&mut self, request: Any) -> (Any, usize) {
        self.secrets.request(&self.masks, request)
    }
}

/// Matches a text against a pattern, in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => {
            let Some(text) = text.strip_prefix(start) else {
                return false;
            };
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| fits(rest, &text[at..]))
        }
    }
}

/// The secrets that were seen.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    seen: RememberedSecrets,
}

/// A message that is being masked.
struct Masking<'s> {
    secrets: &'s mut Secrets,
    /// Members with names of secrets are masked.
    names_tell: bool,
    /// Masked texts are looked for in later messages.
    remembers: bool,
    count: usize,
}

impl Secrets {
    /// Masks a request. Returns the number of masked values.
    pub(crate) fn request(&mut self, masks: &Masks, request: Any) -> (Any, usize) {
        let name = ["execute", "exec-oob"]
            .iter()
            .find_map(|key| request.get(key)?.as_str());
        let Some(name) = name else {
            // It may be the rest of an unreadable request, or a misspelt one, so any part may be secret.
            let mut masking = self.masking(true);
            return (masking.value(request, &[], true), masking.count);
        };
        let arguments = request.get("arguments").and_then(Any::as_object);
        let ways = masks.ways(name, MessagePart::Arguments, arguments);
        let is_misspelt = arguments.is_some_and(|arguments| {
            !ways.is_empty() && !ways.iter().any(|way| leads(arguments, way))
        });
        let mut masking = self.masking(true);
        let Any::Object(members) = request else {
            return (masking.value(request, &[], true), masking.count);
        };
        let members = members.into_iter().map(|(name, value)| {
            let value = match name.as_str() {
                "arguments" => masking.value(value, &ways, is_misspelt),
                // The names of commands are no secrets.
                "execute" | "exec-oob" if value.as_str().is_some() => value,
                _ => masking.value(value, &[], names_secret(&name)),
            };
            (name, value)
        });
        let request = Any::Object(members.collect());
        (request, masking.count)
    }

    /// Masks a message from the server: the reply to a command, an event, a greeting. `tells`: the text of an error may
    /// repeat a secret that is too short to search for.
    pub(crate) fn message(
        &mut self,
        masks: &Masks,
        command: Option<&str>,
        tells: bool,
        message: Any,
    ) -> (Any, usize) {
        let event = message.get("event").and_then(Any::as_str);
        let in_data =
            event.map_or_else(Vec::new, |event| masks.ways(event, MessagePart::Data, None));
        let in_return = command.map_or_else(Vec::new, |command| {
            masks.ways(command, MessagePart::Return, None)
        });
        let desc: [Box<str>; 1] = ["desc".into()];
        let in_error: &[&[Box<str>]] = if tells { &[&desc] } else { &[] };
        let mut masking = self.masking(false);
        masking.remembers = !tells;
        let Any::Object(members) = message else {
            return (masking.value(message, &[], false), masking.count);
        };
        let members = members.into_iter().map(|(name, value)| {
            let value = match name.as_str() {
                "return" => masking.value(value, &in_return, false),
                "data" => masking.value(value, &in_data, false),
                "error" => masking.value(value, in_error, false),
                _ => masking.value(value, &[], false),
            };
            (name, value)
        });
        let message = Any::Object(members.collect());
        (message, masking.count)
    }

    fn masking(&mut self, names_tell: bool) -> Masking<'_> {
        Masking {
            secrets: self,
            names_tell,
            remembers: true,
            count: 0,
        }
    }

    /// Takes bytes of a client that are no message: any of them may be secret.
    pub(crate) fn garbled(&mut self, bytes: &[u8]) {
        self.seen.remember(&String::from_utf8_lossy(bytes));
    }
}

impl Masks {
    /// Returns whether a message of this command or event may hold secrets.
    pub(crate) fn concern(&self, name: &str, part: MessagePart) -> bool {
        let mut selectors = self.selectors.iter();
        selectors.any(|it| it.part == part && fits(&it.command, name))
    }
}

/// Returns whether members lead to a value.
fn leads(object: &Object, way: &[Box<str>]) -> bool {
    match way {
        [] => true,
        [name, rest @ ..] => match object.get(name) {
            Some(Any::Object(object)) => leads(object, rest),
            Some(_) => true,
            None => false,
        },
    }
}

impl Masking<'_> {
    /// Returns the value without secrets; `ways` lead to them, `is_secret` tells that it is one.
    fn value(&mut self, value: Any, ways: &[&[Box<str>]], is_secret: bool) -> Any {
        match value {
            Any::String(text) if is_secret => {
                self.count += 1;
                if self.remembers {
                    self.secrets.seen.remember(&text);
                }
                MASKED.into()
            }
            Any::String(text) => self.text(text),
            Any::Integer(_) | Any::Unsigned(_) | Any::Number(_) if is_secret => {
                self.count += 1;
                Any::Integer(0)
            }
            Any::Array(items) => {
                let items = items.into_iter();
                Any::Array(
                    items
                        .map(|item| self.value(item, ways, is_secret))
                        .collect(),
                )
            }
            Any::Object(members) => {
                let members = members.into_iter().map(|(name, value)| {
                    let below: Vec<&[Box<str>]> = ways
                        .iter()
                        .filter_map(|way| way.split_first())
                        .filter(|(first, _)| ***first == *name)
                        .map(|(_, rest)| rest)
                        .collect();
                    let is_secret = is_secret
                        || below.iter().any(|way| way.is_empty())
                        || self.names_tell && names_secret(&name);
                    let value = self.value(value, &below, is_secret);
                    (name, value)
                });
                Any::Object(members.collect())
            }
            other => other,
        }
    }

    /// Returns a text without the secrets that were seen before.
    fn text(&mut self, text: String) -> Any {
        match self.secrets.seen.masked(&text) {
            Some(masked) => {
                self.count += 1;
                masked.into()
            }
            None => text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(secrets: &mut Secrets, request: &str) -> String {
        let request = request.parse().expect("it is JSON");
        secrets.request(&Masks::default(), request).0.to_string()
    }

    #[test]
    fn known_places_are_selectors() {
        let known = PLACES
            .iter()
            .filter(|text| text.parse::<Selector>().is_ok());
        assert_eq!(known.count(), PLACES.len());
    }

    #[test]
    fn patterns_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("*b*", "abc", true),
            ("a*", "b", false),
            ("*é", "aé", true),
            ("a", "ab", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn mistakes_in_selectors_are_reported() {
        for text in [
            "",
            "a",
            "a.b",
            "a.arguments",
            "a.arguments.",
            "a[x].arguments.b",
            "a[x=1",
            ".arguments.a",
        ] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_are_masked_wherever_they_are_known_to_stand() {
        for request in [
            r#"{"execute": "guest-set-user-password", "arguments": {"username": "u", "password": "hunter2", "crypted": false}}"#,
            r#"{"execute": "guest-ssh-add-authorized-keys", "arguments": {"username": "u", "keys": ["hunter2", "x hunter2"]}}"#,
            r#"{"execute": "object-add", "arguments": {"qom-type": "secret", "id": "s", "data": "hunter2"}}"#,
            r#"{"execute": "object-add", "arguments": {"qom-type": "secret", "id": "s", "props": {"data": "hunter2"}}}"#,
            r#"{"execute": "object-add", "arguments": {"id": "s", "data": "hunter2"}}"#,
            r#"{"exec-oob": "set_password", "arguments": {"protocol": "vnc", "password": "hunter2"}}"#,
            r#"{"execute": "set_password", "arguments": {"protocol": "vnc", "passwrod": "hunter2"}}"#,
            r#"{"execute": "set_pasword", "arguments": {"password": "hunter2"}}"#,
            r#"{"exeute": "set_password", "arguments": {"deep": [{"Password": "hunter2"}]}}"#,
            r#"{"execute": "human-monitor-command", "arguments": {"command-line": "set_password vnc hunter2"}}"#,
            r#"{"execute": "human-monitor-command", "arguments": {"command-line": "change vnc password hunter2"}}"#,
            r#"{"execute": "change", "arguments": {"device": "vnc", "target": "password", "arg": "hunter2"}}"#,
            r#"{"execute": "blockdev-add", "arguments": {"driver": "https", "url": "u", "cookie": "id=hunter2"}}"#,
            r#"["hunter2"]"#,
        ] {
            let mut secrets = Secrets::default();
            let text = masked(&mut secrets, request);
            assert!(!text.contains("hunter2"), "{text}");
            assert!(text.contains(MASKED), "{text}");
        }
    }

    #[test]
    fn values_that_are_not_secret_stay() {
        for request in [
            r#"{"execute": "object-add", "arguments": {"qom-type": "iothread", "id": "data"}}"#,
            r#"{"execute": "blockdev-add", "arguments": {"driver": "http", "password-secret": "sec0"}, "id": 1}"#,
            r#"{"execute": "human-monitor-command", "arguments": {"command-line": "info block"}}"#,
        ] {
            assert_eq!(masked(&mut Secrets::default(), request), request);
        }
    }

    #[test]
    fn secrets_do_not_come_back_in_other_messages() {
        let mut secrets = Secrets::default();
        let masks = Masks::default();
        let _ = masked(
            &mut secrets,
            r#"{"execute": "set_password", "arguments": {"protocol": "vnc", "password": "hunter2"}}"#,
        );
        let error = r#"{"error": {"class": "GenericError", "desc": "'hunter2' is too long"}}"#;
        let (error, count) = secrets.message(&masks, None, false, error.parse().expect("JSON"));
        assert_eq!(
            error.to_string(),
            r#"{"error": {"class": "GenericError", "desc": "'(masked)' is too long"}}"#
        );
        assert_eq!(count, 1);
        let short = r#"{"error": {"class": "GenericError", "desc": "pin 12"}}"#;
        let (short, _) = secrets.message(&masks, Some("x"), true, short.parse().expect("JSON"));
        assert!(!short.to_string().contains("12"));
        let keys = r#"{"return": {"keys": ["abc"]}}"#.parse().expect("JSON");
        let command = Some("guest-ssh-get-authorized-keys");
        let (keys, _) = secrets.message(&masks, command, false, keys);
        assert_eq!(keys.to_string(), r#"{"return": {"keys": ["(masked)"]}}"#);
    }
}
