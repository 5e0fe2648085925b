//! Connections to one host, as many as its channels need, dialled again when they are lost.
//!
//! A server opens ten sessions a connection by default (MaxSessions) and lets ten clients at once log in (MaxStartups): so
//! a connection carries eight commands, which leaves two channels for what ends them, and one connection is dialled at a
//! time. A server that opens fewer is noticed, and gets fewer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use crate::channel::{Child, Command, Output};
use crate::connection::Connection;
use crate::error::Error;
use crate::target::Target;

/// How many reports of losses wait for a reader.
const LOSSES: usize = 64;

/// How many connections may be dialled at once.
///
/// Shared by pools it bounds them together: 200 hosts are not dialled at the same moment. Default 32.
#[derive(Debug, Clone)]
pub struct Dials(Arc<Semaphore>);

impl Dials {
    /// So many at once, at least one.
    pub fn at_once(count: usize) -> Dials {
        Dials(Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS))))
    }
}

impl Default for Dials {
    fn default() -> Dials {
        Dials::at_once(32)
    }
}

/// A connection that was lost, and what with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The host, `host:port`.
    pub host: String,
    /// Why.
    pub why: String,
    /// How many commands it carried. Each ends with [`Exit::Lost`](vetty_process::Exit::Lost); none is run again.
    pub running: usize,
}

/// Connections to one host. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: Target,
    channels: usize,
    dials: Dials,
    slots: Mutex<Vec<Slot>>,
    /// Held by who dials.
    growing: tokio::sync::Mutex<()>,
    losses: broadcast::Sender<Loss>,
}

#[derive(Debug, Clone)]
struct Slot {
    connection: Connection,
    room: Arc<Semaphore>,
}

impl Pool {
    /// A pool for `target`; nothing is dialled yet.
    pub fn new(target: Target) -> Pool {
        Pool::with(target, 8, Dials::default())
    }

    /// With so many commands a connection (at least one), and a limit of dials to share.
    pub fn with(target: Target, channels: usize, dials: Dials) -> Pool {
        let (losses, _) = broadcast::channel(LOSSES);
        let (slots, growing) = (Mutex::default(), tokio::sync::Mutex::new(()));
        Pool { inner: Arc::new(Inner { target, channels: channels.max(1), dials, slots, growing, losses }) }
    }

    /// Whom it leads to.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.slots().len()
    }

    /// Reports of connections that were lost from now on.
    pub fn losses(&self) -> broadcast::Receiver<Loss> {
        self.inner.losses.subscribe()
    }

    /// Starts `command` on a connection that has room, or on a new one. With [`Overflow::Wait`](crate::Overflow::Wait) it
    /// gets one of its own, which ends with it.
    ///
    /// # Errors
    /// As [`Connection::dial`] and [`Connection::spawn`].
    pub async fn spawn(&self, command: &Command) -> Result<Child, Error> {
        if command.may_stall() {
            return self.dial().await?.spawn(command).await;
        }
        loop {
            let (slot, permit) = self.room().await?;
            match slot.connection.spawn(command).await {
                Ok(mut child) => {
                    child.permit = Some(permit);
                    return Ok(child);
                }
                // The server has fewer channels to give than we thought: this place is given up for good.
                Err(Error::ChannelRefused { .. }) if self.shrink(&slot, permit) => {}
                // A connection that was lost between two commands is not the command's fault: nothing was sent.
                Err(Error::Lost { .. }) if slot.connection.lost().is_some() && self.forget(&slot) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs `command` as [`Connection::execute`] does.
    ///
    /// # Errors
    /// As [`Pool::spawn`].
    pub async fn execute(&self, command: &Command, input: impl Into<Bytes>) -> Result<Output, Error> {
        self.spawn(command).await?.capture(input.into()).await
    }

    /// A connection that is there, or a new one.
    ///
    /// # Errors
    /// As [`Connection::dial`].
    pub async fn connection(&self) -> Result<Connection, Error> {
        Ok(self.room().await?.0.connection)
    }

    /// Closes all connections; what runs on them is lost. The pool dials anew when it is used again.
    pub async fn close(&self) {
        let slots = std::mem::take(&mut *self.slots());
        for slot in slots {
            slot.connection.close().await;
        }
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        // No code that can panic runs under this lock.
        self.inner.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn dial(&self) -> Result<Connection, Error> {
        // The semaphore is never closed; if it were, the limit would be gone and the dial still right.
        let _turn = self.inner.dials.0.clone().acquire_owned().await.ok();
        Connection::dial(&self.inner.target).await
    }

    fn free(&self) -> Option<(Slot, OwnedSemaphorePermit)> {
        let mut slots = self.slots();
        slots.retain(|slot| slot.connection.lost().is_none());
        slots.iter().find_map(|slot| Some((slot.clone(), slot.room.clone().try_acquire_owned().ok()?)))
    }

    async fn room(&self) -> Result<(Slot, OwnedSemaphorePermit), Error> {
        if let Some(found) = self.free() {
            return Ok(found);
        }
        let _growing = self.inner.growing.lock().await;
        // Who dialled before may have made room for more than himself.
        if let Some(found) = self.free() {
            return Ok(found);
        }
        let slot =
            Slot { connection: self.dial().await?, room: Arc::new(Semaphore::new(self.inner.channels)) };
        let permit = slot.room.clone().try_acquire_owned().expect("a new connection has room");
        self.watch(&slot);
        self.slots().push(slot.clone());
        Ok((slot, permit))
    }

    /// Reports the loss of a connection, without keeping it.
    fn watch(&self, slot: &Slot) {
        let mut lost = slot.connection.inner.lost.clone();
        let (room, losses) = (slot.room.clone(), self.inner.losses.clone());
        let (host, channels) = (self.inner.target.to_string(), self.inner.channels);
        tokio::spawn(async move {
            let Ok(why) = lost.wait_for(Option::is_some).await.map(|why| why.clone().unwrap_or_default())
            else {
                return;
            };
            let running = channels.saturating_sub(room.available_permits());
            tracing::debug!(host, why, running, "a connection was lost");
            // Nobody has to listen.
            let _ = losses.send(Loss { host, why, running });
        });
    }

    /// Gives a place of a connection up. Whether another may do: not if the connection carries nothing else.
    fn shrink(&self, slot: &Slot, permit: OwnedSemaphorePermit) -> bool {
        let others = self.inner.channels - 1 > slot.room.available_permits();
        permit.forget();
        others
    }

    /// Takes a connection out. Whether it was in.
    fn forget(&self, lost: &Slot) -> bool {
        let mut slots = self.slots();
        let before = slots.len();
        slots.retain(|slot| !Arc::ptr_eq(&slot.room, &lost.room));
        slots.len() < before
    }
}
