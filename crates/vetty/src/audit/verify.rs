//! Whether an audit file is what was written: nothing changed, removed, put in, or in another order.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::chain::{AuditHead, Link, MOST_LINE, RECOVERY, hash};

/// What an audit file is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// Whole events from the beginning on, up to what is wrong.
    pub events: u64,
    /// The end of what is right.
    pub head: AuditHead,
    /// Places where a crash cut an event off, and an event behind them says so.
    pub torn: u64,
    /// What is wrong.
    pub problem: Option<AuditProblem>,
    /// The line, from 1 on, at which it is.
    pub broken_at: Option<u64>,
}

impl AuditReport {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.problem.is_none()
    }
}

/// What is wrong with an audit file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditProblem {
    /// A line is no event, and no event behind it says that a crash cut it off.
    NotAnEvent,
    /// An event does not follow the one before: a line was changed, removed, put in or moved.
    Chain,
    /// The last line has no end: it is being written, or a crash cut it off.
    Incomplete,
    /// The expected head is not in it: the end was cut off, or all of it was written anew.
    Head,
}

impl AuditProblem {
    /// The stable name, as the JavaScript face spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            AuditProblem::NotAnEvent => "not-an-event",
            AuditProblem::Chain => "chain",
            AuditProblem::Incomplete => "incomplete",
            AuditProblem::Head => "head",
        }
    }
}

/// Checks an audit file. `expected` is a head that was kept elsewhere, from [`Terminal::audit_head`] or an earlier report:
/// the file must have that event, and may have grown since. Without one, a file whose end was cut off looks like a shorter
/// one. Reads the whole file, on this thread.
///
/// # Errors
/// The file cannot be read.
///
/// [`Terminal::audit_head`]: crate::Terminal::audit_head
pub fn verify_audit(path: impl AsRef<Path>, expected: Option<&AuditHead>) -> io::Result<AuditReport> {
    verify(BufReader::with_capacity(64 * 1024, File::open(path)?), expected)
}

/// The same of anything that can be read.
///
/// # Errors
/// It cannot be read.
pub fn verify(mut file: impl BufRead, expected: Option<&AuditHead>) -> io::Result<AuditReport> {
    let mut report =
        AuditReport { events: 0, head: AuditHead::none(), torn: 0, problem: None, broken_at: None };
    let mut found = expected.is_none_or(|expected| *expected == report.head);
    // Lines that are no events, waiting for the one that says why; the number of the first.
    let mut torn: Option<(Vec<u8>, u64)> = None;
    let mut line = Vec::new();
    for number in 1.. {
        let is_ended = match read_line(&mut file, &mut line)? {
            Read::End => break,
            Read::Line { is_ended } => is_ended,
            Read::TooLong => return Ok(report.broken(AuditProblem::NotAnEvent, number)),
        };
        match Link::of(&line) {
            Some(link) if !link.follows(&report.head) => {
                return Ok(report.broken(AuditProblem::Chain, number));
            }
            Some(link) => {
                if let Some((region, at)) = torn.take() {
                    if link.kind != RECOVERY || link.hash.as_deref() != Some(&hash(&region)) {
                        return Ok(report.broken(AuditProblem::NotAnEvent, at));
                    }
                    report.torn += 1;
                } else if link.kind == RECOVERY {
                    // What it speaks of was taken out.
                    return Ok(report.broken(AuditProblem::Chain, number));
                }
                if !is_ended {
                    return Ok(report.broken(AuditProblem::Incomplete, number));
                }
                report.events += 1;
                report.head = AuditHead::after(link.sequence, &line);
                found = found || expected.is_some_and(|expected| *expected == report.head);
                let passed = expected.is_some_and(|expected| expected.sequence == link.sequence);
                if passed && !found {
                    return Ok(report.broken(AuditProblem::Head, number));
                }
            }
            None if !is_ended && torn.is_none() => {
                return Ok(report.broken(AuditProblem::Incomplete, number));
            }
            None => match &mut torn {
                None => torn = Some((line.clone(), number)),
                Some((region, at)) => {
                    region.push(b'\n');
                    region.extend_from_slice(&line);
                    if region.len() > 2 * MOST_LINE {
                        let at = *at;
                        return Ok(report.broken(AuditProblem::NotAnEvent, at));
                    }
                }
            },
        }
    }
    if let Some((_, at)) = torn {
        return Ok(report.broken(AuditProblem::NotAnEvent, at));
    }
    if !found {
        report.problem = Some(AuditProblem::Head);
    }
    Ok(report)
}

impl AuditReport {
    fn broken(mut self, problem: AuditProblem, line: u64) -> AuditReport {
        self.problem = Some(problem);
        self.broken_at = Some(line);
        self
    }
}

enum Read {
    End,
    Line { is_ended: bool },
    TooLong,
}

/// The next line without its end.
fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Read> {
    line.clear();
    loop {
        let piece = match file.fill_buf() {
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if piece.is_empty() {
            return Ok(if line.is_empty() { Read::End } else { Read::Line { is_ended: false } });
        }
        let end = memchr::memchr(b'\n', piece);
        line.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
        let taken = end.map_or(piece.len(), |end| end + 1);
        file.consume(taken);
        if line.len() > 2 * MOST_LINE {
            return Ok(Read::TooLong);
        }
        if end.is_some() {
            return Ok(Read::Line { is_ended: true });
        }
    }
}
