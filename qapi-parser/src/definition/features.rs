//! `features` of definitions, members and values (docs/reference/language.md §5).

use super::keys::Form;
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get, kind_of};
use crate::diag::Code;
use crate::ir::Feature;
use crate::name_rules;
use crate::subject::Subject;
use crate::syntax::{ObjectValue, Text, Value};

const FORM: Form = Form {
    required: &["name"],
    optional: &["if"],
};

impl<'t> DefinitionReader<'_, 't> {
    /// Returns the features of an element; invalid ones are left out.
    pub(super) fn features_of(
        &mut self,
        object: &'t ObjectValue,
        subject: Subject<'_>,
    ) -> Vec<Feature> {
        match get(object, "features") {
            None => Vec::new(),
            Some(Value::Array(list)) => {
                let mut features = Vec::with_capacity(list.elements.len());
                for element in &list.elements {
                    features.extend(self.feature(element));
                }
                features
            }
            Some(other) => {
                let message = format!(
                    "`features` of {subject} must be an array, found {}",
                    kind_of(other)
                );
                self.error(Code::FEAT_LIST, other.span(), message);
                self.features_complete = false;
                Vec::new()
            }
        }
    }

    fn feature(&mut self, element: &'t Value) -> Option<Feature> {
        let Value::Object(object) = element else {
            let name = self.feature_name(element)?;
            return Some(Feature {
                name: name.value.as_str().to_owned(),
                condition: None,
                span: name.span,
            });
        };
        if !self.keys(
            object,
            FORM,
            Subject::plain("a member of `features`"),
            object.span,
        ) {
            self.features_complete = false;
            return None;
        }
        let name = get(object, "name").and_then(|name| self.feature_name(name));
        let condition = self.condition_of(object, Subject::plain("a member of `features`"));
        let name = name?;
        Some(Feature {
            name: name.value.as_str().to_owned(),
            condition: condition.map(|spanned| spanned.condition),
            span: name.span,
        })
    }

    fn feature_name(&mut self, value: &'t Value) -> Option<&'t Text> {
        let Value::String(name) = value else {
            let message = format!(
                "the name of a feature must be a string, found {}",
                kind_of(value)
            );
            self.error(Code::NAME_NOT_STRING, value.span(), message);
            self.features_complete = false;
            return None;
        };
        self.judge(
            &name.value,
            name.span,
            "feature",
            Relaxed::Never,
            name_rules::plain,
        );
        Some(name)
    }
}
