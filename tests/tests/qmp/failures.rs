//! Servers that hang, die and are overtaken, with real processes.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use qapi_runtime::client::tokio::Client;
use qapi_runtime::{
    AsyncExecute as _, Client as BlockingClient, ClientError, ClientErrorKind, Execute as _,
};
use qapi_tests::qmp_server::QmpServer;
use tokio::time::sleep;

use crate::conversation::{Concurrent, options, run};
use crate::generated::qmp_7_2::commands;

/// Long enough for a request to go out, and for a time-out that is to expire.
const SHORT: Duration = Duration::from_millis(200);

fn assert_names_the_command(error: &ClientError) {
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error:?}");
    let text = "the connection was closed before the reply to `query-version` was complete";
    let error = error.to_string();
    assert!(
        error.starts_with(text) && error.contains(" (QMP server at "),
        "{error}"
    );
}

#[test]
fn a_server_killed_in_mid_request_fails_what_is_under_way() {
    run(async {
        let Some(server) = QmpServer::machine() else {
            return;
        };
        let Concurrent { client, .. } = Concurrent::connect(&server).await;
        server.suspend();
        let call = |client: Client| async move { client.execute(&commands::QueryVersion).await };
        let calls: Vec<_> = (0..5).map(|_| tokio::spawn(call(client.clone()))).collect();
        sleep(SHORT).await;
        assert!(calls.iter().all(|call| !call.is_finished()));
        let started = Instant::now();
        server.kill();
        for call in calls {
            assert_names_the_command(&call.await.unwrap().unwrap_err());
        }
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_names_the_command(&client.execute(&commands::QueryVersion).await.unwrap_err());
        assert!(client.is_closed());
    });
}

#[test]
fn a_server_killed_in_mid_request_fails_the_blocking_call() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let stream = UnixStream::connect(server.socket()).unwrap();
    let mut client = BlockingClient::qmp(stream, options()).unwrap();
    server.suspend();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| client.execute(&commands::QueryVersion));
        std::thread::sleep(SHORT);
        assert!(!call.is_finished());
        let started = Instant::now();
        server.kill();
        assert_names_the_command(&call.join().unwrap().unwrap_err());
        assert!(started.elapsed() < Duration::from_secs(20));
    });
}

#[test]
fn a_server_that_hangs_costs_a_time_out_and_no_more() {
    run(async {
        let Some(server) = QmpServer::machine() else {
            return;
        };
        let Concurrent { client, .. } = Concurrent::connect(&server).await;
        server.suspend();
        let hasty = client.with_timeout(SHORT);
        let error = hasty.execute(&commands::QueryQmpSchema).await.unwrap_err();
        assert_eq!(error.command(), Some("query-qmp-schema"));
        assert!(error.is_timeout(), "{error}");
        server.resume();
        // The late reply is large, and nobody's.
        let version = client.execute(&commands::QueryVersion).await.unwrap();
        assert_eq!(version.qemu.major, 7);
    });
}

#[test]
fn a_server_that_hangs_costs_the_blocking_client_a_time_out_and_no_more() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let stream = UnixStream::connect(server.socket()).unwrap();
    let mut client = BlockingClient::qmp(stream, options()).unwrap();
    server.suspend();
    let mut hasty = client.with_timeout(SHORT);
    let error = hasty.execute(&commands::QueryQmpSchema).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    server.resume();
    let version = client.execute(&commands::QueryVersion).unwrap();
    assert_eq!(version.qemu.major, 7);
}

#[test]
fn an_urgent_call_overtakes_those_that_wait() {
    run(async {
        let Some(server) = QmpServer::machine() else {
            return;
        };
        let Concurrent { client, .. } = Concurrent::connect(&server).await;
        server.suspend();
        let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let calls: Vec<_> = (0..7)
            .map(|number| {
                let (client, order) = (client.clone(), order.clone());
                tokio::spawn(async move {
                    client.execute(&commands::QueryQmpSchema).await.unwrap();
                    order.lock().unwrap().push(number);
                })
            })
            .collect();
        sleep(SHORT).await;
        let (urgent, noted) = (client.clone(), order.clone());
        let urgent = tokio::spawn(async move {
            let reply = urgent.execute_out_of_band(&commands::QueryYank).await;
            noted.lock().unwrap().push(100);
            reply.unwrap();
        });
        sleep(SHORT).await;
        server.resume();
        for call in calls {
            call.await.unwrap();
        }
        urgent.await.unwrap();
        let order = order.lock().unwrap().clone();
        let place = order.iter().position(|number| *number == 100).unwrap();
        assert!(place < 7, "it came last: {order:?}");
        // The others are answered in their order.
        let others: Vec<_> = order.into_iter().filter(|number| *number != 100).collect();
        assert_eq!(others, [0, 1, 2, 3, 4, 5, 6]);
    });
}
