//! Unfinished JSON texts: finds the value at the end.

use std::collections::HashMap;

/// The end of an unfinished JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JsonEnd {
    /// The open objects and arrays, the outermost first.
    pub(super) open: Vec<Container>,
    /// The place in the text where the last word begins, after its quote.
    pub(super) start: usize,
    /// The last word as far as it is written.
    pub(super) word: String,
    /// The last word begins with a quote.
    pub(super) is_quoted: bool,
    /// The last word is a member's name.
    pub(super) is_name: bool,
}

/// An object or array that is not closed yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    is_array: bool,
    /// Names of an object's members so far, with their values if these are strings.
    members: HashMap<String, Option<String>>,
    /// Name of the member whose value comes next.
    name: Option<String>,
}

impl Container {
    /// Name of the member whose value is being written; none in an array.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn is_array(&self) -> bool {
        self.is_array
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns the members so far whose values are strings.
    pub(super) fn strings(&self) -> HashMap<&str, &str> {
        let members = self.members.iter();
        members
            .filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)))
            .collect()
    }

    /// Takes a string: a name, or a value.
    fn take(&mut self, string: String) {
        if self.is_array {
            return;
        }
        match self.name.take() {
            Some(name) => drop(self.members.insert(name, Some(string))),
            None => self.name = Some(string),
        }
    }

    /// Takes a value that is not a string.
    fn take_other(&mut self) {
        if let Some(name) = self.name.take() {
            self.members.entry(name).or_insert(None);
        }
    }
}

/// Reads a JSON text up to its end. None if the text is complete or invalid.
pub(super) fn end_of(text: &str) -> Option<JsonEnd> {
    let mut open: Vec<Container> = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((place, c)) = characters.next() {
        match c {
            '{' | '[' => open.push(Container {
                is_array: c == '[',
                ..Container::default()
            }),
            '}' | ']' => {
                open.pop()?;
                open.last_mut()?.take_other();
            }
            '"' | '\'' => {
                let mut word = String::new();
                loop {
                    match characters.next() {
                        Some((_, end)) if end == c => break,
                        Some((_, '\\')) => word.extend(characters.next().map(|(_, c)| c)),
                        Some((_, c)) => word.push(c),
                        None => {
                            let is_name = is_name(open.last()?);
                            return Some(JsonEnd {
                                open,
                                start: place + 1,
                                word,
                                is_quoted: true,
                                is_name,
                            });
                        }
                    }
                }
                open.last_mut()?.take(word);
            }
            ',' | ':' => {}
            c if c.is_whitespace() => {}
            _ => {
                let mut end = place + c.len_utf8();
                let goes_on =
                    |(_, c): &(usize, char)| !c.is_whitespace() && !",:]}\"'".contains(*c);
                while let Some((place, c)) = characters.next_if(goes_on) {
                    end = place + c.len_utf8();
                }
                if end == text.len() {
                    let is_name = is_name(open.last()?);
                    return Some(JsonEnd {
                        open,
                        start: place,
                        word: text[place..].to_owned(),
                        is_quoted: false,
                        is_name,
                    });
                }
                open.last_mut()?.take_other();
            }
        }
    }
    let is_name = is_name(open.last()?);
    let expects = text.trim_end().ends_with(['{', '[', ',', ':']);
    expects.then(|| JsonEnd {
        open,
        start: text.len(),
        word: String::new(),
        is_quoted: false,
        is_name,
    })
}

fn is_name(innermost: &Container) -> bool {
    !innermost.is_array && innermost.name.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the path to the end, and its word.
    fn end(text: &str) -> Option<(String, String, bool)> {
        let end = end_of(text)?;
        let path = end.open.iter().map(|container| match container.name() {
            Some(name) => format!(".{name}"),
            None if container.is_array() => "[]".to_owned(),
            None => String::new(),
        });
        Some((path.collect(), end.word, end.is_name))
    }

    #[test]
    fn ends_are_found_in_objects_and_arrays() {
        for (text, path, word, is_name) in [
            ("{", "", "", true),
            ("{\"dri", "", "dri", true),
            ("{\"driver\": \"qc", ".driver", "qc", false),
            ("{\"driver\": ", ".driver", "", false),
            ("{\"driver\": \"qcow2\", ", "", "", true),
            ("{\"a\": {\"b\": [1, {\"c\": tr", ".a.b[].c", "tr", false),
            ("{\"a\": [1, 2], \"b\": [\"x\", \"", ".b[]", "", false),
            ("[{\"a\\\"b\": 1, 'c", "[]", "c", true),
            ("{\"a\": {}, \"b", "", "b", true),
        ] {
            let expected = (path.to_owned(), word.to_owned(), is_name);
            assert_eq!(end(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn complete_or_invalid_text_has_no_completion_context() {
        for text in [
            "",
            "{}",
            "{\"a\": 1}",
            "}",
            "1",
            "{\"a\": 1} ",
            "{\"a\"",
            "\"x",
        ] {
            assert_eq!(end(text), None, "{text}");
        }
    }

    #[test]
    fn members_are_remembered_with_their_strings() {
        let end = end_of("{\"driver\": \"qcow2\", \"size\": 1, \"").unwrap();
        let object = &end.open[0];
        assert_eq!(object.strings(), HashMap::from([("driver", "qcow2")]));
        assert!(object.has("size") && !object.has("file"));
    }

    #[test]
    fn every_prefix_of_a_text_is_read() {
        let text = r#"{"a": [{"b": "x\"y", 'c': [true, null, 1.5e3]}, []], "d": {"é": "ü"}}"#;
        for (place, _) in text.char_indices() {
            if let Some(end) = end_of(&text[..place]) {
                assert!(end.start <= place);
                assert!(text.is_char_boundary(end.start));
            }
        }
    }
}
