//! Tokens on their way to a file, as text.
//!
//! `quote!` would make some values on the heap per token, and a parser would have to read them all before anything could be
//! printed. A [`Piece`] is one string: its tokens one behind the other, each with an end mark. The fixed part of a template
//! is a constant, names are copied into it, and putting a piece into another one is copying text.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Behind every token. No token has this character in it.
const END: u8 = 0;

/// Some tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Piece(String);

impl Piece {
    /// What settings give as text, which is known to be Rust.
    pub(crate) fn parse(text: &str) -> Self {
        let tokens: TokenStream = text.parse().expect("text is checked with the settings");
        Self::of(&tokens)
    }

    /// The tokens of one thing.
    pub(super) fn of(it: &impl Put) -> Self {
        let mut piece = Self::default();
        it.put(&mut piece);
        piece
    }

    /// No tokens yet, and room for those of most templates.
    pub(super) fn for_template() -> Self {
        Self(String::with_capacity(128))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens. Doc comments are `///` and a number.
    pub(crate) fn tokens(&self) -> Tokens<'_> {
        Tokens { rest: &self.0 }
    }

    /// How much text there is.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a token.
    pub(crate) fn push(&mut self, token: &str) {
        debug_assert!(
            !token.is_empty() && !token.as_bytes().contains(&END),
            "a token is text without the end mark"
        );
        self.0.push_str(token);
        self.0.push(char::from(END));
    }

    /// Adds tokens that have their end marks.
    pub(super) fn push_fixed(&mut self, tokens: &'static str) {
        self.0.push_str(tokens);
    }

    fn push_string(&mut self, text: &str) {
        self.0.push('"');
        for (at, c) in text.char_indices() {
            match c {
                '\'' => self.0.push(c),
                // With a digit behind it, the short form would read as another number.
                '\0' if text[at + 1..].starts_with(|next: char| next.is_digit(8)) => {
                    self.0.push_str("\\x00");
                }
                _ => self.0.extend(c.escape_debug()),
            }
        }
        self.0.push('"');
        self.0.push(char::from(END));
    }
}

/// The tokens of a [`Piece`].
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        // Tokens are short, and the searchers of std are made for longer texts.
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() && bytes[end] != END {
            end += 1;
        }
        let token = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..)?;
        Some(token)
    }
}

impl FromIterator<Piece> for Piece {
    fn from_iter<I: IntoIterator<Item = Self>>(pieces: I) -> Self {
        let mut whole = Self::default();
        for piece in pieces {
            whole.0.push_str(&piece.0);
        }
        whole
    }
}

/// What can stand in a template behind a `#`.
pub(crate) trait Put {
    /// Adds its tokens.
    fn put(&self, piece: &mut Piece);
}

impl Put for Piece {
    fn put(&self, piece: &mut Piece) {
        piece.0.push_str(&self.0);
    }
}

impl<T: Put + ?Sized> Put for &T {
    fn put(&self, piece: &mut Piece) {
        (**self).put(piece);
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, piece: &mut Piece) {
        if let Some(it) = self {
            it.put(piece);
        }
    }
}

/// An identifier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ident<'a>(pub(super) &'a str);

impl Put for Ident<'_> {
    fn put(&self, piece: &mut Piece) {
        piece.push(self.0);
    }
}

/// A string literal.
impl Put for str {
    fn put(&self, piece: &mut Piece) {
        piece.push_string(self);
    }
}

/// A string literal.
impl Put for String {
    fn put(&self, piece: &mut Piece) {
        piece.push_string(self);
    }
}

/// A number without a suffix.
impl Put for usize {
    fn put(&self, piece: &mut Piece) {
        piece.push(&self.to_string());
    }
}

/// Marks that are one token although they have several characters.
const LONG_MARKS: [&str; 8] = ["::", "->", "=>", "==", "!=", "..", "&&", "||"];

impl Put for TokenStream {
    fn put(&self, piece: &mut Piece) {
        // The part of a mark or lifetime that came so far.
        let mut mark = String::new();
        for token in self.clone() {
            match token {
                TokenTree::Punct(punct) => {
                    let alone = mark.len();
                    mark.push(punct.as_char());
                    let is_long = LONG_MARKS.contains(&&*mark);
                    if alone > 0 && !is_long {
                        piece.push(&mark[..alone]);
                        mark.drain(..alone);
                    }
                    if is_long || punct.spacing() == Spacing::Alone {
                        piece.push(&mark);
                        mark.clear();
                    }
                }
                TokenTree::Ident(ident) => {
                    piece.push(&format!("{mark}{ident}"));
                    mark.clear();
                }
                TokenTree::Literal(literal) => piece.push(&literal.to_string()),
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::None => {
                            group.stream().put(piece);
                            continue;
                        }
                    };
                    piece.push(open);
                    group.stream().put(piece);
                    piece.push(close);
                }
            }
        }
    }
}

