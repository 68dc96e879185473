//! The lines of a printed item: documentation put in, blank lines between methods, statements handed to `rustfmt`.

use std::borrow::Cow;

use super::rustfmt;

/// Adds an item to the output. Doc comments in `text` are numbers of `docs`.
pub(super) fn arrange(text: &str, docs: &[Cow<'_, str>], out: &mut String) {
    let lines: Vec<_> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if needs_blank(&lines, at, indent, code) {
            out.push('\n');
        }
        if let Some(doc) = code
            .strip_prefix("///")
            .and_then(|number| number.parse::<usize>().ok())
        {
            comment(&docs[doc], indent, out);
            at += 1;
        } else {
            at += statement(&lines[at..], indent, out);
        }
    }
}

/// Documentation as line comments.
fn comment(doc: &str, indent: usize, out: &mut String) {
    for line in doc.lines() {
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str("///");
        if !line.is_empty() {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// A blank line goes between the methods and constants of an `impl` or `trait`, before the documentation of each.
fn needs_blank(lines: &[&str], at: usize, indent: usize, code: &str) -> bool {
    if indent != 4 || at == 0 {
        return false;
    }
    let previous = lines[at - 1];
    let ends = previous == "    }" || (previous.starts_with("    ") && previous.ends_with(';'));
    let is_inner = previous.len() > 4 && previous.as_bytes()[4] != b' ';
    let starts = ["///", "#[", "fn ", "pub fn ", "async fn "]
        .iter()
        .any(|start| code.starts_with(start));
    ends && is_inner && starts
}

/// A statement or part of one that makes sense on a single line; returns how many lines it has.
fn statement(lines: &[&str], indent: usize, out: &mut String) -> usize {
    let first = lines[0].trim();
    if first.starts_with("pub struct") {
        rustfmt::unchanged(indent, first, out);
        return 1;
    }
    if first.starts_with("#[") {
        let (text, length) = joined(lines, indent, first).unwrap_or((first.to_owned(), 1));
        rustfmt::attributed(indent, &text, out);
        return length;
    }
    if let Some((joined, length)) = joined(lines, indent, first) {
        rustfmt::statement(indent, &joined, out);
        return length;
    }
    rustfmt::statement(indent, first, out);
    1
}

/// A statement that spreads over several lines, put on one.
fn joined(lines: &[&str], indent: usize, first: &str) -> Option<(String, usize)> {
    if rustfmt::is_implementation(first) && !first.ends_with(['{', '}']) {
        return Some((format!("{first} {}", lines.get(1)?.trim()), 2));
    }
    let inner =
        |line: &&&str| line.len() > indent && line.as_bytes()[..=indent].iter().all(|b| *b == b' ');
    let more = lines[1..].iter().take_while(inner).count();
    let (rest, last) = (
        &lines[1..=more],
        lines.get(1 + more).copied().unwrap_or_default(),
    );
    if more == 0 {
        return None;
    }
    if first.ends_with(['(', '[', '<']) {
        let mut text = first.to_owned();
        let mut length = 1;
        while rustfmt::is_open(&text) {
            push_joined(&mut text, lines.get(length)?.trim());
            length += 1;
        }
        return Some((text, length));
    }
    let is_expression = rest.iter().all(|line| !line.ends_with([';', '{', '}']));
    if first.ends_with("=> {") && last.trim() == "}" && is_expression {
        let mut text = first.strip_suffix(" {")?.to_owned();
        for line in rest {
            push_joined(&mut text, line.trim());
        }
        text.push(',');
        return Some((text, more + 2));
    }
    if rest.iter().all(|line| line.trim_start().starts_with('.')) {
        let mut text = first.to_owned();
        for line in rest {
            text.push_str(line.trim());
        }
        return Some((text, more + 1));
    }
    if first.ends_with(" =") {
        let mut text = first.to_owned();
        for line in rest {
            push_joined(&mut text, line.trim());
        }
        return Some((text, more + 1));
    }
    None
}

/// Adds a line to a statement: no blank behind an opening bracket or before a closing one, no comma before the latter.
fn push_joined(text: &mut String, line: &str) {
    if line.starts_with([')', ']', '>']) {
        text.truncate(text.trim_end_matches(',').len());
    } else if !text.ends_with(['(', '[', '<']) && !line.starts_with('.') {
        text.push(' ');
    }
    text.push_str(line);
}
