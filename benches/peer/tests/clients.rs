//! The peer's clients at our QMP server.

use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use qapi::futures::QmpStreamTokio;
use qapi::{ExecuteError, qmp};
use qapi_runtime::server::{ClientId, Stop};
use qapi_runtime::testing::{Expect, MockServer, Script};
use qapi_runtime::{Any, Error, ErrorClass, Object};

/// Returns a machine that refuses `set_link` for a link that does not exist.
fn server() -> MockServer {
    let status = Object::from([
        ("running", Any::from(true)),
        ("status", Any::from("running")),
    ]);
    let refusal = Error::new(ErrorClass::DeviceNotFound, "Device 'net9' not found");
    MockServer::qmp(Script::by_name([
        Expect::command("query-status").replies(&status),
        Expect::command("set_link")
            .with("name", "net9")
            .with("up", true)
            .fails(refusal),
        Expect::command("system_powerdown").emits_before("POWERDOWN", &()),
    ]))
}

fn link() -> qmp::set_link {
    qmp::set_link {
        name: "net9".to_owned(),
        up: true,
    }
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T, ExecuteError>) {
    match result.expect_err("there is no such link") {
        ExecuteError::Qapi(error) => {
            assert_eq!(error.class, qapi::ErrorClass::DeviceNotFound);
            assert_eq!(error.desc, "Device 'net9' not found");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_blocking_one_is_served() {
    let path = std::env::temp_dir().join(format!("qapi-peer-{}", std::process::id()));
    drop(std::fs::remove_file(&path));
    let listener = UnixListener::bind(&path).expect("the path is free");
    let (server, stop) = (Arc::new(server()), Stop::new());
    let (served, stopped) = (Arc::clone(&server), stop.clone());
    let thread = thread::spawn(move || served.listen(&listener, &stopped));
    let stream = UnixStream::connect(&path).expect("it listens");
    let limited = stream.set_read_timeout(Some(Duration::from_secs(60)));
    limited.expect("sockets have time-outs");
    let mut client = qapi::Qmp::from_stream(&stream);
    let greeting = client.handshake().expect("it greets and negotiates");
    assert_eq!(
        (greeting.version.qemu.major, greeting.version.qemu.minor),
        (10, 2)
    );
    let status = client.execute(&qmp::query_status {}).expect("it answers");
    assert!(status.running);
    assert_refused(client.execute(&link()));
    client
        .execute(&qmp::system_powerdown {})
        .expect("it answers");
    let events: Vec<_> = client.events().collect();
    assert!(
        matches!(events[..], [qmp::Event::POWERDOWN { .. }]),
        "{events:?}"
    );
    let clients: Vec<ClientId> = server.script().events().clients();
    assert_eq!(clients.len(), 1);
    stop.stop();
    thread
        .join()
        .expect("it does not panic")
        .expect("it listens");
    drop(std::fs::remove_file(&path));
}

#[tokio::test]
async fn the_asynchronous_one_is_served() {
    for oob in [false, true] {
        let server = server();
        let negotiation = QmpStreamTokio::open(server.connect_async()).await;
        let stream = negotiation.expect("it is greeted");
        let stream = if oob {
            stream.negotiate_caps([qmp::QMPCapability::oob]).await
        } else {
            stream.negotiate().await
        };
        if oob {
            assert!(stream.is_err(), "what is not offered cannot be enabled");
            continue;
        }
        let (client, events) = stream.expect("it negotiates").into_parts();
        let task = events.spawn_tokio();
        let status = client.execute(qmp::query_status {}).await;
        assert!(status.expect("it answers").running);
        assert_refused(client.execute(link()).await);
        drop(client);
        task.await.expect("it does not panic");
    }
}
