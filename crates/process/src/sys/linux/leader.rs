//! A child held by its process descriptor: no reuse of its number, no handler for SIGCHLD.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, WaitIdOptions, getpid, pidfd_open};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::wait::wait;
use crate::sys::portable::{Watched, processes_of_group};
use crate::sys::unix::exit_of;
use crate::{Exit, Signal};

/// The direct child, by whichever rung it was born.
pub(crate) struct Leader {
    pid: i32,
    hold: Hold,
    exit: Mutex<Option<Exit>>,
    /// Milliseconds.
    processor_time: AtomicU64,
}

enum Hold {
    /// Not yet known to a runtime.
    Bare(OwnedFd),
    Registered(AsyncFd<OwnedFd>),
    Watched(Watched),
    /// A stranger waited for it before it could be held.
    Lost,
}

impl Leader {
    pub(super) fn new(pid: i32, pidfd: OwnedFd) -> Leader {
        Leader { pid, hold: Hold::Bare(pidfd), exit: Mutex::new(None), processor_time: AtomicU64::new(0) }
    }

    /// Whether the kernel gives descriptors of processes that were started without one (Linux 5.3, no filter).
    pub(crate) fn can_hold_started() -> bool {
        static YES: OnceLock<bool> = OnceLock::new();
        *YES.get_or_init(|| pidfd_open(getpid(), PidfdFlags::empty()).is_ok())
    }

    /// A child for which nobody has waited yet, unless the host reaps everything.
    pub(crate) fn started(pid: i32) -> Leader {
        let pidfd = Pid::from_raw(pid).map(|number| pidfd_open(number, PidfdFlags::empty()));
        let hold = match pidfd {
            Some(Ok(pidfd)) => Hold::Bare(pidfd),
            _ => Hold::Lost,
        };
        Leader { pid, hold, exit: Mutex::new(None), processor_time: AtomicU64::new(0) }
    }

    pub(crate) fn watched(watched: Watched) -> Leader {
        Leader {
            pid: watched.pid(),
            hold: Hold::Watched(watched),
            exit: Mutex::new(None),
            processor_time: AtomicU64::new(0),
        }
    }

    /// Makes [`Leader::exited`] work. Must be called in a runtime's context.
    pub(crate) fn register(self) -> io::Result<Leader> {
        let Hold::Bare(pidfd) = self.hold else {
            return Ok(self);
        };
        let unregistered = Unregistered(self.pid);
        // SAFETY: an OwnedFd stays the same open descriptor until it is dropped, and the AsyncFd owns it.
        let pidfd = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) };
        let pidfd = pidfd.map_err(|error| error.into_parts().1)?;
        std::mem::forget(unregistered);
        Ok(Leader { hold: Hold::Registered(pidfd), ..self })
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Waits until the child is dead; it stays a zombie until [`Leader::reap`], so that its number and its group's are not
    /// used again. Cancel-safe.
    pub(crate) async fn exited(&self) {
        match &self.hold {
            Hold::Bare(_) | Hold::Lost => {}
            Hold::Registered(pidfd) => {
                // An error means that the runtime is going away, and with it whoever waits here.
                if let Ok(mut readiness) = pidfd.readable().await {
                    readiness.retain_ready();
                }
            }
            Hold::Watched(watched) => watched.exited().await,
        }
    }

    /// How it ended. Blocks until the child is dead. The zombie stays where only its number can still name the group.
    pub(crate) fn status(&self) -> Exit {
        if let Some(exit) = &*self.exit.lock().unwrap_or_else(PoisonError::into_inner) {
            return exit.clone();
        }
        if signals_groups() && self.pidfd().is_some() {
            return self.reap();
        }
        self.wait(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
    }

    /// Takes the status and the zombie. Blocks until the child is dead. Idempotent.
    pub(crate) fn reap(&self) -> Exit {
        let mut known = self.exit.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_with(|| self.wait(WaitIdOptions::EXITED)).clone()
    }

    fn wait(&self, options: WaitIdOptions) -> Exit {
        let pidfd = match &self.hold {
            Hold::Watched(watched) => return watched.reap(),
            Hold::Lost => return lost(),
            Hold::Bare(_) | Hold::Registered(_) => self.pidfd().expect("both are process descriptors"),
        };
        match wait(pidfd, options) {
            Ok((exit, time)) => {
                self.processor_time.store(time.as_millis() as u64, Ordering::Relaxed);
                exit
            }
            Err(error) if error.raw_os_error() == Some(libc::ECHILD) => status_after_a_stranger_reaped(pidfd),
            Err(error) => Exit::Lost(format!("waitid: {error}")),
        }
    }

    /// What it and those it waited for have taken, once it has ended; zero where that is not told.
    pub(crate) fn processor_time(&self) -> Duration {
        Duration::from_millis(self.processor_time.load(Ordering::Relaxed))
    }

    /// Whether [`Leader::reap`] would not block.
    pub(crate) fn is_dead(&self) -> bool {
        self.pidfd().is_none_or(is_over)
    }

    fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        match &self.hold {
            Hold::Bare(pidfd) => Some(pidfd.as_fd()),
            Hold::Registered(pidfd) => Some(pidfd.get_ref().as_fd()),
            Hold::Watched(_) | Hold::Lost => None,
        }
    }

    fn is_reaped(&self) -> bool {
        self.exit.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Sends a signal to the child alone; `false` if it has ended.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        match self.pidfd() {
            Some(pidfd) => send(pidfd, signal, 0).is_ok(),
            None => self.by_number(self.pid, signal),
        }
    }

    /// Sends a signal to every member of the child's process group; `false` if there is none.
    pub(crate) fn signal_group(&self, signal: Signal) -> bool {
        if let Some(pidfd) = self.pidfd()
            && signals_groups()
        {
            return send(pidfd, signal, PIDFD_SIGNAL_PROCESS_GROUP).is_ok();
        }
        self.by_number(-self.pid, signal)
    }

    /// The number is ours only until the child is reaped.
    fn by_number(&self, number: i32, signal: Signal) -> bool {
        if let Hold::Watched(watched) = &self.hold {
            return watched.by_number(number, signal);
        }
        let is_known = !matches!(self.hold, Hold::Lost);
        // SAFETY: kill has no memory precondition.
        is_known && !self.is_reaped() && unsafe { libc::kill(number, signal.as_raw()) } == 0
    }

    /// Reaps the dead child and kills those of its group that are alive, unless they may stay; says how many there were.
    pub(crate) fn finish(&self, leave: bool) -> usize {
        // Where the process descriptor can signal the group, it tells after the reap whether anybody is left; by number
        // that can only be asked while the zombie keeps the number ours.
        if signals_groups() && self.pidfd().is_some() {
            self.reap();
        }
        let none = Signal::from_raw(0);
        let somebody = self.signal_group(none);
        let survivors = if somebody { processes_of_group(self.pid).unwrap_or(1) } else { 0 };
        // Whoever was counted: a zombie does not mind, and one born since the count does not get away.
        if somebody && !leave {
            self.signal_group(Signal::KILL);
        }
        self.reap();
        survivors
    }
}

