//! Waits for many descriptors at once.
//!
//! Long-lived ones are registered with the kernel, so that a wait costs the same however many there are. Others are
//! passed to each wait.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::timer::{Expiration, TimerSetTimeFlags};
use nix::sys::timerfd::{ClockId, TimerFd, TimerFlags};

/// A reason for a wait to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Source {
    /// A signal has come.
    Signals,
    /// There may be results of freezing or thawing.
    Freezing,
    /// There may be results of other commands that take long.
    Background,
    /// A client, or the socket that clients connect to.
    Channel,
}

/// The number of sources.
const SOURCES: usize = Source::Channel as usize + 1;

/// The time from a client's first bytes to a second look at its stream.
const SECOND_LOOK: Duration = Duration::from_millis(100);

/// The number by which the kernel reports the timer.
const TIMER: u64 = SOURCES as u64;

/// The long-lived descriptors, and the wait.
#[derive(Debug)]
pub(crate) struct Poller {
    epoll: Epoll,
    /// Ends a wait when it is time for a second look at the streams. The kernel stops reading after descriptors that a client
    /// passes, even if there is more, and does not report again what it left. `recvmsg` would show that, but costs time at
    /// each request.
    timer: TimerFd,
    is_timer_set: Cell<bool>,
    /// The last wait found a closed descriptor, which the kernel would not report again, or the timer.
    is_to_look_again: Cell<bool>,
}

/// The sources that a wait found ready.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    sources: [bool; SOURCES],
    /// Positions of pipes in the sequence that was waited for.
    pub(crate) programs: Vec<usize>,
}

impl Ready {
    pub(crate) fn has(&self, source: Source) -> bool {
        self.sources[source as usize]
    }

    pub(crate) fn set(&mut self, source: Source) {
        self.sources[source as usize] = true;
    }
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        // Reported once, so that nobody has to read it.
        let once = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
        epoll.add(&timer, EpollEvent::new(once, TIMER))?;
        Ok(Self {
            epoll,
            timer,
            is_timer_set: Cell::new(false),
            is_to_look_again: Cell::new(false),
        })
    }

    /// Waits for `descriptor` to be readable from here on, until it is closed.
    pub(crate) fn add(&self, descriptor: impl AsFd, source: Source) -> io::Result<()> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, source as u64);
        Ok(self.epoll.add(descriptor, event)?)
    }

    /// Waits until something is ready or the time is over. An interruption ends the wait like the timeout.
    ///
    /// `channel` is for a channel that is not [watched](Watched), and `programs` are the pipes of programs.
    pub(crate) fn wait<'a>(
        &self,
        channel: Option<(BorrowedFd<'a>, PollFlags)>,
        programs: impl Iterator<Item = (BorrowedFd<'a>, PollFlags)>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        self.is_to_look_again.set(false);
        let others = channel.into_iter().chain(programs);
        let mut others: Vec<_> = others.map(|(it, events)| PollFd::new(it, events)).collect();
        let mut ready = Ready::default();
        let result = if others.is_empty() {
            self.collect(rounded(timeout), &mut ready)
        } else {
            self.poll(&mut others, rounded(timeout), &mut ready)
        };
        match result {
            Err(Errno::EINTR) => return Ok(Ready::default()),
            result => result?,
        }
        // Unknown bits count too; the call on the descriptor will show the reason.
        let mut found = others.iter().map(|it| it.any().unwrap_or(true));
        if channel.is_some() && found.next() == Some(true) {
            ready.set(Source::Channel);
        }
        let found = found.enumerate();
        ready.programs = found
            .filter_map(|(at, is_ready)| is_ready.then_some(at))
            .collect();
        Ok(ready)
    }

    fn poll<'a>(
        &'a self,
        others: &mut Vec<PollFd<'a>>,
        timeout: PollTimeout,
        ready: &mut Ready,
    ) -> Result<(), Errno> {
        others.push(PollFd::new(self.epoll.0.as_fd(), PollFlags::POLLIN));
        poll(others, timeout)?;
        match others.pop() {
            Some(own) if own.any() != Some(false) => self.collect(PollTimeout::ZERO, ready),
            _ => Ok(()),
        }
    }

    fn collect(&self, timeout: PollTimeout, ready: &mut Ready) -> Result<(), Errno> {
        let mut events = [EpollEvent::empty(); SOURCES + 2];
        let count = self.epoll.wait(&mut events, timeout)?;
        for event in &events[..count] {
            if event.data() == TIMER {
                self.is_timer_set.set(false);
                self.is_to_look_again.set(true);
                continue;
            }
            let at = usize::try_from(event.data()).unwrap_or(SOURCES);
            if let Some(is_ready) = ready.sources.get_mut(at) {
                *is_ready = true;
            }
            if event.events().intersects(ENDS) {
                self.is_to_look_again.set(true);
            }
        }
        if ready.has(Source::Channel) && !self.is_timer_set.get() {
            let expiration = Expiration::OneShot(SECOND_LOOK.into());
            self.timer.set(expiration, TimerSetTimeFlags::empty())?;
            self.is_timer_set.set(true);
        }
        Ok(())
    }
}

