//! The order of events: numbers, hashes, who hears them, and how many wait to be taken.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;

use super::chain::AuditHead;
use super::event::{About, AuditEvent, AuditKind};

/// Events that may wait for the file or for a reader before new runs feel it. What runs already may go beyond by the few
/// events that each run still has.
pub(crate) const CAPACITY: usize = 1024;

/// One chain of events, and where they go. Shared by the terminals that write the same file.
pub(crate) struct Trail {
    state: Mutex<State>,
    /// Something was taken, or the file fails.
    progress: Notify,
    /// The same for the thread that writes.
    to_write: Condvar,
}

pub(super) struct State {
    head: AuditHead,
    /// Not written yet, oldest first. Nothing where there is no file.
    pub(super) lines: VecDeque<Arc<str>>,
    /// The last event that is in the file.
    written: u64,
    has_file: bool,
    /// Why the file takes nothing now.
    pub(super) failing: Option<String>,
    readers: Vec<Reader>,
    next_reader: usize,
    /// Calls that were refused since the last event.
    refused: u64,
    /// Nobody records any more.
    pub(super) closed: bool,
}

struct Reader {
    key: usize,
    /// Which terminal's events it hears.
    owner: usize,
    events: VecDeque<Arc<AuditEvent>>,
    waker: Option<Waker>,
    /// Its terminal is gone.
    ended: bool,
}

