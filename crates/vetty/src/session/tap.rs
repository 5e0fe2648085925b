//! Listening to a session at one's own speed: who falls behind is told how much is gone.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;

use crate::run::Run;

/// A copy of a session's output, from [`Session::tap`](crate::Session::tap): never empty, up to the last byte. It neither
/// slows the program nor lets it go on. Dropping it ends the listening and nothing else.
///
/// # Cancel safety
/// What a `next` that is dropped has not given is there for the next.
pub struct SessionTap {
    run: Arc<Run>,
    key: usize,
}

/// A piece of a session's output, as a tap has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapChunk {
    /// What the program wrote, never empty.
    pub data: Bytes,
    /// Bytes that went before it and are gone: the tap was too slow, or was opened too late for them.
    pub lag: u64,
}

impl SessionTap {
    pub(super) fn new(run: Arc<Run>, max_bytes: usize, replay: bool) -> SessionTap {
        let key = run.streams().watch().expect("a session watches").open_listener(max_bytes.max(1), replay);
        SessionTap { run, key }
    }
}

impl Stream for SessionTap {
    type Item = TapChunk;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<TapChunk>> {
        self.run.streams().watch().expect("a session watches").poll_listener(self.key, cx)
    }
}

impl Drop for SessionTap {
    fn drop(&mut self) {
        if let Some(watch) = self.run.streams().watch() {
            watch.close_listener(self.key);
        }
    }
}

impl std::fmt::Debug for SessionTap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionTap").field("run", &self.run.id).finish_non_exhaustive()
    }
}

/// What waits for each tap of a session.
#[derive(Default)]
pub(crate) struct Listeners {
    all: Vec<Listener>,
    next_key: usize,
}

struct Listener {
    key: usize,
    /// The newest output that it has not taken, `most` bytes at most.
    held: VecDeque<u8>,
    most: usize,
    /// Bytes that went before what is held.
    lag: u64,
    waker: Option<Waker>,
}

impl Listeners {
    /// One that begins with `known`, before which `lag` bytes are gone.
    pub(crate) fn open(&mut self, most: usize, known: &[u8], lag: u64) -> usize {
        let key = self.next_key;
        self.next_key += 1;
        let mut listener = Listener { key, held: VecDeque::new(), most, lag, waker: None };
        listener.hear(known);
        self.all.push(listener);
        key
    }

    pub(crate) fn close(&mut self, key: usize) {
        self.all.retain(|listener| listener.key != key);
    }

    pub(crate) fn push(&mut self, data: &[u8]) {
        for listener in &mut self.all {
            listener.hear(data);
        }
        self.wake();
    }

    pub(crate) fn wake(&mut self) {
        self.all.iter_mut().filter_map(|listener| listener.waker.take()).for_each(Waker::wake);
    }

    /// All that is held.
    pub(crate) fn poll(&mut self, key: usize, cx: &mut Context<'_>) -> Poll<Option<TapChunk>> {
        let Some(listener) = self.all.iter_mut().find(|listener| listener.key == key) else {
            return Poll::Ready(None);
        };
        if listener.held.is_empty() {
            listener.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let data = Bytes::from(Vec::from(std::mem::take(&mut listener.held)));
        Poll::Ready(Some(TapChunk { data, lag: std::mem::take(&mut listener.lag) }))
    }
}

impl Listener {
    fn hear(&mut self, data: &[u8]) {
        let newest = &data[data.len().saturating_sub(self.most)..];
        let gone = (self.held.len() + newest.len()).saturating_sub(self.most);
        self.held.drain(..gone);
        self.lag += (gone + data.len() - newest.len()) as u64;
        self.held.extend(newest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(listeners: &mut Listeners, key: usize) -> Option<(Vec<u8>, u64)> {
        match listeners.poll(key, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(chunk) => chunk.map(|chunk| (chunk.data.to_vec(), chunk.lag)),
            Poll::Pending => None,
        }
    }

    #[test]
    fn the_newest_is_held_and_what_is_gone_is_counted_to_the_byte() {
        let mut listeners = Listeners::default();
        let (small, large) = (listeners.open(4, b"", 0), listeners.open(100, b"before ", 7));
        listeners.push(b"abc");
        listeners.push(b"def");
        assert_eq!(take(&mut listeners, small), Some((b"cdef".to_vec(), 2)));
        assert_eq!(take(&mut listeners, small), None);
        listeners.push(b"0123456789");
        assert_eq!(take(&mut listeners, small), Some((b"6789".to_vec(), 6)));
        assert_eq!(take(&mut listeners, large), Some((b"before abcdef0123456789".to_vec(), 7)));
    }

    #[test]
    fn one_byte_at_a_time_takes_no_more_memory_than_all_at_once() {
        let mut listeners = Listeners::default();
        listeners.open(1000, b"", 0);
        for byte in 0..100_000u32 {
            listeners.push(&[byte as u8]);
        }
        assert!(listeners.all[0].held.capacity() <= 2048, "{}", listeners.all[0].held.capacity());
        assert_eq!((listeners.all[0].held.len(), listeners.all[0].lag), (1000, 99_000));
    }
}
