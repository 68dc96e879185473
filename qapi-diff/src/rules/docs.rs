//! Documentation, order and files.

use crate::change::{Change, ChangeKind, DocsChange};

fn is(change: &Change, what: fn(&DocsChange) -> bool) -> bool {
    matches!(&change.kind, ChangeKind::Docs(docs) if what(docs))
}

rules! { Docs;
    /// A definition, member, value or feature now has a description.
    "documentation-added", "documentation added", Compatible / Compatible,
        |change| is(change, |docs| matches!(docs, DocsChange::Added(_)));

    /// A definition, member, value or feature has lost its description.
    ///
    /// Readers lose what the older revision promised. QEMU's schema compiler may reject the schema
    /// for that.
    "documentation-removed", "documentation removed", Risky / Risky,
        |change| is(change, |docs| matches!(docs, DocsChange::Removed(_)));

    /// A description changed. Line breaks and indentation do not count.
    ///
    /// Read it if nothing else changed: no program can detect a new meaning in an unchanged form.
    "documentation-changed", "documentation changed", Compatible / Compatible,
        |change| is(change, |docs| matches!(docs, DocsChange::Changed(_)));

    /// Members, values, branches or alternatives have a different order, which does not matter on
    /// the wire.
    "order-changed", "order changed", Compatible / Compatible,
        |change| is(change, |docs| *docs == DocsChange::Reordered);

    /// The definitions of a schema file have a different order, and so have the sections of its
    /// manual.
    "definitions-reordered", "definitions in another order", Compatible / Compatible,
        |change| is(change, |docs| *docs == DocsChange::DefinitionsReordered);

    /// A definition moved to another schema file. Files are not visible on the wire.
    "module-moved", "moved to another schema file", Compatible / Compatible,
        |change| is(change, |docs| matches!(docs, DocsChange::Moved { .. }));
}
