//! The task that sees one child through: reads what nobody reads, keeps its time, ends it, publishes how it ended.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;
use vetty_process::{Child, Exceeded, Exit, PipeWriter, Signal, Tree};
use vetty_sandbox::LimitsConfig as Limits;

use crate::audit::{Call, Ended};
use crate::output::{EndReason, Limit, Output};
use crate::registry::Registry;
use crate::run::{Cause, KillRequest, Progress, Run};
use crate::session::Input;
use crate::streams::Pumped;

/// What holds for one run.
pub(crate) struct Terms {
    /// From spawn to exit.
    pub(crate) timeout: Option<Duration>,
    /// The bound of the policy's owner.
    pub(crate) wall: Option<Duration>,
    /// The same for a session.
    pub(crate) lifetime: Option<Duration>,
    /// Without output.
    pub(crate) idle: Option<Duration>,
    /// Without output and input.
    pub(crate) untouched: Option<Duration>,
    pub(crate) drain_grace: Duration,
    pub(crate) kill_signal: Signal,
    pub(crate) kill_grace: Duration,
    pub(crate) leave: bool,
    /// Those that the kernel keeps.
    pub(crate) limits: Limits,
    pub(crate) cancel: CancellationToken,
    /// Written to the child's standard input, if the child has one that nobody else writes.
    pub(crate) input: Bytes,
    /// Of a session: writes its screen's replies.
    pub(crate) terminal: Option<Arc<Input>>,
}

/// Descendants that go on writing after the child's death are listened to for this many times the grace.
const MOST_GRACES: u32 = 20;
/// A process that SIGKILL does not end in this time is in the kernel's hands; it is given up, and reaped if it ever dies.
const UNKILLABLE_AFTER: Duration = Duration::from_secs(10);
/// How often a tree that was asked to end is looked at after its leader's death.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Runs until the last byte is read and the tree is gone.
pub(crate) async fn pump(ending: Ending, child: Child, terms: Terms) {
    let run = &ending.run;
    let facts = Pump::new(run, &terms, ending.audit.as_ref()).drive(child, &terms).await;
    if let Some(audit) = &ending.audit {
        let bytes = run.streams().total();
        audit.ended(run, facts.told(), bytes).await;
    }
    facts.publish(run);
}

/// The promise that a run ends: a runtime that shuts down drops the pump wherever it is, also before its first step, and
/// the run must not be waited for forever then.
pub(crate) struct Ending {
    pub(crate) run: Arc<Run>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) audit: Option<Call>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !matches!(*self.run.progress.borrow(), Progress::Ended(_)) {
            let exit = Exit::Lost("the runtime was shut down".to_owned());
            let incomplete = self.run.streams().finish();
            let facts = Facts { exit, cause: None, limit: None, signal: None, incomplete, survivors: 0 };
            if let Some(audit) = &self.audit {
                let bytes = self.run.streams().total();
                audit.record_end(&self.run, facts.told(), bytes);
            }
            facts.publish(&self.run);
            // There is no runtime to sweep on.
            drop(self.registry.ended(&self.run.id));
        }
    }
}

struct Facts {
    exit: Exit,
    cause: Option<Cause>,
    /// One that is known only now.
    limit: Option<Limit>,
    /// The last one that we sent.
    signal: Option<Signal>,
    incomplete: bool,
    survivors: usize,
}

impl Facts {
    fn reason(&self) -> EndReason {
        match (&self.exit, self.cause) {
            (Exit::Lost(_), None) => EndReason::Lost,
            (_, Some(cause)) => cause.reason(),
            (Exit::Signaled { .. }, None) => EndReason::Signaled,
            (_, None) => EndReason::Exited,
        }
    }

    /// For the audit trail.
    fn told(&self) -> Ended {
        Ended {
            exit: self.exit.clone(),
            reason: self.reason(),
            limit: self.limit,
            signal: self.signal,
            survivors: self.survivors,
        }
    }

    fn publish(self, run: &Run) {
        let reason = self.reason();
        run.release_tree();
        let mut streams = run.streams();
        let [stdout, stderr] = streams.take_captured();
        let [stdout_bytes, stderr_bytes] = streams.totals();
        let output = Output {
            id: run.id.clone(),
            pid: run.pid,
            argv: run.argv.clone(),
            exit: self.exit,
            reason,
            limit: self.cause.and_then(Cause::limit),
            stdout: stdout.bytes,
            stderr: stderr.bytes,
            stdout_bytes,
            stderr_bytes,
            stdout_omitted: stdout.omitted,
            stderr_omitted: stderr.omitted,
            incomplete: self.incomplete,
            survivors: self.survivors,
            started_at: run.started_at,
            duration: run.started.elapsed(),
            kill_scope: run.kill_scope,
            enforced: Arc::clone(&run.enforced),
        };
        // Still under the streams' lock: what was captured is always to be found in one of the two places.
        let exit = output.exit.clone();
        run.progress.send_replace(Progress::Ended(Arc::new(output)));
        if let Some(watch) = streams.watch() {
            watch.events.end(exit);
        }
    }
}

