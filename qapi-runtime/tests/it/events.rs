//! Typed events for several subscribers, of a client in two halves and of an asynchronous one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use qapi_runtime::{
    Any, Client, ClientEvent, DecodeError, DecodeMembers, EventError, EventMessage, Members,
    Object, Options, Reconnect,
};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

const SHORT: Duration = Duration::from_millis(50);

#[derive(Debug, PartialEq)]
struct Tick {
    number: i64,
}

impl Tick {
    const NAME: &'static str = "TICK";
}

impl DecodeMembers for Tick {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            number: members.required("number")?,
        })
    }
}

#[derive(Debug, PartialEq)]
enum Event {
    Tick(Tick),
    Unlisted(String),
}

impl Event {
    fn decode(name: &str, data: Members<'_>) -> Result<Self, DecodeError> {
        match name {
            "TICK" => data.decode().map(Self::Tick),
            _ => Ok(Self::Unlisted(name.to_owned())),
        }
    }
}

qapi_runtime::impl_events! { Event: Tick }

/// Serves until the client has gone. `emit` sends `ticks` events numbered from 0, each followed by a `TOCK`, before its
/// reply; `spoil` a tick without a number; `vanish` hangs up.
fn serve(stream: UnixStream) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let send = |stream: &mut BufReader<UnixStream>, message: Value| {
        writeln!(stream.get_mut(), "{message}").ok()
    };
    let greeting = json!({"QMP": {"version": {}, "capabilities": []}});
    send(&mut stream, greeting)?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let request: Value = serde_json::from_str(&line).unwrap();
        match request["execute"].as_str().unwrap() {
            "emit" => {
                for number in 0..request["arguments"]["ticks"].as_i64().unwrap() {
                    let data = json!({"number": number});
                    send(&mut stream, json!({"event": "TICK", "data": data}))?;
                    send(&mut stream, json!({"event": "TOCK"}))?;
                }
            }
            "spoil" => send(&mut stream, json!({"event": "TICK", "data": {}}))?,
            "vanish" => return None,
            _ => {}
        }
        let reply = json!({"return": request["execute"], "id": request["id"]});
        send(&mut stream, reply)?;
    }
}

fn server() -> UnixStream {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::spawn(move || serve(theirs));
    ours
}

fn ticks(number: i64) -> Object {
    Object::from([("ticks", Any::from(number))])
}

fn options() -> Options {
    Options::default().with_timeout(PATIENCE)
}

fn number(event: Option<Result<Tick, EventError>>) -> i64 {
    event.expect("there is one").expect("it is a tick").number
}

#[test]
fn a_message_is_one_event_of_a_type_or_another() {
    let mut client = Client::qmp(server(), options()).unwrap();
    client.call("emit", &ticks(1)).unwrap();
    let mut next = || client.next_event(SHORT).unwrap().unwrap().into_event();
    let (tick, tock) = (next().unwrap(), next().unwrap());
    assert_eq!(tick.typed::<Tick>().unwrap(), Some(Tick { number: 0 }));
    assert_eq!(tock.typed::<Tick>().unwrap(), None);
    let all = |event: &EventMessage| event.typed::<Event>().unwrap().unwrap();
    assert_eq!(all(&tick), Event::Tick(Tick { number: 0 }));
    assert_eq!(all(&tock), Event::Unlisted("TOCK".to_owned()));
    assert_eq!(tock.typed().unwrap(), Some(tock.clone()));
    client.call("spoil", &Object::new()).unwrap();
    let spoiled = client.next_event(SHORT).unwrap().unwrap().into_event();
    let error = spoiled.unwrap().typed::<Tick>().unwrap_err();
    assert_eq!(error.to_string(), "Parameter 'number' is missing");
}

