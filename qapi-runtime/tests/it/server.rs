//! Command tables, dispatch and sessions.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use qapi_runtime::wire::Document;
use qapi_runtime::{
    CommandInfo, CommandTable, Dispatcher, Error, Members, Outcome, Service, Session, Writer, serve,
};

use crate::demo::{COMMANDS, Demo};
use crate::{dispatcher, generic, replies, text};

fn not_found(desc: &str) -> String {
    format!("{{\"error\": {{\"class\": \"CommandNotFound\", \"desc\": \"{desc}\"}}}}\n")
}

/// The answer of `dispatcher` to one request.
fn answer<S: Service>(dispatcher: &Dispatcher<S>, request: &str) -> String {
    let mut out = Vec::new();
    dispatcher.respond(&Document::parse(request.as_bytes()).unwrap(), &mut out);
    text(&out)
}

#[test]
fn disabled_commands_say_why() {
    let dispatcher = dispatcher();
    let table = dispatcher.table();
    let ping = r#"{"execute":"guest-ping","arguments":{"unexpected":1}}"#;
    assert!(table.disable("guest-ping", "the command is not allowed"));
    assert_eq!(
        answer(&dispatcher, ping),
        not_found("Command guest-ping has been disabled: the command is not allowed")
    );
    assert!(table.disable("guest-ping", ""));
    assert_eq!(
        answer(&dispatcher, ping),
        not_found("Command guest-ping has been disabled")
    );
    assert!(!table.is_enabled("guest-ping") && table.is_enabled("guest-sync"));
    assert!(table.enable("guest-ping"));
    assert_eq!(
        answer(&dispatcher, ping),
        generic("Parameter 'unexpected' is unexpected")
    );
    assert!(
        !table.disable("guest-none", "x")
            && !table.enable("guest-none")
            && !table.is_enabled("guest-none")
    );
}

#[test]
fn tables_list_commands_in_schema_order() {
    let table = CommandTable::new(COMMANDS);
    table.disable("guest-exec", "no");
    let listed: Vec<(&str, bool)> = table
        .iter()
        .map(|(command, enabled)| (command.name, enabled))
        .collect();
    let expected: Vec<(&str, bool)> = COMMANDS
        .iter()
        .map(|command| (command.name, command.name != "guest-exec"))
        .collect();
    assert_eq!(listed, expected);
    for (index, command) in COMMANDS.iter().enumerate() {
        assert_eq!(table.find(command.name), Some(index));
    }
}

#[test]
fn tables_change_while_they_are_read() {
    let table = CommandTable::new(COMMANDS);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..1000 {
                table.disable("guest-ping", if round % 2 == 0 { "even" } else { "odd" });
                table.enable("guest-ping");
            }
        });
        for _ in 0..1000 {
            if let Err(error) = table.look_up("guest-ping") {
                assert!(
                    error.desc.ends_with(": even") || error.desc.ends_with(": odd"),
                    "{error}"
                );
            }
        }
    });
}

#[test]
#[should_panic(expected = "made from the commands of the service")]
fn a_foreign_table_is_refused() {
    let table = CommandTable::new(&COMMANDS[1..]);
    let _ = Dispatcher::new(Demo, Arc::new(table));
}

