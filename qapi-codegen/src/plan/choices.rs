//! Values of enumerations and alternatives of alternates.

use qapi_parser::ir::{self, TypeId};

use super::bodies::{kinds, reference};
use super::build::{NamedPart, Owner, PlanBuilder};
use super::items::{Choice, ItemHead};
use crate::rust_names;
use crate::selector::Subject;

impl PlanBuilder<'_> {
    pub(super) fn values(&self, owner: &Owner<'_>, enum_: &ir::Enum, open: bool) -> Vec<ItemHead> {
        let mut heads = Vec::new();
        for value in &enum_.values {
            if !self.policy.keeps(value.condition.as_ref()) {
                continue;
            }
            let text = self.text(owner, &value.name);
            let part = NamedPart {
                span: value.span,
                wire: &value.name,
                name: rust_names::camel_case(self.member_name(owner.name, &value.name)),
                text,
                fallback_names_it: text.is_none(),
                condition: value.condition.as_ref(),
                features: &value.features,
            };
            heads.push(self.part(&part, owner, format!("The value `{}`.", value.name)));
        }
        let own = open.then_some("the variant for values that are not in the schema");
        self.check_variants(owner, "value", heads.iter(), own);
        heads
    }

    pub(super) fn choices(
        &self,
        owner: &Owner<'_>,
        id: TypeId,
        alternate: &ir::Alternate,
        open: bool,
    ) -> Vec<Choice> {
        let mut choices = Vec::new();
        for alternative in &alternate.alternatives {
            if !self.policy.keeps(alternative.condition.as_ref()) {
                continue;
            }
            let wire = &alternative.name;
            let part = NamedPart {
                span: Some(alternative.span),
                wire,
                name: rust_names::camel_case(self.member_name(owner.name, wire)),
                text: self.text(owner, wire),
                // It is not on the wire.
                fallback_names_it: true,
                condition: alternative.condition.as_ref(),
                features: &[],
            };
            choices.push(Choice {
                head: self.part(&part, owner, format!("The alternative `{wire}`.")),
                ty: self.with_bytes(
                    Subject::member(owner.name, wire),
                    reference(self.schema, alternative.ty),
                ),
                boxed: self.analysis.components.boxes(id, alternative.ty),
                kinds: kinds(self.schema, alternative.ty),
            });
        }
        let heads = choices.iter().map(|choice| &choice.head);
        let own = open.then_some("the variant for values of other kinds");
        self.check_variants(owner, "alternative", heads, own);
        choices
    }
}
