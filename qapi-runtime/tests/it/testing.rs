//! The test kit, used as the tests of a client use it.

use std::time::{Duration, Instant};

use qapi_runtime::testing::{Expect, MockServer, Script};
use qapi_runtime::{Any, Client, ClientEvent, Error, Object, Options};

fn client(server: &MockServer) -> Client<qapi_runtime::testing::Duplex> {
    Client::qmp(server.connect(), Options::default()).unwrap()
}

fn call(client: &mut Client<qapi_runtime::testing::Duplex>, name: &str) -> Result<Any, String> {
    let result = client.call(name, &Object::new());
    result.map_err(|error| error.to_string())
}

#[test]
fn a_script_in_order_answers_and_emits() {
    let status = Object::from([("status", Any::from("paused"))]);
    let server = MockServer::qmp(Script::in_order([
        Expect::command("stop")
            .emits_before("STOP", &())
            .emits_after("LATER", &status),
        Expect::command("query-status").replies(&status).times(2),
        Expect::command("device_add")
            .with("driver", "e1000")
            .fails(Error::generic("no bus")),
    ]));
    let mut client = client(&server);
    assert_eq!(
        call(&mut client, "stop").unwrap(),
        Any::Object(Object::new())
    );
    for name in ["STOP", "LATER"] {
        let event = client.next_event(Some(Duration::from_secs(30))).unwrap();
        assert!(matches!(event, Some(ClientEvent::Event(event)) if event.name() == name));
    }
    for _ in 0..2 {
        let reply = call(&mut client, "query-status").unwrap();
        assert_eq!(reply, Any::Object(status.clone()));
    }
    let arguments = Object::from([("driver", Any::from("e1000")), ("id", Any::from("n"))]);
    let error = client.call("device_add", &arguments).unwrap_err();
    assert!(error.to_string().contains("no bus"), "{error}");
    server.script().verify().unwrap();
    assert_eq!(server.script().asked().len(), 4);
}

#[test]
fn unexpected_requests_are_shown_beside_the_expected_ones() {
    let server = MockServer::qmp(Script::in_order([
        Expect::command("a"),
        Expect::command("b"),
        Expect::command("c"),
        Expect::command("d"),
        Expect::command("device_add").with("driver", "e1000"),
        Expect::command("e").with_exactly(Object::new()).times(2),
    ]));
    let mut client = client(&server);
    for name in ["a", "b", "c", "d"] {
        call(&mut client, name).unwrap();
    }
    let arguments = Object::from([("driver", Any::from("virtio"))]);
    let error = client.call("device_add", &arguments).unwrap_err();
    let text = "the script does not expect device_add now";
    assert!(error.to_string().contains(text), "{error}");
    call(&mut client, "e").unwrap_err();
    let mismatch = server.script().verify().unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        "\
the client did not do what was expected (- expected, + done):
    (one more)
    b
    c
    d
  - device_add {\"driver\": \"e1000\"} and perhaps others
  + device_add {\"driver\": \"virtio\"}
  + e
  - e (2 times)"
    );
}

#[test]
fn a_script_by_name_answers_in_any_order() {
    let server = MockServer::qmp(Script::by_name([
        Expect::command("once").times(1),
        Expect::command("add").with("id", "a").replies(&1_i64),
        Expect::command("add").with("id", "b").replies(&2_i64),
        Expect::command("add").replies(&3_i64),
    ]));
    let mut client = client(&server);
    for (id, reply) in [("b", 2), ("c", 3), ("a", 1), ("b", 2)] {
        let arguments = Object::from([("id", Any::from(id))]);
        assert_eq!(client.call("add", &arguments).unwrap(), Any::from(reply));
    }
    let mismatch = server.script().verify().unwrap_err();
    assert!(mismatch.to_string().ends_with("  - once"), "{mismatch}");
    call(&mut client, "once").unwrap();
    server.script().verify().unwrap();
    call(&mut client, "once").unwrap_err();
    assert!(server.script().verify().is_err());
}

#[test]
fn servers_can_be_slow_silent_or_gone() {
    let server = MockServer::qmp(Script::in_order([
        Expect::command("slow").delayed(Duration::from_millis(50)),
        Expect::command("silent").stays_silent(),
        Expect::command("gone").closes(),
    ]));
    let options = Options::default().with_timeout(Duration::from_millis(500));
    let mut client = Client::qmp(server.connect(), options).unwrap();
    let started = Instant::now();
    call(&mut client, "slow").unwrap();
    assert!(started.elapsed() >= Duration::from_millis(50));
    let error = call(&mut client, "silent").unwrap_err();
    assert!(error.contains("no reply"), "{error}");
    let error = call(&mut client, "gone").unwrap_err();
    assert!(error.contains("closed"), "{error}");
    server.script().verify().unwrap();
}

#[test]
fn a_guest_agent_synchronizes_by_itself() {
    let server = MockServer::guest(Script::in_order([Expect::command("guest-ping")]));
    let mut client = Client::guest(server.connect(), Options::default()).unwrap();
    client.call("guest-ping", &Object::new()).unwrap();
    server.script().verify().unwrap();
    assert_eq!(server.script().asked().len(), 1);
}

#[cfg(feature = "tokio")]
#[test]
fn on_tokio_the_clock_can_be_paused() {
    use qapi_runtime::client::tokio::Client;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let hour = Duration::from_secs(3600);
        let server = MockServer::qmp(Script::in_order([
            Expect::command("migrate").delayed(hour),
            Expect::command("query-migrate").stays_silent(),
        ]));
        let options = Options::default().with_timeout(10 * hour);
        let (client, _events) = Client::qmp(server.connect_async(), options).await.unwrap();
        let started = tokio::time::Instant::now();
        client.call("migrate", &Object::new()).await.unwrap();
        assert_eq!(started.elapsed(), hour);
        let error = client.call("query-migrate", &Object::new()).await;
        assert!(error.is_err());
        assert_eq!(started.elapsed(), 11 * hour);
        server.script().verify().unwrap();
    });
}
