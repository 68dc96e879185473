//! The schema as data, for those who compare it with a server's.

use crate::layout::Page;
use crate::rust::Place;

/// A file with the JSON that `query-qmp-schema` returns.
pub(super) fn page<'p>(introspection: &str) -> Page<'p> {
    // Names in a schema have no character that ends a raw string with this delimiter.
    let text = format!(
        "/// What `query-qmp-schema` of a server with this schema returns; `qapi_runtime::introspect` reads it.\n\
         pub const SCHEMA: &str = r#\"{introspection}\"#;\n"
    );
    Page::new("introspect.rs", Place::Other, 0, |_, _| {
        unreachable!("the page has no pieces")
    })
    .with_text(text, &[])
}
