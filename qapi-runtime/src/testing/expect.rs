//! Expected requests and their answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::command::Command;
use crate::message::Error;
use crate::read::Members;
use crate::value::{Any, Object};
use crate::wire::Document;
use crate::write::{Encode, Writer};

/// A request that a client is expected to send, and its answer: by default the empty reply.
#[derive(Debug, Clone)]
pub struct Expect {
    pub(super) command: String,
    arguments: Arguments,
    pub(super) answer: Answer,
    pub(super) before: Vec<Emitted>,
    pub(super) after: Vec<Emitted>,
    pub(super) delay: Duration,
    pub(super) times: Option<u64>,
}

#[derive(Clone)]
enum Arguments {
    Any,
    /// These arguments, and perhaps others.
    With(Object),
    Exactly(Object),
    /// Arguments for which the function returns true.
    If(Arc<dyn Fn(&Object) -> bool + Send + Sync>),
}

impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("Any"),
            Self::With(arguments) => formatter.debug_tuple("With").field(arguments).finish(),
            Self::Exactly(arguments) => formatter.debug_tuple("Exactly").field(arguments).finish(),
            Self::If(_) => formatter.write_str("If"),
        }
    }
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// The text of a reply's value.
    Reply(Vec<u8>),
    Error(Error),
    Silence,
    Close,
    /// The answer of [`Script::otherwise`](super::Script::otherwise), or the empty reply.
    Otherwise,
}

/// An event with the text of its data.
#[derive(Debug, Clone)]
pub(super) struct Emitted {
    pub(super) name: String,
    pub(super) data: Text,
}

/// The text of a value.
#[derive(Debug, Clone)]
pub(super) struct Text(Vec<u8>);

impl Text {
    fn of(value: &dyn Encode) -> Self {
        let mut out = Writer::new();
        out.value(value);
        Self(out.into_bytes())
    }
}

impl Encode for Text {
    fn encode(&self, out: &mut Writer) {
        out.raw(&self.0);
    }
}

impl Expect {
    /// Creates a request of this name, with any arguments.
    pub fn command(name: impl Into<String>) -> Self {
        Self {
            command: name.into(),
            arguments: Arguments::Any,
            answer: Answer::Otherwise,
            before: Vec::new(),
            after: Vec::new(),
            delay: Duration::ZERO,
            times: None,
        }
    }

    /// Creates a request with the name and exactly the arguments of a generated command.
    pub fn request<C: Command>(command: &C) -> Self {
        let mut out = Writer::new();
        out.object(|out| command.encode_members(out));
        let document = Document::parse(out.as_bytes()).ok();
        let members = document
            .as_ref()
            .and_then(|document| document.lenient().object().ok());
        let arguments = members.map(|mut members| members.rest());
        Self::command(C::NAME).with_exactly(arguments.unwrap_or_default())
    }

    /// Expects an argument with this value, besides others.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Any>) -> Self {
        let mut arguments = match self.arguments {
            Arguments::With(arguments) => arguments,
            Arguments::Any | Arguments::Exactly(_) | Arguments::If(_) => Object::new(),
        };
        arguments.insert(name, value);
        self.arguments = Arguments::With(arguments);
        self
    }

    /// Expects these arguments and no others.
    #[must_use]
    pub fn with_exactly(mut self, arguments: Object) -> Self {
        self.arguments = Arguments::Exactly(arguments);
        self
    }

    /// Expects arguments for which this holds.
    #[must_use]
    pub fn with_arguments_if(
        mut self,
        holds: impl Fn(&Object) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.arguments = Arguments::If(Arc::new(holds));
        self
    }

    /// Answers with a reply: a generated type, an [`Object`], or what else can be written.
    #[must_use]
    pub fn replies(mut self, value: &dyn Encode) -> Self {
        self.answer = Answer::Reply(Text::of(value).0);
        self
    }

    /// Answers with an error.
    #[must_use]
    pub fn fails(mut self, error: Error) -> Self {
        self.answer = Answer::Error(error);
        self
    }

    /// Answers never.
    #[must_use]
    pub fn stays_silent(mut self) -> Self {
        self.answer = Answer::Silence;
        self
    }

    /// Closes the connection instead of an answer.
    #[must_use]
    pub fn closes(mut self) -> Self {
        self.answer = Answer::Close;
        self
    }

    /// Emits an event before the reply.
    #[must_use]
    pub fn emits_before(mut self, event: impl Into<String>, data: &dyn Encode) -> Self {
        self.before.push(Emitted {
            name: event.into(),
            data: Text::of(data),
        });
        self
    }

    /// Emits an event after the reply.
    #[must_use]
    pub fn emits_after(mut self, event: impl Into<String>, data: &dyn Encode) -> Self {
        self.after.push(Emitted {
            name: event.into(),
            data: Text::of(data),
        });
        self
    }

    /// Answers after some time. On tokio it is the time of the runtime's clock, which tests can pause.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Expects the request this many times: once by default in order, any number of times by name.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Returns true if a request is the one that is expected.
    pub(super) fn fits(&self, command: &str, arguments: &Members<'_>) -> bool {
        command == self.command
            && match &self.arguments {
                Arguments::Any => true,
                Arguments::With(expected) => has(arguments, expected),
                Arguments::Exactly(expected) => {
                    has(arguments, expected) && arguments.afresh().rest().len() == expected.len()
                }
                Arguments::If(holds) => holds(&arguments.afresh().rest()),
            }
    }
}

/// Returns true if the members are there, with equal values.
fn has(members: &Members<'_>, expected: &Object) -> bool {
    expected.iter().all(|(name, expected)| {
        let found = members.peek(name).map(crate::read::Decode::decode);
        found.is_some_and(|found| found.is_ok_and(|found: Any| found == *expected))
    })
}

/// The command and its arguments, as [`Mismatch`](super::Mismatch) shows them.
impl fmt::Display for Expect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.command)?;
        let (arguments, more) = match &self.arguments {
            Arguments::Any => return Ok(()),
            Arguments::If(_) => return formatter.write_str(" with some arguments"),
            Arguments::With(arguments) => (arguments, " and perhaps others"),
            Arguments::Exactly(arguments) => (arguments, ""),
        };
        if arguments.is_empty() && more.is_empty() {
            return Ok(());
        }
        let text = Text::of(arguments).0;
        write!(formatter, " {}{more}", String::from_utf8_lossy(&text))
    }
}
