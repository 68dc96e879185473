//! Reading damaged schemas: whatever the input, it ends, nothing panics, and every reported
//! place lies in its file.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qapi_parser::diag::{Anchor, Severity};
use qapi_parser::ir::{Doc, Schema};
use qapi_parser::source::{Disk, Files, Memory, SourceMap, Span};
use qapi_parser::{Dialect, Loaded, load};
use qapi_test_support::Random;

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/damage.rs"]
mod damage;
#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use damage::{PIECES, damage};

#[track_caller]
fn check_span(sources: &SourceMap, span: Span) {
    let text = &sources.file(span.file).text;
    let range = span.start as usize..span.end as usize;
    assert!(
        text.get(range).is_some(),
        "{span:?} is a range of characters"
    );
    let position = sources.position(span);
    assert!(position.line >= 1 && position.column >= 1);
}

fn check_doc(sources: &SourceMap, doc: &Doc) {
    check_span(sources, doc.span);
    check_span(sources, doc.body.span);
    let named = doc.members.iter().chain(&doc.features).map(|it| it.span);
    for span in named.chain(doc.sections.iter().map(|it| it.span)) {
        check_span(sources, span);
    }
}

fn check(loaded: &Loaded, what: &str) {
    let mut errors = 0;
    for found in &loaded.diagnostics {
        errors += usize::from(found.severity == Severity::Error);
        match &found.anchor {
            Anchor::Point(span) | Anchor::Line(span) => check_span(&loaded.sources, *span),
            Anchor::File(path) => assert!(!path.is_empty()),
        }
        for label in found.primary.iter().chain(&found.labels) {
            check_span(&loaded.sources, label.span);
        }
        for suggestion in &found.suggestions {
            check_span(&loaded.sources, suggestion.span);
        }
        assert!(!found.message.contains('\n'), "{}", found.message);
    }
    assert_eq!(loaded.schema.is_none(), errors > 0, "{what}");
    let docs = loaded
        .schema
        .as_ref()
        .map_or(&[][..], |it: &Schema| &it.docs);
    for doc in docs {
        check_doc(&loaded.sources, doc);
    }
}

fn load_bytes(bytes: &[u8], dialect: Dialect) -> Loaded {
    let files = Memory::new()
        .with("schema.json", bytes)
        .with("include-simple-sub.json", "{ 'event': 'SUB' }\n");
    load(Path::new("schema.json"), &files, &loading::options(dialect))
}

/// Schemas to damage: all small ones and the guest agent's.
fn victims() -> Option<Vec<PathBuf>> {
    let corpus = corpus::corpus()?;
    let table = Disk.read(&corpus.join("conformance/expected.tsv"));
    let table = String::from_utf8(table.expect("the table is there")).expect("it is text");
    let rows = table
        .lines()
        .skip(1)
        .filter_map(|row| row.split('\t').next());
    let small = rows.map(|name| corpus.join("conformance").join(name));
    let large = ["1.1", "2.5"].map(|release| corpus.join(format!("seeds/qga-{release}.json")));
    Some(small.chain(large).collect())
}

#[test]
fn damaged_schemas_are_read_to_their_ends() {
    let Some(victims) = victims() else {
        return;
    };
    let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
    for path in &victims {
        let original = Disk.read(path).unwrap();
        let rounds = if original.len() > 5_000 { 30 } else { 40 };
        for round in 0..rounds {
            let mut bytes = original.clone();
            for _ in 0..=random.below(4) {
                damage(&mut bytes, &mut random);
            }
            for dialect in [Dialect::Auto, Dialect::Strict] {
                let what = format!("{} {round} {dialect:?}", path.display());
                check(&load_bytes(&bytes, dialect), &what);
            }
        }
    }
}

#[test]
fn pieces_in_any_order_are_read_to_their_ends() {
    let mut random = Random::new(0x2545_F491_4F6C_DD1D);
    for _ in 0..3_000 {
        let text: Vec<_> = (0..random.below(40))
            .map(|_| PIECES[random.below(PIECES.len())])
            .collect();
        let text = text.concat();
        for dialect in [Dialect::Auto, Dialect::Strict] {
            check(&load_bytes(text.as_bytes(), dialect), &text);
        }
    }
}

