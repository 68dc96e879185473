//! QMP clients against servers that send what nobody has asked for: replies to earlier clients, and noise.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;

use qapi_runtime::{Any, Client, Object, Options, Reconnect};
use serde_json::{Value, json};

use crate::faults::GREETING;

/// The requests that a server has had, of all clients.
type Seen = Arc<Mutex<BTreeSet<u64>>>;

/// A client that a server answers on a thread: before each reply with replies to all earlier requests, as if each of them
/// had been waited for in vain. It closes the connection instead of answering `vanish`.
fn server_of_late_replies(seen: &Seen) -> UnixStream {
    let seen = Arc::clone(seen);
    serve(move |request, id| {
        if request["execute"] == "vanish" {
            return None;
        }
        let mut seen = seen.lock().unwrap();
        // Those that a client would use that counts from zero or one.
        let mut answer: String = seen.iter().copied().chain(0..20).map(late).collect();
        answer += &reply(&request["execute"], id);
        seen.insert(id);
        Some(answer)
    })
}

fn late(id: u64) -> String {
    reply(&json!("late"), id)
}

fn reply(value: &Value, id: u64) -> String {
    format!("{}\n", json!({"return": value, "id": id}))
}

/// The client's end of a connection to a server that answers until it has no answer. Each answer is one write.
fn serve(mut answer: impl FnMut(&Value, u64) -> Option<String> + Send + 'static) -> UnixStream {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::spawn(move || {
        let mut stream = BufReader::new(theirs);
        stream.get_mut().write_all(GREETING.as_bytes()).unwrap();
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|length| length > 0) {
            let request: Value = serde_json::from_str(&line).unwrap();
            line.clear();
            let Some(answer) = answer(&request, request["id"].as_u64().unwrap()) else {
                return;
            };
            // The client may have gone.
            drop(stream.get_mut().write_all(answer.as_bytes()));
        }
    });
    ours
}

fn options() -> Options {
    Options::default().with_reconnect(Reconnect::default())
}

const NAMES: [&str; 4] = ["one", "two", "three", "four"];

fn nothing() -> Object {
    Object::new()
}

#[test]
fn replies_to_earlier_clients_are_not_taken() {
    let seen = Seen::default();
    for _ in 0..10 {
        let seen = Arc::clone(&seen);
        let connect = move || Ok(server_of_late_replies(&seen));
        let mut client = Client::connect_qmp(connect, options()).unwrap();
        for name in NAMES {
            assert_eq!(client.call(name, &nothing()).unwrap(), Any::from(name));
        }
        client.call("vanish", &nothing()).unwrap_err();
        let (mut commands, _events) = client.split().unwrap();
        for name in NAMES {
            assert_eq!(commands.call(name, &nothing()).unwrap(), Any::from(name));
        }
        commands.call("vanish", &nothing()).unwrap_err();
        for name in NAMES {
            assert_eq!(commands.call(name, &nothing()).unwrap(), Any::from(name));
        }
    }
}

#[test]
fn noise_that_comes_with_a_reply_is_not_taken_for_the_next_one() {
    for noise in [
        "%\n",
        "[1]\n",
        "{}\n",
        "\u{0}\u{0}\n",
        "7\n",
        "{\"return\": 1}\n",
        "{\"error\": {}}\n",
    ] {
        let noisy = || serve(move |request, id| Some(reply(&request["execute"], id) + noise));
        let mut client = Client::qmp(noisy(), Options::default()).unwrap();
        for name in NAMES {
            assert_eq!(client.call(name, &nothing()).unwrap(), Any::from(name));
        }
        let client = Client::qmp(noisy(), Options::default()).unwrap();
        let (mut commands, _events) = client.split().unwrap();
        for name in NAMES {
            assert_eq!(commands.call(name, &nothing()).unwrap(), Any::from(name));
        }
    }
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use qapi_runtime::client::tokio::Client;
    use tokio::net::UnixStream as AsyncStream;

    use super::*;

    fn asynchronous(stream: UnixStream) -> std::io::Result<AsyncStream> {
        stream.set_nonblocking(true)?;
        AsyncStream::from_std(stream)
    }

    #[tokio::test]
    async fn replies_to_earlier_clients_are_not_taken() {
        let seen = Seen::default();
        for _ in 0..10 {
            let seen = Arc::clone(&seen);
            let connect = move || {
                let stream = asynchronous(server_of_late_replies(&seen));
                async { stream }
            };
            let (client, _events) = Client::connect_qmp(connect, options()).await.unwrap();
            for _ in 0..2 {
                for name in NAMES {
                    let reply = client.call(name, &nothing()).await.unwrap();
                    assert_eq!(reply, Any::from(name));
                }
                client.call("vanish", &nothing()).await.unwrap_err();
            }
        }
    }

    #[tokio::test]
    async fn noise_that_comes_with_a_reply_is_not_taken_for_the_next_one() {
        for noise in ["%\n", "[1]\n", "{}\n", "7\n", "{\"error\": {}}\n"] {
            let noisy = serve(move |request, id| Some(reply(&request["execute"], id) + noise));
            let stream = asynchronous(noisy).unwrap();
            let (client, _events) = Client::qmp(stream, Options::default()).await.unwrap();
            for name in NAMES {
                let reply = client.call(name, &nothing()).await.unwrap();
                assert_eq!(reply, Any::from(name));
            }
        }
    }
}
