//! Making the process: `clone3` or `clone` with shared memory, and what has to be right around the call.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;
use std::sync::Mutex;
use std::time::Instant;

use tokio::runtime::Handle;

use super::confine;
use super::ignored::Signals;
use super::steps::{Program, Step, syscall};
use super::{Cgroup, Leader, LimitGroups, isolate};
use crate::command::Directory;
use crate::sys::unix::{Streams, limits, nul_in_a_word, open_directory, open_files_limit};
use crate::sys::{Born, portable};
use crate::{Command, Containment, Phase, Rung, SpawnError};

/// Starts `command`, for which somebody asked then, by the best rung that the kernel allows. Blocks until the program
/// runs or has failed to.
pub(crate) fn bear(command: Command, asked: Instant, runtime: &Handle) -> Result<Born, SpawnError> {
    let bounded = !command.tree_limits.is_empty() && LimitGroups::need_the_trees_group();
    let isolated = command.confinement.clone().filter(|confinement| confinement.isolation().is_some());
    let cgroup = match command.containment {
        // The namespace holds the tree.
        Containment::Cgroup if isolated.is_some() && !bounded => None,
        Containment::Cgroup => Cgroup::create(),
        Containment::Group if bounded => Cgroup::create(),
        Containment::Group => None,
    };
    let limit_groups = LimitGroups::create(command.tree_limits, cgroup.as_ref())
        .map_err(|error| SpawnError::new(Phase::Cgroup, error))?;
    if Rung::in_force() == Rung::Portable {
        if isolated.is_some() {
            return Err(isolate::not_on_this_rung());
        }
        return portable::bear(command, cgroup, limit_groups, runtime);
    }
    let directory = match &command.directory {
        Directory::Inherit => None,
        Directory::Open { handle, .. } => {
            Some(handle.try_clone().map_err(|e| SpawnError::new(Phase::Chdir, e))?)
        }
        Directory::Path(path) => {
            Some(open_directory(path).map_err(|e| SpawnError::new(Phase::Chdir, e).at(path))?)
        }
    };
    let mut command = command;
    let streams = Streams::of(&mut command)?;
    loop {
        let rung = Rung::in_force();
        if rung == Rung::Portable && isolated.is_some() {
            return Err(isolate::not_on_this_rung());
        }
        if rung == Rung::Portable {
            return portable::bear_with(command, streams, cgroup, limit_groups, runtime);
        }
        let to_default = match rung {
            // The kernel has seen to the others.
            Rung::Clone3 => Signals::ignored_since(asked),
            _ => Signals::ALL,
        };
        let isolation = isolated.as_ref().and_then(|confinement| confinement.isolation());
        let place = match isolation {
            Some(_) => Some(isolate::Place::of(&command.directory, directory.as_ref())?),
            None => None,
        };
        let enter = match &place {
            Some(place) => Some(place.step()),
            None => directory.as_ref().map(|directory| Step::Enter(directory.as_raw_fd())),
        };
        let steps =
            steps(&command, &streams, enter, to_default, rung, cgroup.as_ref(), limit_groups.as_ref());
        let program = Program::new(steps, command.program.as_os_str(), &command.argv, &command.env)
            .ok_or_else(|| nul_in_a_word(&command))?;
        let changes_user = command.uid.is_some() || command.gid.is_some();
        let named = |phase, error| {
            let error = SpawnError::new(phase, error);
            match (phase, &command.directory) {
                (Phase::Exec, _) => error.at(&command.program),
                (Phase::Chdir, Directory::Open { path, .. } | Directory::Path(path)) => error.at(path),
                _ => error,
            }
        };
        let result = with_dumpable_kept(changes_user, || match isolation {
            Some(isolation) => isolate::bear(isolation, isolate::Life::of(&command), program, rung),
            None => clone(&program, rung, cgroup.as_ref()).map(|(pid, pidfd)| {
                let leader = Leader::new(pid, pidfd);
                match program.failure() {
                    None => Ok(isolate::Isolated { leader, namespace: None, listener: None }),
                    Some(failure) => {
                        leader.reap();
                        Err(failure)
                    }
                }
            }),
        });
        let isolate::Isolated { leader, namespace, listener } = match result {
            Ok(Ok(born)) => born,
            Ok(Err((phase, errno))) => return Err(named(phase, io::Error::from_raw_os_error(errno))),
            Err(error) if refuses_rung(&error, rung, cgroup.is_some()) => {
                rung.leave();
                continue;
            }
            Err(error) => return Err(SpawnError::new(Phase::Clone, error)),
        };
        let Streams { stdin, stdout, stderr, pty, .. } = streams;
        let cgroup = cgroup.map(Cgroup::entered);
        let limit_groups = limit_groups.map(LimitGroups::entered);
        let confinement = isolated;
        return Ok(Born {
            listener,
            leader,
            namespace,
            confinement,
            cgroup,
            limit_groups,
            stdin,
            stdout,
            stderr,
            pty,
        });
    }
}

