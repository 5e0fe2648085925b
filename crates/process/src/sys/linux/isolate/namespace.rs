//! A PID namespace that holds a tree: everybody in it is signalled, counted and ended as one.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use rustix::process::WaitIdOptions;

use super::super::leader::{is_over, send};
use super::super::wait::wait;
use crate::{Signal, orphans};

/// The namespace, by its PID 1. Dropping it ends everybody.
pub(crate) struct PidNamespace {
    pid: i32,
    /// Until somebody else waits for its end.
    first: Mutex<Option<OwnedFd>>,
}

impl PidNamespace {
    pub(super) fn new(pid: i32, descriptor: OwnedFd) -> PidNamespace {
        PidNamespace { pid, first: Mutex::new(Some(descriptor)) }
    }

    /// Sends a signal to everybody but PID 1, which passes it on; `false` if nobody is left. SIGKILL ends PID 1, and the
    /// kernel the others with it. SIGSTOP, which cannot be passed on, is the caller's affair.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.as_ref().is_some_and(|first| send(first.as_fd(), signal, 0).is_ok())
    }

    /// Ends everybody, unless they may stay: then PID 1 ends with the last of them. Never blocks.
    pub(crate) fn end(&self, may_stay: bool) {
        if !may_stay {
            self.signal(Signal::KILL);
        }
        let Some(first) = self.first.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        let reaped = move || {
            let over = is_over(first.as_fd());
            if over {
                reap(&first);
            }
            over
        };
        if !reaped() {
            orphans::adopt(Box::new(reaped));
        }
    }

    /// How many are alive when the program has ended: all of them descend from PID 1 then.
    pub(crate) fn members(&self) -> usize {
        /// Nobody reports more.
        const MOST: usize = 10_000;
        let mut waiting = vec![self.pid];
        let mut count = 0;
        while let Some(pid) = waiting.pop() {
            for child in children(pid) {
                if count < MOST && is_alive(child) {
                    count += 1;
                }
                if waiting.len() < MOST {
                    waiting.push(child);
                }
            }
        }
        count
    }

    /// Kills everybody and waits for it; the program must have been reaped, for which the end of PID 1 waits.
    pub(super) fn end_now(&self) {
        self.signal(Signal::KILL);
        if let Some(first) = self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            reap(&first);
        }
    }
}

impl Drop for PidNamespace {
    fn drop(&mut self) {
        self.end(false);
    }
}

fn reap(first: &OwnedFd) {
    if let Err(error) = wait(first.as_fd(), WaitIdOptions::EXITED) {
        tracing::debug!(%error, "somebody else waited for PID 1 of a namespace");
    }
}

fn children(pid: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}

fn is_alive(pid: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}
