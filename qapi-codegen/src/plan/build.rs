//! From the schema to the plan.

use std::cell::RefCell;
use std::collections::BTreeSet;

use qapi_parser::diag::{Anchor, Code, Diagnostic, EntityRef, Meta};
use qapi_parser::ir::{Condition, DocId, Entity, Feature, Schema, TypeDef, TypeId, TypeKind};
use qapi_parser::source::Span;

use super::bodies::{is_empty_object, kinds, payload, reference};
use super::boxing::Components;
use super::clash::{Claim, Scope};
use super::conditions::{Policy, symbols};
use super::direction::{Reach, directions};
use super::{
    Alternate, Arguments, Body, Branch, Choice, Command, Derives, Direction, Enum, Event, Field, Head, Payload,
    Plan, Shadows, Ty, Type, Union, derives, sizes,
};
use crate::config::{Conditions, Config};
use crate::docs::{self, Facts, MemberDocs};
use crate::names;

/// Decides what to print for a schema.
pub(crate) fn build(schema: &Schema, config: &Config) -> Result<Plan, Vec<Diagnostic>> {
    let policy = Policy(config);
    let directions = directions(schema, &policy);
    let components = Components::new(schema, &policy);
    let open_union = |id: TypeId| !directions[id.index()].input;
    let builder = Builder {
        schema,
        config,
        comparable: derives::comparable(schema, &policy, &open_union),
        sizes: sizes::sizes(schema, &policy, &components),
        policy,
        directions,
        components,
        selected: RefCell::default(),
        diagnostics: RefCell::default(),
    };
    let plan = builder.plan();
    builder.check_settings(&plan);
    let diagnostics = builder.diagnostics.into_inner();
    if diagnostics.is_empty() { Ok(plan) } else { Err(diagnostics) }
}

pub(super) struct Builder<'s> {
    schema: &'s Schema,
    config: &'s Config,
    policy: Policy<'s>,
    directions: Vec<Direction>,
    components: Components,
    comparable: Vec<bool>,
    sizes: Vec<u64>,
    /// Selectors that selected something.
    selected: RefCell<BTreeSet<String>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

/// What a definition passes on to its members.
struct Owner<'d> {
    /// The name in selectors and messages.
    name: &'d str,
    entity: Option<EntityRef>,
    span: Option<Span>,
    docs: MemberDocs<'d>,
    /// The description of the feature `deprecated`.
    deprecation: Option<&'d str>,
}

impl<'s> Builder<'s> {
    fn plan(&self) -> Plan {
        let printed = self.printed();
        let type_names = self.type_names(&printed);
        let ids = (0u32..).map(TypeId).zip(&self.schema.types);
        let types: Vec<_> = ids
            .filter(|(id, _)| printed[id.index()])
            .map(|(id, ty)| self.ty(id, ty, &type_names))
            .collect();
        let commands: Vec<_> = self
            .schema
            .commands
            .iter()
            .filter(|command| self.policy.keeps(command.condition.as_ref()))
            .map(|command| self.command(command))
            .collect();
        let events: Vec<_> = self
            .schema
            .events
            .iter()
            .filter(|event| self.policy.keeps(event.condition.as_ref()))
            .map(|event| self.event(event))
            .collect();
        self.check_top_level(&types, &commands, &events);
        let deprecated = types.iter().any(type_is_deprecated)
            || commands.iter().any(|it| is_deprecated(&it.head, &it.arguments))
            || events.iter().any(|it| is_deprecated(&it.head, &it.arguments));
        Plan {
            file: self.file(),
            introduction: self.introduction(),
            shadows: shadows(&types, &commands, &events),
            types,
            commands,
            events,
            type_names,
            deprecated,
            large_events: self.has_large_events(),
        }
    }

    fn has_large_events(&self) -> bool {
        let data = self.schema.events.iter().filter_map(|event| event.arguments);
        data.into_iter().any(|id| self.sizes[id.index()] >= sizes::LARGE)
    }

