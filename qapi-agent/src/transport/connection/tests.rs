//! A connection as clients see it.

use std::os::unix::net::UnixStream;
use std::sync::Arc;

use qapi_runtime::server::CommandTable;
use qapi_runtime::{CommandInfo, Error, Members, Outcome, Writer};

use super::*;

/// A service with a small and a huge answer.
struct SmallAndHuge;

static COMMANDS: &[CommandInfo] = &[CommandInfo::new("small"), CommandInfo::new("huge")];

const HUGE: usize = 2 << 20;

impl Service for SmallAndHuge {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(&self, index: usize, _: Members<'_>, reply: &mut Writer) -> Result<Outcome, Error> {
        reply.string(&"x".repeat([1, HUGE][index]));
        Ok(Outcome::Done)
    }
}

fn dispatcher() -> Dispatcher<SmallAndHuge> {
    Dispatcher::new(SmallAndHuge, Arc::new(CommandTable::new(COMMANDS)))
}

fn pair() -> (Connection<UnixStream>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    theirs.set_nonblocking(true).unwrap();
    (Connection::new(ours), theirs)
}

#[test]
fn requests_of_one_chunk_are_answered_together() {
    let (mut connection, mut client) = pair();
    let request = br#"{"execute":"small"}"#;
    client.write_all(&request.repeat(100)).unwrap();
    assert_eq!(connection.advance(&dispatcher()).unwrap(), Progress::Some);
    let mut answers = vec![0; 100_000];
    let length = client.read(&mut answers).unwrap();
    assert_eq!(
        &answers[..length],
        &b"{\"return\": \"x\"}\n".repeat(100)[..]
    );
    assert_eq!(connection.watched().unwrap().1, PollFlags::POLLIN);
}

#[test]
fn a_client_that_does_not_read_holds_up_its_own_requests_only() {
    let (mut connection, mut client) = pair();
    let dispatcher = dispatcher();
    client
        .write_all(&br#"{"execute":"huge"}"#.repeat(50))
        .unwrap();
    for _ in 0..20 {
        assert_ne!(connection.advance(&dispatcher).unwrap(), Progress::Gone);
        assert_eq!(connection.watched().unwrap().1, PollFlags::POLLOUT);
        assert!(
            connection.session.output().len() <= HUGE + 100,
            "one answer at a time"
        );
    }
    let (mut taken, mut buffer) = (0, vec![0; 1 << 20]);
    while taken < 50 * (HUGE + 15) {
        taken += client.read(&mut buffer).unwrap();
        assert_ne!(connection.advance(&dispatcher).unwrap(), Progress::Gone);
    }
    assert_eq!(taken, 50 * (HUGE + 15));
    assert_eq!(connection.watched().unwrap().1, PollFlags::POLLIN);
    assert!(connection.session.output().capacity() <= KEPT_OUTPUT);
}

#[test]
fn a_client_may_vanish_at_any_time() {
    // A child of another test has the client's end too until it becomes another program.
    let _turn = crate::platform::sys::turn_with_children();
    let dispatcher = dispatcher();
    let requests: [&[u8]; 4] = [
        b"",
        br#"{"execute":"#,
        br#"{"execute":"small"}"#,
        br#"{"execute":"huge"}"#,
    ];
    for request in requests {
        let (mut connection, mut client) = pair();
        client.write_all(request).unwrap();
        connection.advance(&dispatcher).unwrap();
        drop(client);
        // What the client sent may be found first; then its end.
        let outcomes: Vec<_> = (0..3)
            .map(|_| connection.advance(&dispatcher).unwrap())
            .collect();
        assert_eq!(outcomes.last(), Some(&Progress::Gone), "{outcomes:?}");
    }
}
