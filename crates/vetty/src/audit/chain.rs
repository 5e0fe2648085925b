//! The chain of events: each has a number and the hash of the line before it.

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A line is never longer; what a caller gave is cut before.
pub(crate) const MOST_LINE: usize = 4 << 20;

/// The type of the event that says what a crash has left.
pub(crate) const RECOVERY: &str = "recovery";

/// The end of a trail: to be kept elsewhere, because a chain alone does not show that its end was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditHead {
    /// Of the last event; 0 before the first. So many events there are.
    pub sequence: u64,
    /// SHA-256 of the last event's line, hex; 64 zeros before the first.
    pub hash: String,
}

impl AuditHead {
    /// One that was kept.
    pub fn new(sequence: u64, hash: impl Into<String>) -> AuditHead {
        AuditHead { sequence, hash: hash.into() }
    }

    /// Before the first event.
    pub(crate) fn none() -> AuditHead {
        AuditHead { sequence: 0, hash: "0".repeat(64) }
    }

    /// After a line.
    pub(crate) fn after(sequence: u64, line: &[u8]) -> AuditHead {
        AuditHead { sequence, hash: hash(line) }
    }
}

/// SHA-256, hex.
pub(crate) fn hash(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        hex.push(DIGITS[usize::from(byte >> 4)].into());
        hex.push(DIGITS[usize::from(byte & 15)].into());
    }
    hex
}

/// What of a line makes it a part of a chain.
#[derive(Debug, Deserialize)]
pub(crate) struct Link {
    pub(crate) sequence: u64,
    pub(crate) previous: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Of a recovery.
    #[serde(default)]
    pub(crate) hash: Option<String>,
}

impl Link {
    /// `None`: the line is no event.
    pub(crate) fn of(line: &[u8]) -> Option<Link> {
        serde_json::from_slice(line).ok()
    }

    /// Whether it is the next one.
    pub(crate) fn follows(&self, head: &AuditHead) -> bool {
        head.sequence.checked_add(1) == Some(self.sequence) && self.previous == head.hash
    }
}
