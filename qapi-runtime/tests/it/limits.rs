//! The limits at their edges, and what happens after them (docs/reference/agent-behaviour.md §3.4).

use qapi_runtime::Session;
use qapi_runtime::wire::{Document, Event, Lexer, Limits, WireError};

use crate::{dispatcher, generic, replies, text};

const PING: &str = "{\"execute\":\"guest-ping\"}\n";
const PONG: &str = "{\"return\": {}}\n";

fn with_id(id: &str) -> String {
    format!("{{\"execute\":\"guest-ping\",\"id\":{id}}}\n")
}

fn echo(id: &str) -> String {
    format!("{{\"return\": {{}}, \"id\": {id}}}\n")
}

/// The answers of a session with `limits`.
fn limited(limits: Limits, input: &str) -> String {
    let mut session = Session::with_limits(limits);
    session.feed(input.as_bytes(), &dispatcher());
    text(session.output())
}

/// The tokens of `with_id("\"…\"")` but for the text of the string.
const AROUND_TEXT: usize = 33 - 1;

#[test]
fn token_bytes_end_at_64_mib() {
    let size = (64 << 20) - 1 - AROUND_TEXT;
    assert_eq!(size, 67_108_831);
    let id = format!("\"{}\"", "a".repeat(size));
    assert!(
        replies(with_id(&id)) == echo(&id),
        "the largest string is echoed"
    );
    let id = format!("\"{}\"", "a".repeat(size + 1));
    assert_eq!(
        replies(with_id(&id) + PING),
        generic("JSON token size limit exceeded") + PONG
    );
    // Here it is the string itself, not the closer, that does not fit.
    let id = format!("\"{}\"", "a".repeat(67_108_862));
    assert_eq!(
        replies(with_id(&id) + PING),
        generic("JSON token size limit exceeded") + PONG
    );
}

#[test]
fn tokens_end_at_two_to_the_21() {
    let id = |zeros: usize| format!("[{}0]", "0,".repeat(zeros - 1));
    let reply = replies(with_id(&id(1_048_571)));
    assert!(
        reply == echo(&id(1_048_571).replace(',', ", ")),
        "2 097 151 tokens are fine"
    );
    let expected = generic("JSON token count limit exceeded");
    assert_eq!(replies(with_id(&id(1_048_572)) + PING), expected + PONG);
    // 2 097 152 tokens: an empty array less than the one above, and a member more.
    let id = format!("[{}[]]", "0,".repeat(1_048_570));
    let reply = replies(with_id(&id));
    assert!(
        reply == echo(&id.replace(',', ", ")),
        "2 097 152 tokens are fine"
    );
}

#[test]
fn white_space_does_not_count() {
    let limits = Limits {
        token_bytes: 64,
        ..Limits::default()
    };
    let blanks = " \n\t\r".repeat(10_000);
    assert_eq!(
        limited(limits, &PING.replace(':', &format!(":{blanks}"))),
        PONG
    );
}

#[test]
fn nesting_ends_at_1024() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(
        replies(nested(1024)),
        generic("QMP input must be a JSON object")
    );
    assert_eq!(
        replies(nested(1025)),
        generic("JSON nesting depth limit exceeded")
    );
    assert_eq!(replies(with_id(&nested(1023))), echo(&nested(1023)));
    assert_eq!(
        replies(with_id(&nested(1024))),
        generic("JSON nesting depth limit exceeded")
    );
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert_eq!(
        replies(with_id(&objects(1023))),
        echo(&objects(1023).replace(':', ": "))
    );
    assert_eq!(
        replies(with_id(&objects(1024))),
        generic("JSON nesting depth limit exceeded")
    );
    // More cannot be configured: what reads documents may use the stack.
    let limits = Limits {
        nesting: 5000,
        ..Limits::default()
    };
    assert_eq!(
        limited(limits, &nested(1025)),
        generic("JSON nesting depth limit exceeded")
    );
}

#[test]
fn smaller_limits_have_exact_edges() {
    let ping = PING.trim_end();
    let size = ping.len();
    let with = |token_bytes, tokens, nesting| {
        limited(
            Limits {
                token_bytes,
                tokens,
                nesting,
            },
            ping,
        )
    };
    assert_eq!(with(size + 1, 5, 1), PONG);
    assert_eq!(with(size, 5, 1), generic("JSON token size limit exceeded"));
    assert_eq!(
        with(size + 1, 4, 1),
        generic("JSON token count limit exceeded")
    );
    assert_eq!(
        with(size + 1, 5, 0),
        generic("JSON nesting depth limit exceeded")
    );
}

#[test]
fn single_tokens_of_every_kind_are_bounded() {
    let limits = Limits {
        token_bytes: 1000,
        ..Limits::default()
    };
    let expected = generic("JSON token size limit exceeded") + PONG;
    for token in [
        format!("\"{}\"", "a".repeat(2000)),
        format!("'{}'", "\\'".repeat(2000)),
        format!("\"{}\"", "é".repeat(2000)),
        "1".repeat(2000),
        format!("1.{}", "1".repeat(2000)),
        "a".repeat(2000),
    ] {
        for piece in [1, 7, 100_000] {
            let input = format!("{{\"execute\":{token}}}\n{PING}");
            let mut session = Session::with_limits(limits);
            for piece in input.as_bytes().chunks(piece) {
                session.feed(piece, &dispatcher());
            }
            assert_eq!(
                text(session.output()),
                expected,
                "{} in pieces of {piece}",
                &token[..10]
            );
        }
    }
}

