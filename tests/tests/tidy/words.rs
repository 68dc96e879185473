//! Words that doc comments do not begin with: things are named by a noun phrase, functions by a verb.

use super::sources::{rust_sources, shown};

const QUESTIONS: [&str; 5] = ["What", "Whether", "Where", "How", "Whose"];

/// Doc comments of a file that begin with a question: line and text.
fn questions(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut before = "";
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let kind = ["///", "//!"]
            .into_iter()
            .find(|kind| line.starts_with(kind));
        let kind = kind.unwrap_or_default();
        let words = line[kind.len()..].trim_start();
        let first = words
            .split(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or_default();
        if !kind.is_empty() && kind != before && QUESTIONS.contains(&first) {
            found.push((number + 1, words));
        }
        before = kind;
    }
    found
}

#[test]
fn questions_differ_from_continuations() {
    let text =
        "//! What is.\n\nfn a() {}\n/// A line.\n/// Where it goes on.\n    /// Whether it is.\n";
    // The third comment continues the second as far as the text tells.
    assert_eq!(questions(text), [(1, "What is.")]);
    assert_eq!(questions("x\n  /// How.\n/// Whatever.\n").len(), 1);
    assert!(questions("/// Whatever.\n// What\n").is_empty());
}

#[test]
fn no_doc_comment_begins_with_a_question() {
    let mut found = Vec::new();
    for (path, text) in rust_sources() {
        for (line, words) in questions(&text) {
            found.push(format!("{}:{line}: {words}", shown(&path)));
        }
    }
    assert!(
        found.is_empty(),
        "{} comments, name the thing: {found:#?}",
        found.len()
    );
}
