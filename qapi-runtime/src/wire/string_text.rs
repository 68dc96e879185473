//! The text of strings: finding their end, decoding them in place, showing broken ones.
//!
//! Strings are *modified* UTF-8: U+0000 may also be written as the bytes C0 80. Surrogates and the 66 non-characters
//! are not accepted in any form (docs/reference/agent-behaviour.md §3.3).

use super::error::WireError;

/// Bytes processed in one step of a long text; small enough for a few vector registers.
const BLOCK: usize = 64;

/// True if a byte stands for itself in a string: printable ASCII that is neither the quote nor a backslash.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches, so that blocks become vector code"
)]
#[inline]
fn is_plain(byte: u8, quote: u8) -> bool {
    (0x20..0x7F).contains(&byte) & (byte != quote) & (byte != b'\\')
}

/// Length of the longest prefix of bytes that stand for themselves.
#[inline]
pub(crate) fn plain_run(bytes: &[u8], quote: u8) -> usize {
    // Most runs are short.
    if let Some(word) = bytes.first_chunk() {
        let special = special_bytes(u64::from_le_bytes(*word), quote);
        if special != 0 {
            return (special.trailing_zeros() / 8) as usize;
        }
    }
    longer_run(bytes, quote)
}

/// [`plain_run`] of what does not end in its first word.
fn longer_run(bytes: &[u8], quote: u8) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let length = bytes.len() - rest.len();
        if length == BLOCK {
            return length + plain_blocks(rest, quote);
        }
        let special = special_bytes(u64::from_le_bytes(*word), quote);
        if special != 0 {
            return length + (special.trailing_zeros() / 8) as usize;
        }
        rest = behind;
    }
    bytes.len() - rest.len() + plain_bytes(rest, quote)
}

/// Returns whether all bytes stand for themselves: [`plain_run`] for texts that are short and nearly always plain.
#[inline]
pub(crate) fn is_all_plain(bytes: &[u8]) -> bool {
    let special = |word| special_bytes(word, b'"');
    if bytes.len() > BLOCK {
        return plain_run(bytes, b'"') == bytes.len();
    }
    // Words from the front, and one that ends at the end and may overlap the others.
    if let Some(last) = bytes.last_chunk() {
        let mut marks = special(u64::from_le_bytes(*last));
        let mut rest = bytes;
        while let Some((word, behind)) = rest.split_first_chunk() {
            marks |= special(u64::from_le_bytes(*word));
            rest = behind;
        }
        return marks == 0;
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            special(u64::from(first) << 32 | u64::from(last)) == 0
        }
        _ => bytes.iter().all(|&byte| is_plain(byte, b'"')),
    }
}

/// [`plain_run`] of what is likely to be long.
fn plain_blocks(bytes: &[u8], quote: u8) -> usize {
    let mut length = 0;
    for block in bytes.chunks_exact(BLOCK) {
        // No early exit within the block: the compiler turns this into vector code.
        if !block
            .iter()
            .fold(true, |plain, &byte| plain & is_plain(byte, quote))
        {
            break;
        }
        length += BLOCK;
    }
    length + plain_bytes(&bytes[length..], quote)
}

fn plain_bytes(bytes: &[u8], quote: u8) -> usize {
    bytes
        .iter()
        .position(|&byte| !is_plain(byte, quote))
        .unwrap_or(bytes.len())
}

/// Marks in the top bits of a word's bytes, of which the lowest is the first byte that is not plain.
#[inline]
pub(super) fn special_bytes(word: u64, quote: u8) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // The usual test for zero bytes: exact up to the first one found. Bytes with a top bit are found anyway.
    let equal = |byte: u8| (word ^ (ONES * u64::from(byte))).wrapping_sub(ONES);
    let below_blank = word.wrapping_sub(ONES * 0x20);
    let above_tilde = word.wrapping_add(ONES);
    (word | below_blank | above_tilde | equal(quote) | equal(b'\\')) & (ONES << 7)
}

/// Decodes `buffer[start..]`, the raw text between a string's quotes, in place; decoding never lengthens it.
///
/// `any_character` is whether escapes may mean non-characters.
pub(super) fn decode(
    buffer: &mut Vec<u8>,
    start: usize,
    quote: u8,
    any_character: bool,
) -> Result<(), WireError> {
    let mut read = start;
    let mut write = start;
    while read < buffer.len() {
        let run = plain_run(&buffer[read..], b'\\');
        buffer.copy_within(read..read + run, write);
        read += run;
        write += run;
        let Some(&byte) = buffer.get(read) else {
            break;
        };
        let (character, length) = match byte {
            b'\\' => unescape(&buffer[read..], quote, any_character)?,
            0..0x80 => (char::from(byte), 1),
            _ => match code_point(&buffer[read..]) {
                (Some(character), length) => (character, length),
                (None, _) => return Err(WireError::InvalidUtf8),
            },
        };
        read += length;
        let mut encoded = [0; 4];
        let encoded = character.encode_utf8(&mut encoded).as_bytes();
        buffer[write..write + encoded.len()].copy_from_slice(encoded);
        write += encoded.len();
    }
    buffer.truncate(write);
    Ok(())
}

