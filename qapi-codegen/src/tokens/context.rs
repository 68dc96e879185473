//! The context of a file's emitters: the spelling of its names, its imports, its documentation.

use std::cell::RefCell;

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use qapi_parser::ir::{Builtin, TypeId};
use quote::{ToTokens as _, quote};

use super::ident::{ident, parsed};
use super::imports::Imports;
use super::marks::{MarkName, MarkedText, TextMarks};
use super::part::MovedTokens;
use crate::plan::{Derives, Extras, ItemHead, Plan, Ty};

/// The file that is being printed, which decides how the schema's types are reached from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileScope {
    Types,
    /// A module of `types`, by its position in the plan.
    Module(usize),
    /// A file beside `types`.
    Other,
}

/// A part of a file in the making.
pub(crate) struct FileContext<'p> {
    pub(crate) plan: &'p Plan,
    scope: FileScope,
    imports: RefCell<Imports>,
    mark_name: &'p MarkName,
    marks: RefCell<TextMarks<'p>>,
    /// The attributes of marks, by their numbers: each construct has those of the one before again.
    mark_attributes: RefCell<Vec<TokenStream>>,
    setter_head: Group,
    /// The derives of items without others: nearly all items have the same few.
    derives: RefCell<Vec<(Derives, TokenStream)>>,
    inline: Group,
}

