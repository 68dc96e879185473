//! The event loop's side of freezing: it gives out tasks, takes the results, and never waits long.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Freezer, Gate, Kernel, Outcome, Passage, Shared};
use crate::bell::{Bell, Ringer};
use crate::failure::Failure;
use crate::late::{self, PATIENCE, Ticket};

/// The answer to a command: how many file systems. A late one comes out of [`Control::results`].
pub(crate) type Answer = late::Answer<i64>;

/// Work for the thread.
#[derive(Debug)]
enum Task {
    Freeze {
        chosen: Option<Vec<String>>,
        cancelled: Arc<AtomicBool>,
    },
    Thaw,
}

/// Freezing as the event loop and the commands see it.
pub(crate) struct Control<K: Kernel> {
    kernel: K,
    shared: Arc<Shared<K::Open>>,
    gate: Arc<Gatekeeper>,
    /// Waits here until the first task starts its thread.
    idle: RefCell<Option<Thread<K>>>,
    tasks: Sender<(Ticket, Task)>,
    results: Receiver<(Ticket, Outcome)>,
    /// Readable when there may be results.
    bell: Bell,
    /// Results that came while another was waited for.
    early: RefCell<Vec<(Ticket, Outcome)>>,
    /// Tasks without a result yet, with the wish to cancel them if they can be.
    open: RefCell<BTreeMap<Ticket, Option<Arc<AtomicBool>>>>,
    longest: Option<Duration>,
    deadline: Cell<Option<Instant>>,
}

struct Thread<K: Kernel> {
    freezer: Freezer<K>,
    tasks: Receiver<(Ticket, Task)>,
    results: Sender<(Ticket, Outcome)>,
    bell: Ringer,
}

/// The gate between two threads: the event loop closes it when it asks for a freeze; the thread that
/// freezes and thaws opens it, unless a further freeze has been asked for meanwhile.
struct Gatekeeper {
    gate: Gate,
    /// Freezes that were asked for and have not begun.
    wanted: Mutex<usize>,
    safe_only: Arc<AtomicBool>,
}

impl Gatekeeper {
    fn set(&self, passage: Passage) {
        self.safe_only
            .store(passage == Passage::Safe, Ordering::Release);
        (self.gate)(passage);
    }

    fn want_freeze(&self) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        *wanted += 1;
        self.set(Passage::Safe);
    }

    /// For a freeze that cannot be begun.
    fn forget_freeze(&self) {
        self.turn(Passage::Safe);
        self.turn(Passage::All);
    }

    /// What the thread does: a freeze begins with `Safe`; when nothing is frozen any more comes `All`.
    fn turn(&self, passage: Passage) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        match passage {
            Passage::Safe => {
                *wanted = wanted.saturating_sub(1);
                self.set(passage);
            }
            Passage::All if *wanted == 0 => self.set(passage),
            Passage::All => {}
        }
    }
}

impl<K: Kernel + Clone> Control<K> {
    /// A control over what `freezer` does. After `longest`, if given, a freeze is undone.
    pub(crate) fn new(mut freezer: Freezer<K>, longest: Option<Duration>) -> Result<Self, String> {
        let failed = |error| format!("cannot prepare for freezing: {error}");
        let (bell, ring) = Bell::new().map_err(failed)?;
        let (tasks, received) = channel();
        let (finished, results) = channel();
        let shared = Arc::clone(&freezer.shared);
        let gate = Arc::new(Gatekeeper {
            gate: freezer.gate,
            wanted: Mutex::new(0),
            safe_only: Arc::default(),
        });
        let for_thread = Arc::clone(&gate);
        freezer.gate = Box::new(move |passage| for_thread.turn(passage));
        let deadline = Cell::new(None);
        if shared.is_frozen() {
            gate.set(Passage::Safe);
            deadline.set(longest.map(|longest| Instant::now() + longest));
        }
        Ok(Self {
            kernel: freezer.kernel.clone(),
            shared,
            gate,
            idle: RefCell::new(Some(Thread {
                freezer,
                tasks: received,
                results: finished,
                bell: ring,
            })),
            tasks,
            results,
            bell,
            early: RefCell::default(),
            open: RefCell::default(),
            longest,
            deadline,
        })
    }

    /// guest-fsfreeze-status: whether everything is frozen that should be. Not yet true while
    /// freezing is under way, so that nobody takes a snapshot too early.
    pub(crate) fn is_frozen(&self) -> bool {
        self.shared.is_frozen()
    }

    /// Whether file systems are frozen or about to be. The process must not end then, nor write
    /// anywhere.
    pub(crate) fn is_holding(&self) -> bool {
        self.gate.safe_only.load(Ordering::Acquire)
    }

