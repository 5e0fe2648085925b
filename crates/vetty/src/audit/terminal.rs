//! What a terminal says of its audit, and how its calls come to it.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vetty_policy::Verdict;

use super::{Audit, AuditEvents, AuditHead, Call, ConfigChange};
use crate::Approval;
use crate::command::Command;
use crate::terminal::Terminal;

/// How long a terminal that is closed waits for its file.
const CLOSE: Duration = Duration::from_secs(5);
/// The same of a host that ends.
const ABANDON: Duration = Duration::from_secs(1);

impl Terminal {
    /// Hears the events of this terminal: first that of its configuration, then what comes. See [`AuditEvents`].
    ///
    /// Where the configuration has no section `audit`, the trail begins with the first call of this, and has no file.
    pub fn audit(&self) -> AuditEvents {
        self.begun_audit().events()
    }

    /// The end of the audit trail, to be kept elsewhere: [`verify_audit`](crate::verify_audit) finds then whether it was
    /// cut off. It may be newer than what is in the file. `None`: nothing is recorded.
    pub fn audit_head(&self) -> Option<AuditHead> {
        self.audit_cell().get()?.head()
    }

    /// Waits until all that was recorded so far is in the file. For as long as the file takes nothing, that is for ever.
    /// Cancel-safe.
    pub async fn audit_flushed(&self) {
        if let Some(audit) = self.audit_cell().get() {
            audit.flushed().await;
        }
    }

    /// Records that the configuration changed its standing, for a host that makes it final.
    pub fn audit_change(&self, change: ConfigChange) {
        if let Some(audit) = self.audit_cell().get() {
            audit.changed(change);
        }
    }

    fn begun_audit(&self) -> &Arc<Audit> {
        self.audit_cell().get_or_init(|| {
            let (config, policy) = (&self.config().audit, self.policy().hash());
            Audit::new(config, policy, ConfigChange::Initialize)
                .unwrap_or_else(|_| Audit::unavailable(policy))
        })
    }

    /// The audit, if somebody wants one: without it, that costs a branch.
    fn wanted_audit(&self) -> Option<&Arc<Audit>> {
        match self.audit_cell().get() {
            None if tracing::enabled!(target: "vetty::audit", tracing::Level::INFO) => {
                Some(self.begun_audit())
            }
            audit => audit,
        }
    }

    /// The call as the audit sees it, with the id that it will have.
    pub(crate) fn audited(&self, command: &mut Command) -> Option<Call> {
        let audit = self.wanted_audit()?;
        let id = command.options.id.get_or_insert_with(|| self.new_id());
        let own = command.options.parent_env.is_none();
        let host = std::iter::once_with(std::env::vars_os).take(usize::from(own)).flatten();
        let given = command.options.parent_env.iter().flatten().cloned();
        let of_call = command.options.env.iter().cloned();
        let mut variables = host.chain(given).chain(of_call);
        Some(audit.call(id, &mut variables as &mut dyn Iterator<Item = (OsString, OsString)>))
    }

    /// Waits until nothing more comes to the file, then lets it go.
    pub(crate) async fn close_audit(&self) {
        let Some(audit) = self.audit_cell().get() else { return };
        if tokio::time::timeout(CLOSE, audit.flushed()).await.is_err() {
            tracing::error!("the audit file takes nothing: its last events are tried for some time still");
        }
        audit.close();
    }

    /// The same for a host that ends, on its own thread.
    pub(crate) fn settle_audit(&self) {
        let Some(audit) = self.audit_cell().get() else { return };
        let until = Instant::now() + ABANDON;
        // What was killed is told of as well.
        while (!audit.is_settled() || !self.registry().running().is_empty()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Command {
    /// The refusal of this call, if the policy refuses it, for a host that tells it at once: it is recorded in the audit
    /// trail. `None`: it may be run, which judges it again and records that.
    pub fn refusal(&self) -> Option<Verdict> {
        let verdict = self.check();
        (!verdict.allowed).then(|| self.record_refusal(verdict))
    }

    /// Records a refusal that the host itself has decided on, or what somebody is asked about; gives what is to be told:
    /// mostly the same, and `AUDIT_UNAVAILABLE` where no event is taken.
    pub fn record_refusal(&self, verdict: Verdict) -> Verdict {
        let unavailable = self.terminal.audited(&mut self.clone()).and_then(|call| call.refused(&verdict));
        unavailable.map_or(verdict, vetty_policy::Denial::into_verdict)
    }

    /// Records what somebody answered whom the host has asked, and how long that took; `None` is no answer in time.
    pub fn record_approval(&self, approval: Option<Approval>, waited: Duration) {
        if let Some(call) = self.terminal.audited(&mut self.clone()) {
            call.approval(approval, waited);
        }
    }
}
