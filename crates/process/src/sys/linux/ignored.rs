//! Which signals the host ignores: the one disposition that survives both `CLONE_CLEAR_SIGHAND` and `execve`.
//!
//! The kernel tells them one by one. That is 64 system calls, a tenth of what a spawn costs, so children that were asked
//! for before a look share it.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::steps::syscall;

/// A set of signals: bit `n - 1` is signal `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signals(u64);

impl Signals {
    /// All that there are.
    pub(super) const ALL: Signals = Signals(u64::MAX);

    /// Those that the host ignored at some time after `asked`.
    pub(super) fn ignored_since(asked: Instant) -> Signals {
        static LAST_LOOK: Mutex<Option<(Instant, Signals)>> = Mutex::new(None);
        let mut last = LAST_LOOK.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((looked, ignored)) if looked >= asked => ignored,
            _ => {
                let now = Instant::now();
                let ignored = Signals::ignored();
                *last = Some((now, ignored));
                ignored
            }
        }
    }

    fn ignored() -> Signals {
        Signals((1..=64).filter(|signal| is_ignored(*signal)).fold(0, |set, signal| set | 1 << (signal - 1)))
    }

    /// The lowest of them and the rest. No panic path: the child calls it.
    pub(super) fn split_first(self) -> Option<(usize, Signals)> {
        (self.0 != 0)
            .then(|| (self.0.trailing_zeros() as usize + 1, Signals(self.0 & self.0.wrapping_sub(1))))
    }
}

/// By the raw call: libc's does not speak of the two signals that it keeps for itself.
fn is_ignored(signal: usize) -> bool {
    // struct kernel_sigaction begins with the handler and is no larger than this on the machines that get here.
    let mut action = [0usize; 4];
    // SAFETY: the kernel writes one struct into the array.
    unsafe { syscall(libc::SYS_rt_sigaction, [signal, 0, action.as_mut_ptr() as usize, 8, 0]) };
    action[0] == libc::SIG_IGN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_taken_apart_from_below() {
        let mut rest = Signals(1 | 1 << 12 | 1 << 63);
        let mut signals = Vec::new();
        while let Some((signal, others)) = rest.split_first() {
            signals.push(signal);
            rest = others;
        }
        assert_eq!(signals, [1, 13, 64]);
    }

    #[test]
    fn nobody_is_served_by_a_look_from_before_they_asked() {
        let ignore = |signal, how| {
            // SAFETY: no handler; the signal is nobody else's in this process.
            unsafe { libc::signal(signal, how) };
        };
        let has = |set: Signals, signal: i32| set.0 & 1 << (signal - 1) != 0;
        let signal = libc::SIGRTMIN() + 5;
        assert!(!has(Signals::ignored_since(Instant::now()), signal));
        ignore(signal, libc::SIG_IGN);
        assert!(has(Signals::ignored_since(Instant::now()), signal));
        ignore(signal, libc::SIG_DFL);
        assert!(!has(Signals::ignored_since(Instant::now()), signal));
    }
}
