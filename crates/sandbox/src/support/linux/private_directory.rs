//! A directory for the temporary files of confined programs, instead of the one that everybody shares.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, Gid, Mode, OFlags, Uid, chown, flock, mkdir, open};
use rustix::process::geteuid;

/// How the names of all of them begin.
const PREFIX: &str = "vetty-tmp-";

/// One that is younger may not be locked by its owner yet.
const YOUNG: Duration = Duration::from_secs(60);

/// A directory that only its owner can enter. Dropping it removes it with all that is in it; what a host left that died is
/// removed by the next one.
#[derive(Debug)]
pub struct PrivateDirectory {
    path: PathBuf,
    /// Locked as long as it is open, so that a directory whose host is gone can be told.
    _lock: OwnedFd,
}

impl PrivateDirectory {
    /// Makes one in `parent` whose name ends with `word`, which must be new and hard to guess; it will belong to that user
    /// and group, or to the host's.
    ///
    /// # Errors
    /// The system's, also where the name is taken: nothing that lies there is used.
    pub fn create(
        parent: &Path,
        word: &str,
        user: Option<u32>,
        group: Option<u32>,
    ) -> io::Result<PrivateDirectory> {
        static SWEPT: Once = Once::new();
        SWEPT.call_once(|| sweep(parent, SystemTime::now().checked_sub(YOUNG)));
        let path = parent.join(format!("{PREFIX}{word}"));
        mkdir(&path, Mode::RWXU)?;
        let lock = lock(&path).inspect_err(|_| drop(fs::remove_dir(&path)))?;
        let directory = PrivateDirectory { path, _lock: lock };
        if user.is_some() || group.is_some() {
            chown(&directory.path, user.map(Uid::from_raw), group.map(Gid::from_raw))?;
        }
        Ok(directory)
    }

    /// Makes one of the host's in its place for temporary files, by a name that nobody guesses.
    pub(crate) fn anywhere() -> io::Result<PrivateDirectory> {
        let mut bytes = [0u8; 8];
        rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())?;
        let word = format!("{:016x}", u64::from_be_bytes(bytes));
        PrivateDirectory::create(&std::env::temp_dir().canonicalize()?, &word, None, None)
    }

    /// Where it is.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        // Links are not followed. What cannot be removed (of another user) is left to whoever cleans /tmp.
        drop(fs::remove_dir_all(&self.path));
    }
}

/// An error where somebody has it.
fn lock(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = open(path, flags, Mode::empty())?;
    flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
    Ok(directory)
}

/// Removes those of our user that nobody has locked, if they were last changed before then.
fn sweep(parent: &Path, before: Option<SystemTime>) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_one && let Ok(facts) = entry.metadata() {
            use std::os::unix::fs::MetadataExt;
            let is_ours = facts.is_dir() && facts.uid() == geteuid().as_raw();
            let is_old = facts.modified().ok().zip(before).is_some_and(|(changed, before)| changed < before);
            if is_ours
                && is_old
                && let Ok(_lock) = lock(&entry.path())
            {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_private_and_gone_with_its_owner() {
        let parent = tempfile::tempdir().expect("a directory");
        let directory = PrivateDirectory::create(parent.path(), "a", None, None).expect("made");
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(directory.path()).expect("there").permissions(),
        );
        assert_eq!(mode & 0o777, 0o700);
        assert!(PrivateDirectory::create(parent.path(), "a", None, None).is_err(), "the name is taken");
        let path = directory.path().clone();
        fs::write(path.join("file"), "x").expect("written");
        drop(directory);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_dead_host_left_is_removed_and_what_a_living_one_has_is_not() {
        let parent = tempfile::tempdir().expect("a directory");
        let living = PrivateDirectory::create(parent.path(), "living", None, None).expect("made");
        let left = parent.path().join("vetty-tmp-left");
        fs::create_dir_all(left.join("below")).expect("made");
        fs::create_dir(parent.path().join("other")).expect("made");
        sweep(parent.path(), SystemTime::now().checked_sub(YOUNG));
        assert!(left.exists(), "too young to tell");
        sweep(parent.path(), SystemTime::now().checked_add(YOUNG));
        assert!(!left.exists() && living.path().exists() && parent.path().join("other").exists());
    }
}
