//! State that survives the process: the counter behind file handles (docs/reference/agent-behaviour.md §1.7).
//!
//! The file is a key file that the reference can read and write too, so one agent can replace the other without issuing
//! a handle twice:
//!
//! ```text
//! [global]
//! fd_counter=1000
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::platform::own_file;

const FILE_NAME: &str = "qga.state";
const GROUP: &str = "global";
const KEY: &str = "fd_counter";

/// First handle of a fresh state directory.
const FIRST_HANDLE: i64 = 1000;

/// No state file of ours or the reference's is nearly as large; a larger one is another file.
const SIZE_LIMIT: u64 = 64 * 1024;

/// The persistent counter. A number that [`HandleCounter::next`] returned is never returned again,
/// by this process or a later one, whatever ends the process.
#[derive(Debug)]
pub(crate) struct HandleCounter {
    directory: PathBuf,
    next: i64,
}

impl HandleCounter {
    /// Reads the counter of `directory`, or starts a new one. On failure, returns a text that says why the agent cannot
    /// run with this directory.
    pub(crate) fn open(directory: &Path) -> Result<Self, String> {
        let (counter, stored) = Self::read(directory)?;
        if !stored {
            counter.store(FIRST_HANDLE).map_err(|error| {
                let path = counter.directory.join(FILE_NAME);
                format!("cannot create state file `{}`: {error}", path.display())
            })?;
        }
        Ok(counter)
    }

    /// Returns the same, but a missing file stays missing until the first handle is needed.
    pub(crate) fn open_unwritten(directory: &Path) -> Result<Self, String> {
        Self::read(directory).map(|(counter, _)| counter)
    }

