//! What the emitters of a file share: how its names are written, what it imports, its documentation.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use qapi_parser::ir::{Builtin, TypeId};

use super::piece::{Ident, Piece, Put, piece};
use crate::plan::{Derives, Extras, Head, Plan, Ty};

/// The file that is being printed: which of the schema's names could hide one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Root,
    Types,
    /// A module of `types`, by its position in the plan.
    Module(usize),
    Commands,
    Events,
    /// A file that defines nothing under a name of the schema.
    Other,
}

/// A part of a file in the making.
pub(crate) struct Cx<'p> {
    pub(crate) plan: &'p Plan,
    place: Place,
    /// Documentation, kept apart from the tokens: it is long, and its lines need no formatting.
    docs: RefCell<Vec<Cow<'p, str>>>,
    imports: RefCell<Imports>,
}

/// What a file has to import.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// Names of the runtime.
    pub(crate) runtime: BTreeSet<&'static str>,
    /// Names of std, as paths.
    pub(crate) std: BTreeSet<&'static str>,
    /// Modules of the output.
    pub(crate) modules: BTreeSet<&'static str>,
}

impl<'p> Cx<'p> {
    pub(crate) fn new(plan: &'p Plan, place: Place) -> Self {
        Self {
            plan,
            place,
            docs: RefCell::default(),
            imports: RefCell::default(),
        }
    }

    /// The collected documentation, by number, and the imports.
    pub(crate) fn finish(self) -> (Vec<Cow<'p, str>>, Imports) {
        (self.docs.into_inner(), self.imports.into_inner())
    }

    /// A doc comment: its number, for which `layout` puts the text.
    pub(super) fn doc(&self, text: impl Into<Cow<'p, str>>) -> Piece {
        let mut docs = self.docs.borrow_mut();
        let mut comment = Piece::default();
        comment.push(&format!("///{}", docs.len()));
        docs.push(text.into());
        comment
    }

