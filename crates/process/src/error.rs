//! Why a child could not be started.

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// The step of a spawn that failed. Phases after [`Phase::Clone`] happen inside the child, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Making the pipes, or putting them in place in the child.
    Pipe,
    /// Making the pseudo-terminal, or taking it in the child as the one that controls it.
    Pty,
    /// Making the process.
    Clone,
    /// Making its namespaces, and PID 1 in them.
    Namespace,
    /// Making its view of the file system.
    View,
    /// Placing it in its control group.
    Cgroup,
    /// Becoming the leader of an own session.
    Setsid,
    /// Setting a resource limit.
    Rlimit,
    /// Clearing the supplementary groups.
    Groups,
    /// Changing the group.
    Setgid,
    /// Changing the user.
    Setuid,
    /// Entering the working directory.
    Chdir,
    /// Setting signals to their defaults, tying the child to its host, `no_new_privs`.
    Sandbox,
    /// Dropping capabilities.
    Capabilities,
    /// Restricting files, ports and signals.
    Landlock,
    /// Restricting system calls.
    Seccomp,
    /// Executing the program.
    Exec,
}

impl Phase {
    /// The stable name, as the JavaScript face spells it: the parts of a sandbox share one, and differ by their system call.
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Pipe => "pipe",
            Phase::Pty => "pty",
            Phase::Clone => "clone",
            Phase::Cgroup => "cgroup",
            Phase::Setsid => "setsid",
            Phase::Rlimit => "rlimit",
            Phase::Groups => "groups",
            Phase::Setgid => "setgid",
            Phase::Setuid => "setuid",
            Phase::Chdir => "chdir",
            Phase::Namespace
            | Phase::View
            | Phase::Sandbox
            | Phase::Capabilities
            | Phase::Landlock
            | Phase::Seccomp => "sandbox",
            Phase::Exec => "exec",
        }
    }

    /// The system call behind it.
    pub const fn syscall(self) -> &'static str {
        match self {
            Phase::Pipe => "pipe2",
            Phase::Pty => "ioctl",
            Phase::Clone => "clone",
            Phase::Namespace => "unshare",
            Phase::View => "mount",
            Phase::Cgroup => "write",
            Phase::Setsid => "setsid",
            Phase::Rlimit => "prlimit",
            Phase::Groups => "setgroups",
            Phase::Setgid => "setresgid",
            Phase::Setuid => "setresuid",
            Phase::Chdir => "fchdir",
            Phase::Sandbox => "prctl",
            Phase::Capabilities => "capset",
            Phase::Landlock => "landlock_restrict_self",
            Phase::Seccomp => "seccomp",
            Phase::Exec => "execve",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const IN_USE: &str =
    ": all pseudo-terminals are in use, close some or raise the system's limit (kernel.pty.max)";
const ABSENT: &str =
    ": the system has no pseudo-terminals, mount devpts on /dev/pts and make /dev/ptmx accessible";

/// The kernel refused; no process, descriptor or file is left behind.
#[derive(Debug)]
pub struct SpawnError {
    phase: Phase,
    path: Option<PathBuf>,
    source: io::Error,
    without_pty: bool,
}

impl SpawnError {
    pub(crate) fn new(phase: Phase, source: impl Into<io::Error>) -> SpawnError {
        SpawnError { phase, path: None, source: source.into(), without_pty: false }
    }

    pub(crate) fn at(mut self, path: impl Into<PathBuf>) -> SpawnError {
        self.path = Some(path.into());
        self
    }

    /// The system has no pseudo-terminal to give.
    pub(crate) fn without_pty(self) -> SpawnError {
        SpawnError { without_pty: true, ..self }
    }

    /// Which step failed.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The program or directory that the step was about.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The system's error number; 0 where there is none.
    pub fn errno(&self) -> i32 {
        self.source.raw_os_error().unwrap_or(0)
    }

    /// The error number's name, as `errno(3)` spells it: `ENOENT`. `EIO` for a failure that has no number.
    /// `PTY_UNAVAILABLE` where the system has no pseudo-terminal to give, whatever its number.
    pub fn code(&self) -> String {
        match self.errno() {
            _ if self.without_pty => "PTY_UNAVAILABLE".to_owned(),
            0 => "EIO".to_owned(),
            errno => crate::sys::errno_name(errno).map_or_else(|| format!("E{errno}"), str::to_owned),
        }
    }

    /// What the kernel said.
    pub fn io_error(&self) -> &io::Error {
        &self.source
    }
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SpawnError { phase, path, source, without_pty } = self;
        write!(f, "Process execution failed: {source} (in {phase}")?;
        if phase.as_str() == "sandbox" {
            write!(f, " by {}", phase.syscall())?;
        }
        if let Some(path) = path {
            write!(f, " of {}", path.display())?;
        }
        f.write_str(")")?;
        match source.kind() {
            _ if !without_pty => Ok(()),
            // ENOSPC, which posix_openpt(3) calls EAGAIN.
            io::ErrorKind::WouldBlock | io::ErrorKind::StorageFull => f.write_str(IN_USE),
            _ => f.write_str(ABSENT),
        }
    }
}

impl std::error::Error for SpawnError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