/// A child that no runtime could be made to know: ended, also when the runtime panicked. Nobody else waits for it yet, so
/// its number is still its own.
struct Unregistered(i32);

impl Drop for Unregistered {
    fn drop(&mut self) {
        crate::sys::unix::kill(-self.0, Signal::KILL);
        let pid = Pid::from_raw(self.0);
        while let Err(rustix::io::Errno::INTR) =
            rustix::process::waitpid(pid, rustix::process::WaitOptions::empty())
        {}
    }
}

const PIDFD_SIGNAL_PROCESS_GROUP: libc::c_uint = 1 << 2;

/// Whether a process descriptor can signal its process's group (Linux 6.9). Asked once, of ourselves, with no signal.
fn signals_groups() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let own = pidfd_open(getpid(), PidfdFlags::empty());
        own.is_ok_and(|own| {
            send(own.as_fd(), Signal::from_raw(0), PIDFD_SIGNAL_PROCESS_GROUP) != Err(libc::EINVAL)
        })
    })
}

/// Whether the process of this descriptor has ended.
pub(super) fn is_over(pidfd: BorrowedFd<'_>) -> bool {
    // A process descriptor polls as readable from the end of the process on.
    let mut polled = [rustix::event::PollFd::from_borrowed_fd(pidfd, rustix::event::PollFlags::IN)];
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(rustix::event::poll(&mut polled, Some(&now)), Ok(1))
}

pub(super) fn send(pidfd: BorrowedFd<'_>, signal: Signal, flags: libc::c_uint) -> Result<(), i32> {
    let info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: a valid descriptor; without info the kernel fills it in as kill(2) does.
    let result = unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal.as_raw(), info, flags)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)) }
}

/// A host that ignores SIGCHLD or waits for everything takes the status away. Since Linux 6.15 the process descriptor
/// still knows it.
fn status_after_a_stranger_reaped(pidfd: BorrowedFd<'_>) -> Exit {
    /// `struct pidfd_info` of linux/pidfd.h, in its first published size.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        exit_code: i32,
    }
    const PIDFD_INFO_EXIT: u64 = 1 << 3;
    // _IOWR(0xFF, 11, struct pidfd_info)
    const PIDFD_GET_INFO: u64 = (3 << 30) | ((size_of::<Info>() as u64) << 16) | (0xFF << 8) | 11;
    let mut info = Info { mask: PIDFD_INFO_EXIT, ..Info::default() };
    // SAFETY: the kernel writes at most the size that the request's number carries.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO as _, &raw mut info) };
    if result == 0 && info.mask & PIDFD_INFO_EXIT != 0 { exit_of(info.exit_code) } else { lost() }
}

fn lost() -> Exit {
    Exit::Lost("another part of the host waited for the child, or ignores SIGCHLD".to_owned())
}
