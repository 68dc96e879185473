//! Builds the plan from the schema.

use std::cell::RefCell;

use qapi_parser::diag::{Diagnostic, EntityRef, Meta};
use qapi_parser::ir::{Condition, DocId, Entity, Feature, Schema, TypeDef, TypeId, TypeKind};
use qapi_parser::source::Span;

use super::boxing::Components;
use super::conditions::Policy;
use super::direction::directions;
use super::items::{
    Alternate, Arguments, Body, Derives, Direction, Enum, Field, ItemHead, Plan, Type,
};
use super::rust_name_clash::NameClaim;
use super::{sizes, types};
use crate::config::{Conditions, Config};
use crate::introspect::{self, TypeNames};
use crate::parallel;
use crate::revisions::Availability;
use crate::rustdoc::{self, Facts, MemberDocs};
use crate::selector::{Subject, Used};

/// Decides what to print for a schema.
/// `availability` describes the revisions that a merged schema was made from.
pub(crate) fn build(
    schema: &Schema,
    availability: Option<&Availability>,
    config: &Config,
) -> Result<Plan, Vec<Diagnostic>> {
    let used = Used::default();
    let analysis = Analysis::new(schema, availability, config, &used);
    let mut builder = PlanBuilder::new(schema, config, &analysis);
    builder.used = used;
    let plan = builder.plan();
    builder.check_top_level(&plan);
    builder.check_settings(&plan);
    let diagnostics = builder.diagnostics.into_inner();
    if diagnostics.is_empty() {
        Ok(plan)
    } else {
        Err(diagnostics)
    }
}

/// Facts of all types, known before any is planned; vectors are by [`TypeId`].
pub(super) struct Analysis<'c> {
    pub(super) directions: Vec<Direction>,
    pub(super) components: Components,
    pub(super) sizes: Vec<u64>,
    /// It can hold values that are not in the schema.
    pub(super) open: Vec<bool>,
    /// The user's own type that stands for it.
    pub(super) externs: Vec<Option<&'c str>>,
    /// The revisions of each part, if there are several.
    pub(super) availability: Option<&'c Availability>,
}

impl<'c> Analysis<'c> {
    fn new(
        schema: &Schema,
        availability: Option<&'c Availability>,
        config: &'c Config,
        used: &Used<'c>,
    ) -> Self {
        let policy = Policy(config);
        let directions = directions(schema, &policy);
        let externs: Vec<_> = schema
            .types
            .iter()
            .map(|ty| types::extern_path(config, ty, used))
            .collect();
        let open: Vec<_> = schema
            .types
            .iter()
            .zip(&directions)
            .map(|(ty, direction)| {
                // No server uses a schema of several revisions to check arguments. Types that clients receive are open,
                // even if they also occur in arguments.
                let is_received = !direction.input || (direction.output && config.client);
                let open = is_received || availability.is_some();
                types::openness(config, ty, used).unwrap_or(open)
            })
            .collect();
        let components = Components::new(schema, &policy, &externs);
        Self {
            sizes: sizes::sizes(schema, &policy, &components, &externs),
            directions,
            components,
            open,
            externs,
            availability,
        }
    }
}

pub(super) struct PlanBuilder<'s> {
    pub(super) schema: &'s Schema,
    pub(super) config: &'s Config,
    pub(super) policy: Policy<'s>,
    pub(super) analysis: &'s Analysis<'s>,
    /// Selectors that selected something.
    pub(super) used: Used<'s>,
    pub(super) diagnostics: RefCell<Vec<Diagnostic>>,
}

/// The number of definitions that are planned in one go.
const BATCH: usize = 32;

/// The properties that a definition passes on to its members.
pub(super) struct Owner<'d> {
    /// The name in selectors and messages.
    pub(super) name: &'d str,
    pub(super) entity: Option<EntityRef>,
    pub(super) span: Option<Span>,
    pub(super) docs: MemberDocs<'d>,
    /// The description of the feature `deprecated`.
    pub(super) deprecation: Option<&'d str>,
}

impl<'s> PlanBuilder<'s> {
    fn new(schema: &'s Schema, config: &'s Config, analysis: &'s Analysis<'s>) -> Self {
        Self {
            schema,
            config,
            policy: Policy(config),
            analysis,
            used: Used::default(),
            diagnostics: RefCell::default(),
        }
    }

