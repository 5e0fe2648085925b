//! How JavaScript reads a terminal: little at once and on its own thread, much collected on another one.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::BytesMut;
use futures_core::Stream;
use napi::bindgen_prelude::spawn;
use tokio::io::ReadBuf;
use tokio::time::{Instant, timeout_at};
use vetty::Reader;

use crate::callback::WakeUp;

/// What a terminal gives at a time: a piece of this size has more behind it.
const LITTLE: usize = 4095;
/// What much output is collected to: to call back for each of the kernel's pieces would cost more than they.
const MUCH: usize = 64 * 1024;
/// How long it is collected.
const COLLECTING: Duration = Duration::from_millis(2);

/// The reader that JavaScript has claimed.
pub(crate) struct Reading {
    state: Mutex<State>,
    wake_up: Arc<WakeUp>,
}

struct State {
    /// Until it is given back.
    reader: Option<Reader>,
    /// A task reads ahead into `collected`.
    collecting: bool,
    collected: BytesMut,
}

impl Reading {
    /// `wake_up` is called when [`Reading::poll`] may have something.
    pub(crate) fn new(reader: Reader, wake_up: Arc<WakeUp>) -> Arc<Reading> {
        let state = State { reader: Some(reader), collecting: false, collected: BytesMut::new() };
        Arc::new(Reading { state: Mutex::new(state), wake_up })
    }

    /// What comes next, for `take`; `None` at the end.
    pub(crate) fn poll<T>(self: &Arc<Reading>, take: impl FnOnce(&[u8]) -> T) -> Poll<Option<T>> {
        let mut state = self.state();
        if state.collecting {
            return Poll::Pending;
        }
        if !state.collected.is_empty() {
            let taken = take(&state.collected);
            if state.collected.len() >= MUCH / 2 {
                self.collect(&mut state);
            }
            state.collected.clear();
            return Poll::Ready(Some(taken));
        }
        let Some(reader) = &mut state.reader else {
            return Poll::Ready(None);
        };
        let mut buffer = [0; LITTLE];
        let mut buffer = ReadBuf::new(&mut buffer);
        let waker = Waker::from(Arc::clone(&self.wake_up));
        match reader.poll_read(&mut Context::from_waker(&waker), &mut buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(false) => Poll::Ready(None),
            Poll::Ready(true) => {
                if buffer.remaining() == 0 {
                    self.collect(&mut state);
                }
                Poll::Ready(Some(take(buffer.filled())))
            }
        }
    }

    /// Reads no more; what was read ahead.
    pub(crate) fn release(&self) -> BytesMut {
        let mut state = self.state();
        state.reader = None;
        std::mem::take(&mut state.collected)
    }

    fn collect(self: &Arc<Reading>, state: &mut State) {
        state.collecting = true;
        let reading = Arc::clone(self);
        spawn(async move {
            let until = Instant::now() + COLLECTING;
            while let Ok(true) = timeout_at(until, poll_fn(|cx| reading.poll_collect(cx))).await {}
            reading.state().collecting = false;
            reading.wake_up.wake_up();
        });
    }

    /// Whether to go on.
    fn poll_collect(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let State { reader, collected, .. } = &mut *self.state();
        let Some(reader) = reader else {
            return Poll::Ready(false);
        };
        match Pin::new(reader).poll_next(cx) {
            Poll::Pending => Poll::Pending,
            // The next look finds the end.
            Poll::Ready(None) => Poll::Ready(false),
            Poll::Ready(Some(data)) => {
                collected.extend_from_slice(&data);
                Poll::Ready(collected.len() < MUCH)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
