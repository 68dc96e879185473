//! Secret texts, and their words in later messages.

use std::collections::{HashMap, VecDeque};
use std::iter;

use qapi_runtime::base64;

use crate::recording::MASKED;

/// The bytes by which runs are found. Shorter texts are not searched, because they occur by chance.
const SHORTEST: usize = 4;

/// Bytes of a text that are remembered. What follows after a repeated text that was longer is masked with it.
const LONGEST: usize = 64 << 10;

/// Bytes of all texts; the oldest go first.
const MOST_BYTES: usize = 1 << 20;

/// The limit on the number of texts, for short ones.
const MOST_TEXTS: usize = 4 << 10;

/// Runs with the same first bytes. Where there are more, the word in a later text is masked without a closer look.
const MOST_ALIKE: usize = 32;

/// The nesting of encodings, such as base64 in a URL in a quoted command line.
const DEEPEST: usize = 3;

/// Texts that were masked as a whole.
///
/// They are found again whole and in parts: every run of whole words of such a text that has at least [`SHORTEST`] bytes,
/// also in forms with escapes, doubled commas, percent signs and base64.
#[derive(Debug, Default)]
pub(crate) struct RememberedSecrets {
    texts: VecDeque<Text>,
    /// Number of the first text.
    first: u64,
    /// Bytes of all.
    bytes: usize,
    /// The runs by their first bytes.
    runs: HashMap<[u8; SHORTEST], Runs>,
}

/// The runs with the same first bytes.
#[derive(Debug, Default)]
struct Runs {
    known: Vec<Run>,
    /// Number of those that are not kept.
    others: usize,
}

#[derive(Debug)]
struct Text {
    text: Box<str>,
    /// There was more of it.
    is_cut: bool,
}

/// The place from which on a text may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Number of the text.
    text: u64,
    /// The place in it.
    start: usize,
}

impl RememberedSecrets {
    /// Remembers a text, and what it says in another way.
    pub(crate) fn remember(&mut self, text: &str) {
        let mut forms = vec![start(text, LONGEST).to_owned()];
        let mut new = 0..1;
        for _ in 0..DEEPEST {
            let end = new.end;
            for index in new {
                let more: Vec<_> = other_forms(&forms[index]).collect();
                forms.extend(more);
            }
            new = end..forms.len();
        }
        // The text itself comes last: it is the last to be forgotten.
        for form in forms[1..].iter().rev() {
            self.add(form, false);
        }
        self.add(&forms[0], forms[0].len() < text.len());
    }

    fn add(&mut self, text: &str, is_cut: bool) {
        let text = if is_cut { text } else { text.trim_end() };
        let text = text.trim_start();
        if text.len() < SHORTEST || text == MASKED {
            return;
        }
        if self.found(text.as_bytes()) == Some(text.len()) {
            return;
        }
        let number = self.first + self.texts.len() as u64;
        for (window, run) in runs(number, text) {
            let runs = self.runs.entry(window).or_default();
            if runs.known.len() < MOST_ALIKE {
                runs.known.push(run);
            } else {
                runs.others += 1;
            }
        }
        self.bytes += text.len();
        self.texts.push_back(Text {
            text: text.into(),
            is_cut,
        });
        while self.texts.len() > 1 && (self.bytes > MOST_BYTES || self.texts.len() > MOST_TEXTS) {
            self.forget();
        }
    }

    /// Forgets the oldest text.
    fn forget(&mut self) {
        let Some(oldest) = self.texts.pop_front() else {
            return;
        };
        let number = self.first;
        self.first += 1;
        self.bytes -= oldest.text.len();
        for (window, run) in runs(number, &oldest.text) {
            let Some(runs) = self.runs.get_mut(&window) else {
                continue;
            };
            match runs.known.iter().position(|it| *it == run) {
                Some(place) => {
                    runs.known.swap_remove(place);
                }
                None => runs.others -= 1,
            }
            if runs.known.is_empty() && runs.others == 0 {
                self.runs.remove(&window);
            }
        }
    }