    /// The schema's file name without folders.
    fn file(&self) -> String {
        let root = self.schema.modules.iter().find(|module| module.file.is_some());
        let name = root.map_or("schema", |module| module.name.as_str());
        name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned()
    }

    fn introduction(&self) -> String {
        let texts = self.schema.docs.iter().filter(|doc| doc.symbol.is_none());
        let texts: Vec<_> = texts
            .map(|doc| docs::markdown(&doc.body.text))
            .filter(|text| !text.is_empty())
            .collect();
        texts.join("\n\n")
    }

    /// Which types are printed: those that the schema defines, and what else they mention.
    fn printed(&self) -> Vec<bool> {
        let mut mentions = Vec::new();
        for (id, ty) in (0u32..).map(TypeId).zip(&self.schema.types) {
            let is_own = ty.span.is_some() && !ty.implicit;
            if is_own && self.policy.keeps(ty.condition.as_ref()) {
                mentions.push(id);
            }
        }
        for command in &self.schema.commands {
            if self.policy.keeps(command.condition.as_ref()) {
                mentions.extend(command.returns);
                mentions.extend(command.arguments);
            }
        }
        for event in &self.schema.events {
            if self.policy.keeps(event.condition.as_ref()) {
                mentions.extend(event.arguments);
            }
        }
        let mut reach = Reach::new(self.schema, &self.policy);
        reach.add(mentions);
        let mut printed = reach.finish();
        let only_parts = self.only_parts();
        for (id, ty) in (0u32..).map(TypeId).zip(&self.schema.types) {
            let has_item = match ty.kind {
                TypeKind::Builtin(_) | TypeKind::Array(_) => false,
                TypeKind::Object(_) => !is_empty_object(self.schema, id),
                TypeKind::Enum(_) | TypeKind::Alternate(_) => true,
            };
            printed[id.index()] &= has_item && !only_parts[id.index()];
        }
        printed
    }

    /// Implicit objects of which only the members are used: arguments, bases, wrappers.
    fn only_parts(&self) -> Vec<bool> {
        let types = &self.schema.types;
        let mut named = vec![false; types.len()];
        let mut name = |id: TypeId| named[id.index()] = true;
        for ty in types {
            match &ty.kind {
                TypeKind::Array(array) => name(array.element),
                TypeKind::Alternate(alternate) => {
                    alternate.alternatives.iter().for_each(|it| name(it.ty));
                }
                TypeKind::Object(object) => {
                    object.members.iter().for_each(|member| name(member.ty));
                    for branch in object.union_.iter().flat_map(|union_| &union_.branches) {
                        if let (Payload::Members(id), _) = payload(self.schema, branch.ty) {
                            name(id);
                        }
                    }
                }
                TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
            }
        }
        self.schema.commands.iter().filter_map(|command| command.returns).for_each(&mut name);
        let wholes = self.schema.commands.iter().map(|it| (it.arguments, it.boxed));
        let wholes = wholes.chain(self.schema.events.iter().map(|it| (it.arguments, it.boxed)));
        for (id, boxed) in wholes {
            if let Some(id) = id.filter(|id| boxed || self.is_union(*id)) {
                name(id);
            }
        }
        let is_part = |(ty, named): (&TypeDef, bool)| {
            ty.implicit && matches!(ty.kind, TypeKind::Object(_)) && !named
        };
        types.iter().zip(named).map(is_part).collect()
    }

    fn is_union(&self, id: TypeId) -> bool {
        matches!(&self.schema.ty(id).kind, TypeKind::Object(object) if object.union_.is_some())
    }

    /// The name to make a Rust name from: the schema's, or the one that the settings put in its place.
    fn source_name<'n>(&'n self, selector: &str, name: &'n str) -> &'n str {
        match self.config.renames.get(selector) {
            Some(name) => {
                self.selected.borrow_mut().insert(selector.to_owned());
                name
            }
            None => name,
        }
    }

