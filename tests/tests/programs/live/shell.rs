//! `qapi shell` on real servers, from a script and from a terminal.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use qapi_runtime::server::Stop;
use qapi_runtime::testing::{Expect, MockServer, Script};
use qapi_runtime::{Any, Object};
use qapi_tests::Scratch;
use qapi_tests::qmp_server::QmpServer;
use qapi_tests::raw::Agent;
use qapi_tests::{corpus, feed, peer};

/// Runs the shell with these lines as its input.
fn shell(options: &[&str], socket: &Path, lines: &str) -> Output {
    let mut command = Command::new(peer::qapi());
    command.arg("shell").args(options).arg(socket);
    feed(&mut command, lines)
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("it prints text")
}

#[test]
fn a_script_talks_to_a_machine() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let script = r#"
# What it takes is JSON without quotes, on as many lines as it likes.
blockdev-add driver=null-co node-name=n0 size=4096
object-add {"qom-type": "iothread",
            "id": "thread0"}
qom-list path='/objects'
stop
{"execute": "query-status", "id": 7}
help job-cancel
help blockdev-set-io-throttle
no-such-command a=1
qom-list path=/objects more=[
]
qom-list path=1
help blockdev-add driver=null-co
exit
query-version
"#;
    let output = shell(&["--compact"], &server.socket(), script);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let expected = [
        "{}",
        "{}",
        "[{\"name\":\"type\",\"type\":\"string\"},{\"name\":\"thread0\",\"type\":\"child<iothread>\"}]",
        "{}",
        "{\"status\":\"paused\",\"singlestep\":false,\"running\":false}",
        "job-cancel:",
        "  id: string",
    ];
    let printed: Vec<&str> = text(&output.stdout).lines().collect();
    let (printed, of_branch) = printed.split_at(expected.len());
    assert_eq!(printed, expected);
    assert_eq!(of_branch[0], "blockdev-add:");
    let argument = |name: &str| {
        of_branch
            .iter()
            .any(|line| line.starts_with(&format!("  {name}: ")))
    };
    assert!(
        argument("node-name") && argument("latency-ns"),
        "{of_branch:?}"
    );
    assert!(
        !argument("file"),
        "it belongs to other branches: {of_branch:?}"
    );
    let told = text(&output.stderr).lines().collect::<Vec<_>>();
    assert_eq!(told[0], "event: STOP {}");
    assert_eq!(
        told[1],
        "error: the server has no command `blockdev-set-io-throttle`"
    );
    assert!(told[2].starts_with("error: CommandNotFound: "), "{told:?}");
    assert!(told[3].starts_with("error: GenericError: "), "{told:?}");
    // A number is the name of a file where a string is wanted.
    assert!(told[4].starts_with("error: DeviceNotFound: "), "{told:?}");
    assert_eq!(told.len(), 5, "{told:?}");
}

#[test]
fn a_clean_script_is_a_success_and_a_lost_server_is_not() {
    let Some(server) = QmpServer::storage_daemon() else {
        return;
    };
    let output = shell(&[], &server.socket(), "query-version\n");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = shell(
        &[],
        &server.socket(),
        "quit\nquery-version\nquery-version\n",
    );
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output.stderr).contains("the connection was closed"),
        "{output:?}"
    );
}

#[test]
fn agents_are_talked_to_with_the_help_of_a_schema() {
    let theirs = peer::qemu_ga();
    for program in theirs.into_iter().chain([peer::qapi_agent()]) {
        let agent = Agent::start(&program);
        let schema = corpus::guest_agent("2.5");
        let options = ["--guest", "--compact", "--schema", schema.to_str().unwrap()];
        let script =
            "guest-ping\nhelp guest-file-open guest-ping\nguest-file-open path=/dev/null mode=r\n";
        let output = shell(&options, &agent.socket(), script);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let printed: Vec<&str> = text(&output.stdout).lines().collect();
        let expected = [
            "{}",
            "guest-file-open:",
            "  path: string",
            "  mode: string, optional",
            "guest-ping: takes no arguments",
        ];
        assert_eq!(printed[..5], expected);
        assert!(printed[5].parse::<i64>().is_ok(), "{printed:?}");
    }
}

