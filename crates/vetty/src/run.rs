//! One child under way: what the pump, the handles and the list share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::{Notify, watch};
use vetty_process::{Exit, Signal, Tree};

use crate::output::{EndReason, Limit, Output};
use crate::streams::Streams;

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
            Cause::Timeout | Cause::Limit(Limit::Wall) => EndReason::Timeout,
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
    pub(crate) background: bool,
    pub(crate) started_at: SystemTime,
    pub(crate) started: Instant,
    pub(crate) tree: Arc<Tree>,
    streams: Mutex<Streams>,
    wish: Mutex<Option<KillRequest>>,
    wished: Notify,
    pub(crate) progress: watch::Sender<Progress>,
}

impl Run {
    pub(crate) fn new(
        id: String,
        argv: Vec<String>,
        background: bool,
        tree: Arc<Tree>,
        streams: Streams,
    ) -> Run {
        Run {
            id,
            argv,
            background,
            started_at: SystemTime::now(),
            started: Instant::now(),
            tree,
            streams: Mutex::new(streams),
            wish: Mutex::new(None),
            wished: Notify::new(),
            progress: watch::Sender::new(Progress::Running),
        }
    }

    pub(crate) fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the pump to end the tree. `false` if the child has ended already.
    pub(crate) fn request_kill(&self, request: KillRequest) -> bool {
        if !matches!(*self.progress.borrow(), Progress::Running) {
            return false;
        }
        self.wish
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(request);
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
