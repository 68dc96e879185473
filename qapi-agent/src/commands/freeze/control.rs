//! The event loop's side of freezing: it starts tasks, takes results, and never waits long.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use qapi_runtime::server::{MaybeDeferred, TaskId};

use super::watchdog::Watchdog;
use super::{Freezer, Gate, Kernel, Outcome, Passage, Shared};
use crate::background::PATIENCE;
use crate::commands::cancellation::{Cancellation, Reason};
use crate::failure::Failure;
use crate::platform::wake_pipe::{WakePipe, Waker};

/// Number of file systems. A deferred one comes out of [`Control::results`].
pub(crate) type Reply = Result<MaybeDeferred<i64>, Failure>;

/// Work for the thread.
#[derive(Debug)]
enum Task {
    Freeze {
        chosen: Option<Vec<String>>,
        cancellation: Arc<Cancellation>,
    },
    Thaw {
        /// The reason why the freeze that the host wants to end was ended before.
        too_late: Option<Reason>,
    },
}

/// A task that has ended without a waiting caller.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) task: TaskId,
    /// True for a freeze, false for a thaw.
    pub(crate) is_freeze: bool,
    pub(crate) outcome: Outcome,
}

/// Freezing, for the event loop and the commands.
pub(crate) struct Control<K: Kernel> {
    kernel: K,
    shared: Arc<Shared<K::Open>>,
    gate: Arc<Gatekeeper>,
    /// Waits here until the first task starts its thread.
    idle: RefCell<Option<Thread<K>>>,
    tasks: Sender<(TaskId, Task)>,
    results: Receiver<(TaskId, Outcome)>,
    /// Readable when there may be results.
    wake_pipe: WakePipe,
    /// Results that arrived during the wait for another.
    early: RefCell<Vec<Finished>>,
    /// Tasks without a result yet. Those that freeze can be cancelled.
    open: RefCell<BTreeMap<TaskId, Option<Arc<Cancellation>>>>,
    /// Requests for the status that wait for the end of these tasks.
    status_tasks: RefCell<Vec<TaskId>>,
    watchdog: Watchdog,
}

struct Thread<K: Kernel> {
    freezer: Freezer<K>,
    tasks: Receiver<(TaskId, Task)>,
    results: Sender<(TaskId, Outcome)>,
    waker: Waker,
}

/// The gate between two threads: the event loop closes it when it asks for a freeze; the thread that
/// freezes and thaws opens it, unless another freeze has been requested meanwhile.
struct Gatekeeper {
    gate: Gate,
    /// Requested freezes that have not begun.
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

    /// Turns the gate for the thread: `Safe` at the beginning of a freeze, `All` when nothing is frozen any more.
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
    /// Returns a control over what `freezer` does. A freeze is undone after `longest`, if given, and after `untold` if no
    /// host knows of it.
    pub(crate) fn new(
        mut freezer: Freezer<K>,
        longest: Option<Duration>,
        untold: Duration,
    ) -> Result<Self, String> {
        let failed = |error| format!("cannot prepare for freezing: {error}");
        let (wake_pipe, waker) = WakePipe::new().map_err(failed)?;
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
        let watchdog = Watchdog::new(longest, untold);
        if shared.is_frozen() {
            gate.set(Passage::Safe);
            watchdog.start();
        }
        Ok(Self {
            kernel: freezer.kernel.clone(),
            shared,
            gate,
            idle: RefCell::new(Some(Thread {
                freezer,
                tasks: received,
                results: finished,
                waker,
            })),
            tasks,
            results,
            wake_pipe,
            early: RefCell::default(),
            open: RefCell::default(),
            status_tasks: RefCell::default(),
            watchdog,
        })
    }

    /// Returns true when everything is frozen that should be: not yet while freezing is under way, so that no snapshot
    /// is taken too early.
    pub(crate) fn is_frozen(&self) -> bool {
        self.shared.is_frozen()
    }

