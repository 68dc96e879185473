//! Waiting for a device that is not there yet, and opening it again when it breaks
//! (`--retry-path`, docs/reference/agent-behaviour.md §1.8).

use std::os::fd::AsFd;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use qapi_runtime::server::{Dispatcher, Service, TaskId};
use qapi_runtime::{Encode, Error};

use super::admission::Admission;
use super::channel::{Channel, Watch};
use super::kind::Transport;
use crate::log::{Log, log};
use crate::platform::poller::Poller;
use crate::transport::connection::Delivery;

/// The first pause when nothing signals a change. It doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The pause that the reference always makes.
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// A transport that is reopened as often as necessary.
pub(crate) struct Waiting<S> {
    transport: Transport,
    admission: Admission,
    poller: Rc<Poller>,
    channel: Option<Box<dyn Channel<S>>>,
    folder: DeviceFolder,
    pause: Duration,
    next: Instant,
    /// The reason why the last attempt failed, so that it is reported once.
    reason: String,
}

impl<S: Service> Waiting<S> {
    /// Makes a first attempt.
    pub(crate) fn new(
        transport: Transport,
        admission: Admission,
        poller: Rc<Poller>,
        log: &Log,
    ) -> Self {
        let mut waiting = Self {
            folder: DeviceFolder::new(),
            transport,
            admission,
            poller,
            channel: None,
            pause: FIRST_PAUSE,
            next: Instant::now(),
            reason: String::new(),
        };
        waiting.attempt(log);
        waiting
    }

    fn attempt(&mut self, log: &Log) {
        // Watched first, so that changes after the attempt are noticed.
        if let Some(path) = self.transport.path() {
            self.folder.watch(path);
        }
        match self.transport.open(&self.admission, &self.poller) {
            Ok(channel) => {
                if !self.reason.is_empty() {
                    log!(log, Warning, "{} is open now", self.transport);
                }
                self.channel = Some(channel);
                self.reason.clear();
                self.pause = FIRST_PAUSE;
                self.folder.leave();
            }
            Err(reason) => {
                if reason != self.reason {
                    log!(log, Warning, "{reason}; waiting for {}", self.transport);
                    self.reason = reason;
                }
                self.next = Instant::now() + self.pause;
                self.pause = (self.pause * 2).min(LAST_PAUSE);
            }
        }
    }
}

impl<S: Service> Channel<S> for Waiting<S> {
    fn watch(&mut self) -> Watch<'_> {
        match &mut self.channel {
            Some(channel) => channel.watch(),
            None => self
                .folder
                .watched(self.next.saturating_duration_since(Instant::now())),
        }
    }

    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String> {
        if let Some(channel) = &mut self.channel {
            if let Err(reason) = channel.advance(dispatcher, log) {
                log!(log, Warning, "{reason}; opening {} again", self.transport);
                self.channel = None;
                self.reason = reason;
                self.next = Instant::now() + self.pause;
            }
        } else if self.folder.has_changed() || Instant::now() >= self.next {
            self.attempt(log);
        }
        Ok(())
    }

    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        let channel = self.channel.as_mut();
        channel.is_some_and(|channel| channel.complete(task, result))
    }

    fn delivery(&mut self) -> Delivery {
        // A broken channel has lost its replies.
        let channel = self.channel.as_mut();
        channel.map_or(Delivery::Lost, |channel| channel.delivery())
    }

    fn finish(&mut self, refusal: &Error, patience: Duration) {
        if let Some(channel) = &mut self.channel {
            channel.finish(refusal, patience);
        }
    }
}

/// The nearest existing folder above the device, watched for changes.
#[derive(Debug)]
struct DeviceFolder {
    changes: Changes,
    watched: Option<WatchDescriptor>,
}

/// Without inotify, whose instances are limited per user, there is only the time.
#[derive(Debug)]
enum Changes {
    Told(Inotify),
    Silent,
}

impl DeviceFolder {
    fn new() -> Self {
        let changes = match Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK) {
            Ok(inotify) => Changes::Told(inotify),
            Err(_) => Changes::Silent,
        };
        Self {
            changes,
            watched: None,
        }
    }

    /// Watches the deepest folder on the way to `path` that exists.
    fn watch(&mut self, path: &Path) {
        self.leave();
        let Changes::Told(inotify) = &self.changes else {
            return;
        };
        let flags = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_ATTRIB
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut folders = path.ancestors().skip(1);
        self.watched = folders.find_map(|folder| inotify.add_watch(folder, flags).ok());
    }

    fn leave(&mut self) {
        if let (Changes::Told(inotify), Some(watched)) = (&self.changes, self.watched.take()) {
            // The folder may have gone, and the watch with it.
            let _ = inotify.rm_watch(watched);
        }
    }

    fn watched(&self, timeout: Duration) -> Watch<'_> {
        Watch {
            descriptor: match &self.changes {
                Changes::Told(inotify) => Some((inotify.as_fd(), PollFlags::POLLIN)),
                Changes::Silent => None,
            },
            timeout: Some(timeout),
        }
    }

    /// Returns true if something has happened since the last call.
    fn has_changed(&self) -> bool {
        let mut changed = false;
        if let Changes::Told(inotify) = &self.changes {
            while inotify.read_events().is_ok_and(|events| !events.is_empty()) {
                changed = true;
            }
        }
        changed
    }
}
