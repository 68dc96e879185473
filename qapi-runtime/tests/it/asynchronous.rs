//! The asynchronous client of QMP servers, against scripted ones.

use std::future::Future;
use std::time::{Duration, Instant};

use qapi_runtime::client::tokio::{Client, ClientEvent, Events};
use qapi_runtime::{
    Any, AsyncExecute, ClientError, ClientErrorKind, Command, EncodeMembers, Error, Object,
    ObjectWriter, Options, Reconnect,
};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::timeout;

const GREETING: &str = "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\n";

/// The server's end of a connection.
struct Peer {
    stream: BufReader<DuplexStream>,
}

impl Peer {
    /// Greets and negotiates.
    async fn greet(stream: DuplexStream) -> Self {
        let mut peer = Self {
            stream: BufReader::new(stream),
        };
        peer.write(GREETING).await;
        let request = peer.request().await;
        assert_eq!(request.name, "qmp_capabilities");
        peer.write("{\"return\": {}}\n").await;
        peer
    }

    async fn write(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn answer(&mut self, request: &Request, value: &str) {
        let id = request.id;
        self.write(&format!("{{\"return\": {value}, \"id\": {id}}}\n"))
            .await;
    }

    /// The next request, or nothing if there is none for a while.
    async fn try_request(&mut self) -> Option<Request> {
        timeout(Duration::from_millis(50), self.request())
            .await
            .ok()
    }

    async fn request(&mut self) -> Request {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap();
        let message: Any = line.parse().unwrap();
        let name = message.get("execute").or(message.get("exec-oob")).unwrap();
        Request {
            name: name.as_str().unwrap().to_owned(),
            out_of_band: message.get("exec-oob").is_some(),
            id: message.get("id").and_then(Any::as_u64).unwrap_or_default(),
        }
    }

    /// Returns true if the client has closed the connection.
    async fn is_closed(&mut self) -> bool {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap() == 0
    }
}

#[derive(Debug)]
struct Request {
    name: String,
    out_of_band: bool,
    id: u64,
}

async fn connect(options: Options) -> (Client, Events, Peer) {
    let (ours, theirs) = duplex(1 << 16);
    let (client, peer) = tokio::join!(Client::qmp(ours, options), Peer::greet(theirs));
    let (client, events) = client.unwrap();
    (client, events, peer)
}

/// Begins a call.
fn call(client: &Client, name: &'static str) -> tokio::task::JoinHandle<Result<Any, ClientError>> {
    let client = client.clone();
    tokio::spawn(async move { client.call(name, &Object::new()).await })
}

/// On one thread, so that tests are in the same order each time.
fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async { timeout(Duration::from_secs(20), test).await.unwrap() });
}

struct Urgent;

impl Command for Urgent {
    const NAME: &'static str = "urgent";
    const ALLOW_OOB: bool = true;
    type Reply = i64;
}

impl EncodeMembers for Urgent {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

struct Leave;

impl Command for Leave {
    const NAME: &'static str = "leave";
    const SUCCESS_RESPONSE: bool = false;
    type Reply = ();
}

impl EncodeMembers for Leave {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

#[test]
fn replies_find_their_calls_in_any_order() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let calls: Vec<_> = (0..100).map(|_| call(&client, "number")).collect();
        let mut requests = Vec::new();
        for _ in &calls {
            requests.push(peer.request().await);
        }
        for request in requests.iter().rev() {
            peer.answer(request, &request.id.to_string()).await;
        }
        for (call, request) in calls.into_iter().zip(&requests) {
            assert_eq!(call.await.unwrap().unwrap(), Any::from(request.id));
        }
    });
}

#[test]
fn an_error_answers_its_call_only() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let (bad, good) = (call(&client, "bad"), call(&client, "good"));
        let (one, other) = (peer.request().await, peer.request().await);
        peer.answer(&other, "1").await;
        peer.write(&format!(
            "{{\"id\": {}, \"error\": {{\"class\": \"GenericError\", \"desc\": \"no\"}}}}\n",
            one.id
        ))
        .await;
        assert_eq!(good.await.unwrap().unwrap(), Any::from(1));
        match bad.await.unwrap() {
            Err(error) => assert_eq!(error.server_error(), Some(&Error::generic("no"))),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn replies_that_come_late_are_dropped() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let hasty = client.with_timeout(Duration::from_millis(20));
        let error = hasty.call("slow", &Object::new()).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
        let late = peer.request().await;
        let next = call(&client, "next");
        let request = peer.request().await;
        peer.answer(&late, "1").await;
        peer.answer(&request, "2").await;
        assert_eq!(next.await.unwrap().unwrap(), Any::from(2));
    });
}

