//! Pragma directives (language.md §3.3): settings of the whole schema.

use crate::Dialect;
use crate::diag::{Anchor, Code, Diagnostic};
use crate::parse::Reports;
use crate::source::Span;
use crate::syntax::{Member, Object, Pragmas, Value};

/// Names of the pragmas, and the ones they had from QEMU 2.9 to 5.2.
const DOC_REQUIRED: &str = "doc-required";
const LISTS: [&str; 4] = [
    "command-name-exceptions",
    "command-returns-exceptions",
    "documentation-exceptions",
    "member-name-exceptions",
];
const RENAMED: [(&str, &str); 2] = [
    ("returns-whitelist", "command-returns-exceptions"),
    ("name-case-whitelist", "member-name-exceptions"),
];

/// Acts on an object with key `pragma`.
pub(crate) fn directive(
    object: &Object,
    dialect: Dialect,
    pragmas: &mut Pragmas,
    reports: &mut Reports,
) {
    let anchor = || Anchor::Line(object.span);
    if let Some(extra) = object.members.iter().find(|it| it.key.value != "pragma") {
        return reports.report(
            Diagnostic::error(
                Code::PRAGMA_EXTRA,
                anchor(),
                format!(
                    "key `{}` in a pragma directive, which has no other key than `pragma`",
                    extra.key.value
                ),
            )
            .primary(extra.key.span, "not allowed here")
            .help("pragmas are members of the object behind `pragma`"),
        );
    }
    match &object.members[0].value {
        Value::Object(settings) => {
            for setting in &settings.members {
                if let Err(error) = assign(setting, object.span, dialect, pragmas, reports) {
                    reports.report(*error);
                }
            }
        }
        other => reports.report(
            Diagnostic::error(
                Code::PRAGMA_TYPE,
                anchor(),
                "a pragma directive needs an object of pragmas",
            )
            .primary(other.span(), "not an object"),
        ),
    }
}

fn assign(
    setting: &Member,
    directive: Span,
    dialect: Dialect,
    pragmas: &mut Pragmas,
    reports: &mut Reports,
) -> Result<(), Box<Diagnostic>> {
    let mut name = setting.key.value.as_str();
    if name == DOC_REQUIRED {
        pragmas.doc_required = boolean(setting, directive)?;
        return Ok(());
    }
    let renamed = RENAMED.iter().find(|(old, _)| *old == name);
    if let Some((_, new)) = renamed
        && dialect == Dialect::Auto
    {
        reports.report(report_renamed(setting, directive, new));
        name = new;
    }
    let list = match name {
        "command-name-exceptions" => &mut pragmas.command_name_exceptions,
        "command-returns-exceptions" => &mut pragmas.command_returns_exceptions,
        "documentation-exceptions" => &mut pragmas.documentation_exceptions,
        "member-name-exceptions" => &mut pragmas.member_name_exceptions,
        _ => {
            let new = renamed.map(|(_, new)| *new);
            return Err(report_unknown(setting, directive, new).into());
        }
    };
    *list = strings(setting, directive)?;
    Ok(())
}

fn boolean(setting: &Member, directive: Span) -> Result<bool, Box<Diagnostic>> {
    if let Value::Bool(value, _) = setting.value {
        return Ok(value);
    }
    let error = Diagnostic::error(
        Code::PRAGMA_BOOL,
        Anchor::Line(directive),
        format!("pragma `{}` needs a boolean", setting.key.value),
    )
    .primary(setting.value.span(), "neither `true` nor `false`");
    Err(error.into())
}

fn strings(setting: &Member, directive: Span) -> Result<Vec<String>, Box<Diagnostic>> {
    let error = |span, text| {
        let error = Diagnostic::error(
            Code::PRAGMA_LIST,
            Anchor::Line(directive),
            format!("pragma `{}` needs an array of strings", setting.key.value),
        );
        Box::new(error.primary(span, text))
    };
    let Value::Array(array) = &setting.value else {
        return Err(error(setting.value.span(), "not an array"));
    };
    array
        .elements
        .iter()
        .map(|element| match element {
            Value::String(text) => Ok(text.value.clone()),
            other => Err(error(other.span(), "not a string")),
        })
        .collect()
}

fn report_renamed(setting: &Member, directive: Span, new: &str) -> Diagnostic {
    let old = &setting.key.value;
    Diagnostic::warning(
        Code::OLD_PRAGMA,
        Anchor::Line(directive),
        format!("pragma `{old}` is called `{new}` today"),
    )
    .primary(setting.key.span, "")
    .suggest(setting.key.span, format!("'{new}'"), "use today's name")
}

fn report_unknown(setting: &Member, directive: Span, new: Option<&str>) -> Diagnostic {
    let name = &setting.key.value;
    let error = Diagnostic::error(
        Code::PRAGMA_UNKNOWN,
        Anchor::Line(directive),
        format!("pragma `{name}` is not known"),
    )
    .primary(setting.key.span, "not known");
    match new {
        Some(new) => error.suggest(setting.key.span, format!("'{new}'"), "use today's name"),
        None => error.help(format!(
            "the pragmas are `{DOC_REQUIRED}`, `{}`",
            LISTS.join("`, `")
        )),
    }
}
