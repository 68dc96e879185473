//! guest-set-user-password (docs/reference/agent-behaviour.md §6.10).

use crate::failure::Failure;
use crate::platform::system::System;
use qapi_runtime::base64;

/// Changes a user's password, given in base64, by means of `chpasswd`. With `crypted` it is the hash that the system
/// stores.
///
/// The password goes through a pipe: arguments and environment of a program can be seen by others.
/// No error text contains it.
pub(crate) fn set_password(
    system: &System,
    user: &str,
    password: &str,
    crypted: bool,
) -> Result<(), Failure> {
    let password = base64::decode_leniently(password)?;
    // The program reads lines, and the C library ends texts at a NUL: the password would be cut there silently.
    if password.iter().any(|byte| matches!(byte, b'\n' | 0)) {
        return Err(Failure::new("forbidden characters in raw password"));
    }
    if user.contains(['\n', ':', '\0']) {
        return Err(Failure::new("forbidden characters in username"));
    }
    let line = [user.as_bytes(), b":", &password, b"\n"].concat();
    let arguments: &[&str] = if crypted { &["-e"] } else { &[] };
    let mut helper = system.helper("chpasswd", arguments);
    helper.input = Some(&line);
    helper.run("set user password")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn set(tree: &Tree, user: &str, password: &str, crypted: bool) -> Result<(), String> {
        let _turn = crate::platform::sys::turn_with_children();
        set_password(&System::below(tree.path()), user, password, crypted)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn chpasswd_is_told_user_and_password_through_its_input() {
        let tree = Tree::new();
        let seen = format!("{}/seen", tree.path().display());
        tree.script(
            "bin/chpasswd",
            &format!("echo \"$#$*\" > {seen}; /bin/cat >> {seen}"),
        );
        assert_eq!(set(&tree, "u", "bmV3cHc=", false), Ok(()));
        assert_eq!(tree.text("seen"), "0\nu:newpw\n");
        assert_eq!(set(&tree, "u", "JDYkYWJjJGRlZg==", true), Ok(()));
        assert_eq!(tree.text("seen"), "1-e\nu:$6$abc$def\n");
        assert_eq!(set(&tree, "u", "", false), Ok(()));
        assert_eq!(tree.text("seen"), "0\nu:\n");
    }

    #[test]
    fn ambiguous_texts_are_rejected() {
        let tree = Tree::new();
        let fail = |user, password| set(&tree, user, password, false).unwrap_err();
        assert_eq!(fail("u", "YQpi"), "forbidden characters in raw password");
        assert_eq!(fail("u", "YQBi"), "forbidden characters in raw password");
        for user in ["u:x", "u\nx", "u\0x"] {
            assert_eq!(fail(user, "YQ=="), "forbidden characters in username");
        }
        assert_eq!(
            fail("u", "%%"),
            "Base64 data contains invalid characters",
            "V089"
        );
    }

    #[test]
    fn failure_has_the_program_s_words() {
        let tree = Tree::new();
        assert_eq!(
            set(&tree, "u", "bmV3cHc=", false),
            Err(
                "child process has failed to set user password: failed to exec 'chpasswd': No \
                 such file or directory\n"
                    .to_owned()
            ),
            "V091"
        );
        tree.script("bin/chpasswd", "echo 'chpasswd: no user' >&2; exit 1");
        assert_eq!(
            set(&tree, "u", "bmV3cHc=", false),
            Err("child process has failed to set user password: chpasswd: no user\n".to_owned())
        );
    }
}
