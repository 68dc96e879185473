//! Properties that hold for any bytes at all. Shared with the test that replays old findings.

use std::sync::Arc;

use qapi_runtime::wire::{Document, Event, Lexer, Limits, WireError};
use qapi_runtime::{
    Any, CommandInfo, CommandTable, Decode, Dispatcher, Elements, Error, Kind, Members, Object,
    Outcome, Service, Session, Value, Writer,
};

/// However a stream is cut into pieces, the lexer and the server see the same in it; then the
/// sentinel gives a fresh start. The first byte chooses limits and pieces.
pub fn wire(data: &[u8]) {
    let Some((choice, stream)) = data.split_first() else {
        return;
    };
    let limits = limits(*choice);
    let mut whole = Lexer::new(limits);
    let mut pieces = Lexer::new(limits);
    let expected = events(&mut whole, stream);
    let mut found = Vec::new();
    for piece in cut(stream, *choice) {
        found.extend(events(&mut pieces, piece));
    }
    assert_eq!(expected, found);
    for lexer in [&mut whole, &mut pieces] {
        // A number or word may have waited for its end.
        let found = events(lexer, b"\xFF{\"id\": 1}");
        assert!(found.len() <= 3, "{found:?}");
        assert!(
            found.ends_with(&["sentinel".to_owned(), "{\"id\": 1}".to_owned()]),
            "{found:?}"
        );
        assert!(lexer.is_idle());
    }
    server(limits, stream, *choice);
}

/// Small limits are met sooner.
fn limits(choice: u8) -> Limits {
    if choice & 1 == 0 {
        return Limits::default();
    }
    Limits {
        token_bytes: 64,
        tokens: 24,
        nesting: 5,
    }
}

/// Pieces of one to a few bytes.
fn cut(mut stream: &[u8], choice: u8) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut state = usize::from(choice);
    while !stream.is_empty() {
        state = state.wrapping_mul(0x5851_F42D).wrapping_add(0x1405_7B7E);
        let length = (1 + (state >> 16) % 7).min(stream.len());
        let (piece, rest) = stream.split_at(length);
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

/// Returns the lexer's findings in `bytes`, in words.
fn events(lexer: &mut Lexer, mut bytes: &[u8]) -> Vec<String> {
    let mut events = Vec::new();
    while let Some(event) = lexer.feed(&mut bytes) {
        events.push(match event {
            Event::Document(document) => written(document),
            Event::Error(error) => error.to_string(),
            Event::Sentinel => "sentinel".to_owned(),
        });
    }
    assert!(bytes.is_empty(), "all bytes are consumed");
    events
}

fn written(document: &Document) -> String {
    let mut writer = Writer::new();
    writer.value(&document.strict());
    assert_eq!(writer.fault(), None);
    writer.into_string()
}

/// Sends back its arguments.
struct Echo;

impl Service for Echo {
    fn commands(&self) -> &'static [CommandInfo] {
        const fn command(name: &'static str, success_response: bool) -> CommandInfo {
            CommandInfo::new(name)
                .with_success_response(success_response)
                .with_oob(true)
        }
        const COMMANDS: &[CommandInfo] = &[command("echo", true), command("quiet", false)];
        COMMANDS
    }

    fn call(
        &self,
        _: usize,
        mut arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        let id: Option<i64> = arguments.optional("id")?;
        let rest = arguments.rest();
        arguments.finish()?;
        reply.value(&rest.with("id", id.unwrap_or_default()));
        Ok(Outcome::Done)
    }
}

/// Every answer of a server is a line of JSON, and they do not depend on the pieces.
fn server(limits: Limits, stream: &[u8], choice: u8) {
    let table = Arc::new(CommandTable::new(Echo.commands()));
    let dispatcher = Dispatcher::new(Echo, table)
        .sentinel_before("echo")
        .with_oob();
    let mut whole = Session::with_limits(limits);
    whole.feed(stream, &dispatcher);
    let mut pieces = Session::with_limits(limits);
    for piece in cut(stream, choice) {
        pieces.feed(piece, &dispatcher);
    }
    assert_eq!(whole.output(), pieces.output());
    let output = whole.output();
    assert!(output.is_empty() || output.ends_with(b"\n"));
    for line in output
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let line = line.strip_prefix(b"\xFF").unwrap_or(line);
        let answer = Document::parse(line).expect("answers are JSON");
        assert_eq!(answer.strict().kind(), Kind::Object);
        assert!(line.is_ascii());
    }
}

