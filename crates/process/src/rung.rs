//! The spawn ladder: which way of making a process is in force.

use std::sync::atomic::{AtomicU8, Ordering};

/// A way of making a process, best first. A rung that the kernel refuses is left for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rung {
    /// `clone3(CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND)` (Linux 5.5).
    Clone3,
    /// `clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD)` with the same child (Linux 5.2; where a filter refuses clone3).
    Clone,
    /// The standard library's spawn, through tokio. It forks, so its cost grows with the parent's memory, and tokio
    /// installs a handler for SIGCHLD. The only rung outside Linux.
    Portable,
}

const UNDECIDED: u8 = u8::MAX;
static IN_FORCE: AtomicU8 = AtomicU8::new(UNDECIDED);

impl Rung {
    /// The rung that the next spawn tries first.
    ///
    /// It starts with the best one that the platform has, or with the one that the environment variable `VETTY_SPAWN`
    /// (`clone3`, `clone`, `portable`; read once) names, and goes down when the kernel refuses.
    pub fn in_force() -> Rung {
        match IN_FORCE.load(Ordering::Relaxed) {
            0 => Rung::Clone3,
            1 => Rung::Clone,
            UNDECIDED => Rung::first(),
            _ => Rung::Portable,
        }
    }

    fn first() -> Rung {
        let rung = match std::env::var("VETTY_SPAWN").as_deref() {
            Ok("clone") => Rung::Clone,
            Ok("portable") => Rung::Portable,
            _ => Rung::Clone3,
        };
        let rung = if crate::sys::HAS_CLONE {
            rung
        } else {
            Rung::Portable
        };
        IN_FORCE.store(rung as u8, Ordering::Relaxed);
        rung
    }

    /// Leaves this rung and those above it.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    pub(crate) fn leave(self) -> Rung {
        let next = if self == Rung::Clone3 {
            Rung::Clone
        } else {
            Rung::Portable
        };
        IN_FORCE.fetch_max(next as u8, Ordering::Relaxed);
        tracing::debug!(from = ?self, to = ?next, "the kernel refuses this way of making a process");
        next
    }

    /// Its name, as `VETTY_SPAWN` spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rung::Clone3 => "clone3",
            Rung::Clone => "clone",
            Rung::Portable => "portable",
        }
    }
}