#[test]
fn a_terminal_completes_what_is_typed() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let state = Scratch::new();
    let mut terminal = Terminal::open(&server.socket(), state.path());
    for (expected, typed) in [
        ("qmp> ", "query-vers\t\r"),
        ("\"major\": 7", ""),
        ("qmp> ", "object-add qom-type=iothre\tid=x\r"),
        ("{}", ""),
        ("qmp> ", "set_password proto\tv\t"),
        ("protocol=vnc", "\u{3}"),
        ("qmp> ", "blockdev-add driver=null-co laten\t\u{3}"),
        ("latency-ns=", ""),
        ("qmp> ", "help query-vers\t\r"),
        ("query-version: takes no arguments", ""),
        ("qmp> ", "blockdev-add {\"driver\": \"null-a\t\u{3}"),
        ("null-aio\"", ""),
        ("qmp> ", "set_password protocol=vnc password=geheim\r"),
        ("rror", ""),
        ("qmp> ", "exi"),
        ("exi", "t\r"),
    ] {
        terminal.screen.wait_for(expected);
        terminal.type_in(typed);
    }
    assert_eq!(terminal.end(), Some(0));
    let history = state.path().join("qapi/shell-history");
    let kept = std::fs::read_to_string(&history).expect("it was written");
    let kept: Vec<&str> = kept.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        kept,
        [
            "query-version",
            "object-add qom-type=iothread id=x",
            "help query-version",
            "exit"
        ]
    );
    let mode = std::fs::metadata(&history)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600, "it is its owner's only");
    let objects = shell(&["--compact"], &server.socket(), "query-iothreads\n");
    assert!(
        text(&objects.stdout).contains("\"id\":\"x\""),
        "{objects:?}"
    );
}

#[test]
fn a_terminal_shows_events_during_typing() {
    let status = Object::from([("running", Any::from(true))]);
    let script = Script::by_name([Expect::command("query-status").replies(&status)]);
    let events = script.events().clone();
    let server = MockServer::qmp(script);
    let scratch = Scratch::new();
    let socket = scratch.path().join("qmp");
    let listener = UnixListener::bind(&socket).expect("the place is free");
    let stop = Stop::new();
    std::thread::scope(|scope| {
        scope.spawn(|| server.listen(&listener, &stop));
        let mut terminal = Terminal::open(&socket, scratch.path());
        terminal.screen.wait_for("qmp> ");
        terminal.type_in("query-st");
        terminal.screen.wait_for("query-st");
        assert_eq!(events.emit("WAKEUP", &()), 1);
        terminal.screen.wait_for("event: WAKEUP {}\r\n");
        // What was being typed comes again below.
        terminal.screen.wait_for("query-st");
        terminal.type_in("atus\r");
        terminal.screen.wait_for("\"running\": true");
        terminal.screen.wait_for("qmp> ");
        events.emit(
            "STEERS",
            &Object::from([("a\u{1b}[2J", Any::from("\u{9b}"))]),
        );
        terminal
            .screen
            .wait_for("event: STEERS {\"a\\u001b[2J\":\"\\u009b\"}\r\n");
        stop.abort();
        terminal.screen.wait_for("error");
        terminal.screen.wait_for("closed");
        terminal.type_in("query-status\r");
        assert_eq!(terminal.end(), Some(2));
    });
}

/// A shell on a terminal.
struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: Screen,
}

impl Terminal {
    /// Starts a shell that keeps its history below `state`.
    fn open(socket: &Path, state: &Path) -> Self {
        // `script` gives the shell a terminal and passes on what is typed.
        let mut script = Command::new("script");
        let line = format!("{} shell {}", peer::qapi().display(), socket.display());
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        let mut child = script
            .env("TERM", "xterm")
            .env("XDG_STATE_HOME", state)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is `script`");
        let keyboard = child.stdin.take().expect("it is piped");
        let screen = Screen {
            output: child.stdout.take().expect("it is piped"),
            shown: Vec::new(),
            seen: 0,
        };
        Self {
            child,
            keyboard,
            screen,
        }
    }

    fn type_in(&mut self, text: &str) {
        self.keyboard
            .write_all(text.as_bytes())
            .expect("somebody reads");
    }

    /// Waits for the end of the shell; its status.
    fn end(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

/// Text on a terminal.
struct Screen {
    output: ChildStdout,
    shown: Vec<u8>,
    /// So much of it has been looked at.
    seen: usize,
}

impl Screen {
    /// Waits until a text is shown after all that was waited for before.
    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        loop {
            let rest = &self.shown[self.seen..];
            let place = rest
                .windows(text.len())
                .position(|it| it == text.as_bytes());
            if let Some(place) = place {
                self.seen += place + text.len();
                return;
            }
            let length = self.output.read(&mut buffer).expect("it can be read");
            let shown = String::from_utf8_lossy(&self.shown);
            assert!(length > 0, "no `{text}` in:\n{shown}");
            self.shown.extend_from_slice(&buffer[..length]);
        }
    }
}
