//! Look-ups on Linux, macOS and other Unixes.

use super::super::{FileIdentity, FileInfo, FileKind, OpenDirectory, Resolved};
use super::no_utf8;
use crate::path;
use crate::platform::Platform;
use rustix::fs::{Access, Mode, OFlags};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

#[cfg(target_os = "linux")]
pub(super) const PLATFORM: Platform = Platform::Linux;
#[cfg(target_vendor = "apple")]
pub(super) const PLATFORM: Platform = Platform::MacOs;
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) const PLATFORM: Platform = Platform::Unix;

/// Opens a directory to enter it: where the system can, without asking for the right to list it.
#[cfg(target_os = "linux")]
const OPEN: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Links that one look-up follows, as in the kernel.
const MAX_LINKS: usize = 40;

pub(super) fn resolve(path: &str) -> io::Result<Resolved> {
    resolve_from("/", path)
}

pub(super) fn resolve_from(directory: &str, path: &str) -> io::Result<Resolved> {
    let mut links = 0;
    let mut resolved = String::from(if path.starts_with('/') { "/" } else { directory });
    // Names still to be looked up, the next one last.
    let mut rest: Vec<String> = names(path);
    let mut kind = Some(FileKind::Directory);
    while let Some(name) = rest.pop() {
        if name == ".." {
            if kind == Some(FileKind::Directory) || kind.is_none() {
                let parent = path::parent(PLATFORM, &resolved).len();
                resolved.truncate(parent);
                // What stands above something that does not exist may exist again.
                kind = kind_of(&std::fs::symlink_metadata(&resolved).ok());
                continue;
            }
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let parent = resolved.len();
        path::push(PLATFORM, &mut resolved, &name);
        if kind.is_none() {
            continue;
        }
        let metadata = match std::fs::symlink_metadata(&resolved) {
            Ok(metadata) => metadata,
            Err(error) if may_be_absent(&error) => {
                kind = None;
                continue;
            }
            Err(error) => return Err(error),
        };
        if !metadata.is_symlink() {
            kind = kind_of(&Some(metadata));
            continue;
        }
        links += 1;
        if links > MAX_LINKS || is_magic(&resolved) {
            return Err(io::Error::other("a link that cannot be judged"));
        }
        let target = std::fs::read_link(&resolved)?.into_os_string().into_string().map_err(|_| no_utf8())?;
        resolved.truncate(if target.starts_with('/') { 1 } else { parent });
        kind = Some(FileKind::Directory);
        rest.extend(names(&target));
    }
    Ok(Resolved { path: resolved, kind })
}

/// The names of `path`, the first one last.
fn names(path: &str) -> Vec<String> {
    path::names(PLATFORM, path).rev().map(str::to_owned).collect()
}

/// Errors that say that nothing stands there for this process, or for a child with the same rights.
fn may_be_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || matches!(
            error.raw_os_error().map(rustix::io::Errno::from_raw_os_error),
            Some(rustix::io::Errno::NAMETOOLONG)
        )
}

/// Links in /proc lead each process to another place.
fn is_magic(path: &str) -> bool {
    path == "/proc" || path.starts_with("/proc/") || path.starts_with("/dev/fd")
}

fn kind_of(metadata: &Option<Metadata>) -> Option<FileKind> {
    let kind = metadata.as_ref()?.file_type();
    Some(if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_char_device() || kind.is_block_device() {
        FileKind::Device
    } else if kind.is_fifo() || kind.is_socket() {
        FileKind::Other
    } else {
        FileKind::File
    })
}

pub(super) fn open_directory(path: &str) -> io::Result<OpenDirectory> {
    let handle = File::from(rustix::fs::open(path, OPEN, Mode::empty())?);
    let metadata = handle.metadata()?;
    // Entering needs the right to search, which O_PATH does not ask for.
    rustix::fs::access(path, Access::EXEC_OK)?;
    Ok(OpenDirectory { handle: Some(handle), identity: identity(&metadata) })
}

pub(super) fn file(path: &str) -> io::Result<FileInfo> {
    let metadata = std::fs::metadata(path)?;
    let identity = identity(&metadata);
    let mode = metadata.mode();
    let kind = kind_of(&Some(metadata)).unwrap_or(FileKind::Other);
    let executable =
        kind == FileKind::File && mode & 0o111 != 0 && rustix::fs::access(path, Access::EXEC_OK).is_ok();
    Ok(FileInfo { identity, kind, executable, world_writable: mode & 0o002 != 0 })
}

fn identity(metadata: &Metadata) -> FileIdentity {
    FileIdentity { device: metadata.dev(), inode: u128::from(metadata.ino()) }
}

/// Opens a file to read it: no link, and without waiting for whoever might write into a pipe.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

pub(super) fn may_anybody_write(metadata: &Metadata) -> bool {
    metadata.mode() & 0o002 != 0
}

/// The sticky bit: entries are renamed and removed by their owners alone.
pub(super) fn only_owners_remove(metadata: &Metadata) -> bool {
    metadata.mode() & 0o1000 != 0
}
