//! Tests the port with a model of the kernel's driver, with the host's actions at every moment.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::sync::Arc;

use nix::errno::Errno;
use qapi_runtime::server::CommandTable;
use qapi_runtime::{CommandInfo, Error, Members, Outcome, Writer};

use super::*;

/// The state of the driver. The device's interrupt comes a call later than what it announces, as it
/// may when another processor takes it.
#[derive(Debug, Default)]
struct Driver {
    /// Still to do for the host, with the number of calls before it.
    host: Vec<(usize, Act)>,
    calls: usize,
    /// Bytes in the device's queue, whose interrupt is on the way.
    queued: Option<&'static [u8]>,
    /// Bytes that the driver has taken out of it.
    taken: Option<&'static [u8]>,
    open: bool,
    changed: bool,
    /// The answers that the host programs got, one after the other.
    answers: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Open,
    Send(&'static [u8]),
    Close,
}

impl Driver {
    /// To be called for every call of the agent.
    fn passes(&mut self) {
        // An interrupt is only handled if the queue still holds what it announces.
        if let Some(bytes) = self.queued.take_if(|_| self.taken.is_none()) {
            self.taken = Some(bytes);
            self.changed = true;
        }
        while let Some((_, act)) = self.host.pop_if(|(when, _)| *when <= self.calls) {
            match act {
                Act::Open => {
                    self.open = true;
                    self.changed = true;
                    self.answers.push(Vec::new());
                }
                Act::Send(bytes) => self.queued = Some(bytes),
                Act::Close => {
                    self.open = false;
                    self.changed = true;
                }
            }
        }
        self.calls += 1;
    }

    /// Looks at the port, as every call does: it takes bytes out of the queue, so that the interrupt
    /// finds nothing and announces nothing.
    fn has_bytes(&mut self) -> bool {
        if self.taken.is_none() {
            self.taken = self.queued.take();
        }
        self.taken.is_some()
    }
}

struct Model {
    driver: Rc<RefCell<Driver>>,
    descriptor: File,
}

impl Port for Model {
    fn changes(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    fn take_changes(&self) -> Result<(), Errno> {
        let mut driver = self.driver.borrow_mut();
        driver.passes();
        driver.changed = false;
        Ok(())
    }

    fn is_closed(&self) -> Result<bool, Errno> {
        let mut driver = self.driver.borrow_mut();
        driver.passes();
        driver.has_bytes();
        Ok(!driver.open)
    }
}

impl AsFd for Model {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Read for Model {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut driver = self.driver.borrow_mut();
        driver.passes();
        if driver.has_bytes()
            && let Some(bytes) = driver.taken.take()
        {
            buffer[..bytes.len()].copy_from_slice(bytes);
            return Ok(bytes.len());
        }
        if driver.open {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(0)
    }
}

impl Write for Model {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut driver = self.driver.borrow_mut();
        driver.passes();
        if !driver.open {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let host = driver.answers.last_mut().expect("somebody has opened it");
        host.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Pong;

static COMMANDS: &[CommandInfo] = &[CommandInfo::new("ping")];

impl Service for Pong {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(&self, _: usize, _: Members<'_>, _: &mut Writer) -> Result<Outcome, Error> {
        Ok(Outcome::Done)
    }
}

const PING: &[u8] = b"{\"execute\":\"ping\"}\n";
const PONG: &[u8] = b"{\"return\": {}}\n";

/// Serves until the agent would sleep and the host has done all that it is going to.
fn answers(acts: &[(usize, Act)]) -> Vec<Vec<u8>> {
    let dispatcher = Dispatcher::new(Pong, Arc::new(CommandTable::new(COMMANDS)));
    let log = Log::to_stderr(false);
    let mut host = acts.to_vec();
    host.reverse();
    let driver = Rc::new(RefCell::new(Driver {
        host,
        ..Driver::default()
    }));
    let port = Model {
        driver: Rc::clone(&driver),
        descriptor: File::open("/dev/null").unwrap(),
    };
    let mut serial = VirtioSerial::new(port, "model".to_owned());
    serial.succession = Duration::from_millis(1);
    loop {
        while serial.unfinished || driver.borrow().changed {
            Channel::advance(&mut serial, &dispatcher, &log).unwrap();
            assert!(driver.borrow().calls < 1000, "it never sleeps");
        }
        if let Host::Leaving(until) = serial.host {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            serial.unfinished = true;
            continue;
        }
        let mut driver = driver.borrow_mut();
        if driver.host.is_empty() && driver.queued.is_none() {
            return driver.answers.clone();
        }
        // Time goes by while the agent sleeps.
        driver.passes();
        assert!(driver.calls < 1000, "it sleeps over a request: {acts:?}");
    }
}

#[test]
fn no_request_is_missed_whenever_it_comes() {
    for opening in 0..6 {
        for first in 0..12 {
            for second in 0..12 {
                let acts = [
                    (opening, Act::Open),
                    (opening + first, Act::Send(PING)),
                    (opening + first + 8 + second, Act::Send(PING)),
                ];
                assert_eq!(answers(&acts), [PONG.repeat(2)], "{acts:?}");
            }
        }
    }
}

#[test]
fn bytes_may_come_before_the_news_of_the_opening() {
    for lag in 0..20 {
        let acts = [(3, Act::Send(PING)), (3 + lag, Act::Open)];
        assert_eq!(answers(&acts), [PONG], "{acts:?}");
    }
}

#[test]
fn a_host_that_follows_another_at_once_gets_its_answer() {
    for closing in 0..8 {
        for opening in 0..4 {
            // The bytes may arrive before the notice of the opening, and even before that of the closing.
            for sending in 0..10 {
                let opened = 10 + closing + opening;
                let mut acts = vec![
                    (0, Act::Open),
                    (1, Act::Send(PING)),
                    (10 + closing, Act::Close),
                    (opened, Act::Open),
                    (6 + closing + opening + sending, Act::Send(PING)),
                ];
                acts.sort_by_key(|(when, _)| *when);
                // Only the device, not the driver, knows which host gets an answer, so both count together.
                assert_eq!(answers(&acts).concat(), PONG.repeat(2), "{acts:?}");
            }
        }
    }
}

#[test]
fn half_a_request_ends_with_its_host() {
    for closing in 0..12 {
        for opening in 0..12 {
            let acts = [
                (0, Act::Open),
                (2, Act::Send(b"{\"execute\":")),
                (10 + closing, Act::Close),
                (20 + closing + opening, Act::Open),
                (30 + closing + opening, Act::Send(PING)),
            ];
            assert_eq!(answers(&acts), [Vec::new(), PONG.to_vec()], "{acts:?}");
        }
    }
}
