//! The generated server as a whole. The runtime has the rows of docs/reference/agent-behaviour.md §9.1; here is
//! what needs the agent's own commands and its socket.

use qapi_test_support::Random;

use crate::harness::Agent;

#[test]
fn replies_have_the_bytes_of_the_reference() {
    let agent = Agent::start();
    let mut client = agent.connect();
    for (request, reply) in [
        (&br#"{"execute":"guest-ping"}"#[..], &b"{\"return\": {}}\n"[..]),
        (b"{'execute':'guest-ping','id':[1,{'a':null}]}", b"{\"return\": {}, \"id\": [1, {\"a\": null}]}\n"),
        (br#"{"execute":"guest-sync","arguments":{"id":-9223372036854775808}}"#, b"{\"return\": -9223372036854775808}\n"),
        (br#"{"execute":"guest-sync-delimited","arguments":{"id":4242},"id":"q"}"#, b"\xff{\"return\": 4242, \"id\": \"q\"}\n"),
        (br#"{"execute":"guest-sync-delimited","arguments":{"id":"x"}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter type for 'id', expected: integer\"}}\n"),
        (br#"{"execute":"guest-ping","arguments":{"foo":42}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'foo' is unexpected\"}}\n"),
        (br#"{"execute":"guest-file-open","id":7}"#, b"{\"id\": 7, \"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'path' is missing\"}}\n"),
        (br#"{"execute":"guest-get-devices"}"#, b"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command guest-get-devices has not been found\"}}\n"),
        (br#"{"execute":"guest-file-read","arguments":{"handle":1,"count":null}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter type for 'count', expected: integer\"}}\n"),
        (br#"{"execute":"guest-exec","arguments":{"path":"true","arg":["a",1]}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter type for 'arg[1]', expected: string\"}}\n"),
        (br#"{"execute":"guest-exec","arguments":{"path":"true","capture-output":1}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter type for 'capture-output', expected: GuestExecCaptureOutput\"}}\n"),
        (br#"{"execute":"guest-exec","arguments":{"path":"true","capture-output":"bogus"}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'capture-output' does not accept value 'bogus'\"}}\n"),
        (br#"{"execute":"guest-file-seek","arguments":{"handle":1,"offset":0,"whence":"bogus"}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter 'whence' does not accept value 'bogus'\"}}\n"),
        (br#"{"execute":"guest-file-seek","arguments":{"handle":1,"offset":0,"whence":true}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter type for 'whence', expected: GuestFileWhence\"}}\n"),
        (br#"{"execute":"guest-file-seek","arguments":{"handle":1,"offset":0,"whence":1.5}}"#, b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter type for 'whence', expected: integer\"}}\n"),
    ] {
        let answer = client.raw(request);
        assert_eq!(
            String::from_utf8_lossy(&answer),
            String::from_utf8_lossy(reply),
            "{}",
            String::from_utf8_lossy(request)
        );
        assert_eq!(answer, reply);
    }
}

#[test]
fn the_sentinel_byte_recovers_from_any_state() {
    let agent = Agent::start();
    for garbage in [
        &b""[..],
        br#"{"execute":"guest-sync","arguments":{"id":"#,
        br#"{"execute":"guest-sync","argu"#,
        b"!!!! [[[[ \x00\x1a",
        b"\xff\xff",
    ] {
        let mut client = agent.connect();
        client.send(garbage);
        client.send(b"\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":5}}");
        let line = loop {
            let line = client.line();
            if line.starts_with(b"\xff") {
                break line;
            }
        };
        assert_eq!(line, b"\xff{\"return\": 5}\n");
        client.ping();
    }
}

#[test]
fn thousands_of_requests_in_one_go_are_answered_in_order() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let requests: Vec<_> = (0..5000)
        .map(|id| format!(r#"{{"execute":"guest-sync","arguments":{{"id":{id}}}}}"#))
        .collect();
    client.send(requests.concat());
    for id in 0..5000 {
        assert_eq!(
            client.line(),
            format!("{{\"return\": {id}}}\n").into_bytes()
        );
    }
}

#[test]
fn time_is_that_of_the_system() {
    let agent = Agent::start();
    let answer = agent
        .connect()
        .run("guest-get-time", &serde_json::json!({}));
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let seconds = answer.as_i64().unwrap() / 1_000_000_000;
    assert!(
        now.as_secs().abs_diff(seconds.unsigned_abs()) <= 5,
        "{answer}"
    );
    assert_eq!(answer.as_i64().unwrap() % 1000, 0);
}

#[test]
fn no_input_ends_the_agent_or_confuses_it_for_good() {
    // Damaged requests could do anything, so those that touch the machine are blocked.
    let agent = Agent::start_with(&["-b", "guest-exec,guest-file-open"]);
    let samples: [&[u8]; 8] = [
        br#"{"execute":"guest-ping"}"#,
        br#"{"execute":"guest-info","id":{"a":[1,2.5e3,null,true,"\u00e9\ud83d\ude00"]}}"#,
        br#"{"execute":"guest-sync","arguments":{"id":-9223372036854775808}}"#,
        br#"{"execute":"guest-file-read","arguments":{"handle":1000,"count":50331648}}"#,
        br#"{"execute":"guest-file-write","arguments":{"handle":1000,"buf-b64":"AAAA","count":3}}"#,
        br#"{"execute":"guest-file-seek","arguments":{"handle":1,"offset":9223372036854775807,"whence":2}}"#,
        br#"{"execute":"guest-exec-status","arguments":{"pid":4294967297}}"#,
        br#"{"execute":"guest-set-memory-blocks","arguments":{"mem-blks":[{"phys-index":18446744073709551615,"online":true}]}}"#,
    ];
    let alphabet = b"{}[]:,\"'\\ \n\t0123456789-+.eEtfnu\xff\xfe\x00\xc0\x80\xf0";
    let mut random = Random::new(1);
    for round in 0..40 {
        let mut client = agent.connect();
        for _ in 0..50 {
            let mut request = random.choose(&samples).to_vec();
            for _ in 0..random.below(6) {
                if request.is_empty() {
                    break;
                }
                let place = random.below(request.len());
                let byte = *random.choose(alphabet);
                match random.below(4) {
                    0 => request[place] = byte,
                    1 => request.insert(place, byte),
                    2 => drop(request.remove(place)),
                    _ => request.truncate(place + 1),
                }
            }
            client.send(&request);
        }
        let sync = format!(r#"{{"execute":"guest-sync-delimited","arguments":{{"id":{round}}}}}"#);
        client.send(b"\xff");
        client.send(sync);
        let wanted = [&[0xff][..], format!("{{\"return\": {round}}}\n").as_bytes()].concat();
        while client.line() != wanted {}
    }
    assert_eq!(agent.stderr(), "");
}
