//! Descriptors that a QMP server keeps by name.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::time::SystemTime;

use crate::value::{Any, Object};

/// The command that gives a descriptor a name.
pub(super) const GETFD: &str = "getfd";

/// The command that closes a descriptor by its name.
pub(super) const CLOSEFD: &str = "closefd";

/// A file descriptor in a QMP server, by the name under which commands find it.
///
/// The server keeps it until a command takes it, or it is closed. It outlives the connection, but not the server.
#[must_use = "commands find the descriptor by its name"]
pub struct NamedDescriptor {
    name: Box<str>,
    closer: Option<Closer>,
    closes: bool,
}

/// Makes the server close the descriptor of a name.
type Closer = Box<dyn FnOnce(Box<str>) + Send + Sync>;

impl NamedDescriptor {
    pub(super) fn new(
        name: Box<str>,
        closer: impl FnOnce(Box<str>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            closer: Some(Box::new(closer)),
            closes: false,
        }
    }

    /// Returns the name, as in `fd:NAME`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the server close the descriptor, with `closefd`, when this value is dropped: an asynchronous client at
    /// once, a blocking one before its next call or before it waits for an event. A descriptor that a command has taken
    /// meanwhile is that command's. After the end of the client nothing is closed: the server keeps the descriptors.
    pub fn closed_on_drop(mut self) -> Self {
        self.closes = true;
        self
    }
}

impl Drop for NamedDescriptor {
    fn drop(&mut self) {
        if let (true, Some(closer)) = (self.closes, self.closer.take()) {
            closer(std::mem::take(&mut self.name));
        }
    }
}

impl fmt::Debug for NamedDescriptor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NamedDescriptor")
            .field("name", &self.name)
            .field("closes", &self.closes)
            .finish_non_exhaustive()
    }
}

/// Returns a name that no other descriptor in the server has, including those of other clients.
pub(super) fn fresh_name() -> Box<str> {
    let number = RandomState::new().hash_one(SystemTime::now());
    format!("qapi-{number:016x}").into()
}

/// Returns the arguments of [`GETFD`] and of [`CLOSEFD`].
pub(super) fn arguments(name: &str) -> Object {
    Object::from([("fdname", Any::from(name))])
}
