//! Alternates (docs/reference/language.md §2.4).

use super::keys::Form;
use super::model::{Body, TypeRef, Variant};
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get, kind_of};
use super::unions::BRANCH;
use crate::diag::Code;
use crate::name_rules;
use crate::subject::Subject;
use crate::syntax::{self, ObjectValue, SpannedCondition, Value};

pub(super) const FORM: Form = Form {
    required: &["alternate", "data"],
    optional: &["if", "features"],
};

impl<'t> DefinitionReader<'_, 't> {
    pub(super) fn alternate(&mut self, object: &'t ObjectValue) -> Body<'t> {
        if !self.keys(object, FORM, self.subject(), self.context.name_span) {
            self.complete = false;
        }
        let alternatives =
            get(object, "data").map_or_else(Vec::new, |data| self.alternatives(data));
        Body::Alternate { alternatives }
    }

    /// Returns the alternatives that `data` lists.
    pub(super) fn alternatives(&mut self, data: &'t Value) -> Vec<Variant<'t>> {
        let empty = match data {
            Value::Object(object) => object.members.is_empty(),
            Value::Array(array) => array.elements.is_empty(),
            Value::String(text) => text.value.is_empty(),
            Value::Bool(truth, _) => !truth,
            Value::Null(_) => true,
        };
        if empty {
            self.error(
                Code::ALT_EMPTY,
                data.span(),
                format!(
                    "alternate `{}` needs at least one alternative in `data`",
                    self.context.name
                ),
            );
            self.complete = false;
            return Vec::new();
        }
        let Value::Object(object) = data else {
            let message = format!(
                "`data` of an alternate must be an object, found {}",
                kind_of(data)
            );
            self.error(Code::DATA_OBJECT, data.span(), message);
            self.complete = false;
            return Vec::new();
        };
        object
            .members
            .iter()
            .filter(|member| !matches!(member.value, Value::Null(_)))
            .map(|member| self.alternative(member))
            .collect()
    }

    fn alternative(&mut self, member: &'t syntax::KeyValue) -> Variant<'t> {
        let key = &member.key;
        self.judge(
            &key.value,
            key.span,
            "alternative",
            Relaxed::Never,
            name_rules::plain,
        );
        let subject = Subject::named("alternative", &key.value);
        let (ty, condition) = self.any_type(member, subject);
        Variant {
            name: key.value.as_str().to_owned(),
            span: key.span,
            ty,
            condition,
        }
    }

    /// Returns the type of an alternative, or of a branch of an old simple union, in short or long form.
    pub(super) fn any_type(
        &mut self,
        member: &'t syntax::KeyValue,
        subject: Subject<'_>,
    ) -> (Option<TypeRef<'t>>, Option<SpannedCondition>) {
        let Value::Object(object) = &member.value else {
            return (self.type_or_array(&member.value, subject), None);
        };
        self.keys(object, BRANCH, subject, member.key.span);
        let condition = self.condition_of(object, subject);
        let ty = get(object, "type").and_then(|ty| self.type_or_array(ty, subject));
        (ty, condition)
    }
}
