//! Forms of client and server.

/// Which forms of client and server there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forms {
    pub(super) blocking: bool,
    pub(super) asynchronous: bool,
}

impl Forms {
    pub(super) fn any(self) -> bool {
        self.blocking || self.asynchronous
    }
}
