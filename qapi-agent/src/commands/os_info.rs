//! guest-get-osinfo (docs/reference/agent-behaviour.md §6.11), with values read as os-release(5) has them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::utsname::uname;

use crate::failure::Failure;

/// The kernel's description of itself.
#[derive(Debug)]
pub(crate) struct KernelInfo {
    pub(crate) release: String,
    pub(crate) version: String,
    pub(crate) machine: String,
}

/// Returns the kernel that runs.
pub(crate) fn kernel() -> Result<KernelInfo, Failure> {
    let names = uname().map_err(|errno| Failure::with_errno("uname failed", errno))?;
    let text = |name: &OsStr| name.to_string_lossy().into_owned();
    Ok(KernelInfo {
        release: text(names.release()),
        version: text(names.version()),
        machine: text(names.machine()),
    })
}

/// The contents of an os-release file that are reported.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Release {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) pretty_name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) version_id: Option<String>,
    pub(crate) variant: Option<String>,
    pub(crate) variant_id: Option<String>,
}

/// Reads `chosen` if there is one, and otherwise the system's file below `root`. Without a readable
/// file everything is unknown.
pub(crate) fn release(chosen: Option<PathBuf>, root: &Path) -> Release {
    let candidates = match chosen {
        Some(path) => vec![path],
        None => vec![root.join("etc/os-release"), root.join("usr/lib/os-release")],
    };
    candidates
        .iter()
        .find_map(|path| fs::read(path).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| parse(&text))
        .unwrap_or_default()
}

/// Parses assignments; returns `None` if the text has anything else.
fn parse(text: &str) -> Option<Release> {
    let mut release = Release::default();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=')?;
        let field = match key.trim_end() {
            "" => return None,
            "ID" => &mut release.id,
            "NAME" => &mut release.name,
            "PRETTY_NAME" => &mut release.pretty_name,
            "VERSION" => &mut release.version,
            "VERSION_ID" => &mut release.version_id,
            "VARIANT" => &mut release.variant,
            "VARIANT_ID" => &mut release.variant_id,
            _ => continue,
        };
        *field = Some(unquote(value.trim_start()));
    }
    Some(release)
}

/// Takes a value out of its quotes, as a shell would.
///
/// Between double quotes a backslash takes the meaning of `$`, quotes, backslash and back quote
/// away and stands for itself elsewhere; between single quotes everything stands for itself. A
/// value without quotes ends at a blank or a semicolon; a backslash takes the meaning of any
/// character there. A quote that is never closed goes to the end of the line.
fn unquote(value: &str) -> String {
    let mut characters = value.chars().peekable();
    let quote = characters.next_if(|&first| first == '"' || first == '\'');
    let mut text = String::new();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(quote), end) if end == quote => break,
            (None, ' ' | '\t' | ';') => break,
            (Some('"'), '\\') => {
                let escaped = characters.next_if(|next| "$'\"\\`".contains(*next));
                text.push(escaped.unwrap_or('\\'));
            }
            (None, '\\') => text.extend(characters.next()),
            (_, character) => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    #[test]
    fn quoting_follows_os_release() {
        for (value, expected) in [
            (r#""a b""#, "a b"),
            (
                r#""Unit test \"\'\$\` and \\ etc.""#,
                r#"Unit test "'$` and \ etc."#,
            ),
            (r#""keeps \n and \x""#, r"keeps \n and \x"),
            ("'Single Quoted'", "Single Quoted"),
            (r"'no \escape $'", r"no \escape $"),
            ("plain", "plain"),
            ("plain rest", "plain"),
            ("plain;rest", "plain"),
            (r"a\ b\;c", "a b;c"),
            (r#""unterminated"#, "unterminated"),
            (r#""ends \"#, r"ends \"),
            ("'", ""),
            (r#""""#, ""),
            ("", ""),
            ("\\", ""),
            ("\"é ü\" # no comment", "é ü"),
        ] {
            assert_eq!(unquote(value), expected, "{value}");
        }
    }

    #[test]
    fn known_keys_are_taken_and_the_last_of_equal_ones_counts() {
        let text =
            "# os\n\nID=debian\nNAME='Debian GNU/Linux'\nID=other\nVERSION_ID=\"12\"\nHOME_URL=x\n";
        let expected = Release {
            id: Some("other".to_owned()),
            name: Some("Debian GNU/Linux".to_owned()),
            version_id: Some("12".to_owned()),
            ..Release::default()
        };
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn the_first_file_that_there_is_counts() {
        let tree = Tree::new();
        let id = |chosen: Option<&str>| release(chosen.map(PathBuf::from), tree.path()).id;
        assert_eq!(id(None), None);
        tree.file("usr/lib/os-release", "ID=vendor\n");
        assert_eq!(id(None).as_deref(), Some("vendor"));
        tree.file("etc/os-release", "ID=local\n");
        assert_eq!(id(None).as_deref(), Some("local"));
        let chosen = tree.path().join("chosen");
        let chosen = chosen.to_str().unwrap();
        assert_eq!(id(Some(chosen)), None, "a chosen file is the only one");
        tree.file("chosen", "ID=chosen\n");
        assert_eq!(id(Some(chosen)).as_deref(), Some("chosen"));
    }

    #[test]
    fn files_without_text_or_assignments_give_no_facts() {
        let tree = Tree::new();
        tree.file("etc/os-release", "ID=x\nthis is no assignment\n");
        assert_eq!(release(None, tree.path()), Release::default());
        tree.file("etc/os-release", "=nothing\nID=x\n");
        assert_eq!(release(None, tree.path()), Release::default());
        fs::write(tree.path().join("etc/os-release"), b"ID=\xff\n").unwrap();
        assert_eq!(release(None, tree.path()), Release::default());
    }

    #[test]
    fn the_kernel_is_the_running_one() {
        let shown = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        assert_eq!(kernel().unwrap().release, shown.trim_end());
    }
}
