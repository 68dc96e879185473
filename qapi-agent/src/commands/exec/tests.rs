//! Programs, from their start to the last status.

use std::thread::sleep;

use nix::poll::{PollFd, PollTimeout, poll};

use super::*;

use crate::platform::sys::turn_with_children as turn;

const SMALL: Limits = Limits {
    grace: Duration::from_millis(300),
    ..Limits::DEFAULT
};

fn shell(script: &str) -> ExecRequest {
    ExecRequest {
        path: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        capture: Capture::Separated,
        ..ExecRequest::default()
    }
}

/// One round of what the event loop does.
fn turn_loop(children: &mut Children) {
    let mut descriptors: Vec<_> = children
        .watched()
        .map(|(descriptor, events)| PollFd::new(descriptor, events))
        .collect();
    poll(&mut descriptors, PollTimeout::from(10_u8)).unwrap();
    let ready: Vec<_> = descriptors
        .iter()
        .enumerate()
        .filter_map(|(index, descriptor)| descriptor.any().unwrap().then_some(index))
        .collect();
    children.transfer(ready);
    children.reap();
}

/// Polls as a client does, for ten seconds at most.
fn wait(children: &mut Children, pid: i64) -> (Exit, Captured, Captured) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        turn_loop(children);
        if let Status::Ended {
            exit,
            output,
            errors,
        } = children.status(pid).unwrap()
        {
            return (exit, output, errors);
        }
    }
    panic!("the program did not end");
}

fn run(request: &ExecRequest) -> (Exit, Captured, Captured) {
    let mut children = Children::new(SMALL);
    let pid = children.start(request).unwrap();
    let result = wait(&mut children, pid);
    assert_eq!(children.held, 0, "all memory is accounted for");
    result
}

fn output(request: &ExecRequest) -> String {
    let (exit, output, _) = run(request);
    assert_eq!(exit, Exit::Code(0));
    String::from_utf8(output.data).unwrap()
}

#[test]
fn exit_code_output_and_errors_are_kept_apart() {
    let _turn = turn();
    let (exit, output, errors) = run(&shell("printf '\\0\\377out'; echo err >&2; exit 3"));
    assert_eq!(exit, Exit::Code(3));
    assert_eq!(
        output,
        Captured {
            data: b"\0\xffout".to_vec(),
            truncated: false
        }
    );
    assert_eq!(
        errors,
        Captured {
            data: b"err\n".to_vec(),
            truncated: false
        }
    );
}

#[test]
fn signals_are_told_by_number_real_time_ones_too() {
    let _turn = turn();
    for signal in [9, 11, 34, 64] {
        let (exit, output, _) = run(&shell(&format!("kill -{signal} $$")));
        assert_eq!((exit, output), (Exit::Signal(signal), Captured::default()));
    }
}

#[test]
fn the_answer_is_given_once() {
    let _turn = turn();
    let mut children = Children::new(SMALL);
    let pid = children.start(&shell("true")).unwrap();
    wait(&mut children, pid);
    let error = children.status(pid).unwrap_err().to_string();
    assert_eq!(error, format!("PID {pid} does not exist"));
    for pid in [0, 1, -1, i64::MAX, i64::MIN] {
        let error = children.status(pid).unwrap_err().to_string();
        assert_eq!(error, format!("PID {pid} does not exist"));
    }
}

#[test]
fn failure_to_start_is_told_at_once() {
    let _turn = turn();
    let mut children = Children::new(SMALL);
    for (path, reason) in [
        ("/nonexistent/program", "No such file or directory"),
        ("no-program-of-this-name", "No such file or directory"),
        ("", "No such file or directory"),
        ("/tmp", "Permission denied"),
        ("/etc/passwd", "Permission denied"),
        ("/etc/passwd/x", "Not a directory"),
    ] {
        let request = ExecRequest {
            path: path.to_owned(),
            capture: Capture::Separated,
            ..ExecRequest::default()
        };
        let error = children.start(&request).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("Failed to execute child process “{path}” ({reason})")
        );
    }
    assert_eq!((children.records.len(), children.transfers.len()), (0, 0));
}