/// Appends what the escape at the start of `raw` means; the escape's length, if it is in order.
pub(super) fn unescape_to(
    text: &mut Vec<u8>,
    raw: &[u8],
    quote: u8,
    any_character: bool,
) -> Option<usize> {
    let (character, length) = unescape(raw, quote, any_character).ok()?;
    if character.is_ascii() {
        // Nearly all of them.
        text.extend(u8::try_from(character));
    } else {
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(length)
}

/// Returns the character that the escape at the start of `raw` means, and the escape's length.
fn unescape(raw: &[u8], quote: u8, any_character: bool) -> Result<(char, usize), WireError> {
    let simple = match raw.get(1) {
        Some(&byte @ (b'"' | b'\'' | b'\\' | b'/')) => char::from(byte),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{C}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unicode(raw, quote, any_character),
        _ => return Err(WireError::InvalidEscape),
    };
    Ok((simple, 2))
}

/// Reads a `\uXXXX` escape, or two of them that form a surrogate pair.
fn unescape_unicode(
    raw: &[u8],
    quote: u8,
    any_character: bool,
) -> Result<(char, usize), WireError> {
    const LENGTH: usize = 6;
    let mut length = LENGTH;
    let mut code = hex(&raw[2..]);
    if let Some(high @ 0xD800..0xDC00) = code {
        let low = raw
            .get(LENGTH..)
            .filter(|raw| raw.starts_with(b"\\u"))
            .and_then(|raw| hex(&raw[2..]));
        code = match low {
            Some(low @ 0xDC00..0xE000) => {
                length += LENGTH;
                Some(0x1_0000 + ((high & 0x3FF) << 10 | low & 0x3FF))
            }
            _ => None,
        };
    }
    let meant = if any_character {
        char::from_u32
    } else {
        character
    };
    if let Some(character) = code.and_then(meant) {
        return Ok((character, length));
    }
    // The escape as it stands in the token, which goes on to the closing quote.
    let mut escape = raw[..raw.len().min(length)].to_vec();
    if escape.len() < length {
        escape.push(quote);
    }
    Err(WireError::InvalidCharacter(show(&escape)))
}

/// Four hexadecimal digits.
fn hex(raw: &[u8]) -> Option<u32> {
    raw.get(..4)?.iter().try_fold(0, |value, &byte| {
        Some(value << 4 | char::from(byte).to_digit(16)?)
    })
}

/// Returns the character of a code point, unless it is a surrogate, out of range or a non-character.
fn character(code: u32) -> Option<char> {
    match code {
        0xFDD0..=0xFDEF => None,
        _ if code & 0xFFFE == 0xFFFE => None,
        _ => char::from_u32(code),
    }
}

/// Returns the first character of `bytes` (not empty) in modified UTF-8, and its length.
///
/// Bytes that are no character come as `None` with the number of them that count as one bad sequence: a lead byte and
/// as many continuation bytes as it announces and finds, or else a single byte.
fn code_point(bytes: &[u8]) -> (Option<char>, usize) {
    let lead = bytes[0];
    let announced = match lead.leading_ones() {
        0 => return (Some(char::from(lead)), 1),
        1 | 7 | 8 => return (None, 1),
        ones => ones as usize,
    };
    let mut code = u32::from(lead) & (0x7F >> announced);
    for (index, &byte) in bytes.iter().enumerate().take(announced).skip(1) {
        if byte & 0xC0 != 0x80 {
            return (None, index);
        }
        code = code << 6 | u32::from(byte & 0x3F);
    }
    if bytes.len() < announced {
        return (None, bytes.len());
    }
    let shortest = match code {
        1..0x80 => 1,
        // U+0000 has two bytes in modified UTF-8.
        0 | 0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    };
    (character(code).filter(|_| announced == shortest), announced)
}

/// Raw bytes for an error text: up to the first NUL, with U+FFFD for each bad sequence.
pub(super) fn show(raw: &[u8]) -> Box<str> {
    let raw = raw.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut shown = String::with_capacity(raw.len());
    let mut rest = raw;
    while !rest.is_empty() {
        let (character, length) = code_point(rest);
        shown.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = &rest[length..];
    }
    shown.into()
}
