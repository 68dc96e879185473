//! Handlers get the file descriptors that came with their command.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use qapi_runtime::client::tokio::{Client as AsyncClient, UnixPath};
use qapi_runtime::server::ServerLimits;
use qapi_runtime::{Any, Object, Options, descriptors};

use crate::descriptors::descriptor_of;
use crate::servers::{Kind, PATIENCE, Serving};

/// A server of each kind that receives descriptors.
fn each(name: &str) -> impl Iterator<Item = Serving> {
    let kinds = Kind::ALL
        .into_iter()
        .filter(|kind| kind.carries_descriptors());
    kinds.map(move |kind| Serving::start(kind, name, &ServerLimits::default()))
}

/// A QMP server of each kind: guest agents take no descriptors, so clients send them none.
fn each_qmp(name: &str) -> impl Iterator<Item = Serving> {
    each(name).filter(|server| server.kind.is_qmp())
}

fn options() -> Options {
    Options::default().with_timeout(PATIENCE)
}

fn texts(texts: &[&str]) -> Any {
    Any::Array(texts.iter().map(|text| Any::from(*text)).collect())
}

#[test]
fn a_command_gets_its_own() {
    for server in each_qmp("own") {
        for oob in [false, true] {
            let mut client = server.client(options().with_out_of_band(oob)).unwrap();
            let none = Object::new();
            assert_eq!(client.call("take", &none).unwrap(), texts(&[]));
            let most: Vec<_> = (0..descriptors::MOST).map(|it| it.to_string()).collect();
            let most: Vec<_> = most.iter().map(String::as_str).collect();
            for sent in [&["a"][..], &["b", "c"], &most] {
                let descriptors = sent.iter().map(|text| descriptor_of(text));
                let got = client.with_descriptors(descriptors).call("take", &none);
                assert_eq!(got.unwrap(), texts(sent));
                assert_eq!(client.call("take", &none).unwrap(), texts(&[]));
            }
        }
    }
}

#[test]
fn descriptors_that_are_not_taken_are_closed() {
    for server in each("closed") {
        let (stream, mut line) = server.negotiated("");
        for command in ["leave", "nope"] {
            let (theirs, mut ours) = UnixStream::pair().unwrap();
            ours.set_read_timeout(Some(PATIENCE)).unwrap();
            let request = format!("{{\"execute\": \"{command}\"}}\n");
            descriptors::send(&stream, request.as_bytes(), &[theirs.as_fd()]).unwrap();
            drop(theirs);
            assert_eq!(line().contains("return"), command == "leave");
            assert_eq!(ours.read(&mut [0]).unwrap(), 0, "the end is told");
            // Nothing is left for the next.
            (&stream).write_all(b"{\"execute\": \"take\"}\n").unwrap();
            assert_eq!(line(), "{\"return\": []}");
        }
    }
}

#[test]
fn consecutive_requests_get_their_own_replies() {
    for server in each("behind") {
        for enable in ["", ", \"arguments\": {\"enable\": [\"oob\"]}"] {
            // Guest agents know nothing of it.
            if !enable.is_empty() && !server.kind.is_qmp() {
                continue;
            }
            let (stream, mut line) = server.negotiated(enable);
            let mut write = &stream;
            let request = b"{\"execute\": \"take\"}\n";
            // Of a request that comes in two parts, they come with the first.
            for (part, text) in [
                (&request[..], None),
                (&request[..], Some("one")),
                (&request[..], None),
                (&request[..5], Some("two")),
                (&request[5..], None),
                (&request[..], Some("three")),
                (&request[..], Some("four")),
            ] {
                match text {
                    None => write.write_all(part).unwrap(),
                    Some(text) => {
                        let descriptor = descriptor_of(text);
                        let sent = descriptors::send(&stream, part, &[descriptor.as_fd()]);
                        assert_eq!(sent.unwrap(), part.len());
                    }
                }
            }
            for expected in ["", "\"one\"", "", "\"two\"", "\"three\"", "\"four\""] {
                assert_eq!(line(), format!("{{\"return\": [{expected}]}}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_callers_are_not_mixed_up() {
    for server in each_qmp("callers") {
        for oob in [false, true] {
            let path = UnixPath::new(&server.path);
            let options = options().with_out_of_band(oob);
            let (client, _events) = AsyncClient::connect_qmp(path, options).await.unwrap();
            let callers = (0..12).map(|caller| {
                let client = client.clone();
                tokio::spawn(async move {
                    for call in 0..30 {
                        let name = format!("{caller}-{call}");
                        let sends = (caller + call) % 3 != 0;
                        let sent: &[&str] = if sends { &[&name] } else { &[] };
                        let descriptors = sent.iter().map(|text| descriptor_of(text));
                        let with = client.with_descriptors(descriptors);
                        let got = with.call("take", &Object::new()).await.unwrap();
                        assert_eq!(got, texts(sent));
                    }
                })
            });
            for caller in callers.collect::<Vec<_>>() {
                caller.await.unwrap();
            }
        }
    }
}
