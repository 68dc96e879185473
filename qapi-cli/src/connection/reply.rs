//! Replies as JSON for people and programs.

use std::fmt::Write;

use qapi_runtime::Any;
use serde::{Serialize, Serializer};

/// Returns the value as JSON with a line feed: indented, or on one line. Members keep their order.
pub(crate) fn json(value: &Any, compact: bool) -> String {
    let value = View(value);
    let text = if compact {
        serde_json::to_string(&value)
    } else {
        serde_json::to_string_pretty(&value)
    };
    let mut text = harmless(text.expect("keys are strings and the writer is memory"));
    text.push('\n');
    text
}

/// Escapes what JSON allows but a terminal may obey, or what changes the direction of text: such characters occur in
/// strings only.
fn harmless(text: String) -> String {
    let steers = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(steers) {
        return text;
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            write!(safe, "\\u{:04x}", u32::from(c)).expect("writing to a string succeeds");
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A value that serde can write.
struct View<'a>(&'a Any);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Any::Null => serializer.serialize_unit(),
            Any::Bool(value) => serializer.serialize_bool(*value),
            Any::Integer(value) => serializer.serialize_i64(*value),
            Any::Unsigned(value) => serializer.serialize_u64(*value),
            Any::Number(value) => serializer.serialize_f64(*value),
            Any::String(value) => serializer.serialize_str(value),
            Any::Array(list) => serializer.collect_seq(list.iter().map(View)),
            Any::Object(object) => {
                serializer.collect_map(object.iter().map(|(name, value)| (name, View(value))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str, compact: bool) -> String {
        json(&text.parse().unwrap(), compact)
    }

    #[test]
    fn order_and_values_are_kept() {
        let text = r#"{"z":1,"a":[true,null,18446744073709551615,-1,0.5],"é":"ü\n","e":{},"l":[]}"#;
        assert_eq!(printed(text, true), format!("{text}\n"));
    }

    #[test]
    fn deep_values_are_printed() {
        let text = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(printed(&text, true), format!("{text}\n"));
    }

    #[test]
    fn people_get_indentation() {
        assert_eq!(
            printed(r#"{"a":[1]}"#, false),
            "{\n  \"a\": [\n    1\n  ]\n}\n"
        );
    }

    #[test]
    fn strings_cannot_steer_the_terminal() {
        assert_eq!(
            printed(r#"["\u001b[2J","\u009b2J","\u202e\u007f"]"#, true),
            "[\"\\u001b[2J\",\"\\u009b2J\",\"\\u202e\\u007f\"]\n"
        );
    }
}