    /// Plans some definitions on several processors. Each part has its own builder, and their results are collected in
    /// order.
    fn each<T: Sync, P: Send>(&self, items: &[T], plan: impl Fn(&Self, &T) -> P + Sync) -> Vec<P> {
        let (schema, config, analysis) = (self.schema, self.config, self.analysis);
        let parts = parallel::map(items.len(), BATCH, &|range| {
            let builder = PlanBuilder::new(schema, config, analysis);
            let planned: Vec<_> = items[range]
                .iter()
                .map(|item| plan(&builder, item))
                .collect();
            (
                planned,
                builder.used.into_inner(),
                builder.diagnostics.into_inner(),
            )
        });
        let mut all = Vec::with_capacity(items.len());
        for (planned, used, diagnostics) in parts {
            all.extend(planned);
            self.used.borrow_mut().extend(used);
            self.diagnostics.borrow_mut().extend(diagnostics);
        }
        all
    }

    fn plan(&self) -> Plan {
        let printed = self.printed();
        let type_names = self.type_names(&printed);
        let mut items = Vec::new();
        let mut positions = vec![None; self.schema.types.len()];
        for (id, ty) in (0u32..).map(TypeId).zip(&self.schema.types) {
            if printed[id.index()] {
                positions[id.index()] = Some(items.len());
                items.push((id, ty));
            }
        }
        let types = self.each(&items, |builder, (id, ty)| builder.ty(*id, ty, &type_names));
        let (commands, command_positions) = self.kept(&self.schema.commands, |it| &it.condition);
        let commands = self.each(&commands, |builder, it| builder.command(it));
        let (events, event_positions) = self.kept(&self.schema.events, |it| &it.condition);
        let events = self.each(&events, |builder, it| builder.event(it));
        let deprecated = types.iter().any(type_is_deprecated)
            || commands
                .iter()
                .any(|it| is_deprecated(&it.head, &it.arguments))
            || events
                .iter()
                .any(|it| is_deprecated(&it.head, &it.arguments));
        Plan {
            file: self.file(),
            introduction: self.introduction(),
            modules: self.modules(&items),
            types,
            commands,
            events,
            type_names,
            positions,
            command_positions,
            event_positions,
            deferred_replies: self.config.deferred_replies,
            deprecated,
            conditional: self.config.conditions == Conditions::Cfg
                && !self.schema.symbols().is_empty(),
            large_events: self.has_large_events(),
            revisions: self
                .analysis
                .availability
                .map(|it| it.names.clone())
                .unwrap_or_default(),
            introspection: self.config.introspection.then(|| self.introspection()),
        }
    }

