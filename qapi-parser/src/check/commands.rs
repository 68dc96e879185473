//! Commands and events: their arguments and return types (docs/reference/language.md §6.6).

use super::checker::Checker;
use crate::declare::{DeclarationKind, Id, Link};
use crate::definition::{Context, TypeRef};
use crate::diag::Code;
use crate::era::Era;
use crate::source::Span;
use crate::subject::Subject;

/// Commands that may return any type according to a list in the compilers of QEMU 2.4 to 2.8; since then a pragma lists
/// them.
const LISTED: [&str; 15] = [
    "guest-file-open",
    "guest-fsfreeze-freeze",
    "guest-fsfreeze-freeze-list",
    "guest-fsfreeze-status",
    "guest-fsfreeze-thaw",
    "guest-get-time",
    "guest-set-vcpus",
    "guest-sync",
    "guest-sync-delimited",
    "human-monitor-command",
    "qom-get",
    "query-migrate-cache-size",
    "query-tpm-models",
    "query-tpm-types",
    "ringbuf-read",
];

impl Checker<'_, '_> {
    pub(super) fn arguments(
        &mut self,
        id: Id,
        context: &Context<'_>,
        arguments: &Link<'_>,
        boxed: bool,
    ) {
        let (ty, span) = match arguments {
            Link::None | Link::Broken => return,
            Link::Implicit(ty) => (*ty, context.name_span),
            Link::Named(named) => {
                let user = Subject::plain("`data`");
                let found = if boxed {
                    self.resolve_stored(named, context, user)
                } else {
                    self.resolve(named, context, user)
                };
                let Some(ty) = found else { return };
                if !matches!(self.kind(ty), DeclarationKind::Object { .. }) {
                    let message = format!(
                        "`data` of {} `{}` must be a struct or union, but `{}` is {}",
                        context.meta.as_str(),
                        context.name,
                        named.name,
                        self.kind(ty).describe()
                    );
                    let error = context.error(Code::ARG_KIND, named.span, message);
                    let error = self.with_definition(error, ty);
                    self.out.report(error);
                    return;
                }
                (ty, named.span)
            }
        };
        self.facts[id].base = Some(ty);
        let mut boxed = boxed;
        if !boxed
            && matches!(
                self.kind(ty),
                DeclarationKind::Object {
                    variants: Some(_),
                    ..
                }
            )
        {
            boxed = self.unboxed_union(id, context, ty, span);
        }
        self.object(ty);
        if !boxed {
            self.unboxed_conditions(context, ty, span);
        }
    }

    /// Reports a union that is not boxed. Returns true if it counts as boxed.
    fn unboxed_union(&mut self, id: Id, context: &Context<'_>, ty: Id, span: Span) -> bool {
        let message = format!(
            "`data` names union `{}`, which needs `'boxed': true`",
            self.name(ty)
        );
        let found = if self.tolerant() {
            self.facts[id].boxed = true;
            context.warning(Code::OLD_ARG_UNION, span, message)
        } else {
            context.error(Code::ARG_UNBOXED_UNION, span, message)
        };
        let found = self.with_definition(found.help("add `'boxed': true`"), ty);
        self.out.report(found);
        true
    }

    /// Arguments that are passed one by one are always all there.
    fn unboxed_conditions(&mut self, context: &Context<'_>, ty: Id, span: Span) {
        let Some(place) = self.facts[ty].conditional else {
            return;
        };
        let message = format!(
            "{} is conditional, which needs `'boxed': true`",
            self.describe(place, context)
        );
        let member = self.member(place);
        let implicit = self.entities.list[ty].implicit;
        let span = if implicit { member.span } else { span };
        // QEMU 7.2 accepted it.
        let diagnostic = if self.tolerant() {
            context.warning(Code::ARG_UNBOXED_COND, span, message)
        } else {
            context.error(Code::ARG_UNBOXED_COND, span, message)
        };
        let diagnostic = if implicit {
            diagnostic.help("make the arguments a struct of their own and add `'boxed': true`")
        } else {
            diagnostic
                .label(member.span, "the conditional member")
                .help("add `'boxed': true`")
        };
        self.out.report(diagnostic);
    }

    pub(super) fn returns(&mut self, id: Id, context: &Context<'_>, returns: &TypeRef<'_>) {
        let user = Subject::plain("`returns`");
        let Some(ty) = self.resolve_stored(returns, context, user) else {
            return;
        };
        self.facts[id].returns = Some(ty);
        let excepted = || {
            self.entities
                .exceptions
                .command_returns
                .contains(context.name)
        };
        let returned = match self.kind(ty) {
            DeclarationKind::Array { element } => {
                // The name of an array refers to an array that exists by then (docs/reference/language.md, App. B).
                if !returns.array && ty > id && !excepted() {
                    self.report_unknown(returns, context, user);
                    return;
                }
                self.entities.type_named(&element.name)
            }
            _ => Some(ty),
        };
        let Some(returned) = returned else { return };
        if matches!(self.kind(returned), DeclarationKind::Object { .. }) || excepted() {
            return;
        }
        let message = format!(
            "command `{}` must return a struct, a union or an array of them, but `{}` is {}",
            context.name,
            self.type_name(ty),
            match self.kind(ty) {
                DeclarationKind::Array { .. } =>
                    format!("an array of {}", plural(self.kind(returned))),
                other => other.describe().to_owned(),
            }
        );
        let help = format!(
            "list `{}` in the pragma `command-returns-exceptions`",
            context.name
        );
        let diagnostic = if self.tolerant() {
            let last = if LISTED.contains(&context.name) {
                Era::new(2, 8)
            } else {
                Era::new(2, 3)
            };
            context
                .warning(Code::OLD_RETURN_TYPE, returns.span, message)
                .help(format!("to keep it, {help}"))
                .accepted(Era::OLDEST, last)
        } else {
            context
                .error(Code::RET_KIND, returns.span, message)
                .help(format!("return a struct, or {help}"))
        };
        self.out.report(diagnostic);
    }
}

fn plural(kind: &DeclarationKind<'_>) -> &'static str {
    match kind {
        DeclarationKind::Builtin(_) => "a built-in type",
        DeclarationKind::Enum { .. } => "enums",
        DeclarationKind::Alternate { .. } => "alternates",
        other => other.describe(),
    }
}
