//! Attributes that prettyplease does not print as they are to be.
//!
//! Of attributes from the settings it drops commas at the end, takes marks such as `==` apart, trims documentation and makes
//! comments of attributes called `comment`. To the macros that read them all of that may matter. Our own documentation is one
//! attribute with many lines, which it would make a block comment of. Such attributes are taken out before an item is printed,
//! with a mark in their place, and put back: those of the settings as they were written, documentation as `///` lines.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Fields, ImplItem, Item, Lit, LitStr, Meta, Path, TraitItem};

/// The beginning of the names of attributes that mark places. It begins lines of printed text, where documentation cannot stand.
const MARK: &str = "__qapi_codegen_attribute_";

/// The beginning of a mark.
const OPENING: &str = "#[__qapi_codegen_attribute_";

/// Attributes that are not printed with their item.
#[derive(Default)]
pub(super) struct Kept(Vec<KeptText>);

enum KeptText {
    /// Of the settings, as it was written.
    Attribute(String),
    /// The lines of our documentation.
    Documentation(String),
    /// No attribute, but a line without anything.
    BlankLine,
}

impl Kept {
    /// Takes them out of an item.
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
            Item::Impl(item) => {
                kept.take(&mut item.attrs);
                kept.take_from_members(item.items.iter_mut().filter_map(|member| match member {
                    ImplItem::Const(it) => Some((&mut it.attrs, true)),
                    ImplItem::Type(it) => Some((&mut it.attrs, true)),
                    ImplItem::Fn(it) => Some((&mut it.attrs, false)),
                    _ => None,
                }));
            }
            Item::Trait(item) => {
                kept.take(&mut item.attrs);
                kept.take_from_members(item.items.iter_mut().filter_map(|member| match member {
                    TraitItem::Const(it) => Some((&mut it.attrs, true)),
                    TraitItem::Type(it) => Some((&mut it.attrs, true)),
                    TraitItem::Fn(it) => Some((&mut it.attrs, false)),
                    _ => None,
                }));
            }
            Item::Const(item) => kept.take(&mut item.attrs),
            Item::Mod(item) => kept.take(&mut item.attrs),
            _ => {}
        }
        kept
    }

    fn take_from_fields(&mut self, fields: &mut Fields) {
        let is_named = matches!(fields, Fields::Named(_));
        for field in fields {
            // In a tuple an attribute need not begin a line. Our documentation there is of one line.
            self.take_some(&mut field.attrs, is_named);
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
                let path = self.mark(KeptText::BlankLine);
                attributes.insert(0, syn::parse_quote! { #[#path] });
            }
            last_is_small = Some(is_small);
        }
    }

    fn take(&mut self, attributes: &mut [Attribute]) {
        self.take_some(attributes, true);
    }

    fn take_some(&mut self, attributes: &mut [Attribute], with_documentation: bool) {
        for attribute in attributes {
            let text = match our_documentation(&attribute.meta) {
                Some(_) if !with_documentation => continue,
                Some(lines) => KeptText::Documentation(lines.value()),
                None if is_printed_faithfully(&attribute.meta) => continue,
                None => {
                    // Tokens that were parsed know their text, which reads better than one token after the other.
                    let text = attribute.span().source_text();
                    let text = text.unwrap_or_else(|| attribute.to_token_stream().to_string());
                    KeptText::Attribute(text)
                }
            };
            attribute.meta = Meta::Path(self.mark(text));
        }
    }

    /// Keeps a text, and names the mark that stands for it.
    fn mark(&mut self, text: KeptText) -> Path {
        self.0.push(text);
        format_ident!("{MARK}{}", self.0.len() - 1).into()
    }

    /// Adds the text of the item, with the attributes back in it.
    pub(super) fn put_back(&self, text: &str, out: &mut String) {
        // Up to here the text has been added.
        let mut added = 0;
        for (at, opening) in text.match_indices(OPENING) {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let indent = &text[line..at];
            let Some((attribute, end)) = self.marked(text, at + opening.len()) else {
                continue;
            };
            if at < added || !indent.trim_start().is_empty() {
                continue;
            }
            out.push_str(&text[added..at]);
            added = end;
            match attribute {
                KeptText::BlankLine => {
                    out.truncate(out.len() - indent.len());
                    out.push('\n');
                    // The line of the mark itself is gone.
                    added += usize::from(text[end..].starts_with('\n'));
                }
                KeptText::Attribute(text) => out.push_str(text),
                KeptText::Documentation(lines) => {
                    for (index, line) in lines.split('\n').enumerate() {
                        if index > 0 {
                            out.push('\n');
                            out.push_str(indent);
                        }
                        out.push_str("///");
                        out.push_str(line);
                    }
                }
            }
        }
        out.push_str(&text[added..]);
    }

    /// The attribute whose number stands here, and where its mark ends.
    fn marked(&self, text: &str, number: usize) -> Option<(&KeptText, usize)> {
        let length = text[number..].find(']')?;
        let attribute = self
            .0
            .get(text[number..number + length].parse::<usize>().ok()?)?;
        Some((attribute, number + length + 1))
    }
}

/// The text of an attribute that is documentation of ours rather than of the settings: only what was parsed has a place.
fn our_documentation(meta: &Meta) -> Option<&LitStr> {
    match meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if text.span().byte_range().is_empty() && pair.path.is_ident("doc") => Some(text),
            _ => None,
        },
        Meta::Path(_) | Meta::List(_) => None,
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
