//! The reference of a small schema that has one of everything.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use qapi_codegen::docgen::{Examples, Format, Printed, ReferencePrinter};
use qapi_codegen::documentation::Links;
use qapi_parser::ir::{Entity, Schema};
use qapi_parser::source::Memory;

const BOARD: &str = include_str!("docgen/schema.json");

fn schema(text: &str) -> Schema {
    let files = Memory::new().with("board.json", text);
    let loaded = qapi_parser::load(
        Path::new("board.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    let problems: Vec<_> = loaded.diagnostics.iter().map(|it| &it.message).collect();
    loaded.schema.unwrap_or_else(|| panic!("{problems:#?}"))
}

fn print(text: &str, format: Format) -> Printed {
    ReferencePrinter::new(format)
        .title("Board")
        .print(&schema(text))
        .expect("paths are plain and different")
}

#[test]
fn markdown() {
    let printed = print(BOARD, Format::Markdown);
    insta::assert_snapshot!(printed.output.get("board.md").unwrap());
    insta::assert_snapshot!("markdown_index", printed.output.get("index.md").unwrap());
}

#[test]
fn manual_page() {
    let printed = print(BOARD, Format::Man);
    insta::assert_snapshot!(printed.output.get("Board.7").unwrap());
}

#[test]
fn site() {
    let printed = print(BOARD, Format::Html);
    for (name, text) in printed.output.files() {
        if Path::new(name).extension().is_some_and(|it| it == "html") || name == "search.js" {
            insta::assert_snapshot!(name, text);
        }
    }
}

#[test]
fn everything_in_the_board_is_understood() {
    assert_eq!(print(BOARD, Format::Html).unknown.count(), 0);
}

/// A command with this documentation and no arguments.
fn documented(doc: &str) -> Printed {
    let lines: Vec<_> = doc.lines().map(|line| format!("# {line}\n")).collect();
    let doc = lines.concat();
    print(
        &format!("##\n# @stop:\n#\n{doc}##\n{{ 'command': 'stop' }}\n"),
        Format::Html,
    )
}

#[test]
fn nothing_is_dropped_but_shown_as_written_and_counted() {
    for (written, what) in [
        (".. figure:: a.png", "directive `figure`"),
        (".. note: forgot a colon", "directive `note` without `::`"),
        (
            ".. code-block:: c\n   :odd: yes\n\n   x",
            "directive `code-block`",
        ),
        (".. [1] a footnote", "footnote or link target"),
        (":magic:`word`", "role `magic`"),
        ("| one\n| two", "line block"),
        (":name: value", "field list"),
        ("|release|", "substitution"),
        ("+--+--+\n| one |\n+--+--+", "table"),
    ] {
        let printed = documented(written);
        let kinds = printed.unknown.kinds();
        assert_eq!(kinds.len(), 1, "{written}");
        assert_eq!((kinds[0].what.as_str(), kinds[0].places.len()), (what, 1));
        let page = printed.output.get("board.html").unwrap();
        let first = written.lines().next().unwrap();
        assert!(page.contains(first), "{written}");
    }
}

#[test]
fn unknown_markup_is_reported_with_its_line() {
    let printed =
        documented("One.\n\n|x| and :magic:`y`\n\nTwo\nlines.\n\n.. figure:: a.png\n\n|x|");
    let places = printed.unknown.kinds().iter().flat_map(|kind| {
        let places = kind.places.iter();
        places.map(|place| (kind.what.as_str(), place.line))
    });
    let places: BTreeSet<_> = places.collect();
    let expected = [
        ("substitution", 2),
        ("role `magic`", 2),
        ("directive `figure`", 7),
        ("substitution", 9),
    ];
    assert_eq!(places, expected.into());
}

#[test]
fn lists_numbered_by_letters_are_lists() {
    let page = |text| {
        documented(text)
            .output
            .get("board.html")
            .unwrap()
            .to_owned()
    };
    let list = page("a. One\nb. Two\n   goes on\n\nc) Three");
    assert_eq!(
        list.matches("<li>").count() - page("x").matches("<li>").count(),
        3
    );
    // A sentence that begins with a single letter is not a list.
    assert_eq!(
        page("I. think\nso").matches("<li>").count(),
        page("x").matches("<li>").count()
    );
}

#[test]
fn references_to_other_documents_are_links_where_their_addresses_are_known() {
    let mut links = Links::default();
    links
        .insert("block-jobs", "https://docs.example/jobs.html#top")
        .unwrap();
    links
        .insert("/interop/", "https://docs.example/interop/")
        .unwrap();
    let text = "##\n# @stop:\n#\n# See :ref:`block-jobs`, :doc:`bitmaps </interop/bitmaps>`, :ref:`other`, `stop`.\n##\n{ 'command': 'stop' }\n";
    let schema = schema(text);
    for format in [Format::Html, Format::Markdown, Format::Man] {
        let printed = ReferencePrinter::new(format)
            .links(&links)
            .print(&schema)
            .unwrap();
        let all: String = printed.output.files().map(|(_, text)| text).collect();
        let all = all.replace("\\-", "-").replace("\\:", "");
        for address in [
            "https://docs.example/jobs.html#top",
            "https://docs.example/interop/bitmaps.html",
        ] {
            assert!(all.contains(address), "{format:?}: {address}\n{all}");
        }
    }
}

#[test]
fn no_text_becomes_markup() {
    let printed =
        documented("</code><script>alert(1)</script> `<img>` ``<b>``\n\n::\n\n  </pre><i>");
    let page = printed.output.get("board.html").unwrap();
    for forbidden in ["<script>alert", "<img>", "<b>``", "</pre><i>"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let search = printed.output.get("search.js").unwrap();
    assert!(!search.contains("</script"));
}

#[test]
fn examples_prefer_what_always_exists_and_end_in_spite_of_circles() {
    let schema = schema(
        "{ 'enum': 'Ee', 'data': [ { 'name': 'a', 'if': 'X' }, { 'name': 'b', 'features': [ 'deprecated' ] }, 'c' ] }
         { 'struct': 'Tree', 'data': { 'children': [ 'Tree' ], '*next': 'Tree', 'e': 'Ee' } }
         { 'struct': 'Endless', 'data': { 'again': 'Endless' } }
         { 'command': 'one', 'data': { 'tree': 'Tree' } }
         { 'command': 'two', 'data': { 'endless': 'Endless' } }
         { 'command': 'three', 'returns': 'Endless' }",
    );
    let examples = Examples::new(&schema);
    let command = |name: &str| match schema.lookup(name) {
        Some(Entity::Command(id)) => id,
        other => panic!("{other:?}"),
    };
    let request = examples.request(command("one")).unwrap();
    assert!(request.contains("\"e\": \"c\"") && !request.contains("next"));
    assert!(request.contains("\"children\": []"), "{request}");
    assert_eq!(examples.request(command("two")), None);
    assert_eq!(
        examples.request(command("three")).as_deref(),
        Some("{ \"execute\": \"three\" }")
    );
    assert_eq!(examples.reply(command("three")), None);
}

#[test]
fn examples_of_types_that_double_stay_small() {
    let mut text = String::from("{ 'struct': 'T0', 'data': { 'a': 'int' } }\n");
    for number in 1..60 {
        let last = number - 1;
        let members = format!("'a': 'T{last}', 'b': 'T{last}', 'c': [ 'T{last}' ]");
        writeln!(text, "{{ 'struct': 'T{number}', 'data': {{ {members} }} }}").unwrap();
    }
    text.push_str("{ 'command': 'small', 'data': 'T6' }\n{ 'command': 'large', 'data': 'T59' }\n");
    let schema = schema(&text);
    let examples = Examples::new(&schema);
    let mut sizes = Vec::new();
    for (id, _) in (0..).map(qapi_parser::ir::CommandId).zip(&schema.commands) {
        sizes.push(examples.request(id).map(|text| text.len()));
    }
    assert_eq!(sizes[1], None);
    assert!(sizes[0].unwrap() < 100_000, "{sizes:?}");
}

#[test]
fn modules_with_the_names_of_other_pages_get_names_of_their_own() {
    let files = Memory::new()
        .with(
            "index.json",
            "{ 'include': 'a/all.json' } { 'include': 'b/ALL.json' } { 'command': 'one' }",
        )
        .with("a/all.json", "{ 'command': 'two' }")
        .with("b/ALL.json", "{ 'command': 'three' }");
    let loaded = qapi_parser::load(
        Path::new("index.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    let printed = ReferencePrinter::new(Format::Html)
        .print(&loaded.schema.unwrap())
        .unwrap();
    let pages: Vec<_> = printed.output.files().map(|(name, _)| name).collect();
    assert_eq!(
        pages,
        [
            "ALL-3.html",
            "all-2.html",
            "all.html",
            "index-2.html",
            "index.html",
            "search.js",
            "site.js",
            "style.css"
        ]
    );
}
