//! A QMP server over blocking streams, some threads for each client.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Instant;

use super::current::run_for;
use super::event_sender::{EventSender, Membership};
use super::greeting::Greeting;
use super::negotiation::Negotiation;
use crate::message::Error;
use crate::server::listen::accept_all;
use crate::server::outbox::Outbox;
use crate::server::serve::{Patience, is_timeout};
use crate::server::{Dispatcher, Listener, ServerLimits, Service, Stop, dispatch};
use crate::stream::is_disconnect;
use crate::wire::{Document, Intake, Lexer, MemoryBudget, Share, Signal, WireError};

/// The bytes read at once.
const BUFFER: usize = 64 << 10;

/// Replies above this size are written before further requests are run.
const OUTPUT_MARK: usize = 256 << 10;

/// Requests that wait while out-of-band requests overtake them: so many QEMU takes, too.
const WAITING: usize = 8;

/// Serves a service to the clients of QMP, each greeted and negotiated with. See the [module](super) for an example.
///
/// With a dispatcher [`with_oob`](Dispatcher::with_oob), out-of-band execution is offered: for a client that enables it, a
/// thread of its own runs what is to be executed in order.
#[derive(Debug)]
pub struct QmpServer<S> {
    dispatcher: Dispatcher<S>,
    greeting: Greeting,
    events: EventSender,
    limits: ServerLimits,
}

impl<S: Service + Sync> QmpServer<S> {
    /// A server with the default limits.
    pub fn new(dispatcher: Dispatcher<S>, greeting: Greeting) -> Self {
        Self {
            dispatcher,
            greeting,
            events: EventSender::new(),
            limits: ServerLimits::default(),
        }
    }

    /// Sets who sends events to its clients.
    #[must_use]
    pub fn with_events(mut self, events: &EventSender) -> Self {
        self.events = events.clone();
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The sender of events to its clients.
    pub fn events(&self) -> &EventSender {
        &self.events
    }

    /// The dispatcher.
    pub fn dispatcher(&self) -> &Dispatcher<S> {
        &self.dispatcher
    }

    /// Serves the clients that connect, until [`Stop::stop`]. Returns when the last client has been served.
    ///
    /// # Errors
    /// The listener cannot be duplicated. What fails for one client ends only that.
    pub fn listen<L>(&self, listener: &L, stop: &Stop) -> io::Result<()>
    where
        L: Listener,
        L::Stream: Sync,
        for<'s> &'s L::Stream: Read + Write,
    {
        let budget = MemoryBudget::new(self.limits.memory);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let is_over = &is_over;
            let send = || self.events.run(&|| is_over.load(Ordering::Acquire));
            thread::Builder::new()
                .name("qapi events".to_owned())
                .spawn_scoped(scope, send)?;
            let result = accept_all(listener, &self.limits, stop, &|stream| {
                self.serve::<L>(&stream, &budget, stop)
            });
            is_over.store(true, Ordering::Release);
            self.events.wake();
            result
        })
    }

    /// Serves one client until it goes away or stalls, or until the stop.
    fn serve<L>(&self, stream: &L::Stream, budget: &MemoryBudget, stop: &Stop) -> io::Result<()>
    where
        L: Listener,
        L::Stream: Sync,
        for<'s> &'s L::Stream: Read + Write,
    {
        let outbox = Arc::new(Outbox::new(budget.share()));
        outbox.append(&self.greeting.line(self.dispatcher.offers_oob()));
        let membership = self
            .events
            .attach(Arc::clone(&outbox), Some(L::client(stream)?));
        let worker = Worker {
            dispatcher: &self.dispatcher,
            stream,
            outbox: &outbox,
            membership: &membership,
            queued: &AtomicUsize::new(0),
        };
        thread::scope(|scope| {
            let (written, mut write) = (Arc::clone(&outbox), stream);
            thread::Builder::new()
                .name("qapi output".to_owned())
                .spawn_scoped(scope, move || written.write_all(&mut write))?;
            let mut connection = Connection {
                worker: &worker,
                intake: Intake::new(Lexer::new(self.limits.request), budget.share()),
                patience: Patience::new(self.limits.watch(), L::set_read_timeout),
                negotiation: Negotiation::new(self.dispatcher.offers_oob()),
                output: Vec::new(),
                in_order: None,
                scope,
            };
            let result = connection.serve(stop);
            if let Some((queue, thread)) = connection.in_order.take() {
                drop(queue);
                // A panic has been reported by the thread.
                drop(thread.join());
            }
            outbox.close();
            match result {
                Err(error) if is_disconnect(&error) => Ok(()),
                result => result,
            }
        })
    }
}

/// A request that waits, or bytes that are none.
enum Task {
    Request(
        Document,
        #[expect(dead_code, reason = "given back when it is dropped")] Share,
    ),
    Malformed(WireError),
}

/// Runs the requests of a client.
struct Worker<'c, S, T> {
    dispatcher: &'c Dispatcher<S>,
    stream: &'c T,
    outbox: &'c Outbox,
    membership: &'c Membership,
    /// Requests that wait or are at work in another thread.
    queued: &'c AtomicUsize,
}

