//! Signals by name and number.

use std::fmt;
use std::str::FromStr;

/// A signal. Numbers are Linux's on every platform except for the ones that differ on macOS and BSD, where the
/// platform's own are used; on Windows only the names have a meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(i32);

/// No signal has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown signal {name:?}: expected a name such as \"SIGTERM\"")]
pub struct UnknownSignal {
    /// What was given.
    pub name: String,
}

macro_rules! signals {
    ($($short:ident $name:literal $linux:literal $bsd:literal;)*) => {
        impl Signal {
            $(#[doc = concat!("`", $name, "`, see signal(7).")]
            pub const $short: Signal = Signal(if cfg!(any(target_os = "linux", target_os = "android", windows)) { $linux } else { $bsd });)*

            /// Every signal that has a name.
            pub const NAMED: &[(Signal, &str)] = &[$((Signal::$short, $name),)*];
        }
    };
}

// BSD has no SIGSTKFLT and SIGPWR; 0 stands for "none" and is never sent.
signals! {
    HUP "SIGHUP" 1 1; INT "SIGINT" 2 2; QUIT "SIGQUIT" 3 3; ILL "SIGILL" 4 4; TRAP "SIGTRAP" 5 5; ABRT "SIGABRT" 6 6;
    BUS "SIGBUS" 7 10; FPE "SIGFPE" 8 8; KILL "SIGKILL" 9 9; USR1 "SIGUSR1" 10 30; SEGV "SIGSEGV" 11 11;
    USR2 "SIGUSR2" 12 31; PIPE "SIGPIPE" 13 13; ALRM "SIGALRM" 14 14; TERM "SIGTERM" 15 15; STKFLT "SIGSTKFLT" 16 0;
    CHLD "SIGCHLD" 17 20; CONT "SIGCONT" 18 19; STOP "SIGSTOP" 19 17; TSTP "SIGTSTP" 20 18; TTIN "SIGTTIN" 21 21;
    TTOU "SIGTTOU" 22 22; URG "SIGURG" 23 16; XCPU "SIGXCPU" 24 24; XFSZ "SIGXFSZ" 25 25; VTALRM "SIGVTALRM" 26 26;
    PROF "SIGPROF" 27 27; WINCH "SIGWINCH" 28 28; IO "SIGIO" 29 23; PWR "SIGPWR" 30 0; SYS "SIGSYS" 31 12;
}

impl Signal {
    /// A signal by its number, real-time signals included.
    pub const fn from_raw(number: i32) -> Signal {
        Signal(number)
    }

    /// Its number on this platform; 0 if the platform does not have it.
    pub const fn as_raw(self) -> i32 {
        self.0
    }

    /// `SIGTERM`, or `SIGRT<n>` for a number without a name.
    pub fn name(self) -> String {
        match Signal::NAMED.iter().find(|(signal, _)| *signal == self) {
            Some((_, name)) => (*name).to_owned(),
            None => format!("SIGRT{}", self.0),
        }
    }
}

impl FromStr for Signal {
    type Err = UnknownSignal;

    /// Only the full upper-case name is taken: `SIGTERM`, not `TERM` or `15`.
    fn from_str(name: &str) -> Result<Signal, UnknownSignal> {
        Signal::NAMED
            .iter()
            .find(|(signal, known)| *known == name && signal.0 != 0)
            .map(|(signal, _)| *signal)
            .ok_or_else(|| UnknownSignal {
                name: name.to_owned(),
            })
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_go_both_ways() {
        for (signal, name) in Signal::NAMED.iter().filter(|(signal, _)| signal.as_raw() != 0) {
            assert_eq!(name.parse(), Ok(*signal));
            assert_eq!(signal.name(), *name);
        }
        assert_eq!(Signal::from_raw(40).name(), "SIGRT40");
    }

    #[test]
    fn anything_but_a_full_name_is_refused() {
        for name in ["", "TERM", "sigterm", "15", "SIGTERM ", "SIGFOO"] {
            assert!(name.parse::<Signal>().is_err(), "{name:?}");
        }
    }
}
