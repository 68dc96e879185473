//! Bytes to base64 and back.

use std::fmt;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Both characters of every 12-bit value.
static PAIRS: [[u8; 2]; 4096] = pairs();

/// Value of a character, or [`INVALID`].
static VALUES: [u8; 256] = values();

/// Any value with a bit outside the six of a digit.
const INVALID: u8 = 0x80;

const fn pairs() -> [[u8; 2]; 4096] {
    let mut table = [[0; 2]; 4096];
    let mut value = 0;
    while value < table.len() {
        table[value] = [ALPHABET[value >> 6], ALPHABET[value & 63]];
        value += 1;
    }
    table
}

const fn values() -> [u8; 256] {
    let mut table = [INVALID; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        #[expect(clippy::cast_possible_truncation, reason = "there are 64 digits")]
        {
            table[ALPHABET[value] as usize] = value as u8;
        }
        value += 1;
    }
    table
}

/// The error for a text that is not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Malformed;

/// The wording of the guest agent's protocol (docs/reference/agent-behaviour.md §5.2).
impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Base64 data contains invalid characters")
    }
}

impl std::error::Error for Malformed {}

/// Encodes bytes as base64.
pub fn encode(bytes: &[u8]) -> String {
    let mut encoder = Encoder::default();
    encoder.push(bytes);
    encoder.finish()
}

/// Encodes bytes that arrive in pieces.
///
/// ```
/// # use qapi_runtime::base64::{Encoder, encode};
/// let mut encoder = Encoder::default();
/// encoder.push(b"foo");
/// encoder.push(b"ba");
/// assert_eq!(encoder.finish(), encode(b"fooba"));
/// ```
#[derive(Debug, Default)]
pub struct Encoder {
    text: Vec<u8>,
}

impl Encoder {
    /// Adds a piece. Its length must be a multiple of three in every piece but the last, because padding ends the text.
    pub fn push(&mut self, bytes: &[u8]) {
        debug_assert!(!self.text.ends_with(b"="), "a piece follows the last one");
        append(&mut self.text, bytes);
    }

    /// Returns the whole text.
    ///
    /// # Panics
    /// Never: the alphabet is ASCII.
    pub fn finish(self) -> String {
        String::from_utf8(self.text).expect("the alphabet is ASCII")
    }
}

/// Appends `bytes` as text.
pub(crate) fn append(text: &mut Vec<u8>, bytes: &[u8]) {
    let start = text.len();
    text.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    let (groups, rest) = in_threes(bytes);
    let mut quads = text[start..].chunks_exact_mut(4);
    for (group, quad) in groups.zip(&mut quads) {
        let high = usize::from(group[0]) << 4 | usize::from(group[1]) >> 4;
        let low = usize::from(group[1] & 15) << 8 | usize::from(group[2]);
        quad[..2].copy_from_slice(&PAIRS[high]);
        quad[2..].copy_from_slice(&PAIRS[low]);
    }
    match (rest, quads.next()) {
        ([one], Some(quad)) => quad[..2].copy_from_slice(&PAIRS[usize::from(*one) << 4]),
        ([one, two], Some(quad)) => {
            let high = usize::from(*one) << 4 | usize::from(*two) >> 4;
            quad[..2].copy_from_slice(&PAIRS[high]);
            quad[2] = PAIRS[usize::from(*two & 15) << 8][0];
        }
        _ => {}
    }
}

/// Whole groups of three bytes, and what is left.
fn in_threes(bytes: &[u8]) -> (impl Iterator<Item = &[u8]>, &[u8]) {
    let groups = bytes.chunks_exact(3);
    let rest = groups.remainder();
    (groups, rest)
}

/// Decodes base64.
///
/// Bits of the last digit that no byte uses are ignored.
///
/// # Errors
/// There is a character that is neither in the alphabet nor a line feed, the last group is not complete, or something
/// follows the padding.
pub fn decode(text: &str) -> Result<Vec<u8>, Malformed> {
    read(text, Form::Standard)
}

