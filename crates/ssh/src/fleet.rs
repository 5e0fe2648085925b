//! One command on many hosts: as many at once as wanted, told event by event, with a summary at the end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use crate::channel::{Chunk, Command, Output};
use crate::error::Error;
use crate::pool::{Dials, Pool};
use crate::target::Target;
use crate::{Host, HostError};

/// Events that wait for a reader; a program whose events nobody takes waits.
const EVENTS: usize = 256;

/// Hosts that get the same commands. Each has a pool of connections of its own; how many are dialled at once is bounded
/// for all of them together.
#[derive(Debug, Clone)]
pub struct Fleet {
    pools: Arc<Vec<Pool>>,
}

/// How a fleet runs a command.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FleetOptions {
    /// On how many hosts at once. Default 32.
    pub concurrency: usize,
    /// After the first failure (no exit code 0) nothing is started any more, and what runs is killed. Default: no.
    pub fail_fast: bool,
    /// How long a host may take, from the dial to the end. Default: for ever.
    pub timeout: Option<Duration>,
    /// What each program gets as its input. Default: nothing.
    pub input: Bytes,
}

impl Default for FleetOptions {
    fn default() -> FleetOptions {
        FleetOptions { concurrency: 32, fail_fast: false, timeout: None, input: Bytes::new() }
    }
}

/// How it went on one host.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The program ended, whatever its exit code.
    Ended(Output),
    /// It could not be run, or not to its end.
    Failed(Error),
    /// The time of this host was over; what ran there is killed.
    TimedOut,
    /// Another failed before, and `fail_fast` was asked for.
    Skipped,
}

impl Outcome {
    /// Whether the program ended with exit code 0.
    pub fn success(&self) -> bool {
        matches!(self, Outcome::Ended(output) if output.exit.success())
    }
}

/// What happens in a fleet, in the order in which it happens.
#[derive(Debug)]
#[non_exhaustive]
pub enum FleetEvent {
    /// A host's turn has come: it is dialled if need be.
    Start(Host),
    /// Its program wrote this.
    Output(Host, Chunk),
    /// It is done.
    End(Host, Arc<Outcome>),
}

/// Which outcomes make a run a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExitPolicy {
    /// All hosts.
    #[default]
    All,
    /// At least one.
    Any,
    /// The first of the list.
    First,
}

/// A command that runs on a fleet. Dropping it kills what runs, and starts no more.
#[derive(Debug)]
pub struct FleetRun {
    events: mpsc::Receiver<FleetEvent>,
    hosts: Vec<Host>,
    outcomes: BTreeMap<Host, Arc<Outcome>>,
    _tasks: JoinSet<()>,
}

/// What came of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct Summary {
    /// By the policy that was asked for.
    pub ok: bool,
    /// Each host's.
    pub outcomes: BTreeMap<Host, Arc<Outcome>>,
}

impl Fleet {
    /// A fleet of targets, each with its own settings; a host that is named twice is one. Nothing is dialled yet.
    pub fn new(targets: impl IntoIterator<Item = Target>) -> Fleet {
        Fleet::with(targets, Dials::default())
    }

    /// With another bound of dials at once.
    pub fn with(targets: impl IntoIterator<Item = Target>, dials: Dials) -> Fleet {
        let mut pools: Vec<Pool> = Vec::new();
        for target in targets {
            if !pools.iter().any(|pool| pool.target().host == target.host) {
                pools.push(Pool::with(target, 8, dials.clone()));
            }
        }
        Fleet { pools: Arc::new(pools) }
    }

    /// A fleet of hosts and ranges (`web[01-20]`), each target made by `target`.
    ///
    /// # Errors
    /// A text that is no host.
    pub fn of<T: AsRef<str>>(
        hosts: impl IntoIterator<Item = T>,
        target: impl Fn(Host) -> Target,
    ) -> Result<Fleet, HostError> {
        let mut targets = Vec::new();
        for text in hosts {
            targets.extend(Host::range(text.as_ref())?.into_iter().map(&target));
        }
        Ok(Fleet::new(targets))
    }