#[test]
fn a_value_given_up_is_skipped_to_its_end() {
    let limits = Limits {
        token_bytes: 200,
        ..Limits::default()
    };
    let expected = generic("JSON token size limit exceeded") + PONG;
    let long = "x".repeat(300);
    for rest in [
        "\"}".to_owned(),
        "\"}\n".to_owned(),
        "\",\"a\":[{},[1,2],\"]}\\\"}]\"]}".to_owned(),
        "\\\"\\\\\",'b':'}\\'}'}".to_owned(),
        // Pretty-printed: the lines of the value are not new requests.
        "\",\n \"a\": {\n  \"b\": [\n   {\n   }\n  ]\n }\n}".to_owned(),
        // A wrong closer ends a value early, as it does anywhere else.
        "\"]".to_owned(),
    ] {
        let input = format!("{{\"execute\":\"{long}{rest}{PING}");
        for cut in 0..input.len() {
            let mut session = Session::with_limits(limits);
            session.feed(&input.as_bytes()[..cut], &dispatcher());
            session.feed(&input.as_bytes()[cut..], &dispatcher());
            assert_eq!(text(session.output()), expected, "{rest} cut at {cut}");
        }
    }
}

#[test]
fn a_value_given_up_and_never_closed_does_not_swallow_the_next_line() {
    let limits = Limits {
        token_bytes: 200,
        ..Limits::default()
    };
    let expected = generic("JSON token size limit exceeded") + PONG;
    let long = "x".repeat(300);
    for start in [
        format!("{{\"execute\":\"{long}\n"),
        format!("{{\"execute\":\"{long}\"\n"),
        format!("{{\"execute\":\"{long}\\\n"),
        format!("[[[[\"{long}\",[[[\r\n"),
        format!("{{\"execute\":\"{long}\n\n"),
    ] {
        assert_eq!(
            limited(limits, &format!("{start}{PING}")),
            expected,
            "{start}"
        );
    }
    let deep = "[".repeat(2000);
    assert_eq!(
        replies(format!("{deep}\n{PING}")),
        generic("JSON nesting depth limit exceeded") + PONG
    );
}

#[test]
fn a_value_given_up_ends_at_a_flush_byte() {
    let limits = Limits {
        token_bytes: 200,
        ..Limits::default()
    };
    let start = format!("[[[\"{}", "x".repeat(300));
    let mut session = Session::with_limits(limits);
    for reset in [b"\xFF".as_slice(), b"\",[\xFF", b"\\\xFF"] {
        session.feed(start.as_bytes(), &dispatcher());
        session.feed(reset, &dispatcher());
        session.feed(PING.as_bytes(), &dispatcher());
        let expected = generic("JSON token size limit exceeded") + PONG;
        assert_eq!(text(&std::mem::take(session.output())), expected);
    }
    // Other bytes that flush the reference's parser do, too, and are answered as ever.
    session.feed(format!("{start}\u{1}{PING}").as_bytes(), &dispatcher());
    let expected = generic("JSON token size limit exceeded")
        + &generic("JSON parse error, stray '\\u0001'")
        + PONG;
    assert_eq!(text(session.output()), expected);
}

#[test]
fn objects_with_many_members_are_read_in_linear_time() {
    let members: Vec<String> = (0..60_000)
        .map(|number| format!("\"m{number}\":{number}"))
        .collect();
    let unique = format!("{{{}}}", members.join(","));
    let document = Document::parse(unique.as_bytes()).unwrap();
    assert_eq!(
        qapi_runtime::Any::from(document.strict())
            .as_object()
            .map(qapi_runtime::Object::len),
        Some(60_000)
    );
    for double in [0, 11, 12, 13, 1000, 59_999] {
        let text = format!("{},\"m{double}\":1}}", unique.trim_end_matches('}'));
        assert_eq!(
            Document::parse(text.as_bytes()),
            Err(WireError::DuplicateKey),
            "{double}"
        );
    }
}

#[test]
fn names_are_unique_per_object_only() {
    let members = |count: usize| {
        let members: Vec<String> = (0..count)
            .map(|number| format!("\"m{number}\":0"))
            .collect();
        format!("{{{}}}", members.join(","))
    };
    for count in [1, 2, 11, 12, 13, 50] {
        let inner = members(count);
        let text = format!(
            "[{inner},{inner},{}]",
            inner.replace(":0", &format!(":{inner}"))
        );
        Document::parse(text.as_bytes()).unwrap();
        let double = inner.replace('}', ",\"m0\":0}");
        assert_eq!(
            Document::parse(double.as_bytes()),
            Err(WireError::DuplicateKey),
            "{count}"
        );
    }
}

#[test]
fn parsing_a_whole_text_wants_one_value() {
    assert_eq!(Document::parse(b""), Err(WireError::PrematureEnd));
    assert_eq!(Document::parse(b" \n"), Err(WireError::PrematureEnd));
    assert_eq!(Document::parse(b"{\"a\":1"), Err(WireError::PrematureEnd));
    assert_eq!(
        Document::parse(b"\"a"),
        Err(WireError::Stray("\"a\n".into()))
    );
    assert_eq!(Document::parse(b"1 2"), Err(WireError::TrailingData));
    assert_eq!(Document::parse(b"{}}"), Err(WireError::TrailingData));
    assert!(Document::parse(b" 12").is_ok());
    assert!(Document::parse(b"null").is_ok());
    assert!(Document::parse(b"{ } \r\n\t").is_ok());
}

#[test]
fn a_sentinel_is_an_event() {
    let mut lexer = Lexer::default();
    let mut input = b"{\"return\": \xFF\xFF{\"return\": 1}".as_slice();
    assert!(matches!(lexer.feed(&mut input), Some(Event::Sentinel)));
    assert!(matches!(lexer.feed(&mut input), Some(Event::Sentinel)));
    assert!(matches!(lexer.feed(&mut input), Some(Event::Document(_))));
    assert!(lexer.feed(&mut input).is_none() && lexer.is_idle());
}
