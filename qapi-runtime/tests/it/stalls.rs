//! Peers that let nobody in, stay silent, answer nothing, or send without end.

use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use qapi_runtime::{Any, Client, ClientErrorKind, Object, Options, serve};

use crate::dispatcher;

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn connecting_has_a_time_limit_where_the_system_has_none() {
    // As a socket whose queue of connections is full.
    let (let_in, queue) = mpsc::channel::<UnixStream>();
    let options = Options::default()
        .with_connect_timeout(SHORT)
        .with_name("vm1");
    let blocked = move || queue.recv().map_err(std::io::Error::other);
    let error = Client::connect_qmp(blocked, options.clone()).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.connection(), "vm1");
    drop(let_in);

    let (let_in, queue) = mpsc::channel::<UnixStream>();
    let blocked = move || queue.recv().map_err(std::io::Error::other);
    let error = Client::connect_guest(blocked, options).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    drop(let_in);

    let (let_in, queue) = mpsc::channel::<()>();
    let blocked = move || queue.recv().map_err(std::io::Error::other);
    let error = qapi_runtime::client::connect_within(SHORT, blocked).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    drop(let_in);
}

/// A socket that lets nobody in, for its queue of connections is full.
#[cfg(all(unix, feature = "descriptors"))]
pub(crate) struct Busy {
    pub(crate) path: std::path::PathBuf,
    _listener: std::os::unix::net::UnixListener,
    _dead: UnixStream,
}

#[cfg(all(unix, feature = "descriptors"))]
impl Busy {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("qapi-busy-{name}-{}", std::process::id()));
        drop(std::fs::remove_file(&path));
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let dead = UnixStream::connect(&path).unwrap();
        Self {
            path,
            _listener: listener,
            _dead: dead,
        }
    }
}

