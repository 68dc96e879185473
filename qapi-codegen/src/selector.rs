//! Selectors: names of parts of a schema in settings.
//!
//! | selector | selects |
//! |---|---|
//! | `.` | everything |
//! | `.GuestFileRead` | the definition of this name, and everything in it |
//! | `GuestFileRead` | the definition of this name, and every member of this name wherever it is |
//! | `GuestFileRead.buf-b64` | one member, value, branch, alternative or argument |
//! | `buf-b64` | every member of this name, wherever it is |
//!
//! Names are those of the schema. A member belongs to the definition that declares it: one of a base to the base, an argument
//! that is written inline to its command. Of several selectors that fit, the more particular one counts: a member's
//! full name takes precedence over its name alone, that over `.GuestFileRead`, and that over `.`.
//!
//! # Examples
//!
//! ```
//! use qapi_codegen::selector::{Selected, Subject, Used};
//!
//! let mut names = Selected::default();
//! names.add("rename", "buf-b64".to_owned(), "data");
//! names.add("rename", "GuestFileRead.buf-b64".to_owned(), "content");
//! let used = Used::default();
//! assert_eq!(names.best(Subject::member("GuestFileRead", "buf-b64"), &used), Some(&"content"));
//! assert_eq!(names.best(Subject::member("GuestFileWrite", "buf-b64"), &used), Some(&"data"));
//! ```

use std::cell::RefCell;
use std::collections::BTreeSet;

use qapi_parser::ir::{Entity, Object, Schema, TypeDef, TypeId, TypeKind};

/// A part of a schema that a selector can select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subject<'n> {
    /// The definition.
    pub owner: &'n str,
    /// The member, value, branch, alternative or argument; none for the definition itself.
    pub member: Option<&'n str>,
}

/// The precision of a selector about a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Everything,
    Within,
    Name,
    Exact,
}

impl<'n> Subject<'n> {
    /// Creates a definition.
    pub fn definition(owner: &'n str) -> Self {
        Self {
            owner,
            member: None,
        }
    }

    /// Creates a member, value, branch, alternative or argument.
    pub fn member(owner: &'n str, member: &'n str) -> Self {
        Self {
            owner,
            member: Some(member),
        }
    }

    /// Returns the rank of a selector that selects this.
    fn rank(self, selector: &str) -> Option<Rank> {
        let (path, is_anchored) = match selector.strip_prefix('.') {
            Some("") => return Some(Rank::Everything),
            Some(path) => (path, true),
            None => (selector, false),
        };
        let Some(member) = self.member else {
            return (path == self.owner).then_some(Rank::Exact);
        };
        let in_owner = path.strip_prefix(self.owner);
        match in_owner.map(|rest| rest.strip_prefix('.')) {
            Some(Some(rest)) if rest == member => return Some(Rank::Exact),
            Some(None) if is_anchored && path == self.owner => return Some(Rank::Within),
            _ => {}
        }
        (!is_anchored && path == member).then_some(Rank::Name)
    }

    /// Returns the selector that selects this and nothing else.
    fn in_full(self) -> String {
        match self.member {
            Some(member) => format!("{}.{member}", self.owner),
            None => self.owner.to_owned(),
        }
    }
}

/// One call of a setter that takes a selector.
#[derive(Debug, Clone)]
struct Setting<T> {
    option: &'static str,
    selector: String,
    value: T,
}

/// The calls of one setter, or of several that exclude each other, in the order in which they were made.
#[derive(Debug, Clone)]
pub struct Selected<T> {
    settings: Vec<Setting<T>>,
}

impl<T> Default for Selected<T> {
    fn default() -> Self {
        Self {
            settings: Vec::new(),
        }
    }
}

/// Selectors that have selected something, with the setter that they were given to.
pub type Used<'c> = RefCell<BTreeSet<(&'static str, &'c str)>>;

impl<T> Selected<T> {
    /// Adds a call: the name of the setter, for messages, the selector, and the value.
    pub fn add(&mut self, option: &'static str, selector: String, value: T) {
        self.settings.push(Setting {
            option,
            selector,
            value,
        });
    }

