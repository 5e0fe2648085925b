//! This machine. The one place of the crate that knows what it was compiled for.

#[cfg(not(windows))]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
use unix as system;
#[cfg(windows)]
use windows as system;

use super::{FileInfo, Host, OpenDirectory, Resolved};
use crate::platform::Platform;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// This machine, with the directory and the PATH of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisMachine;

impl Host for ThisMachine {
    fn platform(&self) -> Platform {
        system::PLATFORM
    }

    fn current_directory(&self) -> io::Result<String> {
        let directory = std::env::current_dir()?;
        directory.into_os_string().into_string().map_err(|_| no_utf8())
    }

    fn search_path(&self) -> Vec<String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .filter_map(|element| element.into_os_string().into_string().ok())
            .collect()
    }

    fn resolve(&self, path: &str) -> io::Result<Resolved> {
        system::resolve(path)
    }

    #[cfg(not(windows))]
    fn resolve_from(&self, directory: &str, path: &str) -> io::Result<Resolved> {
        system::resolve_from(directory, path)
    }

    fn open_directory(&self, path: &str) -> io::Result<OpenDirectory> {
        system::open_directory(path)
    }

    fn file(&self, path: &str) -> io::Result<FileInfo> {
        system::file(path)
    }

    fn sha256(&self, path: &str) -> io::Result<String> {
        let mut file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => digest.update(&buffer[..count]),
            }
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl ThisMachine {
    /// Opens a regular file for reading, and tells whether anybody may write it. Its path is one without links.
    pub(crate) fn open_file(path: &Path) -> io::Result<(File, bool)> {
        let file = system::open_file(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file"));
        }
        Ok((file, system::may_anybody_write(&metadata)))
    }

    /// Whether anybody may put another file or link in the place of one that stands in this directory.
    pub(crate) fn may_anybody_replace_entries(directory: &Path) -> io::Result<bool> {
        let metadata = std::fs::metadata(directory)?;
        Ok(system::may_anybody_write(&metadata) && !system::only_owners_remove(&metadata))
    }
}

fn no_utf8() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the path is no UTF-8")
}