impl<S: Service, T> Worker<'_, S, T>
where
    for<'s> &'s T: Write,
{
    fn run(&self, document: &Document, allow_oob: bool, output: &mut Vec<u8>) {
        run_for(self.membership.client(), || {
            self.dispatcher.respond_within(document, allow_oob, output);
        });
    }

    fn write(&self, output: &[u8]) -> io::Result<()> {
        let mut stream = self.stream;
        self.outbox.write(output, &mut stream)
    }

    /// Runs requests in their order, while others overtake them.
    fn run_in_order(&self, tasks: &Receiver<Task>) {
        for task in tasks {
            let mut output = Vec::new();
            match &task {
                Task::Request(document, _) => self.run(document, true, &mut output),
                Task::Malformed(error) => dispatch::malformed(error, &mut output),
            }
            drop(task);
            // The reader finds out by itself if the client has gone.
            drop(self.write(&output));
            self.queued.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// The queue of requests that are run in order, and the thread that does it.
type InOrder<'scope> = (SyncSender<Task>, ScopedJoinHandle<'scope, ()>);

/// A client, as its reading thread sees it.
struct Connection<'scope, 'env, S, T> {
    worker: &'env Worker<'env, S, T>,
    intake: Intake,
    patience: Patience<T>,
    negotiation: Negotiation,
    /// Replies that are not in the outbox yet.
    output: Vec<u8>,
    /// Once out-of-band execution has been enabled.
    in_order: Option<InOrder<'scope>>,
    scope: &'scope Scope<'scope, 'env>,
}

impl<S, T> Connection<'_, '_, S, T>
where
    S: Service + Sync,
    T: Sync,
    for<'s> &'s T: Read + Write,
{
    fn serve(&mut self, stop: &Stop) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        while !stop.is_stopped() {
            let length = match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if is_timeout(&error) => return self.time_out(),
                Err(error) => return Err(error),
            };
            let before = self.intake.signals();
            let mut input = &buffer[..length];
            while let Some(signal) = self.intake.next(&mut input) {
                self.take(signal)?;
                if self.output.len() >= OUTPUT_MARK {
                    self.flush()?;
                }
            }
            self.flush()?;
            let (is_between, is_new) = (self.intake.is_idle(), self.intake.signals() != before);
            self.patience
                .watch
                .received(Instant::now(), is_between, is_new);
        }
        Ok(())
    }

    /// Waits for bytes as long as the limits allow.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stream = self.worker.stream;
        loop {
            self.patience.prepare(stream)?;
            match stream.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) && self.is_busy() => {}
                result => return result,
            }
        }
    }

    /// Returns true if the client waits for replies, and for that reason sends nothing.
    fn is_busy(&self) -> bool {
        !self.patience.watch.is_in_request() && self.worker.queued.load(Ordering::Acquire) > 0
    }

    fn take(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Sentinel => Ok(()),
            Signal::Error(error) if self.negotiation.allows_oob() => {
                self.queue(Task::Malformed(error))
            }
            Signal::Error(error) => {
                dispatch::malformed(&error, &mut self.output);
                Ok(())
            }
            Signal::Document => self.request(),
        }
    }

    fn request(&mut self) -> io::Result<()> {
        let was_done = self.negotiation.is_done();
        let document = self.intake.document();
        if self.negotiation.answer(document, &mut self.output) {
            if !was_done && self.negotiation.is_done() {
                self.worker.membership.set_ready(&self.output);
                self.output.clear();
            }
            return Ok(());
        }
        if self.negotiation.allows_oob() && !self.worker.dispatcher.is_urgent(document) {
            let (document, share) = self.intake.take_document();
            return self.queue(Task::Request(document, share));
        }
        let allow_oob = self.negotiation.allows_oob();
        self.worker.run(document, allow_oob, &mut self.output);
        Ok(())
    }

    /// Lets the other thread run a request, and waits while too many wait already.
    fn queue(&mut self, task: Task) -> io::Result<()> {
        self.flush()?;
        if self.in_order.is_none() {
            let (queue, tasks) = sync_channel(WAITING);
            let worker = self.worker;
            let thread = thread::Builder::new()
                .name("qapi requests".to_owned())
                .spawn_scoped(self.scope, move || worker.run_in_order(&tasks))?;
            self.in_order = Some((queue, thread));
        }
        if let Some((queue, _)) = &self.in_order {
            self.worker.queued.fetch_add(1, Ordering::AcqRel);
            // It ends before this only by a panic.
            let gone = |_| io::Error::from(ErrorKind::BrokenPipe);
            queue.send(task).map_err(gone)?;
        }
        Ok(())
    }

    /// Tells a client that has stalled in a request why it is disconnected.
    fn time_out(&mut self) -> io::Result<()> {
        let watch = &self.patience.watch;
        let error = watch.error();
        if watch.is_in_request() {
            dispatch::tell(&Error::generic(error.to_string()), &mut self.output);
            self.flush()?;
        }
        Err(error)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.worker.write(&self.output)?;
            self.output.clear();
            if self.output.capacity() > BUFFER {
                self.output = Vec::new();
            }
        }
        Ok(())
    }
}
