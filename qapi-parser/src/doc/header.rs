//! The first line of a documentation block (docs/reference/language.md §7.3).

use super::cursor::Lines;
use super::line::DocLine;
use crate::diag::{Anchor, Code, Diagnostic};
use crate::parse::quote;

/// The first line of a block.
pub(super) enum Header<'a> {
    /// `@symbol:`
    Named {
        symbol: &'a str,
        /// Text after the header that should stand on the next line.
        rest: &'a str,
        /// It was reported as a bad header.
        reported: bool,
    },
    /// A header without a usable name, which has been reported.
    Bad,
    /// No header.
    None,
}

/// Reads the header, if there is one.
pub(super) fn read<'a>(lines: &mut Lines<'_, 'a>) -> Header<'a> {
    let Some(line) = lines.current() else {
        return Header::None;
    };
    let Some(behind) = line.text.strip_prefix('@') else {
        return Header::None;
    };
    let header = match behind.strip_suffix(':') {
        Some("") => {
            lines.report(hdr_name(lines, line));
            Header::Bad
        }
        Some(symbol) => Header::Named {
            symbol,
            rest: "",
            reported: false,
        },
        None => {
            lines.report(hdr_colon(lines, line));
            let (symbol, rest) = match behind.split_once(':') {
                Some((symbol, rest)) => (symbol, rest.trim_start()),
                None => (behind, ""),
            };
            // Several words are more likely a sentence than a name.
            if symbol.is_empty() || symbol.contains(' ') {
                return Header::Bad;
            }
            Header::Named {
                symbol,
                rest,
                reported: true,
            }
        }
    };
    lines.advance();
    header
}

/// Skips the header of a definition called `name`, on whichever line it is, or one without name.
pub(super) fn skip(lines: &mut Lines<'_, '_>, name: &str) {
    lines.skip_blank();
    let is_header = |line: DocLine<'_>| {
        let behind = line.text.strip_prefix('@');
        let header = behind.map(|it| it.strip_suffix(':').unwrap_or(it));
        header.is_some_and(|it| it == name || it.is_empty())
    };
    if lines.current().is_some_and(is_header) {
        lines.advance();
    }
}

fn hdr_name(lines: &Lines<'_, '_>, line: DocLine<'_>) -> Diagnostic {
    lines
        .finding(
            Code::DOC_HDR_NAME,
            Code::OLD_DOC_HDR_NAME,
            Anchor::Point(line.span),
            "the header of a documentation block has no name",
        )
        .primary(line.span, "")
        .help("a header is `@`, the name of the definition, and `:`")
}

fn hdr_colon(lines: &Lines<'_, '_>, line: DocLine<'_>) -> Diagnostic {
    let found = lines
        .finding(
            Code::DOC_HDR_COLON,
            Code::OLD_DOC_HDR_COLON,
            Anchor::Point(line.span),
            format!("header {} does not end in `:`", quote(line.text)),
        )
        .primary(line.span, "");
    if line.text.contains([' ', ':']) {
        found.help("write `@`, the name of the definition and `:` on a line of their own")
    } else {
        found.suggest(line.behind(), ":", "add the missing colon")
    }
}
