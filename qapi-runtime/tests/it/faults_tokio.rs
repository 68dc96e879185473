//! The asynchronous clients against the peers of [`faults`](crate::faults), with many calls at a time. Time is that of the
//! runtime, which passes when everybody waits.

use std::future::Future;
use std::time::Duration;

use qapi_runtime::client::tokio::Client;
use qapi_runtime::{Any, Options};
use qapi_test_support::Random;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};

use crate::faults::{FAULTS, Fault, GREETING, Script, arguments};

/// Plays a peer on a stream.
pub(crate) async fn serve(stream: DuplexStream, mut script: Script, greeting: &str) {
    let mut stream = BufReader::new(stream);
    stream.write_all(greeting.as_bytes()).await.unwrap();
    let mut line = Vec::new();
    while let Ok(1..) = stream.read_until(b'\n', &mut line).await {
        let answer = script.answer(&line);
        line.clear();
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// Calls with faults, all at once or one after the other, and then calls without.
async fn run_sequence(seed: u64, guest: bool, echoes: bool) {
    let mut random = Random::of_run(seed);
    let (ours, theirs) = duplex(1 + random.below(1 << 10));
    let greeting = if guest { "" } else { GREETING };
    tokio::spawn(serve(
        theirs,
        Script::new(random.number(), echoes),
        greeting,
    ));
    let options = Options::default().with_timeout(Duration::from_secs(1000));
    let client = if guest {
        Client::guest(ours, options).await.unwrap()
    } else {
        Client::qmp(ours, options).await.unwrap().0
    };
    // A guest agent is asked one thing at a time, so calls wait for those before them.
    let at_once = !guest && random.below(2) == 0;
    let mut calls = Vec::new();
    let mut faults = 0;
    let mut failures = 0;
    for number in 1000..1010 {
        let fault = FAULTS[random.below(FAULTS.len())];
        faults += usize::from(!matches!(
            fault,
            Fault::None | Fault::Twice | Fault::Flushed
        ));
        let client = client.clone();
        let mut call = tokio::spawn(async move {
            match client.call("echo", &arguments(fault, number)).await {
                Ok(value) => {
                    assert_eq!(value, Any::from(number), "{fault:?}");
                    0
                }
                Err(_) => 1,
            }
        });
        if at_once {
            calls.push(call);
        } else {
            failures += (&mut call).await.unwrap();
        }
    }
    for call in calls {
        failures += call.await.unwrap();
    }
    // What comes after a reply may come when this call is under way.
    let last = client.call("echo", &arguments(Fault::None, 1)).await;
    failures += usize::from(last.is_err());
    assert!(
        failures <= faults,
        "seed {seed}: {failures} failures of {faults} faults"
    );
    // What is late may still come before the first of these, and a message that is cut ends there.
    for number in 0..3 {
        let value = client.call("echo", &arguments(Fault::None, number)).await;
        match value {
            Ok(value) => assert_eq!(value, Any::from(number), "seed {seed}"),
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
}

/// With a clock that moves when everybody waits.
pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test);
}

fn run_sequences(guest: bool, echoes: bool) {
    for seed in 1..=1000 {
        run(run_sequence(seed, guest, echoes));
    }
}

#[test]
fn one_bad_reply_of_a_qmp_server_costs_one_call() {
    run_sequences(false, true);
}

#[test]
fn one_bad_reply_of_a_guest_agent_costs_one_call() {
    run_sequences(true, true);
}

#[test]
fn no_reply_of_a_guest_agent_without_ids_is_taken_for_another() {
    run_sequences(true, false);
}
