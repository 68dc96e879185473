//! Enumerations (docs/reference/language.md §6.4).

use super::c_name_clash;
use super::checker::Checker;
use crate::declare::{Declaration, Id};
use crate::definition::Context;
use crate::diag::Code;
use crate::ir::EnumValue;
use crate::name_rules;

impl<'t> Checker<'_, 't> {
    pub(super) fn enum_(
        &mut self,
        id: Id,
        entity: &Declaration<'t>,
        context: &Context<'_>,
        values: &[EnumValue],
    ) {
        self.type_features(context, &entity.features);
        for (index, earlier) in c_name_clash::duplicates(values.iter().map(|value| &*value.name)) {
            let (value, first) = (&values[index], &values[earlier]);
            if self.is_misnamed(name_rules::value, [&value.name, &first.name]) {
                continue;
            }
            let span = value.span.unwrap_or(context.name_span);
            let first_span = first.span.unwrap_or(context.name_span);
            let message = format!("value `{}` clashes with value `{}`", value.name, first.name);
            let diagnostic = if self.age().unchecked() && self.tolerant() {
                self.facts[id].dropped.push(index);
                context.warning(
                    Code::OLD_MEMBER_CLASH,
                    span,
                    format!("{message}; the first is kept"),
                )
            } else {
                context.error(Code::CLASH, span, message)
            };
            self.out
                .report(diagnostic.label(first_span, "the first one"));
        }
    }
}
