//! Splits a line into the words of a command, so that JSON needs no quotes around it.

/// A word, and its place in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text, without the single quotes that kept it together.
    pub(super) text: String,
    /// The place of its first byte.
    pub(super) start: usize,
}

/// The quote or bracket that is still open at the end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed(pub(super) char);

/// Cuts a line at white space, except
///
/// * between single quotes, which are dropped,
/// * between double quotes, inside which a backslash takes the next character along, and
/// * between brackets and braces, where single quotes mean nothing.
///
/// # Errors
/// The last quote, bracket or brace that was opened, if the line ends before it is closed; with the words up to there.
pub(super) fn split(line: &str) -> (Vec<Word>, Result<(), Unclosed>) {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut open: Vec<char> = Vec::new();
    let mut escaped = false;
    for (place, c) in line.char_indices() {
        let innermost = open.last().copied();
        let is_quoted = matches!(innermost, Some('"' | '\''));
        if c.is_whitespace() && open.is_empty() {
            words.extend(word.take());
            continue;
        }
        let text = &mut word
            .get_or_insert_with(|| Word {
                text: String::new(),
                start: place,
            })
            .text;
        match c {
            _ if escaped => {}
            '\\' if innermost == Some('"') => {
                escaped = true;
                text.push(c);
                continue;
            }
            '\'' if innermost == Some('\'') => {
                open.pop();
                continue;
            }
            '\'' if open.is_empty() => {
                open.push(c);
                continue;
            }
            '"' if innermost == Some('"') => drop(open.pop()),
            '"' | '[' | '{' if !is_quoted => open.push(c),
            ']' if innermost == Some('[') => drop(open.pop()),
            '}' if innermost == Some('{') => drop(open.pop()),
            _ => {}
        }
        escaped = false;
        text.push(c);
    }
    words.extend(word);
    let end = open.pop().map_or(Ok(()), |open| Err(Unclosed(open)));
    (words, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        let (words, end) = split(line);
        assert_eq!(end, Ok(()), "{line}");
        words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn white_space_separates() {
        assert_eq!(words(" query-version  \t"), ["query-version"]);
        assert_eq!(words("a b=1 c=x"), ["a", "b=1", "c=x"]);
        assert!(words("   ").is_empty());
    }

    #[test]
    fn json_stays_together_as_it_is() {
        assert_eq!(
            words(r#"exec arg=["-c", "it's"] env={"A": "}"}"#),
            ["exec", r#"arg=["-c", "it's"]"#, r#"env={"A": "}"}"#]
        );
        assert_eq!(words(r#"a b="x \" y" c"#), ["a", r#"b="x \" y""#, "c"]);
    }

    #[test]
    fn single_quotes_are_dropped_and_hold_anything() {
        assert_eq!(words("a 'b=x y' c='[ {\"'"), ["a", "b=x y", "c=[ {\""]);
        assert_eq!(words("a b=''"), ["a", "b="]);
    }

    #[test]
    fn open_brackets_and_quotes_are_reported() {
        for (line, open) in [
            ("a b='x", '\''),
            ("a b=\"x\\\"", '"'),
            ("a b=[1, {\"x\": 2}", '['),
            ("{\"x\": [", '['),
        ] {
            assert_eq!(split(line).1, Err(Unclosed(open)), "{line}");
        }
        // The JSON parser reports an excess bracket.
        assert_eq!(words("a b=]"), ["a", "b=]"]);
    }

    #[test]
    fn places_are_those_of_the_line() {
        let (words, _) = split("  é 'b'=1");
        let starts: Vec<_> = words.iter().map(|word| word.start).collect();
        assert_eq!(starts, [2, 5]);
    }
}
