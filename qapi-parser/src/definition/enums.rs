//! Enumerations (docs/reference/language.md §2.4).

use super::keys::Form;
use super::model::Body;
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get, kind_of};
use crate::diag::Code;
use crate::ir::EnumValue;
use crate::name_rules;
use crate::subject::Subject;
use crate::syntax::{ObjectValue, Text, Value};

pub(super) const FORM: Form = Form {
    required: &["enum", "data"],
    optional: &["if", "features", "prefix"],
};

const VALUE: Form = Form {
    required: &["name"],
    optional: &["if", "features"],
};

impl<'t> DefinitionReader<'_, 't> {
    pub(super) fn enum_(&mut self, object: &'t ObjectValue) -> Body<'t> {
        self.keys(object, FORM, self.subject(), self.context.name_span);
        let data = get(object, "data");
        if let Some(data) = data
            && !matches!(data, Value::Array(_))
        {
            let message = format!(
                "`data` of an enum must be an array, found {}",
                kind_of(data)
            );
            self.error(Code::ENUM_DATA, data.span(), message);
        }
        let prefix = match get(object, "prefix") {
            None => None,
            Some(Value::String(prefix)) => Some(prefix.value.as_str().to_owned()),
            Some(other) => {
                let message = format!(
                    "`prefix` of an enum must be a string, found {}",
                    kind_of(other)
                );
                self.error(Code::ENUM_PREFIX, other.span(), message);
                None
            }
        };
        let values = if let Some(Value::Array(list)) = data {
            let mut values = Vec::with_capacity(list.elements.len());
            for element in &list.elements {
                values.extend(self.value(element));
            }
            values
        } else {
            self.complete = false;
            Vec::new()
        };
        Body::Enum { prefix, values }
    }

    fn value(&mut self, element: &'t Value) -> Option<EnumValue> {
        let Value::Object(object) = element else {
            let name = self.value_name(element)?;
            return Some(EnumValue {
                name: name.value.as_str().to_owned(),
                condition: None,
                features: Vec::new(),
                span: Some(name.span),
            });
        };
        if !self.keys(
            object,
            VALUE,
            Subject::plain("a value in `data`"),
            object.span,
        ) {
            self.complete = false;
            return None;
        }
        let name = get(object, "name").and_then(|name| self.value_name(name));
        let subject = name.map_or(Subject::plain("a value"), |name| {
            Subject::named("value", &name.value)
        });
        let condition = self.condition_of(object, subject);
        let features = self.features_of(object, subject);
        let name = name?;
        Some(EnumValue {
            name: name.value.as_str().to_owned(),
            condition: condition.map(|spanned| spanned.condition),
            features,
            span: Some(name.span),
        })
    }

    fn value_name(&mut self, value: &'t Value) -> Option<&'t Text> {
        let Value::String(name) = value else {
            let message = format!("an enum's value must be a string, found {}", kind_of(value));
            self.error(Code::NAME_NOT_STRING, value.span(), message);
            self.complete = false;
            return None;
        };
        let relaxed = Relaxed::Members(self.context.name);
        self.judge(&name.value, name.span, "value", relaxed, name_rules::value);
        Some(name)
    }
}
