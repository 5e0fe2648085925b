//! What came through: the one proof that a command was vetted.

use crate::host::FileIdentity;
use crate::verdict::{Code, Denial, Verdict};
use std::ffi::OsString;
use std::fs::File;

/// A vetted command. There is no way to make one but [`Policy::judge`](crate::Policy::judge) and
/// [`Vetted::bind`](crate::Vetted::bind).
#[derive(Debug)]
pub struct Permit {
    pub(crate) parts: PermitParts,
}

/// A [`Permit`], taken apart by whoever starts the program.
#[derive(Debug)]
#[non_exhaustive]
pub struct PermitParts {
    /// What the program is given, argv\[0\] as typed.
    pub argv: Vec<String>,
    /// The absolute file to execute, symlinks kept.
    pub program: String,
    /// The directory to enter.
    pub directory: Directory,
    /// The whole environment of the child.
    pub env: Vec<(OsString, OsString)>,
    /// What was decided, as data.
    pub verdict: Verdict,
}

impl Permit {
    /// What the program is given, argv\[0\] as typed.
    pub fn argv(&self) -> &[String] {
        &self.parts.argv
    }

    /// The absolute file to execute, symlinks kept.
    pub fn program(&self) -> &str {
        &self.parts.program
    }

    /// The directory to enter.
    pub fn directory(&self) -> &Directory {
        &self.parts.directory
    }

    /// The whole environment of the child.
    pub fn env(&self) -> &[(OsString, OsString)] {
        &self.parts.env
    }

    /// What was decided, as data.
    pub fn verdict(&self) -> &Verdict {
        &self.parts.verdict
    }

    /// The refusal of whoever cannot start it as the configuration asks; what was judged stays in the verdict.
    pub fn refuse(self, code: Code, message: impl Into<String>, hint: impl Into<String>) -> Denial {
        let mut verdict = self.parts.verdict;
        verdict.allowed = false;
        verdict.code = code;
        verdict.message = message.into();
        verdict.hint = Some(hint.into());
        Denial::new(verdict)
    }

    /// All parts, to be moved into a child.
    pub fn into_parts(self) -> PermitParts {
        self.parts
    }
}

/// A directory that was opened before it was judged. Entering the descriptor leaves no time to swap the directory.
#[derive(Debug)]
pub struct Directory {
    pub(crate) path: String,
    pub(crate) handle: Option<File>,
    pub(crate) identity: FileIdentity,
}

impl Directory {
    /// Absolute, symlinks resolved.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The open directory, where the platform can enter one.
    pub fn handle(&self) -> Option<&File> {
        self.handle.as_ref()
    }

    /// The open directory, to be moved.
    pub fn into_handle(self) -> Option<File> {
        self.handle
    }

    /// Which directory it is.
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }
}
