//! Requests and replies recorded from the reference, byte for byte.
//!
//! The table is `tests/data/protocol.txt`. Rows that we differ from on purpose, which the workspace's
//! `tests/data/agent/differences.txt` lists, are not looked at here; what we do instead is below.

use qapi_runtime::Session;
use qapi_test_support::unescape;

use crate::{dispatcher, generic, replies, text};

/// A recorded exchange.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: Vec<u8>,
    pub(crate) reply: Vec<u8>,
}

/// The recorded exchanges that ours are like.
pub(crate) fn cases() -> Vec<Case> {
    let different: Vec<&str> = include_str!("../../../tests/data/agent/differences.txt")
        .lines()
        .filter_map(|line| line.strip_prefix("rows "))
        .flat_map(str::split_whitespace)
        .collect();
    let mut cases = all_cases();
    cases.retain(|case| !different.iter().any(|row| case.name.starts_with(row)));
    cases
}

fn all_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for group in include_str!("../data/protocol.txt").split("\n\n").skip(1) {
        let mut lines = group.trim_start_matches('\n').lines();
        let mut next = |mark: &str| {
            let line = lines
                .next()
                .unwrap_or_else(|| panic!("incomplete group:\n{group}"));
            line.strip_prefix(mark)
                .unwrap_or_else(|| panic!("`{line}` should begin with `{mark}`"))
                .trim_start()
        };
        let (name, request, reply) = (next("#"), next(">"), next("<"));
        cases.push(Case {
            name: name.to_owned(),
            request: unescape(request),
            reply: unescape(reply),
        });
    }
    cases
}

/// Runs every case through one session, in pieces cut by `pieces`; the reset before each case is part of the pieces.
fn check(pieces: impl Fn(&[u8]) -> Vec<Vec<u8>>) {
    let dispatcher = dispatcher();
    let mut session = Session::new();
    for case in cases() {
        let mut request = Vec::new();
        if !case.name.ends_with("(continued)") {
            request.extend_from_slice(b"\xFF\n");
        }
        request.extend_from_slice(&case.request);
        for piece in pieces(&request) {
            session.feed(&piece, &dispatcher);
        }
        let reply = std::mem::take(session.output());
        assert_eq!(
            text(&reply),
            text(&case.reply),
            "{}: {}",
            case.name,
            text(&case.request)
        );
    }
}

#[test]
fn replies_equal_the_recorded_ones() {
    check(|request| vec![request.to_vec()]);
}

#[test]
fn replies_do_not_depend_on_single_bytes() {
    check(|request| request.iter().map(|&byte| vec![byte]).collect());
}

#[test]
fn replies_do_not_depend_on_where_a_request_is_cut() {
    let dispatcher = dispatcher();
    for case in cases().iter().filter(|case| case.request.len() < 200) {
        for cut in 0..=case.request.len() {
            let mut session = Session::new();
            session.feed(&case.request[..cut], &dispatcher);
            session.feed(&case.request[cut..], &dispatcher);
            let whole = replies(&case.request);
            assert_eq!(text(session.output()), whole, "{} cut at {cut}", case.name);
        }
    }
}

/// Deliberate differences from the reference, in every form. Everything else in the table is as recorded.
mod differences {
    use super::*;

    /// The reference answers 0xFF with an error line (P139 to P144). Clients send the byte to get rid of what is half
    /// read, not to be told so, and skip the line; docs/reference/agent-behaviour.md §3.8 recommends silence.
    #[test]
    fn sentinel_resets_silently() {
        assert_eq!(replies(b"\xFF"), "");
        assert_eq!(replies(b"\xFF\xFF\n"), "");
        assert_eq!(
            replies(b"\xFF{\"execute\":\"guest-ping\"}\n"),
            "{\"return\": {}}\n"
        );
        // What follows in the half-read request is as in the reference: skipped up to its brace.
        assert_eq!(
            replies(b"{\"execute\":\"guest-pi\xFFng\"}\n"),
            generic("JSON parse error, expecting value")
        );
        let partial = b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":".as_slice();
        let in_string = b"{\"execute\":\"guest-sync\",\"argu".as_slice();
        let behind_escape = b"{\"execute\":\"guest-sync\\".as_slice();
        for start in [
            partial,
            in_string,
            behind_escape,
            b"-",
            b"[1.",
            b"{\"a\":tru",
            b"'",
        ] {
            let sync = b"\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":5}}\n";
            assert_eq!(
                replies([start, sync].concat()),
                "\u{FF}{\"return\": 5}\n",
                "{}",
                text(start)
            );
        }
    }

    /// The reference takes numbers beyond the doubles as infinite and echoes `inf`, which no JSON parser reads (P012,
    /// defect D18).
    #[test]
    fn numbers_out_of_range_are_rejected() {
        let expected = generic("JSON parse error, number '1e400' is out of range");
        assert_eq!(replies(r#"{"execute":"guest-ping","id":1e400}"#), expected);
        let expected = generic("JSON parse error, number '-1e400' is out of range");
        assert_eq!(
            replies(r#"{"execute":"guest-ping","id":[-1e400]}"#),
            expected
        );
        let digits = "9".repeat(400);
        let expected = generic(&format!(
            "JSON parse error, number '{}...' is out of range",
            &digits[..40]
        ));
        assert_eq!(
            replies(format!(r#"{{"execute":"guest-ping","id":{digits}}}"#)),
            expected
        );
        assert_eq!(
            replies(r#"{"execute":"guest-ping","id":1e-400}"#),
            "{\"return\": {}, \"id\": 0}\n"
        );
    }

    /// The reference reports a value nested too deeply once and then each of its closers (P164, P165, defect D17).
    #[test]
    fn nesting_is_reported_once() {
        let expected = generic("JSON nesting depth limit exceeded");
        let (open, close) = ("[".repeat(1025), "]".repeat(1025));
        assert_eq!(replies(format!("{open}{close}\n")), expected);
        let (open, close) = (&open[1..], &close[1..]);
        assert_eq!(
            replies(format!(
                "{{\"execute\":\"guest-ping\",\"id\":{open}{close}}}\n"
            )),
            expected
        );
    }

    /// Which of several unexpected members is named depends on a hash in the reference (P054): we name the first.
    #[test]
    fn first_unexpected_member_is_named() {
        let expected = generic("Parameter 'foo' is unexpected");
        assert_eq!(
            replies(r#"{"execute":"guest-ping","arguments":{"foo":42,"bar":1}}"#),
            expected
        );
    }
}
