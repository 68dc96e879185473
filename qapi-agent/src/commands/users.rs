//! guest-get-users (docs/reference/agent-behaviour.md §6.10).

mod login;
mod logind;

use std::fs;
use std::io::ErrorKind;

use nix::libc::USER_PROCESS;

use self::login::{User, earliest};
use crate::platform::system::System;

/// True if session numbers and times have 64 bits in the file. On most systems of 64 bits they have
/// 32, because they share it with programs of 32.
///
/// The layout is that of the GNU C library, whatever the agent is linked with: only systems with
/// that library keep the file.
const WIDE: bool = cfg!(any(
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "loongarch64"
));

/// Bytes of a record, and where the parts of interest are in it.
const RECORD: usize = if WIDE { 400 } else { 384 };
const KIND: usize = 0;
const NAME: usize = 44;
const NAME_LENGTH: usize = 32;
const TIME: usize = if WIDE { 344 } else { 340 };

/// Users with a login session, each once, in the order of the system's list; none where no list is
/// kept. Systems whose C library has given up the file leave the list to systemd's login manager.
pub(crate) fn users(system: &System) -> Vec<User> {
    match fs::read(system.path("/var/run/utmp")) {
        Ok(bytes) => read(&bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => logind::users(system),
        Err(_) => Vec::new(),
    }
}

/// Reads the records of a utmp file.
fn read(bytes: &[u8]) -> Vec<User> {
    let sessions = bytes.chunks_exact(RECORD).filter_map(session);
    earliest(sessions.map(|(name, login_time)| User {
        name: String::from_utf8_lossy(name).into_owned(),
        login_time,
    }))
}

/// Name and time of a record, if it is of a login session.
fn session(record: &[u8]) -> Option<(&[u8], f64)> {
    let kind = i16::from_ne_bytes(field(record, KIND)?);
    if kind != USER_PROCESS {
        return None;
    }
    let name = record.get(NAME..)?.first_chunk::<NAME_LENGTH>()?;
    let end = name.iter().position(|&byte| byte == 0);
    let (seconds, micros) = time(record)?;
    Some((&name[..end.unwrap_or(NAME_LENGTH)], seconds + micros / 1e6))
}

fn field<const N: usize>(record: &[u8], offset: usize) -> Option<[u8; N]> {
    record.get(offset..)?.first_chunk().copied()
}

/// Seconds and microseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2⁵³ seconds, and the protocol has doubles here"
)]
fn time(record: &[u8]) -> Option<(f64, f64)> {
    if WIDE {
        let part = |offset| Some(i64::from_ne_bytes(field(record, offset)?) as f64);
        Some((part(TIME)?, part(TIME + 8)?))
    } else {
        // Unsigned, so that times beyond 2038 are right; there were no logins before 1970.
        let part = |offset| Some(f64::from(u32::from_ne_bytes(field(record, offset)?)));
        Some((part(TIME)?, part(TIME + 4)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn record(kind: i16, name: &str, seconds: u32, micros: u32) -> Vec<u8> {
        let mut record = vec![0; RECORD];
        let mut put = |offset: usize, bytes: &[u8]| {
            record[offset..offset + bytes.len()].copy_from_slice(bytes);
        };
        put(KIND, &kind.to_ne_bytes());
        put(NAME, name.as_bytes());
        if WIDE {
            put(TIME, &u64::from(seconds).to_ne_bytes());
            put(TIME + 8, &u64::from(micros).to_ne_bytes());
        } else {
            put(TIME, &seconds.to_ne_bytes());
            put(TIME + 4, &micros.to_ne_bytes());
        }
        record
    }

    #[cfg(target_env = "gnu")]
    #[test]
    fn the_layout_is_the_c_library_s() {
        use std::mem::{offset_of, size_of};

        use nix::libc::utmpx;

        assert_eq!(RECORD, size_of::<utmpx>());
        assert_eq!(KIND, offset_of!(utmpx, ut_type));
        assert_eq!(NAME, offset_of!(utmpx, ut_user));
        assert_eq!(NAME + NAME_LENGTH, offset_of!(utmpx, ut_host));
        assert_eq!(TIME, offset_of!(utmpx, ut_tv));
        let time = offset_of!(utmpx, ut_addr_v6) - TIME;
        assert_eq!(time, if WIDE { 16 } else { 8 });
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
    fn without_a_list_there_are_no_users() {
        let _turn = crate::platform::sys::turn_with_children();
        let tree = Tree::new();
        let system = System::below(tree.path());
        assert_eq!(users(&system), []);
        tree.file("var/run/utmp", "");
        assert_eq!(users(&system), []);
    }
}
