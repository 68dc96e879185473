//! The order of replies: random requests, and background tasks that end at random times, against what a client
//! may rely on.
//!
//! No clock is involved: a task ends when the test says so.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use qapi_runtime::server::TaskId;
use qapi_runtime::wire::Document;
use qapi_runtime::{
    AsyncService, CommandInfo, CommandTable, Dispatcher, Encode, Error, Members, Outcome, Service,
    Session, Writer,
};
use qapi_test_support::Random;

/// Answers at once, whatever is at work.
const SAFE: usize = 0;
/// Safe, but its reply has to wait for the end of all tasks: the state that they lead to.
const STATE: usize = 1;
/// Must not run beside a task.
const QUICK: usize = 2;
/// Must not run beside a task, and becomes one itself.
const SLOW: usize = 3;
/// As `QUICK`, and fails.
const FAILING: usize = 4;
/// As `QUICK`, and says nothing when it succeeds.
const SILENT: usize = 5;
/// Disabled.
const OFF: usize = 6;

const fn command(name: &'static str, success_response: bool) -> CommandInfo {
    CommandInfo::new(name).with_success_response(success_response)
}

static COMMANDS: &[CommandInfo] = &[
    command("safe", true),
    command("state", true),
    command("quick", true),
    command("slow", true),
    command("failing", true),
    command("silent", false),
    command("off", true),
];

/// A service like the guest agent's.
#[derive(Default)]
struct Agent {
    /// The tasks at work.
    tasks: RefCell<Vec<TaskId>>,
    /// Requests for the state that wait for them.
    states: RefCell<Vec<TaskId>>,
}

impl Agent {
    fn run(&self, index: usize, reply: &mut Writer) -> Result<Outcome, Error> {
        let deferred = |list: &RefCell<Vec<TaskId>>| {
            let task = TaskId::next();
            list.borrow_mut().push(task);
            Ok(Outcome::Deferred(task))
        };
        match index {
            FAILING => return Err(Error::generic("no")),
            SLOW => return deferred(&self.tasks),
            STATE if !self.tasks.borrow().is_empty() => return deferred(&self.states),
            SILENT => return Ok(Outcome::Silent),
            _ => {}
        }
        reply.value(&1_i64);
        Ok(Outcome::Done)
    }
}

impl Service for &Agent {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(&self, index: usize, _: Members<'_>, reply: &mut Writer) -> Result<Outcome, Error> {
        self.run(index, reply)
    }

    fn is_blocked(&self, index: usize) -> bool {
        !matches!(index, SAFE | STATE) && !self.tasks.borrow().is_empty()
    }
}

/// One request of a client. Its number is its `id`, if it has one.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Command(usize),
    Unknown,
    Malformed,
    /// A member of the envelope that nobody knows.
    Unexpected,
    NoObject,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Send(Kind, bool),
    /// The task that has been at work for longest ends, well or not.
    End(bool),
}

fn kind(random: &mut Random) -> Kind {
    match random.below(12) {
        0 => Kind::Unknown,
        1 => Kind::Malformed,
        2 => Kind::Unexpected,
        3 => Kind::NoObject,
        _ => Kind::Command(random.below(COMMANDS.len())),
    }
}

fn steps(random: &mut Random) -> Vec<Step> {
    let length = 1 + random.below(60);
    (0..length)
        .map(|_| match random.below(5) {
            0 => Step::End(random.below(2) == 0),
            _ => Step::Send(kind(random), random.below(2) == 0),
        })
        .collect()
}

/// Random sequences. Each test has them all.
const SEQUENCES: u64 = 3000;

fn for_each_sequence(test: impl Fn(&mut Random)) {
    for seed in 1..=SEQUENCES {
        test(&mut Random::of_run(seed));
    }
}

