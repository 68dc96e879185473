//! Damaged schemas: whatever is done to real ones, reading them ends, without a panic, and
//! everything that is said points into the text.

use std::path::Path;

use qapi_parser::diag::{Anchor, Severity};
use qapi_parser::source::{Disk, Files, Memory, SourceMap};
use qapi_parser::{Dialect, Loaded, load};
use qapi_test_support::Random;

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/invariants.rs"]
mod invariants;
#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

/// Rough tokens: strings, comment lines, words and single characters, with what follows them.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => rest[1..]
                .find(['\'', '\n'])
                .map_or(rest.len(), |end| end + 2),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            _ if first.is_ascii_alphabetic() => rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length.min(rest.len()));
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn mutate(text: &str, random: &mut Random) -> String {
    let mut tokens = tokens(text);
    let words = [
        "'int'",
        "'data'",
        "'base'",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "true",
        "false",
        "'*'",
        "''",
        "'if'",
        "'any'",
        "##\n",
        "'type'",
        "'union'",
        "'discriminator'",
        "'features'",
        "null",
        "'QType'",
    ];
    for _ in 0..=random.below(6) {
        if tokens.len() < 2 {
            break;
        }
        let at = random.below(tokens.len());
        let other = random.below(tokens.len());
        match random.below(6) {
            0 => {
                tokens.remove(at);
            }
            1 => tokens.insert(at, tokens[at]),
            2 => tokens.swap(at, other),
            3 => tokens[at] = tokens[other],
            4 => tokens[at] = *random.choose(&words),
            _ => {
                let end = (at + random.below(20)).min(tokens.len());
                tokens.drain(at..end);
            }
        }
    }
    tokens.concat()
}

fn assert_sound(loaded: &Loaded) {
    let sources = &loaded.sources;
    for diagnostic in &loaded.diagnostics {
        match &diagnostic.anchor {
            Anchor::Point(span) | Anchor::Line(span) => assert_span(sources, *span),
            Anchor::File(_) => {}
        }
        for label in diagnostic.primary.iter().chain(&diagnostic.labels) {
            assert_span(sources, label.span);
        }
        for suggestion in &diagnostic.suggestions {
            assert_span(sources, suggestion.span);
        }
        let message = &diagnostic.message;
        assert!(!message.is_empty() && !message.ends_with('.'), "{message}");
    }
    let failed = loaded
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(loaded.schema.is_none(), failed);
    if let Some(schema) = &loaded.schema {
        invariants::assert_invariants(schema, sources);
    }
}

fn assert_span(sources: &SourceMap, span: qapi_parser::source::Span) {
    invariants::span(sources, span);
    assert!(sources.position(span).line > 0);
}

#[test]
fn damaged_schemas_are_read_to_the_end() {
    let Some(corpus) = corpus::corpus() else {
        return;
    };
    let mut random = Random::new(0x5eed);
    let schemas = [
        ("conformance/doc-good.json", 150),
        ("conformance/union-invalid-union-subtype.json", 150),
        ("conformance/comments.json", 100),
        ("conformance/alternate-array.json", 100),
        ("conformance/args-union.json", 150),
        ("seeds/qga-1.1.json", 20),
        ("seeds/qga-2.3.json", 20),
        ("qemu/10.2/qapi/sockets.json", 40),
        ("qemu/10.2/qapi/introspect.json", 40),
    ];
    for (schema, times) in schemas {
        let text = Disk
            .read(&corpus.join(schema))
            .expect("the corpus is there");
        let text = String::from_utf8(text).expect("the corpus is text");
        for _ in 0..times {
            let mutated = mutate(&text, &mut random);
            let files = Memory::new().with("schema.json", mutated.as_str());
            for dialect in [Dialect::Strict, Dialect::Auto] {
                let loaded = load(Path::new("schema.json"), &files, &loading::options(dialect));
                assert_sound(&loaded);
            }
        }
    }
}
