//! The use of a place in a text: the key of a definition, the type of a member, a name in documentation.

use crate::docs::Block;
use crate::index::{FileIndex, Kind};
use crate::text::Range;
use crate::tree::{Array, Member, Node, Object, StringToken};

/// The use of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CompletionContext {
    /// Free text of the author.
    Nothing,
    /// Between definitions.
    TopLevel,
    /// A key of an object of this kind, which has some already.
    Keys {
        of: &'static str,
        present: Vec<String>,
    },
    /// `true` or `false`.
    Flag,
    /// Any type.
    Type,
    /// A struct.
    Base,
    /// A struct or a union.
    Object,
    Discriminator,
    /// A branch of a union, which has some already.
    Branches {
        present: Vec<String>,
    },
    Feature,
    Symbol,
    Include,
    /// A definition that a pragma names.
    Definition,
    DocHeader,
    DocMember,
    DocMention,
    DocQuoted,
    DocTag,
}

/// A place to complete.
#[derive(Debug, Clone)]
pub(crate) struct CompletionTarget {
    pub(crate) context: CompletionContext,
    /// The existing text to replace.
    pub(crate) range: Range,
    /// The missing opening and closing quotes.
    quotes: (bool, bool),
    /// A colon follows.
    pub(crate) has_colon: bool,
    /// The definition that it is about.
    pub(crate) definition: Option<usize>,
}

impl CompletionTarget {
    fn new(context: CompletionContext, range: Range) -> Self {
        Self {
            context,
            range,
            quotes: (false, false),
            has_colon: false,
            definition: None,
        }
    }

    /// Returns a name with the quotes that are missing.
    pub(crate) fn written(&self, name: &str) -> String {
        let quote = |missing| if missing { "'" } else { "" };
        let is_name = !matches!(
            self.context,
            CompletionContext::Flag | CompletionContext::TopLevel
        );
        let (before, behind) = self.quotes;
        let (before, behind) = (quote(before && is_name), quote(behind && is_name));
        format!("{before}{name}{behind}")
    }
}

/// The kind of a value, by the key it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Definition(Option<Kind>),
    /// The value of `data`.
    Data(Kind),
    /// The value of `base`.
    Base(Kind),
    /// The type of a member, branch or alternative of such a definition.
    Part(Kind),
    Value,
    Returns,
    Discriminator,
    Features,
    Condition,
    Include,
    Pragma,
    Names,
    Flag,
    Other,
}

/// Returns the use of a place.
pub(crate) fn completion_target(index: &FileIndex, offset: u32) -> CompletionTarget {
    let text = &*index.text;
    let before = &text[..offset as usize];
    let line_start = u32::try_from(before.rfind('\n').map_or(0, |it| it + 1)).unwrap_or(0);
    let line = Range::new(line_start, offset).of(text);
    if line.starts_with('#') {
        return doc_spot(index, line_start, offset);
    }
    let definitions = index.definitions.iter().enumerate();
    let definitions = definitions.map(|(number, it)| (Some(number), &it.object));
    let others = index.directives.iter().map(|it| (None, it));
    let objects = definitions.chain(others);
    let around = objects
        .filter(|(_, object)| object.range.start < offset)
        .max_by_key(|(_, object)| object.range.start);
    if let Some((number, object)) = around
        && (offset < object.range.end || !object.closed)
        && !is_behind_comment(line)
    {
        let kind = number.map(|number| index.definitions[number].kind);
        let finder = Finder { text, offset };
        let mut target = finder.object(object, Context::Definition(kind));
        target.definition = number;
        return target;
    }
    let word = word_at(text, offset);
    let is_alone = Range::new(line_start, word.start)
        .of(text)
        .trim()
        .is_empty();
    let context = if is_alone && !is_behind_comment(line) {
        CompletionContext::TopLevel
    } else {
        CompletionContext::Nothing
    };
    CompletionTarget::new(context, word)
}

/// Returns whether the rest of a line is a comment.
fn is_behind_comment(line: &str) -> bool {
    let mut quoted = false;
    line.chars().any(|character| {
        quoted ^= character == '\'';
        character == '#' && !quoted
    })
}

/// Returns the word around a place.
fn word_at(text: &str, offset: u32) -> Range {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let (before, behind) = text.split_at(offset as usize);
    let length = |text: &str| u32::try_from(text.len()).unwrap_or(0);
    let start = before.trim_end_matches(is_part);
    let rest = behind.trim_start_matches(is_part);
    Range::new(length(start), length(text) - length(rest))
}

struct Finder<'t> {
    text: &'t str,
    offset: u32,
}

