//! Forms that later releases introduced: a schema that uses one is not older than that release.

use crate::era::Era;
use crate::source::Span;
use crate::syntax::{Item, ObjectValue, Tree, Value};

/// A form that came with a release.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newcomer {
    /// The form, as named in messages.
    pub(crate) what: &'static str,
    /// The release it came with.
    pub(crate) since: Era,
}

macro_rules! newcomers {
    ($($name:ident: $major:literal $minor:literal, $what:literal;)*) => {
        #[derive(Clone, Copy)]
        #[expect(clippy::upper_case_acronyms, non_camel_case_types, reason = "rows of the table")]
        enum Row { $($name,)* }

        /// The table (docs/reference/language.md §10).
        const NEWCOMERS: &[Newcomer] = &[$(Newcomer { what: $what, since: Era::new($major, $minor) },)*];
    };
}

newcomers! {
    INCLUDE: 2 1, "the include directive";
    EVENT: 2 1, "the key `event`";
    STRUCT: 2 4, "the key `struct`";
    ALTERNATE: 2 4, "the key `alternate`";
    BOOLEAN: 2 4, "a boolean";
    PREFIX: 2 5, "the key `prefix`";
    BASE: 2 6, "a base that is an object";
    BOXED: 2 7, "the key `boxed`";
    PRAGMA: 2 9, "the pragma directive";
    OOB: 2 12, "the key `allow-oob`";
    IF: 3 0, "the key `if`";
    PRECONFIG: 3 0, "the key `allow-preconfig`";
    LONGHAND: 4 0, "a member, value or branch written as an object";
    FEATURES: 4 1, "the key `features`";
    FEATURES_OF_COMMANDS: 4 2, "`features` of a command";
    FEATURES_OF_ALL: 5 0, "`features` of this kind of definition, or of a member";
    COROUTINE: 5 2, "the key `coroutine`";
    EXCEPTIONS: 6 0, "a pragma by the name it has since";
    CONDITION: 6 2, "an `if` with `all`, `any` or `not`";
    FEATURES_OF_VALUES: 6 2, "`features` of a value";
    UNDOCUMENTED: 9 0, "the pragma `documentation-exceptions`";
    HEADING: 10 2, "a line of a definition's documentation that starts with `=`";
}

/// The first use of each newcomer in a schema.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    first: [Option<Span>; NEWCOMERS.len()],
}

impl Uses {
    /// Finds them.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut uses = Self::default();
        for (name, span) in &tree.pragma_names {
            uses.add(Row::PRAGMA, *span);
            match name.as_str() {
                "doc-required" | "returns-whitelist" | "name-case-whitelist" => {}
                "documentation-exceptions" => uses.add(Row::UNDOCUMENTED, *span),
                _ => uses.add(Row::EXCEPTIONS, *span),
            }
        }
        if let Some(heading) = tree.headings.in_definition {
            uses.add(Row::HEADING, heading);
        }
        for item in &tree.items {
            match item {
                Item::Include { span, .. } => uses.add(Row::INCLUDE, *span),
                Item::Definition(definition) => uses.definition(&definition.object),
            }
        }
        uses
    }

    /// Returns all of them, in the order of the table.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Newcomer, Span)> {
        let rows = NEWCOMERS.iter().zip(&self.first);
        rows.filter_map(|(newcomer, first)| Some((*newcomer, (*first)?)))
    }

    /// Returns the newcomer that came last.
    pub(crate) fn newest(&self) -> Option<(Newcomer, Span)> {
        self.all().max_by_key(|(newcomer, _)| newcomer.since)
    }

    fn add(&mut self, row: Row, span: Span) {
        self.first[row as usize].get_or_insert(span);
    }

    fn definition(&mut self, object: &ObjectValue) {
        let mut features = None;
        let mut row = Row::FEATURES_OF_ALL;
        for member in &object.members {
            let span = member.key.span;
            match (member.key.value.as_str(), &member.value) {
                (_, Value::Bool(..)) => self.add(Row::BOOLEAN, span),
                ("data", Value::Object(members)) => self.members(members),
                ("data", Value::Array(values)) => self.values(&values.elements),
                ("base", Value::Object(members)) => {
                    self.add(Row::BASE, span);
                    self.members(members);
                }
                ("event", _) => self.add(Row::EVENT, span),
                ("struct", _) => {
                    row = Row::FEATURES;
                    self.add(Row::STRUCT, span);
                }
                ("command", _) => row = Row::FEATURES_OF_COMMANDS,
                ("alternate", _) => self.add(Row::ALTERNATE, span),
                ("prefix", _) => self.add(Row::PREFIX, span),
                ("features", list) => {
                    features = Some(span);
                    self.features(list);
                }
                ("if", condition) => self.condition(condition, span),
                _ => {}
            }
            match member.key.value.as_str() {
                "boxed" => self.add(Row::BOXED, span),
                "allow-oob" => self.add(Row::OOB, span),
                "allow-preconfig" => self.add(Row::PRECONFIG, span),
                "coroutine" => self.add(Row::COROUTINE, span),
                _ => {}
            }
        }
        if let Some(span) = features {
            self.add(row, span);
        }
    }

    /// Notes a condition of a definition or part of one.
    fn condition(&mut self, condition: &Value, span: Span) {
        self.add(Row::IF, span);
        if matches!(condition, Value::Object(_)) {
            self.add(Row::CONDITION, span);
        }
    }

    /// Members, branches or alternatives. An object that only names a type could also be an inline struct, a form until
    /// 2.3.
    fn members(&mut self, members: &ObjectValue) {
        for member in &members.members {
            if let Value::Object(longhand) = &member.value
                && longhand.get("type").is_some()
                && longhand.members.len() > 1
                && longhand
                    .members
                    .iter()
                    .all(|it| matches!(it.key.value.as_str(), "type" | "if" | "features"))
            {
                self.longhand(longhand, Row::FEATURES_OF_ALL);
            }
        }
    }

    fn values(&mut self, values: &[Value]) {
        for value in values {
            if let Value::Object(longhand) = value {
                self.longhand(longhand, Row::FEATURES_OF_VALUES);
            }
        }
    }

    fn features(&mut self, list: &Value) {
        if let Value::Array(list) = list {
            for feature in &list.elements {
                if let Value::Object(longhand) = feature {
                    self.longhand(longhand, Row::FEATURES_OF_ALL);
                }
            }
        }
    }

    fn longhand(&mut self, longhand: &ObjectValue, features: Row) {
        self.add(Row::LONGHAND, longhand.span);
        for member in &longhand.members {
            match member.key.value.as_str() {
                "if" => self.condition(&member.value, member.key.span),
                "features" => {
                    self.add(features, member.key.span);
                    self.features(&member.value);
                }
                _ => {}
            }
        }
    }
}
