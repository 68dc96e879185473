//! Attributes whose tokens prettyplease does not keep.
//!
//! It drops commas at the end, takes marks such as `==` apart, trims documentation and makes comments of attributes called
//! `comment`. To the macros that read them all of that may matter. Such attributes from the settings are taken out before
//! an item is printed, with a mark in their place, and put back as they were written.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Fields, Item, Lit, Meta};

/// The name of the attributes that mark places. It begins lines of printed text, where documentation cannot stand.
const MARK: &str = "__qapi_codegen_attribute";

/// Attributes that are not printed with their item.
#[derive(Default)]
pub(super) struct Kept(Vec<String>);

impl Kept {
    /// Takes them out of an item that can have attributes from the settings.
    pub(super) fn take_from(item: &mut Item) -> Self {
        let mut kept = Self::default();
        match item {
            Item::Struct(item) => {
                kept.take(&mut item.attrs);
                kept.take_from_fields(&mut item.fields);
            }
            Item::Enum(item) => {
                kept.take(&mut item.attrs);
                for variant in &mut item.variants {
                    kept.take(&mut variant.attrs);
                    kept.take_from_fields(&mut variant.fields);
                }
            }
            _ => {}
        }
        kept
    }

    fn take_from_fields(&mut self, fields: &mut Fields) {
        for field in fields {
            self.take(&mut field.attrs);
        }
    }

    fn take(&mut self, attributes: &mut [Attribute]) {
        for attribute in attributes {
            if is_printed_faithfully(&attribute.meta) {
                continue;
            }
            // Tokens that were parsed know their text, which reads better than one token after the other.
            let text = attribute.span().source_text();
            self.0
                .push(text.unwrap_or_else(|| attribute.to_token_stream().to_string()));
            let (mark, index) = (crate::tokens::ident(MARK), self.0.len() - 1);
            attribute.meta = syn::parse_quote! { #mark = #index };
        }
    }

    /// Puts them back into the text of the item.
    pub(super) fn put_back(self, text: String) -> String {
        if self.0.is_empty() {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let indented = line.trim_start();
            match self.marked(indented) {
                Some((attribute, rest)) => {
                    out.push_str(&line[..line.len() - indented.len()]);
                    out.push_str(attribute);
                    out.push_str(rest);
                }
                None => out.push_str(line),
            }
        }
        out
    }

    /// The attribute that a line begins with the mark of, and the rest of the line.
    fn marked<'l>(&self, line: &'l str) -> Option<(&str, &'l str)> {
        let number = line.strip_prefix("#[")?.strip_prefix(MARK)?;
        let (number, rest) = number.strip_prefix(" = ")?.split_once("usize]")?;
        let attribute = self.0.get(number.parse::<usize>().ok()?)?;
        Some((attribute, rest))
    }
}

/// Returns true if prettyplease prints the tokens as they are.
fn is_printed_faithfully(meta: &Meta) -> bool {
    match meta {
        Meta::Path(_) => true,
        Meta::List(list) => {
            matches!(list.delimiter, syn::MacroDelimiter::Paren(_))
                && are_plain(list.tokens.clone())
        }
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if pair.path.is_ident("doc") => {
                let (literal, text) = (text.to_token_stream().to_string(), text.value());
                let is_line = !text.contains(['\n', '\r']) && !text.ends_with(' ');
                // Other ways to write the same text are other tokens.
                is_line && !text.starts_with('/') && literal == quote!(#text).to_string()
            }
            Expr::Lit(_) => !pair.path.is_ident("comment"),
            _ => false,
        },
    }
}

/// Returns true if tokens are words, literals and lists of them.
fn are_plain(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_plain = match token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => true,
            TokenTree::Group(group) => {
                group.delimiter() == Delimiter::Parenthesis && are_plain(group.stream())
            }
            TokenTree::Punct(mark) => match (mark.as_char(), mark.spacing()) {
                ('=', Spacing::Alone) => true,
                (',', Spacing::Alone) => tokens.peek().is_some(),
                (':', Spacing::Joint) => matches!(
                    tokens.next(),
                    Some(TokenTree::Punct(second))
                        if second.as_char() == ':' && second.spacing() == Spacing::Alone
                ),
                _ => false,
            },
        };
        if !is_plain {
            return false;
        }
    }
    true
}
