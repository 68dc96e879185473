//! JSON as people write it, with short values on one line.

use serde_json::Value;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// A number, `true`, `false` or `null`.
    Raw(&'static str),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(super) fn object(members: Vec<(&str, Self)>) -> Self {
        let owned = members.into_iter().map(|(name, it)| (name.to_owned(), it));
        Self::Object(owned.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Object(members) if members.is_empty())
    }
}

/// The width at which lines are broken.
const WIDTH: usize = 68;

/// Returns the value on one line if it fits, or else with a line per member or element.
pub(super) fn print(value: &Json) -> String {
    let mut out = String::new();
    add(value, 0, 0, &mut out);
    out
}

/// Adds a value that begins in this column; `rest` columns follow on the line it ends on.
fn add(value: &Json, indent: usize, column: usize, out: &mut String) {
    let mut line = String::new();
    flat(value, &mut line);
    if column + line.chars().count() < WIDTH {
        out.push_str(&line);
        return;
    }
    match value {
        Json::Raw(_) | Json::Text(_) => out.push_str(&line),
        Json::Array(elements) => {
            out.push_str("[ ");
            for (index, element) in elements.iter().enumerate() {
                separate(index, indent, out);
                add(element, indent + 2, indent + 2, out);
            }
            out.push_str(" ]");
        }
        Json::Object(members) => {
            out.push_str("{ ");
            for (index, (name, member)) in members.iter().enumerate() {
                separate(index, indent, out);
                string(name, out);
                out.push_str(": ");
                add(member, indent + 2, indent + 6 + name.len(), out);
            }
            out.push_str(" }");
        }
    }
}

fn separate(index: usize, indent: usize, out: &mut String) {
    if index > 0 {
        out.push_str(",\n");
        out.extend(std::iter::repeat_n(' ', indent + 2));
    }
}

fn flat(value: &Json, out: &mut String) {
    match value {
        Json::Raw(text) => out.push_str(text),
        Json::Text(text) => string(text, out),
        Json::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { ", " });
                flat(element, out);
            }
            out.push_str(if elements.is_empty() { "]" } else { " ]" });
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { ", " });
                string(name, out);
                out.push_str(": ");
                flat(member, out);
            }
            out.push_str(if members.is_empty() { "}" } else { " }" });
        }
    }
}

fn string(text: &str, out: &mut String) {
    out.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_broken_between_members() {
        let text = |text: &str| Json::Text(text.to_owned());
        assert_eq!(
            print(&Json::object(vec![("a", Json::Array(vec![text("x\"")]))])),
            r#"{ "a": [ "x\"" ] }"#
        );
        let long = "long ".repeat(12);
        let value = Json::object(vec![
            ("execute", text("run")),
            (
                "arguments",
                Json::object(vec![("b", text(&long)), ("c", Json::Raw("1"))]),
            ),
        ]);
        assert_eq!(
            print(&value),
            format!(
                "{{ \"execute\": \"run\",\n  \"arguments\": {{ \"b\": \"{long}\",\n    \"c\": 1 }} }}"
            )
        );
    }
}
