//! Completion of a line that is being written.

use super::quoting::{Unclosed, split};
use super::vocabulary::Vocabulary;

/// The place from which a line is completed, and what may stand there.
pub(super) fn complete(vocabulary: &Vocabulary, line: &str) -> (usize, Vec<String>) {
    let (words, end) = split(line);
    let last = words
        .last()
        .filter(|_| !line.ends_with(char::is_whitespace) || end.is_err());
    let (start, text) = last.map_or((line.len(), ""), |word| (word.start, word.text.as_str()));
    // A quoted word is the user's own.
    if line[start..].starts_with('\'') || matches!(end, Err(Unclosed('\'' | '[' | '{'))) {
        return (line.len(), Vec::new());
    }
    let before = words.len() - usize::from(last.is_some());
    if before == 0 {
        return (start, beginning_with(text, vocabulary.names()));
    }
    let arguments = vocabulary.arguments(&words[0].text);
    if let Some((name, value)) = text.split_once('=') {
        let argument = arguments.iter().find(|argument| argument.name == name);
        let values = argument.map_or(&[][..], |argument| &argument.values);
        let values = beginning_with(value, values.iter().map(String::as_str));
        return (start + name.len() + 1, values);
    }
    let given: Vec<_> = words[1..before]
        .iter()
        .filter_map(|word| word.text.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let left = arguments
        .iter()
        .filter(|argument| !given.contains(&argument.name.as_str()));
    let names: Vec<_> = left.map(|argument| format!("{}=", argument.name)).collect();
    let names = beginning_with(text, names.iter().map(String::as_str));
    (start, names)
}

fn beginning_with<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names
        .filter(|name| name.starts_with(text))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::shell::vocabulary::tests::vocabulary;

    fn completed(line: &str) -> (usize, Vec<String>) {
        complete(&vocabulary(), line)
    }

    #[test]
    fn commands_come_first() {
        assert_eq!(completed("query-s"), (0, vec!["query-status".to_owned()]));
        assert_eq!(completed("  query-s").0, 2);
        assert!(completed("").1.len() > 2);
        assert!(completed("nothing").1.is_empty());
    }

    #[test]
    fn arguments_follow_once_each() {
        assert_eq!(
            completed("set-mode "),
            (9, vec!["mode=".to_owned(), "force=".to_owned()])
        );
        assert_eq!(
            completed("set-mode mode=slow "),
            (19, vec!["force=".to_owned()])
        );
        assert_eq!(completed("set-mode m"), (9, vec!["mode=".to_owned()]));
        assert!(completed("unknown m").1.is_empty());
    }

    #[test]
    fn values_of_enumerations_and_booleans_are_known() {
        assert_eq!(completed("set-mode mode=s"), (14, vec!["slow".to_owned()]));
        assert_eq!(
            completed("set-mode force="),
            (15, vec!["true".to_owned(), "false".to_owned()])
        );
        assert!(completed("set-mode other=").1.is_empty());
    }

    #[test]
    fn what_is_quoted_or_json_is_left_alone() {
        for line in [
            "set-mode 'm",
            "set-mode mode=[1, ",
            "{\"execute\": ",
            "set-mode x={\"a",
        ] {
            assert!(completed(line).1.is_empty(), "{line}");
        }
    }
}
