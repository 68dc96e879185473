//! How long a client waits and how much it takes.

use std::time::Duration;

use crate::wire::Limits;

/// How a client behaves. Start from `Options::default()` and change what you need:
///
/// ```
/// use std::time::Duration;
/// let options = qapi_runtime::Options::default().with_timeout(Duration::from_secs(5));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How long a call may take from its first byte to the reply's last; `None` waits for ever. 60 s by default.
    ///
    /// It also covers the resynchronisation that a call needs if the one before it timed out.
    pub timeout: Option<Duration>,
    /// How long connecting may take: the greeting of a QMP server, the first synchronisation with a guest agent, which
    /// may not be up yet. `None` waits for ever. 10 s by default.
    pub connect_timeout: Option<Duration>,
    /// How long the first attempt to synchronise with a guest agent may take; each further attempt takes twice as
    /// long, up to 16 s. 500 ms by default.
    pub sync_attempt: Duration,
    /// How long to wait for an error after a command that answers success with silence. 1 s by default.
    pub silence: Duration,
    /// The largest reply to accept, in bytes of its tokens. 128 MiB by default: the agent's largest replies hold some
    /// 45 MB.
    pub reply_limit: usize,
    /// Whether to ask a QMP server that offers it for out-of-band execution. Off by default.
    pub out_of_band: bool,
    /// How many events to keep until somebody asks for them; the oldest go first. 1024 by default.
    pub event_limit: usize,
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

    /// The limits of the lexer for replies. A larger reply may have more tokens: 16 bytes each on average.
    pub(super) fn limits(&self) -> Limits {
        let limits = Limits::default();
        Limits {
            token_bytes: self.reply_limit.saturating_add(1),
            tokens: limits.tokens.max(self.reply_limit / 16),
            ..limits
        }
    }
}
