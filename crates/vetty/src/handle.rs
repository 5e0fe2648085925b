//! A run seen from anywhere: signal it, end it, look at what it has written.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use vetty_process::{Exit, KillScope, Signal};

use crate::output::Output;
use crate::run::{Cause, KillRequest, Progress, Run};
use crate::sandbox::Enforced;
use crate::tap::Tap;

/// A run, to be shared: cheap to clone, and holds nothing alive. Also of one that has ended.
#[derive(Clone)]
pub struct Handle {
    run: Arc<Run>,
}

/// How to end a tree. The default: the policy's signal, then SIGKILL after the policy's grace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kill {
    /// The first signal; `None` is `commands.killSignal`.
    pub signal: Option<Signal>,
    /// From it to SIGKILL; `None` is `commands.killGrace`.
    pub grace: Option<Duration>,
}

/// What was captured so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// Of standard output.
    pub stdout: Bytes,
    /// Of standard error.
    pub stderr: Bytes,
}

impl Handle {
    pub(crate) fn new(run: Arc<Run>) -> Handle {
        Handle { run }
    }

    /// `term_` and 32 hex digits.
    pub fn id(&self) -> &str {
        &self.run.id
    }

    /// The child's process number.
    pub fn pid(&self) -> i32 {
        self.run.pid
    }

    /// What runs.
    pub fn argv(&self) -> &[String] {
        &self.run.argv
    }

    /// How the child ended; `None` while it runs.
    pub fn exit(&self) -> Option<Exit> {
        self.run.exit()
    }

    /// When it was started.
    pub fn started_at(&self) -> SystemTime {
        self.run.started_at
    }

    /// How far a kill reaches.
    pub fn kill_scope(&self) -> KillScope {
        self.run.kill_scope
    }

    /// What holds it.
    pub fn enforced(&self) -> &Enforced {
        &self.run.enforced
    }

    /// Sends one signal to the child alone. `false` if it has ended.
    pub fn signal(&self, signal: Signal) -> bool {
        self.run.exit().is_none() && self.run.signal(signal)
    }

    /// Sends one signal to the whole tree, and nothing more. `false` if the child has ended.
    pub fn signal_tree(&self, signal: Signal) -> bool {
        self.run.exit().is_none() && self.run.signal_tree(signal)
    }

    /// Asks for the end of the whole tree. `false` if the child has ended already. [`Handle::wait`] tells when it is over.
    pub fn kill(&self, kill: Kill) -> bool {
        self.run.request_kill(KillRequest { cause: Cause::Killed, signal: kill.signal, grace: kill.grace })
    }

    /// What was captured so far. A stream that a reader takes is not captured.
    pub fn captured(&self) -> Captured {
        // Under the streams' lock, so that the end does not take the capture away between the two looks.
        let streams = self.run.streams();
        if let Progress::Ended(output) = &*self.run.progress.borrow() {
            return Captured { stdout: output.stdout.clone(), stderr: output.stderr.clone() };
        }
        let [stdout, stderr] = streams.captured();
        Captured { stdout: stdout.bytes, stderr: stderr.bytes }
    }

    /// Waits for the end, also one that we brought about. It does not read: a program whose output somebody holds, or
    /// that waits for a reader, is waited for as long as that takes. Cancel-safe.
    pub async fn wait(&self) -> Arc<Output> {
        self.run.ended().await
    }

    /// What ended it, once its last byte was read.
    pub fn output(&self) -> Option<Arc<Output>> {
        match &*self.run.progress.borrow() {
            Progress::Ended(output) => Some(Arc::clone(output)),
            _ => None,
        }
    }

    /// Listens to what it has written and writes, beside whoever reads it.
    pub fn tap(&self) -> Tap {
        Tap::new(Arc::clone(&self.run))
    }

    pub(crate) async fn leader_ended(&self) -> Exit {
        self.run.leader_ended().await
    }

    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.run
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("id", &self.id()).field("pid", &self.pid()).finish_non_exhaustive()
    }
}