impl Finder<'_> {
    fn object(&self, object: &Object, context: Context) -> CompletionTarget {
        let started = |it: &&Member| it.range.start < self.offset;
        let Some(member) = object.members.iter().rev().find(started) else {
            return self.key(object, context, None);
        };
        let Some(key) = &member.key else {
            return match &member.value {
                Some(Node::Word(_)) => self.key(object, context, Some(member)),
                _ => CompletionTarget::new(
                    CompletionContext::Nothing,
                    word_at(self.text, self.offset),
                ),
            };
        };
        if self.offset <= key.range.end {
            return self.key(object, context, Some(member));
        }
        let name = key.value(self.text);
        match (&member.value, member.colon) {
            (Some(value), _) if self.is_in(value) => self.value(Some(value), context.of(name)),
            (None, Some(colon)) if self.offset > colon => self.value(None, context.of(name)),
            (Some(value), _) if self.offset < value.range().start => {
                self.value(None, context.of(name))
            }
            (_, None) => {
                CompletionTarget::new(CompletionContext::Nothing, word_at(self.text, self.offset))
            }
            _ => self.key(object, context, None),
        }
    }

    fn is_in(&self, value: &Node) -> bool {
        let range = value.range();
        let is_open = match value {
            Node::Object(object) => !object.closed,
            Node::Array(array) => !array.closed,
            Node::String(_) | Node::Word(_) => self.offset == range.end,
        };
        range.start < self.offset && (self.offset < range.end || is_open)
    }

    /// Returns a key of an object: one that is written, or a new one.
    fn key(&self, object: &Object, context: Context, current: Option<&Member>) -> CompletionTarget {
        let others = object
            .members
            .iter()
            .filter(|member| current.is_none_or(|current| current.range != member.range));
        let keys = others.filter_map(|it| it.key.as_ref());
        let present: Vec<_> = keys.map(|key| key.value(self.text).to_owned()).collect();
        let context = match context {
            Context::Definition(kind) => CompletionContext::Keys {
                of: kind.map_or("", Kind::word),
                present,
            },
            Context::Data(Kind::Union) => CompletionContext::Branches { present },
            Context::Part(Kind::Union) => CompletionContext::Keys {
                of: "branch",
                present,
            },
            Context::Part(Kind::Alternate) => CompletionContext::Keys {
                of: "alternative",
                present,
            },
            Context::Part(_) => CompletionContext::Keys {
                of: "member",
                present,
            },
            Context::Value => CompletionContext::Keys {
                of: "value",
                present,
            },
            Context::Features => CompletionContext::Keys {
                of: "feature",
                present,
            },
            Context::Condition => CompletionContext::Keys {
                of: "condition",
                present,
            },
            Context::Pragma => CompletionContext::Keys {
                of: "pragma",
                present,
            },
            _ => CompletionContext::Nothing,
        };
        let key = current.and_then(|it| it.key.as_ref());
        let mut target = match key {
            Some(key) => self.string(context, key),
            None => self.bare(context),
        };
        target.has_colon = current.is_some_and(|it| it.colon.is_some());
        target
    }

    fn value(&self, value: Option<&Node>, context: Context) -> CompletionTarget {
        match value {
            Some(Node::Object(object)) => self.object(object, context),
            Some(Node::Array(array)) => self.element(array, context),
            Some(Node::String(text)) => self.string(context.scalar(), text),
            Some(Node::Word(_)) | None => self.bare(context.scalar()),
        }
    }

    fn element(&self, array: &Array, context: Context) -> CompletionTarget {
        let context = match context {
            Context::Data(Kind::Enum) => Context::Value,
            other => other,
        };
        let element = array.elements.iter().find(|it| self.is_in(it));
        self.value(element, context)
    }

    /// Returns a string that is written; without its closing quote it reaches to the end of the line, of which only the
    /// word counts.
    fn string(&self, context: CompletionContext, text: &StringToken) -> CompletionTarget {
        let is_open = text.range.end == text.inner.end;
        let mut range = text.inner;
        if is_open || range.of(self.text).contains(' ') && context != CompletionContext::Include {
            let word = word_at(self.text, self.offset);
            range = Range::new(word.start.max(range.start), word.end.min(range.end));
        }
        // The `*` of an optional member is no part of its name.
        if range.of(self.text).starts_with('*') {
            range.start += 1;
        }
        let mut target = CompletionTarget::new(context, range);
        target.quotes = (false, is_open);
        target
    }

    fn bare(&self, context: CompletionContext) -> CompletionTarget {
        let mut target = CompletionTarget::new(context, word_at(self.text, self.offset));
        target.quotes = (true, true);
        target
    }
}

