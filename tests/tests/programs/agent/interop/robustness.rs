//! Misuse that must not bring our agent down.

use qapi_tests::peer;
use qapi_tests::raw::{Agent, Connection};

const PING: &[u8] = b"{\"execute\":\"guest-ping\"}\n";

fn text_of_error(line: &[u8]) -> String {
    let reply: serde_json::Value = serde_json::from_slice(line).expect("a reply is JSON");
    assert_eq!(reply["error"]["class"], "GenericError", "{reply}");
    reply["error"]["desc"]
        .as_str()
        .expect("an error has a text")
        .to_owned()
}

/// The next request works: exactly one error may have come before, which was read.
fn still_answers(connection: &mut Connection) {
    connection.send(PING);
    assert_eq!(connection.line(), b"{\"return\": {}}");
}

#[test]
fn an_oversized_request_gets_one_error_and_the_next_one_works() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    let mut request = b"{\"execute\":\"guest-ping\",\"id\":\"".to_vec();
    request.resize(request.len() + (65 << 20), b'a');
    request.extend_from_slice(b"\"}\n");
    connection.send(&request);
    assert!(text_of_error(&connection.line()).contains("token size limit exceeded"));
    still_answers(&mut connection);
}

#[test]
fn a_too_deeply_nested_request_gets_one_error_and_the_next_one_works() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let inside = if open == "[" { "" } else { "1" };
        let request = format!(
            "{{\"execute\":\"guest-ping\",\"id\":{}{inside}{}}}\n",
            open.repeat(5000),
            close.repeat(5000)
        );
        connection.send(request.as_bytes());
        assert!(text_of_error(&connection.line()).contains("nesting depth limit exceeded"));
        still_answers(&mut connection);
    }
}

#[test]
fn text_that_is_not_utf8_gets_an_error_and_the_next_request_works() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    connection.send(b"{\"execute\":\"guest-ping\",\"id\":\"\xC3\x28\"}\n");
    assert!(text_of_error(&connection.line()).contains("invalid UTF-8 sequence in string"));
    still_answers(&mut connection);
}

#[test]
fn a_truncated_request_is_given_up_at_the_next_sentinel() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    connection.send(b"{\"execute\":\"guest-pi\xFF");
    still_answers(&mut connection);
}

#[test]
fn a_client_that_vanishes_in_mid_request_does_not_end_the_agent() {
    let mut agent = Agent::start(&peer::qapi_agent());
    for _ in 0..50 {
        let mut connection = agent.connect();
        connection.send(b"{\"execute\":\"guest-sync\",\"argu");
    }
    assert!(agent.is_running());
    still_answers(&mut agent.connect());
}

#[test]
fn a_client_that_leaves_replies_unread_does_not_end_the_agent() {
    let mut agent = Agent::start(&peer::qapi_agent());
    for _ in 0..50 {
        let mut connection = agent.connect();
        connection.send(&PING.repeat(100));
    }
    assert!(agent.is_running());
    still_answers(&mut agent.connect());
}

#[test]
fn random_bytes_do_not_end_the_agent() {
    let mut agent = Agent::start(&peer::qapi_agent());
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let alphabet = b"{}[]:,\"'\\ \n-0123eE.truefalsn\xFF\x00\xC3executguest-ping";
    for _ in 0..300 {
        let mut connection = agent.connect();
        let length = random() % 400;
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                alphabet
                    [usize::try_from(random() % alphabet.len() as u64).expect("below the length")]
            })
            .collect();
        connection.send(&bytes);
        connection.send(b"\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}\n");
        while !connection.line().ends_with(b"\xFF{\"return\": 7}") {}
    }
    assert!(agent.is_running());
}