#[test]
fn strings_with_nul_are_refused() {
    let mut children = Children::new(SMALL);
    let nul = || "a\0b".to_owned();
    let requests = [
        (
            ExecRequest {
                path: nul(),
                ..ExecRequest::default()
            },
            "the path of a program",
        ),
        (
            ExecRequest {
                arguments: vec![nul()],
                ..shell("")
            },
            "an argument of a program",
        ),
        (
            ExecRequest {
                environment: Some(vec![nul()]),
                ..shell("")
            },
            "an environment entry",
        ),
    ];
    for (request, what) in requests {
        let error = children.start(&request).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("{what} must not contain the character U+0000")
        );
    }
}

#[test]
fn environment_is_replaced_as_it_is() {
    let _turn = turn();
    let with = |environment: &[&str]| ExecRequest {
        path: "/usr/bin/env".to_owned(),
        environment: Some(environment.iter().map(|&entry| entry.to_owned()).collect()),
        capture: Capture::Separated,
        ..ExecRequest::default()
    };
    assert_eq!(
        output(&with(&["A=1", "NOEQ", "B=two words"])),
        "A=1\nNOEQ\nB=two words\n"
    );
    assert_eq!(output(&with(&[])), "");
    let inherited = output(&ExecRequest {
        environment: None,
        ..with(&[])
    });
    assert!(
        inherited.lines().any(|line| line.starts_with("PATH=")),
        "{inherited}"
    );
}

#[test]
fn a_bare_name_is_searched_in_the_given_path_or_the_agents() {
    let _turn = turn();
    let directory = std::env::temp_dir().join(format!("qapi-agent-exec-{}", std::process::id()));
    std::fs::create_dir_all(directory.join("denied")).unwrap();
    std::fs::write(directory.join("denied/mycmd"), "").unwrap();
    let script = directory.join("mycmd");
    std::fs::write(&script, "echo ran $0 $1\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    let place = directory.to_str().unwrap();
    let search = |path: String| ExecRequest {
        path: "mycmd".to_owned(),
        arguments: vec!["x".to_owned()],
        environment: Some(vec![path]),
        capture: Capture::Separated,
        ..ExecRequest::default()
    };
    let found = search(format!("PATH={place}/missing:{place}/denied:{place}"));
    assert_eq!(
        output(&found),
        format!("ran {place}/mycmd x\n"),
        "a script without interpreter"
    );

    let mut children = Children::new(SMALL);
    let denied = children
        .start(&search(format!("PATH={place}/denied:/")))
        .unwrap_err();
    assert!(
        denied.to_string().ends_with("(Permission denied)"),
        "{denied}"
    );
    let missing = children.start(&search("PATH=/".to_owned())).unwrap_err();
    assert!(
        missing.to_string().ends_with("(No such file or directory)"),
        "{missing}"
    );
    std::fs::remove_dir_all(&directory).unwrap();

    // No PATH given: the agent's own is used.
    let echo = ExecRequest {
        environment: Some(vec!["A=1".to_owned()]),
        ..shell("echo found")
    };
    assert_eq!(output(&echo), "found\n");
}

#[test]
fn input_is_fed_whatever_its_size_and_then_ends() {
    let _turn = turn();
    let bytes: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
    let cat = |input: &[u8]| ExecRequest {
        path: "cat".to_owned(),
        input: Some(base64::encode(input)),
        capture: Capture::Separated,
        ..ExecRequest::default()
    };
    assert_eq!(run(&cat(&bytes)).1.data, bytes);
    assert_eq!(run(&cat(b"")).1.data, b"");
    let refused = ExecRequest {
        input: Some("!!".to_owned()),
        ..cat(b"")
    };
    let error = Children::new(SMALL).start(&refused).unwrap_err();
    assert_eq!(error.to_string(), "Base64 data contains invalid characters");
}

#[test]
fn input_nobody_reads_is_dropped() {
    let _turn = turn();
    let request = ExecRequest {
        input: Some(base64::encode(&vec![0; 3 << 20])),
        ..shell("exec 0<&-; echo done")
    };
    assert_eq!(output(&request), "done\n");
}

#[test]
fn without_input_and_capture_the_streams_are_the_null_device() {
    let _turn = turn();
    let place = "readlink /proc/self/fd/0";
    assert_eq!(output(&shell(place)), "/dev/null\n");
    let quiet = ExecRequest {
        capture: Capture::None,
        ..shell("echo x; echo y >&2")
    };
    assert_eq!(
        run(&quiet),
        (Exit::Code(0), Captured::default(), Captured::default())
    );
}

#[test]
fn a_child_has_no_blocked_signals_and_a_deadly_sigpipe() {
    let _turn = turn();
    let signals = "exec grep -E '^Sig(Blk|Ign)' /proc/self/status";
    let text = output(&shell(signals));
    let mask = |name| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        u64::from_str_radix(line.rsplit('\t').next().unwrap(), 16).unwrap()
    };
    assert_eq!(mask("SigBlk"), 0);
    assert_eq!(mask("SigIgn") & 1 << (nix::libc::SIGPIPE - 1), 0);
}

