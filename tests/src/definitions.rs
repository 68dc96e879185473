//! Schemas as text, so that a difference between two of them shows.

use std::path::Path;

use qapi_parser::ir::{
    Branch, Command, Condition, Entity, Feature, Member, Object, Schema, TypeId, TypeKind,
};
use qapi_parser::source::Disk;
use qapi_parser::{Dialect, Loaded, Options};

/// Reads a schema in a dialect.
pub fn read(path: &Path, dialect: Dialect) -> Loaded {
    let mut options = Options::default();
    options.dialect = dialect;
    qapi_parser::load(path, &Disk, &options)
}

/// Returns the schema in a file that has no error in the dialect `auto`.
///
/// # Panics
/// If it has one.
pub fn load(path: &Path) -> Schema {
    let loaded = read(path, Dialect::Auto);
    loaded
        .schema
        .unwrap_or_else(|| panic!("{}: {:#?}", path.display(), loaded.diagnostics))
}

/// Treatment of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conditions {
    /// They are part of the definition.
    Kept,
    /// They are left out, as if every one of them held.
    Ignored,
}

impl Conditions {
    fn show(self, condition: Option<&Condition>) -> String {
        match condition {
            Some(condition) if self == Self::Kept => format!(" if={condition:?}"),
            _ => String::new(),
        }
    }
}

/// Returns the name of an entity; none for an include directive.
pub fn name(schema: &Schema, entity: Entity) -> Option<&str> {
    match entity {
        Entity::Type(id) => Some(&schema.ty(id).name),
        Entity::Command(id) => Some(&schema.command(id).name),
        Entity::Event(id) => Some(&schema.event(id).name),
        Entity::Include(_) => None,
    }
}

/// Returns true if somebody wrote this entity down: it is neither predefined nor implicit nor an array.
pub fn is_written(schema: &Schema, entity: Entity) -> bool {
    match entity {
        Entity::Type(id) => {
            let ty = schema.ty(id);
            ty.span.is_some() && !ty.implicit && !matches!(ty.kind, TypeKind::Array(_))
        }
        Entity::Command(_) | Entity::Event(_) => true,
        Entity::Include(_) => false,
    }
}

/// Returns everything about an entity that is not documentation. Other types are named, not described.
pub fn describe(schema: &Schema, entity: Entity, conditions: Conditions) -> String {
    match entity {
        Entity::Type(id) => describe_type(schema, id, conditions),
        Entity::Command(id) => describe_command(schema, schema.command(id), conditions),
        Entity::Event(id) => {
            let event = schema.event(id);
            format!(
                "event {} arguments={:?} boxed={}{}{}",
                event.name,
                event.arguments.map(|ty| &schema.ty(ty).name),
                event.boxed,
                features(&event.features, conditions),
                conditions.show(event.condition.as_ref()),
            )
        }
        Entity::Include(id) => format!("include {}", schema.includes[id.index()].target.index()),
    }
}

fn describe_command(schema: &Schema, command: &Command, conditions: Conditions) -> String {
    format!(
        "command {} arguments={:?} returns={:?} boxed={} gen={} success-response={} oob={} preconfig={} coroutine={}{}{}",
        command.name,
        command.arguments.map(|ty| &schema.ty(ty).name),
        command.returns.map(|ty| &schema.ty(ty).name),
        command.boxed,
        command.gen_,
        command.success_response,
        command.allow_oob,
        command.allow_preconfig,
        command.coroutine,
        features(&command.features, conditions),
        conditions.show(command.condition.as_ref()),
    )
}

fn describe_type(schema: &Schema, id: TypeId, conditions: Conditions) -> String {
    let ty = schema.ty(id);
    let body = match &ty.kind {
        TypeKind::Builtin(builtin) => format!("builtin {}", builtin.json_type()),
        TypeKind::Array(array) => format!("array of {}", schema.ty(array.element).name),
        TypeKind::Enum(enum_) => {
            let values = enum_.values.iter().map(|value| {
                let condition = conditions.show(value.condition.as_ref());
                let features = features(&value.features, conditions);
                format!("{}{features}{condition}", value.name)
            });
            format!("enum prefix={:?}: {}", enum_.prefix, list(values))
        }
        TypeKind::Object(object) => describe_object(schema, object, conditions),
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter().map(|alternative| {
                let condition = conditions.show(alternative.condition.as_ref());
                let ty = &schema.ty(alternative.ty).name;
                format!("{}: {ty}{condition}", alternative.name)
            });
            format!("alternate {}", list(alternatives))
        }
    };
    format!(
        "{} implicit={}{}{}: {body}",
        ty.name,
        ty.implicit,
        features(&ty.features, conditions),
        conditions.show(ty.condition.as_ref()),
    )
}

fn describe_object(schema: &Schema, object: &Object, conditions: Conditions) -> String {
    let base = object.base.map(|base| &schema.ty(base).name);
    let members = object.members.iter();
    let members = list(members.map(|member| describe_member(schema, member, conditions)));
    let Some(union) = &object.union_ else {
        return format!("object base={base:?} {members}");
    };
    let branches = union.branches.iter();
    let branches = list(branches.map(|branch| describe_branch(schema, branch, conditions)));
    let tag = &union.discriminator;
    format!("object base={base:?} tag={tag} {members} branches {branches}")
}

fn describe_branch(schema: &Schema, branch: &Branch, conditions: Conditions) -> String {
    let condition = conditions.show(branch.condition.as_ref());
    format!("{}: {}{condition}", branch.name, schema.ty(branch.ty).name)
}

fn describe_member(schema: &Schema, member: &Member, conditions: Conditions) -> String {
    format!(
        "{}: {}{}{}{}",
        member.name,
        schema.ty(member.ty).name,
        if member.optional { "?" } else { "" },
        features(&member.features, conditions),
        conditions.show(member.condition.as_ref()),
    )
}

fn features(features: &[Feature], conditions: Conditions) -> String {
    if features.is_empty() {
        return String::new();
    }
    let features = features.iter().map(|feature| {
        let condition = conditions.show(feature.condition.as_ref());
        format!("{}{condition}", feature.name)
    });
    format!(" features={}", list(features))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