    fn member_name<'n>(&'n self, owner: &str, name: &'n str) -> &'n str {
        if self.config.renames.is_empty() {
            return name;
        }
        self.source_name(&format!("{owner}.{name}"), name)
    }

    fn type_names(&self, printed: &[bool]) -> Vec<String> {
        let types = self.schema.types.iter().zip(printed);
        types
            .map(|(ty, printed)| match printed {
                true => names::type_name(self.source_name(&ty.name, &ty.name)),
                false => String::new(),
            })
            .collect()
    }

    fn ty(&self, id: TypeId, ty: &'s TypeDef, type_names: &[String]) -> Type {
        let name = type_names[id.index()].clone();
        let direction = self.directions[id.index()];
        let owner = self.owner(&ty.name, meta(ty), ty.doc);
        let comparable = self.comparable[id.index()];
        let (body, derives, word) = match &ty.kind {
            TypeKind::Enum(enum_) => {
                let open = !direction.input;
                let values = self.values(&owner, enum_, open);
                let derives = Derives { copy: !open, eq: true, default: false };
                (Body::Enum(Enum { values, open }), derives, "enumeration")
            }
            TypeKind::Alternate(alternate) => {
                let held: Vec<_> = alternate.alternatives.iter().map(|it| it.ty).collect();
                let large = self.is_large(id, &held);
                let choices = self.choices(&owner, id, alternate);
                let derives = Derives { eq: comparable, ..Derives::default() };
                (Body::Alternate(Alternate { choices, large }), derives, "alternate")
            }
            TypeKind::Object(object) => match &object.union_ {
                Some(union_) => {
                    let union_ = self.union_(&owner, id, union_, &name);
                    let derives = Derives { eq: comparable, ..Derives::default() };
                    (Body::Union(union_), derives, "union")
                }
                None => {
                    let fields = self.fields(id, &owner);
                    let derives = struct_derives(comparable, &fields);
                    self.check_fields(&owner, &fields, &[]);
                    (Body::Struct(fields), derives, "struct")
                }
            },
            TypeKind::Builtin(_) | TypeKind::Array(_) => {
                unreachable!("only types that have an item are printed")
            }
        };
        let head = Head {
            doc: self.definition_doc(ty.doc, word, &ty.name, &name, ty.condition.as_ref()),
            span: ty.span,
            wire: ty.name.clone(),
            name,
            cfg: self.policy.cfg(ty.condition.as_ref()),
            features: self.features(&ty.features),
            deprecated: None,
            derives,
        };
        Type { head, direction, body }
    }

    fn owner<'d>(&'d self, name: &'d str, meta: Option<Meta>, doc: Option<DocId>) -> Owner<'d> {
        let doc = doc.map(|id| self.schema.doc(id));
        let deprecation = doc
            .into_iter()
            .flat_map(|doc| &doc.features)
            .find(|feature| feature.name == "deprecated")
            .map(|feature| feature.text.as_str());
        Owner {
            name,
            entity: meta.map(|meta| EntityRef { meta, name: name.to_owned() }),
            span: self.definition_span(name),
            docs: MemberDocs::new(doc),
            deprecation,
        }
    }

    fn definition_doc(
        &self,
        doc: Option<DocId>,
        word: &str,
        wire: &str,
        name: &str,
        condition: Option<&Condition>,
    ) -> String {
        let facts = Facts {
            fallback: format!("The {word} `{wire}`."),
            wire: (wire != name).then_some(wire),
            condition: self.policy.remark(condition),
        };
        docs::definition(doc.map(|id| self.schema.doc(id)), &facts)
    }

    fn features(&self, features: &[Feature]) -> Vec<String> {
        let kept = features.iter().filter(|it| self.policy.keeps(it.condition.as_ref()));
        kept.map(|feature| feature.name.clone()).collect()
    }

