//! Which operating system's rules hold. A value, so that every platform is judged on any platform.

/// The platform whose rules a policy follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS: paths are compared by file identity, because its file systems ignore case.
    MacOs,
    /// Any other Unix.
    Unix,
    /// Windows.
    Windows,
}

impl Platform {
    /// Whether Windows' rules hold.
    pub fn is_windows(self) -> bool {
        self == Platform::Windows
    }

    /// Whether one file may be spelled in different cases.
    pub fn ignores_case(self) -> bool {
        matches!(self, Platform::Windows | Platform::MacOs)
    }

    /// Whether `c` separates the names of a path.
    pub fn is_separator(self, c: char) -> bool {
        c == '/' || (c == '\\' && self.is_windows())
    }

    /// What stands between the names of a path that this crate puts together.
    pub fn separator(self) -> char {
        if self.is_windows() { '\\' } else { '/' }
    }

    /// Bytes that one argument may have. Linux: MAX_ARG_STRLEN, less the closing NUL.
    pub(crate) fn max_argument(self) -> usize {
        match self {
            Platform::Linux => 128 * 1024 - 1,
            Platform::Windows => MAX_WINDOWS_LINE,
            _ => MAX_LINE,
        }
    }

    /// Bytes that a whole command may have.
    pub(crate) fn max_line(self) -> usize {
        if self.is_windows() {
            MAX_WINDOWS_LINE
        } else {
            MAX_LINE
        }
    }

    /// Bytes of the longest path that can be opened.
    pub(crate) fn max_path(self) -> usize {
        if self.is_windows() { MAX_WINDOWS_LINE } else { 4096 }
    }
}

/// Bytes of the longest command line that is looked at.
const MAX_LINE: usize = 1024 * 1024;

/// What CreateProcess takes.
const MAX_WINDOWS_LINE: usize = 32_767;