struct Pump<'a> {
    run: &'a Run,
    audit: Option<&'a Call>,
    /// The last one that was sent to the tree.
    signal: Option<Signal>,
    cause: Option<Cause>,
    /// When the tree, asked to end, is killed.
    escalate_at: Option<Instant>,
    /// When a tree that was killed is given up.
    give_up_at: Option<Instant>,
    wall_at: Option<(Instant, Cause)>,
    idle: Option<Duration>,
    untouched: Option<Duration>,
    /// Set by the child's death.
    drain_until: Option<Instant>,
    drain_grace: Duration,
}

impl<'a> Pump<'a> {
    fn new(run: &'a Run, terms: &Terms, audit: Option<&'a Call>) -> Pump<'a> {
        let at = |after: Duration| Instant::from_std(run.started).checked_add(after);
        let timeout = terms.timeout.and_then(at).map(|at| (at, Cause::Timeout));
        let wall = terms.wall.and_then(at).map(|at| (at, Cause::Limit(Limit::Wall)));
        let lifetime = terms.lifetime.and_then(at).map(|at| (at, Cause::Limit(Limit::Lifetime)));
        let wall_at = [timeout, wall, lifetime].into_iter().flatten().min_by_key(|(at, _)| *at);
        Pump {
            run,
            audit,
            signal: None,
            cause: None,
            escalate_at: None,
            give_up_at: None,
            wall_at,
            idle: terms.idle,
            untouched: terms.untouched,
            drain_until: None,
            drain_grace: terms.drain_grace,
        }
    }

    async fn drive(mut self, mut child: Child, terms: &Terms) -> Facts {
        let mut exit: Option<Exit> = None;
        let mut flowing = true;
        let mut timer = pin!(sleep(Duration::ZERO));
        let mut input = pin!(feed(child.stdin.take(), &terms.input));
        let mut feeding = true;
        let mut answers = pin!(answer(terms.terminal.as_deref()));
        while exit.is_none() || flowing {
            let timed = self.set(timer.as_mut(), exit.is_some());
            tokio::select! {
                biased;
                () = child.exited(), if exit.is_none() => {
                    let ended = child.status();
                    self.run.progress.send_replace(Progress::LeaderEnded(ended.clone()));
                    self.run.streams().child_died();
                    self.drain_until = Some(Instant::now() + self.drain_grace * MOST_GRACES);
                    exit = Some(ended);
                    feeding = false;
                }
                pumped = poll_fn(|cx| self.run.streams().poll_pump(cx)), if flowing => match pumped {
                    Pumped::Ended | Pumped::Flooded => flowing = false,
                    Pumped::OverLimit => self.end_tree(Cause::Limit(Limit::Output), terms.kill_signal, terms.kill_grace),
                },
                () = &mut input, if feeding => feeding = false,
                never = &mut answers, if exit.is_none() => match never {},
                request = self.run.kill_requested(), if exit.is_none() => {
                    let KillRequest { cause, signal, grace } = request;
                    self.end_tree(cause, signal.unwrap_or(terms.kill_signal), grace.unwrap_or(terms.kill_grace));
                }
                () = terms.cancel.cancelled(), if exit.is_none() && self.cause.is_none() => {
                    self.end_tree(Cause::Aborted, terms.kill_signal, terms.kill_grace);
                }
                () = timer.as_mut(), if timed => match self.time_is_over(exit.is_some(), terms) {
                    Expired::GoOn => {}
                    Expired::StopReading => flowing = false,
                    Expired::GiveUp => {
                        exit = Some(Exit::Lost("it does not die of SIGKILL".to_owned()));
                        flowing = false;
                    }
                },
            }
        }
        let exit = exit.expect("the loop ends after the child's end");
        if matches!(exit, Exit::Lost(_)) && self.give_up_at.is_some_and(|at| at <= Instant::now()) {
            let incomplete = self.run.streams().finish();
            let (cause, signal) = (self.cause, self.signal);
            return Facts { exit, cause, limit: None, signal, incomplete, survivors: 1 };
        }
        // The tree before the pipes: who is left should die of our signal, not of a closed pipe.
        let tree = Arc::clone(child.tree());
        let (exit, survivors) = child.finish(terms.leave || self.escalate_at.is_some());
        if survivors > 0 && !terms.leave && self.escalate_at.is_none() {
            self.signal = Some(Signal::KILL);
        }
        if survivors > 0
            && let Some(escalate_at) = self.escalate_at
        {
            // Those who are left were asked to end as well and have the same time for it.
            while tree.kill(Signal::from_raw(0)) && Instant::now() < escalate_at {
                sleep(LOOK_AGAIN).await;
            }
            if tree.kill(Signal::KILL) {
                self.signal = Some(Signal::KILL);
            }
        }
        let limit = if self.cause.is_none() { kernels_limit(&exit, &tree, &terms.limits) } else { None };
        let cause = self.cause.or(limit.map(Cause::Limit));
        let incomplete = self.run.streams().finish();
        Facts { exit, cause, limit, signal: self.signal, incomplete, survivors }
    }

    /// Sets the timer to what is due next; `false` if nothing is.
    fn set(&self, timer: Pin<&mut Sleep>, dead: bool) -> bool {
        let due = if dead {
            let silence = Instant::from_std(self.run.streams().last_read()) + self.drain_grace;
            self.drain_until.map(|until| until.min(silence))
        } else {
            let idle = self.idle_at();
            let wall = self.wall_at.map(|(at, _)| at).filter(|_| self.cause.is_none());
            [self.escalate_at, self.give_up_at, wall, idle].into_iter().flatten().min()
        };
        if let Some(due) = due
            && due != timer.deadline()
        {
            timer.reset(due);
        }
        due.is_some()
    }

    fn idle_at(&self) -> Option<Instant> {
        if self.cause.is_some() || (self.idle.is_none() && self.untouched.is_none()) {
            return None;
        }
        let (last_read, last_touched) = {
            let mut streams = self.run.streams();
            let last_read = streams.last_read();
            (last_read, streams.watch().map_or(last_read, |watch| watch.last_touched()))
        };
        let silent = self.idle.map(|idle| last_read + idle);
        let untouched = self.untouched.map(|idle| last_touched + idle);
        [silent, untouched].into_iter().flatten().min().map(Instant::from_std)
    }

    fn time_is_over(&mut self, dead: bool, terms: &Terms) -> Expired {
        let now = Instant::now();
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if dead {
            let silence = Instant::from_std(self.run.streams().last_read()) + self.drain_grace;
            return if over(self.drain_until) || over(Some(silence)) {
                Expired::StopReading
            } else {
                Expired::GoOn
            };
        }
        if over(self.give_up_at) {
            return Expired::GiveUp;
        }
        if over(self.escalate_at) {
            self.run.signal_tree(Signal::KILL);
            self.signal = Some(Signal::KILL);
            self.escalate_at = None;
            self.give_up_at = Some(now + UNKILLABLE_AFTER);
        }
        if self.cause.is_none() {
            match self.wall_at {
                Some((at, cause)) if at <= now => self.end_tree(cause, terms.kill_signal, terms.kill_grace),
                _ if over(self.idle_at()) => {
                    self.end_tree(Cause::Limit(Limit::Idle), terms.kill_signal, terms.kill_grace);
                }
                _ => {}
            }
        }
        Expired::GoOn
    }

    /// The first signal now, SIGKILL after the grace. A second wish can only be more severe.
    fn end_tree(&mut self, cause: Cause, signal: Signal, grace: Duration) {
        if self.cause.is_none()
            && let (Some(limit), Some(audit)) = (cause.limit(), self.audit)
        {
            audit.limit(limit);
        }
        self.cause.get_or_insert(cause);
        let now = Instant::now();
        if grace.is_zero() || signal == Signal::KILL {
            self.run.signal_tree(Signal::KILL);
            self.signal = Some(Signal::KILL);
            self.escalate_at = None;
            self.give_up_at.get_or_insert(now + UNKILLABLE_AFTER);
        } else if self.give_up_at.is_none() {
            self.run.signal_tree(signal);
            self.signal = Some(signal);
            let at = now + grace;
            self.escalate_at = Some(self.escalate_at.map_or(at, |before| before.min(at)));
        }
    }
}

