//! The lexer: text to tokens (docs/reference/language.md §1). The only module that uses nom.
//!
//! It never fails: text that starts no token becomes a [`TokenKind::Stray`], and a bad string a string token with a
//! flag. Dialects are the parser's concern.

use memchr::memchr;
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till};
use nom::combinator::value;
use nom::{IResult, Parser};

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// `'…'`
    String(StringKind),
    /// `true`, whatever follows
    True,
    /// `false`, whatever follows
    False,
    /// `null`, whatever follows; no token of the current language
    Null,
    /// `#…`, without the line end
    Comment,
    /// `##…`, without the line end
    DocComment,
    /// The longest run of characters that could have been one misspelt word.
    Stray,
    /// The end of the file: its last line feed.
    End,
}

/// The content of a string token, by the work of decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringKind {
    /// Printable ASCII without backslashes: its text is its value.
    Plain,
    /// Other content; closed on its line.
    Special,
    /// Not closed on its line; the token ends with the line.
    Open,
}

/// A token with its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte.
    pub end: u32,
}

impl Token {
    /// Returns the token as written.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start as usize..self.end as usize]
    }
}

/// Returns all tokens of `text`, comments included, with an end token after them. Nothing but
/// white space lies between them.
///
/// `text` comes with plain line feeds, and ends in one when it is that of a schema file.
///
/// # Panics
/// If `text` is 4 GiB or larger; the reader rejects such files earlier.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    tokens_into(text, &mut tokens);
    tokens
}

/// Finds the tokens of `text`, in the place of those of another one.
pub(crate) fn tokens_into(text: &str, tokens: &mut Vec<Token>) {
    let offset = |rest: Input<'_>| {
        u32::try_from(text.len() - rest.len()).expect("files are limited far below 4 GiB")
    };
    tokens.clear();
    tokens.reserve(text.len() / 10);
    let mut input = skip_space(text.as_bytes());
    while !input.is_empty() {
        let (rest, kind) = token(input).expect("every character is part of some token");
        tokens.push(Token {
            kind,
            start: offset(input),
            end: offset(rest),
        });
        input = skip_space(rest);
    }
    let end = offset(&[]);
    tokens.push(Token {
        kind: TokenKind::End,
        start: end - u32::from(text.ends_with('\n')),
        end,
    });
}

/// Returns the longest run at the start of `text` that holds no punctuation, white space or quote:
/// what a message about stray characters quotes (docs/reference/language.md §1.3).
pub(crate) fn stray_run(text: &str) -> &str {
    match stray(text.as_bytes()) {
        Ok((after, _)) => &text[..text.len() - after.len()],
        Err(_) => "",
    }
}

/// Bytes of valid UTF-8, cut only between characters.
type Input<'a> = &'a [u8];
type Lexed<'a, T> = IResult<Input<'a>, T>;

