//! Isolated births: namespaces, a view of the file system, PID 1, and then the program, as three processes.
//!
//! 1. The *stage* is born like any child, enters new namespaces, puts the view together, and bears the other two as its
//!    own siblings: their parent is the host. Then it ends.
//! 2. *PID 1* ([`init`]) holds the PID namespace: its end is everybody's.
//! 3. The *program* is a child of the host like any other: waited for, signalled and killed by its process descriptor.

pub(super) mod init;
mod namespace;
mod obstacle;
pub(super) mod proxy;
pub(super) mod view;

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::{Pid, PidfdFlags, WaitIdOptions, getpid, pidfd_open};
use vetty_sandbox::{Isolation, PROXY_PORT};

use super::birth::clone;
use super::ignored::Signals;
use super::leader::Leader;
use super::steps::{Program, Step};
use super::wait::wait;
use crate::command::Directory;
use crate::{Command, Phase, Rung, SpawnError};

pub(crate) use namespace::PidNamespace;
pub(crate) use obstacle::namespace_obstacle;

/// A birth that the stage sees to: its program, and the number of who was born.
pub(super) struct Birth {
    pub(super) program: Program,
    /// Zero until then.
    pub(super) pid: AtomicI32,
}

impl Birth {
    fn of(program: Program) -> Birth {
        Birth { program, pid: AtomicI32::new(0) }
    }
}

/// Texts that the stage writes and names; they must outlive it.
struct Words {
    maps: Option<[CString; 2]>,
}

/// A program that runs, and what holds it.
pub(super) struct Isolated {
    pub(super) leader: Leader,
    pub(super) namespace: Option<PidNamespace>,
    /// Listens inside of its network.
    pub(super) listener: Option<TcpListener>,
}

/// How long PID 1 lives, and who it is where that is not who the host is.
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) ends_with_host: bool,
}

impl Life {
    /// As the host is, and no longer.
    pub(super) const OF_THE_HOST: Life = Life { uid: None, gid: None, ends_with_host: true };

    pub(super) fn of(command: &Command) -> Life {
        Life { uid: command.uid, gid: command.gid, ends_with_host: command.die_with_host }
    }
}

/// A directory by its name in the view, and the identity of what was judged: that, and nothing else, is entered.
pub(super) struct Place {
    path: CString,
    device: u64,
    inode: u64,
}

impl Place {
    pub(super) fn of(directory: &Directory, opened: Option<&File>) -> Result<Place, SpawnError> {
        let failed = |error: io::Error| SpawnError::new(Phase::Chdir, error);
        let path = match directory {
            Directory::Inherit => std::env::current_dir().map_err(failed)?,
            Directory::Open { path, .. } | Directory::Path(path) => path.clone(),
        };
        let facts = match opened {
            Some(opened) => rustix::fs::fstat(opened),
            None => rustix::fs::stat(&path),
        };
        let facts = facts.map_err(|error| failed(error.into()).at(&path))?;
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|error| failed(error.into()))?;
        Ok(Place { path, device: facts.st_dev, inode: facts.st_ino })
    }

    pub(super) fn step(&self) -> Step {
        Step::EnterPlace { path: self.path.as_ptr(), device: self.device, inode: self.inode }
    }
}

/// The portable rung cannot bear siblings.
pub(super) fn not_on_this_rung() -> SpawnError {
    SpawnError::new(Phase::Namespace, io::Error::from_raw_os_error(libc::ENOSYS))
}

/// Makes the namespaces of `isolation` and runs `program` in them. Blocks until it has executed or failed to.
///
/// # Errors
/// The inner one is what failed in any of the three; nothing is left. The outer one is of the birth of the stage, for
/// whoever knows the next rung.
pub(super) fn bear(
    isolation: &Isolation,
    life: Life,
    program: Program,
    rung: Rung,
) -> io::Result<Result<Isolated, (Phase, i32)>> {
    let channel = if isolation.has_proxy() { proxy::channel().map(Some) } else { Ok(None) };
    let (image, host, channel) = match (init::file(), host(), channel) {
        (Ok(image), Ok(host), Ok(channel)) => (image, host, channel),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
            return Ok(Err((Phase::Namespace, error.raw_os_error().unwrap_or(libc::EIO))));
        }
    };
    let stages_end = channel.as_ref().map(|(_, stages)| stages.as_raw_fd());
    let first = Birth::of(Program::of_init(init_steps(life, host), image));
    let program = Birth::of(program);
    let words = Words { maps: isolation.by_user_namespace().then(maps) };
    let stage = Program::of_steps(stage_steps(isolation, &words, stages_end, &first, &program));
    let (_, stage_descriptor) = clone(&stage, rung, None)?;
    // Its end is certain: it executes nothing.
    if let Err(error) = wait(stage_descriptor.as_fd(), WaitIdOptions::EXITED) {
        tracing::debug!(%error, "somebody else waited for the stage");
    }
    let namespace = held(&first).map(|(pid, descriptor)| PidNamespace::new(pid, descriptor));
    let leader = held(&program).map(|(pid, descriptor)| Leader::new(pid, descriptor));
    let listener = match channel.map(|(own, _)| proxy::receive(&own)).transpose() {
        Ok(listener) => Ok(listener),
        Err(error) => Err((Phase::Namespace, error.raw_os_error().unwrap_or(libc::EIO))),
    };
    let failure = [&first.program, &program.program, &stage].into_iter().find_map(Program::failure);
    let (failure, listener) = match listener {
        Ok(listener) => (failure, listener),
        Err(error) => (failure.or(Some(error)), None),
    };
    match (failure, namespace, leader) {
        (None, Some(namespace), Some(leader)) => {
            Ok(Ok(Isolated { leader, namespace: Some(namespace), listener }))
        }
        (failure, namespace, leader) => {
            // First the program: the end of PID 1 waits until it is reaped.
            if let Some(leader) = leader {
                leader.signal(crate::Signal::KILL);
                leader.reap();
            }
            if let Some(namespace) = namespace {
                namespace.end_now();
            }
            Ok(Err(failure.unwrap_or((Phase::Namespace, libc::EIO))))
        }
    }
}

