//! A pseudo-terminal by `/dev/ptmx`.
//!
//! The host keeps a descriptor of the terminal's own side until the child that leads it is dead. Without it the master
//! would report EIO whenever no program has the terminal open, a state in which waiting for more means asking all the
//! time.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use rustix::pty::OpenptFlags;
use rustix::termios::{self, Winsize};
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, ReadBuf};

use super::{lift, nonblocking};
use crate::{LineMode, Phase, Size, SpawnError};

/// Both sides of a pseudo-terminal, not yet known to a runtime.
pub(crate) struct PtyEnds {
    master: OwnedFd,
    terminal: OwnedFd,
    name: String,
}

impl PtyEnds {
    /// A new one, of that size, whose terminal belongs to `owner`; and the child's descriptor of it.
    pub(crate) fn open(size: Size, owner: Option<u32>) -> Result<(PtyEnds, OwnedFd), SpawnError> {
        let open = || -> io::Result<(PtyEnds, OwnedFd)> {
            let master = open_master()?;
            rustix::pty::unlockpt(&master)?;
            let name = rustix::pty::ptsname(&master, Vec::new())?;
            let terminal = lift(open_terminal(&master, &name)?)?;
            termios::tcsetwinsize(&master, winsize(size))?;
            edit_whole_characters(&terminal)?;
            if let Some(owner) = owner {
                rustix::fs::fchown(&terminal, Some(rustix::fs::Uid::from_raw(owner)), None)?;
            }
            let childs = lift(terminal.try_clone()?)?;
            let name = name.to_string_lossy().into_owned();
            Ok((PtyEnds { master, terminal, name }, childs))
        };
        open().map_err(|error| {
            let unavailable = !is_shortage_of_the_host(&error);
            let error = SpawnError::new(Phase::Pty, error).at("/dev/ptmx");
            if unavailable { error.without_pty() } else { error }
        })
    }
}

/// Whether there are terminals, and only this host has no room for one.
fn is_shortage_of_the_host(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM))
}

