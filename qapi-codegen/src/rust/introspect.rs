//! The schema as data, for comparison with a server's.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::tokens::FileContext;

/// Returns the constant with the JSON that `query-qmp-schema` returns.
pub(super) fn constant(file: &FileContext<'_>, introspection: &str) -> TokenStream {
    let doc = file.doc(
        "The reply to `query-qmp-schema` from a server with this schema; `qapi_runtime::introspect` reads it.",
    );
    // A raw string, because JSON has many quotation marks. Names in a schema have no character that ends it.
    let schema: Literal = format!("r#\"{introspection}\"#")
        .parse()
        .expect("JSON of a schema has no `\"#`");
    quote! {
        #doc
        pub const SCHEMA: &str = #schema;
    }
}
