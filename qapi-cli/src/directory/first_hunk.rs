//! The first place where two texts differ.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

/// Lines of each text that are compared from the first difference on.
const WINDOW: usize = 200;
/// Equal lines shown around a difference.
const CONTEXT: usize = 2;
/// Lines shown of a difference.
const SHOWN: usize = 14;

/// Returns the first differing hunk in the manner of `diff -u`, cut off where it gets long; empty if
/// the texts are equal.
pub(super) fn first_hunk(old: &str, new: &str) -> String {
    if old.replace("\r\n", "\n") == new && old != new {
        return "only the line ends differ: CR LF instead of LF\n".to_owned();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let start = same.saturating_sub(CONTEXT);
    let (old, new) = (window(&old, start), window(&new, start));
    let diff = TextDiff::from_slices(&old, &new);
    let Some(hunk) = diff.grouped_ops(CONTEXT).into_iter().next() else {
        return String::new();
    };
    let lines: Vec<String> = hunk
        .iter()
        .flat_map(|op| diff.iter_changes(op))
        .map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            format!("{sign}{}", change.value())
        })
        .collect();
    let mut text = format!("@@ line {} @@\n", start + 1);
    for line in lines.iter().take(SHOWN) {
        writeln!(text, "{line}").expect("writing to a string succeeds");
    }
    if lines.len() > SHOWN {
        writeln!(text, "... and {} more lines", lines.len() - SHOWN)
            .expect("writing to a string succeeds");
    }
    text
}

/// Returns the lines to compare.
fn window<'t>(lines: &[&'t str], start: usize) -> Vec<&'t str> {
    lines.iter().skip(start).take(WINDOW).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_hunk() {
        assert_eq!(first_hunk("a\nb\n", "a\nb\n"), "");
    }

    #[test]
    fn hunk_starts_before_the_first_difference() {
        let old = "1\n2\n3\n4\n5\n6\n7\n";
        let new = "1\n2\n3\nfour\n5\n6\n7\n";
        assert_eq!(
            first_hunk(old, new),
            "@@ line 2 @@\n 2\n 3\n-4\n+four\n 5\n 6\n"
        );
    }

    #[test]
    fn line_ends_have_their_own_message() {
        assert!(first_hunk("a\r\nb\r\n", "a\nb\n").starts_with("only the line ends"));
    }

    #[test]
    fn long_hunk_is_cut_off() {
        let new = "same\n".repeat(50);
        let hunk = first_hunk("x\n", &new);
        assert!(hunk.ends_with("... and 37 more lines\n"), "{hunk}");
    }

    #[test]
    fn missing_last_line_feed_is_no_hunk_but_no_panic() {
        assert_eq!(first_hunk("a", "a\n"), "");
    }
}
