//! What a run gives back.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use vetty_process::{Exit, KillScope, Signal};

use crate::capture::Omitted;
use crate::sandbox::Enforced;

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of output as it was read, never empty, up to 256 KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Which stream.
    pub source: Source,
    /// What the child wrote.
    pub data: Bytes,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The program exited by itself.
    Exited,
    /// A signal that was not ours ended it.
    Signaled,
    /// The time of its call was over, or the policy's default for it.
    Timeout,
    /// Its call was cancelled.
    Aborted,
    /// It was killed by its id or handle.
    Killed,
    /// It passed one of the policy's `limits`.
    Limit,
    /// How it ended is not known.
    Lost,
}

impl EndReason {
    /// The stable name, as the JavaScript face spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            EndReason::Exited => "exited",
            EndReason::Signaled => "signaled",
            EndReason::Timeout => "timeout",
            EndReason::Aborted => "aborted",
            EndReason::Killed => "killed",
            EndReason::Limit => "limit",
            EndReason::Lost => "lost",
        }
    }
}

/// What a run had too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Time from spawn to exit.
    Wall,
    /// Time without output; of a session, `sessions.idle`, also without input.
    Idle,
    /// Bytes of output.
    Output,
    /// Time from open to end, of a session.
    Lifetime,
    /// Processor time.
    CpuTime,
    /// Memory.
    Memory,
    /// The size of a file that it wrote.
    FileSize,
}

impl Limit {
    /// The stable name, as the JavaScript face spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Limit::Wall => "wall",
            Limit::Idle => "idle",
            Limit::Output => "output",
            Limit::Lifetime => "lifetime",
            Limit::CpuTime => "cpuTime",
            Limit::Memory => "memory",
            Limit::FileSize => "fileSize",
        }
    }
}

/// A run that has ended, with what was captured of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Output {
    /// `term_` and 32 hex digits.
    pub id: String,
    /// The child's process number.
    pub pid: i32,
    /// What ran.
    pub argv: Vec<String>,
    /// How the child ended.
    pub exit: Exit,
    /// Why.
    pub reason: EndReason,
    /// What it had too much of, where a timeout ([`Limit::Wall`]) or one of the `limits` ended it.
    pub limit: Option<Limit>,
    /// What was captured of standard output. A stream that a reader took is not captured.
    pub stdout: Bytes,
    /// What was captured of standard error.
    pub stderr: Bytes,
    /// How many bytes the child wrote to standard output, kept or not.
    pub stdout_bytes: u64,
    /// How many bytes the child wrote to standard error, kept or not.
    pub stderr_bytes: u64,
    /// The gap in `stdout`, if it was longer than what is kept.
    pub stdout_omitted: Option<Omitted>,
    /// The gap in `stderr`, if it was longer than what is kept.
    pub stderr_omitted: Option<Omitted>,
    /// A descendant still held a pipe when reading stopped.
    pub incomplete: bool,
    /// How many processes the child left behind; they were killed, unless `leave` was asked for.
    pub survivors: usize,
    /// When it was started.
    pub started_at: SystemTime,
    /// From spawn to the last byte.
    pub duration: Duration,
    /// How far a kill reached, or would have.
    pub kill_scope: KillScope,
    /// What the kernel held it to.
    pub enforced: Arc<Enforced>,
}

impl Output {
    /// The exit code, unless a signal ended the child or its status was lost.
    pub fn code(&self) -> Option<i32> {
        self.exit.code()
    }

    /// The signal that ended the child.
    pub fn signal(&self) -> Option<Signal> {
        self.exit.signal()
    }

    /// Whether the child exited with code 0.
    pub fn success(&self) -> bool {
        self.exit.success()
    }

    /// Whether something was left out of `stdout` or `stderr`.
    pub fn truncated(&self) -> bool {
        self.stdout_omitted.is_some() || self.stderr_omitted.is_some()
    }

    /// Standard output as text; what is no UTF-8 becomes U+FFFD.
    pub fn stdout_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Standard error as text; what is no UTF-8 becomes U+FFFD.
    pub fn stderr_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }
}