/// The order matters: see the comments.
fn steps(
    command: &Command,
    streams: &Streams,
    enter: Option<Step>,
    to_default: Signals,
    rung: Rung,
    cgroup: Option<&Cgroup>,
    limit_groups: Option<&LimitGroups>,
) -> Vec<Step> {
    let limits = limits(command);
    let (_, hard) = open_files_limit();
    let mut steps = vec![Step::NewSession, Step::DefaultSignals(to_default)];
    let is_isolated = command.confinement.as_ref().is_some_and(|one| one.isolation().is_some());
    if let Some(cgroup) = cgroup
        && (rung == Rung::Clone || is_isolated)
    {
        steps.push(Step::JoinCgroup(cgroup.procs()));
    }
    steps.extend(limit_groups.iter().flat_map(|groups| groups.procs()).map(Step::JoinCgroup));
    steps.extend(limits.map(|(resource, soft, hard)| Step::Limit { resource, soft, hard }));
    if command.uid.is_some() || command.gid.is_some() {
        // Groups while there is still the privilege to; the user last.
        steps.push(Step::ClearGroups);
        steps.extend(command.gid.map(Step::SetGroup));
        steps.extend(command.uid.map(Step::SetUser));
    }
    if command.die_with_host {
        // After the change of user, which would clear it.
        steps.push(Step::DieWithParent);
    }
    // As the new user: the directory's permissions hold for it.
    steps.extend(enter);
    steps.extend((0..3).map(|to| Step::Duplicate { from: streams.source(to as usize).as_raw_fd(), to }));
    if command.pty.is_some() {
        // As the leader of its session, which has no terminal yet.
        steps.push(Step::TakeTerminal);
    }
    steps.push(Step::CloseOthersAtExec { most: hard.min(1 << 16) as u32 });
    match &command.confinement {
        // Last: the filter may refuse any of the others.
        Some(confinement) => steps.extend(confine::measures(confinement).map(Step::Confine)),
        None if command.uid.is_some() || command.gid.is_some() => steps.push(Step::NoNewPrivileges),
        None => {}
    }
    steps
}

/// Whether the kernel, or a filter in front of it, does not know or not allow this way at all.
pub(super) fn refuses_rung(error: &io::Error, rung: Rung, with_cgroup: bool) -> bool {
    match error.raw_os_error() {
        Some(libc::ENOSYS | libc::EPERM) => true,
        // Unknown flags. With a control group the cause may be that group.
        Some(libc::EINVAL) => !(rung == Rung::Clone3 && with_cgroup),
        _ => false,
    }
}

/// A change of user in a child that shares memory clears the dumpable flag of the whole host (it lives in the shared
/// memory). It is put back; such spawns go one by one, so that none reads what another has cleared.
fn with_dumpable_kept<T>(changes_user: bool, birth: impl FnOnce() -> T) -> T {
    static ONE_BY_ONE: Mutex<()> = Mutex::new(());
    if !changes_user {
        return birth();
    }
    let _turn = ONE_BY_ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let before = rustix::process::dumpable_behavior();
    let born = birth();
    if let Ok(
        before @ (rustix::process::DumpableBehavior::Dumpable
        | rustix::process::DumpableBehavior::NotDumpable),
    ) = before
        && let Err(error) = rustix::process::set_dumpable_behavior(before)
    {
        tracing::warn!(%error, "the host's dumpable flag could not be restored");
    }
    born
}

/// `struct clone_args` of clone3(2).
#[repr(C, align(8))]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

const SHARED: u64 = (libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD) as u64;
const CLONE_CLEAR_SIGHAND: u64 = 0x1_0000_0000;
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Makes the child and waits, suspended by the kernel, until it has executed or exited.
pub(super) fn clone(program: &Program, rung: Rung, cgroup: Option<&Cgroup>) -> io::Result<(i32, OwnedFd)> {
    thread_local!(static STACK: io::Result<Stack> = Stack::new());
    STACK.with(|stack| {
        let stack = stack.as_ref().map_err(|error| io::Error::from(error.kind()))?;
        let mut pidfd: i32 = -1;
        let blocked = SignalsBlocked::new();
        let pid = match rung {
            Rung::Clone3 => {
                let mut args = CloneArgs {
                    flags: SHARED | CLONE_CLEAR_SIGHAND,
                    pidfd: &raw mut pidfd as u64,
                    exit_signal: libc::SIGCHLD as u64,
                    stack: stack.lowest() as u64,
                    stack_size: Stack::SIZE as u64,
                    ..CloneArgs::default()
                };
                if let Some(cgroup) = cgroup {
                    args.flags |= CLONE_INTO_CGROUP;
                    args.cgroup = cgroup.directory() as u64;
                }
                let args = [&raw const args as usize, size_of::<CloneArgs>(), 0];
                // SAFETY: the arguments live until the call returns, which CLONE_VFORK delays until the child no
                // longer uses them or the stack; every signal is blocked; `Program::run` keeps its own rules.
                unsafe { enter(libc::SYS_clone3, args, program) }
            }
            _ => {
                let flags = SHARED as usize | libc::SIGCHLD as usize;
                let args = [flags, stack.lowest() as usize + Stack::SIZE, &raw mut pidfd as usize];
                // SAFETY: as above; clone(2) takes the stack's upper end.
                unsafe { enter(libc::SYS_clone, args, program) }
            }
        };
        drop(blocked);
        if pid < 0 {
            return Err(io::Error::from_raw_os_error(-pid as i32));
        }
        // SAFETY: the kernel has just made this descriptor for us.
        Ok((pid as i32, unsafe { OwnedFd::from_raw_fd(pidfd) }))
    })
}

