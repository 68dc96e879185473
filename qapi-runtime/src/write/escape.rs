//! Escaping of strings.

use crate::wire::{is_all_plain, plain_run};

/// Appends `text` with everything escaped that is not printable ASCII (docs/reference/agent-behaviour.md §3.7).
#[inline]
pub(super) fn escape(out: &mut Vec<u8>, text: &str) {
    if is_all_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        escape_some(out, text);
    }
}

/// [`escape`] of a text in which there is something to escape.
#[cold]
fn escape_some(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_run(rest.as_bytes(), b'"'));
        out.extend_from_slice(plain.as_bytes());
        let mut characters = special.chars();
        match characters.next() {
            Some('"') => out.extend_from_slice(b"\\\""),
            Some(character) => escape_character(out, character),
            None => return,
        }
        rest = characters.as_str();
    }
}

fn escape_character(out: &mut Vec<u8>, character: char) {
    match character {
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
