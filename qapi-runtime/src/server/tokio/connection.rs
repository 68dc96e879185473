//! One client of a server on tokio.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use super::respond::AsyncRespond;
use super::stop::Stop;
use crate::channel::{Arrival, First, Reader, both, race, split};
use crate::incoming_descriptors::Descriptor;
use crate::message::{Error, is_out_of_band};
use crate::server::outbox::Outbox;
use crate::server::qmp::{Membership, ServerNegotiation, within};
use crate::server::{ClientId, ServerLimits, dispatch};
use crate::stream::is_disconnect;
use crate::wire::{Document, MemoryBudget, Share, WireError};

/// Requests of a client that may wait; QEMU has the same limit.
const WAITING: usize = 8;

/// A client that receives events, and its negotiation.
pub(super) struct QmpMember {
    pub(super) membership: Membership,
    pub(super) negotiation: ServerNegotiation,
}

/// Serves one client until it goes away or stalls, or until `stop`. Its memory comes out of `budget`, that of `outbox`, too.
pub(super) async fn serve<R, T>(
    responder: &R,
    stream: T,
    limits: &ServerLimits,
    budget: &MemoryBudget,
    outbox: &Outbox,
    qmp: Option<QmpMember>,
    stop: &Stop,
) -> io::Result<()>
where
    R: AsyncRespond,
    T: AsyncRead + AsyncWrite + Send + 'static,
{
    let (reader, writer) = split(stream);
    let (urgent, urgent_tasks) = mpsc::channel(1);
    let client = qmp.as_ref().map(|qmp| qmp.membership.client());
    let negotiation = match &qmp {
        Some(qmp) if qmp.negotiation.is_negotiable() => ServerNegotiation::with_oob(),
        _ => ServerNegotiation::none(),
    };
    let connection = OrderedRequests {
        responder,
        reader: Reader::of_client(reader, limits.incoming(budget)),
        outbox,
        qmp,
        client,
        waiting: VecDeque::new(),
        urgent,
        urgent_in_hand: None,
        is_closed: false,
        failure: None,
    };
    // Futures are pinned here and passed by reference, which keeps the whole small.
    let stopped = pin!(stop.stopped());
    let in_order = pin!(connection.work(stopped));
    let urgently = pin!(work_urgent(
        responder,
        urgent_tasks,
        outbox,
        client,
        negotiation
    ));
    // Replies are written before the end of reading is reported.
    let mut read = Ok(());
    let written = {
        let work = pin!(async {
            read = both(in_order, urgently).await;
            outbox.close();
            Ok(())
        });
        let write = pin!(outbox.write_to(writer, limits.reply_timeout));
        both(work, write).await
    };
    match read.and(written) {
        Err(error) if is_disconnect(&error) => Ok(()),
        result => result,
    }
}

/// Something that a client has sent.
enum ReceivedTask {
    Request(Document, Vec<Descriptor>, Share),
    Malformed(WireError),
}

/// A client's requests, except urgent ones.
struct OrderedRequests<'c, R, T> {
    responder: &'c R,
    reader: Reader<T>,
    outbox: &'c Outbox,
    qmp: Option<QmpMember>,
    client: Option<ClientId>,
    waiting: VecDeque<ReceivedTask>,
    urgent: mpsc::Sender<ReceivedTask>,
    /// A request for which there was no room in `urgent`.
    urgent_in_hand: Option<ReceivedTask>,
    /// Reading has ended.
    is_closed: bool,
    /// The reason for that, unless the client has closed or the server stops.
    failure: Option<io::Error>,
}

impl<R: AsyncRespond, T: AsyncRead + AsyncWrite + Send + 'static> OrderedRequests<'_, R, T> {
    /// Answers requests in their order, until there are no more or until `stopped`.
    async fn work(mut self, mut stopped: Pin<&mut impl Future<Output = ()>>) -> io::Result<()> {
        let mut answer = Vec::new();
        loop {
            let task = match self.waiting.pop_front() {
                Some(task) => task,
                None if self.is_closed => break,
                None => match self.read(false, stopped.as_mut()).await {
                    Some(task) => task,
                    None => continue,
                },
            };
            answer.clear();
            let mut close = false;
            match task {
                ReceivedTask::Malformed(error) => self.responder.respond_error(&error, &mut answer),
                ReceivedTask::Request(document, descriptors, share) => {
                    if !self.negotiate(&document, &mut answer) {
                        let run = self.run(&document, descriptors, stopped.as_mut(), &mut answer);
                        close = run.await;
                    }
                    // The request may be large, and so may the answer.
                    self.reader.give_back(document);
                    drop(share);
                }
            }
            self.outbox.push(&answer).await;
            if close {
                return Ok(());
            }
            if answer.capacity() > KEPT_ANSWER {
                answer = Vec::new();
            }
        }
        match self.failure {
            None => Ok(()),
            Some(failure) => {
                if self.reader.is_to_be_told(&failure) {
                    answer.clear();
                    dispatch::tell(&Error::generic(failure.to_string()), &mut answer);
                    self.outbox.push(&answer).await;
                }
                Err(failure)
            }
        }
    }

