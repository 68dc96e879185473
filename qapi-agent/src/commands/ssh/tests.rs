//! Keys in a made-up home.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use nix::sys::stat::Mode;
use nix::unistd::{Gid, Uid, mkfifo};

use super::*;
use crate::commands::test_root::Tree;

struct Home {
    tree: Tree,
    account: Account,
}

impl Home {
    fn new() -> Self {
        let tree = Tree::new();
        // Root can give files away; others can give them to themselves only.
        let account = Account {
            uid: if Uid::effective().is_root() {
                Uid::from_raw(12_345)
            } else {
                Uid::effective()
            },
            gid: Gid::effective(),
            home: tree.path().to_owned(),
        };
        Self { tree, account }
    }

    fn with(text: &str) -> Self {
        let home = Self::new();
        home.tree.file(".ssh/authorized_keys", text);
        home
    }

    fn text(&self) -> String {
        self.tree.text(".ssh/authorized_keys")
    }

    fn add(&self, keys: &[&str]) -> Result<(), Failure> {
        add_keys(&self.account, &owned(keys), false)
    }

    fn remove(&self, keys: &[&str]) -> Result<(), Failure> {
        remove_keys(&self.account, &owned(keys))
    }

    fn entries(&self) -> Vec<String> {
        let names = fs::read_dir(self.tree.path().join(".ssh")).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

#[test]
fn the_first_key_makes_folder_and_file_of_the_user() {
    let home = Home::new();
    home.add(&["ssh-rsa AAAA one", "ssh-rsa BBBB two"]).unwrap();
    assert_eq!(home.text(), "ssh-rsa AAAA one\nssh-rsa BBBB two");
    for (path, mode) in [(".ssh", 0o700), (".ssh/authorized_keys", 0o600)] {
        let metadata = fs::metadata(home.tree.path().join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, mode, "{path}");
        assert_eq!(metadata.uid(), home.account.uid.as_raw(), "{path}");
    }
    assert_eq!(home.entries(), ["authorized_keys"]);
}

#[test]
fn only_new_keys_are_added() {
    let home = Home::with("ssh-rsa AAAA one\nssh-rsa BBBB two");
    home.add(&["ssh-rsa AAAA one", "ssh-rsa CCCC three"])
        .unwrap();
    assert_eq!(
        home.text(),
        "ssh-rsa AAAA one\nssh-rsa BBBB two\nssh-rsa CCCC three"
    );
    home.add(&[]).unwrap();
    home.add(&["x", "x"]).unwrap();
    assert!(home.text().ends_with("three\nx"));
    // V104: a line end at the end becomes a blank line.
    let home = Home::with("ssh-rsa Y y\n");
    home.add(&["ssh-rsa Z"]).unwrap();
    assert_eq!(home.text(), "ssh-rsa Y y\n\nssh-rsa Z");
    let home = Home::with("");
    home.add(&["ssh-rsa Z"]).unwrap();
    assert_eq!(home.text(), "ssh-rsa Z");
}

#[test]
fn reset_forgets_what_was_there() {
    let home = Home::with("old");
    add_keys(&home.account, &owned(&["ssh-rsa ONLY"]), true).unwrap();
    assert_eq!(home.text(), "ssh-rsa ONLY");
    add_keys(&home.account, &[], true).unwrap();
    assert_eq!(home.text(), "");
}

#[test]
fn every_equal_line_is_removed_and_the_rest_stays() {
    let home = Home::with("# note\nssh-rsa X x\n\n  ssh-rsa X x\nssh-rsa Y y\nssh-rsa X x\n");
    home.remove(&["ssh-rsa X x", "nope"]).unwrap();
    assert_eq!(home.text(), "# note\n\n  ssh-rsa X x\nssh-rsa Y y\n");
    let home = Home::new();
    home.remove(&["ssh-rsa X x"]).unwrap();
    assert!(!home.tree.path().join(".ssh").exists());
}

#[test]
fn keys_are_listed_last_first_without_comments() {
    let home = Home::with("# note\nssh-rsa X x\n\n  ssh-rsa Y y  \r\n#");
    assert_eq!(keys(&home.account).unwrap(), ["ssh-rsa Y y", "ssh-rsa X x"]);
}

#[test]
fn a_missing_file_cannot_be_listed() {
    let account = Account {
        home: "/nonexistent".into(),
        ..Home::new().account
    };
    assert_eq!(
        keys(&account).unwrap_err().to_string(),
        "failed to read '/nonexistent/.ssh/authorized_keys': Failed to open file \
         \u{201c}/nonexistent/.ssh/authorized_keys\u{201d}: No such file or directory",
        "C150"
    );
    let error = add_keys(&account, &[], false).unwrap_err().to_string();
    assert_eq!(
        error,
        "failed to create directory '/nonexistent/.ssh': No such file or directory"
    );
}

#[test]
fn unknown_keys_are_rejected_by_name() {
    for (key, refused) in [
        ("# nope", true),
        ("a\nb", true),
        ("a\0b", true),
        ("", false),
        (" # is a key to the reference", false),
    ] {
        let result = check_keys(&owned(&["fine", key]));
        let text = format!("invalid OpenSSH public key: '{key}'");
        assert_eq!(
            result,
            if refused {
                Err(Failure::new(text))
            } else {
                Ok(())
            }
        );
    }
}

#[test]
fn links_are_not_followed() {
    let elsewhere = Tree::new();
    elsewhere.file("secret", "ssh-rsa SECRET");
    let secret = elsewhere.path().join("secret");

    let home = Home::new();
    home.tree.folder(".ssh");
    symlink(&secret, home.tree.path().join(".ssh/authorized_keys")).unwrap();
    let error = keys(&home.account).unwrap_err().to_string();
    assert!(
        error.ends_with("Too many levels of symbolic links"),
        "{error}"
    );
    home.add(&["k"]).unwrap_err();
    // Resetting replaces the link, not what it points to.
    add_keys(&home.account, &owned(&["k"]), true).unwrap();
    assert_eq!((home.text().as_str(), home.entries().len()), ("k", 1));
    assert_eq!(elsewhere.text("secret"), "ssh-rsa SECRET");

    let home = Home::new();
    symlink(elsewhere.path(), home.tree.path().join(".ssh")).unwrap();
    add_keys(&home.account, &owned(&["k"]), true).unwrap_err();
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[test]
fn only_regular_files_of_the_user_are_read() {
    let home = Home::new();
    home.tree.folder(".ssh");
    let path = home.tree.path().join(".ssh/authorized_keys");
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    let error = keys(&home.account).unwrap_err().to_string();
    assert!(
        error.ends_with("not a regular file of that user"),
        "{error}"
    );
    fs::remove_file(&path).unwrap();
    if Uid::effective().is_root() {
        home.tree.file("shadow", "root:secret");
        fs::hard_link(home.tree.path().join("shadow"), &path).unwrap();
        keys(&home.account).unwrap_err();
        home.add(&["k"]).unwrap_err();
    }
    let long = "k".repeat(16 * 1024 * 1024 + 1);
    fs::remove_file(&path).unwrap_or_default();
    fs::write(&path, long).unwrap();
    let error = keys(&home.account).unwrap_err().to_string();
    assert!(
        error.ends_with("it has more than 16777216 bytes"),
        "{error}"
    );
}
