//! guest-exec and guest-exec-status (docs/reference/agent-behaviour.md §6.9).
//!
//! Output is collected while other requests are served: the event loop watches [`Children::watched`]
//! and calls [`Children::transfer`]. Memory is bounded, see [`Limits`].

mod stream;

use std::collections::{BTreeMap, HashMap};
use std::ffi::CString;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use crate::failure::Failure;
use crate::platform::child_exits::ChildExits;
use crate::platform::spawn::{self, Capture, Program, c_string};
use crate::platform::sys::{self, Exit};
use crate::policy::{Policy, ProgramCall};
use qapi_runtime::base64;
use stream::{Input, Stream, Transfer};

/// A request of guest-exec to start a program.
#[derive(Debug, Default)]
pub(crate) struct ExecRequest {
    pub(crate) path: String,
    pub(crate) arguments: Vec<String>,
    /// Replaces the agent's environment as it is, entry by entry.
    pub(crate) environment: Option<Vec<String>>,
    /// Standard input in base64.
    pub(crate) input: Option<String>,
    pub(crate) capture: Capture,
}

/// The state that guest-exec-status returns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The program or its captured output has not ended.
    Running,
    /// The program has ended; this is returned once.
    Ended {
        exit: Exit,
        output: Captured,
        errors: Captured,
    },
}

/// The output of one stream, up to the limit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Captured {
    pub(crate) data: Vec<u8>,
    pub(crate) truncated: bool,
}

/// Limits on data that is kept for programs. The defaults are the agent's; tests use small ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes kept of each stream; the rest is read and dropped.
    pub(crate) stream: usize,
    /// Bytes kept for all programs together: unread input and unrequested output.
    pub(crate) total: usize,
    /// The number of ended programs that are remembered.
    pub(crate) ended: usize,
    /// The time that an ended program is remembered.
    pub(crate) age: Duration,
    /// The time that an ended program is remembered even if others need its memory.
    pub(crate) protected_age: Duration,
    /// The time after the end of a program for which its output streams may stay open before its end is
    /// reported nevertheless.
    pub(crate) grace: Duration,
    /// The number of streams of programs reported already that are still drained.
    pub(crate) orphans: usize,
}

impl Limits {
    /// The reference has only the first of these and keeps the rest without bound (D24), and waits
    /// for output without end if a background process holds the stream (D27).
    pub(crate) const DEFAULT: Self = Self {
        stream: 16 * 1024 * 1024,
        total: 256 * 1024 * 1024,
        ended: 4096,
        age: Duration::from_secs(24 * 60 * 60),
        protected_age: Duration::from_secs(60),
        grace: Duration::from_secs(5),
        orphans: 64,
    };
}

/// Programs that guest-exec started and guest-exec-status has not finished with.
#[derive(Debug)]
pub(crate) struct Children {
    limits: Limits,
    /// By number of start, because process ids are reused.
    records: BTreeMap<u64, ProgramRecord>,
    /// The youngest record of each process id.
    by_pid: HashMap<i32, u64>,
    transfers: Vec<Transfer>,
    /// The buffer for reading output.
    buffer: Box<[u8]>,
    started: u64,
    /// Bytes in all records and transfers.
    held: usize,
    strangers: Arc<ChildExits>,
}

#[derive(Debug)]
struct ProgramRecord {
    pid: i32,
    ended: Option<(Exit, Instant)>,
    output: Captured,
    errors: Captured,
}

impl ProgramRecord {
    fn stream(&mut self, stream: Stream) -> &mut Captured {
        match stream {
            Stream::Output => &mut self.output,
            Stream::Errors => &mut self.errors,
        }
    }

    fn size(&self) -> usize {
        self.output.data.len() + self.errors.data.len()
    }
}