/// Which of the limits that the kernel keeps has ended a program that nobody else did.
fn kernels_limit(exit: &Exit, tree: &Tree, limits: &Limits) -> Option<Limit> {
    if tree.exceeded() == Some(Exceeded::Memory) {
        return Some(Limit::Memory);
    }
    match exit.signal()? {
        Signal::XCPU if limits.cpu_time > 0 => Some(Limit::CpuTime),
        // Who ignores the first signal gets the last one, a second later.
        Signal::KILL
            if limits.cpu_time > 0 && tree.processor_time() >= Duration::from_millis(limits.cpu_time) =>
        {
            Some(Limit::CpuTime)
        }
        Signal::XFSZ if limits.file_size > 0 => Some(Limit::FileSize),
        _ => None,
    }
}

enum Expired {
    GoOn,
    StopReading,
    GiveUp,
}

/// Writes what a session's screen answers to its program. A program that has closed its terminal gets no more.
async fn answer(terminal: Option<&Input>) -> Infallible {
    if let Some(terminal) = terminal
        && let Err(error) = terminal.answer().await
    {
        tracing::debug!(%error, "the program's questions cannot be answered any more");
    }
    pending().await
}

/// Writes the whole input, then closes it. A child that does not want it all is no error.
async fn feed(pipe: Option<PipeWriter>, input: &[u8]) {
    if let Some(mut pipe) = pipe
        && let Err(error) = pipe.write_all(input).await
    {
        tracing::debug!(%error, "the child did not read all of its input");
    }
}