fn token(input: Input<'_>) -> Lexed<'_, TokenKind> {
    match input.first() {
        Some(b'\'') => string(input),
        Some(b'#') => Ok(comment(input)),
        first => match first.and_then(|byte| punctuation(*byte)) {
            Some(kind) => Ok((&input[1..], kind)),
            None => alt((word, stray)).parse(input),
        },
    }
}

fn punctuation(byte: u8) -> Option<TokenKind> {
    Some(match byte {
        b':' => TokenKind::Colon,
        b',' => TokenKind::Comma,
        b'{' => TokenKind::LeftBrace,
        b'}' => TokenKind::RightBrace,
        b'[' => TokenKind::LeftBracket,
        b']' => TokenKind::RightBracket,
        _ => return None,
    })
}

/// Matched by prefix: what follows is looked at on its own (docs/reference/language.md §1.3).
fn word(input: Input<'_>) -> Lexed<'_, TokenKind> {
    alt((
        value(TokenKind::True, tag(&b"true"[..])),
        value(TokenKind::False, tag(&b"false"[..])),
        value(TokenKind::Null, tag(&b"null"[..])),
    ))
    .parse(input)
}

fn comment(input: Input<'_>) -> (Input<'_>, TokenKind) {
    let kind = match input {
        [b'#', b'#', ..] => TokenKind::DocComment,
        _ => TokenKind::Comment,
    };
    let length = memchr(b'\n', input).unwrap_or(input.len());
    (&input[length..], kind)
}

/// `input` begins with a quote.
fn string(input: Input<'_>) -> Lexed<'_, TokenKind> {
    let is_special = |byte: u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'\\' | b'\'');
    let (mut input, _) = take_till(is_special).parse(&input[1..])?;
    let mut kind = StringKind::Plain;
    loop {
        match input {
            [b'\'', after @ ..] => return Ok((after, TokenKind::String(kind))),
            [] | [b'\n', ..] => return Ok((input, TokenKind::String(StringKind::Open))),
            // An escaped quote belongs to the string; an escaped line end still ends it.
            [b'\\', b'\'' | b'\\', ..] => input = &input[2..],
            _ => input = &input[1..],
        }
        kind = StringKind::Special;
        (input, _) = take_till(is_special).parse(input)?;
    }
}

fn stray(input: Input<'_>) -> Lexed<'_, TokenKind> {
    let ends = |byte: u8| b"{}[]:,'".contains(&byte) || is_space(byte) || !byte.is_ascii();
    let mut after = input;
    loop {
        after = take_till(ends).parse(after)?.0;
        // A wide character is part of the run unless it is white space.
        match wide(after) {
            Some((character, behind)) if !is_wide_space(character) => after = behind,
            _ => break,
        }
    }
    let read = input.len() - after.len();
    value(TokenKind::Stray, take(read)).parse(input)
}

/// Skips white space (docs/reference/language.md §1.2), which lexes as nothing.
fn skip_space(mut input: Input<'_>) -> Input<'_> {
    loop {
        let plain = input.iter().position(|byte| !is_space(*byte));
        input = &input[plain.unwrap_or(input.len())..];
        if input.first().is_none_or(u8::is_ascii) {
            return input;
        }
        match wide(input) {
            Some((character, behind)) if is_wide_space(character) => input = behind,
            _ => return input,
        }
    }
}

/// Returns the character that `input` starts with, if it is not ASCII, and what follows it.
fn wide(input: Input<'_>) -> Option<(char, Input<'_>)> {
    let length = match input.first()? {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => return None,
    };
    let (bytes, behind) = input.split_at_checked(length)?;
    let character = std::str::from_utf8(bytes).ok()?.chars().next()?;
    Some((character, behind))
}

/// Returns whether a character is white space (docs/reference/language.md §1.2).
pub(crate) fn is_white_space(character: char) -> bool {
    u8::try_from(character).map_or_else(
        |_| is_wide_space(character),
        |byte| is_space(byte) || is_wide_space(character),
    )
}

fn is_space(byte: u8) -> bool {
    byte <= b' ' && matches!(byte, b' ' | b'\t'..=b'\r' | 0x1C..=0x1F)
}

fn is_wide_space(character: char) -> bool {
    matches!(
        character,
        '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use StringKind::{Open, Plain, Special};
    use TokenKind::*;

    #[track_caller]
    fn check(text: &str, expected: &[(TokenKind, &str)]) {
        let tokens = tokens(text);
        let (end, tokens) = tokens.split_last().unwrap();
        let found: Vec<_> = tokens.iter().map(|t| (t.kind, t.text(text))).collect();
        assert_eq!(found, expected);
        assert_eq!(end.kind, End);
        assert_eq!(end.end as usize, text.len());
    }

    #[test]
    fn every_punctuation_mark_is_a_token() {
        check(
            "{}[]:,\n",
            &[
                (LeftBrace, "{"),
                (RightBrace, "}"),
                (LeftBracket, "["),
                (RightBracket, "]"),
                (Colon, ":"),
                (Comma, ","),
            ],
        );
    }

    #[test]
    fn end_is_the_last_line_feed() {
        for (text, start) in [("\n", 0), ("{}\n\n", 3), ("", 0), ("{}", 2)] {
            let end = *tokens(text).last().unwrap();
            assert_eq!((end.kind, end.start), (End, start), "{text:?}");
        }
    }

    #[test]
    fn words_match_by_prefix() {
        check(
            "truex false12 nulltrue\n",
            &[
                (True, "true"),
                (Stray, "x"),
                (False, "false"),
                (Stray, "12"),
                (Null, "null"),
                (True, "true"),
            ],
        );
        check(
            "tru fals nul\n",
            &[(Stray, "tru"), (Stray, "fals"), (Stray, "nul")],
        );
    }

    #[test]
    fn stray_run_ends_at_punctuation_space_and_quote() {
        check(
            "a#b{1\u{e9}\u{3000}\"x\"'y'\u{feff}z\n",
            &[
                (Stray, "a#b"),
                (LeftBrace, "{"),
                (Stray, "1\u{e9}"),
                (Stray, "\"x\""),
                (String(Plain), "'y'"),
                (Stray, "\u{feff}z"),
            ],
        );
        check("\0\n", &[(Stray, "\0")]);
    }

    #[test]
    fn all_white_space_is_skipped() {
        check(
            "\u{9}\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{1f}\u{85}\u{a0}\u{1680}\u{2000}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}{\n",
            &[(LeftBrace, "{")],
        );
        check("\u{200b}\n", &[(Stray, "\u{200b}")]);
    }

    #[test]
    fn strings_end_at_the_quote_or_the_line() {
        check("''\n", &[(String(Plain), "''")]);
        check("'a b'\n", &[(String(Plain), "'a b'")]);
        check("'a\\\\b'\n", &[(String(Special), "'a\\\\b'")]);
        check("'a\\'b' ,\n", &[(String(Special), "'a\\'b'"), (Comma, ",")]);
        check(
            "'\u{e9}\u{7f}\u{1}'\n",
            &[(String(Special), "'\u{e9}\u{7f}\u{1}'")],
        );
        check("'ab\n,\n", &[(String(Open), "'ab"), (Comma, ",")]);
        check(
            "'ab\\\n'\n",
            &[(String(Open), "'ab\\"), (String(Open), "'")],
        );
        check("'ab\\", &[(String(Open), "'ab\\")]);
        check("'ab", &[(String(Open), "'ab")]);
    }

    #[test]
    fn comments_run_to_the_line_end() {
        check(
            "# a # b\n{ ## x\n#\n##\n#\u{e9}",
            &[
                (Comment, "# a # b"),
                (LeftBrace, "{"),
                (DocComment, "## x"),
                (Comment, "#"),
                (DocComment, "##"),
                (Comment, "#\u{e9}"),
            ],
        );
    }

    #[test]
    fn nothing_but_white_space_is_lost() {
        let text =
            "##\n# @A:\n##\n{ 'a': [ 'b\\'\u{e9}', true ] } # c\n\t\u{a0}; 'd\n}\u{3000}\u{0}x\n";
        let mut end = 0;
        for token in tokens(text) {
            let start = token.start as usize;
            assert!(text[end..start].chars().all(is_white_space), "{token:?}");
            assert!(token.start < token.end, "{token:?}");
            end = token.end as usize;
        }
        assert_eq!(end, text.len());
    }
}