/// Makes a [`Piece`] of a template, in the manner of `quote!`.
///
/// `#name` puts in the tokens of a variable. `#(#names)*` puts in those of all values of an iterator, `#(#names),*` with
/// commas between them, `#(#names,)*` with one behind each.
macro_rules! piece {
    ($($template:tt)*) => {{
        #[allow(unused_mut, reason = "a template may be empty")]
        let mut piece = $crate::rust::piece::Piece::for_template();
        $crate::rust::piece::put!(piece [] $($template)*);
        piece
    }};
}

/// Adds a template to a piece. In the brackets are fixed tokens that came before.
macro_rules! put {
    ($piece:ident []) => {};
    ($piece:ident [$($fixed:tt)+]) => {
        $piece.push_fixed(concat!($($fixed)+));
    };
    ($piece:ident [$($fixed:tt)*] #(#$parts:ident)* $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)*]);
        for part in $parts {
            $crate::rust::piece::Put::put(&part, &mut $piece);
        }
        $crate::rust::piece::put!($piece [] $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] #(#$parts:ident,)* $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)*]);
        for part in $parts {
            $crate::rust::piece::Put::put(&part, &mut $piece);
            $piece.push_fixed(",\0");
        }
        $crate::rust::piece::put!($piece [] $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] #(#$parts:ident),* $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)*]);
        for (index, part) in $parts.into_iter().enumerate() {
            if index > 0 {
                $piece.push_fixed(",\0");
            }
            $crate::rust::piece::Put::put(&part, &mut $piece);
        }
        $crate::rust::piece::put!($piece [] $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] #$part:ident $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)*]);
        $crate::rust::piece::Put::put(&$part, &mut $piece);
        $crate::rust::piece::put!($piece [] $($rest)*);
    };
    // What brackets hold is taken out of them, with a word for the end.
    ($piece:ident [$($fixed:tt)*] { $($inner:tt)* } $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* "{\0",] $($inner)* end_of_braces $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] ( $($inner:tt)* ) $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* "(\0",] $($inner)* end_of_parentheses $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] [ $($inner:tt)* ] $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* "[\0",] $($inner)* end_of_brackets $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] end_of_braces $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* "}\0",] $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] end_of_parentheses $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* ")\0",] $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] end_of_brackets $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* "]\0",] $($rest)*);
    };
    ($piece:ident [$($fixed:tt)*] $token:tt $($rest:tt)*) => {
        $crate::rust::piece::put!($piece [$($fixed)* stringify!($token), "\0",] $($rest)*);
    };
}

pub(super) use {piece, put};

#[cfg(test)]
mod tests {
    use super::{Ident, Piece};

    fn spelt(piece: &Piece) -> String {
        piece.tokens().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_template_gives_its_tokens() {
        let (name, text, none) = (Ident("speed"), "5\"", None::<Piece>);
        let fields = ["a", "b"].map(|name| {
            let name = Ident(name);
            piece! { #[x] #name: [u8] }
        });
        let piece = piece! { struct S<'a> { #none #name::<T>: &'a str = #text, #(#fields),* } };
        assert_eq!(
            spelt(&piece),
            "struct S < 'a > { speed :: < T > : & 'a str = \"5\\\"\" , \
             # [ x ] a : [ u8 ] , # [ x ] b : [ u8 ] }"
        );
    }

    #[test]
    fn lists_have_commas_between_or_behind() {
        let names = || ["a", "b"].map(Ident);
        let (one, two, three) = (names(), names(), names());
        assert_eq!(spelt(&piece! { #(#one)* }), "a b");
        assert_eq!(spelt(&piece! { (#(#two),*) }), "( a , b )");
        assert_eq!(spelt(&piece! { (#(#three,)* c) }), "( a , b , c )");
    }

    #[test]
    fn text_of_the_settings_gives_the_tokens_of_a_template() {
        let parsed = Piece::parse("#[a(b = \"c\", 'd')] <&'a Vec<Vec<u8>> as ::e::F>::G == -1");
        assert_eq!(
            spelt(&parsed),
            "# [ a ( b = \"c\" , 'd' ) ] < & 'a Vec < Vec < u8 > > as :: e :: F > :: G == - 1"
        );
    }
}
