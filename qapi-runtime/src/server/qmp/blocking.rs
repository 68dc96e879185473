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
use super::negotiation::ServerNegotiation;
use crate::connection_input::ConnectionInput;
use crate::incoming_descriptors::Descriptor;
use crate::message::{Error, is_out_of_band};
use crate::server::client_stream::TimedReads;
use crate::server::listen::accept_all;
use crate::server::outbox::Outbox;
use crate::server::{ClientStream, Listener, Respond, ServerLimits, Stop, dispatch};
use crate::stream::is_disconnect;
use crate::wire::{Document, MemoryBudget, Share, Signal, WireError};

/// The bytes read at once.
const BUFFER: usize = 64 << 10;

/// Replies above this size are written before further requests are run.
const OUTPUT_MARK: usize = 256 << 10;

/// Requests that wait while out-of-band requests overtake them; QEMU has the same limit.
const WAITING: usize = 8;

/// Serves a [`Dispatcher`](crate::Dispatcher), or another type that implements [`Respond`], to QMP clients, with
/// greeting and negotiation.
///
/// ```no_run
/// use std::os::unix::net::UnixListener;
/// use qapi_runtime::server::{Dispatcher, EventSender, Greeting, QmpServer, Service, Stop};
/// # fn run(dispatcher: Dispatcher<impl Service + Send + Sync>) -> std::io::Result<()> {
/// let events = EventSender::new();
/// let greeting = Greeting::new((9, 2, 0)).with_package("a mock");
/// let server = QmpServer::new(dispatcher, greeting).with_events(&events);
/// std::thread::spawn(move || events.emit("POWERDOWN", &()));
/// server.listen(&UnixListener::bind("qmp.sock")?, &Stop::new())
/// # }
/// ```
///
/// With a dispatcher [`with_oob`](crate::Dispatcher::with_oob), out-of-band execution is offered: for a client that
/// enables it, another thread runs the requests to be executed in order. Out-of-band requests are answered at once,
/// even those for commands that do not allow it.
#[derive(Debug)]
pub struct QmpServer<R> {
    responder: R,
    /// None for servers of protocols without negotiation.
    greeting: Option<Greeting>,
    events: EventSender,
    limits: ServerLimits,
}

impl<R: Respond> QmpServer<R> {
    /// Creates a server with the default limits.
    pub fn new(responder: R, greeting: Greeting) -> Self {
        Self::with_greeting(responder, Some(greeting))
    }

    /// Creates a server of QMP, or of the guest agent's protocol if there is no greeting.
    pub(crate) fn with_greeting(responder: R, greeting: Option<Greeting>) -> Self {
        Self {
            responder,
            greeting,
            events: EventSender::new(),
            limits: ServerLimits::default(),
        }
    }

    /// Sets the sender of events to its clients.
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

    /// Returns the sender of events to its clients.
    pub fn events(&self) -> &EventSender {
        &self.events
    }

    /// Returns the greeting, the sender of events and the limits.
    #[cfg(feature = "tokio")]
    pub(crate) fn settings(&self) -> (Option<&Greeting>, &EventSender, &ServerLimits) {
        (self.greeting.as_ref(), &self.events, &self.limits)
    }

    /// Returns the dispatcher or other responder.
    pub fn responder(&self) -> &R {
        &self.responder
    }