    /// Its hosts, in the order given.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.pools.iter().map(|pool| &pool.target().host)
    }

    /// The connections to one of its hosts.
    pub fn pool(&self, host: &Host) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.target().host == *host)
    }

    /// Runs `command` on all hosts. A host that does not answer delays nobody but itself and takes one of the places of
    /// `concurrency` until its time is over.
    pub fn execute(&self, command: &Command, options: FleetOptions) -> FleetRun {
        let (sender, events) = mpsc::channel(EVENTS);
        let mut tasks = JoinSet::new();
        let (pools, command) = (self.pools.clone(), command.clone());
        tasks.spawn(async move { run_all(&pools, &command, &options, &sender).await });
        let hosts = self.hosts().cloned().collect();
        FleetRun { events, hosts, outcomes: BTreeMap::new(), _tasks: tasks }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        let mut closing = JoinSet::new();
        for pool in self.pools.iter() {
            let pool = pool.clone();
            closing.spawn(async move { pool.close().await });
        }
        while closing.join_next().await.is_some() {}
    }
}

impl FleetRun {
    /// The next event; `None` after the end of the last host. Cancel-safe.
    pub async fn next(&mut self) -> Option<FleetEvent> {
        let event = self.events.recv().await?;
        if let FleetEvent::End(host, outcome) = &event {
            self.outcomes.insert(host.clone(), outcome.clone());
        }
        Some(event)
    }

    /// Takes the events that are left, and tells what came of it all.
    pub async fn summary(mut self, policy: ExitPolicy) -> Summary {
        while self.next().await.is_some() {}
        let success = |host: &Host| self.outcomes.get(host).is_some_and(|outcome| outcome.success());
        let ok = match policy {
            ExitPolicy::All => self.hosts.iter().all(success),
            ExitPolicy::Any => self.hosts.iter().any(success),
            ExitPolicy::First => self.hosts.first().is_some_and(success),
        };
        Summary { ok, outcomes: self.outcomes }
    }
}

async fn run_all(
    pools: &[Pool],
    command: &Command,
    options: &FleetOptions,
    events: &mpsc::Sender<FleetEvent>,
) {
    let mut waiting: VecDeque<&Pool> = pools.iter().collect();
    let mut running: JoinSet<Outcome> = JoinSet::new();
    let mut hosts: BTreeMap<Id, Host> = BTreeMap::new();
    loop {
        while running.len() < options.concurrency.max(1)
            && let Some(pool) = waiting.pop_front()
        {
            let host = pool.target().host.clone();
            if events.send(FleetEvent::Start(host.clone())).await.is_err() {
                return;
            }
            let (pool, command, options, events) =
                (pool.clone(), command.clone(), options.clone(), events.clone());
            let task = running.spawn(async move {
                let run = run_one(&pool, &command, options.input.clone(), &events);
                match options.timeout {
                    None => run.await,
                    Some(limit) => tokio::time::timeout(limit, run).await.unwrap_or(Outcome::TimedOut),
                }
            });
            hosts.insert(task.id(), host);
        }
        let Some(joined) = running.join_next_with_id().await else { return };
        let (id, outcome) = match joined {
            Ok((id, outcome)) => (id, outcome),
            // Aborted below, which drops and so kills what ran.
            Err(error) => (error.id(), Outcome::Skipped),
        };
        let Some(host) = hosts.remove(&id) else { continue };
        let failed = !outcome.success();
        if events.send(FleetEvent::End(host, Arc::new(outcome))).await.is_err() {
            return;
        }
        if failed && options.fail_fast {
            running.abort_all();
            for pool in std::mem::take(&mut waiting) {
                let skipped = FleetEvent::End(pool.target().host.clone(), Arc::new(Outcome::Skipped));
                if events.send(skipped).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn run_one(pool: &Pool, command: &Command, input: Bytes, events: &mpsc::Sender<FleetEvent>) -> Outcome {
    let (sender, mut chunks) = mpsc::channel(16);
    let tell = async {
        while let Some(chunk) = chunks.recv().await {
            let event = FleetEvent::Output(pool.target().host.clone(), chunk);
            // If nobody listens any more, the run is dropped in this moment.
            let _ = events.send(event).await;
        }
    };
    let run = async { pool.spawn(command).await?.capture_and_tell(input, Some(sender)).await };
    match tokio::join!(run, tell).0 {
        Ok(output) => Outcome::Ended(output),
        Err(error) => Outcome::Failed(error),
    }
}