    /// Returns the commands or events that are printed, and the position of each among them.
    fn kept<'i, T>(
        &self,
        items: &'i [T],
        condition: impl Fn(&T) -> &Option<Condition>,
    ) -> (Vec<&'i T>, Vec<Option<usize>>) {
        let mut kept = Vec::new();
        let positions = items.iter().map(|item| {
            let is_kept = self.policy.keeps(condition(item).as_ref());
            is_kept.then(|| {
                kept.push(item);
                kept.len() - 1
            })
        });
        let positions = positions.collect();
        (kept, positions)
    }

    fn introspection(&self) -> String {
        let defined = |symbol: &str| self.config.defined.contains(symbol);
        let holds = |condition: &Condition| match self.config.conditions {
            Conditions::Resolve => condition.holds(&defined),
            Conditions::Optional | Conditions::Cfg => true,
        };
        introspect::describe(self.schema, TypeNames::Masked, &holds).to_json()
    }

    fn has_large_events(&self) -> bool {
        let data = self
            .schema
            .events
            .iter()
            .filter_map(|event| event.arguments);
        data.into_iter()
            .any(|id| self.analysis.sizes[id.index()] >= sizes::LARGE)
    }

    /// Returns the schema's file name without folders.
    fn file(&self) -> String {
        let root = self
            .schema
            .modules
            .iter()
            .find(|module| module.file.is_some());
        let name = root.map_or("schema", |module| module.name.as_str());
        name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned()
    }

    fn introduction(&self) -> String {
        if self.config.undocumented.has_everything(&self.used) {
            return String::new();
        }
        let texts = self.schema.docs.iter().filter(|doc| doc.symbol.is_none());
        let texts: Vec<_> = texts
            .map(|doc| rustdoc::markdown(&doc.body.text))
            .filter(|text| !text.is_empty())
            .collect();
        texts.join("\n\n")
    }

    fn ty(&self, id: TypeId, ty: &TypeDef, type_names: &[String]) -> Type {
        let name = type_names[id.index()].clone();
        let direction = self.analysis.directions[id.index()];
        let owner = self.owner(&ty.name, meta(ty), ty.doc);
        let (body, derives, word) = match &ty.kind {
            TypeKind::Enum(enum_) => {
                let open = self.analysis.open[id.index()];
                let values = self.values(&owner, enum_, open);
                let derives = Derives {
                    debug: true,
                    copy: !open,
                    eq: true,
                    default: false,
                };
                (Body::Enum(Enum { values, open }), derives, "enumeration")
            }
            TypeKind::Alternate(alternate) => {
                let held: Vec<_> = alternate.alternatives.iter().map(|it| it.ty).collect();
                let large = self.is_large(id, &held);
                let open = self.analysis.open[id.index()];
                let alternate = Alternate {
                    choices: self.choices(&owner, id, alternate, open),
                    open,
                    large,
                };
                (Body::Alternate(alternate), Derives::CHOICE, "alternate")
            }
            TypeKind::Object(object) => {
                if let Some(union_) = &object.union_ {
                    let union_ = Box::new(self.union_(&owner, id, union_, &name));
                    (Body::Union(union_), Derives::default(), "union")
                } else {
                    let fields = self.fields(id, &owner);
                    let derives = struct_derives(&fields);
                    self.check_fields(&owner, &fields, None);
                    (Body::Struct(fields), derives, "struct")
                }
            }
            TypeKind::Builtin(_) | TypeKind::Array(_) => {
                unreachable!("only types that have an item are printed")
            }
        };
        let remark = self.policy.remark_on_type(ty.condition.as_ref());
        let head = ItemHead {
            doc: self.definition_doc(ty.doc, word, &ty.name, &name, remark),
            span: ty.span,
            wire: ty.name.clone(),
            name,
            cfg: None,
            features: self.features(&ty.features),
            deprecated: None,
            derives,
            extras: self.extras(Subject::definition(&ty.name)),
        };
        Type {
            head,
            direction,
            exhaustive: self.is_exhaustive(&ty.name),
            body,
        }
    }

    pub(super) fn owner<'d>(
        &'d self,
        name: &'d str,
        meta: Option<Meta>,
        doc: Option<DocId>,
    ) -> Owner<'d> {
        let doc = doc.map(|id| self.schema.doc(id));
        let deprecation = doc
            .into_iter()
            .flat_map(|doc| &doc.features)
            .find(|feature| feature.name == "deprecated")
            .map(|feature| feature.text.as_str());
        Owner {
            name,
            entity: meta.map(|meta| EntityRef::new(meta, name)),
            span: self.definition_span(name),
            docs: MemberDocs::new(doc),
            deprecation,
        }
    }

    pub(super) fn definition_doc(
        &self,
        doc: Option<DocId>,
        word: &str,
        wire: &str,
        name: &str,
        remark: Option<String>,
    ) -> String {
        let facts = Facts {
            fallback: format!("The {word} `{wire}`."),
            wire: (wire != name).then_some(wire),
            condition: remark,
            revisions: self.analysis.availability.and_then(|it| it.remark(wire)),
        };
        let is_undocumented = self.is_undocumented(Subject::definition(wire));
        let doc = doc.filter(|_| !is_undocumented);
        rustdoc::definition(doc.map(|id| self.schema.doc(id)), &facts)
    }

    /// Returns the revisions in which a definition exists, if there are several.
    pub(super) fn revisions(&self, wire: &str) -> Vec<String> {
        let availability = self.analysis.availability;
        availability.map(|it| it.of(wire)).unwrap_or_default()
    }

    pub(super) fn features(&self, features: &[Feature]) -> Vec<String> {
        let kept = features
            .iter()
            .filter(|it| self.policy.keeps(it.condition.as_ref()));
        kept.map(|feature| feature.name.clone()).collect()
    }

    /// Returns the head of a part of a definition; `fallback` is its text if it is not described.
    pub(super) fn part(
        &self,
        part: &NamedPart<'_>,
        owner: &Owner<'_>,
        fallback: String,
    ) -> ItemHead {
        let features = self.features(part.features);
        let facts = Facts {
            fallback,
            wire: (part.wire != part.name && !part.fallback_names_it).then_some(part.wire),
            condition: self.policy.remark(part.condition),
            revisions: self
                .analysis
                .availability
                .and_then(|it| it.remark_on_part(owner.name, part.wire)),
        };
        ItemHead {
            span: part.span,
            wire: part.wire.to_owned(),
            name: part.name.clone(),
            doc: rustdoc::member(part.text, &facts),
            cfg: self.policy.cfg(part.condition),
            deprecated: deprecation(&features, owner.deprecation),
            features,
            derives: Derives::default(),
            extras: self.extras(Subject::member(owner.name, part.wire)),
        }
    }

    pub(super) fn is_union(&self, id: TypeId) -> bool {
        matches!(&self.schema.ty(id).kind, TypeKind::Object(object) if object.union_.is_some())
    }

    /// Returns the name to make a Rust name from: the schema's, or the one that the settings put in its place.
    pub(super) fn source_name<'n>(&'n self, selector: &str, name: &'n str) -> &'n str {
        match self.config.renames.get_key_value(selector) {
            Some((selector, name)) => {
                self.used.borrow_mut().insert(("rename", selector));
                name
            }
            None => name,
        }
    }

    pub(super) fn member_name<'n>(&'n self, owner: &str, name: &'n str) -> &'n str {
        if self.config.renames.is_empty() {
            return name;
        }
        self.source_name(&format!("{owner}.{name}"), name)
    }

    pub(super) fn definition_span(&self, name: &str) -> Option<Span> {
        match self.schema.lookup(name)? {
            Entity::Type(id) => self.schema.ty(id).span,
            Entity::Command(id) => Some(self.schema.command(id).span),
            Entity::Event(id) => Some(self.schema.event(id).span),
            Entity::Include(_) => None,
        }
    }
}

