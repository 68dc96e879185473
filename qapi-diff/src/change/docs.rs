//! Changes of the documentation and of the arrangement of a schema.

/// A change that is not visible on the wire or to a compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocsChange {
    /// A description was added.
    Added(DocPart),
    /// A description was removed.
    Removed(DocPart),
    /// The description changed in more than line breaks and indentation.
    Changed(DocPart),
    /// Members, values, branches or alternatives have a different order.
    Reordered,
    /// The definitions of a file have a different order.
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
    /// The member, value, argument or alternative at the change's place.
    Member,
    /// A feature.
    Feature(String),
}
