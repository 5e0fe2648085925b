//! Linux: a child born with the parent's memory shared, waited for and signalled by its process descriptor.

mod birth;
mod cgroup;
mod ignored;
mod leader;
mod steps;

pub(crate) use birth::bear;
pub(crate) use cgroup::Cgroup;
pub(crate) use leader::Leader;

/// Whether this platform has rungs above the portable one.
pub(crate) const HAS_CLONE: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
