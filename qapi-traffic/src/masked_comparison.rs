//! Compares values with recorded ones that are partly masked.

use qapi_runtime::Any;

use crate::recording::MASKED;

/// Returns whether a value may be the one that was recorded: [`MASKED`] in a recorded string stands for any text, and the
/// number 0 for any number.
pub fn resembles(recorded: &Any, value: &Any) -> bool {
    match (recorded, value) {
        (Any::String(recorded), Any::String(text)) => text_resembles(recorded, text),
        (Any::Integer(0), Any::Integer(_) | Any::Unsigned(_) | Any::Number(_)) => true,
        (Any::Array(recorded), Any::Array(items)) => {
            let mut pairs = recorded.iter().zip(items);
            recorded.len() == items.len() && pairs.all(|(one, two)| resembles(one, two))
        }
        (Any::Object(recorded), Any::Object(members)) => {
            let mut all = recorded.iter();
            recorded.len() == members.len()
                && all.all(|(name, one)| members.get(name).is_some_and(|two| resembles(one, two)))
        }
        _ => recorded == value,
    }
}

fn text_resembles(recorded: &str, text: &str) -> bool {
    let Some((start, rest)) = recorded.split_once(MASKED) else {
        return recorded == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once(MASKED).unwrap_or(("", rest));
    for part in middle.split(MASKED) {
        match text.split_once(part) {
            Some((_, rest)) => text = rest,
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_texts_and_numbers_stand_for_any() {
        for (recorded, value, expected) in [
            (r#"{"a": "(masked)"}"#, r#"{"a": "x"}"#, true),
            (r#"{"a": "(masked)"}"#, r#"{"a": 1}"#, false),
            (r#"{"a": "(masked)"}"#, r#"{"a": "x", "b": 1}"#, false),
            (
                r#"{"a": "(masked)", "b": [0]}"#,
                r#"{"b": [7.5], "a": ""}"#,
                true,
            ),
            (r#"["a (masked) b (masked) c"]"#, r#"["a 1 b 2 c"]"#, true),
            (r#"["a (masked) b (masked) c"]"#, r#"["a 1 c"]"#, false),
            (r#"["(masked)(masked)"]"#, r#"["x"]"#, true),
            (r#"["a(masked)a"]"#, r#"["a"]"#, false),
            ("[1]", "[2]", false),
        ] {
            let parse = |text: &str| text.parse::<Any>().expect("it is JSON");
            assert_eq!(
                resembles(&parse(recorded), &parse(value)),
                expected,
                "{recorded} {value}"
            );
        }
    }
}