impl Context {
    /// Returns the context of the value of a key.
    fn of(self, key: &str) -> Self {
        match (self, key) {
            (Self::Definition(Some(kind)), "data") => Self::Data(kind),
            (Self::Definition(Some(kind)), "base") => Self::Base(kind),
            (Self::Definition(_), "returns") => Self::Returns,
            (Self::Definition(_), "discriminator") => Self::Discriminator,
            (Self::Definition(_), "include") => Self::Include,
            (Self::Definition(_), "pragma") => Self::Pragma,
            (
                Self::Definition(_),
                "boxed" | "gen" | "success-response" | "allow-oob" | "allow-preconfig"
                | "coroutine",
            )
            | (Self::Pragma, "doc-required") => Self::Flag,
            (Self::Definition(_) | Self::Part(_) | Self::Value, "features") => Self::Features,
            (Self::Definition(_) | Self::Part(_) | Self::Value | Self::Features, "if")
            | (Self::Condition, _) => Self::Condition,
            (Self::Data(kind) | Self::Base(kind), _) | (Self::Part(kind), "type") => {
                Self::Part(kind)
            }
            (Self::Pragma, _) => Self::Names,
            _ => Self::Other,
        }
    }

    /// Returns the use of a string in its place.
    fn scalar(self) -> CompletionContext {
        match self {
            Self::Data(Kind::Command | Kind::Event) | Self::Part(Kind::Union) => {
                CompletionContext::Object
            }
            Self::Base(_) => CompletionContext::Base,
            Self::Part(_) | Self::Returns => CompletionContext::Type,
            Self::Discriminator => CompletionContext::Discriminator,
            Self::Features => CompletionContext::Feature,
            Self::Condition => CompletionContext::Symbol,
            Self::Include => CompletionContext::Include,
            Self::Names => CompletionContext::Definition,
            Self::Flag => CompletionContext::Flag,
            _ => CompletionContext::Nothing,
        }
    }
}

/// Returns the use of a place in a line of comment.
fn doc_spot(index: &FileIndex, line_start: u32, offset: u32) -> CompletionTarget {
    let text = &*index.text;
    let of_definitions = index.definitions.iter().filter_map(|it| it.doc.as_ref());
    let mut blocks = of_definitions.chain(&index.free_docs);
    let is_it = |block: &&Block| block.range.start < line_start && block.range.touches(line_start);
    let Some(block) = blocks.find(is_it) else {
        return CompletionTarget::new(CompletionContext::Nothing, word_at(text, offset));
    };
    let line = Range::new(line_start, offset).of(text);
    let content = line[1..].strip_prefix(' ').unwrap_or(&line[1..]);
    let mut range = word_at(text, offset);
    // What is after the place belongs to the next words.
    range.end = range.end.max(offset);
    let word = Range::new(range.start, offset).of(text);
    let before = content.strip_suffix(word).unwrap_or(content);
    let is_first = text[..line_start as usize].trim_end().ends_with("##")
        && text[block.range.start as usize..line_start as usize].trim() == "##";
    let context = if before == "@" && is_first {
        CompletionContext::DocHeader
    } else if before == "@" {
        CompletionContext::DocMember
    } else if before.ends_with('@') {
        CompletionContext::DocMention
    } else if before.ends_with('`') {
        CompletionContext::DocQuoted
    } else if before.is_empty() || ".. ".starts_with(before) {
        let written = u32::try_from(before.len()).unwrap_or(0);
        range.start -= written;
        CompletionContext::DocTag
    } else {
        CompletionContext::Nothing
    };
    let mut target = CompletionTarget::new(context, range);
    target.definition = index
        .definitions
        .iter()
        .position(|it| it.object.range.start >= block.range.end);
    target
}

#[cfg(test)]
mod tests {
    use super::CompletionContext as Expected;
    use super::*;

    /// Returns the use of the place that `^` marks, and the text that would be replaced.
    fn at(text: &str) -> (Expected, String) {
        let offset = text.find('^').expect("there is a mark");
        let text: std::sync::Arc<str> = text.replacen('^', "", 1).into();
        let target = completion_target(&FileIndex::new(&text), u32::try_from(offset).unwrap());
        (target.context, target.range.of(&text).to_owned())
    }

