//! Checks values against types.

use std::fmt::Write;

use qapi_parser::ir::TypeId;
use qapi_parser::suggest::closest;
use qapi_runtime::read::Elements;
use qapi_runtime::{Kind, Members, Value};

use crate::remark::{Problem, Remark};
use crate::shapes::{Marks, MemberShape, Names, ObjectShape, Shape, Shapes};

/// The limit for messages with very many faults.
const MOST_REMARKS: usize = 100;

/// A longer text is cut in remarks.
const MOST_SHOWN: usize = 60;

/// One step into a message.
#[derive(Debug, Clone, Copy)]
enum Step<'t> {
    Member(&'t str),
    Element(usize),
}

/// The check of one message.
pub(crate) struct Check<'r, 't> {
    shapes: &'r Shapes,
    /// Negative integers are taken for unsigned ones of 64 bits, as servers do (docs/reference/agent-behaviour.md §3.6).
    wraps: bool,
    path: Vec<Step<'t>>,
    /// For the objects around the current value: true for members that occurred.
    met: Vec<bool>,
    /// The arrays and objects around the current value.
    frames: Vec<Frame<'r, 't>>,
    remarks: Vec<Remark>,
}

/// An array or object that is being checked.
struct Frame<'r, 't> {
    /// The length of the path to it.
    depth: usize,
    rest: Rest<'r, 't>,
}

/// The part of an array or object that is still to be checked.
enum Rest<'r, 't> {
    /// Elements of this type, and the index of the next one.
    Elements(TypeId, Elements<'t>, usize),
    Members(Box<ObjectRest<'r, 't>>),
}

struct ObjectRest<'r, 't> {
    members: Members<'t>,
    /// The object, and the branches chosen in it.
    parts: Vec<ObjectPart<'r>>,
    /// Members that are not in the schema are allowed.
    is_open: bool,
}

/// A part of an object: its own members, or those of a branch. Its members are noted in `met`, from `first` on.
#[derive(Clone, Copy)]
struct ObjectPart<'r> {
    ty: TypeId,
    object: &'r ObjectShape,
    first: usize,
}

