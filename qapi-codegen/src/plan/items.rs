//! The plan: every item of the output, with all decisions about it.

use qapi_parser::ir::{Builtin, TypeId};
use qapi_parser::source::Span;

/// The items to print.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Plan {
    /// The schema's file name, without folders: they differ between machines.
    pub(crate) file: String,
    /// The free-form documentation of the schema, as Markdown.
    pub(crate) introduction: String,
    /// Types in schema order.
    pub(crate) types: Vec<Type>,
    /// A module per schema file with types, in the order of the files; none if all types are in one module.
    pub(crate) modules: Vec<TypeModule>,
    /// Commands in schema order.
    pub(crate) commands: Vec<Command>,
    /// Events in schema order.
    pub(crate) events: Vec<Event>,
    /// The Rust name of each type, by [`TypeId`]; empty for those that are not printed, the path for those that the user has.
    pub(crate) type_names: Vec<String>,
    /// Position of each type in `types`, by [`TypeId`]; none for those that are not printed.
    pub(crate) positions: Vec<Option<usize>>,
    /// The same of each command in `commands`, by its id.
    pub(crate) command_positions: Vec<Option<usize>>,
    /// The same of each event in `events`, by its id.
    pub(crate) event_positions: Vec<Option<usize>>,
    /// Handlers of the server may defer their replies.
    pub(crate) deferred_replies: bool,
    /// Something is deprecated, so that the code which handles it must not warn.
    pub(crate) deprecated: bool,
    /// Conditions become `cfg` attributes, and there are some.
    pub(crate) conditional: bool,
    /// The data of an event are so large that Clippy would demand a box.
    pub(crate) large_events: bool,
    /// The revisions that the schema was merged from, oldest first.
    pub(crate) revisions: Vec<String>,
    /// The reply to `query-qmp-schema`, if it is requested.
    pub(crate) introspection: Option<String>,
}

impl Plan {
    /// Returns the type with this id, if it is printed.
    pub(crate) fn ty(&self, id: TypeId) -> Option<&Type> {
        self.positions[id.index()].map(|at| &self.types[at])
    }
}

/// A module for the types of a schema file.
#[derive(Debug)]
pub(crate) struct TypeModule {
    pub(crate) name: String,
    /// The file, as the schema names it.
    pub(crate) file: String,
    /// Positions in [`Plan::types`].
    pub(crate) types: Vec<usize>,
}

/// The properties that items of all kinds have.
#[derive(Debug)]
pub(crate) struct ItemHead {
    /// The name in the schema.
    pub(crate) wire: String,
    /// The name in Rust.
    pub(crate) name: String,
    /// Its place in the schema.
    pub(crate) span: Option<Span>,
    /// Markdown, never empty.
    pub(crate) doc: String,
    /// The predicate of its `cfg` attribute.
    pub(crate) cfg: Option<String>,
    /// Names of its features.
    pub(crate) features: Vec<String>,
    /// The reason of its deprecation.
    pub(crate) deprecated: Option<String>,
    /// The derives beyond `Clone` and `PartialEq`.
    pub(crate) derives: Derives,
    /// Derives and attributes from the settings.
    pub(crate) extras: Extras,
}

/// Rust code from the settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    /// Paths of derive macros.
    pub(crate) derives: Vec<String>,
    /// Whole attributes.
    pub(crate) attributes: Vec<String>,
}

/// Derives that depend on the item. `Eq` and `Hash` are for enumerations: for all other types they cost as much compile
/// time as encoding and decoding, and few of these types are ever keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a derive of its own")]
pub(crate) struct Derives {
    /// `Debug`; for structs the runtime implements it, which costs less compile time.
    pub(crate) debug: bool,
    pub(crate) copy: bool,
    /// `Eq` and `Hash`.
    pub(crate) eq: bool,
    pub(crate) default: bool,
}

impl Derives {
    /// The derives of an enum that holds values: an alternate, or a union's branches.
    pub(crate) const CHOICE: Self = Self {
        debug: true,
        copy: false,
        eq: false,
        default: false,
    };
}

/// A type to be printed.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) head: ItemHead,
    pub(crate) direction: Direction,
    /// Users can construct and match it in full, even if a later schema adds to it.
    pub(crate) exhaustive: bool,
    pub(crate) body: Body,
}

impl Type {
    /// Returns true if a later schema may add to it without breaking users.
    pub(crate) fn is_non_exhaustive(&self) -> bool {
        !self.exhaustive
            && match &self.body {
                Body::Struct(_) | Body::Union(_) => self.direction.is_received(),
                Body::Enum(Enum { open, .. }) | Body::Alternate(Alternate { open, .. }) => *open,
            }
    }
}

