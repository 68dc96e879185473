//! Checks whole recordings against a schema: all messages are checked, and each remark is made once and counted.

use std::collections::HashMap;
use std::io::{self, BufRead};

use qapi_runtime::Value;
use qapi_runtime::wire::Document;

use crate::conversation::Conversations;
use crate::examples::{Example, examples, without_comment};
use crate::recording::{Content, Direction, Entry, Line, MASKED, Reader};
use crate::remark::{Problem, Remark, Severity, for_all_elements};
use crate::validator::Validator;

/// Different findings that are kept; the others are only counted.
const MOST_FINDINGS: usize = 2000;

/// A remark, its first place, and its count.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The kind.
    pub problem: Problem,
    /// The message that it is about, such as ``request `stop` ``; empty for a line that is none.
    pub subject: String,
    /// The place in the first such message.
    pub path: String,
    /// The remark as a sentence, without the place.
    pub text: String,
    /// A name that was probably meant.
    pub suggestion: Option<String>,
    /// Number of the recording, in the order in which they were read, from 0.
    pub file: usize,
    /// The line of the first such message.
    pub line: u64,
    /// Number of such remarks.
    pub count: u64,
}

/// Counts of items read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Requests.
    pub requests: u64,
    /// Replies to commands that succeeded.
    pub replies: u64,
    /// Errors.
    pub errors: u64,
    /// Events.
    pub events: u64,
    /// Greetings.
    pub greetings: u64,
    /// Pieces that are no message, of lines and of the recorded stream.
    pub unreadable: u64,
    /// Requests without a reply.
    pub unanswered: u64,
    /// Remarks beyond the kept ones.
    pub further: u64,
    /// Abridged messages of documentation, which are not checked.
    pub abridged: u64,
}

impl Counts {
    /// Returns the number of all messages.
    pub fn messages(&self) -> u64 {
        self.requests + self.replies + self.errors + self.events + self.greetings
    }
}

/// Findings are the same if these are.
type Key = (Problem, String, String, String);

/// Checks recordings, one after the other.
#[derive(Debug)]
pub struct Audit<'v> {
    validator: &'v Validator,
    conversations: Conversations,
    findings: Vec<Finding>,
    known: HashMap<Key, usize>,
    counts: Counts,
    unanswered: u64,
    file: usize,
}

/// The place and name of the checked message.
struct Subject<'s> {
    line: u64,
    name: &'s str,
}

impl<'v> Audit<'v> {
    /// Creates an audit that has judged nothing yet.
    pub fn new(validator: &'v Validator) -> Self {
        Self {
            validator,
            conversations: Conversations::default(),
            findings: Vec::new(),
            known: HashMap::new(),
            counts: Counts::default(),
            unanswered: 0,
            file: 0,
        }
    }

