//! The sessions that systemd's login manager knows, asked for over D-Bus by systemd's own program for that.
//!
//! `org.freedesktop.login1` is a documented interface; the files under `/run/systemd/sessions` are not, and
//! `loginctl` shows times for people.

use std::iter::Peekable;
use std::str::Chars;

use super::login::{User, earliest};
use crate::platform::helper::Ending;
use crate::platform::sys::Exit;
use crate::platform::system::System;

const SERVICE: &str = "org.freedesktop.login1";

/// The most sessions that are asked about: each takes a program's run.
const SESSION_LIMIT: usize = 64;

/// Users with a session, each once with its earliest login; none where there is no login manager.
pub(super) fn users(system: &System) -> Vec<User> {
    let list = [
        "--system",
        "call",
        SERVICE,
        "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager",
        "ListSessions",
    ];
    let answer = ask(system, &list).unwrap_or_default();
    let sessions = sessions(&answer);
    earliest(
        sessions
            .into_iter()
            .take(SESSION_LIMIT)
            .filter_map(|(name, object)| {
                let properties = [
                    "--system",
                    "get-property",
                    SERVICE,
                    &object,
                    "org.freedesktop.login1.Session",
                    "Timestamp",
                    "Class",
                ];
                let login_time = login_time(&ask(system, &properties)?)?;
                Some(User { name, login_time })
            }),
    )
}

fn ask(system: &System, arguments: &[&str]) -> Option<String> {
    match system.helper("busctl", arguments).execute("list sessions") {
        Ok(Ending::Ended {
            exit: Exit::Code(0),
            output,
            ..
        }) => Some(output),
        _ => None,
    }
}

/// User and object of each session in an array of structures of session, user number, user, seat and object.
fn sessions(answer: &str) -> Vec<(String, String)> {
    let mut words = words(answer).into_iter();
    if words.next().as_deref() != Some("a(susso)") || words.next().is_none() {
        return Vec::new();
    }
    let fields: Vec<String> = words.collect();
    fields
        .chunks_exact(5)
        .map(|session| (session[2].clone(), session[4].clone()))
        .collect()
}

/// The start of a session in seconds, if it is a user's: a login screen has a session, too.
#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of this century have less than 53 bits"
)]
fn login_time(answer: &str) -> Option<f64> {
    match words(answer).as_slice() {
        [time, micros, class, name] if time == "t" && class == "s" && name.starts_with("user") => {
            Some(micros.parse::<u64>().ok()? as f64 / 1e6)
        }
        _ => None,
    }
}

/// Returns the words of an answer. Strings are in quotes, with the escapes of the C language.
fn words(answer: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = answer.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '"' => words.push(quoted(&mut rest)),
            _ if first.is_whitespace() => {}
            _ => {
                let mut word = String::from(first);
                while let Some(next) = rest.next_if(|next| !next.is_whitespace()) {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    words
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        match next {
            '"' => break,
            '\\' => text.extend(rest.next()),
            _ => text.push(next),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    #[test]
    fn users_come_from_the_sessions_of_users() {
        let tree = Tree::new();
        tree.script(
            "bin/busctl",
            r#"case "$2 $4" in
"call "*) echo 'a(susso) 4 "1" 0 "root" "" "/s/_31" "c1" 117 "gdm" "seat0" "/s/c1" "2" 0 "root" "seat0" "/s/_32" "3" 1000 "a\"b" "" "/s/_33"' ;;
"get-property /s/_31") printf 't 1700000000250000\ns "user"\n' ;;
"get-property /s/c1") printf 't 1600000000000000\ns "greeter"\n' ;;
"get-property /s/_32") printf 't 1690000000000000\ns "user"\n' ;;
"get-property /s/_33") printf 't 1700000000500000\ns "user-early"\n' ;;
esac"#,
        );
        let _turn = crate::platform::sys::turn_with_children();
        let user = |name: &str, login_time| User {
            name: name.to_owned(),
            login_time,
        };
        let system = System::below(tree.path());
        let expected = [user("root", 1_690_000_000.0), user("a\"b", 1_700_000_000.5)];
        assert_eq!(super::super::users(&system), expected);
    }

    #[test]
    fn other_answers_are_not_sessions() {
        for answer in [
            "",
            "a(susso)",
            "a(susso) 0",
            "s \"x\"",
            "a(susso) 1 \"1\" 0",
        ] {
            assert_eq!(sessions(answer), [], "{answer}");
        }
        for answer in ["", "t 5", "t x s \"user\"", "t 5 s \"greeter\""] {
            assert_eq!(login_time(answer), None, "{answer}");
        }
    }
}
