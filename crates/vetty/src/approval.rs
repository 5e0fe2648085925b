//! Who decides what `commands.ask` leaves open, and what was decided for good.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use vetty_policy::{Code, Denial, Verdict};

use crate::Error;
use crate::audit::Call;
use crate::command::Command;
use crate::terminal::Terminal;

/// Calls that are remembered. A further one is asked for each time.
const MAX_REMEMBERED: usize = 10_000;

/// An answer to what `commands.ask` leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval {
    /// This call may run.
    Allow,
    /// This call may run, and so may each further one with the same argv in the same directory, while the terminal lives.
    AllowSession,
    /// This call may run, and so may each further one that the same rule of `commands.ask` wants an approval for, and no
    /// other one, while the terminal lives. Where no rule asked but `commands.default`, as [`Approval::AllowSession`].
    AllowRule,
    /// It may not.
    Deny,
}

type Answer = Pin<Box<dyn Future<Output = Approval> + Send>>;

/// The handler, and what it has allowed for the session.
#[derive(Default)]
pub(crate) struct Approvals {
    handler: OnceLock<Handler>,
    remembered: Mutex<Remembered>,
}

/// What was allowed for the session.
#[derive(Default)]
struct Remembered {
    /// Calls: argv and directory.
    calls: HashSet<(Vec<String>, Option<String>)>,
    /// Places of entries of `commands.ask`; no more than there are entries.
    rules: Vec<String>,
}

struct Handler {
    within: Duration,
    decide: Box<dyn Fn(Verdict) -> Answer + Send + Sync>,
}

impl Approvals {
    /// Remembers who decides. `false`: somebody does already.
    pub(crate) fn set<F, A>(&self, within: Duration, decide: F) -> bool
    where
        F: Fn(Verdict) -> A + Send + Sync + 'static,
        A: Future<Output = Approval> + Send + 'static,
    {
        let decide = Box::new(move |verdict| Box::pin(decide(verdict)) as Answer);
        self.handler.set(Handler { within, decide }).is_ok()
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_remembered(&self, verdict: &Verdict) -> bool {
        self.remembered().calls.contains(&(verdict.argv.clone(), verdict.cwd.clone()))
    }

    fn remember_call(&self, verdict: &Verdict) {
        let calls = &mut self.remembered().calls;
        if calls.len() < MAX_REMEMBERED {
            calls.insert((verdict.argv.clone(), verdict.cwd.clone()));
        }
    }

    fn remember_rule(&self, place: &str) {
        let rules = &mut self.remembered().rules;
        if !rules.iter().any(|rule| rule == place) {
            rules.push(place.to_owned());
        }
    }
}

impl Terminal {
    /// Sees to it that a call which must be approved is, and marks it so. Any other one is left as it is.
    ///
    /// # Errors
    /// [`Error::Refused`]: it was not approved, not in time, or would be refused all the same; [`Error::Aborted`] by its
    /// token.
    pub(crate) async fn approve(
        &self,
        command: &mut Command,
        on_terminal: bool,
        audit: Option<&Call>,
    ) -> Result<(), Error> {
        let mut denial = match self.permit(command, on_terminal) {
            Err(denial) if denial.code() == Code::ApprovalRequired => denial,
            _ => return Ok(()),
        };
        let Some(handler) = self.approvals().handler.get() else { return Err(denial.into()) };
        command.options.approved = true;
        // Nobody is asked about what would be refused all the same.
        let permitted = self.permit(command, on_terminal)?.0.into_parts().verdict;
        let mut known = self.approvals().is_remembered(&permitted).then_some(Approval::AllowSession);
        let rules = self.approvals().remembered().rules.clone();
        if known.is_none() && !rules.is_empty() {
            let mut held = command.clone().approved_for(rules);
            held.options.approved = false;
            match self.permit(&held, on_terminal) {
                Ok(_) => known = Some(Approval::AllowRule),
                // Another rule still asks, and it is the one to be told.
                Err(other) if other.code() == Code::ApprovalRequired => denial = other,
                Err(_) => {}
            }
        }
        let asked = asked(&denial, &permitted);
        if let Some(audit) = audit {
            tokio::select! {
                biased;
                decided = audit.decided(&asked, command.options.at_once) => decided?,
                () = command.options.cancel.cancelled() => return Err(Error::Aborted { output: None }),
            }
        }
        let answered = |approval, waited| {
            if let Some(audit) = audit {
                audit.approval(approval, waited);
            }
        };
        if known.is_some() {
            answered(known, Duration::ZERO);
            return Ok(());
        }
        let asked_at = Instant::now();
        let answer = tokio::select! {
            answer = tokio::time::timeout(handler.within, (handler.decide)(asked)) => answer,
            () = command.options.cancel.cancelled() => return Err(Error::Aborted { output: None }),
        };
        answered(answer.as_ref().ok().copied(), asked_at.elapsed());
        match answer {
            Ok(Approval::Allow) => Ok(()),
            Ok(Approval::AllowSession) => {
                self.approvals().remember_call(&permitted);
                Ok(())
            }
            Ok(Approval::AllowRule) => {
                match &denial.verdict().rule {
                    Some(rule) => self.approvals().remember_rule(&rule.key),
                    None => self.approvals().remember_call(&permitted),
                }
                Ok(())
            }
            Ok(Approval::Deny) => Err(denial.unapproved(true).into()),
            Err(_) => Err(denial.unapproved(false).into()),
        }
    }
}

/// The refusal, with all that is known of the call once it is looked up.
fn asked(denial: &Denial, permitted: &Verdict) -> Verdict {
    let mut verdict = permitted.clone();
    let refused = denial.verdict();
    verdict.allowed = false;
    verdict.code = refused.code;
    verdict.message.clone_from(&refused.message);
    verdict.rule.clone_from(&refused.rule);
    verdict.hint.clone_from(&refused.hint);
    verdict
}
