//! Time-outs and limits of a client.

use std::time::Duration;

use crate::wire::Limits;

/// Options of a client. Start with `Options::default()` and change what you need:
///
/// ```
/// use std::time::Duration;
/// let options = qapi_runtime::Options::default().with_timeout(Duration::from_secs(5));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The time a call may take, from its first byte to the reply's last; `None` waits forever. 60 s by default.
    ///
    /// It also covers the resynchronisation that a call needs if the one before it timed out.
    pub timeout: Option<Duration>,
    /// The time that connecting may take: the greeting of a QMP server, the first synchronisation with a guest agent, which
    /// may not be up yet. `None` waits forever. 10 s by default.
    pub connect_timeout: Option<Duration>,
    /// The time that the first attempt to synchronise with a guest agent may take; each further attempt takes twice as
    /// long, up to 16 s. 500 ms by default.
    pub sync_attempt: Duration,
    /// The time to wait for an error after a command that does not answer on success. 1 s by default.
    pub silence: Duration,
    /// The largest reply to accept, in bytes of its tokens. 128 MiB by default: the agent's largest replies hold some
    /// 45 MB.
    pub reply_limit: usize,
    /// True to enable out-of-band execution if the QMP server offers it. Off by default.
    pub out_of_band: bool,
    /// The number of events to keep until they are taken; the oldest are dropped first and counted. 1024 by default.
    pub event_limit: usize,
    /// The way in which a client that knows how to connect restores a lost connection: an asynchronous one at once, a
    /// blocking one at the next call. `None`, the default, does not reconnect.
    pub reconnect: Option<Reconnect>,
    /// The connection's name in errors. `None`, the default, is the kind of server and its address.
    pub name: Option<Box<str>>,
}

/// The way to restore a lost connection: an attempt, a pause, an attempt, a pause twice as long, and so on.
///
/// Calls whose requests were under way when the connection was lost fail, for they may have been executed. Calls that
/// were waiting to be sent, and new ones, wait for the new connection until their own time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconnect {
    /// The first pause. 100 ms by default.
    pub first: Duration,
    /// The longest pause. 10 s by default.
    pub longest: Duration,
    /// The time after which to give up; `None`, the default, means never.
    pub give_up: Option<Duration>,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(10),
            give_up: None,
        }
    }
}

impl Reconnect {
    /// Sets [`first`](Reconnect::first) and [`longest`](Reconnect::longest).
    #[must_use]
    pub fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        (self.first, self.longest) = (first, longest);
        self
    }

    /// Sets [`give_up`](Reconnect::give_up).
    #[must_use]
    pub fn with_give_up(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.give_up = time.into();
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_secs(60)),
            connect_timeout: Some(Duration::from_secs(10)),
            sync_attempt: Duration::from_millis(500),
            silence: Duration::from_secs(1),
            reply_limit: 128 << 20,
            out_of_band: false,
            event_limit: 1024,
            reconnect: None,
            name: None,
        }
    }
}

impl Options {
    /// Sets [`timeout`](Options::timeout).
    #[must_use]
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets [`connect_timeout`](Options::connect_timeout).
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = timeout.into();
        self
    }

    /// Sets [`sync_attempt`](Options::sync_attempt).
    #[must_use]
    pub fn with_sync_attempt(mut self, attempt: Duration) -> Self {
        self.sync_attempt = attempt;
        self
    }

    /// Sets [`silence`](Options::silence).
    #[must_use]
    pub fn with_silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Sets [`reply_limit`](Options::reply_limit).
    #[must_use]
    pub fn with_reply_limit(mut self, bytes: usize) -> Self {
        self.reply_limit = bytes;
        self
    }

    /// Sets [`out_of_band`](Options::out_of_band).
    #[must_use]
    pub fn with_out_of_band(mut self, out_of_band: bool) -> Self {
        self.out_of_band = out_of_band;
        self
    }

    /// Sets [`event_limit`](Options::event_limit).
    #[must_use]
    pub fn with_event_limit(mut self, events: usize) -> Self {
        self.event_limit = events;
        self
    }

    /// Sets [`reconnect`](Options::reconnect).
    #[must_use]
    pub fn with_reconnect(mut self, reconnect: impl Into<Option<Reconnect>>) -> Self {
        self.reconnect = reconnect.into();
        self
    }

    /// Sets [`name`](Options::name): `"vm1"` is found faster in a log than the path of its socket.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns the name for errors of a connection to a kind of server at an address.
    pub(super) fn connection_name(&self, server: &str, address: Option<&str>) -> Box<str> {
        match (&self.name, address) {
            (Some(name), _) => name.clone(),
            (None, Some(address)) => format!("{server} at {address}").into(),
            (None, None) => server.into(),
        }
    }

    /// Returns the limits of the lexer for replies. A larger reply may have more tokens: 16 bytes each on average.
    pub(super) fn limits(&self) -> Limits {
        let limits = Limits::default();
        Limits {
            token_bytes: self.reply_limit.saturating_add(1),
            tokens: limits.tokens.max(self.reply_limit / 16),
            ..limits
        }
    }
}
