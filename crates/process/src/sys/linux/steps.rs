//! The program of steps between birth and `execve`: data that the parent prepares and the child interprets.
//!
//! The child shares the parent's memory and runs while other threads of the parent do, possibly in the middle of an
//! allocation. So the interpreter makes system calls and nothing else: no allocation, no lock, no libc wrapper (they write
//! `errno` into the parent's thread, and the ones that change users signal every thread), no panic, no return.

use std::ffi::{CString, OsStr, OsString, c_char};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use vetty_sandbox::ViewStep;

use super::birth::bear_sibling;
use super::confine::{self, Measure};
use super::ignored::Signals;
use super::isolate::{Birth, proxy, view};
use crate::Phase;
use crate::sys::unix::words::CStrings;

/// One thing that the child does. Descriptors are borrowed: who prepares the program keeps them open until the birth.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// `setsid`
    NewSession,
    /// Writes "0" into a `cgroup.procs`: moves itself there.
    JoinCgroup(RawFd),
    /// Their dispositions become the default.
    DefaultSignals(Signals),
    /// `prlimit64`
    Limit { resource: u32, soft: u64, hard: u64 },
    /// `setgroups(0)`
    ClearGroups,
    /// `setresgid`
    SetGroup(u32),
    /// `setresuid`
    SetUser(u32),
    /// SIGKILL when the thread that made it ends.
    DieWithParent,
    /// `fchdir`
    Enter(RawFd),
    /// `chdir`, to what must be this very directory.
    EnterPlace { path: *const c_char, device: u64, inode: u64 },
    /// `dup3`; the two are never equal, because sources are above 2.
    Duplicate { from: RawFd, to: RawFd },
    /// `TIOCSCTTY`: standard input becomes the terminal that controls the session.
    TakeTerminal,
    /// Everything above 2 is closed by `execve`, whoever opened it.
    CloseOthersAtExec { most: u32 },
    /// `PR_SET_NO_NEW_PRIVS`
    NoNewPrivileges,
    /// Everything is closed by `execve`.
    CloseAllAtExec,
    /// New namespaces.
    Unshare(libc::c_int),
    /// Writes a text into a file of the kernel's.
    WriteFile { file: *const c_char, text: *const c_char, length: usize },
    /// `sethostname`: the host's stays its own.
    NameHost,
    /// Brings the network's loopback up and sends a socket that listens there, on that port, over this one.
    Listen { port: u16, channel: RawFd },
    /// The first step to a view of the file system: its root.
    BeginView(*const c_char),
    /// One of the others.
    View(*const ViewStep),
    /// The view becomes everything that there is.
    EndView,
    /// The namespace's processes are shown.
    ShowProcesses,
    /// A sibling is born; this one goes on when it has executed.
    Bear(*const Birth),
    /// The process of that descriptor has not ended.
    Alive(RawFd),
    /// A part of the sandbox.
    Confine(Measure),
    /// A system call that must end like this; anything else is `ENOTSUP`. For a rehearsal.
    Expect { number: libc::c_long, arguments: [usize; 3], result: isize, phase: Phase },
    /// The end, where nothing is to be executed.
    Leave,
}

impl Step {
    /// What a failure of this step is called.
    pub(super) fn phase(self) -> Phase {
        match self {
            Step::NewSession => Phase::Setsid,
            Step::JoinCgroup(_) => Phase::Cgroup,
            Step::DefaultSignals(_) | Step::NoNewPrivileges | Step::DieWithParent => Phase::Sandbox,
            Step::Limit { .. } => Phase::Rlimit,
            Step::ClearGroups => Phase::Groups,
            Step::SetGroup(_) => Phase::Setgid,
            Step::SetUser(_) => Phase::Setuid,
            Step::Enter(_) | Step::EnterPlace { .. } => Phase::Chdir,
            Step::Duplicate { .. } | Step::CloseOthersAtExec { .. } | Step::CloseAllAtExec => Phase::Pipe,
            Step::Unshare(_) | Step::WriteFile { .. } | Step::NameHost | Step::Alive(_) => Phase::Namespace,
            Step::Listen { .. } => Phase::Namespace,
            Step::BeginView(_) | Step::View(_) | Step::EndView | Step::ShowProcesses => Phase::View,
            Step::Bear(_) => Phase::Clone,
            Step::TakeTerminal => Phase::Pty,
            Step::Confine(measure) => measure.phase(),
            Step::Expect { phase, .. } => phase,
            Step::Leave => Phase::Exec,
        }
    }
}