#[cfg(all(unix, feature = "descriptors"))]
impl Drop for Busy {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

#[cfg(all(unix, feature = "descriptors"))]
#[test]
fn a_full_queue_of_connections_is_given_up_in_time() {
    let busy = Busy::new("blocking");
    let options = Options::default().with_connect_timeout(SHORT);
    let connect = || {
        let path = busy.path.clone();
        move || UnixStream::connect(&path)
    };
    let error = Client::connect_qmp(connect(), options.clone()).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let error = Client::connect_guest(connect(), options).unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[test]
fn a_silent_agent_gets_a_new_connection() {
    let attempts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&attempts);
    let mut silent = Vec::new();
    let connect = move || {
        let (ours, theirs) = UnixStream::pair()?;
        if count.fetch_add(1, Ordering::Relaxed) < 2 {
            silent.push(theirs);
        } else {
            thread::spawn(move || serve(&dispatcher(), theirs));
        }
        Ok(ours)
    };
    let options = Options::default()
        .with_connect_timeout(Duration::from_secs(60))
        .with_sync_attempt(SHORT);
    let mut client = Client::connect_guest(connect, options).unwrap();
    let reply = client.call("echo", &Object::new().with("number", 1_i64));
    assert_eq!(reply.unwrap().get("number"), Some(&Any::from(1_i64)));
    assert!(attempts.load(Ordering::Relaxed) >= 3);
}

#[test]
fn a_monitor_that_does_not_greet_may_be_busy() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let options = Options::default().with_connect_timeout(SHORT);
    let error = Client::qmp(ours, options).unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::NoGreeting),
        "{error}"
    );
    assert!(
        error.to_string().contains("one client per monitor"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_server_that_sends_only_noise_is_given_up_without_a_time_limit() {
    use std::error::Error as _;
    use std::io::Write as _;

    for byte in [0xFF, 0, b' ', b'\n', b'}'] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let flood = std::thread::spawn(move || {
            theirs
                .write_all(crate::faults::GREETING.as_bytes())
                .unwrap();
            let mut sent = 0;
            while theirs.write_all(&[byte; 1 << 14]).is_ok() {
                sent += 1 << 14;
                assert!(sent < 64 << 20, "it takes {byte:#x} for ever");
            }
        });
        let options = Options::default()
            .with_timeout(None)
            .with_reply_limit(1 << 20);
        let error = Client::qmp(ours, options).unwrap_err();
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        // Bytes that are errors are reported at once; the others only when there are many in a row.
        let is_mistake = matches!(byte, 0 | b'}');
        let is_told = reason.contains("bytes in a row") || is_mistake;
        assert!(is_told, "{byte:#x}: {error}");
        flood.join().unwrap();
    }
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use std::io;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};
    use std::time::Duration;

    use qapi_runtime::client::tokio::Client;
    use qapi_runtime::{Any, Object, Options};
    use tokio::io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
        BufReader, ReadBuf, copy, duplex, sink,
    };
    use tokio::task::yield_now;

    use crate::agents::agent;
    use crate::faults::{Fault, GREETING, Script, arguments};
    use crate::faults_tokio::{run, serve};

    #[cfg(all(unix, feature = "descriptors"))]
    #[test]
    fn a_full_queue_of_connections_is_given_up_in_time() {
        use qapi_runtime::client::tokio::UnixPath;

        run(async {
            let busy = super::Busy::new("tokio");
            let options = Options::default().with_connect_timeout(super::SHORT);
            let path = || UnixPath::new(&busy.path);
            let error = Client::connect_qmp(path(), options.clone())
                .await
                .unwrap_err();
            assert!(error.is_timeout(), "{error}");
            let error = Client::connect_guest(path(), options).await.unwrap_err();
            assert!(error.is_timeout(), "{error}");
        });
    }

    #[test]
    fn lost_replies_do_not_use_up_the_room_for_others() {
        lose_replies(false, 1000);
    }

    #[test]
    fn lost_replies_do_not_use_up_the_room_beside_out_of_band_requests() {
        lose_replies(true, 20);
    }

    /// Loses the replies to so many requests at a time, again and again.
    fn lose_replies(out_of_band: bool, requests: i64) {
        run(async move {
            let (ours, theirs) = duplex(1 << 20);
            let greeting = GREETING.replace("[]", "[\"oob\"]");
            tokio::spawn(async move { serve(theirs, Script::new(1, true), &greeting).await });
            let options = Options::default().with_out_of_band(out_of_band);
            let (client, _events) = Client::qmp(ours, options).await.unwrap();
            for _ in 0..5 {
                let calls: Vec<_> = (0..requests)
                    .map(|number| {
                        let client = client.clone();
                        tokio::spawn(async move {
                            client.call("echo", &arguments(Fault::Lost, number)).await
                        })
                    })
                    .collect();
                for call in calls {
                    assert!(call.await.unwrap().unwrap_err().is_timeout());
                }
            }
            let reply = client.call("echo", &arguments(Fault::None, 7)).await;
            assert_eq!(reply.unwrap(), Any::from(7_i64));
        });
    }

    #[test]
    fn abandoned_requests_do_not_pile_up_before_a_server_that_does_not_read() {
        run(async {
            let (ours, mut theirs) = duplex(1 << 10);
            theirs.write_all(GREETING.as_bytes()).await.unwrap();
            let client = tokio::spawn(Client::qmp(ours, Options::default()));
            let mut line = vec![0; 1 << 10];
            assert!(theirs.read(&mut line).await.unwrap() > 0);
            theirs.write_all(b"{\"return\": {}}\n").await.unwrap();
            let (client, _events) = client.await.unwrap().unwrap();
            let hasty = client.with_timeout(Duration::from_millis(1));
            for _ in 0..5000 {
                let error = hasty.call("query", &Object::new()).await.unwrap_err();
                assert!(error.is_timeout(), "{error}");
            }
            // Whatever is left of them goes out before this one, and is not much.
            let last = tokio::spawn(async move { client.call("last", &Object::new()).await });
            let mut stream = BufReader::new(theirs);
            let mut requests = 0;
            let mut text = String::new();
            while !text.contains("\"last\"") {
                text.clear();
                stream.read_line(&mut text).await.unwrap();
                requests += 1;
            }
            assert!(requests < 2000, "{requests}");
            last.abort();
        });
    }

    #[test]
    fn a_silent_agent_gets_a_new_connection() {
        run(async {
            let attempts = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&attempts);
            let connect = move || {
                let (ours, mut theirs) = duplex(1 << 16);
                let speaks = count.fetch_add(1, Ordering::Relaxed) >= 2;
                tokio::spawn(async move {
                    if speaks {
                        agent(theirs).await;
                    } else {
                        copy(&mut theirs, &mut sink()).await.unwrap();
                    }
                });
                async move { Ok(ours) }
            };
            let client = Client::connect_guest(connect, Options::default()).await;
            let arguments = Object::new().with("number", 1_i64);
            let reply = client.unwrap().call("echo", &arguments).await.unwrap();
            assert_eq!(reply.get("number"), Some(&Any::from(1_i64)));
            assert_eq!(attempts.load(Ordering::Relaxed), 3);
        });
    }

    /// A peer that sends one byte forever, after a beginning, and counts what it has sent.
    struct Flood {
        beginning: Vec<u8>,
        byte: u8,
        sent: Arc<AtomicUsize>,
    }

    impl AsyncRead for Flood {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let flood = self.get_mut();
            let length = if flood.beginning.is_empty() {
                let length = buffer.remaining();
                buffer.initialize_unfilled().fill(flood.byte);
                buffer.advance(length);
                length
            } else {
                let length = buffer.remaining().min(flood.beginning.len());
                buffer.put_slice(&flood.beginning[..length]);
                flood.beginning.drain(..length);
                length
            };
            flood.sent.fetch_add(length, Ordering::Relaxed);
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Flood {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn peers_that_flood_leave_other_tasks_their_turn_and_are_given_up() {
        const PEERS: usize = 8;
        // For each peer: what is looked at in a turn, and a buffer that has been read.
        const TURNS: usize = PEERS * (128 << 10);
        for byte in [0xFF, 0, b' ', b'\n', b'x', b'}'] {
            run(async move {
                let sent = Arc::new(AtomicUsize::new(0));
                let options = Options::default()
                    .with_timeout(None)
                    .with_reply_limit(1 << 20);
                let mut clients = Vec::new();
                for _ in 0..PEERS {
                    let flood = Flood {
                        beginning: [GREETING, "{\"return\": {}}\n"].concat().into_bytes(),
                        byte,
                        sent: Arc::clone(&sent),
                    };
                    clients.push(Client::qmp(flood, options.clone()).await.unwrap().0);
                }
                let mut before = sent.load(Ordering::Relaxed);
                let mut most = 0;
                while clients.iter().any(|client| !client.is_closed()) {
                    yield_now().await;
                    let now = sent.load(Ordering::Relaxed);
                    most = most.max(now - before);
                    before = now;
                }
                assert!(most <= TURNS, "{most} bytes of {byte:#x} without a pause");
                assert!(before <= PEERS * (3 << 20), "{before} bytes of {byte:#x}");
            });
        }
    }
}
