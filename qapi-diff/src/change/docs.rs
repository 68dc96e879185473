//! Changes of the documentation and of the arrangement of a schema.

/// A change that neither side of the wire nor a compiler can see.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocsChange {
    /// There is a description now.
    Added(DocPart),
    /// There is no description any more.
    Removed(DocPart),
    /// The description reads differently, line breaks and indentation aside.
    Changed(DocPart),
    /// Members, values, branches or alternatives stand in another order.
    Reordered,
    /// The definitions of a file stand in another order.
    DefinitionsReordered,
    /// The definition is in another file.
    Moved {
        /// The file of the older revision.
        old: String,
        /// The file of the newer revision.
        new: String,
    },
}

/// The subject of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocPart {
    /// The definition as a whole.
    Definition,
    /// The member, value, argument or alternative of the change's place.
    Member,
    /// A feature.
    Feature(String),
}
