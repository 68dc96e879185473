//! Messages and JSON with colours.

use super::writer::Html;

/// Writes a conversation. Lines that begin with an arrow begin a message.
pub(super) fn conversation(html: &mut Html, text: &str) {
    html.element("pre", &[("class", "wire")], |html| {
        html.element("code", &[], |html| {
            let mut message = Message::default();
            for line in text.lines() {
                let direction = direction(line);
                if direction.is_some() && message.is_begun() {
                    message.write(html);
                    message = Message::default();
                }
                match direction {
                    Some((direction, rest)) => {
                        message.direction = Some(direction);
                        message.lines.push(rest);
                    }
                    None => message.lines.push(line),
                }
            }
            message.write(html);
        });
    });
    html.line();
}

#[derive(Clone, Copy)]
enum MessageDirection {
    Sent,
    Received,
}

fn direction(line: &str) -> Option<(MessageDirection, &str)> {
    if let Some(rest) = line.strip_prefix("->") {
        return Some((MessageDirection::Sent, rest));
    }
    Some((MessageDirection::Received, line.strip_prefix("<-")?))
}

#[derive(Default)]
struct Message<'t> {
    direction: Option<MessageDirection>,
    lines: Vec<&'t str>,
}

impl Message<'_> {
    fn is_begun(&self) -> bool {
        !self.lines.is_empty()
    }

    fn write(&self, html: &mut Html) {
        let text = self.lines.join("\n") + "\n";
        let (class, arrow, words) = match self.direction {
            None => return json(html, &text),
            Some(MessageDirection::Sent) => ("sent", "\u{2192} ", "client: "),
            Some(MessageDirection::Received) => ("received", "\u{2190} ", "server: "),
        };
        html.element("span", &[("class", class)], |html| {
            html.leaf("span", &[("class", "unseen")], words);
            html.leaf(
                "span",
                &[("class", "arrow"), ("aria-hidden", "true")],
                arrow,
            );
            json(html, &text);
        });
    }
}

/// Text that is JSON for the most part.
pub(super) fn json(html: &mut Html, text: &str) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, class) = token(rest, first);
        let token = &rest[..length];
        match class {
            Some(class) => html.leaf("span", &[("class", class)], token),
            None => html.text(token),
        };
        rest = &rest[length..];
    }
}

/// Length and class of what the text begins with.
fn token(rest: &str, first: char) -> (usize, Option<&'static str>) {
    match first {
        '"' => {
            let length = string(rest);
            let after = rest[length..].trim_start();
            let class = if after.starts_with(':') { "key" } else { "str" };
            (length, Some(class))
        }
        '0'..='9' | '-' => {
            let number = |c: char| !(c.is_ascii_digit() || "+-.eE".contains(c));
            let length = rest.find(number).unwrap_or(rest.len());
            let is_number = rest[..length].contains(|c: char| c.is_ascii_digit());
            (length.max(1), is_number.then_some("num"))
        }
        c if c.is_alphabetic() => {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || "-_".contains(c)));
            let length = length.unwrap_or(rest.len());
            let is_word = matches!(&rest[..length], "true" | "false" | "null");
            (length, is_word.then_some("num"))
        }
        c => {
            let plain = |c: char| c == '"' || c == '-' || c.is_alphanumeric();
            let more = rest[c.len_utf8()..].find(plain);
            (more.map_or(rest.len(), |more| more + c.len_utf8()), None)
        }
    }
}

/// Returns the length of a string, which ends with its line if nothing else ends it.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut html = Html::default();
        json(&mut html, text);
        html.finish()
            .replace("<span class=\"", "<")
            .replace("</span>", ">")
            .replace("\">", ":")
            .replace("&quot;", "'")
    }

    #[test]
    fn json_is_coloured_and_nothing_is_lost() {
        assert_eq!(
            shown(r#"{ "a" : [-1.5e3, true, "\"x"] }"#),
            "{ <key:'a'> : [<num:-1.5e3>, <num:true>, <str:'\\'x'>] }\n"
        );
        assert_eq!(shown("\"open\nnext"), "<str:'open>\nnext\n");
        assert_eq!(shown("... and so - on …"), "... and so - on …\n");
    }

    #[test]
    fn messages_have_directions() {
        let mut html = Html::default();
        conversation(&mut html, "-> 1\n   2\n<- {}");
        let shown = html.finish();
        assert_eq!(shown.matches("class=\"sent\"").count(), 1);
        assert_eq!(shown.matches("class=\"received\"").count(), 1);
        assert!(!shown.contains("-&gt;") && !shown.contains("&lt;-"));
    }
}