    /// Reads a recording to its end and judges what is in it.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub fn read(&mut self, recording: impl BufRead) -> io::Result<()> {
        let before = self.counts.messages() + self.counts.unreadable;
        let mut reader = Reader::new(recording);
        while let Some((number, line)) = reader.next_line()? {
            match line {
                Line::Entry(entry) => self.entry(number, &entry),
                Line::Fault(problem, text) => {
                    self.counts.unreadable += 1;
                    let text = match problem {
                        Problem::NoJson => format!("the line is not JSON: {text}"),
                        _ => text,
                    };
                    let subject = Subject {
                        line: number,
                        name: "",
                    };
                    self.plain(problem, &subject, "", text);
                }
            }
        }
        if self.counts.messages() + self.counts.unreadable == before {
            let text = "the recording has no messages, so nothing was checked".to_owned();
            let subject = Subject { line: 1, name: "" };
            self.plain(Problem::EmptyRecording, &subject, "", text);
        }
        self.unanswered += self.conversations.unanswered();
        self.conversations = Conversations::default();
        self.file += 1;
        Ok(())
    }

    /// Checks the examples in documentation: comments or a page.
    pub fn read_documentation(&mut self, text: &str) {
        let mut command = None;
        for example in examples(text.lines().map(without_comment)) {
            let line = example.line as u64 + 1;
            let is_request = example.direction == Direction::ToServer;
            if example.is_abridged() {
                self.counts.abridged += 1;
                if is_request {
                    command = None;
                }
                continue;
            }
            let asked = command.clone();
            match example.judge(self.validator, &mut command) {
                Ok(remarks) => {
                    let name = self.count_example(&example, asked.as_deref());
                    self.remarks(&Subject { line, name: &name }, remarks);
                }
                Err(error) => {
                    self.counts.unreadable += 1;
                    let text = format!("the message is not JSON: {error}");
                    self.plain(Problem::NoJson, &Subject { line, name: "" }, "", text);
                }
            }
        }
        self.file += 1;
    }

    /// Counts a message of documentation; `asked` is the command whose reply it may be. Returns its name for findings.
    fn count_example(&mut self, example: &Example, asked: Option<&str>) -> String {
        let document = Document::parse(example.text.as_bytes()).ok();
        let members = document.as_ref().and_then(|it| it.lenient().object().ok());
        let named = |key: &str| members.as_ref()?.peek(key)?.str().ok();
        let has = |key: &str| members.as_ref().is_some_and(|it| it.peek(key).is_some());
        let of = |word: &str| match asked {
            Some(command) => format!("{word} of `{command}`"),
            None => word.to_owned(),
        };
        if example.direction == Direction::ToServer {
            self.counts.requests += 1;
            let name = named("execute").or_else(|| named("exec-oob"));
            name.map_or_else(|| "request".to_owned(), |it| format!("request `{it}`"))
        } else if has("QMP") {
            self.counts.greetings += 1;
            "greeting".to_owned()
        } else if has("event") {
            self.counts.events += 1;
            named("event").map_or_else(|| "event".to_owned(), |it| format!("event `{it}`"))
        } else if has("error") {
            self.counts.errors += 1;
            of("error")
        } else {
            self.counts.replies += 1;
            of("reply")
        }
    }

    /// Returns the findings, in the order in which they were first made.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the numbers.
    pub fn counts(&self) -> Counts {
        Counts {
            unanswered: self.unanswered,
            ..self.counts
        }
    }

    fn entry(&mut self, line: u64, entry: &Entry<'_>) {
        match entry.content {
            Content::Opened | Content::Closed => self.conversations.begin(entry.client),
            Content::Unreadable(bytes) => {
                self.counts.unreadable += 1;
                let text = format!("{bytes} bytes were passed through that are not a message");
                self.plain(Problem::Unreadable, &Subject { line, name: "" }, "", text);
            }
            Content::Message(message) => match entry.direction {
                Direction::ToServer => self.request(line, entry, message),
                Direction::ToClient => self.answer(line, entry, message),
            },
        }
    }

    fn request(&mut self, line: u64, entry: &Entry<'_>, message: Value<'_>) {
        self.counts.requests += 1;
        let remarks = of_shown(entry, self.validator.request(message));
        let members = message.object().ok();
        let command = members.as_ref().and_then(|members| {
            let name = members.peek("execute").or_else(|| members.peek("exec-oob"));
            name?.str().ok()
        });
        let name = command.map_or_else(|| "request".to_owned(), |it| format!("request `{it}`"));
        let subject = Subject { line, name: &name };
        self.remarks(&subject, remarks);
        let Some(command) = command else { return };
        let id = members.and_then(|members| members.peek("id"));
        let is_silent = self.validator.is_silent(command);
        let noted = self
            .conversations
            .request(entry.client, command, id, is_silent);
        if noted.reuses_id {
            let text = "its `id` is that of a request that still waits for its reply".to_owned();
            self.plain(Problem::ReusedId, &subject, "id", text);
        }
    }

    fn answer(&mut self, line: u64, entry: &Entry<'_>, message: Value<'_>) {
        let members = message.object().ok();
        let has = |name: &str| members.as_ref().is_some_and(|it| it.peek(name).is_some());
        if has("QMP") {
            self.counts.greetings += 1;
            self.conversations.begin(entry.client);
            return;
        }
        if has("event") {
            self.counts.events += 1;
            let event = members.as_ref().and_then(|it| it.peek("event")?.str().ok());
            let name = event.map_or_else(|| "event".to_owned(), |it| format!("event `{it}`"));
            let subject = Subject { line, name: &name };
            let remarks = of_shown(entry, self.validator.event(message));
            return self.remarks(&subject, remarks);
        }
        let is_error = has("error");
        if is_error {
            self.counts.errors += 1;
        } else {
            self.counts.replies += 1;
        }
        let id = members.and_then(|members| members.peek("id"));
        let command = self
            .conversations
            .reply(entry.client, id, is_error, entry.sentinel)
            .map(|answered| answered.command);
        let word = if is_error { "error" } else { "reply" };
        let name = match &command {
            Some(command) => format!("{word} of `{command}`"),
            None => word.to_owned(),
        };
        let subject = Subject { line, name: &name };
        let remarks = match &command {
            _ if is_error => self.validator.error(message),
            // The request has been remarked on.
            Some(command) if !self.validator.has_command(command) => Vec::new(),
            Some(command) => self.validator.reply(command, message),
            None => Vec::new(),
        };
        self.remarks(&subject, of_shown(entry, remarks));
        if command.is_none() {
            let text = format!("no request was recorded for this {word}");
            self.plain(Problem::NoRequest, &subject, "", text);
        }
    }

    fn remarks(&mut self, subject: &Subject<'_>, remarks: Vec<Remark>) {
        for remark in remarks {
            let words = match remark.problem {
                // The values differ from message to message.
                Problem::WrongType | Problem::OutOfRange => remark.expected.clone(),
                _ => remark.to_string(),
            };
            self.add(subject, words, remark);
        }
    }

    /// Something that no schema tells. The number of unreadable lines matters more than the reasons.
    fn plain(&mut self, problem: Problem, subject: &Subject<'_>, path: &str, text: String) {
        let remark = Remark {
            problem,
            path: path.to_owned(),
            expected: String::new(),
            found: text,
            suggestion: None,
        };
        self.add(subject, String::new(), remark);
    }

    fn add(&mut self, subject: &Subject<'_>, words: String, remark: Remark) {
        let place = for_all_elements(&remark.path);
        let key = (remark.problem, subject.name.to_owned(), place, words);
        if let Some(&known) = self.known.get(&key) {
            self.findings[known].count += 1;
            return;
        }
        if self.findings.len() == MOST_FINDINGS {
            self.counts.further += 1;
            return;
        }
        self.known.insert(key, self.findings.len());
        self.findings.push(Finding {
            problem: remark.problem,
            subject: subject.name.to_owned(),
            text: remark.to_string(),
            path: remark.path,
            suggestion: remark.suggestion,
            file: self.file,
            line: subject.line,
            count: 1,
        });
    }

    /// Returns the severest weight of a finding.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|it| it.problem.severity()).max()
    }
}

/// Returns the remarks on values that the recording shows: the masked value of an enumeration is unknown.
fn of_shown(entry: &Entry<'_>, mut remarks: Vec<Remark>) -> Vec<Remark> {
    if entry.masked > 0 {
        remarks.retain(|it| !it.found.contains(MASKED));
    }
    remarks
}
