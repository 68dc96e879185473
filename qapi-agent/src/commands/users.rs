//! guest-get-users (agent-behaviour.md §6.10).

use std::collections::HashMap;
use std::fs;
use std::mem::{offset_of, size_of};
use std::path::Path;

use nix::libc::{USER_PROCESS, utmpx};

/// Somebody who is logged in.
#[derive(Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) name: String,
    /// Time of the earliest login that lasts, in seconds since the epoch.
    pub(crate) login_time: f64,
}

/// Users with a login session, each once, in the order of the system's list; none where no list is
/// kept.
pub(crate) fn users(root: &Path) -> Vec<User> {
    read(&fs::read(root.join("var/run/utmp")).unwrap_or_default())
}

/// Reads the records of a utmp file, which has the C library's structure.
fn read(bytes: &[u8]) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    let mut index_of = HashMap::new();
    for record in bytes.chunks_exact(size_of::<utmpx>()) {
        let Some((name, login_time)) = session(record) else {
            continue;
        };
        let index = *index_of.entry(name).or_insert_with_key(|name| {
            let name = String::from_utf8_lossy(name).into_owned();
            users.push(User { name, login_time });
            users.len() - 1
        });
        let user = &mut users[index];
        user.login_time = user.login_time.min(login_time);
    }
    users
}

/// Name and time of a record, if it is of a login session.
fn session(record: &[u8]) -> Option<(&[u8], f64)> {
    let kind = i16::from_ne_bytes(field(record, offset_of!(utmpx, ut_type))?);
    if kind != USER_PROCESS {
        return None;
    }
    let name: &[u8; NAME] = record
        .get(offset_of!(utmpx, ut_user)..)?
        .first_chunk::<NAME>()?;
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(NAME);
    let (seconds, micros) = time(record)?;
    Some((&name[..end], seconds + micros / 1e6))
}

/// Longest name in a record.
const NAME: usize = 32;

fn field<const N: usize>(record: &[u8], offset: usize) -> Option<[u8; N]> {
    record.get(offset..)?.first_chunk().copied()
}

/// Seconds and microseconds. They have 32 bits each even on most systems of 64 bits, where the
/// file is shared with programs of 32.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2⁵³ seconds, and the protocol has doubles here"
)]
fn time(record: &[u8]) -> Option<(f64, f64)> {
    const AT: usize = offset_of!(utmpx, ut_tv);
    const SHORT: bool = offset_of!(utmpx, ut_addr_v6) - AT == 8;
    if SHORT {
        // Unsigned, so that times beyond 2038 are right; there were no logins before 1970.
        let part = |offset| Some(f64::from(u32::from_ne_bytes(field(record, offset)?)));
        Some((part(AT)?, part(AT + 4)?))
    } else {
        let part = |offset| Some(i64::from_ne_bytes(field(record, offset)?) as f64);
        Some((part(AT)?, part(AT + 8)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tree::Tree;

    fn record(kind: i16, name: &str, seconds: u32, micros: u32) -> Vec<u8> {
        let mut record = vec![0; size_of::<utmpx>()];
        let mut put = |offset: usize, bytes: &[u8]| {
            record[offset..offset + bytes.len()].copy_from_slice(bytes);
        };
        put(offset_of!(utmpx, ut_type), &kind.to_ne_bytes());
        put(offset_of!(utmpx, ut_user), name.as_bytes());
        let at = offset_of!(utmpx, ut_tv);
        if offset_of!(utmpx, ut_addr_v6) - at == 8 {
            put(at, &seconds.to_ne_bytes());
            put(at + 4, &micros.to_ne_bytes());
        } else {
            put(at, &u64::from(seconds).to_ne_bytes());
            put(at + 8, &u64::from(micros).to_ne_bytes());
        }
        record
    }

    #[test]
    fn each_user_is_listed_once_with_the_earliest_login() {
        let long = "n".repeat(32);
        let bytes = [
            record(2, "reboot", 1, 0),
            record(USER_PROCESS, "ann", 1_700_000_100, 500_000),
            record(USER_PROCESS, &long, 3_000_000_000, 0),
            record(USER_PROCESS, "ann", 1_700_000_000, 250_000),
            record(8, "gone", 5, 0),
            record(USER_PROCESS, "ann", 1_700_000_200, 0),
            vec![7; 3],
        ]
        .concat();
        let user = |name: &str, login_time| User {
            name: name.to_owned(),
            login_time,
        };
        assert_eq!(
            read(&bytes),
            [user("ann", 1_700_000_000.25), user(&long, 3e9)]
        );
    }

    #[test]
    fn without_a_list_there_is_nobody() {
        let tree = Tree::new();
        assert_eq!(users(tree.path()), []);
        tree.file("var/run/utmp", "");
        assert_eq!(users(tree.path()), []);
    }
}
