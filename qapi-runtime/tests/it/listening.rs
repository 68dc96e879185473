//! Several clients of a blocking server, and its end.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use qapi_runtime::server::{ClientStream, Listener, ServerLimits, ShutDown, Stop, listen};
use qapi_runtime::{
    CommandInfo, CommandTable, Dispatcher, Error, Members, Outcome, Service, Writer,
};

const COMMANDS: &[CommandInfo] = &[CommandInfo::new("quick"), CommandInfo::new("wait")];

/// A service with a command that waits until it is released.
#[derive(Default)]
struct Gate {
    waiting: AtomicUsize,
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn wait_for(&self, waiting: usize) {
        while self.waiting.load(Ordering::SeqCst) != waiting {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Service for Gate {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        arguments.finish()?;
        if index == 1 {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            let mut open = self.open.lock().unwrap();
            while !*open {
                open = self.opened.wait(open).unwrap();
            }
        }
        reply.value(&(index as u64));
        Ok(Outcome::Done)
    }
}

pub(crate) fn socket(test: &str) -> (UnixListener, PathBuf) {
    let path = std::env::temp_dir().join(format!("qapi-listening-{test}-{}", std::process::id()));
    drop(std::fs::remove_file(&path));
    (UnixListener::bind(&path).unwrap(), path)
}

/// Runs a test beside a server, which must end when the test has stopped it.
fn with_server<L>(listener: &L, most: usize, test: impl FnOnce(&Gate, &Stop))
where
    L: Listener + Sync,
    for<'s> &'s L::Stream: Read + Write,
{
    let table = Arc::new(CommandTable::new(COMMANDS));
    let dispatcher = Dispatcher::new(Gate::default(), table);
    let stop = Stop::new();
    let limits = ServerLimits::default().with_clients(most);
    thread::scope(|scope| {
        let server = scope.spawn(|| listen(&dispatcher, listener, &limits, &stop));
        test(dispatcher.service(), &stop);
        assert!(stop.is_stopped());
        server.join().unwrap().unwrap();
        assert_eq!(stop.clients(), 0);
    });
}

struct Client<T>(BufReader<T>);

impl<T: Read + Write> Client<T> {
    fn new(stream: T) -> Self {
        Self(BufReader::new(stream))
    }

    fn send(&mut self, name: &str) {
        let request = format!("{{\"execute\": \"{name}\"}}\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
    }

    /// The next line; empty at the end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            // The server had more to read when it hung up.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => String::new(),
            result => {
                result.unwrap();
                line
            }
        }
    }
}

#[test]
fn clients_do_not_wait_for_each_other() {
    let (listener, path) = socket("several");
    with_server(&listener, 8, |gate, stop| {
        let mut clients: Vec<_> = (0..3)
            .map(|_| Client::new(UnixStream::connect(&path).unwrap()))
            .collect();
        clients[0].send("wait");
        gate.wait_for(1);
        for client in &mut clients[1..] {
            client.send("quick");
            assert_eq!(client.line(), "{\"return\": 0}\n");
        }
        gate.open();
        assert_eq!(clients[0].line(), "{\"return\": 1}\n");
        stop.stop();
        for client in &mut clients {
            assert_eq!(client.line(), "");
        }
    });
}

#[test]
fn clients_beyond_the_limit_wait_for_one_to_go() {
    let (listener, path) = socket("limit");
    with_server(&listener, 1, |_, stop| {
        let mut first = Client::new(UnixStream::connect(&path).unwrap());
        first.send("quick");
        assert_eq!(first.line(), "{\"return\": 0}\n");
        let stream = UnixStream::connect(&path).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        let mut second = Client::new(stream);
        second.send("quick");
        assert!(second.0.fill_buf().is_err(), "nobody should answer yet");
        drop(first);
        second.0.get_ref().set_read_timeout(None).unwrap();
        assert_eq!(second.line(), "{\"return\": 0}\n");
        stop.stop();
    });
}

#[test]
fn stopping_answers_what_has_been_read() {
    let (listener, path) = socket("stop");
    with_server(&listener, 8, |gate, stop| {
        let mut client = Client::new(UnixStream::connect(&path).unwrap());
        client.send("wait");
        gate.wait_for(1);
        stop.stop();
        gate.open();
        assert_eq!(client.line(), "{\"return\": 1}\n");
        assert_eq!(client.line(), "");
    });
}

#[test]
fn a_client_that_does_not_read_can_be_cut_off() {
    let (listener, path) = socket("abort");
    with_server(&listener, 8, |_, stop| {
        let mut client = UnixStream::connect(&path).unwrap();
        client
            .set_write_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        // Until neither side can write any more.
        let requests = "{\"execute\": \"quick\"}\n".repeat(1000);
        while client.write_all(requests.as_bytes()).is_ok() {}
        stop.stop();
        thread::sleep(Duration::from_millis(50));
        assert_eq!(stop.clients(), 1);
        stop.abort();
    });
}

#[test]
fn a_listener_on_tcp_is_stopped_while_it_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    with_server(&listener, 2, |_, stop| {
        let mut client = Client::new(TcpStream::connect(address).unwrap());
        client.send("quick");
        assert_eq!(client.line(), "{\"return\": 0}\n");
        let started = Instant::now();
        stop.stop();
        assert_eq!(client.line(), "");
        assert!(started.elapsed() < Duration::from_secs(10));
    });
    let stopped = Stop::new();
    stopped.stop();
    let dispatcher = Dispatcher::new(Gate::default(), Arc::new(CommandTable::new(COMMANDS)));
    listen(&dispatcher, &listener, &ServerLimits::default(), &stopped).unwrap();
}