#[test]
fn halves_live_in_two_threads() {
    let client = Client::qmp(server(), options()).unwrap();
    let (mut commands, events) = client.split().unwrap();
    let (sender, seen) = mpsc::channel();
    let listener = thread::spawn(move || {
        for event in events.of::<Tick>() {
            sender.send(event.unwrap().number).unwrap();
        }
    });
    for round in 1..200 {
        let answer = commands.call("emit", &ticks(round % 7)).unwrap();
        assert_eq!(answer, Any::from("emit"));
        // Events are there although nobody calls.
        for number in 0..round % 7 {
            assert_eq!(seen.recv_timeout(PATIENCE), Ok(number));
        }
    }
    drop(commands.call("vanish", &Object::new()).unwrap_err());
    listener.join().unwrap();
}

#[test]
fn commands_of_several_threads_get_their_own_replies() {
    let client = Client::qmp(server(), options()).unwrap();
    let (commands, mut events) = client.split().unwrap();
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let mut commands = commands.clone();
            thread::spawn(move || {
                for call in 0..50 {
                    let name = format!("{caller}-{call}");
                    let answer = commands.call(&name, &Object::new()).unwrap();
                    assert_eq!(answer, Any::from(name));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    assert_eq!(events.next_within(SHORT).unwrap(), None);
    // What was kept before is not lost, and the end is an end for all.
    drop((commands, events));
}

#[test]
fn each_subscriber_has_its_events_and_its_losses() {
    let client = Client::qmp(server(), options()).unwrap();
    let (mut commands, events) = client.split().unwrap();
    let mut few = commands.subscribe().with_limit(3);
    let mut even = commands
        .subscribe()
        .of::<Tick>()
        .only(|tick| tick.number % 2 == 0);
    let mut last = commands
        .subscribe()
        .only(|event| event.name() == "TICK")
        .of::<Event>()
        .only(|event| *event == Event::Tick(Tick { number: 99 }))
        .with_limit(1);
    let gone = commands.subscribe();
    drop(gone);
    commands.call("emit", &ticks(100)).unwrap();
    assert_eq!(few.next(), Some(ClientEvent::Missed(197)));
    let names: Vec<_> = std::iter::from_fn(|| few.try_next()).collect();
    assert_eq!(names.len(), 3);
    for expected in 0..50 {
        assert_eq!(number(even.next()), expected * 2);
    }
    assert!(even.try_next().is_none());
    let found = last.next_within(PATIENCE).unwrap().unwrap().unwrap();
    assert_eq!(found, Event::Tick(Tick { number: 99 }));
    assert!(last.try_next().is_none());
    assert_eq!(
        events.take(200).filter_map(ClientEvent::into_event).count(),
        200
    );

    let mut ticks = commands.subscribe().of::<Tick>();
    commands.call("spoil", &Object::new()).unwrap();
    let error = ticks.next().unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the event `TICK` does not fit the schema: member `number` is missing"
    );
}

#[test]
fn waiting_requests_come_first() {
    let mut client = Client::qmp(server(), options()).unwrap();
    client.call("emit", &ticks(2)).unwrap();
    let (mut commands, events) = client.split().unwrap();
    let mut events = events.of::<Tick>();
    assert_eq!(number(events.try_next()), 0);
    commands.call("emit", &ticks(1)).unwrap();
    assert_eq!(number(events.next()), 1);
    assert_eq!(number(events.next()), 0);
}

#[test]
fn subscribers_get_a_lost_connection_back() {
    let pause = Duration::from_millis(1);
    let reconnect = Reconnect::default().with_pauses(pause, pause);
    let options = options().with_reconnect(reconnect);
    let client = Client::connect_qmp(|| Ok(server()), options).unwrap();
    let (mut commands, mut events) = client.split().unwrap();
    for _ in 0..20 {
        drop(commands.call("vanish", &Object::new()).unwrap_err());
        assert_eq!(
            events.next_within(PATIENCE).unwrap(),
            Some(ClientEvent::Reconnected)
        );
        commands.call("emit", &ticks(1)).unwrap();
        let tick = events.next().and_then(ClientEvent::into_event).unwrap();
        assert_eq!(tick.name(), "TICK");
        let tock = events.next().and_then(ClientEvent::into_event).unwrap();
        assert_eq!(tock.name(), "TOCK");
        assert_eq!(events.try_next(), None);
    }
}

#[test]
fn a_call_waits_no_longer_than_its_time_for_those_of_others() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || {
        let mut stream = BufReader::new(theirs);
        let greeting = json!({"QMP": {"version": {}, "capabilities": []}});
        writeln!(stream.get_mut(), "{greeting}").unwrap();
        let mut request = String::new();
        stream.read_line(&mut request).unwrap();
        let request: serde_json::Value = serde_json::from_str(&request).unwrap();
        let reply = json!({"return": {}, "id": request["id"]});
        writeln!(stream.get_mut(), "{reply}").unwrap();
        // The rest is silence.
        drop(stream.read_line(&mut String::new()));
        stream
    });
    let (commands, _events) = Client::qmp(ours, options()).unwrap().split().unwrap();
    let mut slow = commands.clone();
    let slow = thread::spawn(move || slow.call("slow", &Object::new()));
    let stream = server.join().unwrap();
    let mut quick = commands.with_timeout(SHORT);
    let error = quick.call("quick", &Object::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no reply to `quick` in time (QMP server)"
    );
    drop(stream);
    assert!(slow.join().unwrap().unwrap_err().is_disconnect());
}

