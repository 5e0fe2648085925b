//! What every Unix has: pipes, descriptors kept clear of 0 to 2, names of error numbers.

pub(crate) mod account;
pub(crate) mod fork;
pub(crate) mod pty;
pub(crate) mod words;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;

use rustix::fs::{Mode, OFlags};
use tokio::net::unix::pipe::{Receiver, Sender};
use vetty_sandbox::Resource;

use self::pty::PtyEnds;
use crate::{Command, Exit, Phase, Signal, Size, SpawnError, Stdio};

/// A pipe that a runtime knows.
pub(crate) type ReadPipe = Receiver;
/// A pipe that a runtime knows.
pub(crate) type WritePipe = Sender;

/// A parent's end of a pipe that it reads, not yet known to a runtime.
pub(crate) struct ReadEnd(OwnedFd);
/// A parent's end of a pipe that it writes, not yet known to a runtime.
pub(crate) struct WriteEnd(OwnedFd);

impl ReadEnd {
    /// Must be called in a runtime's context.
    pub(crate) fn register(self) -> io::Result<Receiver> {
        Receiver::from_owned_fd_unchecked(self.0)
    }
}

impl WriteEnd {
    /// Must be called in a runtime's context.
    pub(crate) fn register(self) -> io::Result<Sender> {
        Sender::from_owned_fd_unchecked(self.0)
    }
}

/// Follows no link, and waits for nobody at the other end of what is no file.
pub(crate) fn open_private_log(path: &std::path::Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let flags = flags | OFlags::NOCTTY | OFlags::NONBLOCK;
    Ok(File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?))
}

/// Enlarges the pipe's buffer; a refusal (the user's quota) is fine.
pub(crate) fn grow_pipe(pipe: &Receiver, bytes: usize) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::pipe::fcntl_setpipe_size(pipe, bytes) {
        tracing::trace!(%error, "the pipe keeps its size");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (pipe, bytes);
}

/// The three standard streams of a child: its own ends, and the parent's ends of the pipes among them.
///
/// Each of the child's ends is above 2, so that putting one in place never overwrites another, also when the host has
/// closed its own standard streams.
pub(crate) struct Streams {
    pub(crate) child: [ChildEnd; 3],
    pub(crate) stdin: Option<WriteEnd>,
    pub(crate) stdout: Option<ReadEnd>,
    pub(crate) stderr: Option<ReadEnd>,
    pub(crate) pty: Option<PtyEnds>,
}

pub(crate) enum ChildEnd {
    Owned(OwnedFd),
    /// The null device, opened once for the life of the host.
    Null(&'static OwnedFd),
    /// The same as that stream's.
    SameAs(usize),
}

impl Streams {
    /// Takes the streams out of `command`.
    pub(crate) fn of(command: &mut Command) -> Result<Streams, SpawnError> {
        let [stdin, stdout, stderr] =
            [&mut command.stdin, &mut command.stdout, &mut command.stderr].map(std::mem::take);
        match command.pty {
            Some(size) => Streams::on_pty(size, command.uid),
            None => Streams::open(stdin, stdout, stderr),
        }
    }

    fn open(stdin: Stdio, stdout: Stdio, stderr: Stdio) -> Result<Streams, SpawnError> {
        let failed = |error: io::Error| SpawnError::new(Phase::Pipe, error);
        let (stdin_end, stdin) = match stdin {
            Stdio::Null | Stdio::Merge => (ChildEnd::Null(null_device().map_err(failed)?), None),
            Stdio::File(file) => (ChildEnd::Owned(lift(file.into()).map_err(failed)?), None),
            Stdio::Pipe => {
                let (read, write) = pipe().map_err(failed)?;
                nonblocking(&write).map_err(failed)?;
                (ChildEnd::Owned(read), Some(WriteEnd(write)))
            }
        };
        let output = |stdio: Stdio| -> Result<(ChildEnd, Option<ReadEnd>), SpawnError> {
            Ok(match stdio {
                Stdio::Null => (ChildEnd::Null(null_device().map_err(failed)?), None),
                Stdio::File(file) => (ChildEnd::Owned(lift(file.into()).map_err(failed)?), None),
                Stdio::Merge => (ChildEnd::SameAs(1), None),
                Stdio::Pipe => {
                    let (read, write) = pipe().map_err(failed)?;
                    nonblocking(&read).map_err(failed)?;
                    (ChildEnd::Owned(write), Some(ReadEnd(read)))
                }
            })
        };
        let stdout = if matches!(stdout, Stdio::Merge) { Stdio::Null } else { stdout };
        let (stdout_end, stdout) = output(stdout)?;
        let (stderr_end, stderr) = output(stderr)?;
        Ok(Streams { child: [stdin_end, stdout_end, stderr_end], stdin, stdout, stderr, pty: None })
    }

    fn on_pty(size: Size, owner: Option<u32>) -> Result<Streams, SpawnError> {
        let (pty, terminal) = PtyEnds::open(size, owner)?;
        let child = [ChildEnd::Owned(terminal), ChildEnd::SameAs(0), ChildEnd::SameAs(0)];
        Ok(Streams { child, stdin: None, stdout: None, stderr: None, pty: Some(pty) })
    }