impl Children {
    /// No programs yet.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            records: BTreeMap::new(),
            by_pid: HashMap::new(),
            transfers: Vec::new(),
            buffer: vec![0; stream::STEP].into(),
            started: 0,
            held: 0,
            strangers: Arc::default(),
        }
    }

    /// Says where to leave the ends of children that were started elsewhere.
    pub(crate) fn leave_strangers_at(&mut self, exits: &Arc<ChildExits>) {
        self.strangers = Arc::clone(exits);
    }

    /// guest-exec: starts a program and returns its process id.
    #[cfg(test)]
    pub(crate) fn start(&mut self, request: &ExecRequest) -> Result<i64, Failure> {
        self.start_permitted(request, &Policy::default())
    }

    /// guest-exec: starts a program, if the policy permits it, and returns its process id.
    pub(crate) fn start_permitted(
        &mut self,
        request: &ExecRequest,
        policy: &Policy,
    ) -> Result<i64, Failure> {
        let input = request
            .input
            .as_deref()
            .map(base64::decode_leniently)
            .transpose()?;
        let mut program = program(request)?;
        if policy.has_programs() {
            apply(policy, request, &mut program)?;
        }
        self.forget_old();
        self.make_room(input.as_ref().map_or(0, Vec::len))?;
        let child = spawn::spawn(&program).map_err(|error| error.failure(&program.path))?;

        self.started += 1;
        let serial = self.started;
        let record = ProgramRecord {
            pid: child.pid,
            ended: None,
            output: Captured::default(),
            errors: Captured::default(),
        };
        self.records.insert(serial, record);
        if let Some(older) = self.by_pid.insert(child.pid, serial) {
            // The number now means the new program; the status of the older can no longer be requested.
            self.remove(older);
        }
        if let (Some(pipe), Some(data)) = (child.input, input) {
            self.held += data.len();
            let mut input = Input::new(pipe, data);
            let progress = input.write();
            self.held -= progress.released;
            if !progress.done {
                self.transfers.push(Transfer::input(serial, input));
            }
        }
        for (pipe, stream) in [
            (child.output, Stream::Output),
            (child.errors, Stream::Errors),
        ] {
            self.transfers
                .extend(pipe.map(|pipe| Transfer::output(serial, pipe, stream)));
        }
        Ok(i64::from(child.pid))
    }

    /// guest-exec-status. The end of a program is returned once.
    pub(crate) fn status(&mut self, pid: i64) -> Result<Status, Failure> {
        let unknown = || Failure::new(format!("PID {pid} does not exist"));
        let number = i32::try_from(pid).map_err(|_| unknown())?;
        self.reap();
        let serial = *self.by_pid.get(&number).ok_or_else(unknown)?;
        let Some((exit, at)) = self.records.get(&serial).ok_or_else(unknown)?.ended else {
            return Ok(Status::Running);
        };
        self.drain(serial);
        let collecting = self
            .transfers
            .iter()
            .any(|transfer| transfer.collects_for(serial));
        if collecting && at.elapsed() < self.limits.grace {
            return Ok(Status::Running);
        }
        let record = self.remove(serial).ok_or_else(unknown)?;
        self.limit_orphans();
        Ok(Status::Ended {
            exit,
            output: record.output,
            errors: record.errors,
        })
    }

    /// Takes note of children that have ended. Call it after SIGCHLD.
    pub(crate) fn reap(&mut self) {
        while let Some((pid, exit)) = sys::reap() {
            let record = self
                .by_pid
                .get(&pid)
                .and_then(|serial| self.records.get_mut(serial));
            match record.filter(|record| record.ended.is_none()) {
                Some(record) => record.ended = Some((exit, Instant::now())),
                None => self.strangers.leave(pid, exit),
            }
        }
    }

    /// Descriptors to watch, and for what. Valid until the next call of any other method; [`Children::transfer`] takes
    /// the position in the sequence.
    pub(crate) fn watched(&self) -> impl Iterator<Item = (BorrowedFd<'_>, PollFlags)> {
        self.transfers.iter().map(Transfer::watched)
    }

    /// Moves bytes where [`Children::watched`] found the descriptors at `ready` to be ready.
    pub(crate) fn transfer(&mut self, ready: impl IntoIterator<Item = usize>) {
        for index in ready {
            self.step(index);
        }
        self.transfers.retain(|transfer| !transfer.is_done());
    }

    /// One read or write. Returns true if more may follow at once.
    fn step(&mut self, index: usize) -> bool {
        let limits = self.limits;
        let Some(transfer) = self.transfers.get_mut(index) else {
            return false;
        };
        let serial = transfer.serial();
        let (records, held) = (&mut self.records, &mut self.held);
        let progress = transfer.step(&mut self.buffer, |stream, bytes| {
            let Some(record) = records.get_mut(&serial) else {
                return 0;
            };
            // Nothing is kept after a gap.
            let captured = record.stream(stream);
            let wanted = if captured.truncated {
                0
            } else {
                bytes.len().min(limits.stream - captured.data.len())
            };
            let excess = (*held + wanted).saturating_sub(limits.total);
            if excess > 0 {
                *held -= give_way(records, serial, excess);
            }
            let kept = wanted.min(limits.total.saturating_sub(*held));
            let Some(record) = records.get_mut(&serial) else {
                return 0;
            };
            let captured = record.stream(stream);
            captured.data.extend_from_slice(&bytes[..kept]);
            captured.truncated |= kept < bytes.len();
            kept
        });
        self.held = self.held + progress.kept - progress.released;
        progress.moved
    }

    /// Collects what an ended program has left in its pipes, so that its end is not reported later
    /// than necessary. Bounded: a background process may write as fast as this reads.
    fn drain(&mut self, serial: u64) {
        for index in 0..self.transfers.len() {
            if self.transfers[index].collects_for(serial) {
                let mut steps = 0;
                while steps < stream::PIPE_STEPS && self.step(index) {
                    steps += 1;
                }
            }
        }
        self.transfers.retain(|transfer| !transfer.is_done());
    }

    fn remove(&mut self, serial: u64) -> Option<ProgramRecord> {
        let record = self.records.remove(&serial)?;
        self.held -= record.size();
        if self.by_pid.get(&record.pid) == Some(&serial) {
            self.by_pid.remove(&record.pid);
        }
        Some(record)
    }

    /// Drops ended programs whose status was not requested for too long, and the oldest if there are too many.
    fn forget_old(&mut self) {
        let ended = self.ended();
        let excess = ended.len().saturating_sub(self.limits.ended);
        for (index, (serial, age)) in ended.into_iter().enumerate() {
            if index < excess || age >= self.limits.age {
                self.remove(serial);
            }
        }
    }

    /// Makes sure that there is memory for `wanted` bytes of input and for one more program's output.
    fn make_room(&mut self, wanted: usize) -> Result<(), Failure> {
        let limits = self.limits;
        let fits = |held: usize, wanted: usize| wanted <= limits.total.saturating_sub(held);
        for (serial, age) in self.ended() {
            if fits(self.held, wanted.saturating_add(2 * limits.stream)) {
                return Ok(());
            }
            if age >= limits.protected_age {
                self.remove(serial);
            }
        }
        let excess = (self.held.saturating_add(wanted)).saturating_sub(limits.total);
        self.held -= give_way(&mut self.records, u64::MAX, excess);
        if fits(self.held, wanted) {
            return Ok(());
        }
        Err(Failure::new(format!(
            "cannot hold {wanted} bytes of input: {held} of {total} bytes are in use by other programs; \
             wait until they have read theirs",
            held = self.held,
            total = limits.total
        )))
    }

    /// Returns the ended programs and the time since their end, oldest start first.
    fn ended(&self) -> Vec<(u64, Duration)> {
        let age = |record: &ProgramRecord| Some(record.ended?.1.elapsed());
        self.records
            .iter()
            .filter_map(|(serial, record)| Some((*serial, age(record)?)))
            .collect()
    }

    /// Stops draining the oldest of too many streams that belong to no record any more.
    fn limit_orphans(&mut self) {
        let records = &self.records;
        let orphan =
            |transfer: &Transfer| transfer.is_output() && !records.contains_key(&transfer.serial());
        let mut excess = self
            .transfers
            .iter()
            .filter(|transfer| orphan(transfer))
            .count()
            .saturating_sub(self.limits.orphans);
        self.transfers.retain(|transfer| {
            let dropped = excess > 0 && orphan(transfer);
            excess -= usize::from(dropped);
            !dropped
        });
    }
}

