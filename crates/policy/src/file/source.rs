//! A policy file on its way from the disk: who could have written it, and how large it is.

use crate::host::ThisMachine;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A policy is written by people: a larger file is none.
const MAX_BYTES: u64 = 1 << 20;

/// A file that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// Absolute, links followed.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// Reads a file that nobody else could have written.
///
/// # Errors
/// What keeps it from being read, or from being trusted, and what to do.
pub(super) fn read(path: &Path) -> Result<Source, String> {
    let failed = |error: std::io::Error| format!("cannot be read: {error}");
    let typed = std::path::absolute(path).map_err(failed)?;
    let path = std::fs::canonicalize(path).map_err(failed)?;
    // Of the links that lead to it, too, nobody else may be the master.
    for directory in typed.ancestors().skip(1).chain(path.ancestors().skip(1)) {
        if ThisMachine::may_anybody_replace_entries(directory).map_err(failed)? {
            return Err(format!(
                "is not to be trusted: anybody may replace what stands in {}, and so say what may run; take that \
                 right away (chmod o-w)",
                directory.display()
            ));
        }
    }
    let (file, is_anybodys) = ThisMachine::open_file(&path).map_err(failed)?;
    if is_anybodys {
        return Err(
            "is not to be trusted: anybody may write it, and so say what may run; take that right away \
                    (chmod o-w)"
                .to_owned(),
        );
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is too large: a policy has at most {MAX_BYTES} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned())?;
    Ok(Source { path, text })
}