/// Everything that a child needs, and where it says what went wrong.
pub(super) struct Program {
    steps: Vec<Step>,
    path: CString,
    argv: CStrings,
    env: CStrings,
    /// An open file to execute instead, with all signals still blocked.
    image: Option<RawFd>,
    /// Index of the step that the child is at; the number of steps is the `execve`.
    stage: AtomicUsize,
    /// Zero until a step fails.
    errno: AtomicI32,
}

impl Program {
    /// `None` if a word holds a NUL byte.
    pub(super) fn new(
        steps: Vec<Step>,
        path: &OsStr,
        argv: &[OsString],
        env: &[(OsString, OsString)],
    ) -> Option<Program> {
        Some(Program {
            steps,
            path: CString::new(path.as_bytes()).ok()?,
            argv: CStrings::argv(argv)?,
            env: CStrings::env(env)?,
            image: None,
            stage: AtomicUsize::new(0),
            errno: AtomicI32::new(0),
        })
    }

    /// A program that executes nothing.
    pub(super) fn of_steps(steps: Vec<Step>) -> Program {
        Program::new(steps, "".as_ref(), &[], &[]).expect("no word, no NUL")
    }

    /// A program that executes PID 1 of a namespace.
    pub(super) fn of_init(steps: Vec<Step>, image: RawFd) -> Program {
        let program = Program::new(steps, "".as_ref(), &["vetty-init".into()], &[]);
        Program { image: Some(image), ..program.expect("no NUL in these words") }
    }

    /// What went wrong in the child, if anything did.
    pub(super) fn failure(&self) -> Option<(Phase, i32)> {
        let errno = self.errno.load(Ordering::Acquire);
        let stage = self.stage.load(Ordering::Acquire);
        let phase = self.steps.get(stage).map_or(Phase::Exec, |step| step.phase());
        (errno != 0).then_some((phase, errno))
    }

    /// Runs the program. This is the whole life of the child before the executed file takes over.
    ///
    /// # Safety
    /// Only for a child made by a `clone` that shares the parent's memory, on a stack of its own, with every signal
    /// blocked. `program` must stay untouched by others until the child has executed or exited.
    pub(super) unsafe extern "C" fn run(program: *const Program) -> ! {
        // SAFETY: the parent keeps the program alive while it is suspended by CLONE_VFORK.
        let program = unsafe { &*program };
        let mut stage = 0;
        let count = program.steps.len();
        let steps = program.steps.as_ptr();
        while stage < count {
            program.stage.store(stage, Ordering::Relaxed);
            // SAFETY: `stage` is below the length; indexing would bring a panic path into the child.
            let result = unsafe { perform(*steps.add(stage)) };
            if result < 0 {
                program.fail(result);
            }
            stage += 1;
        }
        program.stage.store(count, Ordering::Relaxed);
        if let Some(image) = program.image {
            let (path, argv) = (program.path.as_ptr() as usize, program.argv.as_ptr() as usize);
            let arguments =
                [image as usize, path, argv, program.env.as_ptr() as usize, libc::AT_EMPTY_PATH as usize];
            // SAFETY: the NUL-terminated arrays live in the program.
            let result = unsafe { syscall(libc::SYS_execveat, arguments) };
            program.fail(result)
        }
        let none: u64 = 0;
        // SAFETY: the mask and the NUL-terminated arrays live in the program and on this stack.
        let result = unsafe {
            syscall(
                libc::SYS_rt_sigprocmask,
                [libc::SIG_SETMASK as usize, &raw const none as usize, 0, 8, 0],
            );
            let path = program.path.as_ptr() as usize;
            syscall(
                libc::SYS_execve,
                [path, program.argv.as_ptr() as usize, program.env.as_ptr() as usize, 0, 0],
            )
        };
        program.fail(result)
    }