#[test]
fn envelopes_are_checked_before_commands_and_commands_before_arguments() {
    assert_eq!(
        replies(r#"{"execute":"nope","arguments":[]}"#)
            .matches("must be an object")
            .count(),
        1
    );
    assert_eq!(
        replies(r#"{"arguments":{},"execute":"nope"}"#),
        not_found("The command nope has not been found")
    );
    assert_eq!(
        replies(r#"{"execute":1,"arguments":1}"#),
        generic("QMP input member 'execute' must be a string")
    );
    assert_eq!(
        replies(r#"{"arguments":1,"execute":1}"#),
        generic("QMP input member 'arguments' must be an object")
    );
    assert_eq!(
        replies(r#"{"control":{}}"#),
        generic("QMP input member 'control' is unexpected")
    );
}

#[test]
fn silent_commands_answer_errors_only() {
    let shutdown = |arguments: &str| {
        format!(r#"{{"execute":"guest-shutdown","arguments":{arguments},"id":1}}"#)
    };
    assert_eq!(replies(shutdown("{}")), "");
    assert_eq!(
        replies(shutdown(r#"{"mode":"bogus"}"#)),
        generic("no such mode").replacen('{', "{\"id\": 1, ", 1)
    );
    assert!(replies(shutdown(r#"{"x":1}"#)).contains("'x' is unexpected"));
}

#[test]
fn ids_are_echoed_whole() {
    let id = r#"{"a": [1, -2, 3.5, "\u00E9", null, true], "b": {}}"#;
    assert_eq!(
        replies(format!(r#"{{"id":{id},"execute":"guest-ping"}}"#)),
        format!("{{\"return\": {{}}, \"id\": {id}}}\n")
    );
    assert_eq!(
        replies(format!(r#"{{"id":{id},"execute":"nope"}}"#)),
        not_found("The command nope has not been found").replacen(
            '{',
            &format!("{{\"id\": {id}, "),
            1
        )
    );
}

#[test]
fn the_sentinel_precedes_successful_replies_only() {
    let sync = |arguments: &str| {
        format!(r#"{{"execute":"guest-sync-delimited","arguments":{arguments}}}"#)
    };
    assert_eq!(replies(sync(r#"{"id":1}"#)), "\u{FF}{\"return\": 1}\n");
    assert_eq!(
        replies(sync(r#"{"id":"1"}"#) + &sync(r#"{"id":2}"#)),
        generic("Invalid parameter type for 'id', expected: integer") + "\u{FF}{\"return\": 2}\n"
    );
    let without = Dispatcher::new(Demo, Arc::new(CommandTable::new(COMMANDS)));
    assert_eq!(answer(&without, &sync(r#"{"id":1}"#)), "{\"return\": 1}\n");
}

#[test]
fn out_of_band_is_for_commands_that_allow_it() {
    let with = Dispatcher::new(Demo, Arc::new(CommandTable::new(COMMANDS))).with_oob();
    assert_eq!(
        answer(&with, r#"{"exec-oob":"echo","arguments":{"a":1}}"#),
        "{\"return\": {\"a\": 1}}\n"
    );
    assert_eq!(
        answer(&with, r#"{"exec-oob":"guest-ping"}"#),
        generic("The command guest-ping does not support OOB")
    );
    assert_eq!(
        answer(&with, r#"{"exec-oob":1}"#),
        generic("QMP input member 'exec-oob' must be a string")
    );
    assert_eq!(
        answer(&with, r#"{"exec-oob":"echo","execute":"echo"}"#),
        generic("QMP input member 'execute' clashes with 'exec-oob'")
    );
    assert_eq!(
        replies(r#"{"exec-oob":"echo"}"#),
        generic("QMP input member 'exec-oob' is unexpected")
    );
}

#[test]
fn numbers_that_json_lacks_are_answered_with_an_error() {
    let reply = replies(r#"{"execute":"infinity"}{"execute":"guest-ping"}"#);
    let reason = "the reply cannot be written: a number is infinite or not a number, which JSON cannot express";
    assert_eq!(reply, generic(reason) + "{\"return\": {}}\n");
}

/// Writes half a reply, then fails.
struct Clumsy;

impl Service for Clumsy {
    fn commands(&self) -> &'static [CommandInfo] {
        const { &[CommandInfo::new("fail")] }
    }

    fn call(&self, _: usize, _: Members<'_>, reply: &mut Writer) -> Result<Outcome, Error> {
        reply.value(&vec![f64::NAN]);
        Err(Error::not_implemented("fail"))
    }
}

#[test]
fn output_of_a_failed_command_is_dropped() {
    let dispatcher = Dispatcher::new(Clumsy, Arc::new(CommandTable::new(Clumsy.commands())));
    assert_eq!(
        answer(&dispatcher, r#"{"execute":"fail"}"#),
        not_found("Command fail has been disabled: not implemented")
    );
}

#[test]
fn a_new_client_gets_nothing_of_the_old_one() {
    let dispatcher = dispatcher();
    let mut session = Session::new();
    session.feed(
        b"{\"execute\":\"guest-ping\"}{\"execute\":\"guest-sync\",\"argu",
        &dispatcher,
    );
    assert!(!session.is_idle() && !session.output().is_empty());
    session.reset();
    assert!(session.is_idle());
    session.feed(b"{\"execute\":\"guest-ping\"}", &dispatcher);
    assert_eq!(text(session.output()), "{\"return\": {}}\n");
}

#[test]
fn output_is_bounded_when_taken_piece_by_piece() {
    let dispatcher = dispatcher();
    let request = r#"{"execute":"guest-file-read","arguments":{"handle":1,"count":300000}}"#;
    let input = request.repeat(50);
    let mut session = Session::new();
    let mut rest = input.as_bytes();
    let mut total = 0;
    while !rest.is_empty() {
        session.feed_some(&mut rest, &dispatcher);
        let output = std::mem::take(session.output());
        assert!(output.len() < 1 << 20, "{}", output.len());
        total += output.len();
    }
    assert!(total > 50 * 300_000);
}

#[test]
fn serving_ends_with_the_client() {
    let (client, server) = UnixStream::pair().unwrap();
    let thread = thread::spawn(move || serve(&dispatcher(), server));
    let mut client = client;
    client.write_all(b"{\"execute\":\"guest-ping\"}\n").unwrap();
    let mut reply = [0; 15];
    client.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"{\"return\": {}}\n");
    drop(client);
    thread.join().unwrap().unwrap();
}

#[test]
fn serving_survives_a_client_that_does_not_read() {
    let (mut client, server) = UnixStream::pair().unwrap();
    client
        .write_all("{\"execute\":\"guest-ping\"}\n".repeat(100).as_bytes())
        .unwrap();
    let server_copy = server.try_clone().unwrap();
    let thread = thread::spawn(move || serve(&dispatcher(), server));
    // Closing with answers unread resets the connection.
    while server_copy.peer_addr().is_ok() && !answers_wait(&client) {
        thread::sleep(Duration::from_millis(5));
    }
    drop(client);
    thread.join().unwrap().unwrap();
}

/// Returns true if something can be read.
fn answers_wait(client: &UnixStream) -> bool {
    client
        .set_read_timeout(Some(Duration::from_millis(5)))
        .unwrap();
    let mut byte = [0];
    (&mut &*client).read(&mut byte).is_ok()
}

/// A stream that fails as told.
struct Broken(ErrorKind);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn broken_connections_are_ends_and_other_failures_are_errors() {
    for kind in [
        ErrorKind::ConnectionReset,
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionAborted,
    ] {
        serve(&dispatcher(), Broken(kind)).unwrap();
    }
    let error = serve(&dispatcher(), Broken(ErrorKind::PermissionDenied)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}
