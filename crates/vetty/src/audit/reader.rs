//! Hearing events as they are recorded.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::AuditEvent;
use super::trail::Trail;

/// The events of a terminal, in order, from [`Terminal::audit`](crate::Terminal::audit): first that of its configuration.
/// It ends when the terminal is closed or gone. While 1024 events wait to be taken, new runs wait or are refused
/// (`audit.onFull`): so take them, or drop it. It keeps nothing alive.
pub struct AuditEvents {
    trail: Arc<Trail>,
    key: usize,
}

impl AuditEvents {
    pub(super) fn new(trail: Arc<Trail>, key: usize) -> AuditEvents {
        AuditEvents { trail, key }
    }
}

impl Stream for AuditEvents {
    type Item = Arc<AuditEvent>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Arc<AuditEvent>>> {
        match self.trail.next(self.key, cx.waker()) {
            Ok(Some(event)) => Poll::Ready(Some(event)),
            Ok(None) => Poll::Pending,
            Err(()) => Poll::Ready(None),
        }
    }
}

impl Drop for AuditEvents {
    fn drop(&mut self) {
        self.trail.close_reader(self.key);
    }
}

impl std::fmt::Debug for AuditEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditEvents").finish_non_exhaustive()
    }
}