/// Returns the bytes that QEMU's guest agent takes `text` for (docs/reference/agent-behaviour.md §5.2), so that both read
/// the same text alike.
///
/// Padding stands for zero bits and takes away a byte at the third and at the fourth place of its group, wherever the
/// group is, and an incomplete last group is dropped.
///
/// # Errors
/// There is a character that is neither in the alphabet nor `=` nor a line feed.
pub fn decode_leniently(text: &str) -> Result<Vec<u8>, Malformed> {
    read(text, Form::Any)
}

/// The padding that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// At the end, as much as completes the last group.
    Standard,
    /// Anywhere and any.
    Any,
}

fn read(text: &str, form: Form) -> Result<Vec<u8>, Malformed> {
    let mut bytes = vec![0; text.len() / 4 * 3];
    let mut written = 0;
    let mut rest = text.as_bytes();
    loop {
        let (taken, made) = decode_groups(rest, &mut bytes[written..]);
        rest = &rest[taken..];
        written += made;
        let Some((group, after)) = next_group(rest) else {
            break;
        };
        rest = after;
        if form == Form::Standard && group.contains(&b'=') && !is_last(group, rest) {
            return Err(Malformed);
        }
        let value = group
            .iter()
            .try_fold(0, |value, &character| Some(value << 6 | digit(character)?))
            .ok_or(Malformed)?;
        let [_, first, second, third] = u32::to_be_bytes(value);
        let whole = [
            Some(first),
            (group[2] != b'=').then_some(second),
            (group[3] != b'=').then_some(third),
        ];
        for byte in whole.into_iter().flatten() {
            bytes[written] = byte;
            written += 1;
        }
    }
    let is_leftover =
        |&byte: &u8| byte != b'\n' && (form == Form::Standard || digit(byte).is_none());
    if rest.iter().any(is_leftover) {
        return Err(Malformed);
    }
    bytes.truncate(written);
    Ok(bytes)
}

/// Returns whether a group with padding is as the last one may be, and is the last one.
fn is_last(group: [u8; 4], rest: &[u8]) -> bool {
    let [first, second, _, fourth] = group.map(|character| character == b'=');
    !first && !second && fourth && rest.iter().all(|&byte| byte == b'\n')
}

/// Returns the six bits of a character.
fn digit(character: u8) -> Option<u32> {
    match VALUES[usize::from(character)] {
        INVALID if character == b'=' => Some(0),
        INVALID => None,
        value => Some(value.into()),
    }
}

/// Decodes groups of four digits up to the first group that has anything else in it. Returns how
/// many characters were taken and how many bytes were made.
fn decode_groups(text: &[u8], out: &mut [u8]) -> (usize, usize) {
    let mut done = 0;
    for (quad, group) in text.chunks_exact(4).zip(out.chunks_exact_mut(3)) {
        let value = |at: usize| VALUES[usize::from(quad[at])];
        let [a, b, c, d] = [value(0), value(1), value(2), value(3)];
        if (a | b | c | d) & INVALID != 0 {
            break;
        }
        group.copy_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        done += 1;
    }
    (done * 4, done * 3)
}

