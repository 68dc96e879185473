//! Settings that contain Rust code: parsed when they are set, kept as text.
//!
//! Token streams cannot be sent to other threads, but settings can. Therefore the text is kept, and parsed again where
//! it is printed.

use proc_macro2::{Ident, Span};
use qapi_parser::diag::{Anchor, Code, Diagnostic};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Token, Type, parenthesized};

/// The text of a setting that contains Rust tokens.
#[derive(Debug, Clone)]
pub(crate) struct RustText {
    text: String,
    problem: Option<Problem>,
}

/// The reason why a text is not valid for its setting.
#[derive(Debug, Clone)]
struct Problem {
    message: String,
    /// Position in the text, both counted from one.
    line: usize,
    column: usize,
}

/// The number of characters that are shown from the start of a problem.
const EXCERPT: usize = 40;

impl RustText {
    /// One or more attributes, `#[…]` included.
    pub(crate) fn attributes(text: String) -> Self {
        Self::new(text, |input: ParseStream<'_>| {
            let attributes = Attribute::parse_outer(input)?;
            if attributes.is_empty() {
                return Err(input.error("expected `#`"));
            }
            Ok(())
        })
    }

    /// Returns the path of a type, which may have generic arguments.
    pub(crate) fn type_path(text: String) -> Self {
        Self::new(text, |input: ParseStream<'_>| {
            let begin = input.span();
            match input.parse()? {
                Type::Path(_) => Ok(()),
                _ => Err(syn::Error::new(begin, "expected a path")),
            }
        })
    }

    /// Paths of derive macros, with commas in between.
    pub(crate) fn derives(text: String) -> Self {
        Self::new(text, |input: ParseStream<'_>| {
            if input.is_empty() {
                return Err(input.error("expected a path"));
            }
            parse_derives(input).map(drop)
        })
    }

    /// Creates a predicate of `cfg`.
    pub(crate) fn predicate(text: String) -> Self {
        Self::new(text, parse_predicate)
    }

    fn new(text: String, parse: impl FnOnce(ParseStream<'_>) -> syn::Result<()>) -> Self {
        let problem = match unprintable(&text) {
            Some(problem) => Some(problem),
            None => parse
                .parse_str(&text)
                .err()
                .map(|error| Problem::new(&text, &error)),
        };
        Self { text, problem }
    }

    /// Returns the text as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the paths of a list of derive macros, none if it has a problem.
    pub(crate) fn derive_paths(&self) -> Vec<String> {
        let paths = parse_derives.parse_str(&self.text).unwrap_or_default();
        paths
            .iter()
            .map(|path| path.to_token_stream().to_string())
            .collect()
    }

    /// Returns an error that points into the text, if it is not valid for the setting.
    pub(crate) fn check(
        &self,
        code: Code,
        file: &str,
        given: &str,
        expected: &str,
    ) -> Option<Diagnostic> {
        let problem = self.problem.as_ref()?;
        let message = format!("`{}`, given {given}, is not {expected}", self.text);
        let anchor = Anchor::File(file.to_owned());
        let line = self.text.lines().nth(problem.line - 1);
        let rest = line.unwrap_or_default().chars().skip(problem.column - 1);
        let rest: String = rest.take(EXCERPT).collect();
        let place = match (rest.as_str(), self.text.lines().nth(1)) {
            ("", None) => "at its end".to_owned(),
            (rest, None) => format!("at column {}, `{rest}`", problem.column),
            (rest, Some(_)) => format!(
                "at line {}, column {}, `{rest}`",
                problem.line, problem.column
            ),
        };
        let note = format!("{place}: {}", problem.message);
        Some(Diagnostic::error(code, anchor, message).note(note))
    }
}

impl Problem {
    fn new(text: &str, error: &syn::Error) -> Self {
        let message = error.to_string();
        let span: Span = error.span();
        // The end of the text has no place of its own.
        let (line, column) = if span.byte_range().is_empty() && message.contains("end of input") {
            end(text)
        } else {
            let start = span.start();
            (start.line, start.column + 1)
        };
        Self {
            message,
            line,
            column,
        }
    }
}

/// Returns the position after the last character.
fn end(text: &str) -> (usize, usize) {
    let last = text.lines().next_back().unwrap_or_default();
    (text.lines().count().max(1), last.chars().count() + 1)
}

/// Returns a character that must not be in a source file, or that the compiler rejects for hiding what the file says.
fn unprintable(text: &str) -> Option<Problem> {
    let is_wrong = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let at = text.find(is_wrong)?;
    let before = &text[..at];
    let c = text[at..].chars().next()?;
    Some(Problem {
        message: format!(
            "U+{:04X} cannot be in a source file; write it as an escape",
            u32::from(c)
        ),
        line: before.matches('\n').count() + 1,
        column: before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1,
    })
}

fn parse_derives(input: ParseStream<'_>) -> syn::Result<Punctuated<Path, Token![,]>> {
    Punctuated::parse_terminated_with(input, Path::parse_mod_style)
}

/// As the Rust reference has it: an option with or without a value, `all`, `any` or `not`.
fn parse_predicate(input: ParseStream<'_>) -> syn::Result<()> {
    let name = Ident::parse_any(input)?;
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        let value: LitStr = input.parse()?;
        return match value.suffix() {
            "" => Ok(()),
            _ => Err(syn::Error::new(
                value.span(),
                "expected a string without a suffix",
            )),
        };
    }
    if !input.peek(syn::token::Paren) {
        return Ok(());
    }
    let inner;
    parenthesized!(inner in input);
    match name.to_string().as_str() {
        "all" | "any" => {
            inner.parse_terminated(|input| parse_predicate(input), Token![,])?;
            Ok(())
        }
        "not" => {
            parse_predicate(&inner)?;
            inner.parse::<Option<Token![,]>>()?;
            Ok(())
        }
        _ => Err(syn::Error::new(
            name.span(),
            "expected `all`, `any` or `not`",
        )),
    }
}
