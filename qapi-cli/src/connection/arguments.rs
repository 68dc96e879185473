//! The arguments of a command, as written on the command line.

use qapi_runtime::{Any, Object};

use crate::status::Failure;

/// Reads `NAME=VALUE …`, or a single JSON object.
pub(crate) fn parse(words: &[String]) -> Result<Object, Failure> {
    if let [word] = words
        && word.trim_start().starts_with('{')
    {
        return match json(word) {
            Some(Any::Object(object)) => Ok(object),
            _ => Err(Failure::new(format_args!("`{word}` is not a JSON object"))),
        };
    }
    let mut arguments = Object::new();
    for word in words {
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::new(format_args!(
                "`{word}` is not an argument: expected NAME=VALUE, or one JSON object for all"
            )));
        };
        let value = json(value).unwrap_or_else(|| Any::from(value));
        if arguments.insert(name, value).is_some() {
            return Err(Failure::new(format_args!(
                "argument `{name}` is given twice"
            )));
        }
    }
    Ok(arguments)
}

/// The value of a JSON text. What QEMU takes beyond JSON, such as single quotes, is left to be a string.
fn json(text: &str) -> Option<Any> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        parse(&words)
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