    /// Returns true while file systems are frozen or about to be. The process must not end then, nor write
    /// anywhere.
    pub(crate) fn is_holding(&self) -> bool {
        self.gate.safe_only.load(Ordering::Acquire)
    }

    /// Returns a flag that is true as long as [`Control::is_holding`] is.
    pub(crate) fn holding(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.gate.safe_only)
    }

    /// Returns true while a freeze or thaw is at work.
    pub(crate) fn is_busy(&self) -> bool {
        !self.open.borrow().is_empty()
    }

    /// Returns a task that ends when no freeze or thaw is at work any more, if one is now: the status is known
    /// then. It comes out of [`Control::settled`].
    pub(crate) fn status_task(&self) -> Option<TaskId> {
        self.is_busy().then(|| {
            let task = TaskId::next();
            self.status_tasks.borrow_mut().push(task);
            task
        })
    }

    /// Returns the status tasks that have ended, each of them once.
    pub(crate) fn settled(&self) -> Vec<TaskId> {
        if self.is_busy() {
            return Vec::new();
        }
        self.status_tasks.take()
    }

    /// guest-fsfreeze-freeze and guest-fsfreeze-freeze-list.
    pub(crate) fn freeze(&self, chosen: Option<Vec<String>>) -> Reply {
        self.watchdog.start();
        // From here on no command that may write is run, even if the thread has not begun yet.
        self.gate.want_freeze();
        let cancellation = Arc::new(Cancellation::default());
        let task = Task::Freeze {
            chosen,
            cancellation: Arc::clone(&cancellation),
        };
        match self.submit(task, Some(cancellation)) {
            Ok(task_id) => self.wait(task_id),
            Err(failure) => {
                self.gate.forget_freeze();
                Err(failure)
            }
        }
    }

    /// guest-fsfreeze-thaw. A freeze that is still under way is cancelled. If the agent has ended a freeze by itself,
    /// the first thaw after it fails, so that no inconsistent copy is taken for a consistent one.
    pub(crate) fn thaw(&self) -> Reply {
        let task_id = self.begin_thaw(Reason::Thaw, self.watchdog.take_undone())?;
        self.wait(task_id)
    }

    /// Thaws however long it takes, for the end of the process.
    pub(crate) fn thaw_before_end(&self) -> Result<i64, Failure> {
        let task_id = self.begin_thaw(Reason::End, None)?;
        loop {
            if let MaybeDeferred::Ready(count) = self.wait(task_id)? {
                return Ok(count);
            }
        }
    }

    /// Records that a reply is about to be sent that says that file systems are frozen.
    pub(crate) fn telling(&self) {
        if self.is_frozen() {
            self.watchdog.retelling();
        }
    }

    /// Returns true from [`Control::telling`] until [`Control::told`] or [`Control::not_told`].
    pub(crate) fn is_telling(&self) -> bool {
        self.watchdog.is_telling()
    }

    /// Records that a host knows that file systems are frozen.
    pub(crate) fn told(&self) {
        self.watchdog.told();
    }

    /// Records that the reply which says that file systems are frozen was not delivered. If no host asks for the
    /// status, they are thawed soon.
    pub(crate) fn not_told(&self) {
        if self.is_frozen() {
            self.watchdog.not_told();
        }
    }

    /// Records that a host knows that its freeze has failed. It will not take any state for consistent.
    pub(crate) fn failure_told(&self) {
        self.watchdog.take_undone();
    }

    /// When [`Control::expire`] is to be called.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.watchdog.deadline()
    }

    /// Begins to undo a freeze that has lasted too long, or that no host knows of, if the time has come. Returns the
    /// reason then.
    pub(crate) fn expire(&self) -> Option<Reason> {
        let reason = self.watchdog.expire()?;
        // It can only fail to begin if no thread can be started, and then this process has frozen nothing. In both
        // cases a retry would not help.
        let _ = self.begin_thaw(reason, None);
        Some(reason)
    }

    /// Becomes readable when [`Control::results`] has something new.
    pub(crate) fn wake_pipe(&self) -> &WakePipe {
        &self.wake_pipe
    }

    /// Returns the results that have not been given as an answer.
    pub(crate) fn results(&self) -> Vec<Finished> {
        while self.is_busy()
            && let Ok(result) = self.results.try_recv()
        {
            self.keep(result);
        }
        self.early.take()
    }

    fn begin_thaw(&self, reason: Reason, too_late: Option<Reason>) -> Result<TaskId, Failure> {
        for cancellation in self.freezes() {
            cancellation.cancel(reason);
            self.relieve();
        }
        self.submit(Task::Thaw { too_late }, None)
    }

    /// Returns the freezes under way.
    fn freezes(&self) -> Vec<Arc<Cancellation>> {
        let open = self.open.borrow();
        open.values().flatten().cloned().collect()
    }

    fn relieve(&self) {
        let (kernel, shared) = (self.kernel.clone(), Arc::clone(&self.shared));
        // If this thread is missing, the freeze under way may have to end by itself.
        let _ = thread::Builder::new()
            .name("relief".to_owned())
            .spawn(move || shared.relieve(&kernel));
    }

    fn submit(
        &self,
        task: Task,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<TaskId, Failure> {
        self.start_thread()?;
        let task_id = TaskId::next();
        self.tasks
            .send((task_id, task))
            .map_err(|_| Failure::new("the thread that freezes has ended"))?;
        self.open.borrow_mut().insert(task_id, cancellation);
        Ok(task_id)
    }

    fn start_thread(&self) -> Result<(), Failure> {
        let Some(thread) = self.idle.borrow_mut().take() else {
            return Ok(());
        };
        // A failure drops the task; then no later task finds a thread.
        thread::Builder::new()
            .name("freezer".to_owned())
            .spawn(move || thread.work())
            .map(drop)
            .map_err(|error| Failure::new(format!("failed to start a thread: {error}")))
    }

    fn wait(&self, task_id: TaskId) -> Reply {
        match self.results.recv_timeout(PATIENCE) {
            Ok((finished, outcome)) if finished == task_id => {
                let Outcome { result, notes } = outcome;
                self.close(task_id);
                if !notes.is_empty() {
                    // No caller waits for this one.
                    self.early.borrow_mut().push(Finished {
                        task: TaskId::next(),
                        is_freeze: false,
                        outcome: Outcome {
                            result: Ok(0),
                            notes,
                        },
                    });
                }
                result.map(MaybeDeferred::Ready)
            }
            // Its answer comes first, as its request did.
            Ok(earlier) => {
                self.keep(earlier);
                Ok(MaybeDeferred::Deferred(task_id))
            }
            Err(_) => Ok(MaybeDeferred::Deferred(task_id)),
        }
    }

    fn keep(&self, (task, outcome): (TaskId, Outcome)) {
        let is_freeze = self.close(task);
        self.early.borrow_mut().push(Finished {
            task,
            is_freeze,
            outcome,
        });
    }

    /// Takes a task as ended. Returns true if it was a freeze.
    fn close(&self, task_id: TaskId) -> bool {
        let task = self.open.borrow_mut().remove(&task_id);
        let is_freeze = matches!(task, Some(Some(_)));
        if is_freeze && self.is_frozen() {
            self.watchdog.telling();
        }
        if !self.is_holding() {
            self.watchdog.stop();
        }
        is_freeze
    }
}

impl<K: Kernel> Thread<K> {
    fn work(self) {
        for (task_id, task) in self.tasks {
            let outcome = match task {
                Task::Freeze {
                    chosen,
                    cancellation,
                } => self.freezer.freeze(chosen.as_deref(), &cancellation),
                Task::Thaw { too_late } => {
                    let mut outcome = self.freezer.thaw();
                    if let (Ok(_), Some(reason)) = (&outcome.result, too_late) {
                        outcome.result = Err(reason.of_thaw());
                    }
                    outcome
                }
            };
            // The other side lives as long as the process.
            let _ = self.results.send((task_id, outcome));
            self.waker.wake();
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