#[cfg(feature = "tokio")]
mod asynchronous {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use futures_core::Stream;
    use qapi_runtime::client::tokio::Client;

    use super::*;

    async fn connect(options: Options) -> (Client, qapi_runtime::client::tokio::Events) {
        let connect = || async {
            let stream = server();
            stream.set_nonblocking(true)?;
            tokio::net::UnixStream::from_std(stream)
        };
        Client::connect_qmp(connect, options).await.unwrap()
    }

    #[tokio::test]
    async fn each_subscriber_has_its_events_and_its_losses() {
        let (client, mut events) = connect(options()).await;
        let mut few = client.subscribe().with_limit(3);
        let mut even = client
            .subscribe()
            .of::<Tick>()
            .only(|tick| tick.number % 2 == 0);
        let mut last = client
            .subscribe()
            .of::<Event>()
            .only(|event| *event == Event::Tick(Tick { number: 99 }));
        client.call("emit", &ticks(100)).await.unwrap();
        assert_eq!(few.next().await, Some(ClientEvent::Missed(197)));
        for expected in 0..50 {
            assert_eq!(number(even.next().await), expected * 2);
        }
        assert!(even.try_next().is_none());
        let found = last.next().await.unwrap().unwrap();
        assert_eq!(found, Event::Tick(Tick { number: 99 }));
        for _ in 0..200 {
            assert!(events.try_next().is_some());
        }
        client.call("spoil", &Object::new()).await.unwrap();
        assert!(matches!(
            even.next().await,
            Some(Err(EventError::Decode { .. }))
        ));
    }

    #[tokio::test]
    async fn events_are_streams_that_end_with_the_connection() {
        let (client, mut events) = connect(options()).await;
        let mut ticks_alone = client.subscribe().of::<Tick>();
        client.call("emit", &ticks(1)).await.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = || Pin::new(&mut ticks_alone).poll_next(&mut context);
        assert!(matches!(poll(), Poll::Ready(Some(Ok(Tick { number: 0 })))));
        assert!(poll().is_pending());
        drop(client.call("vanish", &Object::new()).await.unwrap_err());
        while events.next().await.is_some() {}
        assert!(matches!(poll(), Poll::Ready(None)));
        // Late subscribers learn that there are no more events.
        assert_eq!(client.subscribe().next().await, None);
    }

    #[tokio::test]
    async fn subscribers_learn_of_a_new_connection() {
        let pause = Duration::from_millis(1);
        let reconnect = Reconnect::default().with_pauses(pause, pause);
        let (client, events) = connect(options().with_reconnect(reconnect)).await;
        let mut ticks_alone = events.of::<Tick>();
        drop(client.call("vanish", &Object::new()).await.unwrap_err());
        assert!(matches!(
            ticks_alone.next().await,
            Some(Err(EventError::Reconnected))
        ));
        client.call("emit", &ticks(1)).await.unwrap();
        assert_eq!(number(ticks_alone.next().await), 0);
    }
}