    /// Documentation, condition and deprecation of an item, and what the settings add.
    pub(super) fn attributes(&self, head: &'p Head) -> Piece {
        let about = self.about(head);
        let attributes = attributes(head);
        piece! { #about #attributes }
    }

    /// Documentation, condition and deprecation.
    pub(super) fn about(&self, head: &'p Head) -> Piece {
        let doc = self.doc(&head.doc);
        let cfg = condition(head.cfg.as_deref());
        let deprecated = deprecated(head);
        piece! { #doc #cfg #deprecated }
    }

    /// A name of the runtime, imported unless the file has its own item of that name.
    pub(crate) fn runtime(&self, name: &'static str) -> Known {
        if self.is_shadowed(name) {
            return Known::Path(&["qapi_runtime"], name);
        }
        self.imports.borrow_mut().runtime.insert(name);
        Known::Name(name)
    }

    /// A name of std's prelude, in full if the file has its own item of that name.
    pub(crate) fn prelude(&self, name: &'static str) -> Known {
        if !self.is_shadowed(name) {
            return Known::Name(name);
        }
        let path: &[&str] = match name {
            "String" => &["std", "string"],
            "Vec" => &["std", "vec"],
            "Box" => &["std", "boxed"],
            "Option" => &["std", "option"],
            "Some" | "None" => &["std", "option", "Option"],
            "Into" | "From" => &["std", "convert"],
            _ => unreachable!("no other names of the prelude are written"),
        };
        Known::Path(path, name)
    }

    /// A name of std outside of the prelude. Only for files without items of the schema.
    pub(crate) fn imports_std(&self, path: &'static str) {
        self.imports.borrow_mut().std.insert(path);
    }

    /// Notes that the file refers to a module of the output.
    pub(crate) fn uses_module(&self, name: &'static str) {
        self.imports.borrow_mut().modules.insert(name);
    }

    fn is_shadowed(&self, name: &str) -> bool {
        let shadows = &self.plan.shadows;
        match self.place {
            Place::Types | Place::Module(_) => shadows.types.contains(name),
            Place::Commands => shadows.commands.contains(name),
            Place::Events => shadows.events.contains(name) || name == "Event",
            Place::Root | Place::Other => false,
        }
    }

    /// The path of a type of the schema.
    pub(crate) fn named(&self, id: TypeId) -> Piece {
        let name = &self.plan.type_names[id.index()];
        if self.plan.ty(id).is_none() {
            return Piece::parse(name);
        }
        let name = ident(name);
        match self.place {
            Place::Types => return piece! { #name },
            Place::Module(module) if self.is_in(module, id) => return piece! { #name },
            // The parent has all types under their own names.
            Place::Module(_) => return piece! { super::#name },
            Place::Root | Place::Commands | Place::Events | Place::Other => {}
        }
        self.uses_module("types");
        piece! { types::#name }
    }

    fn is_in(&self, module: usize, id: TypeId) -> bool {
        let position = self.plan.positions[id.index()];
        position.is_some_and(|at| self.plan.modules[module].types.binary_search(&at).is_ok())
    }

    /// A type as it is written.
    pub(crate) fn ty(&self, ty: &Ty) -> Piece {
        let builtin = match ty {
            Ty::Named(id) => return self.named(*id),
            Ty::Empty => return piece! { () },
            Ty::Bytes => {
                let vec = self.prelude("Vec");
                return piece! { #vec<u8> };
            }
            Ty::Array(element) => {
                let (vec, element) = (self.prelude("Vec"), self.ty(element));
                return piece! { #vec<#element> };
            }
            Ty::Builtin(builtin) => builtin,
        };
        match builtin {
            Builtin::Str => Piece::of(&self.prelude("String")),
            Builtin::Any => Piece::of(&self.runtime("Any")),
            Builtin::Null => Piece::of(&self.runtime("Null")),
            Builtin::Number => piece! { f64 },
            Builtin::Int | Builtin::Int64 => piece! { i64 },
            Builtin::Int8 => piece! { i8 },
            Builtin::Int16 => piece! { i16 },
            Builtin::Int32 => piece! { i32 },
            Builtin::Uint8 => piece! { u8 },
            Builtin::Uint16 => piece! { u16 },
            Builtin::Uint32 => piece! { u32 },
            Builtin::Uint64 | Builtin::Size => piece! { u64 },
            Builtin::Bool => piece! { bool },
        }
    }

    /// A type, in a box if need be.
    pub(crate) fn held(&self, ty: &Ty, boxed: bool) -> Piece {
        let ty = self.ty(ty);
        if !boxed {
            return ty;
        }
        let in_box = self.prelude("Box");
        piece! { #in_box<#ty> }
    }

    /// What a marshalling `impl` is for.
    pub(super) fn target(&self, module: &'static str, head: &Head) -> Target {
        self.uses_module(module);
        let (module, name) = (ident(module), ident(&head.name));
        Target {
            path: piece! { #module::#name },
            cfg: condition(head.cfg.as_deref()),
        }
    }

    /// What a command returns, as a type.
    pub(super) fn reply(&self, returns: Option<&Ty>) -> Piece {
        let Some(returns) = returns else {
            return piece! { () };
        };
        let ty = self.ty(returns);
        if returns.is_bytes() {
            return piece! { qapi_runtime::base64::Base64<#ty> };
        }
        ty
    }
}

/// An item of the output, seen from another of its files.
pub(super) struct Target {
    pub(super) path: Piece,
    /// Its condition, which everything about it shares.
    pub(super) cfg: Option<Piece>,
}

/// An identifier.
pub(super) fn ident(name: &str) -> Ident<'_> {
    Ident(name)
}

/// A name that the output does not define.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known {
    Name(&'static str),
    /// Behind the parts of its path.
    Path(&'static [&'static str], &'static str),
}

impl Put for Known {
    fn put(&self, piece: &mut Piece) {
        let (path, name) = match *self {
            Self::Name(name) => (&[][..], name),
            Self::Path(path, name) => (path, name),
        };
        for part in path {
            piece.push(part);
            piece.push("::");
        }
        piece.push(name);
    }
}

/// `#[cfg(…)]`, or nothing.
pub(super) fn condition(predicate: Option<&str>) -> Option<Piece> {
    let predicate = Piece::parse(predicate?);
    Some(piece! { #[cfg(#predicate)] })
}

/// `#[deprecated = "…"]`, or nothing.
pub(super) fn deprecated(head: &Head) -> Option<Piece> {
    let note = head.deprecated.as_ref()?;
    Some(piece! { #[deprecated = #note] })
}

/// The attributes that the settings give to an item.
pub(super) fn attributes(head: &Head) -> Option<Piece> {
    let attributes = head.extras.attributes.iter();
    let pieces = attributes.map(|attribute| Piece::parse(attribute));
    (!head.extras.attributes.is_empty()).then(|| pieces.collect())
}

/// The derives of an item: those of its own, and what the settings add.
pub(super) fn derives(derives: Derives, extras: &Extras) -> Piece {
    let given = [
        ("Debug", derives.debug),
        ("Clone", true),
        ("Copy", derives.copy),
        ("PartialEq", true),
        ("Eq", derives.eq),
        ("Hash", derives.eq),
        ("Default", derives.default),
    ];
    let own = given.iter().filter(|it| it.1);
    let mut paths: Vec<Piece> = own.map(|it| Piece::of(&ident(it.0))).collect();
    for path in &extras.derives {
        // What is not derived of these is implemented.
        let is_given = given
            .iter()
            .any(|it| it.0 == path && (it.1 || path == "Debug"));
        let path = Piece::parse(path);
        if !is_given && !paths.contains(&path) {
            paths.push(path);
        }
    }
    piece! { #[derive(#(#paths),*)] }
}

/// Matching on `self` where there may be no variant at all.
///
/// With `cfg` attributes on all of its variants an enum can turn out empty. A match without arms must then be on the value, for
/// the compiler takes a reference to exist; so what variants hold is taken by reference in the patterns.
pub(super) struct OnSelf {
    pub(super) subject: Piece,
    /// In front of a name in a pattern.
    pub(super) by: Option<Piece>,
}

impl OnSelf {
    /// For an enum with these variants and no others.
    pub(super) fn new<'h>(mut variants: impl Iterator<Item = &'h Head>) -> Self {
        let may_be_empty = variants.all(|head| head.cfg.is_some());
        if may_be_empty {
            Self {
                subject: piece! { *self },
                by: Some(piece! { ref }),
            }
        } else {
            Self {
                subject: piece! { self },
                by: None,
            }
        }
    }

    /// For an enum that has variants beside these.
    pub(super) fn never_empty() -> Self {
        Self {
            subject: piece! { self },
            by: None,
        }
    }
}

/// `#[non_exhaustive]`, or nothing.
pub(super) fn non_exhaustive(yes: bool) -> Option<Piece> {
    yes.then(|| piece! { #[non_exhaustive] })
}

/// What keeps Clippy from asking for a box.
pub(super) fn large(yes: bool) -> Option<Piece> {
    yes.then(|| piece! { #[allow(clippy::large_enum_variant, reason = "a box may come too late")] })
}