/// No more can be taken now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Trail {
    pub(super) fn new(head: AuditHead, has_file: bool) -> Trail {
        let state = State {
            written: head.sequence,
            head,
            lines: VecDeque::new(),
            has_file,
            failing: None,
            readers: Vec::new(),
            next_reader: 0,
            refused: 0,
            closed: false,
        };
        Trail { state: Mutex::new(state), progress: Notify::new(), to_write: Condvar::new() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of the chain, written or not.
    pub(crate) fn head(&self) -> AuditHead {
        self.state().head.clone()
    }

    /// Takes an event, however many wait.
    pub(crate) fn record(&self, owner: usize, about: &About, what: AuditKind) -> Arc<AuditEvent> {
        self.publish(self.state(), owner, about, what)
    }

    /// Takes an event if there is room, and says its number. Without room it is not even made.
    pub(crate) fn try_record(
        &self,
        owner: usize,
        about: &About,
        what: impl FnOnce() -> AuditKind,
    ) -> Result<u64, Full> {
        let state = self.state();
        match state.waiting() < CAPACITY {
            true => Ok(self.publish(state, owner, about, what()).sequence),
            false => Err(Full),
        }
    }

    fn publish(
        &self,
        mut state: MutexGuard<'_, State>,
        owner: usize,
        about: &About,
        what: AuditKind,
    ) -> Arc<AuditEvent> {
        let refused = state.tell_of_refused(owner, about);
        let event = state.push(owner, about, what);
        let wakers = state.wakers();
        drop(state);
        // Without the lock: who is woken or told may record something itself.
        self.to_write.notify_one();
        wakers.into_iter().for_each(Waker::wake);
        for event in refused.iter().chain([&event]) {
            let (sequence, kind, id) = (event.sequence, event.what.as_str(), event.id.as_deref());
            tracing::info!(target: "vetty::audit", sequence, kind, id, event = event.json());
        }
        event
    }

    /// Remembers a call that was refused because of [`Full`]: the next event is behind one that says so.
    pub(crate) fn refuse(&self) {
        self.state().refused += 1;
    }

    /// Why the file takes nothing now.
    pub(crate) fn failing(&self) -> Option<String> {
        self.state().failing.clone()
    }

    /// Whether the event is in the file; always without one.
    pub(crate) fn is_written(&self, sequence: u64) -> bool {
        let state = self.state();
        !state.has_file || state.written >= sequence
    }

    /// Waits for `done`, which is asked again after each progress. Cancel-safe.
    pub(crate) async fn until<T>(&self, done: impl Fn(&Trail) -> Option<T>) -> T {
        loop {
            let mut progress = std::pin::pin!(self.progress.notified());
            progress.as_mut().enable();
            if let Some(done) = done(self) {
                return done;
            }
            progress.await;
        }
    }

    /// Waits until all that was recorded so far is in the file. Cancel-safe.
    pub(crate) fn flushed(&self) -> impl Future<Output = ()> + '_ {
        let last = self.head().sequence;
        self.until(move |trail| trail.is_written(last).then_some(()))
    }

    /// A reader of what `owner` records from now on, behind `first`.
    pub(super) fn open_reader(&self, owner: usize, first: Option<Arc<AuditEvent>>) -> usize {
        let mut state = self.state();
        let key = state.next_reader;
        state.next_reader += 1;
        let events = first.into_iter().collect();
        state.readers.push(Reader { key, owner, events, waker: None, ended: false });
        key
    }

    pub(super) fn close_reader(&self, key: usize) {
        self.state().readers.retain(|reader| reader.key != key);
        self.progress.notify_waiters();
    }

    /// The next event of a reader: `Err` with nothing more to come.
    pub(super) fn next(&self, key: usize, waker: &Waker) -> Result<Option<Arc<AuditEvent>>, ()> {
        let mut state = self.state();
        let reader = state.readers.iter_mut().find(|reader| reader.key == key).ok_or(())?;
        match reader.events.pop_front() {
            Some(event) => {
                drop(state);
                self.progress.notify_waiters();
                Ok(Some(event))
            }
            None if reader.ended => Err(()),
            None => {
                reader.waker = Some(waker.clone());
                Ok(None)
            }
        }
    }

    /// A terminal is gone: its readers come to their end.
    pub(super) fn leave(&self, owner: usize) {
        let mut state = self.state();
        state
            .readers
            .iter_mut()
            .filter(|reader| reader.owner == owner)
            .for_each(|reader| reader.ended = true);
        let wakers = state.wakers();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// No more will be recorded.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.to_write.notify_one();
    }

    /// For the thread that writes: what is to be written, waiting for it; `None` once it is over.
    pub(super) fn to_write(&self) -> Option<Vec<Arc<str>>> {
        let mut state = self.state();
        while state.lines.is_empty() {
            if state.closed {
                return None;
            }
            state = self.to_write.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Some(state.lines.iter().cloned().collect())
    }

    /// So many of them are in the file.
    pub(super) fn have_written(&self, count: usize) {
        let mut state = self.state();
        state.lines.drain(..count);
        state.written += count as u64;
        state.failing = None;
        drop(state);
        self.progress.notify_waiters();
    }

    pub(super) fn cannot_write(&self, problem: String) {
        self.state().failing = Some(problem);
        self.progress.notify_waiters();
    }

    /// Waits before the next try; shorter if it is over meanwhile.
    pub(super) fn pause(&self, time: std::time::Duration) -> bool {
        let state = self.state();
        let state = match state.closed {
            true => state,
            false => self.to_write.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0,
        };
        state.closed
    }
}

impl State {
    fn waiting(&self) -> usize {
        let slowest = self.readers.iter().map(|reader| reader.events.len()).max().unwrap_or(0);
        self.lines.len().max(slowest)
    }

    fn tell_of_refused(&mut self, owner: usize, about: &About) -> Option<Arc<AuditEvent>> {
        let calls = std::mem::take(&mut self.refused);
        let about = About { id: None, policy: Arc::clone(&about.policy) };
        (calls > 0).then(|| self.push(owner, &about, AuditKind::Unavailable { calls }))
    }

    fn push(&mut self, owner: usize, about: &About, what: AuditKind) -> Arc<AuditEvent> {
        let sequence = self.head.sequence + 1;
        let previous = std::mem::take(&mut self.head.hash);
        let event = Arc::new(AuditEvent::new(sequence, previous, about, what));
        self.head = AuditHead::after(sequence, event.json().as_bytes());
        if self.has_file {
            self.lines.push_back(event.line());
        }
        for reader in self.readers.iter_mut().filter(|reader| reader.owner == owner) {
            reader.events.push_back(Arc::clone(&event));
        }
        event
    }

    fn wakers(&mut self) -> Vec<Waker> {
        let hear = self.readers.iter_mut().filter(|reader| reader.ended || !reader.events.is_empty());
        hear.filter_map(|reader| reader.waker.take()).collect()
    }
}