    #[test]
    fn values_are_told_by_their_keys() {
        for (text, wanted, range) in [
            ("^\n", Expected::TopLevel, ""),
            ("  str^\n", Expected::TopLevel, "str"),
            ("{ 'struct': 'A', 'base': '^' }\n", Expected::Base, ""),
            ("{ 'struct': 'A', 'base': 'Fo^o' }\n", Expected::Base, "Foo"),
            (
                "{ 'struct': 'A', 'data': { 'x': '^ } }\n",
                Expected::Type,
                "",
            ),
            (
                "{ 'struct': 'A', 'data': { 'x': i^ } }\n",
                Expected::Type,
                "i",
            ),
            ("{ 'struct': 'A', 'data': { 'x': ^\n", Expected::Type, ""),
            (
                "{ 'struct': 'A', 'data': { 'x': [ '^' ] } }\n",
                Expected::Type,
                "",
            ),
            (
                "{ 'struct': 'A', 'data': { 'x': { 'type': '^' } } }\n",
                Expected::Type,
                "",
            ),
            (
                "{ 'struct': 'A', 'data': { '^' } }\n",
                Expected::Nothing,
                "",
            ),
            ("{ 'command': 'a', 'data': '^'\n", Expected::Object, ""),
            ("{ 'command': 'a', 'returns': [ ^ ] }\n", Expected::Type, ""),
            ("{ 'command': 'a', 'boxed': ^ }\n", Expected::Flag, ""),
            ("{ 'command': 'a', 'boxed': tr^ }\n", Expected::Flag, "tr"),
            (
                "{ 'union': 'U', 'discriminator': '^' }\n",
                Expected::Discriminator,
                "",
            ),
            (
                "{ 'union': 'U', 'data': { 'a': '^' } }\n",
                Expected::Object,
                "",
            ),
            ("{ 'enum': 'E', 'data': [ '^' ] }\n", Expected::Nothing, ""),
            (
                "{ 'enum': 'E', 'data': [ { 'name': 'a', 'if': '^' } ] }\n",
                Expected::Symbol,
                "",
            ),
            (
                "{ 'struct': 'A', 'features': [ '^' ] }\n",
                Expected::Feature,
                "",
            ),
            (
                "{ 'struct': 'A', 'if': { 'all': [ 'A', '^' ] } }\n",
                Expected::Symbol,
                "",
            ),
            ("{ 'include': '^' }\n", Expected::Include, ""),
            (
                "{ 'pragma': { 'member-name-exceptions': [ '^' ] } }\n",
                Expected::Definition,
                "",
            ),
            ("{ 'struct': 'A' } # ^\n", Expected::Nothing, ""),
            ("# plain ^\n", Expected::Nothing, ""),
        ] {
            assert_eq!(at(text), (wanted, range.to_owned()), "{text}");
        }
    }

    #[test]
    fn keys_are_told_by_their_objects() {
        let keys = |of, present: &[&str]| Expected::Keys {
            of,
            present: present.iter().map(|it| (*it).to_owned()).collect(),
        };
        for (text, wanted, range) in [
            ("{ ^ }\n", keys("", &[]), ""),
            ("{ '^\n", keys("", &[]), ""),
            ("{ 'stru^' }\n", keys("", &[]), "stru"),
            ("{ 'struct': 'A', '^' }\n", keys("struct", &["struct"]), ""),
            (
                "{ 'struct': 'A', ^\n\n{ 'enum': 'E' }\n",
                keys("struct", &["struct"]),
                "",
            ),
            (
                "{ 'struct': 'A', ba^, 'data': {} }\n",
                keys("struct", &["struct", "data"]),
                "ba",
            ),
            (
                "{ 'struct': 'A', 'data': { 'x': { ^ } } }\n",
                keys("member", &[]),
                "",
            ),
            (
                "{ 'struct': 'A', 'if': { '^' } }\n",
                keys("condition", &[]),
                "",
            ),
            (
                "{ 'enum': 'E', 'data': [ { '^' } ] }\n",
                keys("value", &[]),
                "",
            ),
            (
                "{ 'enum': 'E', 'features': [ { '^' } ] }\n",
                keys("feature", &[]),
                "",
            ),
            ("{ 'pragma': { '^' } }\n", keys("pragma", &[]), ""),
        ] {
            assert_eq!(at(text), (wanted, range.to_owned()), "{text}");
        }
        let branches = Expected::Branches {
            present: vec!["a".to_owned()],
        };
        let text = "{ 'union': 'U', 'data': { 'a': 'A', '^' } }\n";
        assert_eq!(at(text), (branches, String::new()));
    }

    #[test]
    fn places_in_documentation_are_told_by_what_is_before() {
        for (lines, wanted, range) in [
            ("# @^", Expected::DocHeader, ""),
            ("# @Fo^", Expected::DocHeader, "Fo"),
            ("# @Foo:\n#\n# @^", Expected::DocMember, ""),
            ("# @Foo:\n#\n# text @ba^", Expected::DocMention, "ba"),
            ("# @Foo:\n#\n# text `Ba^", Expected::DocQuoted, "Ba"),
            ("# @Foo:\n#\n# Sin^", Expected::DocTag, "Sin"),
            ("# @Foo:\n#\n# .. no^", Expected::DocTag, ".. no"),
            ("# @Foo:\n#\n# some te^", Expected::Nothing, "te"),
        ] {
            for end in ["\n##\n{ 'struct': 'Foo', 'data': {} }\n", "\n"] {
                let text = format!("##\n{lines}{end}");
                assert_eq!(at(&text), (wanted.clone(), range.to_owned()), "{text}");
            }
        }
    }
}
