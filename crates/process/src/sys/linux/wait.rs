//! `waitid` with what it tells beside the status: the processor time.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use rustix::process::WaitIdOptions;

use crate::{Exit, Signal};

/// How the child of this process descriptor ended, and the processor time that it and those it waited for have taken.
/// Blocks until it has ended.
///
/// # Errors
/// `ECHILD` where a stranger waited for it. Interruptions are borne.
pub(super) fn wait(pidfd: BorrowedFd<'_>, options: WaitIdOptions) -> io::Result<(Exit, Duration)> {
    loop {
        // SAFETY: both are plain numbers, for which all zero is a value.
        let (mut info, mut usage): (libc::siginfo_t, libc::rusage) = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel fills in both, which live across the call.
        let result = unsafe {
            let (info, usage) = (&raw mut info, &raw mut usage);
            libc::syscall(libc::SYS_waitid, libc::P_PIDFD, pidfd.as_raw_fd(), info, options.bits(), usage)
        };
        if result == 0 {
            // SAFETY: of a child's end, which is all that is waited for.
            let status = unsafe { info.si_status() };
            let signaled = |core_dumped| Exit::Signaled { signal: Signal::from_raw(status), core_dumped };
            let exit = match info.si_code {
                libc::CLD_EXITED => Exit::Exited(status),
                libc::CLD_KILLED => signaled(false),
                libc::CLD_DUMPED => signaled(true),
                _ => Exit::Lost("the kernel reported neither code nor signal".to_owned()),
            };
            return Ok((exit, time(usage.ru_utime) + time(usage.ru_stime)));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn time(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_micros(time.tv_usec.unsigned_abs())
}