/// By libc, which asks for no more than it needs: where a kernel or an emulator lacks the newer request (`TCGETS2`), it
/// does not always say so in the way that others look for.
fn modes(terminal: &OwnedFd) -> io::Result<libc::termios> {
    let mut modes = MaybeUninit::<libc::termios>::zeroed();
    // SAFETY: the descriptor is open, and the structure is written by the call; all its bytes are zero before.
    let result = unsafe { libc::tcgetattr(terminal.as_raw_fd(), modes.as_mut_ptr()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed, which is valid for its integers, and filled by a call that succeeded.
    Ok(unsafe { modes.assume_init() })
}

/// The line editor must know where characters begin.
fn edit_whole_characters(terminal: &OwnedFd) -> io::Result<()> {
    let mut modes = modes(terminal)?;
    modes.c_iflag |= libc::IUTF8;
    // SAFETY: the descriptor is open and the structure came from the terminal itself.
    let result = unsafe { libc::tcsetattr(terminal.as_raw_fd(), libc::TCSANOW, &raw const modes) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn open_master() -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let master = lift(rustix::pty::openpt(flags)?)?;
    #[cfg(not(target_os = "linux"))]
    {
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
        rustix::pty::grantpt(&master)?;
    }
    nonblocking(&master)?;
    Ok(master)
}

/// By the master itself, so that it works where another mount hides the name.
fn open_terminal(master: &OwnedFd, name: &std::ffi::CStr) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        match rustix::pty::ioctl_tiocgptpeer(master, flags) {
            // Linux before 4.13.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOTTY) => {}
            opened => return Ok(opened?),
        }
    }
    let _ = master;
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    Ok(rustix::fs::open(name, flags, rustix::fs::Mode::empty())?)
}

fn winsize(size: Size) -> Winsize {
    let (ws_xpixel, ws_ypixel) = size.pixels().unwrap_or_default();
    Winsize { ws_row: size.rows(), ws_col: size.cols(), ws_xpixel, ws_ypixel }
}

/// What a terminal gives at a time; less is all that it has.
const PIECE: usize = 4095;

/// A master that a runtime knows.
pub(crate) struct Pty {
    /// Woken by output alone: each byte that the program takes off its input would wake a writer.
    master: AsyncFd<OwnedFd>,
    /// A writer's own descriptor, for as long as it has to wait.
    blocked: Mutex<Option<AsyncFd<OwnedFd>>>,
    runtime: tokio::runtime::Handle,
    name: String,
    side: Mutex<Side>,
}

/// Must be called in a runtime's context.
fn known(master: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd stays the same open descriptor until it is dropped, and the AsyncFd owns it.
    let known = unsafe { AsyncFd::register_with_interest(master, interest) };
    known.map_err(|error| error.into_parts().1)
}

/// The terminal's own side.
struct Side {
    /// Open while the leader lives.
    terminal: Option<OwnedFd>,
    /// Of a reader who met the end before the leader's.
    waiting: Option<Waker>,
}

impl Pty {
    /// Must be called in a runtime's context.
    pub(crate) fn new(ends: PtyEnds) -> io::Result<Pty> {
        let PtyEnds { master, terminal, name } = ends;
        let side = Mutex::new(Side { terminal: Some(terminal), waiting: None });
        let runtime = tokio::runtime::Handle::current();
        Ok(Pty { master: known(master, Interest::READABLE)?, blocked: Mutex::default(), runtime, name, side })
    }

    fn side(&self) -> std::sync::MutexGuard<'_, Side> {
        self.side.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is there, as far as there is room: the kernel gives no more than 4 KiB at a time.
    pub(crate) fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        while buffer.remaining() > 0 {
            let Poll::Ready(ready) = self.master.poll_read_ready(cx) else { break };
            let mut ready = ready?;
            match rustix::io::read(self.master.get_ref(), buffer.initialize_unfilled()) {
                Ok(length) if length > 0 => {
                    // All there was: what comes later is told of anew.
                    if length < PIECE && length < buffer.remaining() {
                        ready.clear_ready();
                    }
                    buffer.advance(length);
                }
                Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                Err(rustix::io::Errno::INTR) => {}
                // Found again by the next read, which has nothing to give.
                _ if buffer.filled().len() > before => break,
                // Nobody has the terminal open, or somebody hung it up (vhangup(2)).
                Ok(_) | Err(rustix::io::Errno::IO) => {
                    let mut side = self.side();
                    if side.terminal.is_none() {
                        return Poll::Ready(Ok(()));
                    }
                    side.waiting = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        if buffer.filled().len() > before { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let ready = match &*blocked {
                Some(blocked) => Some(ready!(blocked.poll_write_ready(cx))?),
                None => None,
            };
            match rustix::io::write(self.master.get_ref(), data) {
                Ok(length) => {
                    *blocked = None;
                    return Poll::Ready(Ok(length));
                }
                Err(rustix::io::Errno::AGAIN) => match ready {
                    Some(mut ready) => ready.clear_ready(),
                    None => {
                        let _context = self.runtime.enter();
                        *blocked = Some(known(self.master.get_ref().try_clone()?, Interest::WRITABLE)?);
                    }
                },
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    pub(crate) fn leader_ended(&self) {
        let waiting = {
            let mut side = self.side();
            side.terminal = None;
            side.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    pub(crate) fn resize(&self, size: Size) -> io::Result<()> {
        Ok(termios::tcsetwinsize(self.master.get_ref(), winsize(size))?)
    }

    pub(crate) fn line_mode(&self) -> io::Result<LineMode> {
        let modes = modes(self.master.get_ref())?.c_lflag;
        Ok(LineMode { echo: modes & libc::ECHO != 0, canonical: modes & libc::ICANON != 0 })
    }

    pub(crate) fn foreground(&self) -> Option<i32> {
        termios::tcgetpgrp(self.master.get_ref().as_fd()).ok().map(|group| group.as_raw_nonzero().get())
    }

    pub(crate) fn foreground_name(&self) -> Option<String> {
        let name = std::fs::read_to_string(format!("/proc/{}/comm", self.foreground()?)).ok()?;
        Some(name.trim_end().to_owned())
    }

    pub(crate) fn descriptor(&self) -> Option<i32> {
        Some(self.master.get_ref().as_raw_fd())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}