const ENDS: EpollFlags = EpollFlags::EPOLLHUP
    .union(EpollFlags::EPOLLRDHUP)
    .union(EpollFlags::EPOLLERR);

/// Rounded up to milliseconds, so that the time is over when the wait is.
fn rounded(timeout: Option<Duration>) -> PollTimeout {
    let Some(timeout) = timeout else {
        return PollTimeout::NONE;
    };
    let milliseconds = timeout.as_nanos().div_ceil(1_000_000);
    i32::try_from(milliseconds)
        .ok()
        .and_then(|millis| PollTimeout::try_from(millis).ok())
        .unwrap_or(PollTimeout::MAX)
}

/// A descriptor that is registered with the kernel until it is dropped.
#[derive(Debug)]
pub(crate) struct Watched<T: AsFd> {
    inner: T,
    poller: Rc<Poller>,
    telling: Telling,
    wanted: PollFlags,
}

/// The times at which the kernel reports an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// At every wait, as long as it lasts.
    Always,
    /// When it occurs. A wait after one that it has ended is then cheaper.
    Once,
}

impl<T: AsFd> Watched<T> {
    /// Watches a socket that clients connect to. At first, no events are reported.
    pub(crate) fn listener(inner: T, poller: &Rc<Poller>) -> io::Result<Self> {
        Self::new(inner, poller, Telling::Always)
    }

    /// Watches a client's stream. At first, no events are reported.
    ///
    /// An event is reported once. A caller that leaves data in the stream must therefore ask for it again.
    pub(crate) fn stream(inner: T, poller: &Rc<Poller>) -> io::Result<Self> {
        Self::new(inner, poller, Telling::Once)
    }

    fn new(inner: T, poller: &Rc<Poller>, telling: Telling) -> io::Result<Self> {
        let wanted = PollFlags::empty();
        poller.epoll.add(&inner, event(wanted, telling))?;
        Ok(Self {
            inner,
            poller: Rc::clone(poller),
            telling,
            wanted,
        })
    }

    /// Makes the next waits end for these events. With `anew`, even if they have been reported already.
    pub(crate) fn wait_for(&mut self, wanted: PollFlags, anew: bool) {
        let anew = anew || self.poller.is_to_look_again.get();
        if wanted == self.wanted && (!anew || wanted.is_empty()) {
            return;
        }
        // A registration can be changed.
        let mut event = event(wanted, self.telling);
        let _ = self.poller.epoll.modify(&self.inner, &mut event);
        self.wanted = wanted;
    }

    pub(crate) fn get(&self) -> &T {
        &self.inner
    }
}

fn event(wanted: PollFlags, telling: Telling) -> EpollEvent {
    let mut flags = EpollFlags::empty();
    if wanted.contains(PollFlags::POLLIN) {
        flags |= EpollFlags::EPOLLIN | EpollFlags::EPOLLRDHUP;
    }
    if wanted.contains(PollFlags::POLLOUT) {
        flags |= EpollFlags::EPOLLOUT;
    }
    // The end of the stream is reported even without any wanted event, but once.
    if telling == Telling::Once || wanted.is_empty() {
        flags |= EpollFlags::EPOLLET;
    }
    EpollEvent::new(flags, Source::Channel as u64)
}

impl<T: AsFd> Drop for Watched<T> {
    fn drop(&mut self) {
        // Closing alone does not do it while a child that is being started has a copy.
        let _ = self.poller.epoll.delete(&self.inner);
    }
}

impl<T: AsFd> AsFd for Watched<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl<T: AsFd + Read> Read for Watched<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<T: AsFd + Write> Write for Watched<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_rounded_up() {
        assert_eq!(rounded(None), PollTimeout::NONE);
        assert_eq!(rounded(Some(Duration::ZERO)), PollTimeout::ZERO);
        assert_eq!(
            rounded(Some(Duration::from_nanos(1))),
            PollTimeout::from(1_u8)
        );
        assert_eq!(
            rounded(Some(Duration::from_millis(7))),
            PollTimeout::from(7_u8)
        );
        assert_eq!(rounded(Some(Duration::MAX)), PollTimeout::MAX);
    }
}
