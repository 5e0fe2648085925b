//! Bounds of a whole tree: what it has together, whoever in it takes it.

use crate::sys::LimitGroups;

/// What a child and all its descendants may have together. Linux, with control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TreeLimits {
    /// Bytes of memory. A tree that needs more is ended by the kernel, or one of its processes is.
    pub memory: Option<u64>,
    /// Processes and threads. A tree that has as many starts no further ones.
    pub processes: Option<u64>,
}

impl TreeLimits {
    /// Whether control groups that bound both can be made here: delegated ones of the second version, or writable
    /// hierarchies of the first. The host itself is never moved to have them.
    pub fn are_available() -> bool {
        LimitGroups::are_available()
    }

    pub(crate) fn is_empty(self) -> bool {
        self == TreeLimits::default()
    }
}

/// What a tree had too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exceeded {
    /// The kernel ended a process for want of memory.
    Memory,
    /// A process could not be started.
    Processes,
}