/// For a child that bears another, whose parent becomes its own: the host. Returns when that one has executed or exited;
/// its number, or a negated errno.
///
/// # Safety
/// Only for a child made by [`clone`], on its stack, with every signal blocked.
pub(super) unsafe fn bear_sibling(program: &Program) -> isize {
    let here = 0usize;
    // Below all that this one uses.
    let stack = (&raw const here as usize - Stack::SHARE) & !15;
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PARENT | libc::SIGCHLD;
    // SAFETY: as in `clone`; the two stacks do not touch, and this one's user is suspended meanwhile.
    unsafe { enter(libc::SYS_clone, [flags as usize, stack, 0], program) }
}

/// The system call, on whose other side the child finds itself on its own stack and calls [`Program::run`].
///
/// # Safety
/// `args` must be right for the call and give the child a stack of its own, and signals must be blocked.
#[cfg(target_arch = "x86_64")]
unsafe fn enter(number: libc::c_long, args: [usize; 3], program: &Program) -> isize {
    let result: isize;
    // SAFETY: upheld by the caller. The child never comes out of the block: `run` does not return. r10 and r8 are zero,
    // which clone(2) ignores without the flags that use them.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") number as isize => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2], in("r10") 0usize, in("r8") 0usize,
            in("r12") ptr::from_ref(program), in("r13") Program::run as *const () as usize,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    result
}

/// The system call, on whose other side the child finds itself on its own stack and calls [`Program::run`].
///
/// # Safety
/// `args` must be right for the call and give the child a stack of its own, and signals must be blocked.
#[cfg(target_arch = "aarch64")]
unsafe fn enter(number: libc::c_long, args: [usize; 3], program: &Program) -> isize {
    let result: isize;
    // SAFETY: upheld by the caller. The child never comes out of the block: `run` does not return.
    unsafe {
        std::arch::asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x20",
            "blr x21",
            "brk 1",
            "2:",
            in("x8") number, inlateout("x0") args[0] as isize => result, in("x1") args[1], in("x2") args[2],
            in("x3") 0usize, in("x4") 0usize,
            in("x20") ptr::from_ref(program), in("x21") Program::run as *const () as usize,
        );
    }
    result
}

/// Never reached: the ladder starts at the portable rung on such machines.
///
/// # Safety
/// None needed.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn enter(_: libc::c_long, _: [usize; 3], _: &Program) -> isize {
    -(libc::ENOSYS as isize)
}

/// No handler of the host may run in the child, on the shared memory: all signals are blocked around the birth, by the
/// raw call, because libc's leaves its own two out.
struct SignalsBlocked {
    before: u64,
}

impl SignalsBlocked {
    fn new() -> SignalsBlocked {
        let all = u64::MAX;
        let mut before = 0u64;
        let args = [libc::SIG_BLOCK as usize, &raw const all as usize, &raw mut before as usize, 8, 0];
        // SAFETY: both masks are of the kernel's size and live across the call.
        unsafe { syscall(libc::SYS_rt_sigprocmask, args) };
        SignalsBlocked { before }
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        let args = [libc::SIG_SETMASK as usize, &raw const self.before as usize, 0, 8, 0];
        // SAFETY: the mask is of the kernel's size and lives across the call.
        unsafe { syscall(libc::SYS_rt_sigprocmask, args) };
    }
}

/// The stack that children of one spawner thread use, one after the other, with a guard page below.
struct Stack {
    base: *mut libc::c_void,
}

impl Stack {
    /// The interpreter needs a few hundred bytes, a few thousand unoptimised.
    const SIZE: usize = 64 * 1024;
    /// What a child keeps of it when it bears another.
    const SHARE: usize = 24 * 1024;
    /// At least a page on every supported machine.
    const GUARD: usize = 64 * 1024;

    fn new() -> io::Result<Stack> {
        let length = Stack::SIZE + Stack::GUARD;
        // SAFETY: a fresh private mapping; nobody else knows it.
        unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK;
            let base = libc::mmap(ptr::null_mut(), length, protection, flags, -1, 0);
            if base == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            let stack = Stack { base };
            if libc::mprotect(base, Stack::GUARD, libc::PROT_NONE) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(stack)
        }
    }

    fn lowest(&self) -> *mut u8 {
        self.base.cast::<u8>().wrapping_add(Stack::GUARD)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and no child runs on it: CLONE_VFORK held this thread until it was gone.
        unsafe { libc::munmap(self.base, Stack::SIZE + Stack::GUARD) };
    }
}
