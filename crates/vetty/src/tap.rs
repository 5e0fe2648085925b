//! Listening to a run's output beside its capture or its reader.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::output::Chunk;
use crate::run::{Progress, Run};

/// Hears all that a run writes, without taking it from the capture: what is known already, at once, then what comes, up to
/// the last byte. Behind by more than 1 MiB it slows a program that nobody else reads. Dropping it ends the listening and
/// nothing else.
pub struct Tap {
    run: Arc<Run>,
    key: usize,
}

impl Tap {
    pub(crate) fn new(run: Arc<Run>) -> Tap {
        let mut streams = run.streams();
        // Under the streams' lock, so that the end does not take the capture away between the two looks.
        let key = match &*run.progress.borrow() {
            Progress::Ended(output) => streams.open_tap_of(output),
            _ => streams.open_tap(),
        };
        drop(streams);
        Tap { run, key }
    }
}

impl Stream for Tap {
    type Item = Chunk;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        self.run.streams().poll_tap(self.key, cx)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.run.streams().close_tap(self.key);
    }
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tap").field("run", &self.run.id).finish_non_exhaustive()
    }
}

/// What waits for each tap of a run.
#[derive(Default)]
pub(crate) struct Taps {
    queues: Vec<Queue>,
    next_key: usize,
}

struct Queue {
    key: usize,
    chunks: VecDeque<Chunk>,
    bytes: usize,
    waker: Option<Waker>,
}

impl Taps {
    pub(crate) fn any(&self) -> bool {
        !self.queues.is_empty()
    }

    pub(crate) fn open(&mut self, known: VecDeque<Chunk>) -> usize {
        let key = self.next_key;
        self.next_key += 1;
        let bytes = known.iter().map(|chunk| chunk.data.len()).sum();
        self.queues.push(Queue { key, chunks: known, bytes, waker: None });
        key
    }

    pub(crate) fn close(&mut self, key: usize) {
        self.queues.retain(|queue| queue.key != key);
    }

    /// Bytes that wait for the slowest.
    pub(crate) fn backlog(&self) -> usize {
        self.queues.iter().map(|queue| queue.bytes).max().unwrap_or(0)
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) {
        for queue in &mut self.queues {
            queue.bytes += chunk.data.len();
            queue.chunks.push_back(chunk.clone());
        }
        self.wake();
    }

    pub(crate) fn wake(&mut self) {
        self.queues.iter_mut().filter_map(|queue| queue.waker.take()).for_each(Waker::wake);
    }

    pub(crate) fn poll(&mut self, key: usize, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        let Some(queue) = self.queues.iter_mut().find(|queue| queue.key == key) else {
            return Poll::Ready(None);
        };
        if let Some(chunk) = queue.chunks.pop_front() {
            queue.bytes -= chunk.data.len();
            return Poll::Ready(Some(chunk));
        }
        queue.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
