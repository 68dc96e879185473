//! File descriptors that go with a call.

use std::io;
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use super::error::{ClientError, ClientErrorKind};
use super::handshake::ServerKind;

/// The descriptors to send with each call. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct AttachedDescriptors(Option<Arc<io::Result<Owned>>>);

#[cfg(all(unix, feature = "descriptors"))]
type Owned = Vec<OwnedFd>;
#[cfg(not(all(unix, feature = "descriptors")))]
type Owned = std::convert::Infallible;

impl AttachedDescriptors {
    /// Copies descriptors, so that the caller may close them at once. A failure is reported when they are used.
    #[cfg(all(unix, feature = "descriptors"))]
    pub(super) fn new<D: AsFd>(descriptors: impl IntoIterator<Item = D>) -> Self {
        let copies: io::Result<Owned> = descriptors
            .into_iter()
            .map(|descriptor| descriptor.as_fd().try_clone_to_owned())
            .collect();
        match copies {
            Ok(copies) if copies.is_empty() => Self(None),
            copies => Self(Some(Arc::new(copies))),
        }
    }

    /// Returns whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the descriptors.
    #[cfg(all(unix, feature = "descriptors"))]
    pub(super) fn owned(&self) -> &[OwnedFd] {
        match self.0.as_deref() {
            Some(Ok(owned)) => owned,
            _ => &[],
        }
    }

    /// Returns whether they can go with command `name` to a server of this kind, over a connection that `carries`
    /// descriptors or does not.
    ///
    /// # Errors
    /// The reason why they cannot be sent.
    pub(super) fn check(
        &self,
        name: &str,
        server: ServerKind,
        carries: bool,
    ) -> Result<(), ClientError> {
        let Some(copies) = self.0.as_deref() else {
            return Ok(());
        };
        let reason: Box<str> = match (copies, server) {
            (Err(error), _) => {
                let error = io::Error::new(error.kind(), error.to_string());
                return Err(ClientError::new(name, ClientErrorKind::Io(error)));
            }
            (Ok(_), ServerKind::Guest) => "guest agents do not accept file descriptors".into(),
            (Ok(_), ServerKind::Qmp) if !carries => {
                "only Unix sockets carry file descriptors".into()
            }
            #[cfg(all(unix, feature = "descriptors"))]
            (Ok(owned), ServerKind::Qmp) if owned.len() > crate::descriptors::MOST => format!(
                "{} file descriptors are more than the {} that a QMP server accepts at once",
                owned.len(),
                crate::descriptors::MOST
            )
            .into(),
            (Ok(_), ServerKind::Qmp) => return Ok(()),
        };
        let kind = ClientErrorKind::Descriptors(reason);
        Err(ClientError::new(name, kind))
    }
}
