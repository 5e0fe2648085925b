//! How many children run at once; the rest wait in order, up to a bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Quotas};

pub(crate) struct Quota {
    limits: Quotas,
    running: Arc<Semaphore>,
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
    pub(crate) fn new(limits: Quotas) -> Quota {
        let running = Arc::new(Semaphore::new(limits.running.min(Semaphore::MAX_PERMITS)));
        Quota { limits, running, waiting: AtomicUsize::new(0) }
    }

    /// A turn that is free now.
    pub(crate) fn try_turn(&self) -> Option<Turn> {
        Arc::clone(&self.running).try_acquire_owned().ok()
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
    }
}
