//! Files that somebody else names, read beneath a directory that we name.

use std::io;
use std::path::Path;

use crate::sys;

/// Which part of a file, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Bytes that are skipped.
    pub offset: u64,
    /// Bytes that are wanted; `None` is the rest.
    pub length: Option<u64>,
    /// Bytes at most; more is an error.
    pub most: u64,
    /// The file is removed once it was read.
    pub remove: bool,
}

/// Reads a regular file whose path somebody else names, relative to `directory`. The path leads out of the directory by no
/// `..` and by no symbolic link: none is followed (`openat2(2)` with `RESOLVE_BENEATH` and `RESOLVE_NO_SYMLINKS`). Blocks for
/// as long as the file system does.
///
/// What is removed is the file that was read: if another one has its name by then, that one stays.
///
/// # Errors
/// As `openat2(2)` and `read(2)`; `InvalidInput` for what is no regular file and for more than `part.most`; `Unsupported`
/// where the system cannot promise this (it takes Linux 5.6).
pub fn read_beneath(directory: &Path, path: &Path, part: Part) -> io::Result<Vec<u8>> {
    sys::read_beneath(directory, path, part)
}