#[test]
fn calls_may_be_dropped_at_any_time() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        // Before the task has seen it: never sent.
        let unsent = call(&client, "unsent");
        tokio::task::yield_now().await;
        unsent.abort();
        // After it was sent.
        let sent = call(&client, "sent");
        let late = loop {
            let request = peer.request().await;
            if request.name == "sent" {
                break request;
            }
        };
        sent.abort();
        let next = call(&client, "next");
        let request = peer.request().await;
        assert_eq!(request.name, "next");
        peer.answer(&late, "1").await;
        peer.answer(&request, "2").await;
        assert_eq!(next.await.unwrap().unwrap(), Any::from(2));
    });
}

#[test]
fn requests_given_up_while_the_server_does_not_read_are_never_sent() {
    run(async {
        let (ours, theirs) = duplex(256);
        let (client, peer) =
            tokio::join!(Client::qmp(ours, Options::default()), Peer::greet(theirs));
        let ((client, _events), mut peer) = (client.unwrap(), peer);
        // More than the server's side takes: the writer gets stuck in it.
        let arguments = Object::new().with("text", "x".repeat(4096));
        let hasty = client.with_timeout(Duration::from_millis(20));
        let error = hasty.call("large", &arguments).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
        let error = hasty.call("unsent", &Object::new()).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
        let last = call(&client, "last");
        assert_eq!(peer.request().await.name, "large");
        let request = peer.request().await;
        assert_eq!(request.name, "last");
        peer.answer(&request, "3").await;
        assert_eq!(last.await.unwrap().unwrap(), Any::from(3));
    });
}

fn event(number: usize) -> String {
    format!(
        "{{\"timestamp\": {{\"seconds\": {number}, \"microseconds\": 5}}, \"event\": \"TICK\", \
         \"data\": {{\"number\": {number}}}}}\n"
    )
}

#[test]
fn events_do_not_block_replies_and_the_oldest_are_dropped() {
    run(async {
        let (client, mut events, mut peer) = connect(Options::default().with_event_limit(10)).await;
        let first = call(&client, "first");
        let request = peer.request().await;
        for number in 0..1000 {
            peer.write(&event(number)).await;
        }
        peer.answer(&request, "1").await;
        assert_eq!(first.await.unwrap().unwrap(), Any::from(1));
        assert_eq!(events.next().await, Some(ClientEvent::Missed(990)));
        for number in 990..1000 {
            let event = events.next().await.unwrap().into_event().unwrap();
            assert_eq!(event.name(), "TICK");
            assert_eq!(
                event.data().get("number").and_then(Any::as_i64),
                Some(number)
            );
            assert_eq!(event.timestamp(), (number, 5));
        }
        assert_eq!(events.try_next(), None);
        peer.write(&event(7)).await;
        let event = events.next().await.unwrap().into_event().unwrap();
        assert_eq!(event.timestamp(), (7, 5));
    });
}

#[test]
fn events_are_bounded_in_bytes_too() {
    run(async {
        let (client, mut events, mut peer) = connect(Options::default()).await;
        let first = call(&client, "first");
        let request = peer.request().await;
        let text = "x".repeat(1 << 20);
        for _ in 0..40 {
            peer.write(&format!("{{\"event\": \"{text}\"}}\n")).await;
        }
        peer.answer(&request, "1").await;
        assert_eq!(first.await.unwrap().unwrap(), Any::from(1));
        let Some(ClientEvent::Missed(missed)) = events.next().await else {
            panic!("some were dropped");
        };
        assert!((24..30).contains(&missed), "{missed}");
    });
}

#[test]
fn unwanted_events_are_not_kept() {
    run(async {
        let (client, events, mut peer) = connect(Options::default()).await;
        drop(events);
        peer.write(&event(1)).await;
        let first = call(&client, "first");
        let request = peer.request().await;
        peer.answer(&request, "1").await;
        assert_eq!(first.await.unwrap().unwrap(), Any::from(1));
    });
}

#[test]
fn eight_requests_leave_room_for_urgent_ones() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default().with_out_of_band(true)).await;
        let calls: Vec<_> = (0..10).map(|_| call(&client, "ordinary")).collect();
        let mut requests = Vec::new();
        while let Some(request) = peer.try_request().await {
            requests.push(request);
        }
        assert_eq!(requests.len(), 8);
        // A call that was given up makes room for another, whether the server ever answers it or not.
        calls[0].abort();
        requests.push(peer.request().await);
        assert!(peer.try_request().await.is_none());
        let urgent = client.clone();
        let urgent = tokio::spawn(async move { urgent.execute_out_of_band(&Urgent).await });
        let request = peer.request().await;
        assert!(request.out_of_band);
        peer.answer(&request, "7").await;
        assert_eq!(urgent.await.unwrap().unwrap(), 7);
        for request in &requests {
            peer.answer(request, "1").await;
        }
        let request = peer.request().await;
        assert!(!request.out_of_band);
        peer.answer(&request, "1").await;
        for call in calls.into_iter().skip(1) {
            assert_eq!(call.await.unwrap().unwrap(), Any::from(1));
        }
    });
}

