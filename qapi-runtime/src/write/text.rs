//! Escaping of strings.

use crate::wire::plain_run;

/// Appends `text` with everything escaped that is not printable ASCII (agent-behaviour.md §3.7).
#[inline]
pub(super) fn escape(out: &mut Vec<u8>, text: &str) {
    let plain = plain_run(text.as_bytes(), b'"');
    out.extend_from_slice(&text.as_bytes()[..plain]);
    if plain < text.len() {
        escape_rest(out, &text[plain..]);
    }
}

/// [`escape`] of a text that begins with a character to escape.
#[cold]
fn escape_rest(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    loop {
        let plain = plain_run(rest.as_bytes(), b'"');
        out.extend_from_slice(&rest.as_bytes()[..plain]);
        let mut characters = rest[plain..].chars();
        let Some(character) = characters.next() else {
            return;
        };
        escape_character(out, character);
        rest = characters.as_str();
    }
}

fn escape_character(out: &mut Vec<u8>, character: char) {
    match character {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\u{8}' => out.extend_from_slice(b"\\b"),
        '\u{C}' => out.extend_from_slice(b"\\f"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ => {
            for &unit in &*character.encode_utf16(&mut [0; 2]) {
                let digit = |shift: u32| b"0123456789ABCDEF"[usize::from((unit >> shift) & 0xF)];
                out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            }
        }
    }
}
