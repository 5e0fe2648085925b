//! A directory for the temporary files of confined programs, instead of the one that everybody shares.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Mode, Uid, chown, mkdir};

/// A directory that only its owner can enter. Dropping it removes it with all that is in it.
#[derive(Debug)]
pub struct PrivateDirectory {
    path: PathBuf,
}

impl PrivateDirectory {
    /// Makes `name`, which must be new, in `parent`; it will belong to that user and group, or to the host's.
    ///
    /// # Errors
    /// The system's, also where the name is taken: nothing that lies there is used.
    pub fn create(
        parent: &Path,
        name: &str,
        user: Option<u32>,
        group: Option<u32>,
    ) -> io::Result<PrivateDirectory> {
        let path = parent.join(name);
        mkdir(&path, Mode::RWXU)?;
        let directory = PrivateDirectory { path };
        if user.is_some() || group.is_some() {
            chown(&directory.path, user.map(Uid::from_raw), group.map(Gid::from_raw))?;
        }
        Ok(directory)
    }

    /// Where it is.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        // Links are not followed. What cannot be removed (of another user) is left to whoever cleans /tmp.
        drop(std::fs::remove_dir_all(&self.path));
    }
}
