//! Words as `execve` takes them.

use std::ffi::{OsString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::ptr;

/// A NULL-terminated array of C strings in two allocations.
pub(crate) struct CStrings {
    /// Points into `_bytes`, whose heap block does not move with the struct.
    pointers: Vec<*const c_char>,
    _bytes: Vec<u8>,
}

// SAFETY: the pointers lead into memory that belongs to the struct and is never written again.
unsafe impl Send for CStrings {}
// SAFETY: as above.
unsafe impl Sync for CStrings {}

impl CStrings {
    /// `None` if a word holds a NUL byte.
    pub(crate) fn argv(words: &[OsString]) -> Option<CStrings> {
        CStrings::new(words.iter().map(|word| [word.as_bytes(), b"", b""]))
    }

    /// `NAME=value`; `None` if one of them holds a NUL byte.
    pub(crate) fn env(variables: &[(OsString, OsString)]) -> Option<CStrings> {
        CStrings::new(variables.iter().map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()]))
    }

    /// Each string is three pieces put together; `None` if one of them holds a NUL.
    fn new<'a>(strings: impl Iterator<Item = [&'a [u8]; 3]> + Clone) -> Option<CStrings> {
        let mut count = 0;
        let mut length = 0;
        for pieces in strings.clone() {
            if pieces.iter().any(|piece| piece.contains(&0)) {
                return None;
            }
            count += 1;
            length += pieces.iter().map(|piece| piece.len()).sum::<usize>() + 1;
        }
        let mut bytes: Vec<u8> = Vec::with_capacity(length);
        let mut offsets = Vec::with_capacity(count);
        for pieces in strings {
            offsets.push(bytes.len());
            pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
            bytes.push(0);
        }
        let base = bytes.as_ptr().cast::<c_char>();
        let pointers =
            offsets.into_iter().map(|offset| base.wrapping_add(offset)).chain([ptr::null()]).collect();
        Some(CStrings { pointers, _bytes: bytes })
    }

    /// For `execve`.
    pub(crate) fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}
