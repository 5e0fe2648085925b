//! Bounded memory of a stream: its head, its tail, and how much there was between.

use std::collections::VecDeque;

use bytes::Bytes;

/// Where a captured stream has a gap, and of how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Omitted {
    /// Byte offset of the gap in what was kept.
    pub offset: usize,
    /// How many bytes the child wrote there.
    pub bytes: u64,
}

/// Keeps the first and the last half of `limit` bytes.
#[derive(Debug)]
pub(crate) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    limit: usize,
    total: u64,
}

/// What was kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Captured {
    pub(crate) bytes: Bytes,
    pub(crate) omitted: Option<Omitted>,
}

impl Captured {
    /// This behind what was captured before.
    pub(crate) fn after(self, before: &Bytes, omitted: Option<Omitted>) -> (Bytes, Option<Omitted>) {
        if before.is_empty() {
            return (self.bytes, self.omitted.or(omitted));
        }
        ([before.as_ref(), &self.bytes].concat().into(), omitted)
    }
}

impl Capture {
    pub(crate) fn new(limit: usize) -> Capture {
        Capture { head: Vec::new(), tail: VecDeque::new(), limit, total: 0 }
    }

    pub(crate) fn push(&mut self, mut data: &[u8]) {
        self.total += data.len() as u64;
        let head_limit = self.limit.div_ceil(2);
        let room = head_limit - self.head.len().min(head_limit);
        if room > 0 {
            let (first, rest) = data.split_at(room.min(data.len()));
            self.head.extend_from_slice(first);
            data = rest;
        }
        let tail_limit = self.limit - head_limit;
        if data.len() >= tail_limit {
            self.tail.clear();
            data = &data[data.len() - tail_limit..];
        } else {
            let excess = (self.tail.len() + data.len()).saturating_sub(tail_limit);
            self.tail.drain(..excess);
        }
        self.tail.extend(data);
    }

    /// What is kept, for good.
    pub(crate) fn take(&mut self) -> Captured {
        let limit = self.limit;
        let taken = std::mem::replace(self, Capture::new(limit));
        self.total = taken.total;
        if taken.tail.is_empty() && taken.total == taken.head.len() as u64 {
            return Captured { bytes: taken.head.into(), omitted: None };
        }
        taken.snapshot()
    }

    /// What is kept now. Where something is left out, characters of UTF-8 at the edges of the gap are left out whole.
    pub(crate) fn snapshot(&self) -> Captured {
        let kept = (self.head.len() + self.tail.len()) as u64;
        let (front, back) = self.tail.as_slices();
        if self.total == kept {
            return Captured { bytes: [&self.head, front, back].concat().into(), omitted: None };
        }
        let head = &self.head[..whole_characters(&self.head)];
        let tail = [front, back].concat();
        let tail = &tail[continuation_bytes(&tail)..];
        let omitted =
            Omitted { offset: head.len(), bytes: self.total - head.len() as u64 - tail.len() as u64 };
        Captured { bytes: [head, tail].concat().into(), omitted: Some(omitted) }
    }
}

/// The length of `bytes` without a character that its end cuts. Bytes that are no UTF-8 stay.
fn whole_characters(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    for index in (start..bytes.len()).rev() {
        let length = match bytes[index] {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            0x80..=0xBF => continue,
            _ => return bytes.len(),
        };
        return if index + length > bytes.len() { index } else { bytes.len() };
    }
    bytes.len()
}

/// How many bytes at the start belong to a character whose first byte is missing; 0 if they are no UTF-8.
fn continuation_bytes(bytes: &[u8]) -> usize {
    let count = bytes.iter().take_while(|byte| (0x80..=0xBF).contains(*byte)).count();
    if count <= 3 { count } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(limit: usize, pieces: &[&[u8]]) -> Captured {
        let mut capture = Capture::new(limit);
        pieces.iter().for_each(|piece| capture.push(piece));
        capture.snapshot()
    }

    #[test]
    fn all_is_kept_up_to_the_limit() {
        let kept = captured(6, &[b"ab", b"cd", b"ef"]);
        assert_eq!((&kept.bytes[..], kept.omitted), (&b"abcdef"[..], None));
    }

    #[test]
    fn beyond_it_head_and_tail_are_kept_and_the_gap_is_exact() {
        for pieces in [&[&b"abcdefghij"[..]][..], &[b"abc", b"defg", b"hij"], &[b"a", b"bcdefghi", b"j"]] {
            let kept = captured(4, pieces);
            assert_eq!(&kept.bytes[..], b"abij");
            assert_eq!(kept.omitted, Some(Omitted { offset: 2, bytes: 6 }));
        }
    }

    #[test]
    fn no_character_is_cut_at_the_gap() {
        let kept = captured(8, &["€€€€€€".as_bytes()]);
        assert_eq!(&kept.bytes[..], "€€".as_bytes());
        assert_eq!(kept.omitted, Some(Omitted { offset: 3, bytes: 12 }));
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_as_they_are() {
        let kept = captured(8, &[&[0xff; 20]]);
        assert_eq!(kept.bytes.len(), 8);
        let kept = captured(8, &[&[0x80; 20]]);
        assert_eq!(kept.bytes.len(), 8);
    }

    #[test]
    fn a_limit_of_nothing_keeps_nothing_and_counts_all() {
        let kept = captured(0, &[b"abc"]);
        assert_eq!((kept.bytes.len(), kept.omitted), (0, Some(Omitted { offset: 0, bytes: 3 })));
        let kept = captured(1, &[b"abc"]);
        assert_eq!((&kept.bytes[..], kept.omitted), (&b"a"[..], Some(Omitted { offset: 1, bytes: 2 })));
    }
}