#[test]
fn output_beyond_the_limit_is_dropped_and_said_so() {
    let _turn = turn();
    let limits = Limits {
        stream: 100_000,
        ..SMALL
    };
    let mut children = Children::new(limits);
    let script = "head -c 100000 /dev/zero; head -c 100001 /dev/zero >&2";
    let pid = children.start(&shell(script)).unwrap();
    let (exit, output, errors) = wait(&mut children, pid);
    assert_eq!(exit, Exit::Code(0));
    assert_eq!((output.data.len(), output.truncated), (100_000, false));
    assert_eq!((errors.data.len(), errors.truncated), (100_000, true));
}

#[test]
fn a_background_process_with_the_stream_delays_the_end_by_the_grace_time_only() {
    let _turn = turn();
    let mut children = Children::new(SMALL);
    let script = "(sleep 3; echo late) & echo started";
    let before = Instant::now();
    let pid = children.start(&shell(script)).unwrap();
    sleep(Duration::from_millis(100));
    turn_loop(&mut children);
    assert_eq!(children.status(pid).unwrap(), Status::Running);
    let (exit, output, _) = wait(&mut children, pid);
    assert!(
        (300..2900).contains(&before.elapsed().as_millis()),
        "{:?}",
        before.elapsed()
    );
    assert_eq!(
        (exit, output.data.as_slice()),
        (Exit::Code(0), &b"started\n"[..])
    );
    assert_eq!(
        children.transfers.len(),
        2,
        "the background process can still write"
    );
    while !children.transfers.is_empty() {
        assert!(before.elapsed() < Duration::from_secs(60));
        turn_loop(&mut children);
    }
    assert_eq!(children.held, 0);
}

#[test]
fn only_so_many_streams_of_background_processes_are_drained() {
    let _turn = turn();
    let mut children = Children::new(Limits {
        orphans: 2,
        grace: Duration::ZERO,
        ..Limits::DEFAULT
    });
    for _ in 0..3 {
        let pid = children.start(&shell("sleep 20 &")).unwrap();
        wait(&mut children, pid);
    }
    assert_eq!(children.transfers.len(), 2);
}

#[test]
fn output_that_is_never_asked_for_is_bounded() {
    let _turn = turn();
    let limits = Limits {
        stream: 1000,
        total: 3000,
        ended: 4,
        age: Duration::from_secs(60),
        protected_age: Duration::ZERO,
        ..SMALL
    };
    let mut children = Children::new(limits);
    let mut pids = Vec::new();
    for _ in 0..8 {
        pids.push(children.start(&shell("head -c 5000 /dev/zero")).unwrap());
        let deadline = Instant::now() + Duration::from_secs(60);
        while children
            .records
            .values()
            .any(|record| record.ended.is_none())
            || !children.transfers.is_empty()
        {
            assert!(Instant::now() < deadline);
            turn_loop(&mut children);
        }
        assert!(children.held <= limits.total, "{}", children.held);
        assert!(children.records.len() <= limits.ended + 1);
    }
    let known = pids
        .iter()
        .filter(|&&pid| children.status(pid).is_ok())
        .count();
    assert!(
        (1..8).contains(&known),
        "the oldest are forgotten, the youngest is not: {known}"
    );
    assert!(children.by_pid.is_empty() && children.records.is_empty());
    assert_eq!(children.held, 0);
}

