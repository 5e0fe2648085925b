//! What the system knows of its users, and who may change a program.

use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The system's list of shells, `shells(5)`.
pub(crate) const SHELLS: &str = "/etc/shells";
/// What every Unix has.
pub(crate) const LAST_SHELL: &str = "/bin/sh";

/// The most that an entry of the user database may take.
const MOST_OF_AN_ENTRY: usize = 1 << 20;

/// The shell of the user `uid`, or of this process's; `None` for a user that the system does not know.
pub(crate) fn shell_of(uid: Option<u32>) -> Option<PathBuf> {
    let uid = uid.unwrap_or_else(|| rustix::process::geteuid().as_raw());
    let mut memory = vec![0u8; 1024];
    loop {
        let mut entry = MaybeUninit::<libc::passwd>::zeroed();
        let mut found = std::ptr::null_mut();
        // SAFETY: the entry and its memory live across the call, which writes no more than the length that it is told.
        let result = unsafe {
            libc::getpwuid_r(
                uid,
                entry.as_mut_ptr(),
                memory.as_mut_ptr().cast(),
                memory.len(),
                &raw mut found,
            )
        };
        match result {
            0 if found.is_null() => return None,
            0 => {
                // SAFETY: the call has filled the entry that `found` points to, which is ours.
                let shell = unsafe { (*found).pw_shell };
                if shell.is_null() {
                    return None;
                }
                // SAFETY: a NUL-terminated text in `memory`, which lives until the copy is made.
                let shell = unsafe { CStr::from_ptr(shell) };
                return Some(PathBuf::from(OsStr::from_bytes(shell.to_bytes())));
            }
            libc::ERANGE if memory.len() < MOST_OF_AN_ENTRY => memory = vec![0; memory.len() * 2],
            libc::EINTR => {}
            error => {
                tracing::debug!(error, uid, "the user database does not answer");
                return None;
            }
        }
    }
}

/// Whether it is a file that this process may execute, and that nobody but root and this process's user may change.
pub(crate) fn is_sound_program(path: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    let own = rustix::process::geteuid().as_raw();
    metadata.is_file()
        && metadata.mode() & 0o111 != 0
        && metadata.mode() & 0o022 == 0
        && [0, own].contains(&metadata.uid())
        && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_shell_of_a_user_is_that_of_the_user_database() {
        let text = std::fs::read_to_string("/etc/passwd").expect("every Unix has it");
        let entry = text.lines().find(|line| line.split(':').nth(2) == Some("0")).expect("root");
        assert_eq!(shell_of(Some(0)), entry.split(':').nth(6).map(PathBuf::from));
        assert_eq!(shell_of(Some(4_000_000_017)), None);
    }

    #[test]
    fn a_program_is_sound_unless_others_may_change_it() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("shell");
        std::fs::write(&path, "#!/bin/sh\n").expect("an own directory");
        for (mode, sound) in [(0o755, true), (0o700, true), (0o644, false), (0o775, false), (0o757, false)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("an own file");
            assert_eq!(is_sound_program(&path), sound, "{mode:o}");
        }
        assert!(!is_sound_program(directory.path()) && !is_sound_program(&directory.path().join("absent")));
    }
}