    /// The head of a part of a definition; `fallback` says what it is where nothing describes it.
    fn part(&self, part: &Part<'_>, owner: &Owner<'_>, fallback: String) -> Head {
        let features = self.features(part.features);
        let facts = Facts {
            fallback,
            wire: (part.wire != part.name && !part.fallback_names_it).then_some(part.wire),
            condition: self.policy.remark(part.condition),
        };
        Head {
            span: part.span,
            wire: part.wire.to_owned(),
            name: part.name.clone(),
            doc: docs::member(part.text, &facts),
            cfg: self.policy.cfg(part.condition),
            deprecated: deprecation(&features, owner.deprecation),
            features,
            derives: Derives::default(),
        }
    }

    fn values(&self, owner: &Owner<'_>, enum_: &qapi_parser::ir::Enum, open: bool) -> Vec<Head> {
        let diagnostics = &mut self.diagnostics.borrow_mut();
        let mut scope = Scope::new(diagnostics);
        if open {
            scope.claim("Unlisted", Claim::own("the variant for values that the schema lacks"));
        }
        let mut heads = Vec::new();
        for value in &enum_.values {
            if !self.policy.keeps(value.condition.as_ref()) {
                continue;
            }
            let name = names::camel_case(self.member_name(owner.name, &value.name));
            scope.claim(&name, owner.claim("value", &value.name, value.span));
            let part = Part {
                span: value.span,
                wire: &value.name,
                name,
                text: owner.docs.get(&value.name),
                fallback_names_it: owner.docs.get(&value.name).is_none(),
                condition: value.condition.as_ref(),
                features: &value.features,
            };
            heads.push(self.part(&part, owner, format!("The value `{}`.", value.name)));
        }
        heads
    }

    fn choices(
        &self,
        owner: &Owner<'_>,
        id: TypeId,
        alternate: &qapi_parser::ir::Alternate,
    ) -> Vec<Choice> {
        let diagnostics = &mut self.diagnostics.borrow_mut();
        let mut scope = Scope::new(diagnostics);
        let mut choices = Vec::new();
        for alternative in &alternate.alternatives {
            if !self.policy.keeps(alternative.condition.as_ref()) {
                continue;
            }
            let wire = &alternative.name;
            let name = names::camel_case(self.member_name(owner.name, wire));
            scope.claim(&name, owner.claim("alternative", wire, Some(alternative.span)));
            let part = Part {
                span: Some(alternative.span),
                wire,
                name,
                text: owner.docs.get(wire),
                // It is not on the wire.
                fallback_names_it: true,
                condition: alternative.condition.as_ref(),
                features: &[],
            };
            choices.push(Choice {
                head: self.part(&part, owner, format!("The alternative `{wire}`.")),
                ty: reference(self.schema, alternative.ty),
                boxed: self.components.boxes(id, alternative.ty),
                kinds: kinds(self.schema, alternative.ty),
            });
        }
        choices
    }