impl<'p> FileContext<'p> {
    pub(crate) fn new(plan: &'p Plan, scope: FileScope, mark_name: &'p MarkName) -> Self {
        Self {
            plan,
            scope,
            mark_name,
            imports: RefCell::default(),
            marks: RefCell::new(TextMarks::new(mark_name)),
            mark_attributes: RefCell::default(),
            derives: RefCell::default(),
            setter_head: Group::new(Delimiter::None, quote! { #[must_use] #[inline] pub fn }),
            inline: Group::new(Delimiter::None, quote! { #[inline] }),
        }
    }

    /// Returns the beginning of methods that return what they are called on, up to the name. There are thousands, and a group is
    /// copied as one.
    pub(crate) fn setter_head(&self) -> &Group {
        &self.setter_head
    }

    /// `#[inline]`, made once.
    pub(crate) fn inline(&self) -> &Group {
        &self.inline
    }

    /// Returns the collected imports.
    pub(crate) fn into_imports(self) -> Imports {
        self.imports.into_inner()
    }

    /// Returns the texts that marks stand for in all that was made since the last time.
    pub(crate) fn take_marks(&self) -> TextMarks<'p> {
        self.marks.borrow_mut().take()
    }

    /// Returns a name of the runtime, which the file imports.
    pub(crate) fn runtime(&self, name: &'static str) -> Ident {
        self.imports.borrow_mut().runtime.insert(name);
        ident(name)
    }

    /// Notes that the file refers to a module of the output.
    pub(crate) fn uses_module(&self, name: &'static str) {
        self.imports.borrow_mut().modules.insert(name);
    }

    /// Returns the path of a type of the schema.
    pub(crate) fn named(&self, id: TypeId) -> TokenStream {
        let name = &self.plan.type_names[id.index()];
        if self.plan.ty(id).is_none() {
            return parsed(name);
        }
        let name = ident(name);
        match self.scope {
            FileScope::Types => quote! { #name },
            FileScope::Module(module) if self.is_in(module, id) => quote! { #name },
            // The parent has all types under their own names.
            FileScope::Module(_) => quote! { super::#name },
            FileScope::Other => {
                self.uses_module("types");
                quote! { types::#name }
            }
        }
    }

    fn is_in(&self, module: usize, id: TypeId) -> bool {
        let position = self.plan.positions[id.index()];
        position.is_some_and(|at| self.plan.modules[module].types.binary_search(&at).is_ok())
    }

    /// Returns a type as it is written.
    pub(crate) fn ty(&self, ty: &Ty) -> TokenStream {
        let builtin = match ty {
            Ty::Named(id) => return self.named(*id),
            Ty::Empty => return quote! { () },
            Ty::Bytes => return quote! { Vec<u8> },
            Ty::Array(element) => {
                let element = self.ty(element);
                return quote! { Vec<#element> };
            }
            Ty::Builtin(builtin) => builtin,
        };
        match builtin {
            Builtin::Str => quote! { String },
            Builtin::Any => self.runtime("Any").into_token_stream(),
            Builtin::Null => self.runtime("Null").into_token_stream(),
            Builtin::Number => quote! { f64 },
            Builtin::Int | Builtin::Int64 => quote! { i64 },
            Builtin::Int8 => quote! { i8 },
            Builtin::Int16 => quote! { i16 },
            Builtin::Int32 => quote! { i32 },
            Builtin::Uint8 => quote! { u8 },
            Builtin::Uint16 => quote! { u16 },
            Builtin::Uint32 => quote! { u32 },
            Builtin::Uint64 | Builtin::Size => quote! { u64 },
            Builtin::Bool => quote! { bool },
        }
    }

    /// Returns a type, in a box if need be.
    pub(crate) fn held(&self, ty: &Ty, boxed: bool) -> TokenStream {
        let ty = self.ty(ty);
        if boxed {
            quote! { Box<#ty> }
        } else {
            ty
        }
    }

    /// Returns the subject of a marshalling `impl`.
    pub(crate) fn target(&self, module: &'static str, head: &ItemHead) -> ItemPath {
        self.uses_module(module);
        let (module, name) = (ident(module), ident(&head.name));
        ItemPath {
            path: quote! { #module::#name },
            cfg: condition(head.cfg.as_deref()),
        }
    }

    /// Returns the type that a command returns.
    pub(crate) fn reply(&self, returns: Option<&Ty>) -> TokenStream {
        let Some(returns) = returns else {
            return quote! { () };
        };
        let ty = self.ty(returns);
        if returns.is_bytes() {
            return quote! { qapi_runtime::base64::Base64<#ty> };
        }
        ty
    }

    /// Documentation, as a mark; nothing for no text.
    pub(crate) fn doc(&self, text: impl Into<String>) -> Option<MovedTokens> {
        let text = text.into();
        if text.is_empty() {
            return None;
        }
        let mark = MarkedText::Documentation(text);
        let number = self.marks.borrow_mut().keep(mark);
        Some(self.mark_attribute(number).into())
    }

    fn mark_attribute(&self, number: usize) -> TokenStream {
        let mut attributes = self.mark_attributes.borrow_mut();
        while attributes.len() <= number {
            let name = self.mark_name.numbered(attributes.len());
            attributes.push(quote! { #[#name] });
        }
        attributes[number].clone()
    }

    /// Returns the derives of an item: those of its own, and what the settings add.
    pub(crate) fn derives(&self, derives: Derives, extras: &Extras) -> TokenStream {
        if !extras.derives.is_empty() {
            return derives_of(derives, extras);
        }
        let mut known = self.derives.borrow_mut();
        if let Some((_, tokens)) = known.iter().find(|it| it.0 == derives) {
            return tokens.clone();
        }
        let tokens = derives_of(derives, extras);
        known.push((derives, tokens.clone()));
        tokens
    }

    /// Documentation, condition and deprecation of an item, and what the settings add.
    pub(crate) fn item_attributes(&self, head: &ItemHead) -> MovedTokens {
        let doc = self.doc(&head.doc);
        let cfg = condition(head.cfg.as_deref());
        let deprecated = deprecated(head);
        let added = added_attributes(head);
        quote! { #doc #cfg #deprecated #added }.into()
    }

    /// Documentation, condition and deprecation of a method for a command. The struct of its arguments has the whole
    /// documentation; repeating it in each trait would make up most of the output.
    pub(crate) fn about_method(&self, head: &ItemHead) -> MovedTokens {
        let (summary, rest) = head.doc.split_once("\n\n").unwrap_or((&head.doc, ""));
        // A summary that ends in a colon needs the following text.
        let is_complete =
            !summary.starts_with(['#', '`', '|', '-', '>']) && !summary.ends_with(':');
        let doc = if rest.is_empty() || !is_complete {
            self.doc(&head.doc)
        } else {
            let name = &head.name;
            self.doc(format!("{summary}\n\nMore at [`commands::{name}`]."))
        };
        let cfg = condition(head.cfg.as_deref());
        let deprecated = deprecated(head);
        quote! { #doc #cfg #deprecated }.into()
    }
}

/// The path of an item of the output, in another of its files.
pub(crate) struct ItemPath {
    pub(crate) path: TokenStream,
    /// Its condition, which all of its code shares.
    pub(crate) cfg: Option<TokenStream>,
}

/// `#[cfg(…)]`, or nothing.
pub(crate) fn condition(predicate: Option<&str>) -> Option<TokenStream> {
    let predicate = parsed(predicate?);
    Some(quote! { #[cfg(#predicate)] })
}

/// `#[deprecated = "…"]`, or nothing.
pub(crate) fn deprecated(head: &ItemHead) -> Option<TokenStream> {
    let note = head.deprecated.as_ref()?;
    Some(quote! { #[deprecated = #note] })
}

/// Returns the attributes that the settings give to an item, if any.
pub(crate) fn added_attributes(head: &ItemHead) -> Option<TokenStream> {
    let attributes = &head.extras.attributes;
    (!attributes.is_empty()).then(|| attributes.iter().map(|it| parsed(it)).collect())
}

fn derives_of(derives: Derives, extras: &Extras) -> TokenStream {
    let given = [
        ("Debug", derives.debug),
        ("Clone", true),
        ("Copy", derives.copy),
        ("PartialEq", true),
        ("Eq", derives.eq),
        ("Hash", derives.eq),
        ("Default", derives.default),
    ];
    let own = given.iter().filter(|it| it.1).map(|it| ident(it.0));
    let mut added: Vec<&String> = Vec::new();
    for path in &extras.derives {
        // Those that are not derived are implemented.
        let is_given = given
            .iter()
            .any(|it| it.0 == path && (it.1 || path == "Debug"));
        if !is_given && !added.contains(&path) {
            added.push(path);
        }
    }
    let added = added.into_iter().map(|path| parsed(path));
    quote! { #[derive(#(#own),* #(, #added)*)] }
}

/// Matching on `self` if there may be no variant.
///
/// With `cfg` attributes on all of its variants an enum can turn out empty. A match without arms must then be on the value, for
/// the compiler takes a reference to exist; so what variants hold is taken by reference in the patterns.
pub(crate) struct OnSelf {
    pub(crate) subject: TokenStream,
    /// Before a name in a pattern.
    pub(crate) by: Option<TokenStream>,
}

impl OnSelf {
    /// For an enum with these variants and no others.
    pub(crate) fn new<'h>(mut variants: impl Iterator<Item = &'h ItemHead>) -> Self {
        let may_be_empty = variants.all(|head| head.cfg.is_some());
        if may_be_empty {
            Self {
                subject: quote! { *self },
                by: Some(quote! { ref }),
            }
        } else {
            Self {
                subject: quote! { self },
                by: None,
            }
        }
    }
}

/// `#[non_exhaustive]`, or nothing.
pub(crate) fn non_exhaustive(yes: bool) -> Option<TokenStream> {
    yes.then(|| quote! { #[non_exhaustive] })
}

/// `#[allow(clippy::large_enum_variant)]`, or nothing.
pub(crate) fn large(yes: bool) -> Option<TokenStream> {
    yes.then(|| quote! { #[allow(clippy::large_enum_variant, reason = "boxing by size would change the type when the schema grows")] })
}
