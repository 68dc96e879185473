//! `if`: conditions on definitions and their parts (docs/reference/language.md §4).

use super::keys::Form;
use super::reader::{DefinitionReader, get, kind_of};
use crate::condition;
use crate::diag::Code;
use crate::ir::Condition;
use crate::subject::Subject;
use crate::syntax::{ArrayValue, ObjectValue, SpannedCondition, Text, Value};

const FORM: Form = Form {
    required: &[],
    optional: &["all", "any", "not"],
};

/// Describes the strings that are conditions.
const IDENTIFIER: &str = "a condition is an upper-case letter followed by upper-case letters, digits and `_`; \
                          combine several with `all`, `any` and `not`";

impl<'t> DefinitionReader<'_, 't> {
    /// Returns the condition of an element; none if it has none, or an invalid one.
    pub(super) fn condition_of(
        &mut self,
        object: &'t ObjectValue,
        subject: Subject<'_>,
    ) -> Option<SpannedCondition> {
        let value = get(object, "if")?;
        let condition = match value {
            Value::Array(list) if self.tolerant() => self.old_list(list, subject),
            value => self.condition(value, subject),
        };
        Some(SpannedCondition {
            condition: condition?,
            span: value.span(),
        })
    }

    fn condition(&mut self, value: &'t Value, subject: Subject<'_>) -> Option<Condition> {
        match value {
            Value::String(text) => self.symbol(text, subject),
            Value::Object(object) => self.operator(object, subject),
            other => {
                let message = format!(
                    "the `if` condition of {subject} must be a string or an object, found {}",
                    kind_of(other)
                );
                let error = self.context.error(Code::COND_TYPE, other.span(), message);
                let error = match instead_of(other) {
                    Some(instead) => {
                        let help = format!("write `{instead}`");
                        error.suggest_maybe(other.span(), instead, help)
                    }
                    None => error,
                };
                self.out.report(error);
                None
            }
        }
    }

    fn symbol(&mut self, text: &'t Text, subject: Subject<'_>) -> Option<Condition> {
        if condition::is_identifier(&text.value) {
            return Some(Condition::Defined(text.value.as_str().to_owned()));
        }
        let message = format!(
            "the `if` condition `{}` of {subject} is not an identifier in upper case",
            text.value
        );
        let problem = if self.tolerant() {
            match condition::parse_expression(&text.value) {
                Ok(condition) => {
                    let warning = self
                        .context
                        .warning(Code::OLD_CONDITION, text.span, message);
                    self.out.report(warning.help(IDENTIFIER));
                    return Some(condition);
                }
                Err(problem) => Some(problem),
            }
        } else {
            None
        };
        let error = self.context.error(Code::COND_IDENT, text.span, message);
        let mut error = error.help(IDENTIFIER);
        if let Some(problem) = problem {
            error = error.note(format!("nor is it a C expression over macros: {problem}"));
        }
        self.out.report(error);
        None
    }

    fn operator(&mut self, object: &'t ObjectValue, subject: Subject<'_>) -> Option<Condition> {
        let phrase = format!("the `if` condition of {subject}");
        let known = |key: &str| FORM.optional.contains(&key);
        if object
            .members
            .iter()
            .any(|member| !known(&member.key.value))
        {
            self.condition_keys(object, &phrase);
            return None;
        }
        let [member] = &object.members[..] else {
            let message = format!(
                "{phrase} must have exactly one of the keys `all`, `any` and `not`, found {}",
                object.members.len()
            );
            self.error(Code::COND_ONE_KEY, object.span, message);
            return None;
        };
        match (member.key.value.as_str(), &member.value) {
            ("not", operand) => Some(Condition::Not(Box::new(self.condition(operand, subject)?))),
            (key, Value::Array(list)) => {
                if list.elements.is_empty() {
                    self.error(
                        Code::COND_EMPTY,
                        list.span,
                        format!("`{key}` in {phrase} needs at least one condition"),
                    );
                    return None;
                }
                let operands = self.operands(list, subject)?;
                Some(match key {
                    "all" => Condition::All(operands),
                    _ => Condition::Any(operands),
                })
            }
            (key, other) => {
                let message = format!(
                    "`{key}` in {phrase} must be an array of conditions, found {}",
                    kind_of(other)
                );
                self.error(Code::COND_LIST, other.span(), message);
                None
            }
        }
    }

    fn condition_keys(&mut self, object: &'t ObjectValue, phrase: &str) {
        // Never an old form: condition objects have always had these keys.
        let age = std::mem::replace(&mut self.age, super::schema_age::SchemaAge::Modern);
        self.keys(object, FORM, Subject::plain(phrase), object.span);
        self.age = age;
    }

    /// Returns all operands, each of them judged; none if one is invalid.
    fn operands(&mut self, list: &'t ArrayValue, subject: Subject<'_>) -> Option<Vec<Condition>> {
        let operands = list
            .elements
            .iter()
            .map(|operand| self.condition(operand, subject))
            .collect::<Vec<_>>();
        operands.into_iter().collect()
    }

    /// Returns a list of conditions, all of which must hold (QEMU 3.0 to 6.1).
    fn old_list(&mut self, list: &'t ArrayValue, subject: Subject<'_>) -> Option<Condition> {
        if list.elements.is_empty() {
            self.error(
                Code::COND_EMPTY,
                list.span,
                format!("the `if` condition of {subject} needs at least one condition"),
            );
            return None;
        }
        self.warn(
            Code::OLD_CONDITION,
            list.span,
            format!("the `if` condition of {subject} is a list; today that is written with `all`"),
        );
        let mut operands = self.operands(list, subject)?;
        Some(if operands.len() == 1 {
            operands.remove(0)
        } else {
            Condition::All(operands)
        })
    }
}

/// Returns the condition of today for a list of symbols, all of which must hold.
fn instead_of(value: &Value) -> Option<String> {
    let Value::Array(list) = value else {
        return None;
    };
    let symbols = list.elements.iter().map(|element| match element {
        Value::String(text) if condition::is_identifier(&text.value) => {
            Some(format!("'{}'", text.value))
        }
        _ => None,
    });
    let symbols = symbols.collect::<Option<Vec<_>>>()?;
    match &symbols[..] {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("{{ 'all': [ {} ] }}", several.join(", "))),
    }
}
