//! Recordings as scripts of a mock.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use qapi_runtime::testing::Expect;
use qapi_runtime::{Any, Error, Object};
use qapi_traffic::recording::{Content, Direction, Entry, Line, Reader};
use qapi_traffic::{Conversations, Problem, resembles};

use crate::console::{Console, counted, one_line};
use crate::standard_input::open_recording;
use crate::status::Failure;

/// Looks at the entries of a recording. Unreadable lines are reported, each kind once, and skipped.
pub(super) fn read(
    path: &Path,
    console: &mut Console,
    mut look: impl FnMut(&Entry<'_>),
) -> Result<(), Failure> {
    let name = path.display().to_string();
    let name = one_line(&name);
    let failure = |error: io::Error| Failure::cannot("read", path, &error);
    let mut reader = Reader::new(open_recording(path).map_err(failure)?);
    let mut faults: BTreeMap<Problem, (u64, String, usize)> = BTreeMap::new();
    let mut has_messages = false;
    while let Some((number, line)) = reader.next_line().map_err(failure)? {
        match line {
            Line::Entry(entry) => {
                has_messages |= matches!(entry.content, Content::Message(_));
                look(&entry);
            }
            Line::Fault(problem, text) => {
                faults.entry(problem).or_insert((number, text, 0)).2 += 1;
            }
        }
    }
    if !console.quiet {
        for (line, text, count) in faults.into_values() {
            let lines = counted(count, "line");
            writeln!(
                console.stderr,
                "{name}:{line}: {text}; {lines} passed over for that"
            )?;
        }
    }
    if has_messages {
        Ok(())
    } else {
        Err(Failure::new(format_args!(
            "{name}: it contains no messages"
        )))
    }
}

/// Returns a request in a recording: the name of its command, and its arguments.
pub(super) fn request(message: &Any) -> Option<(&str, Object)> {
    let name = message.get("execute").or_else(|| message.get("exec-oob"));
    let name = name.and_then(Any::as_str)?;
    let arguments = message.get("arguments").and_then(Any::as_object);
    Some((name, arguments.cloned().unwrap_or_default()))
}

/// A request of a recording that has no reply yet, and the events before that.
struct Open {
    client: u64,
    command: String,
    arguments: Object,
    is_masked: bool,
    events: Vec<(String, Any)>,
}

/// Returns the expectations that answer as the server of a recording did. Equal requests are answered in the recorded
/// order, and then as the last one.
pub(crate) fn replayed(path: &Path, console: &mut Console) -> Result<Vec<Expect>, Failure> {
    let mut replay = Replay::default();
    read(path, console, |entry| replay.see(entry))?;
    Ok(replay.expectations())
}

#[derive(Default)]
struct Replay {
    conversations: Conversations,
    /// By number, that is in the order in which they came.
    open: BTreeMap<u64, Open>,
    /// Each with a key that equal requests share.
    answered: Vec<(String, Expect)>,
}

impl Replay {
    fn see(&mut self, entry: &Entry<'_>) {
        let client = entry.client;
        let Content::Message(message) = entry.content else {
            if matches!(entry.content, Content::Opened | Content::Closed) {
                self.begin(client);
            }
            return;
        };
        let id = message.object().ok().and_then(|it| it.peek("id"));
        let message = Any::from(message);
        if entry.direction == Direction::ToServer {
            let Some((command, arguments)) = request(&message) else {
                return;
            };
            let noted = self.conversations.request(client, command, id, false);
            let open = Open {
                client,
                command: command.to_owned(),
                arguments,
                is_masked: entry.masked > 0,
                events: Vec::new(),
            };
            self.open.insert(noted.number, open);
        } else if let Some(name) = message.get("event").and_then(Any::as_str) {
            let none = || Any::Object(Object::new());
            let data = message.get("data").cloned().unwrap_or_else(none);
            let waiting = self.open.values_mut().find(|it| it.client == client);
            if let Some(waiting) = waiting {
                waiting.events.push((name.to_owned(), data));
            }
        } else if message.get("QMP").is_some() {
            self.begin(client);
        } else {
            let is_error = message.get("error").is_some();
            let talk = &mut self.conversations;
            let answered = talk.reply(client, id, is_error, entry.sentinel);
            let request = answered.and_then(|it| self.open.remove(&it.number));
            // The mock negotiates by itself.
            let request = request.filter(|it| it.command != "qmp_capabilities");
            self.answered
                .extend(request.and_then(|request| request.answered(&message)));
        }
    }

    /// Restarts a connection: waiting requests got no reply.
    fn begin(&mut self, client: u64) {
        self.conversations.begin(client);
        self.open.retain(|_, it| it.client != client);
    }

    fn expectations(self) -> Vec<Expect> {
        let keys = self.answered.iter().map(|(key, _)| key.clone());
        let last: BTreeMap<String, usize> = keys.zip(0..).collect();
        let expectations = self.answered.into_iter().enumerate();
        let limited = expectations.map(|(index, (key, expect))| {
            if last[&key] == index {
                expect
            } else {
                expect.times(1)
            }
        });
        limited.collect()
    }
}

impl Open {
    /// Returns the expectation of this request, which has this reply.
    fn answered(self, message: &Any) -> Option<(String, Expect)> {
        let arguments = Any::Object(self.arguments);
        let key = format!("{} {arguments}", self.command);
        let mut expect = Expect::command(self.command);
        for (name, data) in &self.events {
            expect = expect.emits_before(name, data);
        }
        expect = match arguments {
            // Clients send the secrets that are not shown.
            _ if self.is_masked => expect.with_arguments_if(move |sent| {
                let sent = Any::Object(sent.clone());
                resembles(&arguments, &sent)
            }),
            Any::Object(arguments) => expect.with_exactly(arguments),
            _ => return None,
        };
        if let Some(value) = message.get("return") {
            return Some((key, expect.replies(value)));
        }
        let error = message.get("error")?;
        let text = |name: &str| error.get(name).and_then(Any::as_str).unwrap_or_default();
        let mut refusal = Error::generic(text("desc"));
        refusal.class = text("class").into();
        Some((key, expect.fails(refusal)))
    }
}
