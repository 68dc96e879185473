//! Structs and unions.

use std::collections::{HashMap, HashSet};

use qapi_parser::ir::{self, Condition, TypeDef, TypeId, TypeKind};

use super::bodies::{payload, reference};
use super::build::{NamedPart, Owner, PlanBuilder, meta};
use super::items::{Branch, Field, Payload, Ty, Union};
use super::sizes;
use crate::rust_names;
use crate::rustdoc::MemberDocs;
use crate::selector::Subject;

impl PlanBuilder<'_> {
    /// Returns the members of an object with those of its bases.
    pub(super) fn fields(&self, id: TypeId, owner: &Owner<'_>) -> Vec<Field> {
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

    fn field(&self, id: TypeId, member: &ir::Member, owner: &Owner<'_>) -> Field {
        let wire = &member.name;
        let text = self.text(owner, wire);
        let subject = Subject::member(owner.name, wire);
        let optional = member.optional
            || self.policy.makes_optional(member.condition.as_ref())
            || self.may_be_left_out(id, subject);
        let part = NamedPart {
            span: Some(member.span),
            wire,
            name: rust_names::snake_case(self.member_name(owner.name, wire)),
            text,
            fallback_names_it: text.is_none(),
            condition: member.condition.as_ref(),
            features: &member.features,
        };
        Field {
            head: self.part(&part, owner, format!("The member `{wire}`.")),
            ty: self.with_bytes(subject, reference(self.schema, member.ty)),
            boxed: self.analysis.components.boxes(id, member.ty),
            optional,
        }
    }

    pub(super) fn union_(
        &self,
        owner: &Owner<'_>,
        id: TypeId,
        union_: &ir::Union,
        name: &str,
    ) -> Union {
        let mut fields = self.fields(id, owner);
        let at = fields
            .iter()
            .position(|field| field.head.wire == union_.discriminator);
        let tag = match at {
            Some(at) => fields.remove(at).head,
            // Simple unions need not declare their tag.
            None => self.part(
                &NamedPart {
                    span: None,
                    wire: &union_.discriminator,
                    name: rust_names::snake_case(
                        self.member_name(owner.name, &union_.discriminator),
                    ),
                    text: None,
                    fallback_names_it: true,
                    condition: None,
                    features: &[],
                },
                owner,
                format!("The member `{}`.", union_.discriminator),
            ),
        };
        let open = self.analysis.open[id.index()];
        let tag_is_open = self.analysis.open[union_.tag.index()];
        self.check_tag(owner, union_.tag);
        let mut branches = self.branches(owner, id, union_, open);
        distinguish_constructors(&mut branches, &fields);
        self.check_fields(owner, &fields, Some(&tag));
        let payloads = union_
            .branches
            .iter()
            .map(|branch| payload(self.schema, branch.ty));
        let held: Vec<_> = payloads
            .filter(|(it, _)| *it != Payload::Empty)
            .map(|it| it.1)
            .collect();
        Union {
            tag_at: at.unwrap_or(0),
            fields,
            tag,
            tag_type: union_.tag,
            tag_is_open,
            branch_name: format!("{name}Branch"),
            large: self.is_large(id, &held),
            branches,
            open,
        }
    }

    /// Returns true if a variant that holds one of these by value is large.
    pub(super) fn is_large(&self, owner: TypeId, held: &[TypeId]) -> bool {
        held.iter().any(|id| {
            self.analysis.sizes[id.index()] >= sizes::LARGE
                && !self.analysis.components.boxes(owner, *id)
        })
    }

    fn branches(
        &self,
        owner: &Owner<'_>,
        id: TypeId,
        union_: &ir::Union,
        open: bool,
    ) -> Vec<Branch> {
        let tag = self.schema.ty(union_.tag);
        let tag_docs = MemberDocs::new(tag.doc.map(|id| self.schema.doc(id)));
        let values = tag_values(tag);
        let mut branches = Vec::new();
        for branch in &union_.branches {
            // Old schemas can have branches that no value selects.
            let Some(value) = values.get(branch.name.as_str()) else {
                continue;
            };
            let conditions = [branch.condition.as_ref(), value.condition.as_ref()];
            if !conditions
                .iter()
                .all(|condition| self.policy.keeps(*condition))
            {
                continue;
            }
            let condition = both(conditions);
            let wire = &branch.name;
            let (mut payload, held) = payload(self.schema, branch.ty);
            if let Payload::Member { wire: member, ty } = &mut payload {
                let mut held = std::mem::replace(ty, Ty::Empty);
                let wrapper = self.schema.ty(branch.ty);
                if !wrapper.implicit {
                    held = self.with_bytes(Subject::member(&wrapper.name, member), held);
                }
                *ty = self.with_bytes(Subject::member(owner.name, wire), held);
            }
            let text = owner.docs.get(wire).or_else(|| tag_docs.get(wire));
            let is_undocumented = self.is_undocumented(Subject::member(owner.name, wire));
            let text = text.filter(|_| !is_undocumented);
            let part = NamedPart {
                span: branch.span.or(value.span),
                wire,
                name: rust_names::camel_case(self.member_name(owner.name, wire)),
                text,
                fallback_names_it: text.is_none(),
                condition: condition.as_ref(),
                features: &[],
            };
            branches.push(Branch {
                head: self.part(&part, owner, format!("The branch `{wire}`.")),
                payload,
                boxed: self.analysis.components.boxes(id, held),
                constructor: Some(rust_names::snake_case(self.member_name(owner.name, wire))),
            });
        }
        let heads = branches.iter().map(|branch| &branch.head);
        let own = open.then_some("the variant for branches that are not in the schema");
        self.check_variants(owner, "branch", heads, own);
        branches
    }
}

/// Settles the names of the functions that make a union of a branch alone, which cannot be where there are more mandatory members.
/// A name that is taken gets a trailing underscore.
fn distinguish_constructors(branches: &mut [Branch], fields: &[Field]) {
    let can_be_alone = fields.iter().all(|field| field.optional);
    let setters = fields
        .iter()
        .map(|field| rust_names::setter(&field.head.name));
    let own = OWN_FUNCTIONS.map(str::to_owned);
    let mut taken: HashSet<_> = setters.chain(own).collect();
    for branch in branches {
        branch.constructor = branch.constructor.take().filter(|_| can_be_alone);
        if let Some(name) = &mut branch.constructor {
            while !taken.insert(name.clone()) {
                name.push('_');
            }
        }
    }
}

/// Functions of a union and of its traits, whose names constructors of branches cannot have.
const OWN_FUNCTIONS: [&str; 12] = [
    "clone",
    "decode",
    "decode_members",
    "default",
    "deserialize",
    "encode",
    "encode_members",
    "eq",
    "fmt",
    "from",
    "new",
    "serialize",
];

fn tag_values(tag: &TypeDef) -> HashMap<&str, &ir::EnumValue> {
    match &tag.kind {
        TypeKind::Enum(enum_) => enum_
            .values
            .iter()
            .map(|value| (value.name.as_str(), value))
            .collect(),
        _ => HashMap::new(),
    }
}

/// Returns the condition under which two conditions hold.
fn both(conditions: [Option<&Condition>; 2]) -> Option<Condition> {
    match conditions {
        [Some(one), Some(other)] if one != other => {
            Some(Condition::All(vec![one.clone(), other.clone()]))
        }
        [one, other] => one.or(other).cloned(),
    }
}
