//! How many children run at once; the rest wait in order, up to a bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::{Error, Quotas};

pub(crate) struct Quota {
    limits: Quotas,
    running: Arc<Semaphore>,
    sessions: Arc<Semaphore>,
    most_sessions: usize,
    waiting: AtomicUsize,
}

/// The right to run one child; given back by its drop.
pub(crate) type Turn = OwnedSemaphorePermit;

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Quota {
    pub(crate) fn new(limits: Quotas, most_sessions: usize) -> Quota {
        let running = Arc::new(Semaphore::new(limits.running.min(Semaphore::MAX_PERMITS)));
        let sessions = Arc::new(Semaphore::new(most_sessions.min(Semaphore::MAX_PERMITS)));
        Quota { limits, running, sessions, most_sessions, waiting: AtomicUsize::new(0) }
    }

    /// A turn that is free now.
    pub(crate) fn try_turn(&self) -> Option<Turn> {
        Arc::clone(&self.running).try_acquire_owned().ok()
    }

    /// A session, which waits for no other to end.
    pub(crate) fn session(&self) -> Result<Turn, Error> {
        Arc::clone(&self.sessions).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::Closed => Error::Closed,
            TryAcquireError::NoPermits => Error::TooManySessions { open: self.most_sessions },
        })
    }

    /// Waits for a turn, first come first served.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.limits.queued {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Busy { running: self.limits.running, queued: self.limits.queued });
        }
        let _waiting = Waiting(&self.waiting);
        Arc::clone(&self.running).acquire_owned().await.map_err(|_| Error::Closed)
    }

    /// Nobody gets a turn any more.
    pub(crate) fn close(&self) {
        self.running.close();
        self.sessions.close();
    }
}
