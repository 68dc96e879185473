//! The checked intermediate representation, the input of every back end.
//!
//! A [`Schema`] exists only for a schema without errors. All ids index the vectors of
//! the schema they come from.
//!
//! Order guarantees, on which back ends rely and which tests check:
//! * [`Schema::entities`] is the entity order of docs/reference/language.md §6.1: predefined types first,
//!   each followed by its array type; then, for each definition in reading order, the array types it mentions first,
//!   its implicit type, the array of its return type, and the definition itself.
//! * [`Schema::types`], [`Schema::commands`] and [`Schema::events`] are that order, filtered.
//! * [`Schema::modules`] is creation order: `./builtin`, the root, then each file at its first
//!   include. [`Module::entities`] is entity order, filtered.
//! * Members, values, branches, alternatives and features stand in source order.

use compact_str::CompactString;

use crate::name_map::NameMap;
use crate::source::{FileId, Span};

mod condition;
mod doc;
mod ids;
mod origin;
mod owner;
mod pragmas;
mod symbols;
mod types;

pub use condition::Condition;
pub use doc::{Doc, NamedSection, Section, SectionKind, SectionRef};
pub use ids::{CommandId, DocId, EventId, IncludeId, ModuleId, TypeId};
pub use origin::Origin;
pub use pragmas::Pragmas;
pub use types::{
    Alternate, Alternative, Array, Branch, Builtin, Enum, EnumValue, Feature, Member, Object,
    TypeDef, TypeKind, Union,
};

/// An entity of a schema; all have a place in the entity order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// A type of any kind, predefined and implicit ones included.
    Type(TypeId),
    /// A command.
    Command(CommandId),
    /// An event.
    Event(EventId),
    /// An include directive.
    Include(IncludeId),
}

/// A checked schema.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Schema {
    /// Files, the predefined module first.
    pub modules: Vec<Module>,
    /// All entities, in order.
    pub entities: Vec<Entity>,
    /// All types.
    pub types: Vec<TypeDef>,
    /// All commands.
    pub commands: Vec<Command>,
    /// All events.
    pub events: Vec<Event>,
    /// All include directives.
    pub includes: Vec<Include>,
    /// Documentation in reading order, free-form blocks included.
    pub docs: Vec<Doc>,
    /// The pragma state that the schema was checked under.
    pub pragmas: Pragmas,
    pub(crate) names: NameMap<CompactString, Entity>,
}

impl Schema {
    /// Returns the entity of this name: one name space for types, commands and events.
    pub fn lookup(&self, name: &str) -> Option<Entity> {
        self.names.get(name).copied()
    }

    /// Fills what [`lookup`](Self::lookup) finds and the origins of types, for schemas that a program puts together.
    pub fn index(&mut self) {
        let name = |entity: &Entity| self.name_of(*entity).map(CompactString::from);
        let named = self.entities.iter().filter_map(|it| Some((name(it)?, *it)));
        self.names = named.collect();
        self.find_origins();
    }

    /// Returns the name of an entity; none for include directives.
    pub fn name_of(&self, entity: Entity) -> Option<&str> {
        match entity {
            Entity::Type(id) => Some(&self.ty(id).name),
            Entity::Command(id) => Some(&self.command(id).name),
            Entity::Event(id) => Some(&self.event(id).name),
            Entity::Include(_) => None,
        }
    }

    /// Returns the type with this id.
    pub fn ty(&self, id: TypeId) -> &TypeDef {
        &self.types[id.index()]
    }

    /// Returns discriminator and branches of a type; none if it is not a union.
    pub fn union(&self, id: TypeId) -> Option<&Union> {
        match &self.ty(id).kind {
            TypeKind::Object(object) => object.union_.as_ref(),
            _ => None,
        }
    }

    /// Returns the command with this id.
    pub fn command(&self, id: CommandId) -> &Command {
        &self.commands[id.index()]
    }

    /// Returns the event with this id.
    pub fn event(&self, id: EventId) -> &Event {
        &self.events[id.index()]
    }

    /// Returns the module with this id.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    /// Returns the documentation block with this id.
    pub fn doc(&self, id: DocId) -> &Doc {
        &self.docs[id.index()]
    }

    /// Returns the module that an entity belongs to.
    pub fn module_of(&self, entity: Entity) -> ModuleId {
        match entity {
            Entity::Type(id) => self.ty(id).module,
            Entity::Command(id) => self.command(id).module,
            Entity::Event(id) => self.event(id).module,
            Entity::Include(id) => self.includes[id.index()].module,
        }
    }

    /// Returns the place of an entity: its definition, or the one that made it; none for predefined types.
    pub fn span_of(&self, entity: Entity) -> Option<Span> {
        match entity {
            Entity::Type(id) => self.ty(id).span,
            Entity::Command(id) => Some(self.command(id).span),
            Entity::Event(id) => Some(self.event(id).span),
            Entity::Include(id) => Some(self.includes[id.index()].span),
        }
    }

