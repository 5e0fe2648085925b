//! How a program ended.

use std::fmt;

use crate::Signal;

/// How a program ended. A signal is never hidden in an exit code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exit {
    /// It returned from `main` or called `exit`; the code as the kernel reports it (0 to 255 on Unix).
    Exited(i32),
    /// A signal ended it.
    Signaled {
        /// Which one.
        signal: Signal,
        /// Whether the kernel wrote (or piped) a core image.
        core_dumped: bool,
    },
    /// It has ended, but nobody can tell how: another part of the host took the status away.
    Lost(String),
}

impl Exit {
    /// The exit code, unless a signal ended it or the status was lost.
    pub fn code(&self) -> Option<i32> {
        match self {
            Exit::Exited(code) => Some(*code),
            _ => None,
        }
    }

    /// The signal that ended it.
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Exit::Signaled { signal, .. } => Some(*signal),
            _ => None,
        }
    }

    /// Whether it exited with code 0.
    pub fn success(&self) -> bool {
        *self == Exit::Exited(0)
    }

    /// From the status word of `wait(2)`.
    #[cfg_attr(not(target_family = "unix"), allow(dead_code))]
    pub(crate) fn from_wait_status(status: i32) -> Exit {
        match status & 0x7f {
            0 => Exit::Exited((status >> 8) & 0xff),
            signal => Exit::Signaled {
                signal: Signal::from_raw(signal),
                core_dumped: status & 0x80 != 0,
            },
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Exited(code) => write!(f, "exit code {code}"),
            Exit::Signaled {
                signal,
                core_dumped: false,
            } => write!(f, "{signal}"),
            Exit::Signaled {
                signal,
                core_dumped: true,
            } => write!(f, "{signal} (core dumped)"),
            Exit::Lost(reason) => write!(f, "exit status lost: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_status_becomes_a_code_or_a_signal() {
        assert_eq!(Exit::from_wait_status(7 << 8), Exit::Exited(7));
        assert_eq!(
            Exit::from_wait_status(9),
            Exit::Signaled {
                signal: Signal::KILL,
                core_dumped: false
            }
        );
        assert_eq!(
            Exit::from_wait_status(6 | 0x80),
            Exit::Signaled {
                signal: Signal::ABRT,
                core_dumped: true
            }
        );
    }
}
