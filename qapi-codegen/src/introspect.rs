//! Introspection data: the reply to `query-qmp-schema` from a server built from the schema (docs/reference/language.md
//! §8). The model is in the runtime, which reads, compares and prints it.

use std::collections::HashMap;

use qapi_parser::ir::{Builtin, Condition, Entity, Feature, Schema, TypeDef, TypeId, TypeKind};
use qapi_runtime::introspect::{
    EnumMember, Introspection, JsonType, MetaType, ObjectInfo, ObjectMember, ObjectVariant,
    SchemaInfo,
};

/// The form of type names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TypeNames {
    /// As a server shows them: numbers for every type that is not built in, so that clients cannot depend on names that
    /// are not part of the protocol.
    #[default]
    Masked,
    /// The schema's own names, for people.
    Real,
}

/// Describes `schema` as a server would that is built from the parts whose conditions hold.
///
/// Types are numbered before conditions are evaluated, so a number does not depend on the build, and there may be gaps
/// (docs/reference/language.md §8.4).
///
/// ```
/// use qapi_codegen::introspect::{TypeNames, describe};
///
/// # let path = std::path::Path::new("../schemas/guest-agent/2.5.json");
/// # let schema = qapi_parser::load(path, &qapi_parser::source::Disk, &Default::default()).schema.unwrap();
/// let everything = describe(&schema, TypeNames::Masked, &|_| true);
/// let on_linux = |symbol: &str| symbol == "CONFIG_LINUX";
/// let one_build = describe(&schema, TypeNames::Masked, &|condition| condition.holds(&on_linux));
/// assert!(one_build.entries().len() <= everything.entries().len());
/// ```
pub fn describe(
    schema: &Schema,
    names: TypeNames,
    holds: &dyn Fn(&Condition) -> bool,
) -> Introspection {
    let mut walk = Walk::new(schema, names, holds);
    let mut entries = Vec::new();
    for module in &schema.modules {
        for entity in &module.entities {
            entries.extend(walk.entry(*entity));
        }
    }
    // Describing a type may refer to further ones, which join the queue.
    let mut next = 0;
    while let Some(id) = walk.queue.get(next).copied() {
        entries.extend(walk.type_entry(id));
        next += 1;
    }
    Introspection::from_entries(entries)
}

/// The state of one description: the types referred to so far, in order.
struct Walk<'s> {
    schema: &'s Schema,
    names: TypeNames,
    holds: &'s dyn Fn(&Condition) -> bool,
    queue: Vec<TypeId>,
    seen: Vec<bool>,
    numbers: HashMap<TypeId, usize>,
    int: Option<TypeId>,
    int_array: Option<TypeId>,
    empty: Option<TypeId>,
}

impl<'s> Walk<'s> {
    fn new(schema: &'s Schema, names: TypeNames, holds: &'s dyn Fn(&Condition) -> bool) -> Self {
        let predefined = |name| match schema.lookup(name) {
            Some(Entity::Type(id)) => Some(id),
            _ => None,
        };
        Self {
            schema,
            names,
            holds,
            queue: Vec::new(),
            seen: vec![false; schema.types.len()],
            numbers: HashMap::new(),
            int: predefined("int"),
            int_array: predefined("intList"),
            empty: predefined("q_empty"),
        }
    }

    fn entry(&mut self, entity: Entity) -> Option<SchemaInfo> {
        match entity {
            Entity::Command(id) => {
                let command = self.schema.command(id);
                let meta_type = MetaType::Command {
                    arg_type: self.optional_type(command.arguments),
                    ret_type: self.optional_type(command.returns),
                    allow_oob: command.allow_oob,
                };
                self.finish(
                    &command.name,
                    meta_type,
                    &command.features,
                    command.condition.as_ref(),
                )
            }
            Entity::Event(id) => {
                let event = self.schema.event(id);
                let meta_type = MetaType::Event {
                    arg_type: self.optional_type(event.arguments),
                };
                self.finish(
                    &event.name,
                    meta_type,
                    &event.features,
                    event.condition.as_ref(),
                )
            }
            Entity::Type(_) | Entity::Include(_) => None,
        }
    }

    fn type_entry(&mut self, id: TypeId) -> Option<SchemaInfo> {
        let definition = self.schema.ty(id);
        let name = self.refer(id);
        let meta_type = self.meta_type(id, definition);
        self.finish(
            &name,
            meta_type,
            &definition.features,
            definition.condition.as_ref(),
        )
    }

