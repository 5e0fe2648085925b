//! What a child of the portable rung does between `fork` and `exec`: the same as the clone rungs' steps, by libc.

use std::ffi::{CString, NulError, OsString, c_char};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::process::Command as TokioCommand;

use super::{open_directory, open_files_limit};
use crate::command::Directory;
use crate::sys::Cgroup;
use crate::{Command, Phase, SpawnError};

/// The step that the child is at, in memory that parent and child share.
pub(crate) struct Stage(Arc<SharedPage>);

const STAGES: [Phase; 9] = [
    Phase::Clone,
    Phase::Setsid,
    Phase::Cgroup,
    Phase::Rlimit,
    Phase::Groups,
    Phase::Setgid,
    Phase::Setuid,
    Phase::Chdir,
    Phase::Exec,
];

impl Stage {
    /// Where it failed, after a failed spawn.
    pub(crate) fn phase(&self) -> Phase {
        STAGES.get(self.0.word().load(Ordering::Acquire) as usize).copied().unwrap_or(Phase::Exec)
    }
}

/// Adds the steps to a builder.
pub(crate) fn prepare(
    builder: &mut TokioCommand,
    command: &Command,
    cgroup: Option<&Cgroup>,
) -> Result<Stage, SpawnError> {
    let page = Arc::new(SharedPage::new().map_err(|error| SpawnError::new(Phase::Clone, error))?);
    let chdir_failed = |error| SpawnError::new(Phase::Chdir, error);
    let directory = match &command.directory {
        Directory::Inherit => None,
        Directory::Open { handle, .. } => Some(handle.try_clone().map_err(chdir_failed)?),
        Directory::Path(path) => Some(open_directory(path).map_err(|error| chdir_failed(error).at(path))?),
    };
    let procs = procs_of(cgroup);
    let (uid, gid, limit) = (command.uid, command.gid, open_files_limit());
    let die_with_host = command.die_with_host;
    let stage = Arc::clone(&page);
    let nul = |_| SpawnError::new(Phase::Exec, io::ErrorKind::InvalidInput).at(&command.program);
    let path = CString::new(command.program.as_os_str().as_bytes()).map_err(nul)?;
    let argv = CStrings::new(command.argv.iter().map(|word| word.as_bytes().to_vec())).map_err(nul)?;
    let pair = |(name, value): &(OsString, OsString)| [name.as_bytes(), b"=", value.as_bytes()].concat();
    let env = CStrings::new(command.env.iter().map(pair)).map_err(nul)?;
    // SAFETY: the closure makes async-signal-safe calls on values that it owns and allocates nothing.
    unsafe {
        builder.pre_exec(move || {
            let at = |phase: Phase| {
                let index = STAGES.iter().position(|known| *known == phase).unwrap_or(0);
                stage.word().store(index as u32, Ordering::Release);
            };
            at(Phase::Setsid);
            check(libc::setsid())?;
            for signal in 1..=64 {
                libc::signal(signal, libc::SIG_DFL);
            }
            if let Some(procs) = procs {
                at(Phase::Cgroup);
                check(libc::write(procs, c"0".as_ptr().cast(), 1) as libc::c_int)?;
            }
            at(Phase::Rlimit);
            let limit = libc::rlimit { rlim_cur: limit.0 as _, rlim_max: limit.1 as _ };
            check(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit))?;
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
            close_others_at_exec(limit.rlim_max.min(1 << 16) as RawFd);
            #[cfg(target_os = "linux")]
            if uid.is_some() || gid.is_some() {
                check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
            }
            at(Phase::Exec);
            // Not the standard library's exec: that one hands a file without an interpreter line to a shell.
            libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr());
            Err(io::Error::last_os_error())
        });
    }
    Ok(Stage(page))
}

#[cfg(target_os = "linux")]
fn procs_of(cgroup: Option<&Cgroup>) -> Option<RawFd> {
    cgroup.map(Cgroup::procs)
}

#[cfg(not(target_os = "linux"))]
fn procs_of(cgroup: Option<&Cgroup>) -> Option<RawFd> {
    cgroup.map(|cgroup| match *cgroup {})
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

/// A NULL-terminated array of C strings.
struct CStrings {
    pointers: Vec<*const c_char>,
    _strings: Vec<CString>,
}

impl CStrings {
    fn new(strings: impl Iterator<Item = Vec<u8>>) -> Result<CStrings, NulError> {
        let strings = strings.map(CString::new).collect::<Result<Vec<_>, _>>()?;
        let pointers = strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect();
        Ok(CStrings { pointers, _strings: strings })
    }

    fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

// SAFETY: the pointers lead into the strings that the same value owns and never changes.
unsafe impl Send for CStrings {}
// SAFETY: as above.
unsafe impl Sync for CStrings {}

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

    fn word(&self) -> &AtomicU32 {
        // SAFETY: the page is aligned, zeroed by the kernel, and mapped for as long as `self`.
        unsafe { &*self.0.cast::<AtomicU32>() }
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