#[test]
fn errors_of_today_are_at_least_warnings_unless_they_are_style() {
    let mut random = Random::new(0x1234_5678_9ABC_DEF1);
    let Some(victims) = victims() else {
        return;
    };
    for path in &victims {
        let original = Disk.read(path).unwrap();
        for _ in 0..10 {
            let mut bytes = original.clone();
            damage(&mut bytes, &mut random);
            let strict = load_bytes(&bytes, Dialect::Strict);
            let auto = load_bytes(&bytes, Dialect::Auto);
            let text = String::from_utf8_lossy(&bytes);
            if strict.diagnostics.is_empty() {
                assert_eq!(auto.diagnostics, [], "{text}");
                continue;
            }
            let is_style = |code: &str| ["DOC-LONG", "DOC-SPACING"].contains(&code);
            if !strict
                .diagnostics
                .iter()
                .all(|it| is_style(it.code.as_str()))
            {
                assert!(
                    !auto.diagnostics.is_empty(),
                    "{:?}\n{text}",
                    strict.diagnostics
                );
            }
        }
    }
}

/// Inputs on which a careless reader takes quadratic time, or loses its stack: what is in front,
/// what is repeated, what is after.
const LONG: [(&str, &str, &str); 16] = [
    ("##\n# ", "Foo. ", "\n##\n"),
    ("", "##\n", ""),
    ("", "##\n{", ""),
    ("", "##\n# x\n{}", ""),
    ("{ 'a': ", "##\n", ""),
    ("{ 'a': ", "## x\n", "'b'"),
    ("[", "'a' # x\n", ""),
    ("", "# x\n", "##\n{}"),
    ("", "'", ""),
    ("", "'\\", ""),
    ("", "{'a':1,", ""),
    ("", "a", ""),
    ("", "\u{e9} ", ""),
    ("##\n", "# @a: x\n# Since 1\n#\n", "##\n"),
    ("##\n# @A:\n", "# Returns: x\n", "##\n"),
    (
        "##\n# @A:\n",
        "# Features:\n# @a: x\n# x\n",
        "##\n{'event':'A'}",
    ),
];

#[test]
fn time_grows_with_the_input_and_not_faster() {
    const COUNT: usize = 4_000;
    const GROWTH: u32 = 8;
    for (before, repeated, behind) in LONG {
        for dialect in [Dialect::Auto, Dialect::Strict] {
            let time = |count| {
                let input = format!("{before}{}{behind}", repeated.repeat(count));
                let start = Instant::now();
                check(&load_bytes(input.as_bytes(), dialect), repeated);
                start.elapsed()
            };
            // Quadratic time would be 64 times as long; a busy machine has some room, and more than one try.
            let mut tries = std::iter::repeat_with(|| {
                let short = time(COUNT);
                let long = time(COUNT * GROWTH as usize);
                (long, Duration::from_millis(200) + short * GROWTH * 3)
            });
            let is_fast = tries.by_ref().take(3).any(|(long, limit)| long < limit);
            assert!(is_fast, "three tries were too slow for {repeated:?}");
        }
    }
}

/// Schemas in which much is misspelt: what is before, what is there often, each time with another
/// number for `%`, and what is after.
const MISSPELT: [[&str; 3]; 3] = [
    ["", "{ 'struct': 'Ss%', 'data': { 'a': 'Nope%' } }\n", ""],
    [
        "{ 'enum': 'Ee', 'data': [ 'a' ] } { 'struct': 'Ss', 'data': {} }\n\
         { 'union': 'Uu', 'base': { 'e': 'Ee' }, 'discriminator': 'e', 'data': { ",
        "'b%': 'Ss', ",
        "'a': 'Ss' } }",
    ],
    ["{ 'enum': 'Ee', 'data': [", "'y%', ", "'z' ] }"],
];

#[test]
fn the_search_for_similar_names_is_limited() {
    for (index, [before, each, behind]) in MISSPELT.into_iter().enumerate() {
        let time = |count: usize| {
            let numbered = |text: &str| {
                (0..count)
                    .map(|number: usize| text.replace('%', &number.to_string()))
                    .collect::<String>()
            };
            let mut input = format!("{before}{}{behind}", numbered(each));
            if index == 2 {
                input = format!("##\n# @Ee:\n#\n{}##\n{input}", numbered("# @x%: text\n"));
            }
            let start = Instant::now();
            let loaded = load_bytes(input.as_bytes(), Dialect::Strict);
            assert!(loaded.diagnostics.len() >= count, "{each}");
            start.elapsed()
        };
        let short = time(4_000);
        let long = time(32_000);
        let limit = Duration::from_secs(3) + short * 24;
        assert!(long < limit, "{short:?}, then {long:?} for {each:?}");
    }
}

#[test]
fn reading_twice_says_the_same() {
    let Some(victims) = victims() else {
        return;
    };
    for path in victims {
        let bytes = Disk.read(&path).unwrap();
        let diagnostics = || load_bytes(&bytes, Dialect::Auto).diagnostics;
        assert_eq!(diagnostics(), diagnostics());
    }
}
