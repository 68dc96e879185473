//! Traffic of QEMU's own servers: recorded through the proxy, and judged by the schema that the server describes.

use qapi_runtime::{Any, Client, Object, Options};
use qapi_tests::qmp_server::QmpServer;

use super::programs::{Proxy, schema_of};
use super::reconstructed::same_after_reconstruction;

/// Queries of every server that need no arguments and no machine.
pub(super) const QUERIES: [&str; 5] = [
    "query-version",
    "query-commands",
    "query-chardev",
    "query-block-jobs",
    "query-named-block-nodes",
];

fn check(server: &QmpServer) {
    let schema = schema_of(server);
    let proxy = Proxy::start(server);
    let stream = std::os::unix::net::UnixStream::connect(&proxy.listen).expect("the proxy listens");
    let mut client = Client::qmp(stream, Options::default()).expect("the server greets");
    for query in QUERIES {
        client
            .call(query, &Object::new())
            .unwrap_or_else(|error| panic!("{query}: {error}"));
    }
    let secret = Object::new()
        .with("qom-type", "secret")
        .with("id", "sec0")
        .with("data", "correct horse");
    for _ in 0..2 {
        // The second one fails, and the error must not tell.
        let _ = client.call("object-add", &secret);
    }
    let described = client
        .call("query-qmp-schema", &Object::new())
        .expect("servers describe themselves");
    drop(client);
    let recording = proxy.finish(&schema);
    assert!(!recording.contains("correct horse"), "{recording}");
    assert!(recording.contains("\"(masked)\""));
    // What went through is what the server says.
    same_after_reconstruction(&Any::to_string(&described), &[]);
}

#[test]
fn a_machine_and_its_own_schema_agree() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    check(&server);
}

#[test]
fn a_storage_daemon_and_its_own_schema_agree() {
    let Some(server) = QmpServer::storage_daemon() else {
        return;
    };
    check(&server);
}
