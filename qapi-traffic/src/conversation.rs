//! Matches replies with requests.

use std::collections::{HashMap, VecDeque};

use qapi_runtime::{Any, Value};

/// The largest number of waiting requests of one client; older ones are given up.
const MOST_PENDING: usize = 4096;

/// The largest number of clients at a time.
const MOST_CLIENTS: usize = 1024;

/// The command whose reply begins with this byte (docs/reference/agent-behaviour.md §3.8).
const SYNC: &str = "guest-sync-delimited";

/// A request that was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// The number of the request, over all clients, from 0.
    pub number: u64,
    /// Its `id` is that of another request that waits for its reply.
    pub reuses_id: bool,
}

/// A request whose reply has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The number with which the request was [noted](Noted::number).
    pub number: u64,
    /// The name of its command.
    pub command: Box<str>,
}

/// A request that waits for its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pending {
    number: u64,
    /// JSON text of its `id`.
    id: Option<Box<str>>,
    command: Box<str>,
    /// Success sends no reply.
    is_silent: bool,
}

/// The conversations of all clients of a recording, in bounded memory.
#[derive(Debug, Default)]
pub struct Conversations {
    clients: HashMap<u64, VecDeque<Pending>>,
    /// Number of requests.
    noted: u64,
    unanswered: u64,
}

impl Conversations {
    /// Restarts a connection: waiting requests will get no reply.
    pub fn begin(&mut self, client: u64) {
        let left = self.clients.remove(&client).unwrap_or_default();
        self.give_up(&left);
    }

    /// Notes a request; `is_silent` if success of its command sends no reply.
    pub fn request(
        &mut self,
        client: u64,
        command: &str,
        id: Option<Value<'_>>,
        is_silent: bool,
    ) -> Noted {
        self.note_text(client, command, id.map(text), is_silent)
    }

    /// Does the same for an owned message.
    pub(crate) fn note(&mut self, client: u64, command: &str, id: Option<&Any>, is_silent: bool) {
        let id = id.map(|id| id.to_string().into());
        self.note_text(client, command, id, is_silent);
    }

    fn note_text(
        &mut self,
        client: u64,
        command: &str,
        id: Option<Box<str>>,
        is_silent: bool,
    ) -> Noted {
        if self.clients.len() >= MOST_CLIENTS
            && !self.clients.contains_key(&client)
            && let Some(&oldest) = self.clients.keys().min()
        {
            self.begin(oldest);
        }
        let number = self.noted;
        self.noted += 1;
        let pending = self.clients.entry(client).or_default();
        let reuses_id = id.is_some() && pending.iter().any(|it| it.id == id);
        pending.push_back(Pending {
            number,
            id,
            command: command.into(),
            is_silent,
        });
        if pending.len() > MOST_PENDING {
            pending.pop_front();
            self.unanswered += 1;
        }
        Noted { number, reuses_id }
    }

    /// Returns the request that a reply belongs to; none if there is none. `sentinel`: a byte 0xFF stands before it.
    pub fn reply(
        &mut self,
        client: u64,
        id: Option<Value<'_>>,
        is_error: bool,
        sentinel: bool,
    ) -> Option<Answered> {
        self.take(client, id.map(text).as_deref(), is_error, sentinel)
    }

    /// Returns the same for an owned message.
    pub(crate) fn answer(
        &mut self,
        client: u64,
        id: Option<&Any>,
        is_error: bool,
        sentinel: bool,
    ) -> Option<Answered> {
        let id = id.map(Any::to_string);
        self.take(client, id.as_deref(), is_error, sentinel)
    }

    fn take(
        &mut self,
        client: u64,
        id: Option<&str>,
        is_error: bool,
        sentinel: bool,
    ) -> Option<Answered> {
        let pending = self.clients.get_mut(&client)?;
        let mut at = pending
            .iter()
            .position(|it| it.id.as_deref() == id && (is_error || !it.is_silent));
        if sentinel {
            // The client starts again with it: earlier requests were lost or their replies are not wanted.
            at = pending.iter().rposition(|it| &*it.command == SYNC).or(at);
        }
        let at = at?;
        let found = pending.remove(at);
        if id.is_none() {
            // Replies without an id come in the order of the requests.
            let mut index = 0;
            let mut lost = VecDeque::new();
            pending.retain(|it| {
                let is_before = index < at && it.id.is_none();
                index += 1;
                if is_before {
                    lost.push_back(it.clone());
                }
                !is_before
            });
            self.give_up(&lost);
        }
        found.map(|found| Answered {
            number: found.number,
            command: found.command,
        })
    }