/// A document is what a JSON parser makes of the text, keeps its promises, and survives being
/// written and read again. No type panics while it is decoded.
pub fn document(data: &[u8]) {
    let parsed = Document::parse(data);
    compare_with_json(data, &parsed);
    let Ok(document) = parsed else {
        return;
    };
    check_value(document.strict(), 0);
    let any = Any::decode(document.strict()).expect("anything is any");
    let text = written(&document);
    let again = Document::parse(text.as_bytes()).expect("what is written can be read");
    let any_again = Any::decode(again.strict()).expect("anything is any");
    assert!(
        alike(&any, &any_again),
        "{any:?} as {text} is {any_again:?}"
    );
    for value in [document.strict(), document.lenient()] {
        decode_as_everything(value);
    }
}

/// Values that another JSON parser accepts are accepted, and mean the same; but for what is
/// different on purpose (docs/reference/agent-behaviour.md §3.2 and §3.3).
fn compare_with_json(data: &[u8], parsed: &Result<Document, WireError>) {
    let Ok(expected) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    // After a leading zero, only a point goes on with the number.
    let has_zero_exponent = data.windows(2).any(|pair| matches!(pair, b"0e" | b"0E"));
    match parsed {
        Ok(document) => {
            let any = Any::decode(document.strict()).expect("anything is any");
            assert!(same(&any, &expected), "{any:?} is not {expected:?}");
        }
        // Non-characters are refused.
        Err(WireError::DuplicateKey | WireError::InvalidUtf8 | WireError::InvalidCharacter(_)) => {}
        Err(error) => assert!(
            has_zero_exponent,
            "{error}: {:?}",
            String::from_utf8_lossy(data)
        ),
    }
}

fn same(any: &Any, expected: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (any, expected) {
        (Any::Null, Json::Null) => true,
        (Any::Bool(a), Json::Bool(b)) => a == b,
        (Any::Integer(a), Json::Number(b)) => {
            b.as_i64() == Some(*a) || *a == 0 && b.as_f64() == Some(0.0)
        }
        (Any::Unsigned(a), Json::Number(b)) => b.as_u64() == Some(*a),
        // The other parser is quick rather than exact.
        (Any::Number(a), Json::Number(b)) => {
            b.as_f64().is_some_and(|b| (a - b).abs() <= a.abs() * 1e-15)
        }
        (Any::String(a), Json::String(b)) => a == b,
        (Any::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Any::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && b.iter()
                    .all(|(name, b)| a.get(name).is_some_and(|a| same(a, b)))
        }
        _ => false,
    }
}

/// Returns true if two values are the same but for numbers without fraction, which are written as integers.
fn alike(a: &Any, b: &Any) -> bool {
    match (a, b) {
        (Any::Number(_), Any::Integer(_) | Any::Unsigned(_)) => a.as_f64() == b.as_f64(),
        (Any::Array(a), Any::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Any::Object(a), Any::Object(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.all(|(a, b)| a.0 == b.0 && alike(a.1, b.1))
        }
        _ => a == b,
    }
}

/// Unique names, finite numbers, bounded nesting; whatever a value is, it is read as that.
fn check_value(value: Value<'_>, depth: usize) {
    assert!(depth <= Limits::MAX_NESTING);
    match value.kind() {
        Kind::Null | Kind::Integer => {}
        Kind::Bool => drop(value.boolean().expect("it is one")),
        Kind::Number => assert!(value.number().expect("it is one").is_finite()),
        Kind::String => drop(value.string().expect("it is one")),
        Kind::Array => {
            let elements: Elements<'_> = value.array().expect("it is one");
            for element in elements {
                check_value(element, depth + 1);
            }
        }
        Kind::Object => {
            let mut members = value.object().expect("it is one");
            let mut names = Vec::new();
            while let Some((name, member)) = members.next_member() {
                names.push(name);
                check_value(member, depth + 1);
            }
            members.finish().expect("nothing is left");
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "names are unique");
        }
    }
}

fn decode_as_everything(value: Value<'_>) {
    fn decode<T: Decode>(value: Value<'_>) {
        if let Err(error) = T::decode(value) {
            assert!(!error.to_string().is_empty());
        }
    }
    decode::<bool>(value);
    decode::<i8>(value);
    decode::<u16>(value);
    decode::<i64>(value);
    decode::<u64>(value);
    decode::<f64>(value);
    decode::<String>(value);
    decode::<()>(value);
    decode::<Vec<Any>>(value);
    decode::<Vec<i32>>(value);
    decode::<Box<Object>>(value);
    decode::<Object>(value);
    decode::<Error>(value);
}
