//! The generated client, the same conversation with both agents.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use qapi_runtime::client::{Client, ClientError, ClientErrorKind, Execute, Options};
use qapi_runtime::{Error, ErrorClass};
use qapi_tests::guest_agent::client::ClientMethods;
use qapi_tests::guest_agent::{GuestExecStatus, commands};
use qapi_tests::raw::Agent;
use qapi_tests::{base64, peer};

type GuestClient = Client<UnixStream>;

fn connect(agent: &Agent) -> GuestClient {
    let stream = UnixStream::connect(agent.socket()).expect("the agent listens");
    Client::guest(stream, Options::default()).expect("the agent answers")
}

fn seek(handle: i64, offset: i64, whence: i64) -> commands::GuestFileSeek {
    commands::GuestFileSeek::new(commands::GuestFileSeekMandatory {
        handle,
        offset,
        whence,
    })
}

/// The text of the error reply to a command that must fail.
fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Error {
    match result.map_err(ClientError::into_kind) {
        Err(ClientErrorKind::Command(error)) => error,
        other => panic!("not an error reply: {other:?}"),
    }
}

fn wait(client: &mut GuestClient, pid: i64) -> GuestExecStatus {
    let start = Instant::now();
    loop {
        let status = client
            .guest_exec_status(commands::GuestExecStatus::new(pid))
            .expect("a known process");
        if status.exited {
            return status;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "the process goes on"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Every byte value, twice over, so that nothing about binary data is left out; and its base64.
fn all_bytes() -> (Vec<u8>, String) {
    let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    let text = base64::encode(&bytes);
    (bytes, text)
}

fn liveness(client: &mut GuestClient) {
    client.guest_ping().expect("ping");
    assert_eq!(
        client
            .guest_sync(commands::GuestSync::new(i64::MAX))
            .expect("sync"),
        i64::MAX
    );
    assert_eq!(
        client
            .guest_sync(commands::GuestSync::new(i64::MIN))
            .expect("sync"),
        i64::MIN
    );
    let info = client.guest_info().expect("info");
    assert!(!info.version.is_empty());
    let enabled = |name: &str| {
        info.supported_commands
            .iter()
            .find(|command| command.name == name)
            .map(|command| command.enabled)
    };
    for name in [
        "guest-ping",
        "guest-sync",
        "guest-sync-delimited",
        "guest-info",
        "guest-exec",
        "guest-file-open",
    ] {
        assert_eq!(enabled(name), Some(true), "{name}");
    }
    let nanoseconds = client.guest_get_time().expect("time");
    assert!(
        nanoseconds > 1_600_000_000_000_000_000,
        "{nanoseconds} is before 2020"
    );
}

fn binary_file_round_trip(client: &mut GuestClient, agent: &Agent) {
    let path = agent.folder().join("binary");
    let path = path.to_str().expect("a scratch path is text");
    let (bytes, text) = all_bytes();
    let handle = client
        .guest_file_open(commands::GuestFileOpen::new(path).with_mode("w+"))
        .expect("open");
    let written = client
        .guest_file_write(commands::GuestFileWrite::new(handle, text.as_str()))
        .expect("write");
    assert_eq!((written.count, written.eof), (512, false));
    client
        .guest_file_flush(commands::GuestFileFlush::new(handle))
        .expect("flush");
    assert_eq!(std::fs::read(path).expect("the agent wrote it"), bytes);

    let position = client.guest_file_seek(seek(handle, 0, 0)).expect("seek");
    assert_eq!((position.position, position.eof), (0, false));
    let all = client
        .guest_file_read(commands::GuestFileRead::new(handle).with_count(512))
        .expect("read");
    assert_eq!(
        (all.count, all.buf_b64.as_str(), all.eof),
        (512, text.as_str(), false)
    );
    let end = client
        .guest_file_read(commands::GuestFileRead::new(handle))
        .expect("read at the end");
    assert_eq!((end.count, end.buf_b64.as_str(), end.eof), (0, "", true));
    let position = client
        .guest_file_seek(seek(handle, -2, 2))
        .expect("seek from the end");
    assert_eq!(position.position, 510);
    let last = client
        .guest_file_read(commands::GuestFileRead::new(handle))
        .expect("read the last two");
    assert_eq!(
        (last.count, last.buf_b64.as_str(), last.eof),
        (2, "AQA=", true)
    );

    client
        .guest_file_close(commands::GuestFileClose::new(handle))
        .expect("close");
    let error = refusal(client.guest_file_read(commands::GuestFileRead::new(handle)));
    assert_eq!(error.desc, format!("handle '{handle}' has not been found"));
}

fn programs(client: &mut GuestClient) {
    let script = "printf out; printf err >&2; exit 3";
    let command = commands::GuestExec::new("sh")
        .with_arg(vec!["-c".to_owned(), script.to_owned()])
        .with_capture_output(true);
    let pid = client.guest_exec(command).expect("exec").pid;
    let status = wait(client, pid);
    assert_eq!(status.exitcode, Some(3));
    assert_eq!(status.out_data.as_deref(), Some("b3V0"));
    assert_eq!(status.err_data.as_deref(), Some("ZXJy"));

    let command = commands::GuestExec::new("cat")
        .with_input_data("AAEC/w==")
        .with_capture_output(true);
    let pid = client.guest_exec(command).expect("exec").pid;
    assert_eq!(wait(client, pid).out_data.as_deref(), Some("AAEC/w=="));

    let command =
        commands::GuestExec::new("sh").with_arg(vec!["-c".to_owned(), "kill -9 $$".to_owned()]);
    let pid = client.guest_exec(command).expect("exec").pid;
    let status = wait(client, pid);
    assert_eq!((status.exitcode, status.signal), (None, Some(9)));

    let error = refusal(client.guest_exec(commands::GuestExec::new("/nonexistent/program")));
    assert!(
        error.desc.contains("No such file or directory"),
        "{}",
        error.desc
    );
}

fn interfaces(client: &mut GuestClient) {
    let interfaces = client.guest_network_get_interfaces().expect("interfaces");
    let loopback = interfaces
        .iter()
        .find(|interface| interface.name == "lo")
        .expect("there is a loopback device");
    assert_eq!(
        loopback.hardware_address.as_deref(),
        Some("00:00:00:00:00:00")
    );
}

fn a_time_out_leaves_the_connection_usable(client: &mut GuestClient) {
    // Nothing answers within no time at all; what was sent is answered later, unasked for.
    let result = client
        .with_timeout(Duration::from_nanos(1))
        .execute(&commands::GuestGetTime);
    assert!(
        result.as_ref().is_err_and(ClientError::is_timeout),
        "{result:?}"
    );
    client.guest_ping().expect("the client found its way back");
}

fn conversation(agent: &Agent) {
    let client = &mut connect(agent);
    liveness(client);
    binary_file_round_trip(client, agent);
    programs(client);
    interfaces(client);
    a_time_out_leaves_the_connection_usable(client);
    let error = refusal(client.call("guest-nonsense", &qapi_runtime::Object::new()));
    assert_eq!(error.class, ErrorClass::CommandNotFound);
    assert_eq!(error.desc, "The command guest-nonsense has not been found");
}

#[test]
fn our_client_talks_to_the_distributions_agent() {
    let Some(program) = peer::qemu_ga() else {
        return;
    };
    conversation(&Agent::start(&program));
}

#[test]
fn our_client_talks_to_our_agent() {
    conversation(&Agent::start(&peer::qapi_agent()));
}

#[test]
fn a_client_resynchronises_after_the_garbage_of_another() {
    for program in [peer::qemu_ga(), Some(peer::qapi_agent())]
        .into_iter()
        .flatten()
    {
        let agent = Agent::start(&program);
        let mut rude = agent.connect();
        rude.send(b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":[{'");
        drop(rude);
        connect(&agent)
            .guest_ping()
            .expect("half a request of someone else is no hindrance");
    }
}
