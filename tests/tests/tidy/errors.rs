//! Errors tell everything once: `Display` leaves out what `source` returns, so that a printed chain has no text twice.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Expr, ExprField, ExprMatch, ExprMethodCall, ImplItem, Item, ItemImpl, Meta,
    Pat, Type,
};

use super::sources::{rust_sources, shown};

/// Parts of an error: fields of `self`, and variants whose content is looked at.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    fields: BTreeSet<String>,
    variants: BTreeSet<String>,
    /// Sources that are not taken from a field or variant, such as those of another error.
    others: BTreeSet<String>,
}

impl Parts {
    /// The parts that the method `name` of an implementation looks at.
    fn of_method(implementation: &ItemImpl, name: &str) -> Self {
        let mut parts = Self::default();
        for item in &implementation.items {
            if let ImplItem::Fn(function) = item
                && function.sig.ident == name
            {
                parts.visit_block(&function.block);
            }
        }
        parts
    }

    fn both(&self, other: &Self) -> Vec<String> {
        let fields = self.fields.intersection(&other.fields);
        let variants = self.variants.intersection(&other.variants);
        fields.chain(variants).cloned().collect()
    }
}

impl<'ast> Visit<'ast> for Parts {
    fn visit_arm(&mut self, arm: &'ast Arm) {
        // An arm without a source says nothing of it.
        let body = arm.body.to_token_stream().to_string();
        if body != "None" {
            self.visit_pat(&arm.pat);
        }
        self.visit_expr(&arm.body);
    }

    fn visit_expr_match(&mut self, choice: &'ast ExprMatch) {
        // The arms say what is taken of it.
        choice.arms.iter().for_each(|arm| self.visit_arm(arm));
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        let named = match pattern {
            Pat::TupleStruct(it) => {
                let binds = it
                    .elems
                    .iter()
                    .any(|it| !matches!(it, Pat::Wild(_) | Pat::Rest(_)));
                binds.then_some(&it.path)
            }
            Pat::Struct(it) => (!it.fields.is_empty()).then_some(&it.path),
            _ => None,
        };
        if let Some(name) = named.and_then(|path| path.segments.last()) {
            self.variants.insert(name.ident.to_string());
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_expr_field(&mut self, field: &'ast ExprField) {
        if matches!(&*field.base, Expr::Path(path) if path.path.is_ident("self")) {
            self.fields
                .insert(field.member.to_token_stream().to_string());
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "source" {
            self.others.insert(call.to_token_stream().to_string());
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Implementations of a trait in a file, with the name of the type.
fn implementations<'f>(file: &'f syn::File, name: &str) -> Vec<(String, &'f ItemImpl)> {
    let items = file.items.iter();
    items
        .filter_map(|item| match item {
            Item::Impl(it) => {
                let implemented = &it.trait_.as_ref()?.0.segments.last()?.ident;
                let Type::Path(path) = &*it.self_ty else {
                    return None;
                };
                let ty = path.path.segments.last()?.ident.to_string();
                (implemented == name).then_some((ty, it))
            }
            _ => None,
        })
        .collect()
}

/// True for a derived `Error`: what it tells is in its attributes, which this test does not read.
fn derives_error(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("derive") => {
            let mut names = list.tokens.clone().into_iter();
            names.any(|name| name.to_string() == "Error")
        }
        _ => false,
    })
}

/// The errors of a file that tell a cause twice, or of which that cannot be said.
fn told_twice(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).expect("the source is Rust");
    let mut found = Vec::new();
    for item in &file.items {
        if let Item::Struct(syn::ItemStruct { attrs, ident, .. })
        | Item::Enum(syn::ItemEnum { attrs, ident, .. }) = item
            && derives_error(attrs)
        {
            found.push(format!("{ident}: a derived error"));
        }
    }
    let displays = implementations(&file, "Display");
    for (ty, error) in implementations(&file, "Error") {
        let source = Parts::of_method(error, "source");
        found.extend(source.others.iter().map(|it| format!("{ty}: `{it}`")));
        if source == Parts::default() {
            continue;
        }
        let Some((_, display)) = displays.iter().find(|(other, _)| *other == ty) else {
            found.push(format!("{ty}: `Display` stands in another file"));
            continue;
        };
        let told = Parts::of_method(display, "fmt").both(&source);
        found.extend(told.into_iter().map(|part| format!("{ty}: `{part}`")));
    }
    found
}

#[test]
fn causes_that_are_printed_twice_are_found() {
    let error = |display: &str, source: &str| {
        told_twice(&format!(
            "impl fmt::Display for E {{ fn fmt(&self, f: &mut F) -> R {{ {display} }} }}
             impl std::error::Error for E {{ fn source(&self) -> Option<&S> {{ {source} }} }}"
        ))
    };
    let arms = "match self { E::Io(cause) => Some(cause), E::Other(_) | E::Text(..) => None }";
    let twice =
        "match self { E::Io(it) => write!(f, \"failed: {it}\"), E::Other(it) => it.fmt(f) }";
    let once = "match self { E::Io(_) => f.write_str(\"failed\"), E::Other(it) => it.fmt(f) }";
    assert_eq!(error(twice, arms), ["E: `Io`"]);
    assert!(error(once, arms).is_empty());
    assert_eq!(
        error("self.cause.fmt(f)", "Some(&self.cause)"),
        ["E: `cause`"]
    );
    assert_eq!(error("self.1.fmt(f)", "Some(&self.1)"), ["E: `1`"]);
    assert!(error("self.0.fmt(f)", "Some(&self.1)").is_empty());
    assert_eq!(error("self.0.fmt(f)", "self.0.source()").len(), 2);
    assert!(told_twice("impl Error for E {}").is_empty());
    assert_eq!(told_twice("#[derive(Debug, Error)] struct E(S);").len(), 1);
    let alone = "impl Error for E { fn source(&self) -> Option<&S> { Some(&self.0) } }";
    assert_eq!(told_twice(alone).len(), 1);
}

#[test]
fn no_error_prints_its_cause_twice() {
    let (mut errors, mut found) = (0, Vec::new());
    for (path, text) in rust_sources() {
        errors += text.matches("Error for ").count();
        let told = told_twice(&text).into_iter();
        found.extend(told.map(|it| format!("{}: {it}", shown(&path))));
    }
    assert!(errors > 20, "{errors} errors");
    assert!(
        found.is_empty(),
        "`Display` has what `source` returns, too: {found:#?}"
    );
}
