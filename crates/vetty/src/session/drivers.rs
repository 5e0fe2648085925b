//! Who lets a session's output flow: its reader, its screen, a pending wait, or nobody.

use std::sync::{Arc, Mutex, PoisonError};

use crate::streams::{BOTH, Pull};
use crate::{Error, Handle};

/// Who lets the output flow. One a session, shared with those who do.
pub(super) struct Drivers {
    handle: Handle,
    /// A screen looks at all that comes.
    has_screen: bool,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    reader: bool,
    waits: usize,
}

/// A pending wait, or a reader; gives its part back when it is dropped.
pub(super) struct Driving {
    drivers: Arc<Drivers>,
    give_back: fn(&mut Counts),
}

impl Drivers {
    pub(super) fn new(handle: Handle, has_screen: bool) -> Arc<Drivers> {
        Arc::new(Drivers { handle, has_screen, counts: Mutex::default() })
    }

    /// A wait looks at what comes, and takes nothing.
    pub(super) fn wait(self: &Arc<Drivers>) -> Driving {
        self.change(|counts| counts.waits += 1);
        Driving { drivers: Arc::clone(self), give_back: |counts| counts.waits -= 1 }
    }

    /// # Errors
    /// [`Error::Locked`] while there is another one.
    pub(super) fn read(self: &Arc<Drivers>) -> Result<Driving, Error> {
        if self.change(|counts| std::mem::replace(&mut counts.reader, true)) {
            return Err(Error::Locked);
        }
        Ok(Driving { drivers: Arc::clone(self), give_back: |counts| counts.reader = false })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut counts);
        let pull = match *counts {
            Counts { reader: true, .. } => Pull::Reader,
            Counts { waits: 0, .. } if !self.has_screen => Pull::Held,
            Counts { .. } => Pull::Watched,
        };
        self.handle.run().claim(BOTH, pull);
        changed
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.drivers.change(self.give_back);
    }
}