    fn failure_number(&self) -> i32 {
        self.errno.load(Ordering::Acquire)
    }

    fn fail(&self, result: isize) -> ! {
        self.errno.store(-result as i32, Ordering::Release);
        loop {
            // SAFETY: exit_group has no precondition and does not return.
            unsafe { syscall(libc::SYS_exit_group, [127, 0, 0, 0, 0]) };
        }
    }
}

/// # Safety
/// See [`Program::run`].
unsafe fn perform(step: Step) -> isize {
    // SAFETY: each call passes integers, or pointers to values on this stack that outlive the call.
    unsafe {
        match step {
            Step::NewSession => syscall(libc::SYS_setsid, [0; 5]),
            Step::JoinCgroup(procs) => {
                syscall(libc::SYS_write, [procs as usize, c"0".as_ptr() as usize, 1, 0, 0])
            }
            Step::DefaultSignals(mut signals) => {
                // struct kernel_sigaction { handler, flags, restorer, mask }, all zero: SIG_DFL.
                let action = [0usize; 4];
                while let Some((signal, others)) = signals.split_first() {
                    // SIGKILL and SIGSTOP say EINVAL, and are at their defaults anyway.
                    syscall(libc::SYS_rt_sigaction, [signal, action.as_ptr() as usize, 0, 8, 0]);
                    signals = others;
                }
                0
            }
            Step::Limit { resource, soft, hard } => {
                let limit = [soft, hard];
                syscall(libc::SYS_prlimit64, [0, resource as usize, limit.as_ptr() as usize, 0, 0])
            }
            Step::ClearGroups => syscall(libc::SYS_setgroups, [0; 5]),
            Step::SetGroup(id) => syscall(libc::SYS_setresgid, [id as usize, id as usize, id as usize, 0, 0]),
            Step::SetUser(id) => syscall(libc::SYS_setresuid, [id as usize, id as usize, id as usize, 0, 0]),
            Step::DieWithParent => {
                syscall(libc::SYS_prctl, [libc::PR_SET_PDEATHSIG as usize, libc::SIGKILL as usize, 0, 0, 0])
            }
            Step::Enter(directory) => syscall(libc::SYS_fchdir, [directory as usize, 0, 0, 0, 0]),
            Step::EnterPlace { path, device, inode } => {
                let result = syscall(libc::SYS_chdir, [path as usize, 0, 0, 0, 0]);
                // struct stat begins with the device's number and the inode's on both machines.
                let mut found = [0u64; 32];
                let arguments =
                    [libc::AT_FDCWD as usize, c".".as_ptr() as usize, found.as_mut_ptr() as usize, 0, 0];
                match result {
                    0 => match syscall(libc::SYS_newfstatat, arguments) {
                        0 if found[0] == device && found[1] == inode => 0,
                        0 => -(libc::ESTALE as isize),
                        failed => failed,
                    },
                    failed => failed,
                }
            }
            Step::Duplicate { from, to } => syscall(libc::SYS_dup3, [from as usize, to as usize, 0, 0, 0]),
            Step::TakeTerminal => syscall(libc::SYS_ioctl, [0, libc::TIOCSCTTY as usize, 0, 0, 0]),
            Step::CloseOthersAtExec { most } => {
                let at_exec = libc::CLOSE_RANGE_CLOEXEC as usize;
                let result = syscall(libc::SYS_close_range, [3, u32::MAX as usize, at_exec, 0, 0]);
                if result < 0 {
                    // Linux before 5.11, or a filter: one by one.
                    let mut fd = 3;
                    while fd < most as usize {
                        syscall(
                            libc::SYS_fcntl,
                            [fd, libc::F_SETFD as usize, libc::FD_CLOEXEC as usize, 0, 0],
                        );
                        fd += 1;
                    }
                }
                0
            }
            Step::CloseAllAtExec => {
                let at_exec = libc::CLOSE_RANGE_CLOEXEC as usize;
                syscall(libc::SYS_close_range, [0, u32::MAX as usize, at_exec, 0, 0])
            }
            Step::Unshare(namespaces) => syscall(libc::SYS_unshare, [namespaces as usize, 0, 0, 0, 0]),
            Step::WriteFile { file, text, length } => {
                let flags = (libc::O_WRONLY | libc::O_CLOEXEC) as usize;
                let arguments = [libc::AT_FDCWD as usize, file as usize, flags, 0, 0];
                let opened = syscall(libc::SYS_openat, arguments);
                if opened < 0 {
                    return opened;
                }
                let written = syscall(libc::SYS_write, [opened as usize, text as usize, length, 0, 0]);
                syscall(libc::SYS_close, [opened as usize, 0, 0, 0, 0]);
                written
            }
            Step::NameHost => syscall(libc::SYS_sethostname, [c"vetty".as_ptr() as usize, 5, 0, 0, 0]),
            Step::Listen { port, channel } => proxy::listen(port, channel),
            Step::BeginView(root) => view::begin(root),
            Step::View(step) => view::perform(&*step),
            Step::EndView => view::end(),
            Step::ShowProcesses => view::show_processes(),
            Step::Bear(birth) => {
                let birth = &*birth;
                let pid = bear_sibling(&birth.program);
                if pid > 0 {
                    birth.pid.store(pid as i32, Ordering::Release);
                }
                if pid > 0 && birth.program.failure_number() != 0 { -(libc::ECHILD as isize) } else { pid }
            }
            Step::Alive(process) => {
                // struct pollfd { fd, events, revents }: readable from the end of the process on.
                let mut polled = [process as u32, libc::POLLIN as u32];
                let now = [0u64; 2];
                let arguments = [polled.as_mut_ptr() as usize, 1, now.as_ptr() as usize, 0, 8];
                match syscall(libc::SYS_ppoll, arguments) {
                    0 => 0,
                    1.. => -(libc::ESRCH as isize),
                    failed => failed,
                }
            }
            Step::NoNewPrivileges => {
                syscall(libc::SYS_prctl, [libc::PR_SET_NO_NEW_PRIVS as usize, 1, 0, 0, 0])
            }
            Step::Confine(measure) => confine::perform(measure),
            Step::Expect { number, arguments: [a, b, c], result, .. } => {
                if syscall(number, [a, b, c, 0, 0]) == result { 0 } else { -(libc::ENOTSUP as isize) }
            }
            Step::Leave => syscall(libc::SYS_exit_group, [0; 5]),
        }
    }
}

