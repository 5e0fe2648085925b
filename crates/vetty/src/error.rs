//! Why a call did not come to its own end.

use std::sync::Arc;
use std::time::Duration;

use vetty_policy::{ConfigError, Denial, Verdict};
use vetty_process::{Exit, Size, SpawnError};
use vetty_screen::UnknownKey;

use crate::config::MaxCells;
use crate::output::{EndReason, Limit, Output};
use crate::session::Foreground;

/// Why a call did not come to its own end. A program that exits with any code, or dies of a signal that was not ours, is
/// no error: see [`Output`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy refuses it; nothing was spawned.
    #[error(transparent)]
    Refused(#[from] Denial),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The kernel refuses it; nothing was left behind.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// Its timeout or a limit of the policy ended it: `output.reason` says which of the two.
    #[error("Process was aborted: {}", over(*limit, output))]
    Timeout {
        /// Which one.
        limit: Limit,
        /// What there was until then.
        output: Arc<Output>,
    },
    /// Its token was cancelled, or it was killed by its id.
    #[error("Process was aborted")]
    Aborted {
        /// What there was until then; `None`: it was cancelled before it was spawned.
        output: Option<Arc<Output>>,
    },
    /// As many calls as `quotas.queued` allows wait already.
    #[error("Too many calls: {running} run and {queued} wait; wait for some of them, or raise the quotas")]
    Busy {
        /// `quotas.running`
        running: usize,
        /// `quotas.queued`
        queued: usize,
    },
    /// As many sessions as `sessions.max` allows are open.
    #[error("Too many sessions: {open} are open; close some of them, or raise sessions.max")]
    TooManySessions {
        /// `sessions.max`
        open: usize,
    },
    /// A terminal may not be that large.
    #[error("Terminal size: expected at most {most} (sessions.maxSize), got {} x {}", size.cols(), size.rows())]
    SizeTooLarge {
        /// What was asked for.
        size: Size,
        /// `sessions.maxSize`
        most: MaxCells,
    },
    /// More than 8 MiB wait to be typed.
    #[error("Too much input waits: the program does not read what was written before")]
    InputFull,
    /// The session's program has ended.
    #[error("The program has ended")]
    Ended,
    /// Another reader has the session's output.
    #[error("Another reader has the output")]
    Locked,
    /// What was waited for did not come in time.
    #[error(
        "What was waited for did not come within {} ms (in the foreground: {}, {})",
        after.as_millis(), foreground.state.as_str(), foreground.name.as_deref().unwrap_or("unknown")
    )]
    WaitTimeout {
        /// How long it was waited for.
        after: Duration,
        /// How long nothing has changed.
        idle: Duration,
        /// What the program is about.
        foreground: Box<Foreground>,
        /// What the screen showed, where there is one.
        screen: Option<String>,
    },
    /// The session ended before what was waited for.
    #[error("The session ended ({exit}) before what was waited for")]
    SessionEnded {
        /// How.
        exit: Exit,
        /// How long nothing had changed.
        idle: Duration,
        /// What the screen showed last, where there is one.
        screen: Option<String>,
    },
    /// The session has no screen.
    #[error("The session has no screen: it was opened without one")]
    NoScreen,
    /// A name that is no key's.
    #[error(transparent)]
    UnknownKey(#[from] UnknownKey),
    /// The terminal was closed.
    #[error("The terminal is closed")]
    Closed,
    /// There is no tokio runtime here; one with I/O and time enabled is needed.
    #[error("There is no tokio runtime: call this from a future that tokio runs (with enable_all)")]
    NoRuntime,
}

fn over(limit: Limit, output: &Output) -> String {
    let after = output.duration.as_millis();
    match limit {
        Limit::Wall if output.reason == EndReason::Timeout => format!("its time was over after {after} ms"),
        Limit::Wall => format!("it ran for longer than limits.wall, {after} ms"),
        Limit::Lifetime => format!("it was open for longer than sessions.lifetime, {after} ms"),
        Limit::Idle => format!("it wrote nothing for longer than limits.idle, after {after} ms"),
        Limit::Output => {
            format!("it wrote more than limits.output, {} bytes", output.stdout_bytes + output.stderr_bytes)
        }
        Limit::CpuTime => format!("it computed for longer than limits.cpuTime, after {after} ms"),
        Limit::Memory => format!("it needed more than limits.memory, after {after} ms"),
        Limit::FileSize => format!("it wrote more than limits.fileSize to a file, after {after} ms"),
    }
}

impl Error {
    /// The policy's verdict, if it was a refusal.
    pub fn verdict(&self) -> Option<&Verdict> {
        match self {
            Error::Refused(denial) => Some(denial.verdict()),
            _ => None,
        }
    }

    /// What the run gave until it was ended.
    pub fn output(&self) -> Option<&Output> {
        match self {
            Error::Timeout { output, .. } | Error::Aborted { output: Some(output) } => Some(output),
            _ => None,
        }
    }

    /// The stable code: a verdict's, `INVALID_CONFIG`, `ENOENT`, `TIMEOUT`, `ABORT_ERR`, `BUSY`, `CLOSED`, `NO_RUNTIME`.
    pub fn code(&self) -> String {
        match self {
            Error::Refused(denial) => denial.code().as_str().to_owned(),
            Error::Config(error) => error.code().as_str().to_owned(),
            Error::Spawn(error) => error.code(),
            Error::Timeout { .. } | Error::WaitTimeout { .. } => "TIMEOUT".to_owned(),
            Error::Aborted { .. } => "ABORT_ERR".to_owned(),
            Error::Busy { .. } => "BUSY".to_owned(),
            Error::TooManySessions { .. } => "TOO_MANY_SESSIONS".to_owned(),
            Error::Closed | Error::Ended => "CLOSED".to_owned(),
            Error::SizeTooLarge { .. } | Error::UnknownKey(_) => "INVALID_OPTION".to_owned(),
            Error::NoScreen => "UNSUPPORTED".to_owned(),
            Error::InputFull => "INPUT_FULL".to_owned(),
            Error::Locked => "LOCKED".to_owned(),
            Error::SessionEnded { .. } => "SESSION_ENDED".to_owned(),
            Error::NoRuntime => "NO_RUNTIME".to_owned(),
        }
    }
}