    /// Returns a text without all that is remembered, if there is any of it.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        if self.texts.is_empty() {
            return None;
        }
        if self.is_encoded(text) {
            return Some(MASKED.to_owned());
        }
        let mut masked = None;
        let (mut kept, mut at) = (0, 0);
        while at < text.len() {
            let Some(length) = self.found(&text.as_bytes()[at..]) else {
                at += 1;
                continue;
            };
            let masked = masked.get_or_insert_with(String::new);
            masked.push_str(&text[kept..at]);
            masked.push_str(MASKED);
            at += length;
            kept = at;
        }
        masked.map(|masked| masked + &text[kept..])
    }

    /// Returns whether a text is base64 with something in it that is remembered.
    fn is_encoded(&self, text: &str) -> bool {
        let digits = text.len().is_multiple_of(4) && text.len() > SHORTEST;
        let Some(bytes) = digits.then(|| base64::decode(text).ok()).flatten() else {
            return false;
        };
        (0..bytes.len()).any(|at| self.found(&bytes[at..]).is_some())
    }

    /// Returns the length of the longest remembered run at the start of a text.
    fn found(&self, text: &[u8]) -> Option<usize> {
        let runs = self.runs.get(&window(text, 0)?)?;
        let known = runs.known.iter();
        let mut longest = known.filter_map(|run| self.repeated(*run, text)).max();
        if runs.others > 0 {
            // It may be one of them: the word is hidden as it is.
            let is_end = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
            let word = text.iter().skip(SHORTEST).position(is_end);
            let word = word.map_or(text.len(), |end| SHORTEST + end);
            longest = longest.max(Some(word));
        }
        longest
    }

    /// Returns the length of what `text` repeats of a run, in whole words.
    fn repeated(&self, run: Run, text: &[u8]) -> Option<usize> {
        let index = usize::try_from(run.text.checked_sub(self.first)?).ok()?;
        let remembered = self.texts.get(index)?;
        let rest = &remembered.text[run.start..];
        let same = iter::zip(rest.as_bytes(), text)
            .take_while(|(one, two)| one == two)
            .count();
        if same == rest.len() {
            return Some(if remembered.is_cut { text.len() } else { same });
        }
        (SHORTEST..=same)
            .rev()
            .find(|&end| is_edge(&remembered.text, run.start + end))
    }
}

