//! Look-ups on Windows, with what the standard library offers.
//!
//! A file's identity is its real path without case: links, junctions, 8.3 names and case are seen through, two hard
//! links to one file are not.

use super::super::{FileIdentity, FileInfo, FileKind, OpenDirectory, Resolved};
use super::no_utf8;
use crate::path;
use crate::platform::Platform;
use std::hash::{Hash, Hasher};
use std::io;

pub(super) const PLATFORM: Platform = Platform::Windows;

pub(super) fn resolve(path: &str) -> io::Result<Resolved> {
    let mut existing = path.to_owned();
    let mut missing: Vec<String> = Vec::new();
    loop {
        match std::fs::canonicalize(&existing) {
            Ok(real) => {
                let metadata = std::fs::metadata(&real)?;
                let mut resolved = plain(real)?;
                let mut kind = Some(kind_of(&metadata));
                for name in missing.iter().rev() {
                    if name == ".." {
                        let parent = path::parent(PLATFORM, &resolved).len();
                        resolved.truncate(parent);
                    } else {
                        path::push(PLATFORM, &mut resolved, name.trim_end_matches(['.', ' ']));
                    }
                    kind = None;
                }
                return Ok(Resolved { path: resolved, kind });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A link whose target does not exist leads somewhere else than its own name says.
                if std::fs::symlink_metadata(&existing).is_ok() {
                    return Err(io::Error::other("a dangling link"));
                }
                let parent = path::parent(PLATFORM, &existing).len();
                if parent >= existing.len() {
                    return Err(error);
                }
                missing.push(path::file_name(PLATFORM, &existing).to_owned());
                existing.truncate(parent);
            }
            Err(error) => return Err(error),
        }
    }
}

/// A canonical path without its verbatim prefix.
fn plain(path: std::path::PathBuf) -> io::Result<String> {
    let path = path.into_os_string().into_string().map_err(|_| no_utf8())?;
    Ok(match (path.strip_prefix(r"\\?\UNC\"), path.strip_prefix(r"\\?\")) {
        (Some(share), _) => format!(r"\\{share}"),
        (None, Some(plain)) => plain.to_owned(),
        (None, None) => path,
    })
}

fn kind_of(metadata: &std::fs::Metadata) -> FileKind {
    if metadata.is_dir() {
        FileKind::Directory
    } else if metadata.is_file() {
        FileKind::File
    } else {
        FileKind::Other
    }
}

pub(super) fn open_directory(path: &str) -> io::Result<OpenDirectory> {
    let real = std::fs::canonicalize(path)?;
    if !std::fs::metadata(&real)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(OpenDirectory { handle: None, identity: identity(&plain(real)?) })
}

pub(super) fn file(path: &str) -> io::Result<FileInfo> {
    let real = std::fs::canonicalize(path)?;
    let metadata = std::fs::metadata(&real)?;
    let kind = kind_of(&metadata);
    Ok(FileInfo {
        identity: identity(&plain(real)?),
        kind,
        executable: kind == FileKind::File,
        world_writable: false,
    })
}

fn identity(real: &str) -> FileIdentity {
    let half = |seed: u8| {
        let mut hasher = std::hash::DefaultHasher::new();
        seed.hash(&mut hasher);
        real.chars().map(path::fold).for_each(|c| c.hash(&mut hasher));
        u128::from(hasher.finish())
    };
    FileIdentity { device: 0, inode: half(0) << 64 | half(1) }
}

pub(super) fn open_file(path: &std::path::Path) -> io::Result<std::fs::File> {
    std::fs::File::open(path)
}

/// The standard library does not tell.
pub(super) fn may_anybody_write(_: &std::fs::Metadata) -> bool {
    false
}

pub(super) fn only_owners_remove(_: &std::fs::Metadata) -> bool {
    true
}
