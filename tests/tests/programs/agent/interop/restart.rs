//! Agents that are not up yet, and agents that are started anew under a client.

use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use qapi_runtime::AsyncExecute;
use qapi_runtime::client::tokio::{Client as ConcurrentClient, UnixPath};
use qapi_runtime::client::{Client, ClientError, Execute, Options, Reconnect};
use qapi_tests::guest_agent::commands;
use qapi_tests::peer;
use qapi_tests::raw::Agent;

/// Long enough for a client to find nobody.
const SHORT: Duration = Duration::from_millis(200);

fn options() -> Options {
    let pauses = Reconnect::default().with_pauses(Duration::from_millis(20), SHORT);
    Options::default()
        .with_connect_timeout(Duration::from_secs(30))
        .with_timeout(Duration::from_secs(30))
        .with_reconnect(pauses)
}

/// Both agents, neither running.
fn agents() -> Vec<Agent> {
    let programs = peer::qemu_ga().into_iter().chain([peer::qapi_agent()]);
    let stopped = |program: std::path::PathBuf| {
        let mut agent = Agent::start(&program);
        agent.stop();
        agent
    };
    programs.map(stopped).collect()
}

#[test]
fn a_blocking_client_gets_along_with_starts_and_restarts() {
    for mut agent in agents() {
        let socket = agent.socket();
        let connect = move || UnixStream::connect(&socket);
        let mut client = thread::scope(|scope| {
            let client = scope.spawn(|| Client::connect_guest(connect, options()));
            thread::sleep(SHORT);
            assert!(!client.is_finished(), "there is nobody yet");
            agent.start_again();
            client.join().unwrap().unwrap()
        });
        client.execute(&commands::GuestPing).unwrap();
        agent.stop();
        let hasty = client.with_timeout(SHORT).execute(&commands::GuestPing);
        assert!(
            hasty.as_ref().is_err_and(ClientError::is_timeout),
            "{hasty:?}"
        );
        thread::scope(|scope| {
            let call = scope.spawn(|| client.execute(&commands::GuestInfo));
            thread::sleep(SHORT);
            agent.start_again();
            let info = call.join().unwrap().unwrap();
            assert!(
                info.supported_commands
                    .iter()
                    .any(|it| it.name == "guest-ping")
            );
        });
        // At rest, too.
        agent.stop();
        agent.start_again();
        client.execute(&commands::GuestPing).unwrap();
    }
}

#[test]
fn a_concurrent_client_gets_along_with_starts_and_restarts() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for mut agent in agents() {
        runtime.block_on(async {
            let connector = UnixPath::new(agent.socket());
            let client = tokio::spawn(ConcurrentClient::connect_guest(connector, options()));
            tokio::time::sleep(SHORT).await;
            assert!(!client.is_finished(), "there is nobody yet");
            agent.start_again();
            let client = client.await.unwrap().unwrap();
            client.execute(&commands::GuestPing).await.unwrap();
            agent.stop();
            let hasty = client.with_timeout(SHORT);
            hasty.execute(&commands::GuestPing).await.unwrap_err();
            let call = client.clone();
            let call = tokio::spawn(async move { call.execute(&commands::GuestInfo).await });
            tokio::time::sleep(SHORT).await;
            agent.start_again();
            let info = call.await.unwrap().unwrap();
            assert!(
                info.supported_commands
                    .iter()
                    .any(|it| it.name == "guest-ping")
            );
        });
    }
}
