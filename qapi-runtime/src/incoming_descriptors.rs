//! Assigns received file descriptors to messages.

/// A file descriptor that has been received.
#[cfg(all(unix, feature = "descriptors"))]
pub(crate) type Descriptor = std::os::fd::OwnedFd;

/// A file descriptor that has been received: there are none.
#[cfg(not(all(unix, feature = "descriptors")))]
#[derive(Debug)]
pub(crate) enum Descriptor {}

/// Gives descriptors to the message they came with: the last one that began in the same read, see
/// [`receive`](crate::descriptors::receive).
#[derive(Debug, Default)]
pub(crate) struct IncomingDescriptors {
    /// The descriptors of a message that had begun before the last read.
    earlier: Vec<Descriptor>,
    /// The descriptors received last.
    latest: Vec<Descriptor>,
    /// They came with the last read.
    fresh: bool,
}

impl IncomingDescriptors {
    /// These came with a read, at whose start a message had come in part if `is_within`.
    pub(crate) fn begin(&mut self, received: Vec<Descriptor>, is_within: bool) {
        self.fresh = !received.is_empty();
        if self.fresh {
            let before = std::mem::replace(&mut self.latest, received);
            self.earlier = if is_within { before } else { Vec::new() };
        }
    }

    /// Takes those of a message that has come; `rest` is what has been read after it.
    pub(crate) fn end(&mut self, rest: &[u8]) -> Vec<Descriptor> {
        if self.latest.is_empty() {
            return Vec::new();
        }
        let earlier = std::mem::take(&mut self.earlier);
        if self.fresh && !rest.iter().all(u8::is_ascii_whitespace) {
            return earlier;
        }
        std::mem::take(&mut self.latest)
    }
}
