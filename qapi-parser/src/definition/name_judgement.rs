//! Names of definitions and their parts: reports what `crate::name_rules` finds.

use super::reader::DefinitionReader;
use crate::diag::{Code, Meta};
use crate::era::Era;
use crate::name_rules::{self, Case, Fault};
use crate::source::Span;

/// The pragma that can relax a name rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relaxed<'a> {
    /// No pragma does.
    Never,
    /// `member-name-exceptions` for this type.
    Members(&'a str),
    /// `command-name-exceptions` for this command.
    Command(&'a str),
}

impl DefinitionReader<'_, '_> {
    /// Name rules of the definition itself (docs/reference/language.md §2.6).
    pub(super) fn definition_name(&mut self) {
        let (meta, name) = (self.context.meta, self.context.name);
        let relaxed = match meta {
            Meta::Command => Relaxed::Command(name),
            _ => Relaxed::Never,
        };
        let rule = |name: &str, case| name_rules::definition(meta, name, case);
        self.judge(name, self.context.name_span, meta.as_str(), relaxed, rule);
    }

    /// Applies `rule` to `name`, written at `span`; `role` is the role of the named element.
    pub(super) fn judge(
        &mut self,
        name: &str,
        span: Span,
        role: &str,
        relaxed: Relaxed<'_>,
        rule: impl Fn(&str, Case) -> Result<(), Fault>,
    ) {
        let Err(mut fault) = rule(name, Case::Strict) else {
            return;
        };
        if matches!(fault, Fault::Upper | Fault::Underscore) {
            let (listed, case) = match relaxed {
                Relaxed::Never => (false, Case::Strict),
                Relaxed::Members(owner) => {
                    (self.exceptions.member_names.contains(owner), Case::Free)
                }
                Relaxed::Command(owner) => (
                    self.exceptions.command_names.contains(owner),
                    Case::Underscore,
                ),
            };
            if listed {
                match rule(name, case) {
                    Ok(()) => return,
                    Err(other) => fault = other,
                }
            }
        }
        self.report_name(name, span, role, relaxed, fault);
    }

    fn report_name(
        &mut self,
        name: &str,
        span: Span,
        role: &str,
        relaxed: Relaxed<'_>,
        fault: Fault,
    ) {
        let message = format!("{role} name `{name}` {}", fault.describe());
        let pragma = match (relaxed, fault) {
            (Relaxed::Members(owner), Fault::Upper | Fault::Underscore) => Some(format!(
                "list `{owner}` in the pragma `member-name-exceptions`"
            )),
            (Relaxed::Command(owner), Fault::Underscore) => Some(format!(
                "list `{owner}` in the pragma `command-name-exceptions`"
            )),
            _ => None,
        };
        if self.tolerant() && fault != Fault::Invalid {
            let help = pragma.map_or_else(
                || "QEMU 10.2 rejects this name, and no pragma allows it".to_owned(),
                |pragma| format!("QEMU 10.2 rejects this name; to keep it, {pragma}"),
            );
            let warning = self
                .context
                .warning(Code::OLD_NAME, span, message)
                .help(help)
                .accepted(Era::OLDEST, last_to_accept(fault, relaxed))
                .today(fault.code());
            self.out.report(warning);
            return;
        }
        let help = pragma.map_or_else(
            || fault.allowed().to_owned(),
            |pragma| format!("{}, or {pragma}", fault.allowed()),
        );
        let error = self.context.error(fault.code(), span, message).help(help);
        let error = match name.strip_suffix('?') {
            Some(stem) if role.ends_with("member") || role == "parameter" => error.suggest_maybe(
                span,
                format!("'*{stem}'"),
                format!("write `*{stem}`: that is how a {role} is made optional"),
            ),
            _ => error,
        };
        self.out.report(error);
    }
}

/// Returns the last release that accepted a name (docs/reference/language.md §10.2 rows 26 and 27).
fn last_to_accept(fault: Fault, relaxed: Relaxed<'_>) -> Era {
    match fault {
        Fault::Invalid | Fault::QPrefix | Fault::ListSuffix | Fault::Reserved => Era::new(2, 4),
        // Checked since 2.6, except for a list of types in the compiler until 2.9 introduced pragmas.
        Fault::Upper if matches!(relaxed, Relaxed::Members(_)) => Era::new(2, 8),
        Fault::Upper | Fault::Underscore | Fault::Camel | Fault::EventCase => Era::new(5, 2),
    }
}
