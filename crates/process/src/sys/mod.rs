//! The operating systems. Nothing above this folder asks which one it is.
//!
//! `linux` has the two clone rungs and the process descriptor; `portable` the rung that every platform has, with `unix`
//! and `windows` for what differs there. All show the same few names to the rest of the crate.

#[cfg(target_os = "linux")]
mod linux;
mod portable;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{
    Cgroup, HAS_CLONE, Leader, LimitGroups, PidNamespace, bear, can_contain, namespace_obstacle,
    read_beneath, rehearse,
};
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::{
    Cgroup, HAS_CLONE, LimitGroups, PidNamespace, Watched as Leader, bear, can_contain, namespace_obstacle,
    read_beneath, rehearse,
};
#[cfg(unix)]
pub(crate) use unix::account::{LAST_SHELL, SHELLS, is_sound_program, shell_of};
#[cfg(unix)]
pub(crate) use unix::pty::{Pty, PtyEnds};
#[cfg(unix)]
pub(crate) use unix::{
    ReadEnd, ReadPipe, WriteEnd, WritePipe, errno_name, grow_pipe, open_private_log, own_user,
};
#[cfg(windows)]
pub(crate) use windows::{LAST_SHELL, SHELLS, is_sound_program, shell_of};
#[cfg(windows)]
pub(crate) use windows::{
    Pty, PtyEnds, ReadEnd, ReadPipe, WriteEnd, WritePipe, errno_name, grow_pipe, open_private_log, own_user,
};

use std::net::TcpListener;
use std::sync::Arc;

use vetty_sandbox::Confinement;

/// Whether there are process groups.
pub(crate) const HAS_GROUPS: bool = cfg!(unix);

/// Whether signals have Linux's numbers here; the other table is BSD's and macOS's.
pub(crate) const LINUX_SIGNAL_NUMBERS: bool = cfg!(any(target_os = "linux", target_os = "android", windows));

/// A child just started, before its descriptors are known to a runtime.
pub(crate) struct Born {
    pub(crate) leader: Leader,
    pub(crate) namespace: Option<PidNamespace>,
    /// Listens inside of the child's network.
    pub(crate) listener: Option<TcpListener>,
    /// What is in a child's view must not go before it.
    pub(crate) confinement: Option<Arc<Confinement>>,
    pub(crate) cgroup: Option<Cgroup>,
    pub(crate) limit_groups: Option<LimitGroups>,
    pub(crate) stdin: Option<WriteEnd>,
    pub(crate) stdout: Option<ReadEnd>,
    pub(crate) stderr: Option<ReadEnd>,
    pub(crate) pty: Option<PtyEnds>,
}