    /// Returns the counter, and whether there was one stored.
    fn read(directory: &Path) -> Result<(Self, bool), String> {
        // The directory stays where it is when a daemon leaves its working directory.
        let directory = std::path::absolute(directory).map_err(|error| {
            format!(
                "cannot use state directory `{}`: {error}",
                directory.display()
            )
        })?;
        let path = directory.join(FILE_NAME);
        let stored = match read_bounded(&path) {
            Ok(text) => parse(&text).map_err(|reason| {
                format!(
                    "state file `{}` is damaged: {reason}; repair it, or remove it to start again at \
                     handle {FIRST_HANDLE}",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("cannot read state file `{}`: {error}", path.display())),
        };
        let counter = Self {
            directory,
            next: stored.unwrap_or(FIRST_HANDLE),
        };
        Ok((counter, stored.is_some()))
    }

    /// Takes a number. It is on disk as used before it is returned.
    ///
    /// The file is read again: if two agents share a directory, or an administrator restored an old copy, the counter
    /// follows the higher number and never goes backwards.
    pub(crate) fn next(&mut self) -> io::Result<i64> {
        let stored = read_bounded(&self.directory.join(FILE_NAME))
            .ok()
            .and_then(|text| parse(&text).ok().flatten());
        let handle = self.next.max(stored.unwrap_or(self.next));
        let next = handle
            .checked_add(1)
            .ok_or_else(|| io::Error::other("all file handle numbers have been used"))?;
        self.store(next)?;
        self.next = next;
        Ok(handle)
    }

    /// Replaces the file atomically: after a crash there is the old one or the new one, complete.
    fn store(&self, next: i64) -> io::Result<()> {
        let temporary = self
            .directory
            .join(format!("{FILE_NAME}.{}", std::process::id()));
        let written = write_new(&temporary, &format!("[{GROUP}]\n{KEY}={next}\n"))
            .and_then(|()| fs::rename(&temporary, self.directory.join(FILE_NAME)));
        if written.is_err() {
            // Best effort: the error to report is the one above.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        File::open(&self.directory)?.sync_all()
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    // A file of this name is left over from a process that was killed while it wrote; following a link in its place
    // would overwrite the link's target.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = own_file::private(&mut options).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    own_file::open(path, OpenOptions::new().read(true))?
        .take(SIZE_LIMIT + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > SIZE_LIMIT {
        return Err(io::Error::other("too large"));
    }
    Ok(text)
}

/// Returns the stored counter, or nothing if the file has none: the reference leaves an empty file behind
/// when the system crashes before its data reach the disk.
fn parse(text: &str) -> Result<Option<i64>, String> {
    let mut in_group = false;
    let mut counter = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(group) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            in_group = group == GROUP;
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(format!("line {} is neither a group nor a key", number + 1));
        };
        if in_group && key.trim_end() == KEY {
            counter = Some(parse_counter(value.trim_start())?);
        }
    }
    Ok(counter)
}

fn parse_counter(value: &str) -> Result<i64, String> {
    const WRAP: i64 = 1 << 32;
    match value.parse::<i64>() {
        Ok(counter) if counter >= 0 => Ok(counter),
        // The reference counts in 32 bits (D14): after its last positive handle comes -2147483648.
        Ok(counter) if counter >= i64::from(i32::MIN) => Ok(counter + WRAP),
        _ => Err(format!(
            "`{KEY}` is `{value}`, expected a number from 0 to {}",
            i64::MAX
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn in_directory(name: &str, test: impl FnOnce(&Path)) {
        let directory =
            std::env::temp_dir().join(format!("qapi-agent-state-{}-{name}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        test(&directory);
        fs::remove_dir_all(&directory).unwrap();
    }

    fn stored(directory: &Path) -> String {
        fs::read_to_string(directory.join(FILE_NAME)).unwrap()
    }

    #[test]
    fn a_fresh_directory_starts_at_1000_and_the_file_holds_the_next_number() {
        in_directory("fresh", |directory| {
            let mut counter = HandleCounter::open(directory).unwrap();
            assert_eq!(stored(directory), "[global]\nfd_counter=1000\n");
            assert_eq!(counter.next().unwrap(), 1000);
            assert_eq!(counter.next().unwrap(), 1001);
            assert_eq!(stored(directory), "[global]\nfd_counter=1002\n");
            let mode = fs::metadata(directory.join(FILE_NAME))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
            let names = fs::read_dir(directory).unwrap().count();
            assert_eq!(names, 1, "no temporary file is left");
            assert_eq!(
                HandleCounter::open(directory).unwrap().next().unwrap(),
                1002
            );
        });
    }

    #[test]
    fn the_counter_has_64_bits() {
        in_directory("wide", |directory| {
            fs::write(
                directory.join(FILE_NAME),
                "[global]\nfd_counter=2147483647\n",
            )
            .unwrap();
            let mut counter = HandleCounter::open(directory).unwrap();
            assert_eq!(counter.next().unwrap(), 2_147_483_647);
            assert_eq!(counter.next().unwrap(), 2_147_483_648);
            assert_eq!(stored(directory), "[global]\nfd_counter=2147483649\n");
        });
    }

    #[test]
    fn a_counter_that_wrapped_in_the_reference_goes_on_upwards() {
        assert_eq!(
            parse("[global]\nfd_counter=-2147483648\n"),
            Ok(Some(2_147_483_648))
        );
        assert_eq!(
            parse("[global]\nfd_counter=-2147483647\n"),
            Ok(Some(2_147_483_649))
        );
    }

    #[test]
    fn the_counter_never_goes_backwards_and_never_runs_over() {
        in_directory("order", |directory| {
            let mut counter = HandleCounter::open(directory).unwrap();
            assert_eq!(counter.next().unwrap(), 1000);
            fs::write(directory.join(FILE_NAME), "[global]\nfd_counter=7\n").unwrap();
            assert_eq!(counter.next().unwrap(), 1001);
            fs::write(directory.join(FILE_NAME), "[global]\nfd_counter=5000\n").unwrap();
            assert_eq!(counter.next().unwrap(), 5000);
            fs::remove_file(directory.join(FILE_NAME)).unwrap();
            assert_eq!(counter.next().unwrap(), 5001);
            let last = format!("[global]\nfd_counter={}\n", i64::MAX);
            fs::write(directory.join(FILE_NAME), &last).unwrap();
            counter.next().unwrap_err();
            assert_eq!(stored(directory), last);
        });
    }

    #[test]
    fn an_empty_file_is_a_fresh_one() {
        in_directory("empty", |directory| {
            fs::write(directory.join(FILE_NAME), "").unwrap();
            assert_eq!(
                HandleCounter::open(directory).unwrap().next().unwrap(),
                1000
            );
        });
    }

    #[test]
    fn a_damaged_file_is_refused_with_the_reason() {
        for (text, reason) in [
            ("[global]\nfd_counter=abc\n", "`fd_counter` is `abc`"),
            ("[global]\nfd_counter=\n", "`fd_counter` is ``"),
            (
                "[global]\nfd_counter=99999999999999999999\n",
                "`fd_counter` is `9999",
            ),
            ("nonsense\n", "line 1 is neither a group nor a key"),
        ] {
            in_directory("damaged", |directory| {
                fs::write(directory.join(FILE_NAME), text).unwrap();
                let error = HandleCounter::open(directory).unwrap_err();
                assert!(error.contains(reason), "{error}");
                assert_eq!(stored(directory), text, "the file is left for repair");
            });
        }
    }

    #[test]
    fn other_groups_comments_and_blanks_are_passed_over() {
        let text = "# c\n[other]\nfd_counter=5\n\n [global]\nx = y\nfd_counter = 42\n";
        assert_eq!(parse(text), Ok(Some(42)));
        assert_eq!(parse("[other]\nfd_counter=5\n"), Ok(None));
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let error = HandleCounter::open(Path::new("/nonexistent/state")).unwrap_err();
        assert!(error.contains("cannot create state file"), "{error}");
    }
}
