//! Diagnostics put together by hand, in all formats.

use std::sync::Arc;

use qapi_parser::diag::{Anchor, Code, Diagnostic, Meta};
use qapi_parser::source::{FileId, SourceMap, Span};

use super::{json, short, snippet};

/// A root that includes a file with a struct in it.
struct Example {
    sources: SourceMap,
    part: FileId,
}

impl Example {
    fn new(part: &str) -> Self {
        let mut sources = SourceMap::default();
        let root_text = "# the root\n{ 'include': 'sub/part.json' }\n";
        let root = sources.add("root.json".to_owned(), Arc::from(root_text), None);
        let directive = Span::new(root, 11, 42);
        let part = sources.add("sub/part.json".to_owned(), Arc::from(part), Some(directive));
        Self { sources, part }
    }

    /// Returns the first occurrence of `text` in the included file.
    fn span(&self, text: &str) -> Span {
        let start = self
            .sources
            .file(self.part)
            .text
            .find(text)
            .expect("the text occurs");
        let at = |n: usize| u32::try_from(n).expect("the text is short");
        Span::new(self.part, at(start), at(start + text.len()))
    }

    fn human(&self, diagnostic: &Diagnostic) -> String {
        let mut out = Vec::new();
        snippet::write(&mut out, &self.sources, diagnostic, false).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn short(&self, diagnostic: &Diagnostic) -> String {
        let mut out = Vec::new();
        short::write(&mut out, &self.sources, diagnostic).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn json(&self, diagnostic: &Diagnostic) -> serde_json::Value {
        let mut out = Vec::new();
        json::write(&mut out, &self.sources, diagnostic).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        serde_json::from_str(&text).unwrap()
    }
}

const PART: &str = "\
# comment
{ 'struct': 'Paint',
  'data': {
    'colour': 'Colour',
    'litres': 'int',
    'colour-': 'str' } }
{ 'struct': 'Brush' 'data': {} }
";

fn clash(example: &Example) -> Diagnostic {
    Diagnostic::error(
        Code::CLASH,
        Anchor::Line(example.span("{ 'struct': 'Paint'")),
        "member `colour-` clashes with member `colour`",
    )
    .entity(Meta::Struct, "Paint")
    .primary(example.span("'colour-'"), "the same name in C")
    .label(example.span("'colour'"), "first used here")
    .note("names clash where only letters and digits are compared")
    .help("rename one of them")
}

fn comma(example: &Example) -> Diagnostic {
    let next = example.span("'data': {} }");
    let gap = Span::new(next.file, next.start - 1, next.start - 1);
    Diagnostic::error(
        Code::SYN_OBJ_SEP,
        Anchor::Point(next),
        "found `'data'` where a comma or `}` was expected",
    )
    .primary(example.span("'data': {} }"), "")
    .suggest(gap, ",", "add the missing comma")
}

#[test]
fn people_see_text_labels_context_and_help() {
    let example = Example::new(PART);
    insta::assert_snapshot!(example.human(&clash(&example)));
}

#[test]
fn people_see_a_suggestion_as_a_patch() {
    let example = Example::new(PART);
    insta::assert_snapshot!(example.human(&comma(&example)));
}

#[test]
fn distant_labels_are_separate_pieces() {
    let filler = "# filler\n".repeat(60);
    let text = format!("{{ 'enum': 'A', 'data': [] }}\n{filler}{{ 'enum': 'B', 'data': [] }}\n");
    let example = Example::new(&text);
    let diagnostic = Diagnostic::error(
        Code::DEF_DUP,
        Anchor::Line(example.span("{ 'enum': 'B'")),
        "`B` is defined twice",
    )
    .primary(example.span("'B'"), "again here")
    .label(example.span("'A'"), "first here");
    insta::assert_snapshot!(example.human(&diagnostic));
}

#[test]
fn unreadable_file_has_no_position() {
    let example = Example::new(PART);
    let diagnostic = Diagnostic::error(
        Code::FILE_READ,
        Anchor::File("no\nsuch.json".to_owned()),
        "cannot read the file: no such file",
    );
    assert_eq!(
        example.short(&diagnostic),
        "no\\nsuch.json: error[FILE-READ]: cannot read the file: no such file\n"
    );
    let json = example.json(&diagnostic);
    assert_eq!(json["file"], "no\nsuch.json");
    assert!(json["line"].is_null() && json["column"].is_null() && json["entity"].is_null());
    insta::assert_snapshot!(example.human(&diagnostic));
}

#[test]
fn short_has_the_place_of_the_text_in_question() {
    let example = Example::new(PART);
    assert_eq!(
        example.short(&clash(&example)),
        "sub/part.json:6:5: error[CLASH]: member `colour-` clashes with member `colour`\n"
    );
    assert_eq!(
        example.short(&comma(&example)),
        "sub/part.json:7:21: error[SYN-OBJ-SEP]: found `'data'` where a comma or `}` was expected\n"
    );
}

#[test]
fn json_has_every_key_of_the_contract() {
    let example = Example::new(PART);
    insta::assert_snapshot!(serde_json::to_string_pretty(&example.json(&clash(&example))).unwrap());
    insta::assert_snapshot!(serde_json::to_string_pretty(&example.json(&comma(&example))).unwrap());
}

#[test]
fn json_keys_are_there_even_when_empty() {
    let example = Example::new(PART);
    let bare = Diagnostic::warning(Code::OLD_NAME, Anchor::Line(example.span("{")), "odd");
    let json = example.json(&bare);
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "code",
            "column",
            "entity",
            "file",
            "help",
            "included_from",
            "labels",
            "line",
            "message",
            "notes",
            "qemu_column",
            "qemu_line",
            "severity",
            "suggestions"
        ]
    );
}

