//! Which shell belongs to a user.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::sys;

/// The shell to open for the user `uid` (`None`: this process's own), by name or path; nothing is started.
///
/// On Unix it is the first of these that is a file which may be executed, and which nobody but root and this process's user
/// may change:
///
/// 1. `wanted`, which is what `$SHELL` says, if the system's list of shells (`shells(5)`) names it;
/// 2. the one of the user's account (`getpwuid(3)`, which may ask a directory service and then blocks for as long);
/// 3. `/bin/sh`, without a look.
///
/// On Windows it is `cmd.exe`.
pub fn default_shell(wanted: Option<&OsStr>, uid: Option<u32>) -> PathBuf {
    let listed = std::fs::read_to_string(sys::SHELLS).unwrap_or_default();
    choose(wanted.map(Path::new), &listed, || sys::shell_of(uid), sys::is_sound_program)
}

fn choose(
    wanted: Option<&Path>,
    listed: &str,
    of_account: impl FnOnce() -> Option<PathBuf>,
    is_sound: impl Fn(&Path) -> bool,
) -> PathBuf {
    let is_listed =
        |path: &Path| listed.lines().any(|line| !line.starts_with('#') && Path::new(line.trim()) == path);
    wanted
        .filter(|path| path.is_absolute() && is_listed(path) && is_sound(path))
        .map(Path::to_owned)
        .or_else(|| of_account().filter(|path| path.is_absolute() && is_sound(path)))
        .unwrap_or_else(|| PathBuf::from(sys::LAST_SHELL))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that is absolute on every platform.
    fn bin(name: &str) -> String {
        let path = std::path::absolute(Path::new("/bin").join(name)).expect("not empty");
        path.to_string_lossy().into_owned()
    }

    fn chosen(wanted: Option<&str>, account: Option<&str>, unsound: &str) -> String {
        let listed = format!("# shells\n{}\n{} \n# {}\n", bin("sh"), bin("bash"), bin("commented"));
        let choice = choose(
            wanted.map(Path::new),
            &listed,
            || account.map(PathBuf::from),
            |path| path != Path::new(unsound),
        );
        choice.to_string_lossy().into_owned()
    }

    #[test]
    fn what_is_wanted_must_be_listed_and_sound() {
        let (bash, zsh) = (bin("bash"), bin("zsh"));
        assert_eq!(chosen(Some(&bash), Some(&zsh), ""), bash);
        let commented = bin("commented");
        for wanted in [&commented, &format!("# {commented}"), "/tmp/bash", "bash", "/bin/../bin/bash", ""] {
            assert_eq!(chosen(Some(wanted), Some(&zsh), ""), zsh, "{wanted}");
        }
        assert_eq!(chosen(Some(&bash), Some(&zsh), &bash), zsh);
    }

    #[test]
    fn the_accounts_shell_must_be_sound_and_then_there_is_the_last_one() {
        let zsh = bin("zsh");
        assert_eq!(chosen(None, Some(&zsh), ""), zsh);
        for account in [Some(zsh.as_str()), Some(""), Some("zsh"), None] {
            assert_eq!(chosen(None, account, &zsh), sys::LAST_SHELL);
        }
    }
}