    /// Returns the entry, if the build has it.
    fn finish(
        &self,
        name: &str,
        meta_type: MetaType,
        features: &[Feature],
        condition: Option<&Condition>,
    ) -> Option<SchemaInfo> {
        let mut entry = SchemaInfo::new(name, meta_type);
        entry.features = self.features(features);
        self.is_built(condition).then_some(entry)
    }

    fn is_built(&self, condition: Option<&Condition>) -> bool {
        condition.is_none_or(self.holds)
    }

    fn meta_type(&mut self, id: TypeId, definition: &'s TypeDef) -> MetaType {
        match &definition.kind {
            TypeKind::Builtin(builtin) => {
                MetaType::Builtin(JsonType::from_name(builtin.json_type()))
            }
            TypeKind::Array(array) => MetaType::Array {
                element_type: self.refer(array.element),
            },
            TypeKind::Enum(enum_) => {
                let values = enum_.values.iter();
                let built = values.filter(|value| self.is_built(value.condition.as_ref()));
                let described = built.map(|value| {
                    let mut info = EnumMember::new(value.name.as_str());
                    info.features = self.features(&value.features);
                    info
                });
                MetaType::Enum(described.collect())
            }
            TypeKind::Alternate(alternate) => {
                let mut described = Vec::new();
                for alternative in &alternate.alternatives {
                    let name = self.refer(alternative.ty);
                    if self.is_built(alternative.condition.as_ref()) {
                        described.push(name);
                    }
                }
                MetaType::Alternate(described)
            }
            TypeKind::Object(object) => {
                let mut info = ObjectInfo::new(self.members(id));
                if let Some(union) = &object.union_ {
                    info.tag = Some(union.discriminator.as_str().into());
                    for branch in &union.branches {
                        let type_name = self.refer(branch.ty);
                        if self.is_built(branch.condition.as_ref()) {
                            info.variants
                                .push(ObjectVariant::new(branch.name.as_str(), type_name));
                        }
                    }
                }
                MetaType::Object(info)
            }
        }
    }

    fn members(&mut self, id: TypeId) -> Vec<ObjectMember> {
        let mut described = Vec::new();
        for (_, member) in self.schema.flattened(id) {
            let mut info = ObjectMember::new(member.name.as_str(), self.refer(member.ty));
            info.optional = member.optional;
            info.features = self.features(&member.features);
            if self.is_built(member.condition.as_ref()) {
                described.push(info);
            }
        }
        described
    }

    /// Returns the features of the build; none where the schema lists none.
    fn features(&self, features: &[Feature]) -> Option<Vec<Box<str>>> {
        let built = features
            .iter()
            .filter(|feature| self.is_built(feature.condition.as_ref()))
            .map(|feature| feature.name.as_str().into());
        (!features.is_empty()).then(|| built.collect())
    }

    /// Returns the name of a type, or of the empty object type where there is none.
    fn optional_type(&mut self, id: Option<TypeId>) -> Box<str> {
        match id.or(self.empty) {
            Some(id) => self.refer(id),
            None => Box::default(),
        }
    }

    /// Returns the name under which a type is referred to; the first reference queues it.
    fn refer(&mut self, id: TypeId) -> Box<str> {
        let id = self.collapse(id);
        if !std::mem::replace(&mut self.seen[id.index()], true) {
            self.queue.push(id);
        }
        let definition = self.schema.ty(id);
        match &definition.kind {
            TypeKind::Builtin(builtin) => builtin.as_str().into(),
            TypeKind::Array(array) => format!("[{}]", self.refer(array.element)).into(),
            _ if self.names == TypeNames::Real => definition.name.as_str().into(),
            _ => {
                let next = self.numbers.len();
                self.numbers.entry(id).or_insert(next).to_string().into()
            }
        }
    }

    /// Maps integer types to one, because they look the same on the wire, and so do arrays of them.
    fn collapse(&self, id: TypeId) -> TypeId {
        let is_integer = |id: TypeId| match self.schema.ty(id).kind {
            TypeKind::Builtin(builtin) => builtin.json_type() == Builtin::Int.json_type(),
            _ => false,
        };
        match &self.schema.ty(id).kind {
            TypeKind::Builtin(_) if is_integer(id) => self.int.unwrap_or(id),
            TypeKind::Array(array) if is_integer(array.element) => self.int_array.unwrap_or(id),
            _ => id,
        }
    }
}
