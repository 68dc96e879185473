//! Diagnostics as data: the fault, its place, and a remedy.
//!
//! Nothing here renders: the command line has one renderer per output format.

use crate::era::{Era, Eras};
use crate::source::Span;

pub mod codes;
pub mod explain;
pub mod shown;

pub use codes::Code;

/// Severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The schema is invalid; nothing is generated from it.
    Error,
    /// An old or odd form that was understood nevertheless.
    Warning,
}

impl Severity {
    /// Returns `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The place that identifies a diagnostic in short and JSON output (docs/reference/language.md §1.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// A parse error: file, line and column of the span's first byte.
    Point(Span),
    /// A semantic error: file and line of the span's first byte; for everything inside a
    /// definition that is the definition's first token.
    Line(Span),
    /// A file that could not be read at all: its path as given.
    File(String),
}

/// The six kinds of definition, as they are called in diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meta {
    /// `enum`
    Enum,
    /// `struct`
    Struct,
    /// `union`
    Union,
    /// `alternate`
    Alternate,
    /// `command`
    Command,
    /// `event`
    Event,
}

impl Meta {
    /// All six, in the order in which docs/reference/language.md lists the keys.
    pub const ALL: [Self; 6] = [
        Self::Enum,
        Self::Struct,
        Self::Union,
        Self::Alternate,
        Self::Command,
        Self::Event,
    ];

    /// Returns the keyword of the schema language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enum => "enum",
            Self::Struct => "struct",
            Self::Union => "union",
            Self::Alternate => "alternate",
            Self::Command => "command",
            Self::Event => "event",
        }
    }
}

/// The definition a diagnostic belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntityRef {
    /// Its kind.
    pub meta: Meta,
    /// Its name.
    pub name: String,
}

impl EntityRef {
    /// Returns the definition of this kind and name.
    pub fn new(meta: Meta, name: impl Into<String>) -> Self {
        Self {
            meta,
            name: name.into(),
        }
    }
}

/// A piece of text with a comment on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// The text in question.
    pub span: Span,
    /// The comment on it; may be empty for the primary label.
    pub text: String,
}

/// A change of the source that would fix the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suggestion {
    /// The text to replace; empty for an insertion.
    pub span: Span,
    /// The text to put there.
    pub replacement: String,
    /// The change as an imperative: "add the missing comma".
    pub message: String,
    /// The confidence that the author meant it.
    pub applicability: Applicability,
}

/// The confidence in a suggestion, in rustc's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Applicability {
    /// The author certainly meant it; a program may make the change.
    MachineApplicable,
    /// The author may have meant it.
    MaybeIncorrect,
}

impl Applicability {
    /// Returns the name that rustc gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MachineApplicable => "MachineApplicable",
            Self::MaybeIncorrect => "MaybeIncorrect",
        }
    }
}

/// One finding about a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The code of docs/reference/language.md that names the rule.
    pub code: Code,
    /// One sentence on one line: lower case, no full stop, names in back quotes; what was found
    /// and what was allowed.
    pub message: String,
    /// The place that identifies the diagnostic.
    pub anchor: Anchor,
    /// The offending text itself, often narrower than the anchor's definition.
    pub primary: Option<Label>,
    /// Other places that matter: a first definition, the clashing member.
    pub labels: Vec<Label>,
    /// The definition it belongs to, once its name is known (docs/reference/language.md §1.8).
    pub entity: Option<EntityRef>,
    /// Further facts.
    pub notes: Vec<String>,
    /// Advice.
    pub help: Option<String>,
    /// The releases of QEMU that accepted the form, for a warning about one that the newest rejects.
    pub eras: Option<Eras>,
    /// The code of the error where the form is not accepted, if it is not that of the table of old forms.
    pub(crate) today: Option<Code>,
    /// Possible fixes; one if there is exactly one.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// Creates an error with `code` at `anchor`.
    pub fn error(code: Code, anchor: Anchor, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, anchor, message.into())
    }

    /// Creates a warning with `code` at `anchor`.
    pub fn warning(code: Code, anchor: Anchor, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, anchor, message.into())
    }

    fn new(severity: Severity, code: Code, anchor: Anchor, message: String) -> Self {
        Self {
            severity,
            code,
            message: printable(message),
            anchor,
            primary: None,
            labels: Vec::new(),
            entity: None,
            notes: Vec::new(),
            help: None,
            eras: None,
            today: None,
            suggestions: Vec::new(),
        }
    }

    /// Sets the offending text and what to say beside it.
    #[must_use]
    pub fn primary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label {
            span,
            text: printable(text.into()),
        });
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: printable(text.into()),
        });
        self
    }

    /// Names the definition it belongs to.
    #[must_use]
    pub fn entity(mut self, meta: Meta, name: impl Into<String>) -> Self {
        self.entity = Some(EntityRef {
            meta,
            name: name.into(),
        });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(printable(text.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(printable(text.into()));
        self
    }

    /// Narrows the releases that accepted the form.
    #[must_use]
    pub(crate) fn accepted(mut self, since: Era, until: Era) -> Self {
        self.eras = Some(Eras::new(since, until));
        self
    }

    /// Sets the code of the error where the form is not accepted.
    #[must_use]
    pub(crate) fn today(mut self, code: Code) -> Self {
        self.today = Some(code);
        self
    }

    /// Adds a change that mends it for certain.
    #[must_use]
    pub fn suggest(
        self,
        span: Span,
        replacement: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (replacement, message) = (replacement.into(), message.into());
        self.change(span, replacement, message, Applicability::MachineApplicable)
    }

    /// Adds a change that may be what was meant.
    #[must_use]
    pub fn suggest_maybe(
        self,
        span: Span,
        replacement: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (replacement, message) = (replacement.into(), message.into());
        self.change(span, replacement, message, Applicability::MaybeIncorrect)
    }

    fn change(
        mut self,
        span: Span,
        replacement: String,
        message: String,
        applicability: Applicability,
    ) -> Self {
        self.suggestions.push(Suggestion {
            span,
            replacement,
            message,
            applicability,
        });
        self
    }
}

/// Text with control characters written as escapes: names come from the schema, and a message is one line without
/// control characters.
fn printable(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Collects diagnostics while a schema is read and checked.
#[derive(Debug, Default)]
pub struct Diagnostics {
    reported: Vec<Diagnostic>,
    errors: usize,
}

impl Diagnostics {
    /// Takes note of a finding. The order of calls is the order of output.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.reported.push(diagnostic);
    }

    /// Returns whether an error was reported.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Returns the number of findings reported, warnings included.
    pub fn count(&self) -> usize {
        self.reported.len()
    }

    /// Returns everything that was reported, in order.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.reported
    }
}
