//! A child that executes nothing: it confines itself as others will, tries what must not be, and says what went wrong.
//!
//! A kernel may know a part and a container's filter forbid it; only the real sequence tells.

use std::io;

use vetty_sandbox::{Confinement, Feature};

use super::birth::{clone, refuses_rung};
use super::confine::measures;
use super::ignored::Signals;
use super::isolate;
use super::leader::Leader;
use super::steps::{Program, Step};
use crate::{Exit, Phase, Rung, SpawnError};

/// Runs the whole sequence of `confinement`, which must grant neither `/` nor sockets. Blocks for one birth.
///
/// # Errors
/// [`SpawnError`] whose phase is the part that the kernel refuses, or that does not hold.
pub(crate) fn rehearse(confinement: &Confinement) -> Result<(), SpawnError> {
    let failed = |(phase, errno)| SpawnError::new(phase, io::Error::from_raw_os_error(errno));
    loop {
        let program = Program::of_steps(steps(confinement));
        if let Some(isolation) = confinement.isolation() {
            match (Rung::in_force(), isolate::Life::OF_THE_HOST) {
                (Rung::Portable, _) => return Err(isolate::not_on_this_rung()),
                (rung, life) => match isolate::bear(isolation, life, program, rung) {
                    Ok(Ok(born)) => {
                        born.leader.reap();
                        return Ok(());
                    }
                    Ok(Err(failure)) => return Err(failed(failure)),
                    Err(error) if refuses_rung(&error, rung, false) => {
                        rung.leave();
                        continue;
                    }
                    Err(error) => return Err(SpawnError::new(Phase::Clone, error)),
                },
            }
        }
        let leader = match Rung::in_force() {
            Rung::Portable => Leader::started(fork(&program)?),
            rung => match clone(&program, rung, None) {
                Ok((pid, pidfd)) => Leader::new(pid, pidfd),
                Err(error) if refuses_rung(&error, rung, false) => {
                    rung.leave();
                    continue;
                }
                Err(error) => return Err(SpawnError::new(Phase::Clone, error)),
            },
        };
        let exit = leader.reap();
        return match (program.failure(), exit) {
            (Some(failure), _) => Err(failed(failure)),
            (None, Exit::Exited(0)) => Ok(()),
            // Of a forked child nothing but its end is known.
            (None, exit) => Err(SpawnError::new(Phase::Sandbox, io::Error::other(exit.to_string()))),
        };
    }
}

fn steps(confinement: &Confinement) -> Vec<Step> {
    let mut steps = vec![Step::NewSession, Step::DefaultSignals(Signals::ALL)];
    steps.push(Step::CloseOthersAtExec { most: 64 });
    steps.extend(measures(confinement).map(Step::Confine));
    let has = |feature| confinement.features().contains(&feature);
    let mut expect = |number, arguments, result, phase| {
        steps.push(Step::Expect { number, arguments, result, phase });
    };
    let refused = -(libc::EPERM as isize);
    // Everything in an isolated one's view may be read; that the rules hold is known before namespaces are tried.
    if has(Feature::LandlockFs) && confinement.isolation().is_none() {
        let root = c"/".as_ptr() as usize;
        let flags = (libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC) as usize;
        let arguments = [libc::AT_FDCWD as usize, root, flags];
        expect(libc::SYS_openat, arguments, -(libc::EACCES as isize), Phase::Landlock);
    }
    if has(Feature::PidNamespace) {
        // Nobody's number is known there, and its own is new.
        expect(libc::SYS_getpid, [0; 3], 2, Phase::Namespace);
        expect(libc::SYS_getppid, [0; 3], 0, Phase::Namespace);
    } else if has(Feature::LandlockScope) {
        let host = std::process::id() as usize;
        expect(libc::SYS_kill, [host, 0, 0], refused, Phase::Landlock);
    }
    if has(Feature::Seccomp) {
        let arguments = [libc::AF_INET as usize, libc::SOCK_STREAM as usize, 0];
        expect(libc::SYS_socket, arguments, refused, Phase::Seccomp);
    }
    if has(Feature::ProcessGroupLock) && has(Feature::Seccomp) {
        expect(libc::SYS_setpgid, [0; 3], 0, Phase::Seccomp);
    }
    steps.push(Step::Leave);
    steps
}

/// Where no memory can be shared.
fn fork(program: &Program) -> Result<i32, SpawnError> {
    // SAFETY: the child makes system calls on what was prepared before, and never returns. Signals that come until it is
    // confined find the host's handlers, in memory that is its own.
    let pid = unsafe { libc::fork() };
    match pid {
        0 => {
            // SAFETY: a child with memory of its own is as alone as `run` asks.
            unsafe { Program::run(program) }
        }
        1.. => Ok(pid),
        _ => Err(SpawnError::new(Phase::Clone, io::Error::last_os_error())),
    }
}
