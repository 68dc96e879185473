//! Phase 2 of docs/reference/language.md §9: turns the syntax of each definition into typed parts.
//!
//! Mistakes are reported for each part. The valid parts are kept, so that neither users of the definition nor later
//! phases report the same mistake again.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diag::{Diagnostics, Meta};
use crate::dialect::Reading;
use crate::exceptions::Exceptions;
use crate::ir::Doc;
use crate::name_map::NameSet;
use crate::syntax::{self, Item, ObjectValue, Tree};

mod alternates;
mod commands;
mod conditions;
mod docs;
mod enums;
mod features;
mod flags;
mod inline;
mod keys;
mod members;
mod meta;
mod model;
mod name_judgement;
mod reader;
mod schema_age;
mod simple_unions;
mod structs;
mod types;
mod unions;

use keys::Form;
pub(crate) use model::{
    Arguments, Body, Context, Definition, DefinitionOrigin, Definitions, Discriminator, Flags,
    RawMember, RawUnion, Reference, TypeRef, UnionBase, Variant,
};
use reader::DefinitionReader;
pub(crate) use schema_age::SchemaAge;

/// Judges every definition by itself.
pub(crate) fn all<'t>(
    out: &mut Diagnostics,
    reading: Reading,
    age: SchemaAge,
    tree: &'t Tree,
    docs: &mut [Arc<Doc>],
) -> Definitions<'t> {
    let mut definitions = Definitions {
        list: Vec::with_capacity(tree.items.len()),
        damaged: NameSet::default(),
        age,
        exceptions: Exceptions::of(tree),
    };
    for (index, item) in tree.items.iter().enumerate() {
        if let Item::Definition(definition) = item {
            one(
                out,
                reading,
                tree,
                docs,
                (index, definition),
                &mut definitions,
            );
        }
    }
    definitions
}

fn one<'t>(
    out: &mut Diagnostics,
    reading: Reading,
    tree: &'t Tree,
    docs: &mut [Arc<Doc>],
    (item, definition): (usize, &'t syntax::WrittenDefinition),
    into: &mut Definitions<'t>,
) {
    let object = &*definition.object;
    let Some((meta, name)) = meta::read(out, reading, object, &mut into.damaged) else {
        return;
    };
    let context = Context {
        meta,
        name: &name.value,
        span: object.span,
        name_span: name.span,
        module: definition.module,
        item,
        doc: definition.doc,
    };
    let mut reader = DefinitionReader {
        out,
        reading,
        age: into.age,
        doc_required: tree.pragmas.doc_required && !definition.misdocumented,
        exceptions: &into.exceptions,
        context,
        complete: true,
        features_complete: true,
        implied: Vec::new(),
    };
    reader.definition_name();
    reader.doc(object, docs);
    let body = reader.body(object);
    let condition = reader.condition_of(object, reader.subject());
    let features = reader.features_of(object, reader.subject());
    reader.flags(object);
    let (complete, features_complete) = (reader.complete, reader.features_complete);
    for mut implied in reader.implied {
        // A wrapper is shared: it exists when the type that it wraps does.
        if implied.origin == DefinitionOrigin::Implied {
            implied.condition.clone_from(&condition);
        }
        into.list.push(implied);
    }
    into.list.push(Definition {
        context,
        name: Cow::Borrowed(context.name),
        origin: DefinitionOrigin::Written,
        complete,
        features_complete,
        condition,
        features,
        body,
    });
}

impl<'t> DefinitionReader<'_, 't> {
    /// Returns the keys of the definition (docs/reference/language.md §2.3).
    pub(super) fn form(&self) -> Form {
        match self.context.meta {
            Meta::Enum => enums::FORM,
            Meta::Struct => structs::FORM,
            Meta::Union => unions::FORM,
            Meta::Alternate => alternates::FORM,
            Meta::Command => commands::COMMAND,
            Meta::Event => commands::EVENT,
        }
    }

    fn body(&mut self, object: &'t ObjectValue) -> Body<'t> {
        match self.context.meta {
            Meta::Enum => self.enum_(object),
            Meta::Struct => self.struct_(object),
            Meta::Union => self.union_(object),
            Meta::Alternate => self.alternate(object),
            Meta::Command => self.command(object),
            Meta::Event => self.event(object),
        }
    }
}
