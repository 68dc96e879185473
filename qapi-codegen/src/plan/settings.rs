//! Settings for parts of the schema, found by selector and checked.

use qapi_parser::diag::{Anchor, Code, Diagnostic};
use qapi_parser::ir::{Builtin, Schema, TypeId};

use super::build::{Owner, PlanBuilder};
use super::items::{Extras, Ty};
use crate::config::RustText;
use crate::selector::{self, Selected, Subject};

/// The parts to which each setter applies, for messages about other selections.
const APPLIES_TO: [(&str, &str); 10] = [
    (
        "attribute",
        "definitions, members, values, branches and alternatives",
    ),
    (
        "bytes",
        "members of type `str` or `[str]`, and commands that return one",
    ),
    ("closed", "enumerations, unions and alternates"),
    ("derive", "types, commands and events"),
    ("exhaustive", "types"),
    ("extern_type", "types"),
    (
        "lenient",
        "mandatory members of types that only servers send",
    ),
    ("open", "enumerations, unions and alternates"),
    ("rename", "definitions, and members in full"),
    (
        "skip_docs",
        "definitions, members, values, branches and alternatives",
    ),
];

impl PlanBuilder<'_> {
    /// Attributes of a part, and derives if it is a definition.
    pub(super) fn extras(&self, subject: Subject<'_>) -> Extras {
        let mut extras = Extras::default();
        if subject.member.is_none() {
            for list in self.config.derives.all(subject, &self.used) {
                extras.derives.extend(list.derive_paths());
            }
        }
        let attributes = self.config.attributes.all(subject, &self.used);
        extras.attributes = attributes
            .into_iter()
            .map(|it| it.as_str().to_owned())
            .collect();
        extras
    }

    /// Returns the type of a part, which may be selected to hold bytes.
    pub(super) fn with_bytes(&self, subject: Subject<'_>, ty: Ty) -> Ty {
        fn is_text(ty: &Ty) -> bool {
            match ty {
                Ty::Builtin(Builtin::Str) => true,
                Ty::Array(element) => is_text(element),
                _ => false,
            }
        }
        fn to_bytes(ty: Ty) -> Ty {
            match ty {
                Ty::Array(element) => Ty::Array(Box::new(to_bytes(*element))),
                _ => Ty::Bytes,
            }
        }
        if !self.config.bytes.is_empty()
            && is_text(&ty)
            && self.config.bytes.has(subject, &self.used)
        {
            to_bytes(ty)
        } else {
            ty
        }
    }

    /// Returns true if a mandatory member may be absent all the same.
    pub(super) fn may_be_left_out(&self, id: TypeId, subject: Subject<'_>) -> bool {
        let direction = self.analysis.directions[id.index()];
        direction.output && !direction.input && self.config.lenient.has(subject, &self.used)
    }

    /// Returns true if users of a type write it in full.
    pub(super) fn is_exhaustive(&self, name: &str) -> bool {
        let subject = Subject::definition(name);
        self.config.exhaustive.has(subject, &self.used)
    }

    /// Returns true if the schema's documentation of a part is left out.
    pub(super) fn is_undocumented(&self, subject: Subject<'_>) -> bool {
        self.config.undocumented.has(subject, &self.used)
    }

    /// Returns the description of a part.
    pub(super) fn text<'d>(&self, owner: &Owner<'d>, wire: &str) -> Option<&'d str> {
        let text = owner.docs.get(wire);
        if self.is_undocumented(Subject::member(owner.name, wire)) {
            return None;
        }
        text
    }

    /// Settings that select nothing, or give something that is not Rust.
    pub(super) fn check_selected(&self, file: &str) {
        let config = self.config;
        let mut problems = Vec::new();
        let mut check = |settings: &Selected<RustText>, expected: &str| {
            for (option, selector, text) in settings.iter() {
                let given = format!("to `{option}` for `{selector}`");
                problems.extend(text.check(Code::GEN_RUST, file, &given, expected));
            }
        };
        check(&config.externs, "the path of a type");
        check(&config.derives, "a path, or paths with commas in between");
        check(&config.attributes, "an attribute such as `#[must_use]`");
        let used = self.used.borrow();
        let renames = config
            .renames
            .keys()
            .map(|selector| ("rename", selector.as_str()));
        let given = renames
            .chain(config.bytes.iter().map(of_setting))
            .chain(config.derives.iter().map(of_setting))
            .chain(config.attributes.iter().map(of_setting))
            .chain(config.externs.iter().map(of_setting))
            .chain(config.openness.iter().map(of_setting))
            .chain(config.lenient.iter().map(of_setting))
            .chain(config.exhaustive.iter().map(of_setting))
            .chain(config.undocumented.iter().map(of_setting));
        let unused: Vec<_> = given.filter(|setting| !used.contains(setting)).collect();
        if !unused.is_empty() {
            problems.extend(unused_settings(self.schema, file, &unused));
        }
        self.diagnostics.borrow_mut().extend(problems);
    }
}

fn of_setting<'c, T>(
    (option, selector, _): (&'static str, &'c str, &T),
) -> (&'static str, &'c str) {
    (option, selector)
}

fn unused_settings(
    schema: &Schema,
    file: &str,
    unused: &[(&'static str, &str)],
) -> Vec<Diagnostic> {
    let subjects = selector::subjects(schema);
    let describe = |&(option, selector): &(&'static str, &str)| {
        let anchor = Anchor::File(file.to_owned());
        if selector::fits_any(selector, &subjects) {
            let message = format!("`{option}` selects `{selector}`, to which it does not apply");
            let applies = APPLIES_TO.iter().find(|(name, _)| *name == option);
            let applies = applies.map_or("other things", |(_, applies)| applies);
            let help = format!("it applies to {applies}");
            return Diagnostic::error(Code::GEN_SELECTOR, anchor, message).help(help);
        }
        let message = format!("`{option}` selects `{selector}`, which `{file}` does not have");
        let help = match selector::closest(selector, &subjects) {
            Some(closest) => format!("did you mean `{closest}`?"),
            None => "a selector is a name of the schema, such as `Type`, `Type.member` or `.Type` with all in it, or \
                     `.` for everything"
                .to_owned(),
        };
        Diagnostic::error(Code::GEN_SELECTOR, anchor, message).help(help)
    };
    unused.iter().map(describe).collect()
}
