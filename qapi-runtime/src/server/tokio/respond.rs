//! Answering whole requests without blocking a thread.

use std::future::Future;

use crate::server::{AsyncService, Dispatcher, Respond};
use crate::wire::{Document, WireError};

/// [`Respond`], without blocking a thread.
pub(super) trait AsyncRespond: Send + Sync {
    /// Appends the reply, and returns whether the connection is to be closed.
    fn respond<'r>(
        &'r self,
        request: &'r Document,
        allow_oob: bool,
        out: &'r mut Vec<u8>,
    ) -> impl Future<Output = bool> + Send + 'r;

    fn respond_error(&self, error: &WireError, out: &mut Vec<u8>);

    fn offers_oob(&self) -> bool;
}

impl<S: AsyncService> AsyncRespond for Dispatcher<S> {
    async fn respond<'r>(
        &'r self,
        request: &'r Document,
        allow_oob: bool,
        out: &'r mut Vec<u8>,
    ) -> bool {
        self.respond_async_within(request, allow_oob, out).await;
        false
    }

    fn respond_error(&self, error: &WireError, out: &mut Vec<u8>) {
        Self::respond_error(self, error, out);
    }

    fn offers_oob(&self) -> bool {
        Self::offers_oob(self)
    }
}

/// A responder that answers at once or after a pause.
pub(super) struct Paced<'r, R>(pub(super) &'r R);

impl<R: Respond> AsyncRespond for Paced<'_, R> {
    async fn respond<'r>(
        &'r self,
        request: &'r Document,
        allow_oob: bool,
        out: &'r mut Vec<u8>,
    ) -> bool {
        let flow = self.0.respond(request, allow_oob, out);
        if !flow.delay.is_zero() {
            tokio::time::sleep(flow.delay).await;
        }
        flow.close
    }

    fn respond_error(&self, error: &WireError, out: &mut Vec<u8>) {
        self.0.respond_error(error, out);
    }

    fn offers_oob(&self) -> bool {
        self.0.offers_oob()
    }
}
