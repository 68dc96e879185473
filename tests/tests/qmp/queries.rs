//! Every question that needs no arguments, asked at real servers: what a client of their own schema must be able to read,
//! and one of several revisions at all of them.

use std::os::unix::net::UnixStream;

use qapi_runtime::{Client, ClientError, Execute};
use qapi_tests::qmp_server::QmpServer;

use crate::conversation::options;

/// The functions that ask.
macro_rules! queries_of {
    ($($module:ident)*) => { $(
        #[allow(deprecated, reason = "deprecated commands are asked, too")]
        mod $module {
            use super::{ClientError, Execute};
            use crate::generated::$module::commands;

            include!(concat!(env!("OUT_DIR"), "/", stringify!($module), "/queries.rs"));
        }
    )* };
}

queries_of!(qmp qmp_7_2 qmp_10_0);

/// Result of asking: the number of answers understood, and those that were not.
#[derive(Debug, Default)]
struct Tally {
    understood: usize,
    refused: usize,
    failed: Vec<String>,
}

impl Tally {
    fn count(&mut self, name: &str, result: Result<(), ClientError>) {
        match result {
            Ok(()) => self.understood += 1,
            // The server has no such command, or nothing to answer: that is an answer, too.
            Err(error) if error.server_error().is_some() => self.refused += 1,
            Err(error) => self.failed.push(format!("{name}: {error}")),
        }
    }
}

fn connect(server: &QmpServer) -> Client<UnixStream> {
    let stream = UnixStream::connect(server.socket()).expect("the server listens");
    Client::qmp(stream, options()).expect("the server negotiates")
}

#[test]
fn one_client_of_several_revisions_understands_every_server() {
    let bare = [QmpServer::machine(), QmpServer::newer_machine()];
    let machines = bare
        .into_iter()
        .flatten()
        .chain(QmpServer::whole_machines());
    for server in machines {
        let mut tally = Tally::default();
        qmp::each(&mut connect(&server), |name, result| {
            tally.count(name, result);
        });
        assert!(tally.failed.is_empty(), "{tally:#?}");
        assert!(tally.understood > 40, "{tally:#?}");
    }
}

#[test]
fn a_client_understands_the_server_of_its_schema() {
    let machines = QmpServer::whole_machines();
    let [older, newer] = &machines[..] else {
        return;
    };
    let (mut of_older, mut of_newer) = (Tally::default(), Tally::default());
    qmp_7_2::each(&mut connect(older), |name, result| {
        of_older.count(name, result);
    });
    qmp_10_0::each(&mut connect(newer), |name, result| {
        of_newer.count(name, result);
    });
    for tally in [of_older, of_newer] {
        assert!(tally.failed.is_empty(), "{tally:#?}");
        assert!(tally.understood > 40, "{tally:#?}");
    }
}
