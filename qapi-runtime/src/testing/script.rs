//! Scripts: expected requests, in order or by name.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::expect::{Answer, Emitted, Expect};
use super::mismatch::{Asked, Line, Mismatch};
use crate::message::{Error, Request};
use crate::read::Members;
use crate::server::{EventSender, Flow, Outcome, Respond, current_client, reply};
use crate::wire::{Document, SENTINEL};
use crate::write::{Encode, Writer};

/// Answers a request that no expectation answers.
type Otherwise =
    dyn Fn(&str, Members<'_>, &mut Writer) -> Result<Outcome, Error> + Send + Sync + 'static;

/// Checks a request before expectations are searched.
type Judge = dyn Fn(&Request<'_>) -> Result<(), Error> + Send + Sync + 'static;

/// The requests that a client is expected to send, with the answers. A [`MockServer`](super::MockServer) plays it.
pub struct Script {
    expectations: Vec<Expect>,
    is_ordered: bool,
    is_recorded: bool,
    offers_oob: bool,
    events: EventSender,
    otherwise: Option<Box<Otherwise>>,
    judge: Option<Box<Judge>>,
    state: Mutex<ScriptState>,
}

/// The events so far.
#[derive(Debug, Default)]
struct ScriptState {
    /// In order: the expectation that is next.
    next: usize,
    /// The number of times that each expectation was met.
    met: Vec<u64>,
    happened: Vec<Happened>,
}

#[derive(Debug)]
struct Happened {
    asked: Asked,
    is_expected: bool,
    /// The expectation that was next.
    next: usize,
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Script")
            .field("expectations", &self.expectations)
            .field("state", &*self.state())
            .finish_non_exhaustive()
    }
}

impl Script {
    /// Requests that come in this order, over all connections.
    pub fn in_order(expectations: impl IntoIterator<Item = Expect>) -> Self {
        Self::new(expectations.into_iter().collect(), true)
    }

    /// Requests that may come in any order and any number of times, unless an expectation says [how
    /// often](Expect::times). The first expectation that fits, and is not used up, answers.
    pub fn by_name(expectations: impl IntoIterator<Item = Expect>) -> Self {
        Self::new(expectations.into_iter().collect(), false)
    }

    fn new(expectations: Vec<Expect>, is_ordered: bool) -> Self {
        let state = ScriptState {
            met: vec![0; expectations.len()],
            ..ScriptState::default()
        };
        Self {
            expectations,
            is_ordered,
            is_recorded: true,
            offers_oob: false,
            events: EventSender::new(),
            otherwise: None,
            judge: None,
            state: Mutex::new(state),
        }
    }

    /// Answers requests that no expectation answers, as a [`Service`](crate::Service) does. They are then no mistake.
    #[must_use]
    pub fn otherwise(
        mut self,
        answer: impl Fn(&str, Members<'_>, &mut Writer) -> Result<Outcome, Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.otherwise = Some(Box::new(answer));
        self
    }

    /// Refuses requests before expectations are looked at, for instance those that do not fit a schema.
    #[must_use]
    pub fn judged_by(
        mut self,
        judge: impl Fn(&Request<'_>) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.judge = Some(Box::new(judge));
        self
    }

    /// Sets the sender of events.
    #[must_use]
    pub fn with_events(mut self, events: &EventSender) -> Self {
        self.events = events.clone();
        self
    }

    /// Offers out-of-band execution. A script answers at once, so no request overtakes another.
    #[must_use]
    pub fn with_oob(mut self) -> Self {
        self.offers_oob = true;
        self
    }

    /// Does not keep what was asked: for long-running servers. There is nothing to verify then.
    #[must_use]
    pub fn forgetful(mut self) -> Self {
        self.is_recorded = false;
        self
    }

    /// Returns the sender of events to the clients.
    pub fn events(&self) -> &EventSender {
        &self.events
    }

    /// Returns the requests so far, over all connections.
    pub fn asked(&self) -> Vec<Asked> {
        let state = self.state();
        state.happened.iter().map(|it| it.asked.clone()).collect()
    }

    /// Compares what was asked with what was expected.
    ///
    /// # Errors
    /// There was an unexpected request, or an expected one is missing.
    pub fn verify(&self) -> Result<(), Mismatch> {
        let state = self.state();
        let mut lines = Vec::new();
        let mut is_missing_shown = vec![false; self.expectations.len()];
        let missing = |index: usize| {
            let expected = &self.expectations[index];
            let times = self.times(expected).unwrap_or(0);
            let missing = times.saturating_sub(state.met[index]);
            (missing > 0).then(|| {
                let times = if missing > 1 {
                    format!(" ({missing} times)")
                } else {
                    String::new()
                };
                Line::Expected(format!("{expected}{times}"))
            })
        };
        for happened in &state.happened {
            let text = happened.asked.to_string();
            if happened.is_expected {
                lines.push(Line::Both(text));
                continue;
            }
            if self.is_ordered && happened.next < self.expectations.len() {
                let is_shown = &mut is_missing_shown[happened.next];
                if !std::mem::replace(is_shown, true) {
                    lines.extend(missing(happened.next));
                }
            }
            lines.push(Line::Done(text));
        }
        for (index, is_shown) in is_missing_shown.iter().enumerate() {
            if !is_shown {
                lines.extend(missing(index));
            }
        }
        Mismatch::of(&lines)
    }

    fn state(&self) -> MutexGuard<'_, ScriptState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the times that a request is expected, if there is a number.
    fn times(&self, expected: &Expect) -> Option<u64> {
        expected.times.or(self.is_ordered.then_some(1))
    }

    /// Finds the expectation that a request meets, and notes the request.
    fn meet(&self, request: &Request<'_>) -> Option<&Expect> {
        let mut state = self.state();
        let is_open = |state: &ScriptState, index: usize| {
            let times = self.times(&self.expectations[index]);
            times.is_none_or(|times| state.met[index] < times)
        };
        let fits = |index: &usize| self.expectations[*index].fits(request.name, &request.arguments);
        if self.is_ordered {
            while state.next < self.expectations.len() && !is_open(&state, state.next) {
                state.next += 1;
            }
        }
        let next = state.next;
        let found = if self.is_ordered {
            (next < self.expectations.len())
                .then_some(next)
                .filter(fits)
        } else {
            (0..self.expectations.len()).find(|index| is_open(&state, *index) && fits(index))
        };
        if let Some(index) = found {
            state.met[index] += 1;
        }
        if self.is_recorded {
            state.happened.push(Happened {
                asked: Asked {
                    command: request.name.to_owned(),
                    arguments: request.arguments.afresh().rest(),
                },
                is_expected: found.is_some() || self.otherwise.is_some(),
                next,
            });
        }
        found.map(|index| &self.expectations[index])
    }

    /// Writes the value of the reply.
    fn answer(
        &self,
        expected: Option<&Expect>,
        request: Request<'_>,
        out: &mut Writer,
    ) -> Result<Outcome, Error> {
        match (expected.map(|expected| &expected.answer), &self.otherwise) {
            (Some(Answer::Reply(text)), _) => out.raw(text),
            (Some(Answer::Error(error)), _) => return Err(error.clone()),
            (Some(Answer::Silence | Answer::Close), _) => return Ok(Outcome::Silent),
            (Some(Answer::Otherwise) | None, Some(otherwise)) => {
                return otherwise(request.name, request.arguments, out);
            }
            // A client cannot talk to an agent that does not answer this.
            (_, None) if request.name.starts_with("guest-sync") => {
                out.value(&request.arguments.afresh().required::<i64>("id")?);
            }
            (Some(Answer::Otherwise), None) => out.value(&()),
            (None, None) => {
                let text = format!("the script does not expect {} now", request.name);
                return Err(Error::generic(text));
            }
        }
        Ok(Outcome::Done)
    }

    /// Sends events after the reply: to the client that asked with its output, to others at once.
    fn emit_after(&self, events: &[Emitted], out: &mut Vec<u8>) {
        let current = current_client();
        for event in events {
            self.events.append(&event.name, &event.data, out);
            for client in self.events.clients() {
                if Some(client) != current {
                    self.events.emit_to(client, &event.name, &event.data);
                }
            }
        }
    }
}

impl Respond for Script {
    fn respond(&self, document: &Document, allow_oob: bool, out: &mut Vec<u8>) -> Flow {
        let request = match Request::parse(document, allow_oob) {
            Ok(request) => request,
            Err(rejection) => {
                let id = rejection.id.as_ref().map(|id| id as &dyn Encode);
                reply::append_error(out, &rejection.error, id);
                return Flow::default();
            }
        };
        let id = request.id;
        if let Some(Err(error)) = self.judge.as_ref().map(|judge| judge(&request)) {
            reply::append_error(out, &error, id.as_ref().map(|id| id as &dyn Encode));
            return Flow::default();
        }
        let is_sync = self.otherwise.is_none() && request.name.starts_with("guest-sync");
        let expected = if is_sync { None } else { self.meet(&request) };
        for event in expected.iter().flat_map(|expected| &expected.before) {
            self.events.emit(&event.name, &event.data);
        }
        let has_sentinel = request.name == "guest-sync-delimited";
        let start = out.len();
        let mut reply = reply::Reply::begin(out, false);
        let result = self.answer(expected, request, &mut reply.writer);
        let has_sentinel = has_sentinel && result.is_ok();
        reply.finish(id.as_ref(), result, out);
        if has_sentinel {
            out.insert(start, SENTINEL);
        }
        let mut flow = Flow::default();
        if let Some(expected) = expected {
            self.emit_after(&expected.after, out);
            flow.delay = expected.delay;
            flow.close = matches!(expected.answer, Answer::Close);
        }
        flow
    }

    fn offers_oob(&self) -> bool {
        self.offers_oob
    }
}
