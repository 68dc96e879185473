//! Clients of what servers say about themselves, at these servers.

use std::fmt::Write as _;
use std::process::Command;

use qapi_codegen::{Config, Formatter};
use qapi_tests::golden;
use qapi_tests::qmp_server::QmpServer;
use qapi_tests::queries::queries;
use qapi_tests::throwaway::Throwaway;

use super::programs::{Proxy, schema_of};

/// Connects to the socket that is its second argument, with the client that is its first, and prints a line for each query.
const PROGRAM: &str = "//! Asks a server everything.
use std::os::unix::net::UnixStream;

use qapi_runtime::{Client, ClientError, Options};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(client), Some(socket)) = (arguments.next(), arguments.next()) else {
        panic!(\"expected a client and a socket\");
    };
    let stream = UnixStream::connect(socket).expect(\"the server listens\");
    let mut connection = Client::qmp(stream, Options::default()).expect(\"it negotiates\");
    let tell = |name: &str, result: Result<(), ClientError>| match result {
        Ok(()) => println!(\"understood {name}\"),
        Err(error) if error.server_error().is_some() => println!(\"refused {name}: {error}\"),
        Err(error) => println!(\"failed {name}: {error}\"),
    };
    match client.as_str() {
CHOICES        other => panic!(\"there is no client {other}\"),
    }
}
";

#[test]
fn a_client_of_a_reconstructed_schema_understands_its_server() {
    let mut servers: Vec<(String, QmpServer)> = Vec::new();
    let machines = QmpServer::whole_machines();
    let machines = (1..).zip(machines);
    servers.extend(machines.map(|(number, it)| (format!("machine_{number}"), it)));
    let daemon = QmpServer::storage_daemon();
    servers.extend(daemon.map(|it| ("storage_daemon".to_owned(), it)));
    if servers.is_empty() {
        return;
    }
    let mut throwaway = Throwaway::new("reconstructed", "2024");
    let mut schemas = Vec::new();
    let mut choices = String::new();
    for (name, server) in &servers {
        let path = schema_of(server);
        let schema = golden::schema(&path);
        let config = Config::new().server(false).formatter(Formatter::None);
        throwaway.add(name, &golden::generate(&schema, &config));
        let code = queries(&[&schema]).expect("writing to a string cannot fail");
        let code = code.replace("pub(crate) fn", "/// Asks.\npub fn");
        throwaway.add_user(&format!(
            "/// Asks everything.\n#[allow(deprecated)]\npub mod ask_{name} {{\n\
             use qapi_runtime::{{ClientError, Execute}};\nuse crate::{name}::commands;\n\n{code}}}\n"
        ));
        writeln!(
            choices,
            "        {name:?} => reconstructed::ask_{name}::each(&mut connection, tell),"
        )
        .expect("writing to a string cannot fail");
        schemas.push(path);
    }
    let program = throwaway.program(&PROGRAM.replace("CHOICES", &choices));
    for ((name, server), schema) in servers.iter().zip(schemas) {
        let proxy = Proxy::start(server);
        let output = Command::new(&program).arg(name).arg(&proxy.listen).output();
        let output = output.expect("it was built");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {output:?}");
        let count = |word: &str| said.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("failed "), 0, "{name}: {said}");
        let least = if name == "storage_daemon" { 8 } else { 40 };
        assert!(count("understood ") >= least, "{name}: {said}");
        // Requests and replies are those of the schema, by another judge.
        proxy.finish(&schema);
    }
}
