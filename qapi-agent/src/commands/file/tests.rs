//! Files as clients of the guest-file family see them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;

/// A directory of its own and the files of an agent that keeps its state there.
struct Scratch {
    directory: PathBuf,
    files: Files,
}

impl Scratch {
    fn new(name: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("qapi-agent-file-{}-{name}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let files = Files::new(HandleCounter::open(&directory).unwrap());
        Self { directory, files }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn open(&mut self, name: &str, mode: &str) -> i64 {
        let path = self.path(name);
        self.files.open(path.to_str().unwrap(), Some(mode)).unwrap()
    }

    fn write(&mut self, handle: i64, bytes: &[u8]) -> Result<i64, String> {
        let text = base64::encode(bytes);
        self.files
            .write(handle, &text, None)
            .map_err(|failure| failure.to_string())
    }

    fn read(&mut self, handle: i64, count: i64) -> (Vec<u8>, bool) {
        let read = self.files.read(handle, Some(count)).unwrap();
        let bytes = base64::decode(&read.base64).unwrap();
        assert_eq!(read.count, i64::try_from(bytes.len()).unwrap());
        (bytes, read.end_of_file)
    }

    fn size(&self, name: &str) -> u64 {
        fs::metadata(self.path(name)).unwrap().len()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn text<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    result.unwrap_err().to_string()
}

fn fifo(path: &Path) {
    nix::unistd::mkfifo(path, Mode::S_IRWXU).unwrap();
}

#[test]
fn every_mode_of_fopen_is_known_and_no_other() {
    for mode in [
        "r", "rb", "w", "wb", "a", "ab", "r+", "rb+", "r+b", "w+", "wb+", "w+b", "a+", "ab+", "a+b",
    ] {
        assert!(Access::parse(mode).is_some(), "{mode}");
    }
    let mut scratch = Scratch::new("modes");
    for mode in ["", "rw", "br", "wx", "R", "+r", "r++", "r+bb", "w ", "é"] {
        let error = text(scratch.files.open("x", Some(mode)));
        assert_eq!(error, format!("invalid file open mode '{mode}'"));
    }
}

#[test]
fn writes_are_invisible_until_flushed() {
    let mut scratch = Scratch::new("buffer");
    let handle = scratch.open("f", "w");
    scratch.write(handle, b"Hello").unwrap();
    assert_eq!(scratch.size("f"), 0);
    scratch.files.flush(handle).unwrap();
    assert_eq!(scratch.size("f"), 5);
    scratch.write(handle, b"abc").unwrap();
    scratch.files.close(handle).unwrap();
    assert_eq!(fs::read(scratch.path("f")).unwrap(), b"Helloabc");
}

#[test]
fn large_writes_leave_at_most_a_block_in_the_buffer() {
    let mut scratch = Scratch::new("blocks");
    let handle = scratch.open("f", "w");
    let bytes: Vec<u8> = (0..=255).cycle().take(3 * BUFFER + 10).collect();
    scratch.write(handle, &bytes[..7]).unwrap();
    scratch.write(handle, &bytes[7..]).unwrap();
    assert_eq!(scratch.size("f"), 3 * BUFFER as u64);
    scratch.files.close(handle).unwrap();
    assert_eq!(fs::read(scratch.path("f")).unwrap(), bytes);
}

#[test]
fn reading_flushes_what_was_written() {
    let mut scratch = Scratch::new("turn");
    let handle = scratch.open("f", "w+");
    scratch.write(handle, b"Hello World!\n\0").unwrap();
    assert_eq!(scratch.read(handle, 4096), (vec![], true));
    assert_eq!(scratch.size("f"), 14);
    assert_eq!(scratch.files.seek(handle, 6, 0).unwrap(), 6);
    assert_eq!(scratch.read(handle, 5), (b"World".to_vec(), false));
    assert_eq!(scratch.files.seek(handle, 0, 1).unwrap(), 11);
    scratch.write(handle, b"?").unwrap();
    scratch.files.close(handle).unwrap();
    assert_eq!(fs::read(scratch.path("f")).unwrap(), b"Hello World?\n\0");
}

#[test]
fn end_of_file_is_reported_by_the_read_that_reaches_it() {
    let mut scratch = Scratch::new("end");
    fs::write(scratch.path("f"), b"12345").unwrap();
    let handle = scratch.open("f", "r");
    assert_eq!(scratch.read(handle, 0), (vec![], false));
    assert_eq!(scratch.read(handle, 5), (b"12345".to_vec(), false));
    assert_eq!(scratch.read(handle, 0), (vec![], false));
    assert_eq!(scratch.read(handle, 5), (vec![], true));
    fs::write(scratch.path("f"), b"123456").unwrap();
    assert_eq!(
        scratch.read(handle, 5),
        (b"6".to_vec(), true),
        "the end is not sticky"
    );
}

#[test]
fn reads_of_several_pieces_are_one_base64_text() {
    let mut scratch = Scratch::new("pieces");
    let bytes: Vec<u8> = (0..=250).cycle().take(2 * PIECE + 1).collect();
    fs::write(scratch.path("f"), &bytes).unwrap();
    let handle = scratch.open("f", "r");
    assert_eq!(scratch.read(handle, COUNT_LIMIT), (bytes, true));
}

#[test]
fn counts_out_of_range_are_refused_after_the_handle() {
    let mut scratch = Scratch::new("counts");
    fs::write(scratch.path("f"), b"x").unwrap();
    let handle = scratch.open("f", "r+");
    for count in [-1, i64::MIN, COUNT_LIMIT + 1, i64::MAX] {
        let expected = format!("value '{count}' is invalid for argument count");
        assert_eq!(text(scratch.files.read(handle, Some(count))), expected);
        assert_eq!(
            text(scratch.files.write(handle, "YWJj", Some(count))),
            expected
        );
        assert_eq!(
            text(scratch.files.read(1, Some(count))),
            "handle '1' has not been found"
        );
    }
    assert_eq!(scratch.files.write(handle, "YWJj", Some(0)).unwrap(), 0);
    assert_eq!(scratch.files.write(handle, "YWJj", Some(3)).unwrap(), 3);
    assert_eq!(
        text(scratch.files.write(1, "$$", None)),
        "handle '1' has not been found"
    );
    assert_eq!(
        text(scratch.files.seek(1, 0, 9)),
        "handle '1' has not been found"
    );
    assert_eq!(
        text(scratch.files.seek(handle, 0, 3)),
        "invalid whence code 3"
    );
}

#[test]
fn base64_is_checked_before_the_count_and_after_the_handle() {
    let mut scratch = Scratch::new("base64");
    let handle = scratch.open("f", "w");
    let error = text(scratch.files.write(handle, "a$b=", Some(99)));
    assert_eq!(error, "Base64 data contains invalid characters");
}

#[test]
fn the_wrong_direction_is_a_bad_descriptor() {
    let mut scratch = Scratch::new("direction");
    fs::write(scratch.path("f"), b"x").unwrap();
    let reader = scratch.open("f", "r");
    let error = scratch.write(reader, b"y").unwrap_err();
    assert_eq!(error, "failed to write to file: Bad file descriptor");
    assert_eq!(scratch.write(reader, b""), Ok(0));
    scratch.files.flush(reader).unwrap();
    let writer = scratch.open("f", "w");
    let error = text(scratch.files.read(writer, None));
    assert_eq!(error, "failed to read file: Bad file descriptor");
}

#[test]
fn appending_goes_to_the_end_wherever_the_position_is() {
    let mut scratch = Scratch::new("append");
    fs::write(scratch.path("f"), b"12345").unwrap();
    let handle = scratch.open("f", "a+");
    assert_eq!(scratch.files.seek(handle, 0, 0).unwrap(), 0);
    scratch.write(handle, b"A").unwrap();
    scratch.files.seek(handle, 0, 0).unwrap();
    assert_eq!(scratch.read(handle, 100), (b"12345A".to_vec(), true));
}

#[test]
fn seeking_past_the_end_is_fine_and_before_the_start_is_not() {
    let mut scratch = Scratch::new("seek");
    fs::write(scratch.path("f"), b"12345").unwrap();
    let handle = scratch.open("f", "r");
    assert_eq!(scratch.files.seek(handle, 100, 2).unwrap(), 105);
    assert_eq!(scratch.read(handle, 10), (vec![], true));
    for (offset, whence) in [(-1, 0), (-6, 2), (-106, 1), (i64::MIN, 0)] {
        let error = text(scratch.files.seek(handle, offset, whence));
        assert_eq!(error, "failed to seek file: Invalid argument");
    }
}

#[test]
fn a_seek_that_fails_has_still_flushed() {
    let mut scratch = Scratch::new("seekflush");
    let handle = scratch.open("f", "w");
    scratch.write(handle, b"kept").unwrap();
    text(scratch.files.seek(handle, -1, 0));
    assert_eq!(scratch.size("f"), 4);
}

#[test]
fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
    let mut scratch = Scratch::new("mode");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    scratch.open("new", "w");
    assert_eq!(mode(scratch.path("new")), 0o600);
    fs::write(scratch.path("old"), b"x").unwrap();
    fs::set_permissions(scratch.path("old"), fs::Permissions::from_mode(0o640)).unwrap();
    scratch.open("old", "w+");
    assert_eq!(mode(scratch.path("old")), 0o640);
    assert_eq!(scratch.size("old"), 0);
}

#[test]
fn the_target_of_a_dangling_link_is_not_created() {
    let mut scratch = Scratch::new("link");
    let link = scratch.path("link");
    std::os::unix::fs::symlink(scratch.path("missing"), &link).unwrap();
    let error = text(scratch.files.open(link.to_str().unwrap(), Some("w")));
    assert!(
        error.ends_with("(mode: 'w'): No such file or directory"),
        "{error}"
    );
    assert!(!scratch.path("missing").exists());
}

#[test]
fn a_failed_open_takes_no_number() {
    let mut scratch = Scratch::new("number");
    let error = text(scratch.files.open("/nonexistent/x", None));
    let expected = "failed to open file '/nonexistent/x' (mode: 'r'): No such file or directory";
    assert_eq!(error, expected);
    assert!(text(scratch.files.open("a\0b", None)).contains("U+0000"));
    assert_eq!(scratch.open("f", "w"), 1000);
}

#[test]
fn a_counter_that_cannot_be_stored_fails_the_open() {
    let mut scratch = Scratch::new("commit");
    let gone = scratch.path("gone");
    fs::create_dir(&gone).unwrap();
    let mut files = Files::new(HandleCounter::open(&gone).unwrap());
    fs::remove_dir_all(&gone).unwrap();
    let path = scratch.path("f");
    let error = text(files.open(path.to_str().unwrap(), Some("w")));
    assert_eq!(error, "failed to commit persistent state to disk");
    assert_eq!(scratch.open("f", "r"), 1000);
}

#[test]
fn a_directory_opens_but_does_not_read() {
    let mut scratch = Scratch::new("directory");
    let path = scratch.directory.to_str().unwrap().to_owned();
    let handle = scratch.files.open(&path, None).unwrap();
    assert_eq!(
        text(scratch.files.read(handle, None)),
        "failed to read file: Is a directory"
    );
}

#[test]
fn errors_of_a_full_disk_come_with_the_flush_and_are_reported_once() {
    let mut scratch = Scratch::new("full");
    let handle = scratch.files.open("/dev/full", Some("w")).unwrap();
    assert_eq!(scratch.write(handle, b"x"), Ok(1));
    let error = text(scratch.files.flush(handle));
    assert_eq!(error, "failed to flush file: No space left on device");
    scratch.files.close(handle).unwrap();

    let handle = scratch.files.open("/dev/full", Some("w")).unwrap();
    scratch.write(handle, b"x").unwrap();
    let error = text(scratch.files.close(handle));
    assert_eq!(error, "failed to close handle: No space left on device");
    let error = text(scratch.files.close(handle));
    assert_eq!(error, format!("handle '{handle}' has not been found"));

    let handle = scratch.files.open("/dev/full", Some("w")).unwrap();
    let error = scratch.write(handle, &[0; BUFFER]).unwrap_err();
    assert_eq!(error, "failed to write to file: No space left on device");
}

#[test]
fn a_fifo_gives_what_has_arrived_and_nothing_is_lost() {
    // A child of another test has the writing end too until it becomes another program.
    let _turn = crate::platform::sys::turn_with_children();
    let mut scratch = Scratch::new("fifo");
    fifo(&scratch.path("fifo"));
    let path = scratch.path("fifo");
    let error = text(scratch.files.open(path.to_str().unwrap(), Some("w")));
    assert!(
        error.ends_with("(mode: 'w'): No such device or address"),
        "{error}"
    );

    let reader = scratch.open("fifo", "r");
    assert_eq!(scratch.read(reader, 10), (vec![], true), "no writer");
    let writer = scratch.open("fifo", "w");
    let error = text(scratch.files.read(reader, None));
    assert_eq!(
        error,
        "failed to read file: Resource temporarily unavailable"
    );
    scratch.write(writer, b"part").unwrap();
    scratch.files.flush(writer).unwrap();
    assert_eq!(scratch.read(reader, 10), (b"part".to_vec(), false));
    assert_eq!(
        text(scratch.files.seek(reader, 0, 0)),
        "failed to seek file: Illegal seek"
    );
    scratch.write(writer, b"rest").unwrap();
    scratch.files.close(writer).unwrap();
    assert_eq!(scratch.read(reader, 10), (b"rest".to_vec(), true));
}

#[test]
fn a_fifo_open_for_both_can_be_written_after_a_read() {
    let mut scratch = Scratch::new("both");
    fifo(&scratch.path("fifo"));
    let handle = scratch.open("fifo", "r+");
    for bytes in [&b"one"[..], b"two"] {
        scratch.write(handle, bytes).unwrap();
        assert_eq!(scratch.read(handle, 10), (bytes.to_vec(), false));
    }
}

#[test]
fn a_short_write_to_a_pipe_is_an_error() {
    let mut scratch = Scratch::new("pipe");
    fifo(&scratch.path("fifo"));
    let reader = scratch.open("fifo", "r");
    let writer = scratch.open("fifo", "w");
    let error = scratch.write(writer, &vec![b'x'; 4 << 20]).unwrap_err();
    assert_eq!(
        error,
        "failed to write to file: Resource temporarily unavailable"
    );
    let (bytes, end) = scratch.read(reader, COUNT_LIMIT);
    assert!(bytes.len() >= BUFFER && !end);
}

#[test]
fn the_end_of_the_agent_flushes_open_files_and_names_the_lost() {
    let mut scratch = Scratch::new("ending");
    let kept = scratch.open("f", "w");
    scratch.write(kept, b"kept").unwrap();
    let full = scratch.files.open("/dev/full", Some("w")).unwrap();
    scratch.write(full, b"lost").unwrap();
    let lost = scratch.files.close_all();
    assert_eq!(lost, [(full, "No space left on device".to_owned())]);
    assert_eq!(fs::read(scratch.path("f")).unwrap(), b"kept");
    assert!(text(scratch.files.flush(kept)).contains("has not been found"));
}