/// Returns the start of a text, of at most this many bytes.
fn start(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns the places from which on a text may be repeated, by the bytes that stand there.
fn runs(number: u64, text: &str) -> impl Iterator<Item = ([u8; SHORTEST], Run)> {
    let starts = iter::once(0).chain(words(text));
    starts.filter_map(move |start| {
        let run = Run {
            text: number,
            start,
        };
        Some((window(text.as_bytes(), start)?, run))
    })
}

fn window(text: &[u8], start: usize) -> Option<[u8; SHORTEST]> {
    text.get(start..start + SHORTEST)?.try_into().ok()
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// Returns whether words, or single other characters, begin or end here.
fn is_edge(text: &str, at: usize) -> bool {
    if !text.is_char_boundary(at) {
        return false;
    }
    let before = text[..at].chars().next_back();
    let behind = text[at..].chars().next();
    !(before.is_some_and(is_in_word) && behind.is_some_and(is_in_word))
}

/// Returns the places after the first at which words, or other characters, begin; not white space and the characters
/// between the values of JSON text, with which no repetition begins.
fn words(text: &str) -> impl Iterator<Item = usize> {
    let starts = text.char_indices().skip(1).filter(|&(at, c)| {
        let is_between = c.is_whitespace() || "{}[]:,\"'\\".contains(c);
        !is_between && is_edge(text, at)
    });
    starts.map(|(at, _)| at)
}

/// Texts that another one stands for.
fn other_forms(text: &str) -> impl Iterator<Item = String> {
    let plain = [unescaped(text), single_commas(text), unquoted_url(text)];
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let digits = text.split(move |c| !is_digit(c));
    // A member's value may contain the `=` of base64, or begin with one.
    let values = digits.clone().filter_map(|it| Some(it.split_once('=')?.1));
    let decoded_words = digits.chain(values).filter_map(decoded);
    let lines = text.trim().contains('\n').then(|| {
        let joined: String = text.split_whitespace().collect();
        decoded(&joined)
    });
    let plain = plain.into_iter().chain(lines).flatten();
    plain.chain(decoded_words)
}

/// Returns the text that base64 stands for; none if it is not text.
fn decoded(digits: &str) -> Option<String> {
    let digits = digits.trim_end_matches('=');
    if digits.len() <= SHORTEST {
        return None;
    }
    let padding = "=".repeat(digits.len().wrapping_neg() % 4);
    let bytes = base64::decode(&format!("{digits}{padding}")).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let is_text = |c: char| !c.is_control() || c.is_whitespace();
    text.chars().all(is_text).then_some(text)
}

/// Returns the text that is meant by escapes with backslashes, as JSON and command lines have them; `None` if it has no
/// escapes.
fn unescaped(text: &str) -> Option<String> {
    let (start, mut rest) = text.split_once('\\')?;
    let mut out = start.to_owned();
    // The first half of a character that is written as two.
    let mut half = None;
    loop {
        let mut chars = rest.chars();
        let code = chars.next();
        rest = chars.as_str();
        let unit = |rest: &str| u16::from_str_radix(rest.get(..4)?, 16).ok();
        match code {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') if unit(rest).is_some() => {
                let units: Vec<_> = half.take().into_iter().chain(unit(rest)).collect();
                rest = &rest[4..];
                if let Ok(text) = String::from_utf16(&units) {
                    out += &text;
                } else if rest.starts_with("\\u") {
                    half = units.last().copied();
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
        let Some((plain, more)) = rest.split_once('\\') else {
            out += rest;
            return Some(out);
        };
        out += plain;
        rest = more;
    }
}

/// Returns the text with single commas for the doubled ones of options; none without any.
fn single_commas(text: &str) -> Option<String> {
    text.contains(",,").then(|| text.replace(",,", ","))
}

/// Returns the text with characters for their codes in URLs; none without any.
fn unquoted_url(text: &str) -> Option<String> {
    let (start, mut rest) = text.split_once('%')?;
    let mut out = start.as_bytes().to_vec();
    loop {
        let code = rest.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                rest = &rest[2..];
            }
            None => out.push(b'%'),
        }
        let Some((plain, more)) = rest.split_once('%') else {
            out.extend_from_slice(rest.as_bytes());
            return Some(String::from_utf8_lossy(&out).into_owned());
        };
        out.extend_from_slice(plain.as_bytes());
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(secret: &str, text: &str) -> String {
        let mut remembered = RememberedSecrets::default();
        remembered.remember(secret);
        let masked = remembered.masked(text);
        masked.unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn texts_are_masked_whole_and_in_words() {
        for (secret, text, expected) in [
            ("hunter2", "<hunter2>", "<(masked)>"),
            ("set_password vnc hunter2", "no hunter2!", "no (masked)!"),
            ("set_password vnc a b,c=d", "'a b,c=d'", "'(masked)'"),
            ("secret,id=s,data=hunter2", "hunter2", "(masked)"),
            ("secret,id=s,data=hun,,ter2", "'hun,ter2'", "'(masked)'"),
            ("data=aHVudGVyMg==", "hunter2", "(masked)"),
            ("data=aHVudGVyMg==,x", "hunter2", "(masked)"),
            ("aHVudGVyMg==", "hunter2", "(masked)"),
            ("https://me:hunt%65r2@host", "hunter2", "(masked)"),
            (r#"{"a" "\u0068unter2"}"#, "hunter2", "(masked)"),
            (r#"{"a" "\ud83d\ude00§"}"#, "x😀§", "x(masked)"),
            (r#"vnc "hun\"ter2""#, r#"hun"ter2"#, "(masked)"),
            ("hunter2", "say aHVudGVyMg==", "say aHVudGVyMg=="),
            ("hunter2", "eCBodW50ZXIyIHg=", "(masked)"),
            ("vnc abc", "abc", "abc"),
            ("hunter2", "hunter", "hunter"),
            ("hunter2 x", "hunter2hunter2", "(masked)(masked)"),
            ("(masked)", "masked", "masked"),
        ] {
            assert_eq!(masked(secret, text), expected, "{secret}");
        }
    }

    #[test]
    fn long_texts_are_masked_to_the_end_of_what_repeats_them() {
        let long = "x".repeat(3 * LONGEST);
        assert_eq!(masked(&long, &format!("a {long} b")), "a (masked)");
    }

    #[test]
    fn memory_and_time_have_a_limit() {
        let mut remembered = RememberedSecrets::default();
        for number in 0..20_000 {
            remembered.remember(&format!("same{number:08}"));
        }
        assert!(remembered.texts.len() <= MOST_TEXTS);
        let known = |runs: &Runs| runs.known.len() + runs.others;
        let runs: usize = remembered.runs.values().map(known).sum();
        assert_eq!(runs, remembered.texts.len());
        assert!(remembered.masked("same00000001").is_some());
        for round in 0..8 {
            remembered.remember(&format!("{round}-abcd ").repeat(LONGEST / 8));
        }
        assert!(remembered.bytes <= MOST_BYTES);
        let text = "7-abcd ".repeat(LONGEST / 4);
        let masked = remembered.masked(&text).unwrap_or_default();
        assert!(!masked.contains("abcd"), "{}", &masked[..40]);
    }
}
