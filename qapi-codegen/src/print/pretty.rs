//! Items printed by prettyplease, with blank lines between them.
//!
//! prettyplease prints a file without blank lines. Therefore every item, and every member of a trait or an implementation,
//! is printed as a file of its own.

use std::mem;

use proc_macro2::TokenStream;
use syn::{File, ImplItem, Item, ItemImpl, ItemTrait, TraitItem};

use super::attributes::Kept;

/// Items with a blank line between them.
pub(super) fn items(tokens: TokenStream) -> Result<String, syn::Error> {
    let file: File = syn::parse2(tokens)?;
    let mut out = String::new();
    for item in file.items {
        if !out.is_empty() {
            out.push('\n');
        }
        match item {
            Item::Impl(item) => implementation(item, &mut out),
            Item::Trait(item) => definition(item, &mut out),
            mut item => {
                let kept = Kept::take_from(&mut item);
                out.push_str(&kept.put_back(print(item)));
            }
        }
    }
    Ok(out)
}

/// Declarations one below the other.
pub(super) fn declarations(tokens: TokenStream) -> Result<String, syn::Error> {
    syn::parse2(tokens).map(|file| prettyplease::unparse(&file))
}

fn print(item: Item) -> String {
    prettyplease::unparse(&file_of(item))
}

fn file_of(item: Item) -> File {
    File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    }
}

/// A member as it is printed in an item of its own.
struct Member {
    /// In a shell: the first line begins an item, the last one ends it.
    text: String,
    /// It is a constant or a type, without attributes.
    is_small: bool,
}

fn implementation(mut item: ItemImpl, out: &mut String) {
    let members = mem::take(&mut item.items);
    let mut shell: File = syn::parse_quote! { impl Shell {} };
    let members = members.into_iter().map(|member| {
        let is_small = match &member {
            ImplItem::Const(it) => it.attrs.is_empty(),
            ImplItem::Type(it) => it.attrs.is_empty(),
            _ => false,
        };
        if let [Item::Impl(shell)] = shell.items.as_mut_slice() {
            shell.items = vec![member];
        }
        let text = prettyplease::unparse(&shell);
        Member { text, is_small }
    });
    let members = members.collect::<Vec<_>>();
    fill(&print(Item::Impl(item)), &members, out);
}

fn definition(mut item: ItemTrait, out: &mut String) {
    let members = mem::take(&mut item.items);
    let mut shell: File = syn::parse_quote! { trait Shell {} };
    let members = members.into_iter().map(|member| {
        let is_small = match &member {
            TraitItem::Const(it) => it.attrs.is_empty(),
            TraitItem::Type(it) => it.attrs.is_empty(),
            _ => false,
        };
        if let [Item::Trait(shell)] = shell.items.as_mut_slice() {
            shell.items = vec![member];
        }
        let text = prettyplease::unparse(&shell);
        Member { text, is_small }
    });
    let members = members.collect::<Vec<_>>();
    fill(&print(Item::Trait(item)), &members, out);
}

/// Puts members between the braces of an item that is printed without them. Between two small ones is no blank line.
fn fill(empty: &str, members: &[Member], out: &mut String) {
    if members.is_empty() {
        return out.push_str(empty);
    }
    out.push_str(empty.trim_end().trim_end_matches('}'));
    out.push('\n');
    let mut last_is_small = false;
    for (index, Member { text, is_small }) in members.iter().enumerate() {
        if index > 0 && !(last_is_small && *is_small) {
            out.push('\n');
        }
        last_is_small = *is_small;
        let inner = text.split_once('\n').map_or("", |(_, inner)| inner);
        out.push_str(inner.strip_suffix("}\n").unwrap_or(inner));
    }
    out.push_str("}\n");
}