#[test]
fn without_the_capability_urgent_calls_are_ordinary() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let urgent = tokio::spawn(async move { client.execute_out_of_band(&Urgent).await });
        let request = peer.request().await;
        assert!(!request.out_of_band);
        peer.answer(&request, "7").await;
        assert_eq!(urgent.await.unwrap().unwrap(), 7);
    });
}

#[test]
fn an_oversized_reply_fails_the_oldest_call_only() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default().with_reply_limit(1000)).await;
        let (large, small) = (call(&client, "large"), call(&client, "small"));
        let (one, other) = (peer.request().await, peer.request().await);
        peer.answer(&one, &format!("\"{}\"", "x".repeat(2000)))
            .await;
        peer.answer(&other, "1").await;
        let error = large.await.unwrap().unwrap_err();
        assert!(
            matches!(error.kind(), ClientErrorKind::TooLarge { limit: 1000 }),
            "{error}"
        );
        assert_eq!(small.await.unwrap().unwrap(), Any::from(1));
    });
}

#[test]
fn complaints_without_id_answer_the_oldest_call() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let (first, second) = (call(&client, "first"), call(&client, "second"));
        peer.request().await;
        let request = peer.request().await;
        let complaint = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"too long\"}}\n";
        peer.write(complaint).await;
        peer.answer(&request, "2").await;
        let error = first.await.unwrap().unwrap_err();
        assert_eq!(error.server_error(), Some(&Error::generic("too long")));
        assert_eq!(second.await.unwrap().unwrap(), Any::from(2));
    });
}

#[test]
fn errors_name_the_command_and_the_member() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let urgent = tokio::spawn(async move { client.execute(&Urgent).await });
        let request = peer.request().await;
        peer.answer(&request, "\"text\"").await;
        let error = urgent.await.unwrap().unwrap_err().to_string();
        assert!(
            error.contains("`urgent`") && error.contains("found `string`"),
            "{error}"
        );
    });
}

#[test]
fn numbers_that_json_lacks_are_not_sent() {
    run(async {
        let (client, _events, mut peer) = connect(Options::default()).await;
        let arguments = Object::new().with("number", f64::NAN);
        let error = client.call("number", &arguments).await.unwrap_err();
        assert!(
            matches!(error.kind(), ClientErrorKind::Protocol(_)),
            "{error}"
        );
        assert!(peer.try_request().await.is_none());
    });
}

#[test]
fn silence_is_success_where_it_should_be() {
    run(async {
        let silence = Duration::from_millis(30);
        let (client, _events, mut peer) = connect(Options::default().with_silence(silence)).await;
        client.execute(&Leave).await.unwrap();
        peer.request().await;
        let leave = {
            let client = client.clone();
            tokio::spawn(async move { client.execute(&Leave).await })
        };
        let request = peer.request().await;
        peer.write(&format!(
            "{{\"id\": {}, \"error\": {{\"class\": \"GenericError\", \"desc\": \"no\"}}}}\n",
            request.id
        ))
        .await;
        let error = leave.await.unwrap().unwrap_err();
        assert!(
            matches!(error.kind(), ClientErrorKind::Command(_)),
            "{error}"
        );
        let leave = tokio::spawn(async move { client.execute(&Leave).await });
        peer.request().await;
        drop(peer);
        leave.await.unwrap().unwrap();
    });
}

#[test]
fn calls_fail_when_the_server_goes() {
    run(async {
        let (client, mut events, mut peer) = connect(Options::default()).await;
        peer.write(&event(1)).await;
        let (answered, lost) = (call(&client, "answered"), call(&client, "lost"));
        let request = peer.request().await;
        peer.request().await;
        peer.answer(&request, "1").await;
        drop(peer);
        assert_eq!(answered.await.unwrap().unwrap(), Any::from(1));
        let error = lost.await.unwrap().unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
        let error = client.call("later", &Object::new()).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
        assert!(client.is_closed());
        assert!(matches!(events.next().await, Some(ClientEvent::Event(_))));
        assert_eq!(events.next().await, None);
    });
}

