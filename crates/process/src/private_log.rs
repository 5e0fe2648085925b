//! Opens a file that is only ever appended to, and that nobody else may read.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::sys;

/// Opens the regular file at `path` to be read and appended to, closed in children. A file that is missing is made, for
/// this user alone (mode 0600).
///
/// # Errors
/// Those of `open(2)`. `path` is a symbolic link (`ELOOP`), or there is no regular file but something else
/// ([`io::ErrorKind::InvalidInput`]).
pub fn open_private_log(path: &Path) -> io::Result<File> {
    let file = sys::open_private_log(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")),
    }
}
