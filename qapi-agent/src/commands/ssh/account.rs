//! Looks up users.
//!
//! The C library is not used, because a static program must not load its plug-ins for user databases. The file is read
//! here, and all other databases are queried with the system's program `getent`, if there is one.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use nix::unistd::{Gid, Uid};

use crate::failure::Failure;
use crate::platform::helper::Ending;
use crate::platform::spawn::UserIdentity;
use crate::platform::sys::Exit;
use crate::platform::sys::errno_of;
use crate::platform::system::System;

/// The user that the keys belong to.
#[derive(Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) uid: Uid,
    pub(crate) gid: Gid,
    pub(crate) home: PathBuf,
}

/// Looks a user up in the system's databases.
pub(crate) fn account(system: &System, name: &str) -> Result<Account, Failure> {
    let file = match fs::read(system.path("/etc/passwd")) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let action =
                format_args!("failed to lookup user '{name}': failed to read '/etc/passwd'");
            return Err(Failure::with_errno(action, errno_of(&error)));
        }
        file => file.unwrap_or_default(),
    };
    let found = match find(&String::from_utf8_lossy(&file), name) {
        Some(account) => Some(account),
        None => find(&asked(system, name)?, name),
    };
    found.ok_or_else(|| Failure::new(format!("failed to lookup user '{name}': no such user")))
}

/// Looks a user up, with the groups that `/etc/group` has it in.
pub(crate) fn identity(system: &System, name: &str) -> Result<UserIdentity, Failure> {
    let account = account(system, name)?;
    let file = fs::read(system.path("/etc/group")).unwrap_or_default();
    let file = String::from_utf8_lossy(&file);
    let groups = file.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [_name, _password, gid, members] = fields[..] else {
            return None;
        };
        let is_member = members.split(',').any(|member| member == name);
        is_member.then(|| gid.parse().ok().map(Gid::from_raw))?
    });
    Ok(UserIdentity {
        user: account.uid,
        group: account.gid,
        groups: groups.collect(),
    })
}

/// Returns the user's entry in other databases, in the form of the file.
fn asked(system: &System, name: &str) -> Result<String, Failure> {
    let arguments = ["passwd", "--", name];
    match system
        .helper("getent", &arguments)
        .execute("look up a user")?
    {
        Ending::Ended {
            exit: Exit::Code(0),
            output,
            ..
        } => Ok(output),
        // There is no such user, or no such program.
        _ => Ok(String::new()),
    }
}

/// Returns the first line that is the user's.
fn find(database: &str, name: &str) -> Option<Account> {
    database.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [user, _password, uid, gid, _full_name, home, _shell] = fields[..] else {
            return None;
        };
        (user == name).then_some(())?;
        Some(Account {
            uid: Uid::from_raw(uid.parse().ok()?),
            gid: Gid::from_raw(gid.parse().ok()?),
            home: home.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn ann() -> Account {
        Account {
            uid: Uid::from_raw(1000),
            gid: Gid::from_raw(100),
            home: "/home/ann".into(),
        }
    }

    #[test]
    fn users_of_the_file_are_found_by_their_whole_name() {
        let tree = Tree::new();
        tree.file(
            "etc/passwd",
            "annabel:x:5:5::/b:/bin/sh\n+ann:x:6:6::/c:/bin/sh\nann:x:1000:100:Ann,,,:/home/ann:/bin/sh\n\
             ann:x:7:7::/d:/bin/sh\nbroken:x:y:7::/d:/bin/sh\nshort:x:1\n",
        );
        let system = System::below(tree.path());
        let _turn = crate::platform::sys::turn_with_children();
        assert_eq!(account(&system, "ann"), Ok(ann()));
        for name in ["an", "", "broken", "short", "x", "ann:x", "root\n"] {
            let failure = account(&system, name).unwrap_err().to_string();
            assert_eq!(
                failure,
                format!("failed to lookup user '{name}': no such user")
            );
        }
    }

    #[test]
    fn groups_are_those_that_have_the_user() {
        let tree = Tree::new();
        tree.file("etc/passwd", "ann:x:1000:100:Ann:/home/ann:/bin/sh\n");
        tree.file(
            "etc/group",
            "users:x:100:\nwheel:x:10:bob,ann\nannex:x:11:annabel\nbroken:x:y:ann\nshort:x:12\nlast:x:13:ann\n",
        );
        let found = identity(&System::below(tree.path()), "ann").unwrap();
        assert_eq!(found.groups, [10, 13].map(Gid::from_raw));
        assert_eq!(
            (found.user, found.group),
            (Uid::from_raw(1000), Gid::from_raw(100))
        );
    }

    #[test]
    fn other_databases_are_asked_and_numbers_are_not_names() {
        let tree = Tree::new();
        tree.script(
            "bin/getent",
            "test \"$1 $2\" = 'passwd --' || exit 1\necho ann:x:1000:100:Ann:/home/ann:/bin/sh\n",
        );
        let system = System::below(tree.path());
        let _turn = crate::platform::sys::turn_with_children();
        assert_eq!(account(&system, "ann"), Ok(ann()));
        assert!(account(&system, "1000").is_err());
    }
}