/// The bytes of a request. Requests whose reply has no `id` are told apart by their place in the order alone.
fn request(kind: Kind, id: Option<usize>) -> String {
    let id = id.map_or(String::new(), |id| format!(r#","id":{id}"#));
    match kind {
        Kind::Command(index) => format!("{{\"execute\":\"{}\"{id}}}\n", COMMANDS[index].name),
        Kind::Unknown => format!("{{\"execute\":\"no-such\"{id}}}\n"),
        Kind::Malformed => "{\"execute\":,}\n".to_owned(),
        Kind::Unexpected => format!("{{\"execute\":\"safe\",\"x\":1{id}}}\n"),
        Kind::NoObject => "[]\n".to_owned(),
    }
}

/// The form of a reply, apart from its `id`. `None` stands for no reply.
fn expected(kind: Kind, ends_well: bool) -> Option<&'static str> {
    match kind {
        Kind::Command(SLOW) if !ends_well => Some("task"),
        Kind::Command(SAFE | STATE | QUICK | SLOW) => Some("return"),
        Kind::Command(FAILING) => Some("no"),
        Kind::Command(SILENT) => None,
        Kind::Command(_) => Some("disabled"),
        Kind::Unknown => Some("found"),
        Kind::Malformed => Some("parse"),
        Kind::Unexpected => Some("unexpected"),
        Kind::NoObject => Some("object"),
    }
}

/// The rule.
#[derive(Default)]
struct Model {
    /// Requests without a reply yet, in their order.
    open: Vec<(Kind, Option<usize>)>,
    /// The slow request at work.
    at_work: bool,
}

type Reply = (&'static str, Option<usize>);

impl Model {
    fn send(&mut self, kind: Kind, id: Option<usize>) -> Vec<Reply> {
        let id = id.filter(|_| !matches!(kind, Kind::Malformed | Kind::NoObject));
        match kind {
            Kind::Command(SAFE) => vec![("return", id)],
            Kind::Command(STATE) if !self.at_work => vec![("return", id)],
            _ => {
                self.open.push((kind, id));
                self.go_on()
            }
        }
    }

    /// The task at work ends: its reply is sent, then those for the state, then whatever had to wait.
    fn end(&mut self, ends_well: bool) -> Vec<Reply> {
        if !self.at_work {
            return Vec::new();
        }
        self.at_work = false;
        let slow = self
            .open
            .iter()
            .position(|(kind, _)| matches!(kind, Kind::Command(SLOW)))
            .expect("the request at work");
        let (kind, id) = self.open.remove(slow);
        let mut replies = vec![(expected(kind, ends_well).expect("a reply"), id)];
        self.open.retain(|(kind, id)| {
            let is_state = matches!(kind, Kind::Command(STATE));
            if is_state {
                replies.push(("return", *id));
            }
            !is_state
        });
        replies.extend(self.go_on());
        replies
    }

    fn go_on(&mut self) -> Vec<Reply> {
        let mut replies = Vec::new();
        while !self.at_work && !self.open.is_empty() {
            if matches!(self.open[0].0, Kind::Command(SLOW)) {
                self.at_work = true;
            } else {
                let (kind, id) = self.open.remove(0);
                replies.extend(expected(kind, true).map(|reply| (reply, id)));
            }
        }
        replies
    }
}

/// Replies as the model has them.
fn seen(output: &[u8]) -> Vec<(String, Option<usize>)> {
    let text = std::str::from_utf8(output).unwrap();
    text.lines()
        .map(|line| {
            let reply: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = reply
                .get("id")
                .map(|id| usize::try_from(id.as_u64().unwrap()).unwrap());
            let what = match reply["error"]["desc"].as_str() {
                Some(text) => text.to_owned(),
                None => "return".to_owned(),
            };
            (what, id)
        })
        .collect()
}

fn assert_agree(output: &[u8], expected: &[Reply]) {
    let seen = seen(output);
    let agree = seen.len() == expected.len()
        && seen
            .iter()
            .zip(expected)
            .all(|((text, id), (part, expected_id))| text.contains(part) && id == expected_id);
    assert!(agree, "{seen:?} instead of {expected:?}");
}

fn table() -> Arc<CommandTable> {
    let table = CommandTable::new(COMMANDS);
    table.disable(COMMANDS[OFF].name, "for a test");
    Arc::new(table)
}

/// A client of an agent, and the model of both.
struct Scene<'a> {
    agent: &'a Agent,
    dispatcher: Dispatcher<&'a Agent>,
    session: Session,
    model: Model,
}

impl<'a> Scene<'a> {
    fn new(agent: &'a Agent, synchronized_by: Option<&str>) -> Self {
        let dispatcher = Dispatcher::new(agent, table());
        Self {
            agent,
            dispatcher: match synchronized_by {
                Some(name) => dispatcher.synchronized_by(name),
                None => dispatcher,
            },
            session: Session::new(),
            model: Model::default(),
        }
    }

    /// The task at work ends. Returns false if there is none.
    fn end(&mut self, ends_well: bool) -> bool {
        let Some(task) = self.agent.tasks.borrow_mut().pop() else {
            return false;
        };
        let failure = Error::generic("task");
        let result: Result<&dyn Encode, _> = if ends_well { Ok(&1_i64) } else { Err(&failure) };
        // Whether it is awaited, the output tells.
        self.session.complete(task, result);
        for task in self.agent.states.take() {
            self.session.complete(task, Ok(&1_i64));
        }
        self.session.resume(&self.dispatcher);
        true
    }

    fn output(&mut self) -> Vec<u8> {
        std::mem::take(self.session.output())
    }
}

#[test]
fn only_safe_commands_overtake() {
    for_each_sequence(|random| {
        let agent = Agent::default();
        let mut scene = Scene::new(&agent, None);
        let piece = 1 + random.below(40);
        for (number, step) in steps(random).into_iter().enumerate() {
            let expected = match step {
                Step::Send(kind, with_id) => {
                    let id = with_id.then_some(number);
                    // However the bytes are cut.
                    for part in request(kind, id).as_bytes().chunks(piece) {
                        scene.session.feed(part, &scene.dispatcher);
                    }
                    scene.model.send(kind, id)
                }
                Step::End(ends_well) => {
                    scene.end(ends_well);
                    scene.model.end(ends_well)
                }
            };
            assert_agree(&scene.output(), &expected);
            assert!(agent.tasks.borrow().len() <= 1, "two at a time");
        }
        // No request goes without its reply.
        while scene.end(true) {
            let expected = scene.model.end(true);
            assert_agree(&scene.output(), &expected);
        }
        assert!(scene.model.open.is_empty() && scene.session.is_idle());
    });
}

#[test]
fn a_client_that_synchronizes_gets_no_older_reply_without_id() {
    for_each_sequence(|random| {
        let agent = Agent::default();
        let mut scene = Scene::new(&agent, Some(COMMANDS[SAFE].name));
        // The requests with an `id` that have no reply yet, and the number of those without since the last
        // synchronization.
        let mut due = BTreeSet::new();
        let mut since = 0_usize;
        let take = |output: &[u8], due: &mut BTreeSet<usize>, since: &mut usize| {
            for (_, id) in seen(output) {
                match id {
                    Some(id) => assert!(due.remove(&id), "{id} has two replies"),
                    None => *since = since.checked_sub(1).expect("no older reply comes"),
                }
            }
        };
        for (number, step) in steps(random).into_iter().enumerate() {
            match step {
                Step::Send(kind, with_id) => {
                    if matches!(kind, Kind::Command(SAFE)) {
                        since = 0;
                    }
                    let has_id = with_id && !matches!(kind, Kind::Malformed | Kind::NoObject);
                    match expected(kind, true) {
                        None => {}
                        Some(_) if has_id => drop(due.insert(number)),
                        Some(_) => since += 1,
                    }
                    let request = request(kind, with_id.then_some(number));
                    scene.session.feed(request.as_bytes(), &scene.dispatcher);
                }
                Step::End(ends_well) => drop(scene.end(ends_well)),
            }
            take(&scene.output(), &mut due, &mut since);
        }
        while scene.end(true) {
            take(&scene.output(), &mut due, &mut since);
        }
        assert!(due.is_empty(), "without reply: {due:?}");
        assert!(scene.session.is_idle());
    });
}

#[test]
fn requests_that_are_given_up_are_refused_in_their_order() {
    for_each_sequence(|random| {
        let agent = Agent::default();
        let mut scene = Scene::new(&agent, None);
        for (number, step) in steps(random).into_iter().enumerate() {
            if let Step::Send(kind, with_id) = step {
                let id = with_id.then_some(number);
                scene
                    .session
                    .feed(request(kind, id).as_bytes(), &scene.dispatcher);
                scene.model.send(kind, id);
            }
        }
        scene.output();
        // Tasks at work come first, as they began first; commands that say nothing say why they do not run.
        let (deferred, waiting): (Vec<_>, Vec<_>) =
            scene
                .model
                .open
                .iter()
                .enumerate()
                .partition(|(place, (kind, _))| {
                    matches!(kind, Kind::Command(STATE)) || (*place == 0 && scene.model.at_work)
                });
        let expected: Vec<Reply> = deferred
            .into_iter()
            .chain(waiting)
            .map(|(_, (kind, id))| match kind {
                Kind::Malformed => ("parse", None),
                _ => ("the end", *id),
            })
            .collect();
        scene.session.refuse(&Error::generic("the end"));
        assert_agree(&scene.output(), &expected);
        assert!(scene.session.is_idle());
    });
}

#[test]
fn a_client_that_sends_too_much_is_not_read_and_loses_nothing() {
    let agent = Agent::default();
    let mut scene = Scene::new(&agent, None);
    let mut sent = 0;
    let slow = request(Kind::Command(SLOW), Some(sent));
    scene.session.feed(slow.as_bytes(), &scene.dispatcher);
    while !scene.session.is_full() {
        sent += 1;
        let quick = request(Kind::Command(QUICK), Some(sent));
        scene.session.feed(quick.as_bytes(), &scene.dispatcher);
        assert!(sent < 100_000, "memory is bounded");
    }
    let mut more = b"{\"execute\":\"safe\"}".as_slice();
    scene.session.feed_some(&mut more, &scene.dispatcher);
    assert!(!more.is_empty(), "it stays with the client");
    assert!(scene.output().is_empty());
    scene.end(true);
    let ids: Vec<_> = seen(&scene.output())
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    assert_eq!(ids, (0..=sent).map(Some).collect::<Vec<_>>());
    assert!(!scene.session.is_full());
}

#[test]
fn a_service_that_does_not_block_is_answered_in_order() {
    for_each_sequence(|random| {
        let dispatcher = Dispatcher::of_async(Patient, table());
        let mut output = Vec::new();
        let mut wanted = Vec::new();
        for number in 0..=random.below(20) {
            let kind = kind(random);
            let id = (random.below(2) == 0).then_some(number);
            let request = request(kind, id);
            // What is malformed never becomes a document.
            let Ok(document) = Document::parse(request.trim_end().as_bytes()) else {
                continue;
            };
            PAUSES.set(random.below(4));
            block_on(dispatcher.respond_async(&document, &mut output));
            let id = id.filter(|_| !matches!(kind, Kind::NoObject));
            wanted.extend(expected(kind, true).map(|reply| (reply, id)));
        }
        assert_agree(&output, &wanted);
    });
}

thread_local! {
    /// The number of times that a command of `Patient` is not ready.
    static PAUSES: Cell<usize> = const { Cell::new(0) };
}

/// The commands without background tasks: each waits as long as it takes.
struct Patient;

impl AsyncService for Patient {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    async fn call<'c>(
        &'c self,
        index: usize,
        _: Members<'c>,
        reply: &'c mut Writer,
    ) -> Result<Outcome, Error> {
        std::future::poll_fn(|context| {
            let left = PAUSES.get();
            if left == 0 {
                return std::task::Poll::Ready(());
            }
            PAUSES.set(left - 1);
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        match index {
            FAILING => Err(Error::generic("no")),
            SILENT => Ok(Outcome::Silent),
            _ => {
                reply.value(&1_i64);
                Ok(Outcome::Done)
            }
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
