//! An audit file is opened: for this process alone, and where its chain ends is read from its last line.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use vetty_policy::ConfigError;

use super::chain::{AuditHead, Link, MOST_LINE, RECOVERY, hash};

/// A file that events are appended to.
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) head: AuditHead,
    /// What has to be put behind its last byte before the next event.
    pub(super) mend: Mend,
}

/// What a crash has left.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mend {
    /// Nothing.
    Whole,
    /// An event that lacks its line's end.
    EndLine,
    /// A part of an event, or of several: an event says what it is.
    Torn {
        bytes: u64,
        hash: String,
        /// Whether its line has an end.
        is_ended: bool,
    },
}

/// Bytes at the end that may be no event.
const MOST_TORN: u64 = 2 * MOST_LINE as u64;

/// Opens it, makes it if it is missing, and locks it for this process.
///
/// # Errors
/// A [`ConfigError`] at `audit.file`: it cannot be opened, is a link or no regular file, another process writes it, or its
/// last line is no event.
pub(super) fn open(path: &Path) -> Result<Opened, ConfigError> {
    let refuse = |problem: String| ConfigError::new("audit.file", problem);
    let shown = path.display();
    let mut file = vetty_process::open_private_log(path)
        .map_err(|error| refuse(format!("{shown} cannot be opened: {error}")))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            return Err(refuse(format!("{shown} is written by another process: give each its own file")));
        }
        Err(std::fs::TryLockError::Error(error)) => {
            return Err(refuse(format!("{shown} cannot be locked: {error}")));
        }
    }
    let (head, mend) =
        read_end(&mut file).map_err(|error| refuse(format!("{shown} cannot be read: {error}")))?.ok_or_else(
            || refuse(format!("{shown} does not end in an event: move it away, or name another file")),
        )?;
    Ok(Opened { file, head, mend })
}

/// The end of the chain, and of the file; `None` if it is no chain's.
fn read_end(file: &mut File) -> io::Result<Option<(AuditHead, Mend)>> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut torn = Vec::new();
    let head = loop {
        let (at, line) = line_before(file, end)?;
        if line.is_empty() {
            break AuditHead::none();
        }
        if let Some(whole) = line.strip_suffix(b"\n")
            && let Some(link) = Link::of(whole)
        {
            break AuditHead::after(link.sequence, whole);
        }
        if length - at > MOST_TORN {
            return Ok(None);
        }
        torn.splice(..0, line);
        end = at;
    };
    if torn.is_empty() {
        return Ok(Some((head, Mend::Whole)));
    }
    if head.sequence == 0 && !is_first_torn(&torn) {
        return Ok(None);
    }
    let before_last = memchr::memrchr(b'\n', &torn);
    let last = before_last.map_or(&torn[..], |at| &torn[at + 1..]);
    if let Some(link) = Link::of(last)
        && link.follows(&head)
        && link.hash.as_deref().filter(|_| link.kind == RECOVERY)
            == before_last.map(|at| hash(&torn[..at])).as_deref()
    {
        return Ok(Some((AuditHead::after(link.sequence, last), Mend::EndLine)));
    }
    let is_ended = torn.ends_with(b"\n");
    let region = torn.strip_suffix(b"\n").unwrap_or(&torn);
    Ok(Some((head, Mend::Torn { bytes: region.len() as u64, hash: hash(region), is_ended })))
}

/// Whether this can be what was written of the first event of all, and not somebody's text.
fn is_first_torn(torn: &[u8]) -> bool {
    const BEGIN: &[u8] = b"{\"sequence\":1,";
    let begins = torn.starts_with(BEGIN) || BEGIN.starts_with(torn);
    !torn.contains(&b'\n') && (begins || torn.iter().all(|byte| *byte == 0))
}

/// The line that ends at `end`, and where it begins.
fn line_before(file: &mut File, end: u64) -> io::Result<(u64, Vec<u8>)> {
    const PIECE: u64 = 16 * 1024;
    let mut line = Vec::new();
    let mut at = end;
    while at > 0 {
        let from = at.saturating_sub(PIECE);
        let mut piece = vec![0; (at - from) as usize];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut piece)?;
        // The line's own end does not count.
        let looked_at = if at == end { piece.len() - 1 } else { piece.len() };
        let start = memchr::memrchr(b'\n', &piece[..looked_at]);
        piece.drain(..start.map_or(0, |start| start + 1));
        at = from + start.map_or(0, |start| start as u64 + 1);
        piece.extend_from_slice(&line);
        line = piece;
        if start.is_some() {
            break;
        }
        if line.len() > 2 * MOST_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its last line is longer than any event"));
        }
    }
    Ok((at, line))
}
