//! `use` declarations of a file.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::ident::{ident, parsed};

/// The names that a file imports.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// Names of the runtime.
    pub(crate) runtime: BTreeSet<&'static str>,
    /// Modules of the output.
    pub(crate) modules: BTreeSet<&'static str>,
}

impl Imports {
    pub(crate) fn add(&mut self, other: Self) {
        self.runtime.extend(other.runtime);
        self.modules.extend(other.modules);
    }

    /// Returns the declarations in groups: the runtime, our own modules.
    pub(crate) fn declarations(&self) -> [TokenStream; 2] {
        [
            names_of("qapi_runtime", &self.runtime),
            names_of("super", &self.modules),
        ]
    }
}

fn names_of(path: &str, names: &BTreeSet<&str>) -> TokenStream {
    let path = parsed(path);
    let names: Vec<_> = names.iter().map(|name| ident(name)).collect();
    match names.as_slice() {
        [] => TokenStream::new(),
        [name] => quote! { use #path::#name; },
        _ => quote! { use #path::{#(#names),*}; },
    }
}