    /// The members of an object with those of its bases.
    fn fields(&self, id: TypeId, owner: &Owner<'_>) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut declared_by: Option<(TypeId, Owner<'_>)> = None;
        for (declaring, member) in self.schema.flattened(id) {
            if !self.policy.keeps(member.condition.as_ref()) {
                continue;
            }
            let ty = self.schema.ty(declaring);
            let is_other = !ty.implicit && ty.name != owner.name;
            if is_other && declared_by.as_ref().is_none_or(|(id, _)| *id != declaring) {
                declared_by = Some((declaring, self.owner(&ty.name, meta(ty), ty.doc)));
            }
            let described = match &declared_by {
                Some((_, other)) if is_other => other,
                _ => owner,
            };
            fields.push(self.field(id, member, described));
        }
        fields
    }

    fn field(&self, id: TypeId, member: &qapi_parser::ir::Member, owner: &Owner<'_>) -> Field {
        let wire = &member.name;
        let text = owner.docs.get(wire);
        let part = Part {
            span: Some(member.span),
            wire,
            name: names::snake_case(self.member_name(owner.name, wire)),
            text,
            fallback_names_it: text.is_none(),
            condition: member.condition.as_ref(),
            features: &member.features,
        };
        Field {
            head: self.part(&part, owner, format!("The member `{wire}`.")),
            ty: reference(self.schema, member.ty),
            boxed: self.components.boxes(id, member.ty),
            optional: member.optional || self.policy.makes_optional(member.condition.as_ref()),
        }
    }

    fn union_(
        &self,
        owner: &Owner<'_>,
        id: TypeId,
        union_: &qapi_parser::ir::Union,
        name: &str,
    ) -> Union {
        let mut fields = self.fields(id, owner);
        let at = fields.iter().position(|field| field.head.wire == union_.discriminator);
        let tag = match at {
            Some(at) => fields.remove(at).head,
            // Simple unions need not declare their tag.
            None => self.part(
                &Part {
                    span: None,
                    wire: &union_.discriminator,
                    name: names::snake_case(self.member_name(owner.name, &union_.discriminator)),
                    text: None,
                    fallback_names_it: true,
                    condition: None,
                    features: &[],
                },
                owner,
                format!("The member `{}`.", union_.discriminator),
            ),
        };
        let open = !self.directions[id.index()].input;
        let tag_is_open = !self.directions[union_.tag.index()].input;
        let branches = self.branches(owner, id, union_, open);
        self.check_fields(owner, &fields, &[&tag]);
        let payloads = union_.branches.iter().map(|branch| payload(self.schema, branch.ty));
        let held: Vec<_> = payloads.filter(|(it, _)| *it != Payload::Empty).map(|it| it.1).collect();
        let eq = !open && held.iter().all(|id| self.comparable[id.index()]);
        Union {
            tag_at: at.unwrap_or(0),
            fields,
            tag,
            tag_type: union_.tag,
            tag_is_total: !open || tag_is_open,
            tag_is_open,
            branch_name: format!("{name}Branch"),
            branch_derives: Derives { copy: false, eq, default: false },
            large: self.is_large(id, &held),
            branches,
            open,
        }
    }

    /// Whether a variant that holds one of these by value is large.
    fn is_large(&self, owner: TypeId, held: &[TypeId]) -> bool {
        held.iter().any(|id| {
            self.sizes[id.index()] >= sizes::LARGE && !self.components.boxes(owner, *id)
        })
    }

    fn branches(
        &self,
        owner: &Owner<'_>,
        id: TypeId,
        union_: &qapi_parser::ir::Union,
        open: bool,
    ) -> Vec<Branch> {
        let diagnostics = &mut self.diagnostics.borrow_mut();
        let mut scope = Scope::new(diagnostics);
        if open {
            scope.claim("Unlisted", Claim::own("the variant for branches that the schema lacks"));
        }
        let tag = self.schema.ty(union_.tag);
        let tag_docs = MemberDocs::new(tag.doc.map(|id| self.schema.doc(id)));
        let mut branches = Vec::new();
        for branch in &union_.branches {
            if !self.policy.keeps(branch.condition.as_ref()) || !self.keeps_value(tag, &branch.name) {
                continue;
            }
            let wire = &branch.name;
            let name = names::camel_case(self.member_name(owner.name, wire));
            let span = branch.span.or(self.schema.ty(id).span);
            scope.claim(&name, owner.claim("branch", wire, span));
            let (payload, held) = payload(self.schema, branch.ty);
            let text = owner.docs.get(wire).or_else(|| tag_docs.get(wire));
            let part = Part {
                span: branch.span,
                wire,
                name,
                text,
                fallback_names_it: text.is_none(),
                condition: branch.condition.as_ref(),
                features: &[],
            };
            branches.push(Branch {
                head: self.part(&part, owner, format!("The branch `{wire}`.")),
                payload,
                boxed: self.components.boxes(id, held),
            });
        }
        branches
    }

    /// Whether the enumeration has the value under the policy: a branch without one cannot be selected.
    fn keeps_value(&self, tag: &TypeDef, name: &str) -> bool {
        if self.config.conditions != Conditions::Resolve {
            return true;
        }
        let TypeKind::Enum(enum_) = &tag.kind else { return true };
        let value = enum_.values.iter().find(|value| value.name == name);
        value.is_none_or(|value| self.policy.keeps(value.condition.as_ref()))
    }

    fn command(&self, command: &'s qapi_parser::ir::Command) -> Command {
        let source = self.source_name(&command.name, &command.name);
        let name = names::camel_case(source);
        let owner = self.owner(&command.name, Some(Meta::Command), command.doc);
        let mut arguments = self.arguments(&owner, command.arguments, command.boxed);
        if let (false, Arguments::Fields { extra, .. }) = (command.gen_, &mut arguments) {
            *extra = Some("extra".to_owned());
        }
        self.check_arguments(&owner, &arguments);
        let condition = command.condition.as_ref();
        let features = self.features(&command.features);
        Command {
            method: names::snake_case(source),
            head: Head {
                doc: self.definition_doc(command.doc, "command", &command.name, &name, condition),
                span: Some(command.span),
                wire: command.name.clone(),
                name,
                cfg: self.policy.cfg(condition),
                deprecated: deprecation(&features, owner.deprecation),
                features,
                derives: self.argument_derives(command.arguments, &arguments),
            },
            arguments,
            returns: command.returns.map(|id| reference(self.schema, id)).filter(|ty| *ty != Ty::Empty),
            success_response: command.success_response,
            allow_oob: command.allow_oob,
            allow_preconfig: command.allow_preconfig,
        }
    }

    fn event(&self, event: &'s qapi_parser::ir::Event) -> Event {
        let name = names::camel_case(self.source_name(&event.name, &event.name));
        let owner = self.owner(&event.name, Some(Meta::Event), event.doc);
        let arguments = self.arguments(&owner, event.arguments, event.boxed);
        self.check_arguments(&owner, &arguments);
        let condition = event.condition.as_ref();
        let features = self.features(&event.features);
        Event {
            head: Head {
                doc: self.definition_doc(event.doc, "event", &event.name, &name, condition),
                span: Some(event.span),
                wire: event.name.clone(),
                name,
                cfg: self.policy.cfg(condition),
                deprecated: deprecation(&features, owner.deprecation),
                features,
                derives: self.argument_derives(event.arguments, &arguments),
            },
            arguments,
        }
    }

    fn arguments(&self, owner: &Owner<'_>, id: Option<TypeId>, boxed: bool) -> Arguments {
        match id {
            None => Arguments::None,
            Some(id) if is_empty_object(self.schema, id) => Arguments::None,
            Some(id) if boxed || self.is_union(id) => Arguments::Whole(id),
            Some(id) => Arguments::Fields { fields: self.fields(id, owner), extra: None },
        }
    }

    fn argument_derives(&self, id: Option<TypeId>, arguments: &Arguments) -> Derives {
        let comparable = id.is_none_or(|id| self.comparable[id.index()]);
        match arguments {
            Arguments::None => Derives { eq: true, default: true, copy: false },
            Arguments::Whole(_) => Derives { eq: comparable, ..Derives::default() },
            Arguments::Fields { fields, extra } => {
                struct_derives(comparable && extra.is_none(), fields)
            }
        }
    }

    fn check_arguments(&self, owner: &Owner<'_>, arguments: &Arguments) {
        if let Arguments::Fields { fields, extra } = arguments {
            let diagnostics = &mut self.diagnostics.borrow_mut();
            let mut scope = Scope::new(diagnostics);
            if let Some(extra) = extra {
                scope.claim(extra, Claim::own("the field for members that the schema lacks"));
            }
            Self::claim_fields(&mut scope, owner, fields.iter().map(|field| &field.head));
        }
    }

    fn check_fields(&self, owner: &Owner<'_>, fields: &[Field], more: &[&Head]) {
        let diagnostics = &mut self.diagnostics.borrow_mut();
        let mut scope = Scope::new(diagnostics);
        let heads = fields.iter().map(|field| &field.head).chain(more.iter().copied());
        Self::claim_fields(&mut scope, owner, heads);
    }

    fn claim_fields<'h>(
        scope: &mut Scope<'_>,
        owner: &Owner<'_>,
        heads: impl Iterator<Item = &'h Head>,
    ) {
        for head in heads {
            scope.claim(&head.name, owner.claim("member", &head.wire, head.span));
        }
    }

    fn definition_span(&self, name: &str) -> Option<Span> {
        match self.schema.lookup(name)? {
            Entity::Type(id) => self.schema.ty(id).span,
            Entity::Command(id) => Some(self.schema.command(id).span),
            Entity::Event(id) => Some(self.schema.event(id).span),
            Entity::Include(_) => None,
        }
    }

    /// Names of types, of commands and of events must differ, each among themselves.
    fn check_top_level(&self, types: &[Type], commands: &[Command], events: &[Event]) {
        let claim = |word: &str, meta: Option<Meta>, wire: &str| Claim {
            what: format!("{word} `{wire}`"),
            span: self.definition_span(wire),
            definition: self.definition_span(wire),
            entity: meta.map(|meta| EntityRef { meta, name: wire.to_owned() }),
            selector: Some(wire.to_owned()),
        };
        let diagnostics = &mut self.diagnostics.borrow_mut();
        let mut scope = Scope::new(diagnostics);
        for ty in types {
            scope.claim(&ty.head.name, claim("type", type_meta(&ty.body), &ty.head.wire));
        }
        for ty in types {
            if let Body::Union(union_) = &ty.body {
                let what = "the branches of union";
                let claim = claim(what, type_meta(&ty.body), &ty.head.wire);
                scope.claim(&union_.branch_name, claim);
            }
        }
        let mut structs = Scope::new(diagnostics);
        for command in commands {
            let claim = claim("command", Some(Meta::Command), &command.head.wire);
            structs.claim(&command.head.name, claim);
        }
        // Different structs can still have methods of one name: `a1-b` and `a1b` differ, `x-Y` and `xY` do not.
        let mut methods = Scope::new(diagnostics);
        let mut seen = BTreeSet::new();
        for command in commands {
            if seen.insert(&command.head.name) {
                let claim = claim("command", Some(Meta::Command), &command.head.wire);
                methods.claim(&command.method, claim);
            }
        }
        let mut scope = Scope::new(diagnostics);
        if !events.is_empty() {
            scope.claim("Event", Claim::own("the enum of all events"));
        }
        for event in events {
            let claim = claim("event", Some(Meta::Event), &event.head.wire);
            scope.claim(&event.head.name, claim);
        }
        let mut scope = Scope::new(diagnostics);
        scope.claim("Unlisted", Claim::own("the variant for events that the schema lacks"));
        for event in events.iter().filter(|event| event.head.name == "Unlisted") {
            let claim = claim("event", Some(Meta::Event), &event.head.wire);
            scope.claim(&event.head.name, claim);
        }
    }

    /// Settings that name what is not there are mistakes.
    fn check_settings(&self, plan: &Plan) {
        let selected = self.selected.borrow();
        let mut diagnostics = self.diagnostics.borrow_mut();
        for selector in self.config.renames.keys().filter(|it| !selected.contains(*it)) {
            let message = format!("`rename` selects `{selector}`, which `{}` does not have", plan.file);
            let anchor = Anchor::File(plan.file.clone());
            diagnostics.push(Diagnostic::error(Code::GEN_SELECTOR, anchor, message).help(
                "a selector is the name of a type, command or event, or such a name, a full stop and \
                 the name of a member that it declares",
            ));
        }
        if self.config.conditions != Conditions::Cfg {
            return;
        }
        let symbols = symbols(self.schema);
        for (symbol, predicate) in &self.config.predicates {
            let anchor = Anchor::File(plan.file.clone());
            if !symbols.contains(symbol) {
                let message = format!("`predicate` names `{symbol}`, which is in no condition of `{}`", plan.file);
                diagnostics.push(Diagnostic::error(Code::GEN_SELECTOR, anchor, message));
            } else if !is_predicate(predicate) {
                let message = format!("`{predicate}`, given for `{symbol}`, is no predicate of `cfg`");
                let error = Diagnostic::error(Code::GEN_PREDICATE, anchor, message);
                diagnostics.push(error.help("an example is `target_os = \"linux\"`"));
            }
        }
    }
}

