//! Writes the merged schema.

use std::collections::{BTreeSet, HashMap};

use qapi_parser::ir::{
    Alternate, Alternative, Array, Branch, Builtin, Command, Condition, Doc, DocId, Entity, Enum,
    EnumValue, Event, Member, Module, ModuleId, Object, Schema, TypeDef, TypeId, TypeKind, Union,
};

use super::availability::{Availability, MergedSchema};
use super::classes::Classes;
use super::merged_object::{Branches, MergedObject, alternatives};
use super::merged_type::{MergeKind, MergeSlot, MergedType, Node, is_empty, kind, merge_slot};
use super::newest_docs;
use super::roots::{arguments, command_names, data, distinct, event_names, reply};

/// The predefined module comes first, then that of the root file.
const ROOT: ModuleId = ModuleId(1);

pub(super) fn write(schemas: &[&Schema], names: Vec<String>, classes: &Classes) -> MergedSchema {
    let mut writer = Writer::new(schemas, classes);
    writer.availability.names = names;
    writer.predefined();
    writer.reserve();
    for (name, id) in writer.reserved.clone() {
        writer.schema.types[id.index()] = writer.class(&name);
    }
    for name in command_names(schemas) {
        writer.command(&name);
    }
    for name in event_names(schemas) {
        writer.event(&name);
    }
    writer.finish()
}

struct Writer<'s> {
    schemas: &'s [&'s Schema],
    classes: &'s Classes,
    schema: Schema,
    /// Types by name.
    ids: HashMap<String, TypeId>,
    /// Classes in order, with the types that they become.
    reserved: Vec<(String, TypeId)>,
    availability: Availability,
}

