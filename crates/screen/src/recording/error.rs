//! Why a recording cannot be read: what is wrong, and in which line.

/// A recording that cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct RecordingError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The bytes could not be read.
    Read(std::io::Error),
    /// There is no first line.
    Empty,
    /// It is longer than 16 MiB.
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
    /// It is not JSON, or of another shape.
    Malformed(String),
    /// A version of asciicast that is not read.
    Version(u64),
    /// A part has a value that cannot be.
    Value {
        /// The part.
        of: &'static str,
        /// What would be right.
        expected: &'static str,
    },
}

impl RecordingError {
    pub(super) fn new(line: u64, problem: Problem) -> Self {
        Self { line, problem }
    }
}

impl std::fmt::Display for RecordingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the recording cannot be read: line {}: {}", self.line, self.problem)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(error) => write!(f, "{error}"),
            Self::Empty => f.write_str("nothing is there: a recording begins with a header"),
            Self::TooLong => f.write_str("longer than 16 MiB"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Malformed(what) => f.write_str(what),
            Self::Version(1) => {
                f.write_str("asciicast 1 is not read: `asciinema convert` makes a newer one of it")
            }
            Self::Version(version) => write!(f, "asciicast {version} is not known: 2 and 3 are read"),
            Self::Value { of, expected } => write!(f, "`{of}` has to be {expected}"),
        }
    }
}

impl std::error::Error for RecordingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Read(error) => Some(error),
            _ => None,
        }
    }
}