    /// Requests whose reply was not seen, so far and if nothing more comes.
    pub fn unanswered(&self) -> u64 {
        let waiting = self.clients.values().flatten();
        self.unanswered + waiting.filter(|it| !it.is_silent).count() as u64
    }

    fn give_up(&mut self, pending: &VecDeque<Pending>) {
        self.unanswered += pending.iter().filter(|it| !it.is_silent).count() as u64;
    }
}

fn text(id: Value<'_>) -> Box<str> {
    Any::from(id).to_string().into()
}

#[cfg(test)]
mod tests {
    use qapi_runtime::wire::Document;

    use super::*;

    fn id(text: &str) -> Document {
        Document::parse(text.as_bytes()).expect("it is JSON")
    }

    #[test]
    fn replies_find_their_request_by_id_or_by_order() {
        let mut all = Conversations::default();
        let (one, two) = (id("1"), id("\"two\""));
        assert_eq!(all.request(1, "a", None, false).number, 0);
        all.request(1, "b", Some(one.strict()), false);
        all.request(1, "c", None, false);
        let last = all.request(2, "d", Some(one.strict()), false);
        assert!(last.number == 3 && !last.reuses_id);
        let mut reply = |client, id: Option<&Document>| {
            let answered = all.reply(client, id.map(Document::strict), false, false);
            answered.map(|it| it.command)
        };
        assert_eq!(reply(1, Some(&one)).as_deref(), Some("b"));
        assert_eq!(reply(1, Some(&two)), None);
        assert_eq!(reply(1, None).as_deref(), Some("a"));
        assert_eq!(reply(1, None).as_deref(), Some("c"));
        assert_eq!(reply(1, None), None);
        assert_eq!(reply(3, None), None);
        assert_eq!(all.unanswered(), 1);
        all.begin(2);
        assert_eq!(all.unanswered(), 1);
    }

    #[test]
    fn ids_in_use_are_noticed() {
        let mut all = Conversations::default();
        let one = id("{\"a\": [1]}");
        assert!(!all.request(1, "a", Some(one.strict()), false).reuses_id);
        assert!(all.request(1, "b", Some(one.strict()), false).reuses_id);
        assert!(!all.request(2, "b", Some(one.strict()), false).reuses_id);
        let reply = all.reply(1, Some(one.strict()), false, false);
        assert_eq!(reply.map(|it| it.number), Some(0));
    }

    #[test]
    fn silent_commands_get_errors_only() {
        let mut all = Conversations::default();
        all.request(1, "guest-shutdown", None, true);
        all.request(1, "guest-ping", None, false);
        let reply = |all: &mut Conversations, is_error| {
            all.reply(1, None, is_error, false).map(|it| it.command)
        };
        assert_eq!(reply(&mut all, false).as_deref(), Some("guest-ping"));
        all.request(1, "guest-shutdown", None, true);
        assert_eq!(reply(&mut all, true).as_deref(), Some("guest-shutdown"));
        assert_eq!(all.unanswered(), 0);
    }

    #[test]
    fn a_sentinel_forgets_what_was_before() {
        let mut all = Conversations::default();
        all.request(1, "guest-ping", None, false);
        all.request(1, SYNC, None, false);
        let reply = all.reply(1, None, false, true);
        assert_eq!(reply.map(|it| it.command).as_deref(), Some(SYNC));
        assert_eq!(all.unanswered(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let mut all = Conversations::default();
        for client in 0..(2 * MOST_CLIENTS as u64) {
            all.request(client, "a", None, false);
        }
        assert_eq!(all.clients.len(), MOST_CLIENTS);
        for _ in 0..(2 * MOST_PENDING) {
            all.request(9999, "a", None, false);
        }
        assert_eq!(all.clients[&9999].len(), MOST_PENDING);
    }
}
