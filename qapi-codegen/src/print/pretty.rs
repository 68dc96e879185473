//! Prints items with prettyplease, with blank lines between them.
//!
//! prettyplease prints a file without blank lines. Therefore every item is printed as a file of its own, and marks in an item
//! say where there is a blank line between members.

use proc_macro2::TokenStream;
use syn::{Expr, File, Item, ItemMacro, MacroDelimiter, Stmt};

use super::attributes::Attributes;
use crate::tokens::TextMarks;

/// Items with a blank line between them, and what marks in them stand for.
pub(super) fn items(tokens: TokenStream, marks: TextMarks<'_>) -> Result<String, syn::Error> {
    let file: File = syn::parse2(tokens)?;
    let mut attributes = Attributes::new(marks);
    let mut out = String::new();
    for mut item in file.items {
        if !out.is_empty() {
            out.push('\n');
        }
        attributes.take_from(&mut item);
        let text = match item {
            Item::Macro(item) if matches!(item.mac.delimiter, MacroDelimiter::Brace(_)) => {
                table(item)
            }
            item => print(item),
        };
        attributes.put_back(&text, &mut out);
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

/// Returns the call of a macro. One that takes an expression is laid out as such; prettyplease prints mere tokens.
fn table(mut item: ItemMacro) -> String {
    let Ok(expression) = syn::parse2::<Expr>(item.mac.tokens.clone()) else {
        return print(Item::Macro(item));
    };
    item.mac.tokens = TokenStream::new();
    let mut shell: File = syn::parse_quote! { fn shell() {} };
    if let [Item::Fn(shell)] = shell.items.as_mut_slice() {
        shell.block.stmts = vec![Stmt::Expr(expression, None)];
    }
    let text = prettyplease::unparse(&shell);
    let inner = text.split_once('\n').map_or("", |(_, inner)| inner);
    let empty = print(Item::Macro(item));
    format!("{}\n{inner}", empty.trim_end().trim_end_matches('}'))
}