impl<'r, 't> Check<'r, 't> {
    /// Of a message that a server sends.
    pub(crate) fn new(shapes: &'r Shapes) -> Self {
        Self {
            shapes,
            wraps: false,
            path: Vec::new(),
            met: Vec::new(),
            frames: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Of a request.
    pub(crate) fn of_request(shapes: &'r Shapes) -> Self {
        Self {
            wraps: true,
            ..Self::new(shapes)
        }
    }

    pub(crate) fn finish(self) -> Vec<Remark> {
        self.remarks
    }

    /// Looks at a member of the current value.
    pub(crate) fn within(&mut self, name: &'t str, look: impl FnOnce(&mut Self)) {
        self.path.push(Step::Member(name));
        look(self);
        self.path.pop();
    }

    #[cold]
    pub(crate) fn remark(
        &mut self,
        problem: Problem,
        expected: impl Into<String>,
        found: impl Into<String>,
        suggestion: Option<&str>,
    ) {
        if self.remarks.len() == MOST_REMARKS {
            return;
        }
        let mut path = String::new();
        for step in &self.path {
            let dot = if path.is_empty() { "" } else { "." };
            let result = match step {
                Step::Member(name) => write!(path, "{dot}{}", shortened(name)),
                Step::Element(index) => write!(path, "[{index}]"),
            };
            result.expect("writing to a string cannot fail");
        }
        self.remarks.push(Remark {
            problem,
            path,
            expected: expected.into(),
            found: found.into(),
            suggestion: suggestion.map(str::to_owned),
        });
    }

    /// Warns of the use of a part that is marked.
    #[inline]
    pub(crate) fn used(&mut self, marks: Marks, found: impl FnOnce() -> String) {
        if marks.is_empty() {
            return;
        }
        let found = found();
        if marks.deprecated {
            self.remark(Problem::Deprecated, "", found.as_str(), None);
        }
        if marks.unstable {
            self.remark(Problem::Unstable, "", found, None);
        }
    }

    /// Judges a value and all that is in it. Documents may be deep, so open containers are in `frames`, not on the
    /// stack.
    pub(crate) fn value(&mut self, ty: TypeId, value: Value<'t>) {
        let depth = self.path.len();
        self.begin(ty, value);
        self.run();
        self.path.truncate(depth);
    }

    /// Judges an object; an `open` one may have members that are not in the schema.
    pub(crate) fn object(&mut self, ty: TypeId, value: Value<'t>, is_open: bool) {
        let depth = self.path.len();
        self.begin_object(ty, value, is_open);
        self.run();
        self.path.truncate(depth);
    }

    fn run(&mut self) {
        while let Some(mut frame) = self.frames.pop() {
            self.path.truncate(frame.depth);
            match &mut frame.rest {
                Rest::Elements(element, items, index) => {
                    let Some(item) = items.next() else { continue };
                    let element = *element;
                    self.path.push(Step::Element(*index));
                    *index += 1;
                    self.frames.push(frame);
                    self.begin(element, item);
                }
                Rest::Members(object) => {
                    let Some((member, (name, value))) = self.next_member(object) else {
                        self.end_object(object);
                        continue;
                    };
                    self.path.push(Step::Member(name));
                    self.frames.push(frame);
                    self.used(member.marks, || format!("member `{}`", member.name));
                    self.begin(member.ty, value);
                }
            }
        }
    }

    /// Judges a value that has no parts, or begins with the parts.
    fn begin(&mut self, mut ty: TypeId, value: Value<'t>) {
        loop {
            let definition = self.shapes.ty(ty);
            self.used(definition.marks, || definition.name.to_string());
            match (&definition.shape, value.kind()) {
                (Shape::Any, _)
                | (Shape::Null, Kind::Null)
                | (Shape::Bool, Kind::Bool)
                | (Shape::Str, Kind::String)
                | (Shape::Number, Kind::Integer | Kind::Number) => {}
                (Shape::Integer(range), Kind::Integer) => {
                    let number = integer(value);
                    let is_wrapped = self.wraps && number < 0 && *range.end() > i64::MAX.into();
                    if !range.contains(&number) && !is_wrapped {
                        let expected = &*definition.name;
                        self.remark(Problem::OutOfRange, expected, number.to_string(), None);
                    }
                }
                (Shape::Enum(values), Kind::String) => {
                    let text = value.str().unwrap_or_default();
                    match values.get(text) {
                        Some(marks) => self.used(*marks, || format!("value {}", quoted(text))),
                        None => self.unknown_value(&definition.name, text, values),
                    }
                }
                (Shape::Array(element), Kind::Array) => {
                    if let Ok(items) = value.array() {
                        let depth = self.path.len();
                        let rest = Rest::Elements(*element, items, 0);
                        self.frames.push(Frame { depth, rest });
                    }
                }
                (Shape::Object(_), Kind::Object) => self.begin_object(ty, value, false),
                (Shape::Alternate(alternatives), kind) => {
                    if let Some(chosen) = alternatives.iter().find(|it| it.kind.has(kind)) {
                        ty = chosen.ty;
                        continue;
                    }
                    self.wrong_type(&definition.name, value);
                }
                _ => self.wrong_type(&definition.name, value),
            }
            return;
        }
    }

    #[cold]
    fn unknown_value(&mut self, expected: &str, text: &str, values: &Names<Marks>) {
        let suggestion = nearest(text, values);
        self.remark(Problem::UnknownValue, expected, quoted(text), suggestion);
    }

    #[cold]
    pub(crate) fn wrong_type(&mut self, expected: &str, value: Value<'t>) {
        self.remark(Problem::WrongType, expected, described(value), None);
    }

    fn begin_object(&mut self, ty: TypeId, value: Value<'t>, is_open: bool) {
        let Ok(members) = value.object() else {
            let name = &self.shapes.ty(ty).name;
            return self.wrong_type(name, value);
        };
        let Some(whole) = self.part(ty) else { return };
        let mut parts = vec![whole];
        let mut union = whole.object.union_.as_ref();
        while let Some(chosen) = union.take()
            && let Some(tag) = members.peek(&chosen.tag).and_then(|tag| tag.str().ok())
            && let Some(part) = chosen.branches.get(tag).and_then(|it| self.part(*it))
        {
            union = part.object.union_.as_ref();
            parts.push(part);
        }
        let object = Box::new(ObjectRest {
            members,
            parts,
            is_open,
        });
        self.frames.push(Frame {
            depth: self.path.len(),
            rest: Rest::Members(object),
        });
    }

    /// Returns the next member that the schema knows.
    fn next_member(
        &mut self,
        object: &mut ObjectRest<'r, 't>,
    ) -> Option<(&'r MemberShape, (&'t str, Value<'t>))> {
        while let Some((name, value)) = object.members.next_member() {
            let mut parts = object.parts.iter();
            let found = parts.find_map(|part| Some((part, *part.object.by_name.get(name)?)));
            if let Some((part, index)) = found {
                let index = index as usize;
                self.met[part.first + index] = true;
                return Some((&part.object.members[index], (name, value)));
            }
            if !object.is_open {
                self.unknown_member(name, &object.parts);
            }
        }
        None
    }

    fn end_object(&mut self, object: &ObjectRest<'r, 't>) {
        for part in &object.parts {
            for (index, member) in part.object.members.iter().enumerate() {
                if !member.optional && !self.met[part.first + index] {
                    let name = format!("`{}`", member.name);
                    self.remark(Problem::MissingMember, name, "", None);
                }
            }
        }
        self.met.truncate(object.parts[0].first);
    }

    /// Starts to look at the members of an object type.
    fn part(&mut self, ty: TypeId) -> Option<ObjectPart<'r>> {
        let object = self.shapes.object(ty)?;
        let first = self.met.len();
        self.met.resize(first + object.members.len(), false);
        Some(ObjectPart { ty, object, first })
    }

    #[cold]
    fn unknown_member(&mut self, name: &'t str, parts: &[ObjectPart<'r>]) {
        let known = parts.iter().flat_map(|part| part.object.members.iter());
        let suggestion = closest(name, known.map(|member| &*member.name));
        let mut owners = parts.iter().map(|part| self.shapes.ty(part.ty));
        let owner = owners.find(|ty| !ty.is_implicit);
        let owner = owner.map_or("the object", |ty| &*ty.name);
        self.remark(Problem::UnknownMember, owner, quoted(name), suggestion);
    }
}

/// Returns the name in a table that is closest to a misspelt one.
pub(crate) fn nearest<'r, T>(name: &str, names: &'r Names<T>) -> Option<&'r str> {
    // The order of a table differs from run to run; the closest name does not depend on it.
    closest(name, names.keys().map(|name| &**name))
}

fn integer(value: Value<'_>) -> i128 {
    match value.integer() {
        Ok(integer) => integer.into(),
        Err(_) => value.unsigned().map_or(0, i128::from),
    }
}

/// Returns a text in back quotes, cut if it is long.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns a value in words: its JSON type, and itself if it is short.
pub(crate) fn described(value: Value<'_>) -> String {
    match value.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Bool => format!("boolean {}", value.boolean().unwrap_or_default()),
        Kind::Integer => format!("integer {}", integer(value)),
        Kind::Number => format!("number {}", value.number().unwrap_or_default()),
        Kind::String => format!("string \"{}\"", shortened(value.str().unwrap_or_default())),
        Kind::Array => "array".to_owned(),
        Kind::Object => "object".to_owned(),
    }
}