    /// Returns true if there was no call.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// Returns all that is set for a subject, in the order of the calls.
    pub fn all<'c>(&'c self, subject: Subject<'_>, used: &Used<'c>) -> Vec<&'c T> {
        let fits = |setting: &&Setting<T>| subject.rank(&setting.selector).is_some();
        let settings = self.settings.iter().filter(fits);
        settings
            .map(|setting| {
                used.borrow_mut()
                    .insert((setting.option, &*setting.selector));
                &setting.value
            })
            .collect()
    }

    /// Returns the value that is set for a subject by the most particular selector, by the last call among equals.
    pub fn best<'c>(&'c self, subject: Subject<'_>, used: &Used<'c>) -> Option<&'c T> {
        if self.settings.is_empty() {
            return None;
        }
        let ranked = |setting: &'c Setting<T>| Some((subject.rank(&setting.selector)?, setting));
        let ranked = self.settings.iter().filter_map(ranked);
        let best = ranked.clone().max_by_key(|(rank, _)| *rank)?;
        // An overridden selector counts as used, too: it may apply elsewhere.
        for (_, setting) in ranked {
            used.borrow_mut()
                .insert((setting.option, &*setting.selector));
        }
        Some(&best.1.value)
    }

    /// Returns true if a subject is selected.
    pub fn has<'c>(&'c self, subject: Subject<'_>, used: &Used<'c>) -> bool {
        self.best(subject, used).is_some()
    }

    /// Returns true if everything is selected, by `.`.
    pub fn has_everything<'c>(&'c self, used: &Used<'c>) -> bool {
        let whole = self.settings.iter().find(|setting| setting.selector == ".");
        let Some(setting) = whole else {
            return false;
        };
        used.borrow_mut()
            .insert((setting.option, &*setting.selector));
        true
    }

    /// Returns the values, with the setter and the selector that each was given to.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, &T)> + Clone {
        let settings = self.settings.iter();
        settings.map(|setting| (setting.option, &*setting.selector, &setting.value))
    }
}

/// Returns everything that a selector can select, in schema order.
pub fn subjects(schema: &Schema) -> Vec<Subject<'_>> {
    let mut subjects = Vec::new();
    for entity in &schema.entities {
        match *entity {
            Entity::Type(id) => of_type(schema, id, &mut subjects),
            Entity::Command(id) => {
                let command = schema.command(id);
                subjects.push(Subject::definition(&command.name));
                implicit_members(schema, command.arguments, &command.name, &mut subjects);
            }
            Entity::Event(id) => {
                let event = schema.event(id);
                subjects.push(Subject::definition(&event.name));
                implicit_members(schema, event.arguments, &event.name, &mut subjects);
            }
            Entity::Include(_) => {}
        }
    }
    subjects
}

fn of_type<'s>(schema: &'s Schema, id: TypeId, subjects: &mut Vec<Subject<'s>>) {
    let ty = schema.ty(id);
    let owner = &*ty.name;
    let mut add = |name: &'s str| subjects.push(Subject::member(owner, name));
    match &ty.kind {
        TypeKind::Builtin(_) | TypeKind::Array(_) => {}
        TypeKind::Enum(enum_) => {
            enum_.values.iter().for_each(|value| add(&value.name));
            subjects.push(Subject::definition(owner));
        }
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            alternatives.for_each(|alternative| add(&alternative.name));
            subjects.push(Subject::definition(owner));
        }
        TypeKind::Object(object) => {
            object.members.iter().for_each(|member| add(&member.name));
            let branches = object.union_.iter().flat_map(|union_| &union_.branches);
            branches.for_each(|branch| add(&branch.name));
            implicit_members(schema, object.base, owner, subjects);
            subjects.push(Subject::definition(owner));
        }
    }
}

