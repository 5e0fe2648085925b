//! One child under way: what the pump, the handles and the list share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::{Notify, watch};
use vetty_process::{Exit, KillScope, Signal, Tree};

use crate::launch::Mode;
use crate::output::{EndReason, Limit, Output};
use crate::sandbox::Enforced;
use crate::streams::{Pull, Streams, Wanted};

/// How far a run has come.
#[derive(Debug, Clone)]
pub(crate) enum Progress {
    Running,
    /// The direct child has ended; its output may not have.
    LeaderEnded(Exit),
    Ended(Arc<Output>),
}

/// A wish that the tree should end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KillRequest {
    pub(crate) cause: Cause,
    /// `None`: the policy's.
    pub(crate) signal: Option<Signal>,
    /// `None`: the policy's.
    pub(crate) grace: Option<std::time::Duration>,
}

/// Why we ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Timeout,
    Limit(Limit),
    Aborted,
    Killed,
}

impl Cause {
    pub(crate) fn reason(self) -> EndReason {
        match self {
            Cause::Timeout => EndReason::Timeout,
            Cause::Limit(_) => EndReason::Limit,
            Cause::Aborted => EndReason::Aborted,
            Cause::Killed => EndReason::Killed,
        }
    }

    pub(crate) fn limit(self) -> Option<Limit> {
        match self {
            Cause::Timeout => Some(Limit::Wall),
            Cause::Limit(limit) => Some(limit),
            Cause::Aborted | Cause::Killed => None,
        }
    }
}

pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) argv: Vec<String>,
    pub(crate) mode: Mode,
    pub(crate) started_at: SystemTime,
    pub(crate) started: Instant,
    pub(crate) pid: i32,
    pub(crate) kill_scope: KillScope,
    pub(crate) enforced: Arc<Enforced>,
    /// Until the end: a run that is only listed holds no descriptor.
    tree: Mutex<Option<Arc<Tree>>>,
    streams: Mutex<Streams>,
    wish: Mutex<Option<KillRequest>>,
    wished: Notify,
    pub(crate) progress: watch::Sender<Progress>,
}

impl Run {
    pub(crate) fn new(
        id: String,
        argv: Vec<String>,
        mode: Mode,
        tree: Arc<Tree>,
        streams: Streams,
        enforced: Arc<Enforced>,
    ) -> Run {
        Run {
            id,
            argv,
            mode,
            started_at: SystemTime::now(),
            started: Instant::now(),
            pid: tree.pid(),
            kill_scope: tree.scope(),
            enforced,
            tree: Mutex::new(Some(tree)),
            streams: Mutex::new(streams),
            wish: Mutex::new(None),
            wished: Notify::new(),
            progress: watch::Sender::new(Progress::Running),
        }
    }

    fn tree(&self) -> MutexGuard<'_, Option<Arc<Tree>>> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a signal to the child alone. `false` if it has ended.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        self.tree().as_ref().is_some_and(|tree| tree.signal(signal))
    }

    /// Sends a signal to the whole tree. `false` if nobody is left.
    pub(crate) fn signal_tree(&self, signal: Signal) -> bool {
        self.tree().as_ref().is_some_and(|tree| tree.kill(signal))
    }

    pub(crate) fn release_tree(&self) {
        self.tree().take();
    }

    pub(crate) fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims streams for a reader or gives them back. Of a run that has ended, what was captured comes first.
    pub(crate) fn claim(&self, wanted: Wanted, pull: Pull) {
        let mut streams = self.streams();
        if let Progress::Ended(output) = &*self.progress.borrow() {
            streams.give_back(wanted, output);
        }
        streams.claim(wanted, pull);
    }

    /// Lets what no reader has claimed drain into the capture.
    pub(crate) fn drain_unread(&self) {
        let mut streams = self.streams();
        streams.drain_unread();
        self.capture_late(&mut streams);
    }

    /// Lets everything drain into the capture, also what a reader has begun.
    pub(crate) fn drain(&self) {
        let mut streams = self.streams();
        streams.set_pull(Pull::Drain);
        self.capture_late(&mut streams);
    }

    /// What was held to the end and is drained only now belongs to the output, too.
    fn capture_late(&self, streams: &mut Streams) {
        let ended = self.progress.borrow().clone();
        let Progress::Ended(output) = ended else { return };
        let [stdout, stderr] = streams.take_captured();
        if stdout.bytes.is_empty() && stderr.bytes.is_empty() {
            return;
        }
        let mut output = Output::clone(&output);
        (output.stdout, output.stdout_omitted) = stdout.after(&output.stdout, output.stdout_omitted);
        (output.stderr, output.stderr_omitted) = stderr.after(&output.stderr, output.stderr_omitted);
        self.progress.send_replace(Progress::Ended(Arc::new(output)));
    }

    /// Asks the pump to end the tree. `false` if the child has ended already.
    pub(crate) fn request_kill(&self, request: KillRequest) -> bool {
        if !matches!(*self.progress.borrow(), Progress::Running) {
            return false;
        }
        self.wish.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(request);
        self.wished.notify_one();
        true
    }

    pub(crate) async fn kill_requested(&self) -> KillRequest {
        loop {
            if let Some(request) = self.wish.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return request;
            }
            self.wished.notified().await;
        }
    }

    /// What is known of the end without waiting.
    pub(crate) fn exit(&self) -> Option<Exit> {
        match &*self.progress.borrow() {
            Progress::Running => None,
            Progress::LeaderEnded(exit) => Some(exit.clone()),
            Progress::Ended(output) => Some(output.exit.clone()),
        }
    }

    /// How it ended, once its last byte was read.
    pub(crate) fn ended_with(&self) -> Option<Exit> {
        match &*self.progress.borrow() {
            Progress::Ended(output) => Some(output.exit.clone()),
            _ => None,
        }
    }

    /// Waits for the child's end, not for its last byte. Cancel-safe.
    pub(crate) async fn leader_ended(&self) -> Exit {
        let mut progress = self.progress.subscribe();
        loop {
            if let Some(exit) = self.exit() {
                return exit;
            }
            // The sender is in `self`, so it cannot be gone.
            drop(progress.changed().await);
        }
    }

    /// Waits for the last byte. Cancel-safe.
    pub(crate) async fn ended(&self) -> Arc<Output> {
        let mut progress = self.progress.subscribe();
        loop {
            if let Progress::Ended(output) = &*progress.borrow_and_update() {
                return Arc::clone(output);
            }
            drop(progress.changed().await);
        }
    }
}
