//! The arguments of a command, as written on the command line.

use std::collections::HashMap;

use qapi_runtime::{Any, Object};

use crate::status::Failure;
use crate::vocabulary::{ValueKind, Vocabulary};

/// Reads the arguments of a command: `NAME=VALUE …`, or a single JSON object.
///
/// A VALUE is JSON, or else a string. It is a string as well if, as far as the vocabulary tells, the command takes nothing
/// else there: of `path=true` the path is a file called `true`.
pub(crate) fn parse(
    command: &str,
    words: &[String],
    vocabulary: &Vocabulary,
) -> Result<Object, Failure> {
    if let [word] = words
        && word.trim_start().starts_with('{')
    {
        return match json(word) {
            Some(Any::Object(object)) => Ok(object),
            _ => Err(Failure::new(format_args!("`{word}` is not a JSON object"))),
        };
    }
    let given: HashMap<&str, &str> = words
        .iter()
        .filter_map(|word| word.split_once('='))
        .collect();
    let mut arguments = Object::new();
    for word in words {
        let Some((name, text)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::new(format_args!(
                "`{word}` is not an argument: expected NAME=VALUE, or one JSON object for all"
            )));
        };
        let value = json(text)
            .filter(|value| !vocabulary.takes_only_strings(command, name, kind(value), &given))
            .unwrap_or_else(|| Any::from(text));
        if arguments.insert(name, value).is_some() {
            return Err(Failure::new(format_args!(
                "argument `{name}` is given twice"
            )));
        }
    }
    Ok(arguments)
}

/// Returns true if an argument is written so that it could be a string or another value.
pub(crate) fn is_ambiguous(words: &[String]) -> bool {
    let mut values = words.iter().filter_map(|word| word.split_once('='));
    values.any(|(_, value)| json(value).is_some_and(|value| kind(&value) != ValueKind::String))
}

fn kind(value: &Any) -> ValueKind {
    match value {
        Any::Null => ValueKind::Null,
        Any::Bool(_) => ValueKind::Boolean,
        Any::Integer(_) | Any::Unsigned(_) => ValueKind::Integer,
        Any::Number(_) => ValueKind::Number,
        Any::String(_) => ValueKind::String,
        Any::Array(_) => ValueKind::Array,
        Any::Object(_) => ValueKind::Object,
    }
}

/// Returns the value of a JSON text. What QEMU takes beyond JSON, such as single quotes, is left to be a string.
fn json(text: &str) -> Option<Any> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::tests::vocabulary;

    fn parsed(words: &[&str]) -> Result<String, String> {
        parsed_for("unknown", words)
    }

    fn parsed_for(command: &str, words: &[&str]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        parse(command, &words, &vocabulary())
            .map(|object| Any::from(object).to_string())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn values_are_json_or_else_strings() {
        let words = [
            "a=1",
            "b=-2.5",
            "c=true",
            "d=null",
            "e=[1, \"x\"]",
            "f={\"g\": 1}",
            "h=\"1\"",
        ];
        assert_eq!(
            parsed(&words).unwrap(),
            r#"{"a": 1, "b": -2.5, "c": true, "d": null, "e": [1, "x"], "f": {"g": 1}, "h": "1"}"#
        );
        let words = [
            "a=",
            "b=/bin/ls",
            "c='x'",
            "d=01",
            "e=a=b",
            "f=[1",
            "g=True",
        ];
        assert_eq!(
            parsed(&words).unwrap(),
            r#"{"a": "", "b": "/bin/ls", "c": "'x'", "d": "01", "e": "a=b", "f": "[1", "g": "True"}"#
        );
    }

    #[test]
    fn arguments_that_can_only_be_strings_are_strings() {
        for text in ["true", "1", "1.5", "null", "[1]", "{}", "plain"] {
            let text = format!("text={text}");
            assert_eq!(
                parsed_for("draw", &["mode=slow", &text]).unwrap(),
                format!(r#"{{"mode": "slow", "text": "{}"}}"#, &text[5..])
            );
        }
        assert_eq!(
            parsed_for("draw", &["mode=slow", "text=\"true\""]).unwrap(),
            r#"{"mode": "slow", "text": "true"}"#
        );
        assert_eq!(
            parsed_for("draw", &["mode=fast", "speed=true"]).unwrap(),
            r#"{"mode": "fast", "speed": true}"#
        );
        assert_eq!(
            parsed_for("set-mode", &["mode=fast", "force=true"]).unwrap(),
            r#"{"mode": "fast", "force": true}"#
        );
    }

    #[test]
    fn only_values_that_are_not_strings_are_ambiguous() {
        let is_ambiguous = |word: &str| is_ambiguous(&[word.to_owned()]);
        assert!(is_ambiguous("a=1") && is_ambiguous("a=true") && is_ambiguous("a=[1]"));
        assert!(!is_ambiguous("a=x") && !is_ambiguous("a=\"1\"") && !is_ambiguous("{\"a\": 1}"));
    }

    #[test]
    fn large_integers_keep_their_value() {
        assert_eq!(
            parsed(&["a=18446744073709551615", "b=9007199254740993"]).unwrap(),
            r#"{"a": 18446744073709551615, "b": 9007199254740993}"#
        );
    }

    #[test]
    fn one_object_holds_all_arguments() {
        assert_eq!(parsed(&[r#" {"a": [1]}"#]).unwrap(), r#"{"a": [1]}"#);
        assert_eq!(parsed(&[]).unwrap(), "{}");
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parsed(&["{a}"]).unwrap_err(), "`{a}` is not a JSON object");
        assert!(
            parsed(&["a"])
                .unwrap_err()
                .starts_with("`a` is not an argument")
        );
        assert!(
            parsed(&["=a"])
                .unwrap_err()
                .starts_with("`=a` is not an argument")
        );
        assert_eq!(
            parsed(&["a=1", "a=2"]).unwrap_err(),
            "argument `a` is given twice"
        );
    }
}
