//! What a child of the portable rung does between `fork` and `exec`: the same as the clone rungs' steps, by libc.
//!
//! The `execve` is ours too: the standard library's looks programs up and hands text without `#!` to a shell.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command as StdCommand;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::words::CStrings;
use super::{limits, open_directory, open_files_limit};
use crate::command::Directory;
use crate::sys::{Cgroup, LimitGroups};
use crate::{Command, Phase, SpawnError};

/// The step that the child is at, in memory that parent and child share.
pub(crate) struct Stage(Arc<SharedPage>);

const STAGES: [Phase; 14] = [
    Phase::Clone,
    Phase::Setsid,
    Phase::Cgroup,
    Phase::Rlimit,
    Phase::Groups,
    Phase::Setgid,
    Phase::Setuid,
    Phase::Chdir,
    Phase::Pty,
    Phase::Capabilities,
    Phase::Sandbox,
    Phase::Landlock,
    Phase::Seccomp,
    Phase::Exec,
];

impl Stage {
    /// Where it failed, after a failed spawn.
    pub(crate) fn phase(&self) -> Phase {
        STAGES.get(self.0.stage().load(Ordering::Acquire) as usize).copied().unwrap_or(Phase::Exec)
    }

    /// Why it failed, if the child came so far as to say it.
    pub(crate) fn error(&self) -> Option<io::Error> {
        let errno = self.0.errno().load(Ordering::Acquire);
        (errno != 0).then(|| io::Error::from_raw_os_error(errno as i32))
    }
}

/// Adds the steps to a builder.
pub(crate) fn prepare(
    builder: &mut StdCommand,
    command: &Command,
    cgroup: Option<&Cgroup>,
    limit_groups: Option<&LimitGroups>,
) -> Result<Stage, SpawnError> {
    let page = Arc::new(SharedPage::new().map_err(|error| SpawnError::new(Phase::Clone, error))?);
    let chdir_failed = |error| SpawnError::new(Phase::Chdir, error);
    let directory = match &command.directory {
        Directory::Inherit => None,
        Directory::Open { handle, .. } => Some(handle.try_clone().map_err(chdir_failed)?),
        Directory::Path(path) => Some(open_directory(path).map_err(|error| chdir_failed(error).at(path))?),
    };
    let procs = procs_of(cgroup, limit_groups);
    let confinement = command.confinement.clone();
    let (uid, gid) = (command.uid, command.gid);
    let limit =
        |(resource, soft, hard)| (resource, libc::rlimit { rlim_cur: soft as _, rlim_max: hard as _ });
    let limits: Vec<(u32, libc::rlimit)> = limits(command).map(limit).collect();
    let most_open = open_files_limit().1.min(1 << 16) as RawFd;
    let (die_with_host, on_pty) = (command.die_with_host, command.pty.is_some());
    let words = Words::new(command).ok_or_else(|| super::nul_in_a_word(command))?;
    let stage = Arc::clone(&page);
    // SAFETY: the closure makes async-signal-safe calls on values that it owns and allocates nothing.
    unsafe {
        let steps = move || {
            let at = |phase: Phase| {
                let index = STAGES.iter().position(|known| *known == phase).unwrap_or(0);
                stage.stage().store(index as u32, Ordering::Release);
            };
            at(Phase::Setsid);
            check(libc::setsid())?;
            default_signals();
            for procs in &procs {
                at(Phase::Cgroup);
                check(libc::write(*procs, c"0".as_ptr().cast(), 1) as libc::c_int)?;
            }
            at(Phase::Rlimit);
            for (resource, limit) in &limits {
                check(libc::setrlimit(*resource as _, limit))?;
            }
            if uid.is_some() || gid.is_some() {
                at(Phase::Groups);
                check(libc::setgroups(0, std::ptr::null()))?;
                at(Phase::Setgid);
                gid.map_or(Ok(()), |gid| check(libc::setgid(gid)))?;
                at(Phase::Setuid);
                uid.map_or(Ok(()), |uid| check(libc::setuid(uid)))?;
            }
            #[cfg(target_os = "linux")]
            if die_with_host {
                check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
            }
            #[cfg(not(target_os = "linux"))]
            let _ = die_with_host;
            if let Some(directory) = &directory {
                at(Phase::Chdir);
                check(libc::fchdir(directory.as_raw_fd()))?;
            }
            if on_pty {
                at(Phase::Pty);
                check(libc::ioctl(0, libc::TIOCSCTTY as _, 0))?;
            }
            close_others_at_exec(most_open);
            #[cfg(target_os = "linux")]
            if let Some(confinement) = &confinement {
                for measure in crate::sys::linux::confine::measures(confinement) {
                    at(measure.phase());
                    let result = crate::sys::linux::confine::perform(measure);
                    if result < 0 {
                        return Err(io::Error::from_raw_os_error(-result as i32));
                    }
                }
            } else if uid.is_some() || gid.is_some() {
                at(Phase::Sandbox);
                check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
            }
            #[cfg(not(target_os = "linux"))]
            let _ = &confinement;
            at(Phase::Exec);
            libc::execve(words.path.as_ptr(), words.argv.as_ptr(), words.env.as_ptr());
            Err(io::Error::last_os_error())
        };
        let failed = Arc::clone(&page);
        builder.pre_exec(move || {
            let result: io::Result<()> = steps();
            if let Err(error) = &result {
                failed.errno().store(error.raw_os_error().unwrap_or(libc::EIO) as u32, Ordering::Release);
            }
            result
        });
    }
    Ok(Stage(page))
}

