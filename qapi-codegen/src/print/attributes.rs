//! Attributes that prettyplease does not print correctly.
//!
//! In attributes from the settings it drops trailing commas, splits operators such as `==`, trims documentation and
//! turns attributes called `comment` into comments. Macros that read the attributes may depend on all of that. Our own
//! documentation is one attribute with many lines, which it would turn into a block comment. These attributes are
//! replaced by marks before an item is printed, and put back afterwards: those of the settings as they were written,
//! documentation as `///` lines.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::spanned::Spanned as _;
use syn::token::{Bracket, Pound};
use syn::{AttrStyle, Attribute, Expr, ExprLit, Fields, ImplItem, Item, Lit, Meta, TraitItem};

use crate::tokens::{MarkedText, TextMarks};

/// Exchanges attributes of items for marks, and marks for their text.
pub(super) struct Attributes<'n> {
    marks: TextMarks<'n>,
}

impl<'n> Attributes<'n> {
    /// With the marks that are in the tokens already.
    pub(super) fn new(marks: TextMarks<'n>) -> Self {
        Self { marks }
    }

    /// Takes attributes out of an item.
    pub(super) fn take_from(&mut self, item: &mut Item) {
        match item {
            Item::Struct(item) => {
                self.take(&mut item.attrs);
                let is_line = matches!(item.fields, Fields::Named(_));
                self.take_from_fields(&mut item.fields, is_line);
            }
            Item::Enum(item) => {
                self.take(&mut item.attrs);
                for variant in &mut item.variants {
                    self.take(&mut variant.attrs);
                    self.take_from_fields(&mut variant.fields, false);
                }
            }
            Item::Impl(item) => {
                self.take(&mut item.attrs);
                self.take_from_members(item.items.iter_mut().filter_map(|member| match member {
                    ImplItem::Const(it) => Some((&mut it.attrs, true)),
                    ImplItem::Type(it) => Some((&mut it.attrs, true)),
                    ImplItem::Fn(it) => Some((&mut it.attrs, false)),
                    _ => None,
                }));
            }
            Item::Trait(item) => {
                self.take(&mut item.attrs);
                self.take_from_members(item.items.iter_mut().filter_map(|member| match member {
                    TraitItem::Const(it) => Some((&mut it.attrs, true)),
                    TraitItem::Type(it) => Some((&mut it.attrs, true)),
                    TraitItem::Fn(it) => Some((&mut it.attrs, false)),
                    _ => None,
                }));
            }
            Item::Const(item) => self.take(&mut item.attrs),
            Item::Mod(item) => self.take(&mut item.attrs),
            Item::Use(item) => self.take(&mut item.attrs),
            _ => {}
        }
    }

    /// `is_line` says that the attributes of a field begin a line. Where they need not, documentation stays with the field;
    /// ours there is of one line.
    fn take_from_fields(&mut self, fields: &mut Fields, is_line: bool) {
        for field in fields {
            self.take_some(&mut field.attrs, is_line);
        }
    }

    /// Members of an implementation or a trait, which have a blank line between them, unless both are constants or types
    /// without attributes: `true` for these kinds.
    fn take_from_members<'a>(
        &mut self,
        members: impl Iterator<Item = (&'a mut Vec<Attribute>, bool)>,
    ) {
        let mut last_is_small = None;
        for (attributes, is_declaration) in members {
            let is_small = is_declaration && attributes.is_empty();
            self.take(attributes);
            if last_is_small.is_some_and(|last| !(last && is_small)) {
                attributes.insert(0, self.blank_line());
            }
            last_is_small = Some(is_small);
        }
    }

    fn take(&mut self, attributes: &mut [Attribute]) {
        self.take_some(attributes, true);
    }

    fn take_some(&mut self, attributes: &mut [Attribute], is_line: bool) {
        for attribute in attributes {
            if let Some(text) = self.ours(&attribute.meta) {
                if !is_line && let MarkedText::Documentation(text) = text {
                    let text = format!(" {text}");
                    attribute.meta = syn::parse_quote! { doc = #text };
                }
            } else if !is_printed_faithfully(&attribute.meta) {
                // Parsed tokens know their source text, which reads better than the tokens one by one.
                let text = attribute.span().source_text();
                let text = text.unwrap_or_else(|| attribute.to_token_stream().to_string());
                attribute.meta = self.mark(MarkedText::Attribute(text));
            }
        }
    }

    /// Returns the text of an attribute that is a mark.
    fn ours(&self, meta: &Meta) -> Option<&MarkedText> {
        match meta {
            Meta::Path(path) => {
                let (text, _) = self.marks.find(&path.get_ident()?.to_string())?;
                Some(text)
            }
            _ => None,
        }
    }

    /// Keeps a text; the mark that stands for it.
    fn mark(&mut self, text: MarkedText) -> Meta {
        Meta::Path(self.marks.mark(text).into())
    }

    fn blank_line(&mut self) -> Attribute {
        Attribute {
            pound_token: Pound::default(),
            style: AttrStyle::Outer,
            bracket_token: Bracket::default(),
            meta: self.mark(MarkedText::BlankLine),
        }
    }

    /// Adds the text of an item, with what marks stand for in their place: documentation as `///` lines.
    pub(super) fn put_back(&self, text: &str, out: &mut String) {
        for line in text.split_inclusive('\n') {
            let attribute = line.trim_start_matches(' ');
            let found = attribute.strip_prefix("#[");
            let found = found.and_then(|it| self.marks.find(it));
            let Some((text, rest)) = found else {
                out.push_str(line);
                continue;
            };
            let rest = rest.strip_prefix(']').unwrap_or(rest);
            let indent = &line[..line.len() - attribute.len()];
            match text {
                MarkedText::BlankLine => {
                    out.push('\n');
                    // The line of the mark itself is gone.
                    out.push_str(rest.strip_prefix('\n').unwrap_or(rest));
                    continue;
                }
                MarkedText::Attribute(text) => {
                    out.push_str(indent);
                    out.push_str(text);
                }
                MarkedText::Documentation(text) => {
                    for (index, line) in text.split('\n').enumerate() {
                        if index > 0 {
                            out.push('\n');
                        }
                        out.push_str(indent);
                        out.push_str("///");
                        let line = line.trim_end();
                        if !line.is_empty() {
                            out.push(' ');
                            out.push_str(line);
                        }
                    }
                }
            }
            out.push_str(rest);
        }
    }
}

/// Returns the text of tokens as they are, with what marks stand for in their place: documentation as `doc` attributes.
pub(super) fn put_back_unformatted(marks: &TextMarks<'_>, tokens: &str) -> String {
    let mut out = String::with_capacity(2 * tokens.len());
    let mut parts = tokens.split('#');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push('#');
        let found = part.strip_prefix(" [").and_then(|it| marks.find(it));
        if let Some((MarkedText::Documentation(text), rest)) = found {
            let _ = write!(out, " [doc = {text:?}");
            out.push_str(rest);
        } else {
            out.push_str(part);
        }
    }
    out
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