#[test]
fn the_last_handle_closes_the_connection() {
    run(async {
        let (client, mut events, mut peer) = connect(Options::default()).await;
        let other = client.clone().with_timeout(None);
        drop(client);
        let last = call(&other, "last");
        let request = peer.request().await;
        peer.answer(&request, "1").await;
        last.await.unwrap().unwrap();
        drop(other);
        assert!(peer.is_closed().await);
        assert_eq!(events.next().await, None);
    });
}

#[test]
fn a_server_that_is_not_a_qmp_server_is_refused() {
    run(async {
        for (text, expected) in [
            ("{\"return\": {}}\n", "did not begin with a QMP greeting"),
            ("SSH-2.0-OpenSSH\n", "malformed"),
            ("", "closed"),
        ] {
            let (ours, mut theirs) = duplex(1000);
            theirs.write_all(text.as_bytes()).await.unwrap();
            drop(theirs);
            let error = Client::qmp(ours, Options::default()).await.unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        let (ours, _theirs) = duplex(1000);
        let options = Options::default().with_connect_timeout(Duration::from_millis(20));
        let error = Client::qmp(ours, options).await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
    });
}

/// A connector that gets its connections from the test, and fails when there is none.
struct Switchboard {
    streams: mpsc::UnboundedReceiver<DuplexStream>,
}

impl qapi_runtime::client::tokio::Connect for Switchboard {
    type Stream = DuplexStream;

    async fn connect(&mut self) -> std::io::Result<DuplexStream> {
        let stream = self.streams.try_recv();
        stream.map_err(|_| std::io::ErrorKind::ConnectionRefused.into())
    }
}

fn reconnecting(give_up: Option<Duration>) -> Options {
    let (first, longest) = (Duration::from_millis(5), Duration::from_millis(20));
    let policy = Reconnect::default()
        .with_pauses(first, longest)
        .with_give_up(give_up);
    Options::default().with_reconnect(policy)
}

#[test]
fn a_lost_connection_is_made_again() {
    run(async {
        let (lines, streams) = mpsc::unbounded_channel();
        // The server is not up at first.
        let connecting = tokio::spawn(Client::connect_qmp(
            Switchboard { streams },
            reconnecting(None),
        ));
        tokio::time::sleep(Duration::from_millis(30)).await;
        let (ours, theirs) = duplex(1 << 16);
        lines.send(ours).unwrap();
        let mut peer = Peer::greet(theirs).await;
        let (client, mut events) = connecting.await.unwrap().unwrap();

        let under_way = call(&client, "under-way");
        peer.request().await;
        drop(peer);
        let error = under_way.await.unwrap().unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");

        // While there is no server, calls wait, and may time out.
        let hasty = client.with_timeout(Duration::from_millis(20));
        let error = hasty.call("hasty", &Object::new()).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
        let patient = call(&client, "patient");
        tokio::task::yield_now().await;
        let (ours, theirs) = duplex(1 << 16);
        lines.send(ours).unwrap();
        let mut peer = Peer::greet(theirs).await;
        let request = peer.request().await;
        assert_eq!(request.name, "patient");
        peer.answer(&request, "1").await;
        assert_eq!(patient.await.unwrap().unwrap(), Any::from(1));
        assert_eq!(events.next().await, Some(ClientEvent::Reconnected));
    });
}

#[test]
fn reconnecting_ends_at_its_limit() {
    run(async {
        let (lines, streams) = mpsc::unbounded_channel();
        let (ours, theirs) = duplex(1 << 16);
        lines.send(ours).unwrap();
        let options = reconnecting(Some(Duration::from_millis(40)));
        let (client, peer) = tokio::join!(
            Client::connect_qmp(Switchboard { streams }, options),
            Peer::greet(theirs)
        );
        let (client, mut events) = client.unwrap();
        drop(peer);
        let started = Instant::now();
        let error = client.call("any", &Object::new()).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
        assert!(started.elapsed() >= Duration::from_millis(30));
        assert_eq!(events.next().await, None);
    });
}

#[test]
fn a_server_that_closes_each_connection_is_reported() {
    run(async {
        for beginning in ["", "{\"QMP\": ", GREETING] {
            let connect = move || async move {
                let (ours, mut theirs) = duplex(1 << 10);
                theirs.write_all(beginning.as_bytes()).await?;
                Ok(ours)
            };
            let options = Options::default().with_connect_timeout(Duration::from_millis(50));
            let error = Client::connect_qmp(connect, options).await.unwrap_err();
            assert!(error.is_disconnect(), "{error}");
        }
    });
}

#[test]
fn connecting_ends_when_its_time_is_over() {
    run(async {
        let (_lines, streams) = mpsc::unbounded_channel();
        let options = Options::default().with_connect_timeout(Duration::from_millis(250));
        let error = Client::connect_qmp(Switchboard { streams }, options).await;
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Io(_)), "{error}");
    });
}
