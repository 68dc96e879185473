//! `qapi fmt`.

use std::fs;

use crate::harness::{Scratch, qapi, qapi_with_input};

const UNTIDY: &str = "# comment\n{'command':'a',\n 'data' : {'b':'str'}}\n{ 'event': 'C' }\n";
const TIDY: &str = "# comment\n{'command': 'a',\n 'data': {'b': 'str'}}\n\n{ 'event': 'C' }\n";

#[test]
fn files_are_formatted_in_place() {
    let scratch = Scratch::new();
    let (untidy, tidy) = (scratch.join("untidy.json"), scratch.join("tidy.json"));
    fs::write(&untidy, UNTIDY).unwrap();
    fs::write(&tidy, TIDY).unwrap();
    let before = fs::metadata(&tidy).unwrap().modified().unwrap();
    let run = qapi(["fmt".as_ref(), untidy.as_os_str(), tidy.as_os_str()]);
    assert_eq!(run.to_string(), "status: 0");
    assert_eq!(fs::read_to_string(&untidy).unwrap(), TIDY);
    assert_eq!(fs::metadata(&tidy).unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let run = qapi_with_input(&["fmt", "-"], UNTIDY);
    assert_eq!(run.to_string(), format!("status: 0\n---- stdout\n{TIDY}"));
}

#[test]
fn check_prints_a_patch_and_writes_nothing() {
    let scratch = Scratch::new();
    let untidy = scratch.join("untidy.json");
    fs::write(&untidy, UNTIDY).unwrap();
    let run = qapi(["fmt".as_ref(), "--check".as_ref(), untidy.as_os_str()]);
    assert_eq!(fs::read_to_string(&untidy).unwrap(), UNTIDY);
    let transcript = run.to_string();
    insta::assert_snapshot!(transcript.replace(untidy.to_str().unwrap(), "untidy.json"));
    let run = qapi_with_input(&["fmt", "--check", "-"], TIDY);
    assert_eq!(run.to_string(), "status: 0");
    let run = qapi_with_input(&["fmt", "--check", "-q", "-"], UNTIDY);
    assert_eq!(run.to_string(), "status: 1");
}

#[test]
fn line_ends_count_as_a_change() {
    let run = qapi_with_input(&["fmt", "--check", "-q", "-"], &TIDY.replace('\n', "\r\n"));
    assert_eq!(run.status, 1);
}

#[test]
fn broken_files_are_left_alone_and_the_others_formatted() {
    let scratch = Scratch::new();
    let (broken, untidy) = (scratch.join("broken.json"), scratch.join("untidy.json"));
    fs::write(&broken, "{ 'event' 'A' }").unwrap();
    fs::write(&untidy, UNTIDY).unwrap();
    let run = qapi([
        "fmt".as_ref(),
        "--message-format=short".as_ref(),
        broken.as_os_str(),
        untidy.as_os_str(),
    ]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    let place = format!("{}:1:11: error[SYN-COLON]: ", broken.display());
    assert!(run.stderr.starts_with(&place), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&broken).unwrap(), "{ 'event' 'A' }");
    assert_eq!(fs::read_to_string(&untidy).unwrap(), TIDY);
}

#[test]
fn unreadable_file_is_a_failure() {
    let run = qapi(["fmt", "--message-format=short", "no-such-file.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr
            .starts_with("no-such-file.json: error[FILE-READ]: "),
        "{}",
        run.stderr
    );
}

#[test]
fn dialects_differ_in_what_they_repair() {
    let old = "{ 'type': 'Ab' 'data': { } }";
    let run = qapi_with_input(&["fmt", "-"], old);
    assert_eq!(run.stdout, "{ 'type': 'Ab', 'data': {} }\n");
    let run = qapi_with_input(&["fmt", "--dialect", "strict", "-"], old);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let scratch = Scratch::new();
    let (target, link) = (scratch.join("target.json"), scratch.join("link.json"));
    fs::write(&target, UNTIDY).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&target, &link).unwrap();
    assert_eq!(qapi(["fmt".as_ref(), link.as_os_str()]).status, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap(), TIDY);
    let mode = fs::metadata(&target).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}