    /// Answers a request that is about the connection itself. False if it is for the service.
    fn negotiate(&mut self, document: &Document, answer: &mut Vec<u8>) -> bool {
        let Some(qmp) = &mut self.qmp else {
            return false;
        };
        let was_done = qmp.negotiation.is_done();
        if !qmp.negotiation.answer(document, answer) {
            return false;
        }
        if !was_done && qmp.negotiation.is_done() {
            qmp.membership.set_ready(answer);
            answer.clear();
        }
        true
    }

    /// Returns true if the client may ask for out-of-band execution.
    fn allows_oob(&self) -> bool {
        match &self.qmp {
            Some(qmp) => qmp.negotiation.allows_oob(),
            None => self.responder.offers_oob(),
        }
    }

    /// Runs a request, and meanwhile reads those after it, of which urgent ones are run at once. True if the connection is to
    /// be closed.
    async fn run(
        &mut self,
        document: &Document,
        descriptors: Vec<Descriptor>,
        mut stopped: Pin<&mut impl Future<Output = ()>>,
        answer: &mut Vec<u8>,
    ) -> bool {
        let (responder, allow_oob) = (self.responder, self.allows_oob());
        let response = responder.respond(document, allow_oob, answer);
        let mut response = pin!(within(self.client, descriptors, response));
        while !self.is_closed && self.waiting.len() < WAITING {
            let first = {
                let read = pin!(self.read(true, stopped.as_mut()));
                race(response.as_mut(), read).await
            };
            match first {
                First::One(close) => return close,
                First::Other(task) => self.waiting.extend(task),
            }
        }
        response.await
    }

    /// Waits for the next request that is not urgent; `None` if there is none, or if there may be more. Nothing is lost if
    /// the future is dropped.
    async fn read(
        &mut self,
        is_busy: bool,
        stopped: Pin<&mut impl Future<Output = ()>>,
    ) -> Option<ReceivedTask> {
        if self.urgent_in_hand.is_some() {
            // There is no receiver after a failed write, which ends this, too.
            let permit = self.urgent.reserve().await.ok()?;
            permit.send(self.urgent_in_hand.take()?);
        }
        let first = {
            let next = pin!(self.reader.next_while(is_busy));
            race(stopped, next).await
        };
        let arrival = match first {
            First::One(()) => Ok(Arrival::Closed),
            First::Other(arrival) => arrival,
        };
        match arrival {
            Ok(Arrival::Document) => {
                let is_urgent = self.allows_oob() && is_out_of_band(self.reader.document());
                let descriptors = self.reader.take_descriptors();
                let (document, share) = self.reader.take_counted();
                let task = ReceivedTask::Request(document, descriptors, share);
                if !is_urgent {
                    return Some(task);
                }
                self.urgent_in_hand = Some(task);
            }
            Ok(Arrival::Malformed(error)) => return Some(ReceivedTask::Malformed(error)),
            Ok(Arrival::Closed) => self.is_closed = true,
            Err(error) => {
                self.is_closed = true;
                self.failure = Some(error);
            }
        }
        None
    }
}

/// Buffers of answers up to this size are kept.
const KEPT_ANSWER: usize = 64 << 10;

/// Answers requests to be executed out of band, in their order. The negotiation is over.
async fn work_urgent<R: AsyncRespond>(
    responder: &R,
    mut tasks: mpsc::Receiver<ReceivedTask>,
    outbox: &Outbox,
    client: Option<ClientId>,
    mut negotiation: ServerNegotiation,
) -> io::Result<()> {
    while let Some(task) = tasks.recv().await {
        let mut answer = Vec::new();
        match task {
            ReceivedTask::Request(document, descriptors, _share) => {
                if !negotiation.answer(&document, &mut answer) {
                    let response = responder.respond(&document, true, &mut answer);
                    within(client, descriptors, response).await;
                }
            }
            ReceivedTask::Malformed(error) => responder.respond_error(&error, &mut answer),
        }
        outbox.push(&answer).await;
    }
    Ok(())
}