/// A raw system call; a result of -4095 to -1 is a negated errno. Nothing is written to the thread's `errno`.
///
/// # Safety
/// As the system call's.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) unsafe fn syscall(number: libc::c_long, args: [usize; 5]) -> isize {
    let result: isize;
    // SAFETY: the x86-64 system call convention: rcx and r11 are clobbered, the rest is kept.
    unsafe {
        std::arch::asm!("syscall", inlateout("rax") number as isize => result, in("rdi") args[0], in("rsi") args[1],
            in("rdx") args[2], in("r10") args[3], in("r8") args[4], lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// A raw system call; a result of -4095 to -1 is a negated errno. Nothing is written to the thread's `errno`.
///
/// # Safety
/// As the system call's.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub(super) unsafe fn syscall(number: libc::c_long, args: [usize; 5]) -> isize {
    let result: isize;
    // SAFETY: the AArch64 system call convention.
    unsafe {
        std::arch::asm!("svc 0", in("x8") number, inlateout("x0") args[0] as isize => result, in("x1") args[1],
            in("x2") args[2], in("x3") args[3], in("x4") args[4], options(nostack));
    }
    result
}

/// A raw system call by libc, where the clone rungs do not exist.
///
/// # Safety
/// As the system call's.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) unsafe fn syscall(number: libc::c_long, args: [usize; 5]) -> isize {
    // SAFETY: upheld by the caller.
    let result = unsafe { libc::syscall(number, args[0], args[1], args[2], args[3], args[4]) };
    if result < 0 {
        -(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO) as isize)
    } else {
        result as isize
    }
}