/// Output is dropped in portions of at least this size, so that little memory is moved.
const PORTION: usize = 1 << 20;

/// Drops output that has not been asked for, of ended programs first, and of those the oldest first, until
/// `excess` bytes are free or nothing is left. The program with the number `newest` keeps its own. Returns
/// the number of bytes that are free.
fn give_way(records: &mut BTreeMap<u64, ProgramRecord>, newest: u64, excess: usize) -> usize {
    let mut order: Vec<_> = records
        .iter()
        .filter(|(serial, record)| **serial < newest && record.size() > 0)
        .map(|(serial, record)| (record.ended.is_none(), *serial))
        .collect();
    order.sort_unstable();
    let mut freed = 0;
    for (_, serial) in order {
        let Some(record) = records.get_mut(&serial) else {
            continue;
        };
        for captured in [&mut record.errors, &mut record.output] {
            if freed >= excess {
                return freed;
            }
            let dropped = captured.data.len().min((excess - freed).max(PORTION));
            if dropped > 0 {
                captured.data.truncate(captured.data.len() - dropped);
                captured.data.shrink_to_fit();
                captured.truncated = true;
                freed += dropped;
            }
        }
    }
    freed
}

/// Checks the strings of a request and puts the argument vector together.
fn program(request: &ExecRequest) -> Result<Program, Failure> {
    let path = c_string(&request.path, "the path of a program")?;
    let arguments = request
        .arguments
        .iter()
        .map(|text| c_string(text, "an argument of a program"));
    let arguments = std::iter::once(Ok(path.clone()))
        .chain(arguments)
        .collect::<Result<_, _>>()?;
    let entry = |text: &String| c_string(text, "an environment entry");
    let environment = request
        .environment
        .as_ref()
        .map(|entries| entries.iter().map(entry).collect());
    Ok(Program {
        path,
        arguments,
        environment: environment.transpose()?,
        input: request.input.is_some(),
        capture: request.capture,
        is_kept: true,
        own_session: false,
        file: None,
        identity: None,
    })
}

/// Has the policy judge a program, and say which file to execute and as whom.
fn apply(policy: &Policy, request: &ExecRequest, program: &mut Program) -> Result<(), Failure> {
    let permit = policy.program(&ProgramCall {
        path: &spawn::locate(program),
        arguments: &request.arguments,
        environment: request.environment.as_deref().unwrap_or_default(),
        has_input: request.input.is_some(),
    })?;
    if let Some(permit) = permit {
        let file = CString::new(permit.path.into_os_string().into_vec());
        program.file = Some(file.map_err(|_| Failure::new("the path has the character U+0000"))?);
        program.identity = permit.identity;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
