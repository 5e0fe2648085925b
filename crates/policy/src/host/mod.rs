//! What a policy has to ask of the machine that a command would run on.

mod fake;
mod this_machine;

pub use fake::FakeHost;
pub use this_machine::ThisMachine;

use crate::path;
use crate::platform::Platform;
use std::fs::File;
use std::io;

/// The machine that a command would run on: look-ups only, nothing is started or changed.
///
/// Paths are absolute, in the spelling of [`platform`](Host::platform), unless said otherwise.
pub trait Host: Send + Sync {
    /// Whose rules hold.
    fn platform(&self) -> Platform;

    /// The directory of the process that asks.
    ///
    /// # Errors
    /// It does not exist any more, or its name is no UTF-8.
    fn current_directory(&self) -> io::Result<String>;

    /// The elements of the PATH of the process that asks, empty and relative ones included.
    fn search_path(&self) -> Vec<String>;

    /// Follows the symlinks of `path` as far as it exists, also those that dangle; what does not exist is appended.
    /// `..` is physical. The result has neither links nor dots and is spelled as the file system stores it.
    ///
    /// # Errors
    /// A loop of links, a link that cannot be judged (below `/proc`), or a name that is no UTF-8.
    fn resolve(&self, path: &str) -> io::Result<Resolved>;

    /// The same of `path` as seen from `directory`, which is what [`Host::resolve`] gave: a host may leave out the look at
    /// what leads there.
    ///
    /// # Errors
    /// As above.
    fn resolve_from(&self, directory: &str, path: &str) -> io::Result<Resolved> {
        self.resolve(&path::join(self.platform(), directory, path))
    }

    /// Opens a directory, so that what was checked is what is entered.
    ///
    /// # Errors
    /// It does not exist, is no directory, or may not be entered.
    fn open_directory(&self, path: &str) -> io::Result<OpenDirectory>;

    /// Looks at the file that `path` leads to.
    ///
    /// # Errors
    /// It does not exist or may not be looked at.
    fn file(&self, path: &str) -> io::Result<FileInfo>;

    /// The SHA-256 of a file's content, hex, in lower case. A host that cannot tell gives an error, and what a rule pins
    /// is refused there.
    ///
    /// # Errors
    /// It cannot be read.
    fn sha256(&self, path: &str) -> io::Result<String> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Without links and dots.
    pub path: String,
    /// What stands there; `None` if nothing does.
    pub kind: Option<FileKind>,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A device.
    Device,
    /// A socket or a pipe.
    Other,
}

/// A file, looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileInfo {
    /// Which file it is.
    pub identity: FileIdentity,
    /// What it is.
    pub kind: FileKind,
    /// Whether this process may execute it.
    pub executable: bool,
    /// Whether anybody may write it.
    pub world_writable: bool,
}

/// Tells one file from all others, whatever its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    /// The device.
    pub device: u64,
    /// The number on that device.
    pub inode: u128,
}

/// A directory that is held open.
#[derive(Debug)]
pub struct OpenDirectory {
    /// Its descriptor, where the platform has one to enter it by.
    pub handle: Option<File>,
    /// Which directory it is.
    pub identity: FileIdentity,
}
