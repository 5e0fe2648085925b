//! Output between the task that drains a channel and whoever reads it: bounded, in order, with a policy for too much.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;

/// What a chunk takes beside its bytes, so that many small ones are bounded too.
const OVERHEAD: usize = 64;

/// Chunks up to this are copied together.
const SMALL: usize = 1024;

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chunk {
    /// Of standard output, or of the terminal.
    Stdout(Bytes),
    /// Of standard error.
    Stderr(Bytes),
    /// So many bytes were dropped here, because nobody read them in time.
    Gap(u64),
}

/// What happens when output comes faster than it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The oldest is dropped, and a [`Chunk::Gap`] counts it: the connection, which carries others, never waits.
    #[default]
    Drop,
    /// Nothing is lost: the connection waits, with all that goes by it. A [`Pool`](crate::Pool) gives such a command a
    /// connection of its own.
    Wait,
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    capacity: usize,
    overflow: Overflow,
    changed: Notify,
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Chunk>,
    held: usize,
    dropped: u64,
    ended: bool,
    /// Nobody will read any more.
    abandoned: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize, overflow: Overflow) -> Queue {
        let (changed, room) = (Notify::new(), Notify::new());
        Queue { state: Mutex::default(), capacity, overflow, changed, room }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a chunk; waits for room only under [`Overflow::Wait`].
    pub(super) async fn push(&self, chunk: Chunk) {
        loop {
            let room = self.room.notified();
            {
                let mut state = self.state();
                if state.abandoned {
                    return;
                }
                if self.overflow == Overflow::Drop || state.held < self.capacity {
                    state.add(chunk, self.capacity, self.overflow);
                    self.changed.notify_one();
                    return;
                }
            }
            room.await;
        }
    }

    /// The next chunk; `None` after the last. Cancel-safe.
    pub(super) async fn next(&self) -> Option<Chunk> {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = self.state();
                if state.dropped > 0 {
                    return Some(Chunk::Gap(std::mem::take(&mut state.dropped)));
                }
                if let Some(chunk) = state.chunks.pop_front() {
                    state.held -= size(&chunk);
                    self.room.notify_one();
                    return Some(chunk);
                }
                if state.ended {
                    self.changed.notify_one();
                    return None;
                }
            }
            changed.await;
        }
    }

    /// No more comes.
    pub(super) fn end(&self) {
        self.state().ended = true;
        self.changed.notify_one();
    }

    /// Nobody reads any more: what comes is dropped.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        state.abandoned = true;
        state.chunks.clear();
        state.held = 0;
        self.room.notify_one();
    }
}

impl State {
    fn add(&mut self, chunk: Chunk, capacity: usize, overflow: Overflow) {
        let merged = match (self.chunks.back_mut(), &chunk) {
            (Some(Chunk::Stdout(last)), Chunk::Stdout(new))
            | (Some(Chunk::Stderr(last)), Chunk::Stderr(new))
                if last.len() + new.len() <= SMALL =>
            {
                let mut both = BytesMut::with_capacity(SMALL);
                both.extend_from_slice(last);
                both.extend_from_slice(new);
                *last = both.freeze();
                self.held += new.len();
                true
            }
            _ => false,
        };
        if !merged {
            self.held += size(&chunk);
            self.chunks.push_back(chunk);
        }
        while overflow == Overflow::Drop && self.held > capacity && self.chunks.len() > 1 {
            let Some(oldest) = self.chunks.pop_front() else { break };
            self.held -= size(&oldest);
            self.dropped += (size(&oldest) - OVERHEAD) as u64;
        }
    }
}

fn size(chunk: &Chunk) -> usize {
    match chunk {
        Chunk::Stdout(bytes) | Chunk::Stderr(bytes) => bytes.len() + OVERHEAD,
        Chunk::Gap(_) => OVERHEAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(byte: u8, length: usize) -> Chunk {
        Chunk::Stdout(Bytes::from(vec![byte; length]))
    }

    #[tokio::test]
    async fn too_much_drops_the_oldest_and_says_how_much() {
        let queue = Queue::new(10_000, Overflow::Drop);
        for byte in 0..10 {
            queue.push(chunk(byte, 4000)).await;
        }
        queue.end();
        assert_eq!(queue.next().await, Some(Chunk::Gap(32_000)));
        assert_eq!(queue.next().await, Some(chunk(8, 4000)));
        assert_eq!(queue.next().await, Some(chunk(9, 4000)));
        assert_eq!(queue.next().await, None);
        assert_eq!(queue.next().await, None);
    }

    #[tokio::test]
    async fn small_pieces_are_put_together_and_streams_are_not_mixed() {
        let queue = Queue::new(10_000, Overflow::Drop);
        for piece in [Chunk::Stdout("a".into()), Chunk::Stdout("b".into()), Chunk::Stderr("c".into())] {
            queue.push(piece).await;
        }
        assert_eq!(queue.next().await, Some(Chunk::Stdout("ab".into())));
        assert_eq!(queue.next().await, Some(Chunk::Stderr("c".into())));
    }

    #[tokio::test]
    async fn who_waits_for_room_gets_it_by_a_reader_or_by_the_end_of_reading() {
        let queue = Queue::new(5000, Overflow::Wait);
        queue.push(chunk(0, 5000)).await;
        let (_, next) = tokio::join!(queue.push(chunk(1, 5000)), queue.next());
        assert_eq!(next, Some(chunk(0, 5000)));
        tokio::join!(queue.push(chunk(2, 5000)), async { queue.abandon() });
    }
}
