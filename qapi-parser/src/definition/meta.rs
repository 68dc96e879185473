//! The kind and name of a definition (docs/reference/language.md §2.2).

use super::reader::{get, kind_of};
use crate::diag::{Anchor, Code, Diagnostic, Diagnostics, Meta};
use crate::dialect::Reading;
use crate::name_map::NameSet;
use crate::suggest;
use crate::syntax::{KeyValue, ObjectValue, Text, Value};

/// Kind and name; none if there is not exactly one kind, or the name is not a string. The name that the object seems to
/// define is then added to `damaged`.
pub(super) fn read<'t>(
    out: &mut Diagnostics,
    reading: Reading,
    object: &'t ObjectValue,
    damaged: &mut NameSet<&'t str>,
) -> Option<(Meta, &'t Text)> {
    let mut found = object
        .members
        .iter()
        .filter(|member| !matches!(member.value, Value::Null(_)))
        .filter_map(|member| Some((kind(&member.key.value)?, member)));
    let (meta, member) = match (found.next(), found.next()) {
        (Some(one), None) => one,
        (Some(first), Some(second)) => {
            let several = [first, second].into_iter().chain(found).collect::<Vec<_>>();
            out.report(several_kinds(object, &several));
            damaged.extend(several.iter().filter_map(|(_, member)| name_of(member)));
            return None;
        }
        _ => {
            let Some(member) = opt_old_struct(out, reading, object) else {
                out.report(no_kind(object));
                damaged.extend(object.members.iter().filter_map(name_of).take(1));
                return None;
            };
            (Meta::Struct, member)
        }
    };
    if let Value::String(name) = &member.value {
        return Some((meta, name));
    }
    let message = format!(
        "the name of the {} must be a string, found {}",
        meta.as_str(),
        kind_of(&member.value)
    );
    out.report(
        Diagnostic::error(Code::META_NAME, Anchor::Line(object.span), message)
            .primary(member.value.span(), ""),
    );
    None
}

/// `type` as the keyword of a struct, as it was until QEMU 2.3 (docs/reference/language.md §10.2 row 1).
fn opt_old_struct<'t>(
    out: &mut Diagnostics,
    reading: Reading,
    object: &'t ObjectValue,
) -> Option<&'t KeyValue> {
    let member = object
        .get("type")
        .filter(|_| reading == Reading::Tolerant)?;
    let Value::String(name) = &member.value else {
        return None;
    };
    get(object, "data")?;
    let mut warning = Diagnostic::warning(
        Code::OLD_STRUCT_TYPE,
        Anchor::Line(object.span),
        format!("the keyword of struct `{}` is written `type`", name.value),
    )
    .primary(member.key.span, "")
    .suggest(member.key.span, "'struct'", "write `struct`");
    if !name.value.is_empty() {
        warning = warning.entity(Meta::Struct, name.value.as_str());
    }
    out.report(warning);
    Some(member)
}

fn several_kinds(object: &ObjectValue, found: &[(Meta, &KeyValue)]) -> Diagnostic {
    let names = found.iter().map(|(meta, _)| meta.as_str());
    let message = format!(
        "a definition is of one kind, but this one has the keys {}",
        suggest::list(names, "and")
    );
    let mut error = Diagnostic::error(Code::META_ONE, Anchor::Line(object.span), message)
        .primary(found[0].1.key.span, "");
    for (_, other) in &found[1..] {
        error = error.label(other.key.span, "another kind");
    }
    error.help("make each of them a separate definition")
}

fn no_kind(object: &ObjectValue) -> Diagnostic {
    let kinds = || Meta::ALL.iter().map(|meta| meta.as_str());
    let error = Diagnostic::error(
        Code::META_ONE,
        Anchor::Line(object.span),
        format!(
            "a definition needs one of the keys {}",
            suggest::list(kinds(), "or")
        ),
    );
    let close = object.members.iter().find_map(|member| {
        suggest::closest(&member.key.value, kinds().chain(["include", "pragma"]))
            .map(|kind| (member, kind))
    });
    match close {
        Some((member, kind)) => error
            .primary(member.key.span, "")
            .help(format!("did you mean `{kind}`?"))
            .suggest_maybe(
                member.key.span,
                format!("'{kind}'"),
                format!("write `{kind}`"),
            ),
        None => error.primary(
            object
                .members
                .first()
                .map_or(object.span, |member| member.key.span),
            "",
        ),
    }
}

fn kind(key: &str) -> Option<Meta> {
    Meta::ALL.into_iter().find(|meta| meta.as_str() == key)
}

fn name_of(member: &KeyValue) -> Option<&str> {
    match &member.value {
        Value::String(name) => Some(&name.value),
        _ => None,
    }
}
