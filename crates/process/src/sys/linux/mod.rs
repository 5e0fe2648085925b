//! Linux: a child born with the parent's memory shared, waited for and signalled by its process descriptor.

mod beneath;
mod birth;
mod cgroup;
pub(crate) mod confine;
mod ignored;
mod isolate;
mod leader;
mod limit_groups;
mod rehearsal;
mod steps;
mod wait;

pub(crate) use beneath::read_beneath;
pub(crate) use birth::bear;
pub(crate) use cgroup::Cgroup;
pub(crate) use isolate::{PidNamespace, namespace_obstacle};
pub(crate) use leader::Leader;
pub(crate) use limit_groups::LimitGroups;
pub(crate) use rehearsal::rehearse;

/// Whether this platform has rungs above the portable one.
pub(crate) const HAS_CLONE: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// Whether a control group can hold a tree here.
pub(crate) fn can_contain() -> bool {
    Cgroup::create().is_some()
}
