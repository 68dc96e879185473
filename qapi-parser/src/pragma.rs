//! Pragma directives (docs/reference/language.md §3.3): settings of the whole schema.

use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::ir::Pragmas;
use crate::parse::Reports;
use crate::source::Span;
use crate::suggest;
use crate::syntax::{KeyValue, ObjectValue, Value};

const DOC_REQUIRED: &str = "doc-required";
/// Commands whose names may contain `_`.
pub(crate) const COMMAND_NAMES: &str = "command-name-exceptions";
/// Commands that may return something other than an object.
pub(crate) const COMMAND_RETURNS: &str = "command-returns-exceptions";
/// Definitions whose members need no documentation.
pub(crate) const DOCUMENTATION: &str = "documentation-exceptions";
/// Types whose member or value names may have upper case and `_`.
pub(crate) const MEMBER_NAMES: &str = "member-name-exceptions";
/// All pragmas.
const NAMES: [&str; 5] = [
    DOC_REQUIRED,
    COMMAND_NAMES,
    COMMAND_RETURNS,
    DOCUMENTATION,
    MEMBER_NAMES,
];
/// Names from QEMU 2.9 to 5.2 with those of today.
const RENAMED: [(&str, &str); 2] = [
    ("returns-whitelist", COMMAND_RETURNS),
    ("name-case-whitelist", MEMBER_NAMES),
];

/// Acts on an object with key `pragma`.
pub(crate) fn directive(
    object: &ObjectValue,
    reading: Reading,
    pragmas: &mut Pragmas,
    reports: &mut Reports,
) {
    if let Some(extra) = object.members.iter().find(|it| it.key.value != "pragma") {
        reports.report(report_extra(object, extra));
    }
    match object.get("pragma").map(|member| &member.value) {
        Some(Value::Object(settings)) => {
            for setting in &settings.members {
                assign(setting, object.span, reading, pragmas, reports);
            }
        }
        Some(other) => {
            pragmas.doubt_all();
            if object.members.len() == 1 {
                reports.report(
                    Diagnostic::error(
                        Code::PRAGMA_TYPE,
                        Anchor::Line(object.span),
                        "a pragma directive needs an object of pragmas",
                    )
                    .primary(other.span(), "not an object"),
                );
            }
        }
        None => {}
    }
}

fn assign(
    setting: &KeyValue,
    directive: Span,
    reading: Reading,
    pragmas: &mut Pragmas,
    reports: &mut Reports,
) {
    let name = setting.key.value.as_str();
    let known = NAMES.into_iter().find(|known| *known == name);
    let renamed = RENAMED.iter().find(|(old, _)| *old == name);
    let meant = known
        .or(renamed.map(|(_, new)| *new))
        .or_else(|| suggest::closest(name, NAMES));
    if known.is_none() {
        reports.report(match renamed {
            Some((_, new)) if reading == Reading::Tolerant => {
                report_renamed(setting, directive, new)
            }
            _ => report_unknown(setting, directive, meant),
        });
    }
    let Some(meant) = meant else { return };
    match pragmas.set(meant, setting, directive) {
        Ok(()) => {
            pragmas.unknown.remove(meant);
            if renamed.is_some() {
                pragmas.except_owners();
            }
        }
        Err(error) => {
            pragmas.doubt(meant);
            if known.is_some() || (renamed.is_some() && reading == Reading::Tolerant) {
                reports.report(*error);
            }
        }
    }
}

impl Pragmas {
    fn set(
        &mut self,
        name: &str,
        setting: &KeyValue,
        directive: Span,
    ) -> Result<(), Box<Diagnostic>> {
        match name {
            COMMAND_NAMES => self.command_name_exceptions = strings(setting, directive)?,
            COMMAND_RETURNS => self.command_returns_exceptions = strings(setting, directive)?,
            DOCUMENTATION => self.documentation_exceptions = strings(setting, directive)?,
            MEMBER_NAMES => self.member_name_exceptions = strings(setting, directive)?,
            _ => self.doc_required = boolean(setting, directive)?,
        }
        Ok(())
    }

    /// Adds the definitions whose implicit types are listed: until QEMU 5.2, members of a base or of arguments were excepted
    /// under the names of their types, such as `q_obj_CpuInfo-base`.
    fn except_owners(&mut self) {
        let owner = |name: &String| {
            let (owner, _) = name.strip_prefix("q_obj_")?.rsplit_once('-')?;
            Some(owner.to_owned())
        };
        let owners: Vec<_> = self
            .member_name_exceptions
            .iter()
            .filter_map(owner)
            .collect();
        self.member_name_exceptions.extend(owners);
    }

    /// Records that the value of a pragma is unknown. Everything that it could relax is relaxed.
    fn doubt(&mut self, name: &'static str) {
        if name == DOC_REQUIRED {
            self.doc_required = false;
        }
        self.unknown.insert(name);
    }

    fn doubt_all(&mut self) {
        for name in NAMES {
            self.doubt(name);
        }
    }
}

fn boolean(setting: &KeyValue, directive: Span) -> Result<bool, Box<Diagnostic>> {
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

fn strings(setting: &KeyValue, directive: Span) -> Result<Vec<String>, Box<Diagnostic>> {
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
            Value::String(text) => Ok(text.value.as_str().to_owned()),
            other => Err(error(other.span(), "not a string")),
        })
        .collect()
}

fn report_renamed(setting: &KeyValue, directive: Span, new: &str) -> Diagnostic {
    let old = &setting.key.value;
    Diagnostic::warning(
        Code::OLD_PRAGMA,
        Anchor::Line(directive),
        format!("pragma `{old}` is called `{new}` today"),
    )
    .primary(setting.key.span, "")
    .suggest(setting.key.span, format!("'{new}'"), "use today's name")
}

fn report_extra(directive: &ObjectValue, extra: &KeyValue) -> Diagnostic {
    Diagnostic::error(
        Code::PRAGMA_EXTRA,
        Anchor::Line(directive.span),
        format!(
            "key `{}` in a pragma directive, which has no other key than `pragma`",
            extra.key.value
        ),
    )
    .primary(extra.key.span, "not allowed here")
    .help("pragmas are members of the object that is the value of `pragma`")
}

fn report_unknown(setting: &KeyValue, directive: Span, meant: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(
        Code::PRAGMA_UNKNOWN,
        Anchor::Line(directive),
        format!("unknown pragma `{}`", setting.key.value),
    )
    .primary(setting.key.span, "unknown");
    match meant {
        Some(name) => error.suggest_maybe(
            setting.key.span,
            format!("'{name}'"),
            format!("write `{name}`"),
        ),
        None => error.help(format!("the pragmas are {}", suggest::list(NAMES, "and"))),
    }
}
