//! The keys that an object may and must have (docs/reference/language.md §2.3).

use super::reader::{DefinitionReader, get};
use crate::diag::Code;
use crate::source::Span;
use crate::subject::Subject;
use crate::suggest;
use crate::syntax::{KeyValue, ObjectValue, Value};

/// The keys of one form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

impl Form {
    fn knows(&self, key: &str) -> bool {
        self.required.contains(&key) || self.optional.contains(&key)
    }

    fn sorted(&self) -> Vec<&'static str> {
        let mut all = [self.required, self.optional].concat();
        all.sort_unstable();
        all
    }
}

impl<'t> DefinitionReader<'_, 't> {
    /// Reports missing keys, or else unknown ones; `subject` names the element, and `at` is
    /// where a missing key is reported. Returns true if nothing is missing.
    pub(super) fn keys(
        &mut self,
        object: &'t ObjectValue,
        form: Form,
        subject: Subject<'_>,
        at: Span,
    ) -> bool {
        let missing = form.required.iter().any(|key| get(object, key).is_none());
        if missing {
            self.missing_keys(object, form, subject, at);
            return false;
        }
        if unknown(object, form).next().is_some() {
            self.unknown_keys(object, form, subject);
        }
        true
    }

    fn missing_keys(
        &mut self,
        object: &'t ObjectValue,
        form: Form,
        subject: Subject<'_>,
        at: Span,
    ) {
        let mut missing = form
            .required
            .iter()
            .copied()
            .filter(|key| get(object, key).is_none())
            .collect::<Vec<_>>();
        missing.sort_unstable();
        let plural = if missing.len() == 1 { "key" } else { "keys" };
        let message = format!(
            "{subject} lacks the required {plural} {}",
            suggest::list(missing.iter().copied(), "and")
        );
        let mut error = self.context.error(Code::KEY_MISSING, at, message);
        // A misspelt key is missing and unknown: one mistake, one report.
        for member in unknown(object, form) {
            match suggest::closest(&member.key.value, missing.iter().copied()) {
                Some(key) => {
                    error = error
                        .help(format!(
                            "did you mean `{key}` instead of `{}`?",
                            member.key.value
                        ))
                        .suggest_maybe(
                            member.key.span,
                            format!("'{key}'"),
                            format!("write `{key}`"),
                        );
                }
                None => error = error.label(member.key.span, "unknown key"),
            }
        }
        self.out.report(error);
    }

    fn unknown_keys(&mut self, object: &'t ObjectValue, form: Form, subject: Subject<'_>) {
        let tolerated = self.tolerant() && self.age.unchecked();
        let valid = format!("valid keys are {}", suggest::list(form.sorted(), "and"));
        if tolerated {
            for member in unknown(object, form) {
                let message = format!(
                    "{subject} has the unknown key `{}`, which is ignored",
                    member.key.value
                );
                let warning = self
                    .context
                    .warning(Code::OLD_UNKNOWN_KEY, member.key.span, message)
                    .help(&*valid);
                self.out.report(warning);
            }
            return;
        }
        let mut names = unknown(object, form)
            .map(|member| member.key.value.as_str())
            .collect::<Vec<_>>();
        names.sort_unstable();
        let plural = if names.len() == 1 { "key" } else { "keys" };
        let message = format!(
            "{subject} has the unknown {plural} {}",
            suggest::list(names.iter().copied(), "and")
        );
        let mut places = unknown(object, form);
        let Some(first) = places.next() else { return };
        let mut error = self
            .context
            .error(Code::KEY_UNKNOWN, first.key.span, message);
        for other in places {
            error = error.label(other.key.span, "also unknown");
        }
        for member in unknown(object, form) {
            match meant(member, object, form) {
                Some("features") => self.features_complete = false,
                Some("data" | "base") => self.complete = false,
                _ => {}
            }
        }
        if let Some(key) = meant(first, object, form) {
            error = error.help(format!("did you mean `{key}`?")).suggest_maybe(
                first.key.span,
                format!("'{key}'"),
                format!("write `{key}`"),
            );
        }
        self.out.report(error.note(valid));
    }
}

/// Returns the key that an unknown one seems to be.
fn meant(unknown: &KeyValue, object: &ObjectValue, form: Form) -> Option<&'static str> {
    let free = form.sorted().into_iter();
    let mut free = free.filter(|key| get(object, key).is_none());
    // Conditions as other languages have them.
    match unknown.key.value.as_str() {
        "and" | "&&" => free.find(|key| *key == "all"),
        "or" | "||" => free.find(|key| *key == "any"),
        other => suggest::closest(other, free),
    }
}

fn unknown(object: &ObjectValue, form: Form) -> impl Iterator<Item = &KeyValue> {
    object.members.iter().filter(move |member| {
        !form.knows(&member.key.value) && !matches!(member.value, Value::Null(_))
    })
}
