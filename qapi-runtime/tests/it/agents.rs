//! The asynchronous client of guest agents: slow ones, restarted ones, and many.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, fs};

use qapi_runtime::client::tokio::{Client, UnixPath};
use qapi_runtime::{Any, ClientError, ClientErrorKind, Object, Options, Reconnect, Session};
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex,
};
use tokio::net::UnixListener;
use tokio::time::{sleep, timeout};

use crate::dispatcher;

/// An agent on a stream: the demo service. Ends with the stream.
pub(crate) async fn agent(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let dispatcher = dispatcher();
    let mut session = Session::new();
    let mut buffer = vec![0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        session.feed(&buffer[..length], &dispatcher);
        let output = std::mem::take(session.output());
        if stream.write_all(&output).await.is_err() {
            return;
        }
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async { timeout(Duration::from_secs(60), test).await.unwrap() });
}

fn hasty() -> Options {
    Options::default().with_sync_attempt(Duration::from_millis(10))
}

async fn echo(client: &Client, number: i64) -> Result<i64, ClientError> {
    let arguments = Object::new().with("number", number);
    let reply = client.call("echo", &arguments).await?;
    Ok(reply.get("number").and_then(Any::as_i64).unwrap())
}

#[test]
fn calls_are_answered_in_turn() {
    run(async {
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(agent(theirs));
        let client = Client::guest(ours, Options::default()).await.unwrap();
        let calls: Vec<_> = (0..100)
            .map(|number| {
                let client = client.clone();
                tokio::spawn(async move { echo(&client, number).await })
            })
            .collect();
        for (number, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap().unwrap(), i64::try_from(number).unwrap());
        }
        let error = client.call("nonsense", &Object::new()).await.unwrap_err();
        assert!(
            matches!(error.kind(), ClientErrorKind::Command(_)),
            "{error}"
        );
    });
}

#[test]
fn a_silent_command_does_not_upset_the_next() {
    run(async {
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(agent(theirs));
        let options = hasty().with_silence(Duration::from_millis(20));
        let client = Client::guest(ours, options).await.unwrap();
        let nothing = Object::new();
        client
            .call_silent("guest-shutdown", &nothing)
            .await
            .unwrap();
        assert_eq!(echo(&client, 1).await.unwrap(), 1);
        let bogus = Object::new().with("mode", "bogus");
        let error = client
            .call_silent("guest-shutdown", &bogus)
            .await
            .unwrap_err();
        assert!(
            matches!(error.kind(), ClientErrorKind::Command(_)),
            "{error}"
        );
        assert_eq!(echo(&client, 2).await.unwrap(), 2);
    });
}

/// Reads everything, like the channel to an agent that is not up: it takes what it is sent and says nothing.
async fn swallow(stream: &mut DuplexStream, time: Duration) {
    let mut buffer = vec![0; 4096];
    let reading = async { while let Ok(1..) = stream.read(&mut buffer).await {} };
    let _ = timeout(time, reading).await;
}

#[test]
fn an_agent_that_is_not_up_yet_is_waited_for() {
    run(async {
        let (ours, mut theirs) = duplex(1 << 16);
        tokio::spawn(async move {
            swallow(&mut theirs, Duration::from_millis(100)).await;
            agent(theirs).await;
        });
        let client = Client::guest(ours, hasty()).await.unwrap();
        assert_eq!(echo(&client, 1).await.unwrap(), 1);
    });
}

#[test]
fn an_agent_that_is_never_up_is_given_up() {
    run(async {
        let (ours, _theirs) = duplex(1 << 16);
        let options = hasty().with_connect_timeout(Duration::from_millis(100));
        let error = Client::guest(ours, options).await.unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    });
}

#[test]
fn an_agent_may_be_restarted_under_a_client() {
    run(async {
        let (ours, mut theirs) = duplex(1 << 16);
        let client = tokio::spawn(Client::guest(ours, hasty()));
        // The first agent synchronises and goes in the middle of its next reply.
        let dispatcher = dispatcher();
        let mut session = Session::new();
        let mut buffer = vec![0; 4096];
        let length = theirs.read(&mut buffer).await.unwrap();
        session.feed(&buffer[..length], &dispatcher);
        theirs.write_all(session.output()).await.unwrap();
        let client = client.await.unwrap().unwrap();
        let short = client.with_timeout(Duration::from_millis(30));
        let call = tokio::spawn(async move { echo(&short, 1).await });
        let length = theirs.read(&mut buffer).await.unwrap();
        assert!(length > 0);
        theirs
            .write_all(b"{\"return\": {\"number\": [\"")
            .await
            .unwrap();
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
        // Nobody is there for a while, then the second agent.
        let call = {
            let client = client.clone();
            tokio::spawn(async move { echo(&client, 2).await })
        };
        swallow(&mut theirs, Duration::from_millis(100)).await;
        tokio::spawn(agent(theirs));
        assert_eq!(call.await.unwrap().unwrap(), 2);
        assert_eq!(echo(&client, 3).await.unwrap(), 3);
    });
}

