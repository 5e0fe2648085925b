//! The lossless reader of a session.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::ReadBuf;

use super::drivers::Driving;
use crate::Handle;
use crate::streams::BOTH;

/// The output of a session, in order, from what was held on. Dropping it gives the session back: another reader goes on
/// where this one stopped. It does not keep the session alive.
pub struct Reader {
    handle: Handle,
    _driving: Driving,
}

impl Reader {
    pub(super) fn new(handle: Handle, driving: Driving) -> Reader {
        Reader { handle, _driving: driving }
    }
}

impl Reader {
    /// What comes next, as much as there is room for in `buffer` (which must have some); `false` after the last byte.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<bool> {
        self.handle.run().streams().poll_read_into(BOTH, cx, buffer).map(|source| source.is_some())
    }
}

impl Stream for Reader {
    type Item = Bytes;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.handle.run().streams().poll_read_from(BOTH, cx).map(|chunk| chunk.map(|chunk| chunk.data))
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