    /// The child's end that becomes descriptor `index`.
    pub(crate) fn source(&self, index: usize) -> &OwnedFd {
        match &self.child[index] {
            ChildEnd::Owned(fd) => fd,
            ChildEnd::Null(fd) => fd,
            ChildEnd::SameAs(index) => self.source(*index),
        }
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    #[cfg(target_os = "linux")]
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    #[cfg(not(target_os = "linux"))]
    let (read, write) = {
        let (read, write) = rustix::pipe::pipe()?;
        for fd in [&read, &write] {
            rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
        }
        (read, write)
    };
    Ok((lift(read)?, lift(write)?))
}

fn nonblocking(fd: &OwnedFd) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(fd, true)?)
}

/// Moves a descriptor above 2.
pub(crate) fn lift(fd: OwnedFd) -> io::Result<OwnedFd> {
    if fd.as_raw_fd() > 2 { Ok(fd) } else { Ok(rustix::io::fcntl_dupfd_cloexec(fd.as_fd(), 3)?) }
}

fn null_device() -> io::Result<&'static OwnedFd> {
    static NULL: OnceLock<OwnedFd> = OnceLock::new();
    if let Some(fd) = NULL.get() {
        return Ok(fd);
    }
    let fd = lift(rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?)?;
    Ok(NULL.get_or_init(|| fd))
}

/// Opens a directory only to enter it: no permission to list it is needed.
pub(crate) fn open_directory(path: &std::path::Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    let access = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let access = OFlags::RDONLY;
    let fd = rustix::fs::open(path, access | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(File::from(fd))
}

/// No C string holds such a word. EINVAL, as for any argument that the kernel cannot take.
pub(crate) fn nul_in_a_word(command: &Command) -> SpawnError {
    SpawnError::new(Phase::Exec, io::Error::from_raw_os_error(libc::EINVAL)).at(&command.program)
}

/// The soft limit of open files that children get, and the hard one that they keep.
pub(crate) fn open_files_limit() -> (u64, u64) {
    /// What programs that use select(2) can bear, and what a login shell has.
    const SOFT: u64 = 1024;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    (SOFT.min(hard), hard)
}

/// All limits that a child sets: what it is, the soft and the hard one. No core image is left, and what the command asks
/// is lowered to what the host itself may.
#[allow(clippy::unnecessary_cast, reason = "C libraries differ in the type of a resource's number")]
pub(crate) fn limits(command: &Command) -> impl Iterator<Item = (u32, u64, u64)> {
    let (soft, hard) = open_files_limit();
    let core = lowered_core_limit().map(|(soft, hard)| (libc::RLIMIT_CORE as u32, soft, hard));
    let mut all: Vec<(u32, u64, u64)> =
        [Some((libc::RLIMIT_NOFILE as u32, soft, hard)), core].into_iter().flatten().collect();
    for limit in &command.limits {
        let (kind, number) = match limit.resource {
            Resource::CpuTime => (rustix::process::Resource::Cpu, libc::RLIMIT_CPU),
            Resource::Data => (rustix::process::Resource::Data, libc::RLIMIT_DATA),
            Resource::Processes => (rustix::process::Resource::Nproc, libc::RLIMIT_NPROC),
            Resource::OpenFiles => (rustix::process::Resource::Nofile, libc::RLIMIT_NOFILE),
            Resource::FileSize => (rustix::process::Resource::Fsize, libc::RLIMIT_FSIZE),
            // One that this version does not know cannot have been asked for by this version's faces.
            _ => continue,
        };
        let own = rustix::process::getrlimit(kind).maximum.unwrap_or(u64::MAX);
        let (soft, hard) = (limit.soft.min(own), limit.hard.min(own));

        all.retain(|(known, ..)| *known != number as u32);
        all.push((number as u32, soft, hard));
    }
    all.into_iter()
}

/// What to set the limit of core images to, unless it is none already: an image holds the environment, and would lie
/// where the child runs. The hard limit is kept, so that a child can ask for one.
fn lowered_core_limit() -> Option<(u64, u64)> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
    (limit.current != Some(0)).then(|| (0, limit.maximum.unwrap_or(u64::MAX)))
}

/// From the status word of `wait(2)`.
pub(crate) fn exit_of(status: i32) -> Exit {
    match status & 0x7f {
        0 => Exit::Exited((status >> 8) & 0xff),
        signal => Exit::Signaled { signal: Signal::from_raw(signal), core_dumped: status & 0x80 != 0 },
    }
}

/// `kill(2)`; whether somebody was there.
pub(crate) fn kill(number: i32, signal: Signal) -> bool {
    // SAFETY: kill has no memory precondition.
    unsafe { libc::kill(number, signal.as_raw()) == 0 }
}

/// The number of the host's effective user.
pub(crate) fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The name of an error number.
pub(crate) fn errno_name(errno: i32) -> Option<&'static str> {
    macro_rules! names {
        ($($name:ident)*) => {
            match errno {
                $(libc::$name => Some(stringify!($name)),)*
                _ => None,
            }
        };
    }
    names!(EPERM ENOENT EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST ENODEV ENOTDIR EISDIR
        EINVAL ENFILE EMFILE ETXTBSY ENOSPC EROFS EMLINK EPIPE ENAMETOOLONG ENOSYS ELOOP EOVERFLOW ENOTSUP ESRCH EINTR
        ESTALE EDQUOT ETIMEDOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_status_becomes_a_code_or_a_signal() {
        assert_eq!(exit_of(7 << 8), Exit::Exited(7));
        assert_eq!(exit_of(9), Exit::Signaled { signal: Signal::KILL, core_dumped: false });
        assert_eq!(exit_of(6 | 0x80), Exit::Signaled { signal: Signal::ABRT, core_dumped: true });
    }
}