#[test]
fn stale_replies_are_skipped() {
    run(async {
        let (ours, mut theirs) = duplex(1 << 16);
        let stale = b"{\"return\": {\"number\": 5}}\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"\"}}\n{\"return";
        theirs.write_all(stale).await.unwrap();
        tokio::spawn(agent(theirs));
        let client = Client::guest(ours, hasty()).await.unwrap();
        assert_eq!(echo(&client, 1).await.unwrap(), 1);
    });
}

#[test]
fn a_dropped_call_is_followed_by_a_synchronisation() {
    run(async {
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(agent(theirs));
        let client = Client::guest(ours, hasty()).await.unwrap();
        for number in 0..50_u64 {
            let call = {
                let client = client.clone();
                tokio::spawn(async move { echo(&client, -1).await })
            };
            for _ in 0..number % 7 {
                tokio::task::yield_now().await;
            }
            call.abort();
            let number = i64::try_from(number).unwrap();
            assert_eq!(echo(&client, number).await.unwrap(), number);
        }
    });
}

/// A folder for sockets, removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("qapi-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn sockets_that_come_and_go_are_connected_to_again() {
    run(async {
        let folder = Folder::new("restart");
        let path = folder.0.join("agent");
        let options = hasty().with_reconnect(Reconnect::default());
        let client = tokio::spawn(Client::connect_guest(UnixPath::new(&path), options));
        sleep(Duration::from_millis(50)).await;
        let listener = UnixListener::bind(&path).unwrap();
        let first = listener.accept().await.unwrap().0;
        let first = tokio::spawn(agent(first));
        let client = client.await.unwrap().unwrap();
        assert_eq!(echo(&client, 1).await.unwrap(), 1);
        first.abort();
        drop(listener);
        fs::remove_file(&path).unwrap();
        sleep(Duration::from_millis(50)).await;
        let call = {
            let client = client.clone();
            tokio::spawn(async move { echo(&client, 2).await })
        };
        let listener = UnixListener::bind(&path).unwrap();
        tokio::spawn(agent(listener.accept().await.unwrap().0));
        assert_eq!(call.await.unwrap().unwrap(), 2);
    });
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// Bytes that the process has in memory.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes << 10
}

/// Returns true if this process runs only this test; otherwise runs the test in such a process. Threads and memory of
/// other tests would be counted, too, and this process may not be allowed so many files.
#[cfg(target_os = "linux")]
fn is_alone(descriptors: usize) -> bool {
    const ALONE: &str = "QAPI_RUNTIME_TEST_IS_ALONE";
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let status = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "ulimit -n {descriptors} && exec \"$0\" --exact agents::one_thread_holds_a_thousand_agents"
        ))
        .arg(env::current_exe().unwrap())
        .env(ALONE, "yes")
        .status();
    assert!(status.unwrap().success());
    false
}

#[test]
#[cfg(target_os = "linux")]
fn one_thread_holds_a_thousand_agents() {
    const AGENTS: usize = 1000;
    if !is_alone(3 * AGENTS + 100) {
        return;
    }
    run(async {
        let folder = Folder::new("thousand");
        let (threads_before, memory_before) = (threads(), resident());
        let served = Arc::new(AtomicUsize::new(0));
        let mut clients = Vec::new();
        for number in 0..AGENTS {
            let path = folder.0.join(number.to_string());
            let listener = UnixListener::bind(&path).unwrap();
            let served = Arc::clone(&served);
            tokio::spawn(async move {
                let stream = listener.accept().await.unwrap().0;
                served.fetch_add(1, Ordering::Relaxed);
                agent(stream).await;
            });
            let connecting = Client::connect_guest(UnixPath::new(&path), Options::default());
            clients.push(tokio::spawn(connecting));
        }
        let mut calls = Vec::new();
        for (number, client) in clients.into_iter().enumerate() {
            let client = client.await.unwrap().unwrap();
            let number = i64::try_from(number).unwrap();
            calls.push(tokio::spawn(async move {
                for round in 0..3 {
                    assert_eq!(echo(&client, number + round).await.unwrap(), number + round);
                }
                client
            }));
        }
        let mut clients = Vec::new();
        for call in calls {
            clients.push(call.await.unwrap());
        }
        assert_eq!(served.load(Ordering::Relaxed), AGENTS);
        assert_eq!(threads(), threads_before);
        let each = resident().saturating_sub(memory_before) / AGENTS;
        println!("{each} bytes for each client and its agent");
        // The fake agents take some 10 kB of it.
        assert!(each < 64 << 10, "{each} bytes each");
    });
}
