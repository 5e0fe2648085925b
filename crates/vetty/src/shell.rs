//! A call without a command: the user's shell, which the policy must allow as any program.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use vetty_policy::{Code, Denial};
use vetty_process::default_shell;

/// The shell of the user that the call runs as; `environment` is the caller's.
pub(crate) fn shell_for(environment: &[(OsString, OsString)], uid: Option<u32>) -> PathBuf {
    let wanted = environment.iter().find(|(name, _)| name == "SHELL").map(|(_, value)| value.as_os_str());
    default_shell(wanted, uid)
}

/// Judges it by its name, as a person would type it, and only where the policy or its search path does not know the name,
/// by its path. What the policy says of the name is what the caller hears.
pub(crate) fn judge_by_name<T>(
    shell: &Path,
    judge: impl Fn(&[String]) -> Result<T, Denial>,
) -> Result<T, Denial> {
    let text = |part: &OsStr| part.to_string_lossy().into_owned();
    let name = shell.file_name().map_or_else(|| text(shell.as_os_str()), text);
    let refused = match judge(&[name]) {
        Err(refused) if [Code::CommandNotAllowed, Code::ProgramNotFound].contains(&refused.code()) => refused,
        judged => return judged,
    };
    judge(&[text(shell.as_os_str())]).map_err(|_| refused)
}