impl Owner<'_> {
    /// Returns the claim of a part to its name.
    pub(super) fn claim<'c>(&'c self, word: &'static str, head: &'c ItemHead) -> NameClaim<'c> {
        NameClaim::Schema {
            word,
            wire: &head.wire,
            span: head.span,
            owner: Some(self.name),
            definition: self.span,
            entity: self.entity.as_ref(),
        }
    }
}

/// A value, member, branch or alternative.
pub(super) struct NamedPart<'p> {
    pub(super) span: Option<Span>,
    pub(super) wire: &'p str,
    pub(super) name: String,
    pub(super) text: Option<&'p str>,
    /// The fallback text is used and contains the name, or the name does not matter.
    pub(super) fallback_names_it: bool,
    pub(super) condition: Option<&'p Condition>,
    pub(super) features: &'p [Feature],
}

pub(super) fn deprecation(features: &[String], description: Option<&str>) -> Option<String> {
    let is_deprecated = features.iter().any(|feature| feature == "deprecated");
    is_deprecated.then(|| match description.map(rustdoc::plain) {
        Some(text) if !text.is_empty() => text,
        _ => "deprecated by the schema".to_owned(),
    })
}

pub(super) fn struct_derives(fields: &[Field]) -> Derives {
    Derives {
        default: fields.iter().all(|field| field.optional),
        ..Derives::default()
    }
}

/// Returns the meta-type of a definition; none for entities that the compiler made.
pub(super) fn meta(ty: &TypeDef) -> Option<Meta> {
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

fn type_is_deprecated(ty: &Type) -> bool {
    match &ty.body {
        Body::Enum(enum_) => enum_.values.iter().any(|value| value.deprecated.is_some()),
        Body::Struct(fields) => fields.iter().any(|field| field.head.deprecated.is_some()),
        Body::Union(union_) => {
            union_.tag.deprecated.is_some()
                || union_
                    .fields
                    .iter()
                    .any(|field| field.head.deprecated.is_some())
                || union_
                    .branches
                    .iter()
                    .any(|branch| branch.head.deprecated.is_some())
        }
        Body::Alternate(alternate) => alternate
            .choices
            .iter()
            .any(|choice| choice.head.deprecated.is_some()),
    }
}

fn is_deprecated(head: &ItemHead, arguments: &Arguments) -> bool {
    let mut fields = match arguments {
        Arguments::Fields { fields, .. } => fields.iter(),
        Arguments::None | Arguments::Whole(_) | Arguments::Own(_) => [].iter(),
    };
    head.deprecated.is_some() || fields.any(|field| field.head.deprecated.is_some())
}
