//! Properties that hold for any bytes at all. Shared with the test that replays old findings.

use std::io;
use std::path::{Component, Path, PathBuf};

use qapi_parser::diag::{Anchor, Code, Diagnostic, Severity};
use qapi_parser::format::format;
use qapi_parser::source::{Files, SourceMap, Span};
use qapi_parser::{Dialect, Loaded, Options};

#[path = "../../tests/support/invariants.rs"]
mod invariants;
#[path = "../../../tests/src/meaning.rs"]
mod meaning;

const DIALECTS: [Dialect; 2] = [Dialect::Auto, Dialect::Strict];

/// The bytes as files: `schema.json`, and then, after each byte 0xFF, which is in no text, `a.json`,
/// `b.json` and so on.
struct Pieces<'d>(Vec<&'d [u8]>);

impl<'d> Pieces<'d> {
    fn of(data: &'d [u8]) -> Self {
        Self(data.split(|byte| *byte == 0xFF).collect())
    }
}

impl Files for Pieces<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut plain = PathBuf::new();
        for component in path.components() {
            match component {
                Component::ParentDir => drop(plain.pop()),
                Component::CurDir => {}
                other => plain.push(other),
            }
        }
        let index = match plain.to_str() {
            Some("schema.json") => Some(0),
            Some(name) => match name.strip_suffix(".json").map(str::as_bytes) {
                Some([letter @ b'a'..=b'z']) => Some(usize::from(letter - b'a') + 1),
                _ => None,
            },
            None => None,
        };
        let piece = index.and_then(|index| self.0.get(index));
        piece
            .map(|piece| piece.to_vec())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn load(files: &dyn Files, dialect: Dialect) -> Loaded {
    let mut options = Options::default();
    options.dialect = dialect;
    qapi_parser::load(Path::new("schema.json"), files, &options)
}

/// Reading ends, without a panic. Diagnostics point into the text and are fit to print; there is
/// a schema if there is no error.
pub fn parse(data: &[u8]) {
    for dialect in DIALECTS {
        let loaded = load(&Pieces::of(data), dialect);
        let is_error = |it: &Diagnostic| it.severity == Severity::Error;
        assert_eq!(
            loaded.schema.is_none(),
            loaded.diagnostics.iter().any(is_error),
            "a schema, or errors: {:#?}",
            loaded.diagnostics
        );
        for diagnostic in &loaded.diagnostics {
            check_diagnostic(diagnostic, &loaded.sources);
        }
    }
}

fn check_diagnostic(diagnostic: &Diagnostic, sources: &SourceMap) {
    match &diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => check_span(*span, sources),
        Anchor::File(_) => {}
    }
    for label in diagnostic.primary.iter().chain(&diagnostic.labels) {
        check_span(label.span, sources);
    }
    for suggestion in &diagnostic.suggestions {
        check_span(suggestion.span, sources);
    }
    let texts = diagnostic.notes.iter().chain(&diagnostic.help);
    for text in texts.chain([&diagnostic.message]) {
        assert!(!text.is_empty() && !text.contains('\n'), "{diagnostic:#?}");
    }
}

fn check_span(span: Span, sources: &SourceMap) {
    let text = &sources.file(span.file).text;
    assert!(
        span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some(),
        "{span:?} is no piece of a text of {} bytes",
        text.len()
    );
    let position = sources.position(span);
    assert!(position.line >= 1 && position.column >= 1);
    assert_eq!(position.line, sources.line(span));
}

/// Formatting is stable, and nothing that is read from a text changes with its layout.
pub fn roundtrip(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for dialect in DIALECTS {
        let Ok(once) = format(text, dialect) else {
            continue;
        };
        match format(&once, dialect) {
            Ok(twice) => assert_eq!(once, twice, "{dialect:?}, second time, of {text:?}"),
            Err(errors) => panic!("{dialect:?}: formatted {once:?} of {text:?} has {errors:#?}"),
        }
        let before = load(&Pieces(vec![data]), dialect);
        let after = load(&Pieces(vec![once.as_bytes()]), dialect);
        let told = || format!("{dialect:?}: {text:?} as {once:?}");
        if let Some(schema) = &before.schema {
            let expected = Some(meaning::meaning(schema));
            let mut found = after.schema.as_ref().map(meaning::meaning);
            // Old forms are laid out as today's: what told of their release is gone. That release still reads it.
            if found.is_none() {
                let same_era = load(&Pieces(vec![once.as_bytes()]), Dialect::Era(before.era));
                found = same_era.schema.as_ref().map(meaning::meaning);
            }
            assert_eq!(expected, found, "{}", told());
        }
        // For the same reason, another release may be the one to judge the rest.
        if dialect == Dialect::Auto && format(text, Dialect::Strict).is_err() {
            continue;
        }
        let errors = |loaded: &Loaded| -> Vec<_> {
            let all = loaded.diagnostics.iter();
            let errors = all.filter(|it| it.severity == Severity::Error);
            errors.map(|it| (it.code, it.message.clone())).collect()
        };
        let (before, after) = (errors(&before), errors(&after));
        // Blanks at the end of a line of documentation may be a mistake; they are gone.
        let mended = |code: Code| {
            let blanks = [Code::DOC_NO_SPACE, Code::DOC_START_JUNK, Code::DOC_END_JUNK];
            blanks.contains(&code) && before.len() > after.len()
        };
        let mut left = after.iter();
        let mut next = left.next();
        for error in &before {
            if Some(error) == next {
                next = left.next();
            } else {
                assert!(mended(error.0), "{error:?} is gone: {}", told());
            }
        }
        assert_eq!(next, None, "{}", told());
    }
}

/// Checks that what is accepted keeps the promises of the IR; what is accepted strictly means the same in
/// the tolerant dialect, and is not warned about.
pub fn lower(data: &[u8]) {
    let [auto, strict] = DIALECTS.map(|dialect| load(&Pieces::of(data), dialect));
    for loaded in [&auto, &strict] {
        if let Some(schema) = &loaded.schema {
            invariants::assert_invariants(schema, &loaded.sources);
        }
    }
    if let Some(strict) = &strict.schema {
        assert!(auto.diagnostics.is_empty(), "{:#?}", auto.diagnostics);
        let auto = auto
            .schema
            .as_ref()
            .expect("there is a schema where nothing is wrong");
        assert_eq!(meaning::meaning(strict), meaning::meaning(auto));
    }
}
