//! Programs with all kinds of exits.

use std::sync::LazyLock;

use super::*;
use crate::platform::sys;

static EXITS: LazyLock<ChildExits> = LazyLock::new(ChildExits::default);

fn shell(script: &str) -> String {
    let arguments = ["-c", script];
    let helper = Helper::new("sh", &arguments, &EXITS);
    let result = sys::quickly_in_turn(|| helper.run("try"));
    result.map_or_else(|failure| failure.to_string(), |()| "success".to_owned())
}

#[test]
fn errors_tell_output_exit_code_or_signal() {
    assert_eq!(shell("echo ignored; exit 0"), "success");
    assert_eq!(
        shell("exit 7"),
        "child process has failed to try: exit status 7"
    );
    assert_eq!(
        shell("echo no; echo never >&2; exit 1"),
        "child process has failed to try: no\nnever\n"
    );
    assert_eq!(
        shell("kill -9 $$"),
        "child process has terminated abnormally"
    );
    assert_eq!(
        shell("echo x; kill -9 $$"),
        "child process has terminated abnormally: x\n"
    );
}

#[test]
fn one_whose_end_is_never_seen_is_given_up() {
    let _turn = crate::platform::sys::turn_with_children();
    let program = Program::auxiliary(c"/bin/true".to_owned(), vec![c"true".to_owned()]);
    let start = || spawn::spawn(&program).map(|child| (child.pid, child));
    let (pid, child) = EXITS.start(start).unwrap();
    // Without a notice of its end, it looks like a process that hangs in the kernel.
    while sys::reap_child(pid).unwrap().is_none() {}
    let ending = HelperRun::new(child, &[], &EXITS).kill(Duration::from_millis(200));
    assert!(matches!(ending, Ending::TimedOut));
}

#[test]
fn what_cannot_be_executed_is_named() {
    let _turn = crate::platform::sys::turn_with_children();
    let error = Helper::new("/nonexistent/x", &[], &EXITS)
        .run("try")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "child process has failed to try: failed to exec '/nonexistent/x': No such file or \
         directory\n"
    );
    let error = Helper::new("no such program", &[], &EXITS)
        .run("try")
        .unwrap_err();
    assert!(
        error.to_string().contains("exec 'no such program': No"),
        "{error}"
    );
}

#[test]
fn input_is_given_in_full_and_is_empty_otherwise() {
    let _turn = crate::platform::sys::turn_with_children();
    let input = vec![b'x'; 300_000];
    let count = Helper {
        input: Some(&input),
        ..Helper::new("sh", &["-c", "wc -c; exit 1"], &EXITS)
    };
    let text = count.run("try").unwrap_err().to_string();
    assert!(text.ends_with(": 300000\n"), "{text}");
    let link = Helper::new("sh", &["-c", "readlink /proc/self/fd/0; exit 1"], &EXITS);
    let text = link.run("try").unwrap_err().to_string();
    assert!(text.ends_with(": /dev/null\n"), "{text}");
    let deaf = Helper {
        input: Some(&input),
        ..Helper::new("sh", &["-c", "exit 0"], &EXITS)
    };
    assert_eq!(
        deaf.run("try").unwrap_err().to_string(),
        "try: cannot write to stdin pipe: Broken pipe"
    );
}

#[test]
fn it_leads_a_session_of_its_own() {
    assert_eq!(
        shell("[ \"$(cut -d' ' -f6 /proc/$$/stat)\" = $$ ]"),
        "success"
    );
}

#[test]
fn too_much_output_is_read_but_not_kept() {
    let text = shell("head -c 1000000 /dev/zero | tr '\\0' y; exit 1");
    assert!(text.len() < OUTPUT_LIMIT + 100, "{}", text.len());
    let told = format!(
        "y\n[{} more bytes of output were dropped]",
        1_000_000 - OUTPUT_LIMIT
    );
    assert!(text.ends_with(&told), "{}", &text[text.len() - 60..]);
}

#[test]
fn a_background_process_with_the_output_is_not_waited_for() {
    assert_eq!(shell("sleep 90 & exit 0"), "success");
}

#[test]
fn the_ceiling_ends_it() {
    let slow = Helper {
        ceiling: Duration::from_millis(200),
        ..Helper::new("sh", &["-c", "sleep 90; exit 0"], &EXITS)
    };
    let error = sys::quickly_in_turn(|| slow.run("try").unwrap_err().to_string());
    assert!(error.contains("longer than 0.2 seconds"), "{error}");
}