fn is_predicate(text: &str) -> bool {
    syn::parse_str::<syn::Meta>(text).is_ok()
}

impl Owner<'_> {
    fn claim(&self, word: &str, wire: &str, span: Option<Span>) -> Claim {
        Claim {
            what: format!("{word} `{wire}` of `{}`", self.name),
            span: span.or(self.span),
            definition: self.span,
            entity: self.entity.clone(),
            selector: Some(format!("{}.{wire}", self.name)),
        }
    }
}

/// A value, member, branch or alternative.
struct Part<'p> {
    span: Option<Span>,
    wire: &'p str,
    name: String,
    text: Option<&'p str>,
    /// The fallback stands in for a description and has the name, or the name does not matter.
    fallback_names_it: bool,
    condition: Option<&'p Condition>,
    features: &'p [Feature],
}

fn deprecation(features: &[String], description: Option<&str>) -> Option<String> {
    let is_deprecated = features.iter().any(|feature| feature == "deprecated");
    is_deprecated.then(|| match description.map(docs::plain) {
        Some(text) if !text.is_empty() => text,
        _ => "deprecated by the schema".to_owned(),
    })
}

fn struct_derives(comparable: bool, fields: &[Field]) -> Derives {
    Derives { copy: false, eq: comparable, default: fields.iter().all(|field| field.optional) }
}

