//! File descriptors handed to QEMU: taken over by name, and added to sets.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qapi_runtime::client::tokio::{Client as AsyncClient, UnixPath};
use qapi_runtime::{
    Any, AsyncExecute as _, Client, Execute as _, NamedDescriptor, Object, Options,
};
use qapi_tests::qmp_server::QmpServer;

use crate::generated::qmp::commands;
use crate::machine::raw_image;

/// Limit for what must happen; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> Options {
    Options::default().with_timeout(PATIENCE)
}

fn blocking(server: &QmpServer) -> Client<UnixStream> {
    let path = server.socket();
    Client::connect_qmp(move || UnixStream::connect(&path), options()).unwrap()
}

async fn asynchronous(server: &QmpServer) -> AsyncClient {
    let path = UnixPath::new(server.socket());
    let (client, _) = AsyncClient::connect_qmp(path, options()).await.unwrap();
    client
}

fn run<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

/// A stream whose end QEMU will write a machine's state to, and its arguments of `migrate`.
fn migration(end: &NamedDescriptor) -> Object {
    Object::from([("uri", Any::from(format!("fd:{}", end.name())))])
}

fn assert_state_arrives(mut stream: UnixStream) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut magic = [0; 4];
    stream.read_exact(&mut magic).unwrap();
    assert_eq!(&magic, b"QEVM");
}

#[test]
fn a_machine_migrates_to_a_descriptor() {
    for server in QmpServer::hotplug_machines() {
        let mut client = blocking(&server);
        let (ours, theirs) = UnixStream::pair().unwrap();
        let end = client.send_descriptor(theirs).unwrap();
        client.call("migrate", &migration(&end)).unwrap();
        assert_state_arrives(ours);
    }
    for server in QmpServer::hotplug_machines() {
        run(async {
            let client = asynchronous(&server).await;
            let (ours, theirs) = UnixStream::pair().unwrap();
            let end = client.send_descriptor(theirs).await.unwrap();
            client.call("migrate", &migration(&end)).await.unwrap();
            assert_state_arrives(ours);
        });
    }
}

/// QEMU closes what is dropped, too: its other end reads the end.
#[test]
fn descriptors_are_closed_on_drop_where_asked() {
    for server in QmpServer::hotplug_machines() {
        let mut client = blocking(&server);
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(PATIENCE)).unwrap();
        let end = client.send_descriptor(theirs).unwrap();
        drop(end.closed_on_drop());
        client.execute(&commands::QueryVersion).unwrap();
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
        drop(client);

        run(async {
            let client = asynchronous(&server).await;
            let (mut ours, theirs) = UnixStream::pair().unwrap();
            ours.set_read_timeout(Some(PATIENCE)).unwrap();
            let end = client.send_descriptor(theirs).await.unwrap();
            drop(end.closed_on_drop());
            client.execute(&commands::QueryVersion).await.unwrap();
            assert_eq!(ours.read(&mut [0]).unwrap(), 0);
        });
    }
}

fn node(set: i64, name: &str) -> Object {
    Object::from([
        ("driver", Any::from("raw")),
        ("node-name", Any::from(name)),
        ("read-only", Any::from(true)),
        (
            "file",
            Any::from(Object::from([
                ("driver", Any::from("file")),
                ("filename", Any::from(format!("/dev/fdset/{set}"))),
            ])),
        ),
    ])
}

#[test]
fn an_image_is_opened_by_its_descriptor() {
    for server in QmpServer::hotplug_machines() {
        let image = File::open(raw_image(server.folder(), 1 << 20)).unwrap();
        // Only its descriptor is left.
        std::fs::remove_file(server.folder().join("disk.raw")).unwrap();
        let add = commands::AddFd::new();
        let mut client = blocking(&server);
        let added = client.with_descriptors([&image]).execute(&add).unwrap();
        client
            .call("blockdev-add", &node(added.fdset_id, "disk0"))
            .unwrap();
        let nodes = client
            .call("query-named-block-nodes", &Object::new())
            .unwrap();
        assert!(nodes.to_string().contains("disk0"));
        client
            .call(
                "blockdev-del",
                &Object::from([("node-name", Any::from("disk0"))]),
            )
            .unwrap();
        drop(client);

        run(async {
            let client = asynchronous(&server).await;
            let with = client.with_descriptors([&image]);
            let added = with.execute(&add).await.unwrap();
            let node = node(added.fdset_id, "disk1");
            client.call("blockdev-add", &node).await.unwrap();
            // Without a descriptor it is QEMU that refuses.
            let error = client.execute(&add).await.unwrap_err();
            assert!(error.to_string().contains("SCM_RIGHTS"), "{error}");
        });
    }
}

/// Each command gets its own among callers on one connection, whether QEMU executes out of band or not: QEMU reads the
/// image of a descriptor's own file.
#[test]
fn concurrent_callers_hand_over_their_own() {
    for (server, out_of_band) in QmpServer::hotplug_machines()
        .into_iter()
        .flat_map(|server| {
            let server = std::rc::Rc::new(server);
            [(std::rc::Rc::clone(&server), false), (server, true)]
        })
    {
        run(async {
            let path = UnixPath::new(server.socket());
            let options = options().with_out_of_band(out_of_band);
            let (client, _) = AsyncClient::connect_qmp(path, options).await.unwrap();
            let mut callers = tokio::task::JoinSet::new();
            for caller in 0_u64..24 {
                let client = client.clone();
                let path = server.folder().join(format!("image{caller}"));
                callers.spawn(async move {
                    let mut image = File::create_new(&path).unwrap();
                    image.seek(SeekFrom::Start((caller + 1) << 16)).unwrap();
                    image.write_all(&[0; 512]).unwrap();
                    let image = File::open(&path).unwrap();
                    let other = client.clone();
                    let status = async move { other.call("query-status", &Object::new()).await };
                    let status = tokio::spawn(status);
                    let with = client.with_descriptors([&image]);
                    let added = with.execute(&commands::AddFd::new()).await;
                    status.await.unwrap().unwrap();
                    let name = format!("disk{caller}-{out_of_band}");
                    let node = node(added.unwrap().fdset_id, &name);
                    client.call("blockdev-add", &node).await.unwrap();
                    std::fs::remove_file(path).unwrap();
                    (name, ((caller + 1) << 16) + 512)
                });
            }
            let added = callers.join_all().await;
            let nothing = Object::new();
            let nodes = client.call("query-named-block-nodes", &nothing);
            let nodes = nodes.await.unwrap();
            let nodes = nodes.as_array().unwrap();
            for (name, size) in added {
                let named = nodes
                    .iter()
                    .find(|node| node.get("node-name").and_then(Any::as_str) == Some(&*name));
                let image = named.unwrap().get("image").unwrap();
                assert_eq!(image.get("virtual-size"), Some(&Any::from(size)), "{name}");
            }
        });
    }
}