/// Its number is ours until we wait for it.
fn held(birth: &Birth) -> Option<(i32, OwnedFd)> {
    let pid = birth.pid.load(Ordering::Acquire);
    let number = Pid::from_raw(pid).filter(|_| pid > 0)?;
    match pidfd_open(number, PidfdFlags::empty()) {
        Ok(descriptor) => Some((pid, descriptor)),
        Err(error) => {
            tracing::warn!(%error, pid, "a child could not be held");
            crate::sys::unix::kill(pid, crate::Signal::KILL);
            None
        }
    }
}

/// The host's own process descriptor: it tells when the host is gone.
fn host() -> io::Result<i32> {
    static HOST: OnceLock<(Pid, OwnedFd)> = OnceLock::new();
    if let Some((_, host)) = HOST.get().filter(|(pid, _)| *pid == getpid()) {
        return Ok(host.as_raw_fd());
    }
    let host = crate::sys::unix::lift(pidfd_open(getpid(), PidfdFlags::empty())?)?;
    Ok(HOST.get_or_init(|| (getpid(), host)).1.as_raw_fd())
}

/// Everybody keeps the number that it has.
fn maps() -> [CString; 2] {
    let map = |id: u32| CString::new(format!("{id} {id} 1")).expect("digits and spaces hold no NUL");
    [map(rustix::process::geteuid().as_raw()), map(rustix::process::getegid().as_raw())]
}

fn stage_steps(
    isolation: &Isolation,
    words: &Words,
    channel: Option<RawFd>,
    first: &Birth,
    program: &Birth,
) -> Vec<Step> {
    let mut namespaces = libc::CLONE_NEWNS | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    if isolation.own_network() {
        namespaces |= libc::CLONE_NEWNET;
    }
    let mut steps = Vec::new();
    if let Some([uid, gid]) = &words.maps {
        steps.push(Step::Unshare(libc::CLONE_NEWUSER));
        for (file, text) in
            [(c"/proc/self/setgroups", c"deny"), (c"/proc/self/uid_map", uid), (c"/proc/self/gid_map", gid)]
        {
            steps.push(Step::WriteFile {
                file: file.as_ptr(),
                text: text.as_ptr(),
                length: text.count_bytes(),
            });
        }
    }
    steps.push(Step::Unshare(namespaces));
    steps.push(Step::NameHost);
    steps.extend(channel.map(|channel| Step::Listen { port: PROXY_PORT, channel }));
    steps.push(Step::BeginView(isolation.root().as_ptr()));
    steps.extend(isolation.steps().iter().map(|step| Step::View(step)));
    steps.push(Step::Unshare(libc::CLONE_NEWPID));
    // It mounts the file system of its processes, which then covers the host's.
    steps.push(Step::Bear(first));
    steps.push(Step::EndView);
    steps.push(Step::Bear(program));
    steps.push(Step::Leave);
    steps
}

fn init_steps(life: Life, host: i32) -> Vec<Step> {
    let mut steps = vec![Step::ShowProcesses, Step::NewSession, Step::DefaultSignals(Signals::ALL)];
    if life.uid.is_some() || life.gid.is_some() {
        // It signals its like.
        steps.push(Step::ClearGroups);
        steps.extend(life.gid.map(Step::SetGroup));
        steps.extend(life.uid.map(Step::SetUser));
    }
    if life.ends_with_host {
        // In this order: whenever the host goes, one of the two sees it.
        steps.extend([Step::DieWithParent, Step::Alive(host)]);
    }
    steps.push(Step::Confine(super::confine::Measure::DropCapabilities));
    steps.push(Step::NoNewPrivileges);
    steps.push(Step::CloseAllAtExec);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pid_1_is_a_small_whole_elf_file() {
        let image = init::image();
        assert!(image.len() < 1024, "{}", image.len());
        assert_eq!(&image[..7], b"\x7fELF\x02\x01\x01");
        let word = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().expect("eight bytes"));
        let (entry, size) = (word(24) as usize, word(64 + 32) as usize);
        assert_eq!(size, image.len(), "all of it is loaded");
        assert!(entry > 176 && entry < size, "the first instruction lies behind the headers");
        assert_eq!(entry % 16, 0);
    }

    #[test]
    fn the_file_of_pid_1_cannot_be_changed() {
        let file = init::file().expect("made");
        let path = format!("/proc/self/fd/{file}");
        assert_eq!(std::fs::read(&path).expect("read"), init::image());
        let written = std::fs::OpenOptions::new().write(true).open(&path).and_then(|mut file| {
            use std::io::Write;
            file.write_all(b"x")
        });
        assert!(written.is_err());
    }
}
