//! JSON before it is text: with numbers as they will be written, and any member any number of times.

use crate::generate::Random;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// A number or a word, as it will stand.
    Bare(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(super) fn bare(text: &(impl ToString + ?Sized)) -> Self {
        Self::Bare(text.to_string())
    }

    /// Returns the text, in one of the many ways in which JSON and the dialect of agents (docs/reference/agent-behaviour.md
    /// §3.2) let it be written.
    pub(super) fn render(&self, rng: &mut Random) -> Vec<u8> {
        let mut out = String::new();
        let loose = rng.chance(30);
        self.write(rng, loose, &mut out);
        out.into_bytes()
    }

    fn write(&self, rng: &mut Random, loose: bool, out: &mut String) {
        match self {
            Self::Bare(text) => out.push_str(text),
            Self::Text(text) => string(rng, loose, text, out),
            Self::List(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    blanks(rng, loose, out);
                    element.write(rng, loose, out);
                    blanks(rng, loose, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    blanks(rng, loose, out);
                    string(rng, loose, name, out);
                    blanks(rng, loose, out);
                    out.push(':');
                    blanks(rng, loose, out);
                    value.write(rng, loose, out);
                    blanks(rng, loose, out);
                }
                out.push('}');
            }
        }
    }
}

fn blanks(rng: &mut Random, loose: bool, out: &mut String) {
    if loose && rng.chance(30) {
        let blank = [' ', '\t', '\n', '\r'][rng.below(4)];
        out.extend(std::iter::repeat_n(blank, rng.between(1, 3)));
    }
}

fn string(rng: &mut Random, loose: bool, text: &str, out: &mut String) {
    let quote = if loose && rng.chance(30) { '\'' } else { '"' };
    out.push(quote);
    for character in text.chars() {
        let must = character == quote || character == '\\' || character.is_control();
        if must || (loose && rng.chance(5)) {
            escape(rng, character, out);
        } else {
            out.push(character);
        }
    }
    out.push(quote);
}

fn escape(rng: &mut Random, character: char, out: &mut String) {
    let short = match character {
        '"' | '\'' | '\\' | '/' => Some(character),
        '\u{8}' => Some('b'),
        '\u{C}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    };
    if let Some(short) = short.filter(|_| rng.chance(70)) {
        out.push('\\');
        out.push(short);
        return;
    }
    let mut units = [0; 2];
    for unit in character.encode_utf16(&mut units) {
        let digits = if rng.chance(50) {
            format!("{unit:04x}")
        } else {
            format!("{unit:04X}")
        };
        out.push_str("\\u");
        out.push_str(&digits);
    }
}