/// The meta-type of a definition; none for what the compiler made.
fn meta(ty: &TypeDef) -> Option<Meta> {
    if ty.implicit || ty.span.is_none() {
        return None;
    }
    match &ty.kind {
        TypeKind::Enum(_) => Some(Meta::Enum),
        TypeKind::Alternate(_) => Some(Meta::Alternate),
        TypeKind::Object(object) if object.union_.is_some() => Some(Meta::Union),
        TypeKind::Object(_) => Some(Meta::Struct),
        TypeKind::Builtin(_) | TypeKind::Array(_) => None,
    }
}

fn type_meta(body: &Body) -> Option<Meta> {
    Some(match body {
        Body::Enum(_) => Meta::Enum,
        Body::Struct(_) => Meta::Struct,
        Body::Union(_) => Meta::Union,
        Body::Alternate(_) => Meta::Alternate,
    })
}

fn type_is_deprecated(ty: &Type) -> bool {
    match &ty.body {
        Body::Enum(enum_) => enum_.values.iter().any(|value| value.deprecated.is_some()),
        Body::Struct(fields) => fields.iter().any(|field| field.head.deprecated.is_some()),
        Body::Union(union_) => {
            union_.tag.deprecated.is_some()
                || union_.fields.iter().any(|field| field.head.deprecated.is_some())
                || union_.branches.iter().any(|branch| branch.head.deprecated.is_some())
        }
        Body::Alternate(alternate) => alternate.choices.iter().any(|choice| choice.head.deprecated.is_some()),
    }
}

fn is_deprecated(head: &Head, arguments: &Arguments) -> bool {
    let mut fields = match arguments {
        Arguments::Fields { fields, .. } => fields.iter(),
        Arguments::None | Arguments::Whole(_) => [].iter(),
    };
    head.deprecated.is_some() || fields.any(|field| field.head.deprecated.is_some())
}

fn shadows(types: &[Type], commands: &[Command], events: &[Event]) -> Shadows {
    let mut names: BTreeSet<_> = types.iter().map(|ty| ty.head.name.clone()).collect();
    for ty in types {
        if let Body::Union(union_) = &ty.body {
            names.insert(union_.branch_name.clone());
        }
    }
    Shadows {
        types: names,
        commands: commands.iter().map(|command| command.head.name.clone()).collect(),
        events: events.iter().map(|event| event.head.name.clone()).collect(),
    }
}
