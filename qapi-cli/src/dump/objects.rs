//! Members, branches and alternatives.

use qapi_parser::ir::{Alternative, Branch, Member, TypeId, Union};
use serde::Serialize;

use super::conditions::{ConditionView, FeatureView, condition, features};
use super::context::{Context, PlaceView};

/// A member of an object.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct MemberView<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// The name of its type.
    #[serde(rename = "type")]
    pub ty: &'a str,
    /// It may be absent.
    pub optional: bool,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its features.
    pub features: Vec<FeatureView<'a>>,
    /// Its place in the source.
    pub source: PlaceView<'a>,
}

/// A member of an object, its own or that of a base.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct FlattenedView<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// The name of its type.
    #[serde(rename = "type")]
    pub ty: &'a str,
    /// It may be absent.
    pub optional: bool,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its features.
    pub features: Vec<FeatureView<'a>>,
    /// The type that declares it.
    pub declared_in: &'a str,
}

/// Discriminator and branches of a union.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct UnionView<'a> {
    /// The member that selects the branch.
    pub tag: &'a str,
    /// The enumeration that is its type.
    pub tag_type: &'a str,
    /// Explicit branches in source order, then the implicit empty ones in value order.
    pub branches: Vec<BranchView<'a>>,
}

/// A branch of a union.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct BranchView<'a> {
    /// The value that selects it.
    pub name: &'a str,
    /// The object type whose members are added.
    #[serde(rename = "type")]
    pub ty: &'a str,
    /// The members that it adds, those of bases first.
    pub flattened: Vec<FlattenedView<'a>>,
    /// Not written in the schema: the value has no branch of its own.
    pub implicit: bool,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its place in the source; null for an implicit branch.
    pub source: Option<PlaceView<'a>>,
}

/// An alternative of an alternate.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct AlternativeView<'a> {
    /// Its name; not on the wire.
    pub name: &'a str,
    /// The name of its type.
    #[serde(rename = "type")]
    pub ty: &'a str,
    /// The JSON type that selects it: `string`, `number`, `int`, `boolean`, `null`, `object` or `array`.
    pub json_type: &'static str,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its place in the source.
    pub source: PlaceView<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn name(&self, id: TypeId) -> &'a str {
        &self.schema.ty(id).name
    }

    pub(super) fn member(&self, member: &'a Member) -> MemberView<'a> {
        MemberView {
            name: &member.name,
            ty: self.name(member.ty),
            optional: member.optional,
            condition: condition(member.condition.as_ref()),
            features: features(&member.features),
            source: self.place(member.span),
        }
    }

    pub(super) fn flattened(&self, id: TypeId) -> Vec<FlattenedView<'a>> {
        self.schema
            .flattened(id)
            .into_iter()
            .map(|(owner, member)| FlattenedView {
                name: &member.name,
                ty: self.name(member.ty),
                optional: member.optional,
                condition: condition(member.condition.as_ref()),
                features: features(&member.features),
                declared_in: self.name(owner),
            })
            .collect()
    }

    pub(super) fn union_(&self, union_: &'a Union) -> UnionView<'a> {
        UnionView {
            tag: &union_.discriminator,
            tag_type: self.name(union_.tag),
            branches: union_
                .branches
                .iter()
                .map(|branch| self.branch(branch))
                .collect(),
        }
    }

    fn branch(&self, branch: &'a Branch) -> BranchView<'a> {
        BranchView {
            name: &branch.name,
            ty: self.name(branch.ty),
            flattened: self.flattened(branch.ty),
            implicit: branch.span.is_none(),
            condition: condition(branch.condition.as_ref()),
            source: branch.span.map(|span| self.place(span)),
        }
    }

    pub(super) fn alternative(&self, alternative: &'a Alternative) -> AlternativeView<'a> {
        AlternativeView {
            name: &alternative.name,
            ty: self.name(alternative.ty),
            json_type: self.schema.ty(alternative.ty).kind.json_type(),
            condition: condition(alternative.condition.as_ref()),
            source: self.place(alternative.span),
        }
    }
}
