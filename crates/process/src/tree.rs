//! A child and all that it started: how they are held together, and how they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, io};

use vetty_sandbox::Confinement;

use crate::sys::{self, Cgroup, Leader, LimitGroups, PidNamespace};
use crate::{Exceeded, Exit, Signal};

/// What holds a tree together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Containment {
    /// The child's process group. A descendant that starts a session of its own gets away.
    #[default]
    Group,
    /// A control group of the second version, where one can be made (else the process group): nothing gets away. Costs
    /// about 0.1 ms a child.
    Cgroup,
}

/// How far a kill reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KillScope {
    /// Every descendant, whatever it did.
    Cgroup,
    /// Every descendant, whatever it did, by the namespace of its process numbers.
    PidNamespace,
    /// The members of the child's process group.
    ProcessGroup,
    /// The child alone.
    Process,
}

impl KillScope {
    /// How far a kill reaches where no control group holds the tree.
    pub const fn of_a_group() -> KillScope {
        if sys::HAS_GROUPS { KillScope::ProcessGroup } else { KillScope::Process }
    }

    /// The stable name, as the JavaScript face spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            KillScope::Cgroup => "cgroup",
            KillScope::PidNamespace => "pid-namespace",
            KillScope::ProcessGroup => "process-group",
            KillScope::Process => "process",
        }
    }
}

/// A child and its descendants, to be signalled from anywhere. A number that the kernel has given to somebody else is
/// never signalled (but see [`Rung::Portable`](crate::Rung::Portable)).
pub struct Tree {
    leader: Leader,
    namespace: Option<PidNamespace>,
    /// What is in view of its members stays until they are gone.
    _confinement: Option<Arc<Confinement>>,
    cgroup: Option<Cgroup>,
    limit_groups: Option<LimitGroups>,
    reaped: AtomicBool,
}

impl Tree {
    pub(crate) fn new(
        leader: Leader,
        namespace: Option<PidNamespace>,
        confinement: Option<Arc<Confinement>>,
        cgroup: Option<Cgroup>,
        limit_groups: Option<LimitGroups>,
    ) -> io::Result<Tree> {
        let leader = leader.register().inspect_err(|_| {
            // The leader is dead; in the group there may be others by now.
            if let Some(cgroup) = &cgroup {
                cgroup.signal(Signal::KILL);
            }
        })?;
        Ok(Tree {
            leader,
            namespace,
            _confinement: confinement,
            cgroup,
            limit_groups,
            reaped: AtomicBool::new(false),
        })
    }

    /// The child's process number, which is also its group's and its session's.
    pub fn pid(&self) -> i32 {
        self.leader.pid()
    }

    /// How far [`Tree::kill`] reaches.
    pub fn scope(&self) -> KillScope {
        match (&self.namespace, &self.cgroup) {
            (Some(_), _) => KillScope::PidNamespace,
            (None, Some(_)) => KillScope::Cgroup,
            (None, None) => KillScope::of_a_group(),
        }
    }

    /// Sends a signal to the child alone; `false` if it has ended.
    pub fn signal(&self, signal: Signal) -> bool {
        self.leader.signal(signal)
    }

    /// Sends a signal to the whole tree; `false` if nobody is left. A stopped member is woken so that it sees the signal.
    pub fn kill(&self, signal: Signal) -> bool {
        let reached = self.signal_all(signal);
        if reached && signal != Signal::KILL && signal != Signal::STOP && signal.as_raw() != 0 {
            self.signal_all(Signal::CONT);
        }
        reached
    }

    fn signal_all(&self, signal: Signal) -> bool {
        match (&self.cgroup, &self.namespace) {
            (Some(cgroup), None) => cgroup.signal(signal),
            // PID 1 cannot pass it on: it would stop itself.
            (_, Some(namespace)) if signal != Signal::STOP => namespace.signal(signal),
            _ => self.leader.signal_group(signal),
        }
    }

    /// What it had too much of until now, of what [`TreeLimits`](crate::TreeLimits) bound.
    pub fn exceeded(&self) -> Option<Exceeded> {
        self.limit_groups.as_ref().and_then(LimitGroups::exceeded)
    }

    /// The processor time that the child and those it waited for have taken, after its end. Zero where the platform does
    /// not tell.
    pub fn processor_time(&self) -> Duration {
        self.leader.processor_time()
    }

    pub(crate) fn status(&self) -> Exit {
        self.leader.status()
    }

    /// Reaps the child, which must be dead, and ends those it left behind, unless they may stay. Says how it ended and how
    /// many were left.
    pub(crate) fn finish(&self, leave: bool) -> (Exit, usize) {
        if let Some(namespace) = &self.namespace {
            let exit = self.reap();
            let survivors = namespace.members();
            namespace.end(leave && survivors > 0);
            return (exit, survivors);
        }
        if let Some(cgroup) = &self.cgroup {
            let exit = self.reap();
            let survivors = cgroup.members().len();
            // Also where nobody was seen: who forks all the time may have been missed.
            if !leave {
                cgroup.signal(Signal::KILL);
            }
            return (exit, survivors);
        }
        let survivors = self.leader.finish(leave);
        (self.reap(), survivors)
    }

    pub(crate) async fn exited(&self) {
        self.leader.exited().await;
    }

    pub(crate) fn reap(&self) -> Exit {
        let exit = self.leader.reap();
        self.reaped.store(true, Ordering::Release);
        exit
    }

    pub(crate) fn is_reaped(&self) -> bool {
        self.reaped.load(Ordering::Acquire)
    }

    /// For one who may not block: whether it is reaped now.
    pub(crate) fn reap_if_dead(&self) -> bool {
        if !self.leader.is_dead() {
            return false;
        }
        self.reap();
        true
    }
}

/// Whether a control group can hold a tree here.
pub(crate) fn can_contain() -> bool {
    sys::can_contain()
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("pid", &self.pid()).field("scope", &self.scope()).finish_non_exhaustive()
    }
}
