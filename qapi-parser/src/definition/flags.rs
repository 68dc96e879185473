//! Flags of commands and events (docs/reference/language.md §2.4).

use super::model::Flags;
use super::reader::{DefinitionReader, get, kind_of};
use crate::diag::Code;
use crate::syntax::{KeyValue, ObjectValue, Value};

/// Flags that are true by default.
const ON: [&str; 2] = ["gen", "success-response"];
/// Flags that are false by default.
const OFF: [&str; 4] = ["boxed", "allow-oob", "allow-preconfig", "coroutine"];

impl<'t> DefinitionReader<'_, 't> {
    /// Reports flags with wrong values. Flags that the definition cannot have were reported with its keys, and values
    /// of tolerated unknown keys are not checked.
    pub(super) fn flags(&mut self, object: &'t ObjectValue) {
        let form = self.form();
        let present = |key: &str| {
            object.get(key).filter(|member| {
                !matches!(member.value, Value::Null(_)) && form.optional.contains(&key)
            })
        };
        for key in ON {
            if let Some(member) = present(key)
                && !matches!(member.value, Value::Bool(false, _))
                && !self.is_old_no(member)
            {
                self.wrong_flag(Code::FLAG_FALSE, member, false);
            }
        }
        let unboxed = self.is_boxed_without_data(object);
        for key in OFF {
            if let Some(member) = present(key)
                && !matches!(member.value, Value::Bool(true, _))
                && !(key == "boxed" && unboxed)
            {
                self.wrong_flag(Code::FLAG_TRUE, member, true);
            }
        }
        let set = |key| present(key).filter(|it| !matches!(it.value, Value::Bool(false, _)));
        if let (Some(oob), Some(coroutine)) = (set("allow-oob"), set("coroutine")) {
            let error = self
                .context
                .error(
                    Code::FLAG_OOB_CORO,
                    coroutine.key.span,
                    "a command cannot have both `allow-oob` and `coroutine`",
                )
                .label(oob.key.span, "out-of-band execution is asked for here");
            self.out.report(error);
        }
    }

    /// Returns the flags as far as they are right; others have their default.
    pub(super) fn read_flags(&self, object: &'t ObjectValue) -> Flags {
        let off = |key: &str| match get(object, key) {
            Some(Value::Bool(false, _)) => true,
            // The presence of `gen` counted, and the string `no` for `success-response`.
            Some(Value::String(text)) => self.tolerant() && text.value == "no",
            _ => false,
        };
        let on = |key: &str| matches!(get(object, key), Some(Value::Bool(true, _)));
        Flags {
            boxed: on("boxed"),
            gen_: !off("gen"),
            success_response: !off("success-response"),
            allow_oob: on("allow-oob"),
            allow_preconfig: on("allow-preconfig"),
            coroutine: on("coroutine"),
        }
    }

    /// Warns of the string `no` (docs/reference/language.md §10.2 rows 6 and 7).
    fn is_old_no(&mut self, member: &'t KeyValue) -> bool {
        let old =
            self.tolerant() && matches!(&member.value, Value::String(text) if text.value == "no");
        if old {
            let key = &member.key.value;
            let warning = self
                .context
                .warning(
                    Code::OLD_FLAG_NO,
                    member.value.span(),
                    format!("`{key}` is written as the string `no`"),
                )
                .suggest(member.value.span(), "false", "write `false`");
            self.out.report(warning);
        }
        old
    }

    fn wrong_flag(&mut self, code: Code, member: &'t KeyValue, allowed: bool) {
        let key = &member.key.value;
        let message = format!(
            "`{key}` can only be `{allowed}`, found {}",
            kind_of(&member.value)
        );
        let mut error = self.context.error(code, member.value.span(), message);
        let written = match &member.value {
            Value::String(text) => text.value.as_str(),
            _ => "",
        };
        if written == if allowed { "true" } else { "false" } {
            error = error.suggest(
                member.value.span(),
                allowed.to_string(),
                format!("write `{allowed}`, without quotes"),
            );
        }
        if matches!(member.value, Value::Bool(..)) {
            error = error.help(format!("leave `{key}` out: that is its default"));
        }
        self.out.report(error);
    }
}