impl<'s> Writer<'s> {
    fn new(schemas: &'s [&'s Schema], classes: &'s Classes) -> Self {
        Self {
            schemas,
            classes,
            schema: Schema::default(),
            ids: HashMap::new(),
            reserved: Vec::new(),
            availability: Availability::default(),
        }
    }

    fn push(&mut self, ty: TypeDef) -> TypeId {
        let id = TypeId(u32::try_from(self.schema.types.len()).unwrap_or(u32::MAX));
        self.ids.insert(ty.name.clone(), id);
        self.schema.types.push(ty);
        id
    }

    /// Built-in types, arrays of them, and the empty object.
    fn predefined(&mut self) {
        for builtin in Builtin::ALL {
            let id = self.push(plain(builtin.as_str(), TypeKind::Builtin(builtin)));
            self.array(id);
        }
        let empty = TypeKind::Object(Object::default());
        self.push(plain("q_empty", empty));
    }

    /// Gives each class a number: in the order of the newest revision, followed by those that it lacks.
    fn reserve(&mut self) {
        let known: BTreeSet<_> = self.classes.names().collect();
        let types = self.schemas.iter().rev().flat_map(|schema| &schema.types);
        let names = types.map(|ty| ty.name.clone());
        for name in distinct(names.filter(|name| known.contains(name.as_str()))) {
            let nothing = TypeKind::Object(Object::default());
            let id = self.push(plain(&name, nothing));
            self.reserved.push((name, id));
        }
    }

    fn array(&mut self, element: TypeId) -> TypeId {
        let name = format!("{}List", self.schema.ty(element).name);
        match self.ids.get(&name) {
            Some(id) => *id,
            None => self.push(plain(&name, TypeKind::Array(Array::new(element)))),
        }
    }

    /// Returns the type of a place. Conflicts have been reported before.
    fn place(&mut self, place: &MergeSlot) -> TypeId {
        match merge_slot(self.schemas, place) {
            Ok(merged) => self.merged(&merged),
            Err(_) => self.named("any"),
        }
    }

    fn merged(&mut self, merged: &MergedType) -> TypeId {
        match merged {
            MergedType::Builtin(builtin) => self.named(builtin.as_str()),
            MergedType::Empty => self.named("q_empty"),
            MergedType::Class(name, _) => self.named(name),
            MergedType::Array(element) => {
                let element = self.merged(element);
                self.array(element)
            }
        }
    }

    fn named(&self, name: &str) -> TypeId {
        self.ids[name]
    }

    fn class(&mut self, name: &str) -> TypeDef {
        let nodes: Vec<_> = self.classes.nodes(name).collect();
        let schemas = self.schemas;
        let definition = |node: &Node| schemas[node.revision].ty(node.ty);
        let own = |node: &&Node| definition(node).name == name;
        let newest = nodes.iter().rev().find(own).or(nodes.last());
        let Some(&newest) = newest else {
            return plain(name, TypeKind::Builtin(Builtin::Any));
        };
        let ty = definition(&newest);
        let is_empty = |node: &&Node| is_empty(schemas[node.revision], node.ty);
        let revisions = nodes
            .iter()
            .filter(|node| !is_empty(node))
            .map(|node| node.revision);
        self.availability
            .definitions
            .insert(name.to_owned(), revisions.collect());
        let kind = match kind(schemas[newest.revision], newest.ty) {
            MergeKind::Alternate => self.alternate(name, &nodes),
            MergeKind::String => self.enumeration(name, &nodes),
            _ => self.object(name, &nodes),
        };
        let conditions = nodes
            .iter()
            .filter(own)
            .map(|node| definition(node).condition.as_ref());
        let mut made = TypeDef::predefined(name, kind);
        made.implicit = ty.implicit;
        made.condition = merged_condition(conditions);
        made.features.clone_from(&ty.features);
        made.module = self.module(newest.revision, ty.module);
        made.span = ty.span;
        made.doc = self.type_doc(&nodes, newest);
        made
    }

    /// Returns the newest description, and those of parts that it lacks.
    fn type_doc(&mut self, nodes: &[Node], newest: Node) -> Option<DocId> {
        let schemas = self.schemas;
        let own = schemas[newest.revision].ty(newest.ty).doc?;
        let own = schemas[newest.revision].doc(own);
        let others = nodes
            .iter()
            .rev()
            .flat_map(|node| newest_docs::of_type(schemas[node.revision], node.ty));
        self.doc(newest_docs::merged(std::iter::once(own).chain(others)))
    }

    fn doc(&mut self, doc: Option<Doc>) -> Option<DocId> {
        let id = DocId(u32::try_from(self.schema.docs.len()).ok()?);
        self.schema.docs.push(doc?);
        Some(id)
    }

    /// Modules are those of the newest revision; those that it lacks belong to the root.
    fn module(&self, revision: usize, module: ModuleId) -> ModuleId {
        if revision + 1 == self.schemas.len() {
            module
        } else {
            ROOT
        }
    }

    fn enumeration(&mut self, name: &str, nodes: &[Node]) -> TypeKind {
        let enums = nodes.iter().rev().filter_map(|node| {
            match &self.schemas[node.revision].ty(node.ty).kind {
                TypeKind::Enum(enum_) => Some((node.revision, enum_)),
                _ => None,
            }
        });
        let enums: Vec<_> = enums.collect();
        let all: BTreeSet<_> = enums.iter().map(|(revision, _)| *revision).collect();
        let names = enums.iter().flat_map(|(_, enum_)| &enum_.values);
        let mut values = Vec::new();
        for value in distinct(names.map(|value| value.name.clone())) {
            let found = enums.iter().filter_map(|(revision, enum_)| {
                let mut values = enum_.values.iter();
                Some((*revision, values.find(|it| it.name == value)?))
            });
            let found: Vec<_> = found.collect();
            self.note(name, &value, found.iter().map(|it| it.0), &all);
            let mut made = EnumValue::new(value, found[0].1.span);
            made.condition = merged_condition(found.iter().map(|it| it.1.condition.as_ref()));
            made.features.clone_from(&found[0].1.features);
            values.push(made);
        }
        let mut made = Enum::new(values);
        made.prefix = enums.first().and_then(|(_, enum_)| enum_.prefix.clone());
        TypeKind::Enum(made)
    }

    fn alternate(&mut self, name: &str, nodes: &[Node]) -> TypeKind {
        let schemas = self.schemas;
        let mut made = Vec::new();
        for (alternative, place) in alternatives(schemas, name, nodes) {
            let written = nodes.iter().rev().filter_map(|node| {
                let TypeKind::Alternate(alternate) = &schemas[node.revision].ty(node.ty).kind
                else {
                    return None;
                };
                let mut alternatives = alternate.alternatives.iter();
                alternatives.find(|it| it.name == alternative)
            });
            let written: Vec<_> = written.collect();
            let mut one = Alternative::new(alternative, self.place(&place), written[0].span);
            one.condition = merged_condition(written.iter().map(|it| it.condition.as_ref()));
            made.push(one);
        }
        TypeKind::Alternate(Alternate::new(made))
    }

    fn object(&mut self, name: &str, nodes: &[Node]) -> TypeKind {
        let MergedObject {
            members,
            branches,
            loose,
        } = MergedObject::new(self.schemas, name, nodes);
        let made = members
            .iter()
            .filter_map(|(member, place)| {
                let is_loose = loose.contains(member);
                self.member(name, member, place, nodes, is_loose)
            })
            .collect();
        let union_ = branches.map(|branches| self.union_(nodes, &members, branches));
        let mut object = Object::default();
        object.members = made;
        object.union_ = union_;
        TypeKind::Object(object)
    }

    fn member(
        &mut self,
        owner: &str,
        name: &str,
        place: &MergeSlot,
        nodes: &[Node],
        is_loose: bool,
    ) -> Option<Member> {
        let schemas = self.schemas;
        let find = |node: &Node| {
            let members = schemas[node.revision].flattened(node.ty);
            let mut members = members.into_iter().map(|(_, member)| member);
            members.find(|member| member.name == name)
        };
        let found: Vec<_> = nodes.iter().rev().filter_map(find).collect();
        let all: BTreeSet<_> = nodes.iter().map(|node| node.revision).collect();
        self.note(
            owner,
            name,
            place.nodes.iter().map(|node| node.revision),
            &all,
        );
        let is_certain = found.len() == nodes.len() && found.iter().all(|member| !member.optional);
        let conditions = found.iter().map(|member| member.condition.as_ref());
        let newest = found.first();
        let span = newest.map(|member| member.span);
        let span = span.or(place.spans.iter().rev().copied().flatten().next())?;
        let mut member = Member::new(name, self.place(place), span);
        member.optional = is_loose || !is_certain;
        member.condition = merged_condition(conditions);
        if let Some(newest) = newest {
            member.features.clone_from(&newest.features);
        }
        Some(member)
    }

    fn union_(
        &mut self,
        nodes: &[Node],
        members: &[(String, MergeSlot)],
        branches: Branches,
    ) -> Union {
        let schemas = self.schemas;
        let Branches {
            discriminator,
            places,
        } = branches;
        let mut members = members.iter();
        let tag = members.find(|(name, _)| *name == discriminator);
        let tag = match tag {
            Some((_, place)) => self.place(place),
            None => self.named("str"),
        };
        let tag_name = self.schema.ty(tag).name.clone();
        let values = self.values(&tag_name);
        let mut made = Vec::new();
        for value in values {
            let written = nodes.iter().rev().filter_map(|node| {
                let TypeKind::Object(object) = &schemas[node.revision].ty(node.ty).kind else {
                    return None;
                };
                let mut branches = object.union_.as_ref()?.branches.iter();
                branches.find(|branch| branch.name == value)
            });
            let written: Vec<&Branch> = written.collect();
            let place = places.iter().find(|(name, _)| *name == value);
            let ty = match place {
                Some((_, place)) => self.place(place),
                None => self.named("q_empty"),
            };
            let span = written.iter().find_map(|branch| branch.span);
            let mut branch = Branch::new(value, ty, span);
            branch.condition =
                merged_condition(written.iter().map(|branch| branch.condition.as_ref()));
            made.push(branch);
        }
        Union::new(discriminator, tag, made)
    }

    /// Returns the values of an enumeration class.
    fn values(&self, name: &str) -> Vec<String> {
        let nodes: Vec<_> = self.classes.nodes(name).collect();
        let values = nodes.iter().rev().flat_map(|node| {
            match &self.schemas[node.revision].ty(node.ty).kind {
                TypeKind::Enum(enum_) => enum_.values.iter().map(|it| it.name.clone()).collect(),
                _ => Vec::new(),
            }
        });
        distinct(values)
    }

    /// Notes in which revisions a part exists, unless it is all that its owner has.
    fn note(
        &mut self,
        owner: &str,
        part: &str,
        revisions: impl Iterator<Item = usize>,
        all: &BTreeSet<usize>,
    ) {
        let revisions: BTreeSet<_> = revisions.collect();
        if revisions != *all {
            let key = (owner.to_owned(), part.to_owned());
            self.availability.parts.insert(key, revisions);
        }
    }

    fn command(&mut self, name: &str) {
        let schemas = self.schemas;
        let found = found(schemas, |schema| match schema.lookup(name) {
            Some(Entity::Command(id)) => Some(schema.command(id)),
            _ => None,
        });
        let Some(&(revision, newest)) = found.last() else {
            return;
        };
        let all = |flag: fn(&Command) -> bool| found.iter().all(|(_, command)| flag(command));
        let module = self.module(revision, newest.module);
        let mut command = Command::new(name, module, newest.span);
        command.arguments = arguments(schemas, name).map(|place| self.place(&place));
        command.returns = reply(schemas, name).map(|place| self.place(&place));
        command.boxed = newest.boxed;
        command.gen_ = all(|command| command.gen_);
        command.success_response = all(|command| command.success_response);
        command.allow_oob = all(|command| command.allow_oob);
        command.allow_preconfig = all(|command| command.allow_preconfig);
        command.coroutine = newest.coroutine;
        command.condition =
            merged_condition(found.iter().map(|(_, command)| command.condition.as_ref()));
        command.features.clone_from(&newest.features);
        command.doc = self.described(&found, |command| command.doc);
        self.exists_in(name, &found);
        self.argument_parts(name, command.arguments);
        self.schema.commands.push(command);
    }

    fn event(&mut self, name: &str) {
        let schemas = self.schemas;
        let found = found(schemas, |schema| match schema.lookup(name) {
            Some(Entity::Event(id)) => Some(schema.event(id)),
            _ => None,
        });
        let Some(&(revision, newest)) = found.last() else {
            return;
        };
        let module = self.module(revision, newest.module);
        let mut event = Event::new(name, module, newest.span);
        event.arguments = data(schemas, name).map(|place| self.place(&place));
        event.boxed = newest.boxed;
        event.condition = merged_condition(found.iter().map(|(_, event)| event.condition.as_ref()));
        event.features.clone_from(&newest.features);
        event.doc = self.described(&found, |event| event.doc);
        self.exists_in(name, &found);
        self.argument_parts(name, event.arguments);
        self.schema.events.push(event);
    }

    /// Returns the descriptions of a command or event as one, the newest first.
    fn described<T>(
        &mut self,
        found: &[(usize, &T)],
        doc: impl Fn(&T) -> Option<DocId>,
    ) -> Option<DocId> {
        let schemas = self.schemas;
        let docs = found.iter().rev();
        let docs = docs.filter_map(|(revision, one)| Some(schemas[*revision].doc(doc(one)?)));
        self.doc(newest_docs::merged(docs))
    }

    /// Notes in which revisions a command or event exists.
    fn exists_in<T>(&mut self, name: &str, found: &[(usize, &T)]) {
        let revisions = found.iter().map(|(revision, _)| *revision);
        self.availability
            .definitions
            .insert(name.to_owned(), revisions.collect());
    }

    /// Arguments that are written inline belong to their command or event.
    fn argument_parts(&mut self, owner: &str, arguments: Option<TypeId>) {
        let Some(ty) = arguments
            .map(|id| self.schema.ty(id))
            .filter(|ty| ty.implicit)
        else {
            return;
        };
        let parts = self.availability.parts.iter();
        let own = parts.filter(|((of, _), _)| *of == ty.name);
        let own: Vec<_> = own
            .map(|((_, part), revisions)| ((owner.to_owned(), part.clone()), revisions.clone()))
            .collect();
        self.availability.parts.extend(own);
    }

    fn finish(mut self) -> MergedSchema {
        let schema = &mut self.schema;
        let count = |length: usize| 0..u32::try_from(length).unwrap_or(u32::MAX);
        let types = count(schema.types.len()).map(|id| Entity::Type(TypeId(id)));
        let commands = count(schema.commands.len());
        let commands = commands.map(|id| Entity::Command(qapi_parser::ir::CommandId(id)));
        let events = count(schema.events.len());
        let events = events.map(|id| Entity::Event(qapi_parser::ir::EventId(id)));
        schema.entities = types.chain(commands).chain(events).collect();
        if let Some(newest) = self.schemas.last() {
            schema.modules = newest.modules.iter().map(without_entities).collect();
            schema.pragmas = newest.pragmas.clone();
            let texts = newest.docs.iter().filter(|doc| doc.symbol.is_none());
            schema.docs.extend(texts.cloned());
        }
        for entity in schema.entities.clone() {
            let module = schema.module_of(entity);
            if let Some(module) = schema.modules.get_mut(module.index()) {
                module.entities.push(entity);
            }
        }
        schema.index();
        MergedSchema {
            schema: self.schema,
            availability: self.availability,
        }
    }
}

/// Returns the definitions of a command or event, one for each revision that has it, the oldest first.
fn found<'s, T>(
    schemas: &'s [&'s Schema],
    find: impl Fn(&'s Schema) -> Option<&'s T>,
) -> Vec<(usize, &'s T)> {
    let revisions = schemas.iter().enumerate();
    revisions
        .filter_map(|(revision, schema)| Some((revision, find(schema)?)))
        .collect()
}

fn without_entities(module: &Module) -> Module {
    Module::new(&*module.name, module.file)
}

/// Returns a predefined type.
fn plain(name: &str, kind: TypeKind) -> TypeDef {
    TypeDef::predefined(name, kind)
}

/// Returns the condition under which something exists in some revision, given its condition in each that has it.
fn merged_condition<'c>(
    conditions: impl Iterator<Item = Option<&'c Condition>>,
) -> Option<Condition> {
    let mut distinct: Vec<Condition> = Vec::new();
    for condition in conditions {
        let condition = condition?;
        if !distinct.contains(condition) {
            distinct.push(condition.clone());
        }
    }
    match distinct.len() {
        0 | 1 => distinct.pop(),
        _ => Some(Condition::Any(distinct)),
    }
}