/// The senders of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Direction {
    /// It is reached from arguments: clients send it, servers check it.
    pub(crate) input: bool,
    /// It is reached from replies or events: servers send it.
    pub(crate) output: bool,
}

impl Direction {
    /// Servers send it, or neither side does.
    fn is_received(self) -> bool {
        self.output || !self.input
    }
}

/// The particulars of a type.
#[derive(Debug)]
pub(crate) enum Body {
    Enum(Enum),
    Struct(Vec<Field>),
    Union(Box<Union>),
    Alternate(Alternate),
}

/// An enumeration.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) values: Vec<ItemHead>,
    /// It can hold values that are not in the schema.
    pub(crate) open: bool,
}

/// A member that becomes a field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) head: ItemHead,
    pub(crate) ty: Ty,
    /// It closes a cycle of types that contain each other.
    pub(crate) boxed: bool,
    /// It is an `Option`.
    pub(crate) optional: bool,
}

/// An object with branches.
#[derive(Debug)]
pub(crate) struct Union {
    /// The common members, without the discriminator.
    pub(crate) fields: Vec<Field>,
    /// The discriminator, which becomes the field that holds the branch.
    pub(crate) tag: ItemHead,
    /// The number of fields before the discriminator.
    pub(crate) tag_at: usize,
    /// The enumeration of the discriminator.
    pub(crate) tag_type: TypeId,
    /// The enumeration can hold values that are not in the schema.
    pub(crate) tag_is_open: bool,
    /// The name of the enum of branches.
    pub(crate) branch_name: String,
    pub(crate) branches: Vec<Branch>,
    /// It can hold branches that are not in the schema.
    pub(crate) open: bool,
    /// A branch is so large that Clippy would demand a box.
    pub(crate) large: bool,
}

/// A branch of a union.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) head: ItemHead,
    pub(crate) payload: Payload,
    pub(crate) boxed: bool,
    /// The constructor for this branch alone, if there can be one.
    pub(crate) constructor: Option<String>,
}

impl Branch {
    /// Returns the type of what its variant holds.
    pub(crate) fn held(&self) -> Option<Ty> {
        match &self.payload {
            Payload::Empty => None,
            Payload::Members(id) => Some(Ty::Named(*id)),
            Payload::Member { ty, .. } => Some(ty.clone()),
        }
    }
}

/// The addition of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Payload {
    /// Nothing.
    Empty,
    /// The members of an object type.
    Members(TypeId),
    /// One member, whose value the variant holds: a branch of a simple union, or of one that was simple once.
    Member { wire: String, ty: Ty },
}

/// A choice by JSON kind.
#[derive(Debug)]
pub(crate) struct Alternate {
    pub(crate) choices: Vec<Choice>,
    /// Values of other JSON kinds are kept where clients receive them.
    pub(crate) open: bool,
    /// An alternative is so large that Clippy would demand a box.
    pub(crate) large: bool,
}

/// One alternative of an alternate.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) head: ItemHead,
    pub(crate) ty: Ty,
    pub(crate) boxed: bool,
    /// The JSON kinds that select it.
    pub(crate) kinds: &'static [&'static str],
}

/// A type where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ty {
    Builtin(Builtin),
    /// A string that is base64 of bytes.
    Bytes,
    /// The empty object without a name.
    Empty,
    Named(TypeId),
    Array(Box<Self>),
}

impl Ty {
    /// Bytes, or a list of them: read and written by methods of their own.
    pub(crate) fn is_bytes(&self) -> bool {
        match self {
            Self::Bytes => true,
            Self::Array(element) => element.is_bytes(),
            Self::Builtin(_) | Self::Empty | Self::Named(_) => false,
        }
    }
}

/// A command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) head: ItemHead,
    /// The name of its methods.
    pub(crate) method: String,
    pub(crate) arguments: Arguments,
    /// None for the empty object.
    pub(crate) returns: Option<Ty>,
    /// The revisions that have it, if there are several.
    pub(crate) revisions: Vec<String>,
    pub(crate) success_response: bool,
    pub(crate) allow_oob: bool,
    pub(crate) allow_preconfig: bool,
}

/// An event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) head: ItemHead,
    /// The revisions that have it, if there are several.
    pub(crate) revisions: Vec<String>,
    pub(crate) arguments: Arguments,
}

/// Arguments of a command, data of an event.
#[derive(Debug)]
pub(crate) enum Arguments {
    None,
    /// One by one.
    Fields {
        fields: Vec<Field>,
        /// The field for members that are not in the schema.
        extra: Option<String>,
    },
    /// As one value of this type.
    Whole(TypeId),
    /// As one value of the type of the same name, which is the command itself.
    Own(TypeId),
}

impl Arguments {
    /// Returns true if there are any.
    pub(crate) fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}