#[test]
fn spans_at_the_edges_do_not_panic() {
    for text in ["", "\n", "ä", "a\n\nb", "\u{1b}[31m'x'\t\r"] {
        let example = Example::new(text);
        let end = u32::try_from(text.len()).unwrap();
        for (start, end) in [(0, 0), (0, end), (end, end)] {
            let span = Span::new(example.part, start, end);
            let diagnostic =
                Diagnostic::error(Code::LEX_STRAY, Anchor::Point(span), "odd \u{7} text")
                    .primary(span, "here\nthere")
                    .suggest(span, "x\ny", "replace it");
            let shown = example.human(&diagnostic);
            assert!(
                !shown.contains('\u{7}') && !shown.contains('\u{1b}'),
                "{shown:?}"
            );
            assert_eq!(example.short(&diagnostic).lines().count(), 1);
            example.json(&diagnostic);
        }
    }
}

#[test]
fn no_text_of_a_schema_controls_the_terminal() {
    let example = Example::new("{ 'struct': 'A\u{1b}[31m\u{9b}2J' }\n");
    let span = example.span("'A");
    let odd = "odd \u{1b}[31m \u{9b}2J";
    let diagnostic = Diagnostic::error(Code::NAME_INVALID, Anchor::Line(span), odd)
        .entity(Meta::Struct, odd)
        .primary(span, odd)
        .label(span, odd)
        .note(odd)
        .help(odd)
        .suggest(span, odd, odd);
    for shown in [example.human(&diagnostic), example.short(&diagnostic)] {
        assert!(!shown.contains(['\u{1b}', '\u{9b}']), "{shown}");
    }
}

#[test]
fn definition_of_many_lines_is_shown_by_its_first() {
    let text = format!("{{ 'struct': 'S',\n{}}}\n", "  'x': 'y',\n".repeat(100));
    let example = Example::new(&text);
    let whole = Span::new(example.part, 0, u32::try_from(text.len()).unwrap());
    let diagnostic = Diagnostic::error(Code::KEY_UNKNOWN, Anchor::Line(whole), "unknown key");
    insta::assert_snapshot!(example.human(&diagnostic));
}

#[test]
fn line_of_a_megabyte_is_not_shown() {
    let text = format!(
        "{{ 'enum': 'E', 'data': [ {}'x' ] }}\n",
        "'a', ".repeat(200_000)
    );
    let example = Example::new(&text);
    let diagnostic = Diagnostic::error(Code::CLASH, Anchor::Line(example.span("{")), "twice")
        .primary(example.span("'x'"), "this one")
        .suggest(example.span("'x'"), "'y'", "rename it");
    let shown = example.human(&diagnostic);
    assert!(shown.len() < 1000, "{} bytes", shown.len());
    insta::assert_snapshot!(shown);
}