    /// A flag that is true as long as [`Control::is_holding`] is.
    pub(crate) fn holding(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.gate.safe_only)
    }

    /// Whether a task is under way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.open.borrow().is_empty()
    }

    /// guest-fsfreeze-freeze and guest-fsfreeze-freeze-list.
    pub(crate) fn freeze(&self, chosen: Option<Vec<String>>) -> Answer {
        if let Some(longest) = self.longest {
            self.deadline.set(Instant::now().checked_add(longest));
        }
        // From here on no command that may write is run, also if the thread is not at it yet.
        self.gate.want_freeze();
        let cancelled = Arc::new(AtomicBool::new(false));
        let task = Task::Freeze {
            chosen,
            cancelled: Arc::clone(&cancelled),
        };
        match self.submit(task, Some(cancelled)) {
            Ok(ticket) => self.wait(ticket, PATIENCE),
            Err(failure) => {
                self.gate.forget_freeze();
                Answer::Now(Err(failure))
            }
        }
    }

    /// guest-fsfreeze-thaw. A freeze that is still under way is cancelled.
    pub(crate) fn thaw(&self) -> Answer {
        match self.begin_thaw() {
            Ok(ticket) => self.wait(ticket, PATIENCE),
            Err(failure) => Answer::Now(Err(failure)),
        }
    }

    /// Thaws however long it takes, for the end of the process.
    pub(crate) fn thaw_before_end(&self) -> Result<i64, Failure> {
        let ticket = self.begin_thaw()?;
        loop {
            if let Answer::Now(result) = self.wait(ticket, PATIENCE) {
                return result;
            }
        }
    }

    /// When [`Control::expire`] is to be called.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline.get()
    }

    /// Begins to undo a freeze that has lasted too long, if the time has come.
    pub(crate) fn expire(&self) -> bool {
        let over = self.deadline.get().is_some_and(|at| at <= Instant::now());
        if over {
            // Only a thread that cannot be started keeps it from beginning, and then there has been
            // no freeze by this process. Either way another try would be no better.
            self.deadline.set(None);
            let _ = self.begin_thaw();
        }
        over
    }

    /// Becomes readable when [`Control::results`] has something new.
    pub(crate) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// The results that have not been given as an answer.
    pub(crate) fn results(&self) -> Vec<(Ticket, Outcome)> {
        while let Ok(result) = self.results.try_recv() {
            self.keep(result);
        }
        self.early.take()
    }

    fn begin_thaw(&self) -> Result<Ticket, Failure> {
        for cancelled in self.freezes() {
            cancelled.store(true, Ordering::Release);
            self.relieve();
        }
        self.submit(Task::Thaw, None)
    }

    /// The freezes under way, as their wishes to be cancelled.
    fn freezes(&self) -> impl Iterator<Item = Arc<AtomicBool>> {
        let open = self.open.borrow();
        let freezes: Vec<_> = open.values().flatten().cloned().collect();
        freezes.into_iter()
    }

    fn relieve(&self) {
        let (kernel, shared) = (self.kernel.clone(), Arc::clone(&self.shared));
        // Without this thread the freeze under way may have to end by itself.
        let _ = thread::Builder::new()
            .name("relief".to_owned())
            .spawn(move || shared.relieve(&kernel));
    }

    fn submit(&self, task: Task, cancelled: Option<Arc<AtomicBool>>) -> Result<Ticket, Failure> {
        self.start_thread()?;
        let ticket = Ticket::next();
        self.tasks
            .send((ticket, task))
            .map_err(|_| Failure::new("the thread that freezes has ended"))?;
        self.open.borrow_mut().insert(ticket, cancelled);
        Ok(ticket)
    }

    fn start_thread(&self) -> Result<(), Failure> {
        let Some(thread) = self.idle.borrow_mut().take() else {
            return Ok(());
        };
        // A failure drops what was to run; then every later task finds nobody to take it.
        thread::Builder::new()
            .name("freezer".to_owned())
            .spawn(move || thread.work())
            .map(drop)
            .map_err(|error| Failure::new(format!("failed to start a thread: {error}")))
    }

    fn wait(&self, ticket: Ticket, patience: Duration) -> Answer {
        match self.results.recv_timeout(patience) {
            Ok((finished, outcome)) if finished == ticket => {
                let Outcome { result, notes } = outcome;
                self.close(ticket);
                if !notes.is_empty() {
                    // Nobody waits for this one.
                    let (nobody, result) = (Ticket::next(), Ok(0));
                    let outcome = Outcome { result, notes };
                    self.early.borrow_mut().push((nobody, outcome));
                }
                Answer::Now(result)
            }
            // Its answer comes first, as its request did.
            Ok(earlier) => {
                self.keep(earlier);
                Answer::Later(ticket)
            }
            Err(_) => Answer::Later(ticket),
        }
    }

    fn keep(&self, (ticket, outcome): (Ticket, Outcome)) {
        self.close(ticket);
        self.early.borrow_mut().push((ticket, outcome));
    }

    fn close(&self, ticket: Ticket) {
        self.open.borrow_mut().remove(&ticket);
        if !self.is_holding() {
            self.deadline.set(None);
        }
    }
}

impl<K: Kernel> Thread<K> {
    fn work(self) {
        for (ticket, task) in self.tasks {
            let outcome = match task {
                Task::Freeze { chosen, cancelled } => {
                    self.freezer.freeze(chosen.as_deref(), &cancelled)
                }
                Task::Thaw => self.freezer.thaw(),
            };
            // The other side is there as long as the process is.
            let _ = self.results.send((ticket, outcome));
            self.bell.ring();
        }
    }
}

impl<K: Kernel> fmt::Debug for Control<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Control")
            .field("frozen", &self.shared.is_frozen())
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}