/// What `execve` takes.
struct Words {
    path: CString,
    argv: CStrings,
    env: CStrings,
}

impl Words {
    /// `None` if a word holds a NUL byte.
    fn new(command: &Command) -> Option<Words> {
        Some(Words {
            path: CString::new(command.program.as_os_str().as_bytes()).ok()?,
            argv: CStrings::argv(&command.argv)?,
            env: CStrings::env(&command.env)?,
        })
    }
}

/// Every disposition becomes the default and no signal stays blocked. By the raw calls, because libc's leave out the two
/// signals that it keeps for itself, and a host may have inherited those ignored.
#[cfg(target_os = "linux")]
fn default_signals() {
    // Larger than the kernel's struct on every machine; all zero is SIG_DFL, and no signal.
    let zero = [0u64; 8];
    for signal in 1..=64 {
        // SAFETY: reads from the array. SIGKILL and SIGSTOP say EINVAL, and are at their defaults anyway.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, zero.as_ptr(), 0, 8) };
    }
    // SAFETY: reads eight bytes from the array.
    unsafe { libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, zero.as_ptr(), 0, 8) };
}

#[cfg(not(target_os = "linux"))]
fn default_signals() {
    for signal in 1..=64 {
        // SAFETY: no handler. Numbers that the platform does not have are refused.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: the mask is a local.
    unsafe {
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

#[cfg(target_os = "linux")]
fn procs_of(cgroup: Option<&Cgroup>, limit_groups: Option<&LimitGroups>) -> Vec<RawFd> {
    cgroup
        .map(Cgroup::procs)
        .into_iter()
        .chain(limit_groups.iter().flat_map(|groups| groups.procs()))
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn procs_of(cgroup: Option<&Cgroup>, limit_groups: Option<&LimitGroups>) -> Vec<RawFd> {
    match (cgroup, limit_groups) {
        (Some(cgroup), _) => match *cgroup {},
        (_, Some(groups)) => match *groups {},
        (None, None) => Vec::new(),
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Above the standard streams everything is closed by `exec`; the pipe by which the standard library reports a failing
/// `exec` is such a descriptor already.
fn close_others_at_exec(most: RawFd) {
    #[cfg(target_os = "linux")]
    // SAFETY: integers only.
    if unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) } == 0 {
        return;
    }
    for fd in 3..most {
        // SAFETY: integers only.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// A page that `fork` does not copy.
struct SharedPage(*mut libc::c_void);

const PAGE: usize = 4096;

impl SharedPage {
    fn new() -> io::Result<SharedPage> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_ANON;
        // SAFETY: a fresh mapping; nobody else knows it.
        let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(SharedPage(page)) }
    }

    fn stage(&self) -> &AtomicU32 {
        self.word(0)
    }

    fn errno(&self) -> &AtomicU32 {
        self.word(1)
    }

    fn word(&self, index: usize) -> &AtomicU32 {
        debug_assert!(index < 2);
        // SAFETY: the page is aligned, zeroed by the kernel, larger than two words, and mapped for as long as `self`.
        unsafe { &*self.0.cast::<AtomicU32>().add(index) }
    }
}

impl Drop for SharedPage {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours; `word` borrows from `self`.
        unsafe { libc::munmap(self.0, PAGE) };
    }
}

// SAFETY: the page is plain memory and only ever read and written through an atomic.
unsafe impl Send for SharedPage {}
// SAFETY: as above.
unsafe impl Sync for SharedPage {}
