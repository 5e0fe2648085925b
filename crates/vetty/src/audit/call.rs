//! The events of one call, in their order: what was decided, what was started, how it ended.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use vetty_policy::{Denial, Verdict};
use vetty_process::{Exit, KillScope, Signal, SpawnError};

use super::redact::Redactor;
use super::verdict::told;
use super::{Audit, AuditKind, Kept, OnFull};
use crate::output::{EndReason, Limit};
use crate::run::Run;
use crate::{Approval, Error};

/// How long a call waits for its event to be written where it would rather be refused.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a result waits for its last event to be written. It is in the queue whatever happens.
const LAST_WORD: Duration = Duration::from_millis(250);

/// One call of a terminal that is audited.
#[derive(Clone)]
pub(crate) struct Call {
    audit: Arc<Audit>,
    id: String,
    redactor: Redactor,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    pub(crate) reason: EndReason,
    pub(crate) limit: Option<Limit>,
    /// The last signal of ours.
    pub(crate) signal: Option<Signal>,
    pub(crate) survivors: usize,
}

impl Call {
    pub(super) fn new(audit: &Arc<Audit>, id: &str, redactor: Redactor) -> Call {
        Call { audit: Arc::clone(audit), id: id.to_owned(), redactor }
    }

    /// What hides secrets in the output of this call, if somebody asked for that.
    pub(crate) fn output_redactor(&self) -> Option<&Redactor> {
        self.audit.redacts_output.then_some(&self.redactor)
    }

    fn record(&self, what: AuditKind) -> Option<(Kept, u64)> {
        let trail = self.audit.trail()?;
        let event = trail.record(self.audit.owner, &self.audit.about(Some(&self.id)), what);
        Some((trail, event.sequence))
    }

    /// Records what was decided. It is in the file when this returns, so that nothing runs of which the file knows
    /// nothing. Cancel-safe.
    ///
    /// # Errors
    /// The refusal that takes the place of what was decided, where the event is not taken: `AUDIT_UNAVAILABLE`.
    pub(crate) async fn decided(&self, verdict: &Verdict, at_once: bool) -> Result<(), Error> {
        let unavailable = || Error::from(Denial::unavailable(verdict.clone()));
        let Some(trail) = self.audit.trail() else { return Err(unavailable()) };
        let about = self.audit.about(Some(&self.id));
        let fit = Box::new(told(verdict, &self.redactor));
        let what = || AuditKind::Verdict { verdict: fit.clone() };
        if self.audit.on_full == OnFull::Block && !at_once {
            let sequence = trail.until(|trail| trail.try_record(self.audit.owner, &about, what).ok()).await;
            trail.until(|trail| trail.is_written(sequence).then_some(())).await;
            return Ok(());
        }
        let taken = match trail.failing() {
            Some(_) => None,
            None => trail.try_record(self.audit.owner, &about, what).ok(),
        };
        let Some(sequence) = taken else {
            trail.refuse();
            return Err(unavailable());
        };
        let written = trail.until(|trail| match trail.is_written(sequence) {
            true => Some(true),
            false => trail.failing().map(|_| false),
        });
        if matches!(tokio::time::timeout(PATIENCE, written).await, Ok(true)) {
            return Ok(());
        }
        let denial = Denial::unavailable(verdict.clone());
        let refused = Box::new(told(denial.verdict(), &self.redactor));
        trail.record(self.audit.owner, &about, AuditKind::Verdict { verdict: refused });
        Err(denial.into())
    }

    /// Records a refusal that its caller is told of at once; the refusal that takes its place if the event is not taken.
    pub(crate) fn refused(&self, verdict: &Verdict) -> Option<Denial> {
        let taken = self.audit.trail().is_some_and(|trail| {
            let about = self.audit.about(Some(&self.id));
            let what = || AuditKind::Verdict { verdict: Box::new(told(verdict, &self.redactor)) };
            let taken = trail.try_record(self.audit.owner, &about, what).is_ok();
            if !taken {
                trail.refuse();
            }
            taken
        });
        (!taken).then(|| Denial::unavailable(verdict.clone()))
    }

    /// Records what somebody answered.
    pub(crate) fn approval(&self, approval: Option<Approval>, waited: Duration) {
        let approval = match approval {
            Some(Approval::Allow) => "allow",
            Some(Approval::AllowSession) => "allow-session",
            Some(Approval::AllowRule) => "allow-rule",
            Some(Approval::Deny) => "deny",
            None => "timeout",
        };
        self.record(AuditKind::Approval { approval, waited });
    }

    /// Records that it was started.
    pub(crate) fn spawned(&self, run: &Run, pty: bool) {
        let (enforced, kill) = (Arc::clone(&run.enforced), run.kill_scope);
        self.record(AuditKind::Spawn { pid: run.pid, pty, enforced, kill });
    }

    /// Records that it could not be.
    pub(crate) fn spawn_failed(&self, error: &SpawnError) {
        self.record(AuditKind::SpawnFailed { code: error.code(), phase: error.phase() });
    }

    /// Records that it had too much of something.
    pub(crate) fn limit(&self, limit: Limit) {
        self.record(AuditKind::Limit { limit });
    }

    /// Records that a file was read because output named it, or why it was not.
    pub(crate) fn image_file(&self, path: &str, read: Result<u64, String>, remove: bool) {
        let path = self.redactor.text(path);
        let removed = remove && read.is_ok();
        let (bytes, error) = (read.as_ref().ok().copied(), read.err());
        self.record(AuditKind::ImageFile { path, bytes, removed, error });
    }

    /// Records that it is connected with a host, or why it is not. `false` where the event is not taken: then it must not be.
    /// Cancel-safe.
    pub(crate) async fn connection(
        &self,
        host: &str,
        made: Result<Option<SocketAddr>, &'static str>,
    ) -> bool {
        let Some(trail) = self.audit.trail() else { return false };
        let about = self.audit.about(Some(&self.id));
        let host = self.redactor.text(host);
        let (address, refused) = (made.ok().flatten(), made.err());
        let what = || AuditKind::Connection { host: host.clone(), address, refused };
        match self.audit.on_full {
            OnFull::Block => {
                trail.until(|trail| trail.try_record(self.audit.owner, &about, what).ok()).await;
                true
            }
            OnFull::Refuse => trail.try_record(self.audit.owner, &about, what).is_ok(),
        }
    }

    /// Records how it ended; waits a little for that to be written, so that who gets the result finds it in the file.
    pub(crate) async fn ended(&self, run: &Run, ended: Ended, bytes: u64) {
        if let Some((trail, sequence)) = self.record_end(run, ended, bytes) {
            let written = trail.until(|trail| match trail.is_written(sequence) {
                false => trail.failing().map(drop),
                true => Some(()),
            });
            let waited = tokio::time::timeout(LAST_WORD, written).await;
            if waited.is_err() {
                tracing::warn!(id = self.id, "the last event of a run is not in the audit file yet");
            }
        }
    }

    /// The same without waiting, where no runtime is left.
    pub(crate) fn record_end(&self, run: &Run, ended: Ended, bytes: u64) -> Option<(Kept, u64)> {
        let Ended { exit, reason, limit, signal, survivors } = ended;
        // Those that the kernel keeps are known only now.
        if let Some(limit) = limit {
            self.limit(limit);
        }
        if let Some(signal) = signal {
            let scope: KillScope = run.kill_scope;
            self.record(AuditKind::Kill { signal, scope, survivors });
        }
        self.record(AuditKind::Exit { exit, reason, duration: run.started.elapsed(), bytes })
    }
}
