//! Limits on the rate of events.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::wire::Document;

/// A limit of the rate of an event: after one has been sent, only the newest of those that follow is sent, at the end
/// of the period. QEMU limits its frequent events in the same way.
///
/// ```
/// use std::time::Duration;
/// use qapi_runtime::server::{EventRate, EventSender};
///
/// let second = Duration::from_secs(1);
/// let events = EventSender::new()
///     .with_rate(EventRate::new("BALLOON_CHANGE", second))
///     .with_rate(EventRate::new("VSERPORT_CHANGE", second).per("id"));
/// # let _ = events;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRate {
    event: String,
    period: Duration,
    member: Option<String>,
}

impl EventRate {
    /// Limits an event to one in each period.
    pub fn new(event: impl Into<String>, period: Duration) -> Self {
        Self {
            event: event.into(),
            period,
            member: None,
        }
    }

    /// Counts events apart whose data differ in this member.
    #[must_use]
    pub fn per(mut self, member: impl Into<String>) -> Self {
        self.member = Some(member.into());
        self
    }

    /// Returns the value that tells events apart, as text.
    fn key(&self, data: &[u8]) -> String {
        let value = self.member.as_ref().and_then(|member| {
            let document = Document::parse(data).ok()?;
            let value = document.lenient().object().ok()?.peek(member)?;
            let mut out = crate::write::Writer::new();
            out.value(&value);
            Some(out.into_string())
        });
        value.unwrap_or_default()
    }
}

/// The rates of events, and those held back.
#[derive(Debug, Default)]
pub(super) struct Rates {
    rates: Vec<EventRate>,
    /// By event and key.
    running: BTreeMap<(usize, String), Running>,
}

/// A period after an event was sent.
#[derive(Debug)]
struct Running {
    end: Duration,
    held_back: Option<Vec<u8>>,
}

impl Rates {
    pub(super) fn add(&mut self, rate: EventRate) {
        self.rates.retain(|other| other.event != rate.event);
        self.rates.push(rate);
    }

    /// Returns the line if it is to be sent now; keeps it otherwise. `data` is the text of its data.
    pub(super) fn admit(
        &mut self,
        event: &str,
        data: &[u8],
        line: Vec<u8>,
        now: Duration,
    ) -> Option<Vec<u8>> {
        let Some(index) = self.rates.iter().position(|rate| rate.event == event) else {
            return Some(line);
        };
        let rate = &self.rates[index];
        let end = now.saturating_add(rate.period);
        let key = (index, rate.key(data));
        match self.running.get_mut(&key) {
            Some(running) if now < running.end => {
                running.held_back = Some(line);
                None
            }
            _ => {
                let running = Running {
                    end,
                    held_back: None,
                };
                self.running.insert(key, running);
                Some(line)
            }
        }
    }

    /// Takes the lines whose time has come.
    pub(super) fn due(&mut self, now: Duration) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let rates = &self.rates;
        self.running.retain(|(index, _), running| {
            if now < running.end {
                return true;
            }
            let Some(line) = running.held_back.take() else {
                return false;
            };
            lines.push(line);
            running.end = now.saturating_add(rates[*index].period);
            true
        });
        lines
    }

    /// Returns the time at which the next line is due, if one is held back.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let held_back = self
            .running
            .values()
            .filter(|running| running.held_back.is_some());
        held_back.map(|running| running.end).min()
    }
}