#[test]
fn old_output_gives_way_to_new_and_says_so() {
    let _turn = turn();
    // As the agent's limits, in small: 16 full streams and no room for a 17th.
    let limits = Limits {
        stream: 16 << 20,
        total: 32 << 20,
        protected_age: Duration::from_secs(60),
        ..Limits::DEFAULT
    };
    let mut children = Children::new(limits);
    let finish = |children: &mut Children| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while children
            .records
            .values()
            .any(|record| record.ended.is_none())
            || !children.transfers.is_empty()
        {
            assert!(Instant::now() < deadline);
            turn_loop(children);
        }
    };
    let mut pids = Vec::new();
    for _ in 0..2 {
        pids.push(
            children
                .start(&shell("head -c 17000000 /dev/zero"))
                .unwrap(),
        );
        finish(&mut children);
    }
    assert_eq!(children.held, limits.total);
    let new = children.start(&shell("echo hi; echo no >&2")).unwrap();
    finish(&mut children);
    assert!(children.held <= limits.total);
    let mut lost = Vec::new();
    let mut total = 0;
    for pid in [new, pids[0], pids[1]] {
        let Status::Ended { output, errors, .. } = children.status(pid).unwrap() else {
            panic!("{pid} runs");
        };
        total += output.data.len() + errors.data.len();
        lost.push((
            output.data.len(),
            output.truncated,
            errors.data.len(),
            errors.truncated,
        ));
    }
    assert_eq!(lost[0], (3, false, 3, false));
    // A portion of the oldest, and of the other only the bytes above the limit.
    assert_eq!(lost[1], (15 << 20, true, 0, false));
    assert_eq!(lost[2], (16 << 20, true, 0, false));
    assert!(total <= limits.total);
    assert_eq!(children.held, 0);
}

#[test]
fn old_answers_are_forgotten() {
    let _turn = turn();
    let mut children = Children::new(Limits {
        age: Duration::from_millis(50),
        ..SMALL
    });
    let old = children.start(&shell("true")).unwrap();
    sleep(Duration::from_millis(100));
    children.reap();
    sleep(Duration::from_millis(60));
    let new = children.start(&shell("true")).unwrap();
    if new != old {
        children.status(old).unwrap_err();
    }
    wait(&mut children, new);
}

#[test]
fn input_beyond_the_total_is_refused() {
    let _turn = turn();
    let mut children = Children::new(Limits {
        total: 1 << 20,
        ..SMALL
    });
    let request = |size| ExecRequest {
        input: Some(base64::encode(&vec![b'x'; size])),
        ..shell("sleep 0.2; cat >/dev/null")
    };
    let pid = children.start(&request(1 << 20)).unwrap();
    let error = children.start(&request(1 << 20)).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot hold 1048576 bytes of input: "),
        "{error}"
    );
    wait(&mut children, pid);
    let pid = children.start(&request(1 << 20)).unwrap();
    wait(&mut children, pid);
}

#[test]
fn each_mode_collects_what_it_names() {
    let _turn = turn();
    let script = "echo out; echo errors >&2; echo again";
    for (capture, output, errors) in [
        (Capture::None, "", ""),
        (Capture::Output, "out\nagain\n", ""),
        (Capture::Errors, "", "errors\n"),
        (Capture::Separated, "out\nagain\n", "errors\n"),
        (Capture::Merged, "out\nerrors\nagain\n", ""),
    ] {
        let request = ExecRequest {
            capture,
            ..shell(script)
        };
        let (exit, seen_output, seen_errors) = run(&request);
        assert_eq!(exit, Exit::Code(0));
        assert_eq!(seen_output.data, output.as_bytes(), "{capture:?}");
        assert_eq!(seen_errors.data, errors.as_bytes(), "{capture:?}");
    }
}