    /// Serves the clients that connect, until [`Stop::stop`]. Returns when the last client has been served.
    ///
    /// # Errors
    /// The listener cannot be duplicated. A failure for one client ends only that client; the feature `tracing` logs it.
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
                self.serve(&stream, &budget, stop)
            });
            is_over.store(true, Ordering::Release);
            self.events.wake();
            result
        })
    }

    /// Serves one client until it goes away or stalls, or until the stop.
    pub(crate) fn serve<T: ClientStream + Sync>(
        &self,
        stream: &T,
        budget: &MemoryBudget,
        stop: &Stop,
    ) -> io::Result<()>
    where
        for<'s> &'s T: Read + Write,
    {
        let outbox = Arc::new(Outbox::new(budget.share()));
        let offers_oob = self.responder.offers_oob();
        let membership = self
            .events
            .attach(Arc::clone(&outbox), Some(stream.shut_down()?));
        let negotiation = if let Some(greeting) = &self.greeting {
            outbox.append(&greeting.line(offers_oob));
            ServerNegotiation::new(offers_oob)
        } else {
            membership.set_ready(&[]);
            ServerNegotiation::none()
        };
        let worker = Worker {
            responder: &self.responder,
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
            let mut connection = QmpConnection {
                worker: &worker,
                incoming: self.limits.incoming(budget),
                reads: TimedReads::of_client(),
                negotiation,
                is_closed: false,
                output: Vec::new(),
                in_order: None,
                scope,
            };
            let result = connection.serve(stop);
            let result = result.or_else(|error| connection.give_up(error));
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

/// A waiting request, or bytes that are not a request.
enum OrderedTask {
    Request(
        Document,
        Vec<Descriptor>,
        #[expect(dead_code, reason = "given back when it is dropped")] Share,
    ),
    Malformed(WireError),
}

/// Runs the requests of a client.
struct Worker<'c, R, T> {
    responder: &'c R,
    stream: &'c T,
    outbox: &'c Outbox,
    membership: &'c Membership,
    /// Requests that wait or are at work in another thread.
    queued: &'c AtomicUsize,
}

impl<R: Respond, T> Worker<'_, R, T>
where
    for<'s> &'s T: Write,
{
    /// Answers a request with the descriptors that came with it. True if the connection is to be closed.
    fn run(
        &self,
        document: &Document,
        mut descriptors: Vec<Descriptor>,
        allow_oob: bool,
        output: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let start = output.len();
        let flow = run_for(Some(self.membership.client()), &mut descriptors, || {
            self.responder.respond(document, allow_oob, output)
        });
        drop(descriptors);
        if !flow.delay.is_zero() {
            self.write(&output[..start])?;
            output.drain(..start);
            thread::sleep(flow.delay);
        }
        Ok(flow.close)
    }

    fn write(&self, output: &[u8]) -> io::Result<()> {
        let mut stream = self.stream;
        self.outbox.write(output, &mut stream)
    }

    /// Runs requests in their order, while others overtake them. The negotiation is over.
    fn run_in_order(&self, mut negotiation: ServerNegotiation, tasks: &Receiver<OrderedTask>) {
        for mut task in tasks {
            let (mut output, mut close) = (Vec::new(), false);
            match &mut task {
                OrderedTask::Request(document, descriptors, _) => {
                    let descriptors = std::mem::take(descriptors);
                    if !negotiation.answer(document, &mut output) {
                        let result = self.run(document, descriptors, true, &mut output);
                        close = result.is_ok_and(|close| close);
                    }
                }
                OrderedTask::Malformed(error) => self.responder.respond_error(error, &mut output),
            }
            drop(task);
            // The reader notices by itself if the client has gone.
            drop(self.write(&output));
            if close {
                self.membership.disconnect();
            }
            self.queued.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// The queue of requests that are run in order, and the thread that does it.
type InOrder<'scope> = (SyncSender<OrderedTask>, ScopedJoinHandle<'scope, ()>);

/// A client's state in its reading thread.
struct QmpConnection<'scope, 'env, R, T> {
    worker: &'env Worker<'env, R, T>,
    incoming: ConnectionInput,
    reads: TimedReads<&'env T>,
    negotiation: ServerNegotiation,
    /// Replies that are not in the outbox yet.
    output: Vec<u8>,
    /// Present once out-of-band execution has been enabled.
    in_order: Option<InOrder<'scope>>,
    /// A reply closes the connection.
    is_closed: bool,
    scope: &'scope Scope<'scope, 'env>,
}

impl<R, T> QmpConnection<'_, '_, R, T>
where
    R: Respond,
    T: Sync,
    for<'s> &'s T: Read + Write,
{
    fn serve(&mut self, stop: &Stop) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        while !stop.is_stopped() {
            let mut stream = self.worker.stream;
            let queued = &self.worker.queued;
            // A client that waits for replies sends nothing for that reason.
            let is_busy = || queued.load(Ordering::Acquire) > 0;
            let (incoming, reads) = (&mut self.incoming, &mut self.reads);
            let length = match reads.read(&mut stream, &mut buffer, incoming, &is_busy)? {
                0 => return Ok(()),
                length => length,
            };
            let mut input = &buffer[..length];
            while let Some(signal) = self.incoming.next(&mut input) {
                self.take(signal)?;
                if self.is_closed {
                    return self.flush();
                }
                if self.output.len() >= OUTPUT_MARK {
                    self.flush()?;
                }
            }
            self.flush()?;
            self.incoming.check_noise()?;
            self.incoming.wait(Instant::now());
        }
        Ok(())
    }

    fn take(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Sentinel => Ok(()),
            Signal::Error(error) if self.negotiation.allows_oob() => {
                self.queue(OrderedTask::Malformed(error))
            }
            Signal::Error(error) => {
                let responder = self.worker.responder;
                responder.respond_error(&error, &mut self.output);
                Ok(())
            }
            Signal::Document => self.request(),
        }
    }

    fn request(&mut self) -> io::Result<()> {
        let descriptors = self.incoming.take_descriptors();
        let was_done = self.negotiation.is_done();
        let allow_oob = self.negotiation.allows_oob();
        let document = self.incoming.document();
        if allow_oob && !is_out_of_band(document) {
            let (document, share) = self.incoming.take_document();
            return self.queue(OrderedTask::Request(document, descriptors, share));
        }
        if self.negotiation.answer(document, &mut self.output) {
            if !was_done && self.negotiation.is_done() {
                self.worker.membership.set_ready(&self.output);
                self.output.clear();
            }
            return Ok(());
        }
        let output = &mut self.output;
        self.is_closed = self.worker.run(document, descriptors, allow_oob, output)?;
        Ok(())
    }

    /// Lets the other thread run a request, and waits while too many wait already.
    fn queue(&mut self, task: OrderedTask) -> io::Result<()> {
        self.flush()?;
        if self.in_order.is_none() {
            let (queue, tasks) = sync_channel(WAITING);
            let (worker, negotiation) = (self.worker, self.negotiation.clone());
            let thread = thread::Builder::new()
                .name("qapi requests".to_owned())
                .spawn_scoped(self.scope, move || worker.run_in_order(negotiation, &tasks))?;
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

    /// Tells a client why it is disconnected, if it is to be told.
    fn give_up(&mut self, error: io::Error) -> io::Result<()> {
        if self.incoming.is_to_be_told(&error) {
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