    /// Returns the members of an object type, those of its bases first, each with the type that declares it. Empty for
    /// every other kind of type. Branches are not included.
    pub fn flattened(&self, id: TypeId) -> Vec<(TypeId, &Member)> {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let TypeKind::Object(object) = &self.ty(id).kind else {
                break;
            };
            chain.push((id, object));
            next = object.base;
        }
        chain
            .into_iter()
            .rev()
            .flat_map(|(id, object)| object.members.iter().map(move |member| (id, member)))
            .collect()
    }

    /// Returns the types that these types reach, themselves included: along bases, members, discriminators, branches,
    /// alternatives and elements. One entry per type, by [`TypeId::index`].
    pub fn reached_from(&self, roots: impl IntoIterator<Item = TypeId>) -> Vec<bool> {
        let mut reached = vec![false; self.types.len()];
        let mut work: Vec<TypeId> = roots.into_iter().collect();
        while let Some(id) = work.pop() {
            if std::mem::replace(&mut reached[id.index()], true) {
                continue;
            }
            match &self.ty(id).kind {
                TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
                TypeKind::Array(array) => work.push(array.element),
                TypeKind::Alternate(alternate) => {
                    work.extend(alternate.alternatives.iter().map(|it| it.ty));
                }
                TypeKind::Object(object) => {
                    work.extend(object.base);
                    work.extend(object.members.iter().map(|it| it.ty));
                    if let Some(union_) = &object.union_ {
                        work.push(union_.tag);
                        work.extend(union_.branches.iter().map(|it| it.ty));
                    }
                }
            }
        }
        reached
    }
}

/// A schema file, or the predefined module.
#[derive(Debug)]
#[non_exhaustive]
pub struct Module {
    /// Path relative to the directory of the root file; `./builtin` for the predefined one.
    pub name: String,
    /// The file; none for the predefined module.
    pub file: Option<FileId>,
    /// Its entities, in order: the definitions of the file with their implicit types, its directives, and the arrays of
    /// its types.
    pub entities: Vec<Entity>,
}

impl Module {
    /// Creates a module to which nothing belongs yet.
    pub fn new(name: impl Into<String>, file: Option<FileId>) -> Self {
        Self {
            name: name.into(),
            file,
            entities: Vec::new(),
        }
    }
}

/// An include directive.
#[derive(Debug)]
#[non_exhaustive]
pub struct Include {
    /// The file that holds it.
    pub module: ModuleId,
    /// The file it names.
    pub target: ModuleId,
    /// The directive.
    pub span: Span,
}

/// A command.
#[derive(Debug)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the flags of the language"
)]
pub struct Command {
    /// Its name on the wire.
    pub name: String,
    /// Its arguments: an object type, implicit (`q_obj_<name>-arg`) or named; none if it takes none.
    pub arguments: Option<TypeId>,
    /// Its return type; none for an empty reply.
    pub returns: Option<TypeId>,
    /// The arguments are passed as one value rather than one by one.
    pub boxed: bool,
    /// False if marshalling is left to hand-written code.
    pub gen_: bool,
    /// False if success sends no reply.
    pub success_response: bool,
    /// May be executed out of band.
    pub allow_oob: bool,
    /// May be executed before the machine is configured.
    pub allow_preconfig: bool,
    /// Its handler is a coroutine.
    pub coroutine: bool,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// The file that holds it.
    pub module: ModuleId,
    /// The definition.
    pub span: Span,
    /// Its documentation.
    pub doc: Option<DocId>,
}

impl Command {
    /// Creates a command without arguments, return type or anything else that a schema may leave out.
    pub fn new(name: impl Into<String>, module: ModuleId, span: Span) -> Self {
        Self {
            name: name.into(),
            arguments: None,
            returns: None,
            boxed: false,
            gen_: true,
            success_response: true,
            allow_oob: false,
            allow_preconfig: false,
            coroutine: false,
            condition: None,
            features: Vec::new(),
            module,
            span,
            doc: None,
        }
    }
}

/// An event.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event {
    /// Its name on the wire.
    pub name: String,
    /// Its data: an object type, implicit (`q_obj_<name>-arg`) or named; none if it has none.
    pub arguments: Option<TypeId>,
    /// The data is passed as one value rather than member by member.
    pub boxed: bool,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// The file that holds it.
    pub module: ModuleId,
    /// The definition.
    pub span: Span,
    /// Its documentation.
    pub doc: Option<DocId>,
}

impl Event {
    /// Creates an event without data or anything else that a schema may leave out.
    pub fn new(name: impl Into<String>, module: ModuleId, span: Span) -> Self {
        Self {
            name: name.into(),
            arguments: None,
            boxed: false,
            condition: None,
            features: Vec::new(),
            module,
            span,
            doc: None,
        }
    }
}
