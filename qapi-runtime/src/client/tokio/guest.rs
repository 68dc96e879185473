//! The conversation with a guest agent: one request, one reply, and synchronisation whenever that may be disturbed.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::request::{NoReply, QueuedRequest, Requests};
use crate::channel::{Arrival, Channel, First, Reader, race};
use crate::client::Options;
use crate::client::guest_sync::{GuestReplyMeaning, Link, Progress, Synchroniser};
use crate::client::trace;
use crate::message;
use crate::wire::Document;

/// Sends numbers until one comes back: then the next message is the reply to the next request. Waits forever.
pub(super) async fn synchronise<S: AsyncRead + AsyncWrite>(
    channel: &mut Channel<S>,
    options: &Options,
    name: &str,
) -> io::Result<Link> {
    trace::synchronising(name);
    let mut synchroniser = Synchroniser::new(options.sync_attempt);
    loop {
        channel.reader.reset();
        let text = synchroniser.request();
        let patience = synchroniser.patience();
        let attempt = async {
            write(channel, &text).await?;
            wait_for(&mut channel.reader, &mut synchroniser).await
        };
        match timeout(patience, attempt).await {
            Ok(Ok(Progress::Synchronised)) => return Ok(synchroniser.link()),
            Ok(Ok(Progress::Refused | Progress::None)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => synchroniser.expired(),
        }
    }
}

/// Waits for the answer to an attempt.
async fn wait_for<S: AsyncRead>(
    reader: &mut Reader<S>,
    synchroniser: &mut Synchroniser,
) -> io::Result<Progress> {
    loop {
        match reader.next().await? {
            Arrival::Document => match synchroniser.judge(reader.document()) {
                Progress::None => {}
                progress => return Ok(progress),
            },
            Arrival::Malformed(_) => {}
            Arrival::Closed => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Carries requests and replies until the connection fails, which it returns. Calls under way then fail.
pub(super) async fn converse<S: AsyncRead + AsyncWrite>(
    channel: &mut Channel<S>,
    requests: &mut Requests,
    options: &Options,
    name: &str,
    mut link: Link,
) -> io::Error {
    loop {
        let idle = idle(&mut channel.reader, &mut link);
        let mut request = match race(idle, requests.next()).await {
            First::One(error) => return error,
            First::Other(request) => request,
        };
        if !link.synchronised {
            match race(request.reply.closed(), synchronise(channel, options, name)).await {
                First::One(()) => continue,
                First::Other(Ok(anew)) => link = anew,
                First::Other(Err(error)) => return lost(request, error),
            }
        }
        // After any failure from here on, the next reply may belong to this request.
        link.synchronised = false;
        let id = link.next_id();
        message::seal(&mut request.text, id);
        let (text, sent) = (std::mem::take(&mut request.text), request.sent.take());
        let exchange = async {
            write(channel, &text).await?;
            if let Some(sent) = sent {
                // The caller may have gone.
                let _ = sent.send(());
            }
            receive(&mut channel.reader, link, id).await
        };
        match race(request.reply.closed(), exchange).await {
            First::One(()) => {}
            First::Other(Ok(reply)) => {
                if let Ok((GuestReplyMeaning::Reply, _)) = &reply {
                    link.settle();
                }
                let _ = request.reply.send(reply.map(|(_, message)| message));
            }
            First::Other(Err(error)) => return lost(request, error),
        }
    }
}

fn lost(request: QueuedRequest, error: io::Error) -> io::Error {
    let _ = request.reply.send(Err(NoReply::again(&error)));
    error
}

/// Watches over a connection on which nothing is under way: later messages then belong to no call, and the channel is
/// not empty.
async fn idle<S: AsyncRead>(reader: &mut Reader<S>, link: &mut Link) -> io::Error {
    loop {
        match reader.next().await {
            Ok(Arrival::Closed) => return io::ErrorKind::UnexpectedEof.into(),
            Ok(_) => link.synchronised = false,
            Err(error) => return error,
        }
    }
}

/// Receives the reply to request `id`, or an error that takes its place.
async fn receive<S: AsyncRead>(
    reader: &mut Reader<S>,
    link: Link,
    id: Option<u64>,
) -> io::Result<Result<(GuestReplyMeaning, Document), NoReply>> {
    loop {
        match reader.next().await? {
            Arrival::Document => {}
            Arrival::Malformed(error) => return Ok(Err(NoReply::Malformed(error))),
            Arrival::Closed => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        match link.judge(reader.document(), id) {
            GuestReplyMeaning::NotOurs => {}
            GuestReplyMeaning::Nonsense(found) => return Ok(Err(NoReply::Protocol(found.into()))),
            judgement => return Ok(Ok((judgement, reader.take_document()))),
        }
    }
}

/// Writes a request. What comes meanwhile is not a reply to it, and is read and discarded: an agent that cannot send does not receive.
async fn write<S: AsyncRead + AsyncWrite>(channel: &mut Channel<S>, text: &[u8]) -> io::Result<()> {
    let Channel { reader, writer } = channel;
    let stale = async {
        loop {
            match reader.next().await {
                Ok(Arrival::Closed) => return io::ErrorKind::UnexpectedEof.into(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    };
    match race(writer.write_all(text), stale).await {
        First::One(written) => written?,
        First::Other(error) => return Err(error),
    }
    channel.writer.flush().await
}