#[cfg(feature = "descriptors")]
#[test]
fn a_listener_with_a_full_queue_is_stopped() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&tcp, 0).unwrap();
    let address = tcp.local_addr().unwrap();
    with_server(&tcp, 1, |_, stop| {
        let mut client = Client::new(TcpStream::connect(address).unwrap());
        client.send("quick");
        assert_eq!(client.line(), "{\"return\": 0}\n");
        // Until the system answers none of them any more.
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            waiting.push(stream);
        }
        // A connection without a limit is given up after two minutes.
        let started = Instant::now();
        stop.stop();
        assert!(started.elapsed() < Duration::from_secs(60));
    });
}

/// The time-outs that a server set on its streams, and its output.
#[derive(Debug, Default)]
struct Seen {
    read_timeouts: Vec<Option<Duration>>,
    write_timeouts: Vec<Option<Duration>>,
    output: String,
}

/// A client that sends its pieces, and then nothing for as long as the server waits.
struct Stalling {
    pieces: Mutex<Vec<&'static [u8]>>,
    seen: Arc<Mutex<Seen>>,
}

impl Read for &Stalling {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut pieces = self.pieces.lock().unwrap();
        if pieces.is_empty() {
            let seen = self.seen.lock().unwrap();
            let limit = seen.read_timeouts.last().copied().flatten();
            assert!(limit.is_some(), "the server would wait for ever");
            return Err(ErrorKind::WouldBlock.into());
        }
        let piece = pieces.remove(0);
        buffer[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}

impl Write for &Stalling {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = std::str::from_utf8(bytes).unwrap();
        self.seen.lock().unwrap().output.push_str(text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A listener with one such client.
struct Once(Mutex<Option<Stalling>>, Stop);

impl Listener for Once {
    type Stream = Stalling;

    fn accept(&self) -> std::io::Result<Stalling> {
        if let Some(client) = self.0.lock().unwrap().take() {
            return Ok(client);
        }
        while !self.1.is_stopped() {
            thread::sleep(Duration::from_millis(1));
        }
        Err(ErrorKind::BrokenPipe.into())
    }

    fn handle(&self) -> std::io::Result<ShutDown> {
        Ok(Box::new(|_| ()))
    }
}

impl ClientStream for Stalling {
    fn shut_down(&self) -> std::io::Result<ShutDown> {
        Ok(Box::new(|_| ()))
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> std::io::Result<()> {
        self.seen.lock().unwrap().read_timeouts.push(timeout);
        Ok(())
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> std::io::Result<()> {
        self.seen.lock().unwrap().write_timeouts.push(timeout);
        Ok(())
    }
}

/// Serves a client that sends `pieces` and stalls, until it is disconnected.
fn stall(pieces: &[&'static [u8]]) -> Seen {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let client = Stalling {
        pieces: Mutex::new(pieces.to_vec()),
        seen: Arc::clone(&seen),
    };
    let stop = Stop::new();
    let listener = Once(Mutex::new(Some(client)), stop.clone());
    let dispatcher = Dispatcher::new(Gate::default(), Arc::new(CommandTable::new(COMMANDS)));
    let limits = ServerLimits::default()
        .with_idle_timeout(Duration::from_secs(500))
        .with_request_timeout(Duration::from_secs(50))
        .with_reply_timeout(Duration::from_secs(5));
    thread::scope(|scope| {
        scope.spawn(|| listen(&dispatcher, &listener, &limits, &stop).unwrap());
        // The client's stream is dropped with its thread.
        while Arc::strong_count(&seen) > 1 {
            thread::sleep(Duration::from_millis(1));
        }
        stop.stop();
    });
    Arc::into_inner(seen).unwrap().into_inner().unwrap()
}

#[test]
fn clients_that_stall_are_disconnected() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let seen = stall(&[]);
    assert_eq!(seen.read_timeouts, [seconds(500)]);
    assert_eq!(seen.write_timeouts, [seconds(5)]);
    assert_eq!(seen.output, "", "an idle client would misunderstand it");
    let seen = stall(&[b"{\"execute\": \"quick\"}\n"]);
    assert_eq!(seen.read_timeouts, [seconds(500)]);
    assert_eq!(seen.output, "{\"return\": 0}\n");
    let seen = stall(&[b"{\"execute\": ", b"\"quick\"", b"}{"]);
    assert_eq!(seen.read_timeouts[0], seconds(500));
    for timeout in &seen.read_timeouts[1..] {
        assert!(*timeout <= seconds(50), "{timeout:?}");
    }
    let told = crate::generic("the request has not ended within 50 seconds");
    assert_eq!(seen.output, format!("{{\"return\": 0}}\n{told}"));
}