/// Collects the next four characters that are no line feeds, and what follows them. None if there are
/// fewer.
fn next_group(text: &[u8]) -> Option<([u8; 4], &[u8])> {
    let mut group = [0; 4];
    let mut have = 0;
    for (index, &byte) in text.iter().enumerate() {
        if byte == b'\n' {
            continue;
        }
        group[have] = byte;
        have += 1;
        if have == group.len() {
            return Some((group, &text[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use qapi_test_support::Random;

    use super::*;

    /// Encodes digit by digit, as in the definition, to compare the tables with.
    fn encode_slowly(bytes: &[u8]) -> String {
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let mut value = [0_u8; 4];
            value[1..=group.len()].copy_from_slice(group);
            let value = u32::from_be_bytes(value);
            for position in 0..4 {
                if position <= group.len() {
                    let digit = value >> (18 - 6 * position) & 63;
                    text.push(char::from(ALPHABET[digit as usize]));
                } else {
                    text.push('=');
                }
            }
        }
        text
    }

    fn sample(length: usize) -> Vec<u8> {
        let mut random = Random::new(1);
        let next = || random.number().to_le_bytes()[0];
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn encoding_follows_the_definition_and_decodes_back() {
        for length in 0..300 {
            let bytes = sample(length);
            let text = encode(&bytes);
            assert_eq!(text, encode_slowly(&bytes), "length {length}");
            assert_eq!(decode(&text).unwrap(), bytes, "length {length}");
            assert_eq!(decode_leniently(&text).unwrap(), bytes, "length {length}");
        }
    }

    #[test]
    fn known_texts_are_encoded_as_the_standard_says() {
        assert_eq!(encode(b""), "");
        assert_eq!(encode(b"f"), "Zg==");
        assert_eq!(encode(b"fo"), "Zm8=");
        assert_eq!(encode(b"foobar"), "Zm9vYmFy");
        assert_eq!(encode(&[0xff, 0xef, 0xbe]), "/+++");
    }

    #[test]
    fn pieces_of_whole_groups_make_the_same_text() {
        let bytes = sample(1000);
        let mut encoder = Encoder::default();
        for piece in bytes.chunks(99) {
            encoder.push(piece);
        }
        assert_eq!(encoder.finish(), encode(&bytes));
    }

    #[test]
    fn line_feeds_are_skipped_anywhere() {
        let bytes = sample(500);
        let text = encode(&bytes);
        for width in [1, 3, 4, 64, 76] {
            let mut wrapped = String::from("\n");
            for line in text.as_bytes().chunks(width) {
                wrapped.push_str(std::str::from_utf8(line).unwrap());
                wrapped.push('\n');
            }
            assert_eq!(decode(&wrapped).unwrap(), bytes, "width {width}");
        }
        assert_eq!(decode("\n\n").unwrap(), b"");
        assert_eq!(decode("YQ=\n=\n").unwrap(), b"a");
    }

    #[test]
    fn other_characters_and_bad_padding_are_refused() {
        for text in [
            "a$b=",
            "YWJj ZGVm",
            "YWJj\rZGVm",
            "YWJj\tZGVm",
            "a-b_",
            "!!",
            "YWI",
            "Y",
            "YW",
            "====",
            "=",
            "YQ=",
            "YQ==Yg==",
            "YQ=a",
            "Y===",
            "=YWJ",
            "YWJjYQ==YWJj",
            "YWJj=",
            "YQ==\n=",
            "é€",
            "YWJ\u{0}",
        ] {
            let error = decode(text).expect_err(text);
            assert_eq!(
                error.to_string(),
                "Base64 data contains invalid characters",
                "{text:?}"
            );
        }
    }

    #[test]
    fn padding_counts_as_in_the_reference() {
        for (text, bytes) in [
            ("YWI", &b""[..]),
            ("Y", b""),
            ("YQ=", b""),
            ("=", b""),
            ("YWJjY", b"abc"),
            ("YWJj=", b"abc"),
            ("====", b"\0"),
            ("YQ==Yg==", b"ab"),
            ("YWI=YWI=", b"abab"),
            ("YQ=a", &[0x61, 0x1a]),
            ("Y===", &[0x60]),
            ("=YWJ", &[0x01, 0x85, 0x89]),
            ("YWJjYQ==YWJj", b"abcaabc"),
            ("YQ==\n=", b"a"),
        ] {
            assert_eq!(decode_leniently(text).unwrap(), bytes, "{text:?}");
        }
    }

    #[test]
    fn lenient_or_not_other_characters_are_refused() {
        for text in [
            "a$b=",
            "YWJj ZGVm",
            "YWJj\rZGVm",
            "a-b_",
            "!!",
            "YWI!",
            "Y!",
            "YQ==\n!",
            "é€",
            "YWJ\u{0}",
        ] {
            assert_eq!(decode(text), Err(Malformed), "{text:?}");
            assert_eq!(decode_leniently(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn unused_bits_of_the_last_digit_are_ignored() {
        assert_eq!(decode("YR==").unwrap(), b"a");
        assert_eq!(decode("YWJ=").unwrap(), decode("YWI=").unwrap());
    }
}