/// Members of an object that has no definition of its own belong to the one that it was made for.
fn implicit_members<'s>(
    schema: &'s Schema,
    id: Option<TypeId>,
    owner: &'s str,
    subjects: &mut Vec<Subject<'s>>,
) {
    let ty = id.map(|id| schema.ty(id));
    if let Some(TypeDef {
        implicit: true,
        kind: TypeKind::Object(Object { members, .. }),
        ..
    }) = ty
    {
        let members = members.iter();
        subjects.extend(members.map(|member| Subject::member(owner, &member.name)));
    }
}

/// Returns true if a selector fits anything at all.
pub fn fits_any(selector: &str, subjects: &[Subject<'_>]) -> bool {
    subjects
        .iter()
        .any(|subject| subject.rank(selector).is_some())
}

/// Returns the selector that was meant, if one is close to what was written.
pub fn closest(selector: &str, subjects: &[Subject<'_>]) -> Option<String> {
    let (dot, path) = match selector.strip_prefix('.') {
        Some(path) => (".", path),
        None => ("", selector),
    };
    let mut names: BTreeSet<_> = subjects.iter().map(|subject| subject.in_full()).collect();
    if dot.is_empty() {
        names.extend(
            subjects
                .iter()
                .filter_map(|it| it.member.map(str::to_owned)),
        );
    }
    let closest = qapi_parser::suggest::closest(path, names.iter().map(String::as_str))?;
    Some(format!("{dot}{closest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Subject<'_> = Subject {
        owner: "GuestFileRead",
        member: Some("buf-b64"),
    };

    #[test]
    fn each_form_selects_what_the_table_says() {
        let definition = Subject::definition("GuestFileRead");
        for (selector, of_definition, of_member) in [
            (".", Some(Rank::Everything), Some(Rank::Everything)),
            (".GuestFileRead", Some(Rank::Exact), Some(Rank::Within)),
            ("GuestFileRead", Some(Rank::Exact), None),
            ("GuestFileRead.buf-b64", None, Some(Rank::Exact)),
            (".GuestFileRead.buf-b64", None, Some(Rank::Exact)),
            ("buf-b64", None, Some(Rank::Name)),
            (".buf-b64", None, None),
            ("b64", None, None),
            ("GuestFile", None, None),
            (".GuestFile", None, None),
            ("GuestFileRead.", None, None),
            ("GuestFileRead.buf", None, None),
            ("", None, None),
            ("..", None, None),
        ] {
            assert_eq!(definition.rank(selector), of_definition, "{selector}");
            assert_eq!(READ.rank(selector), of_member, "{selector}");
        }
    }

    #[test]
    fn names_may_hold_full_stops() {
        let member = Subject::member("__org.example_Type", "__org.example_x");
        assert_eq!(
            member.rank("__org.example_Type.__org.example_x"),
            Some(Rank::Exact)
        );
        assert_eq!(member.rank("__org.example_x"), Some(Rank::Name));
        assert_eq!(member.rank(".__org.example_Type"), Some(Rank::Within));
        assert_eq!(member.rank(".__org"), None);
    }

    #[test]
    fn the_more_particular_selector_counts_and_all_are_used() {
        let mut selected = Selected::default();
        for (value, selector) in [
            "GuestFileRead.buf-b64",
            ".",
            "buf-b64",
            ".GuestFileRead",
            "other",
        ]
        .into_iter()
        .enumerate()
        {
            selected.add("option", selector.to_owned(), value);
        }
        let used = Used::default();
        assert_eq!(selected.best(READ, &used), Some(&0));
        assert_eq!(selected.all(READ, &used), [&0, &1, &2, &3]);
        assert_eq!(
            selected.best(Subject::member("Other", "buf-b64"), &used),
            Some(&2)
        );
        assert_eq!(
            selected.best(Subject::member("GuestFileRead", "eof"), &used),
            Some(&3)
        );
        assert_eq!(selected.best(Subject::definition("Other"), &used), Some(&1));
        assert!(!used.borrow().contains(&("option", "other")));
        assert_eq!(used.borrow().len(), 4);
    }
}
