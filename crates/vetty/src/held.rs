//! Output that was read already, for a reader to come.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::ReadBuf;

use crate::output::{Chunk, Source};
use crate::streams::Wanted;

/// Pieces up to this size become one, so that a program that writes byte by byte costs no more memory than it has bytes.
const MERGED: usize = 16 * 1024;

#[derive(Default)]
pub(crate) struct Held {
    chunks: VecDeque<Chunk>,
    bytes: usize,
}

impl Held {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter()
    }

    /// A copy of what was read.
    pub(crate) fn push(&mut self, source: Source, data: &[u8]) {
        self.bytes += data.len();
        if let Some(last) = self.chunks.back_mut()
            && last.source == source
            && last.data.len() + data.len() <= MERGED
        {
            match std::mem::take(&mut last.data).try_into_mut() {
                Ok(mut merged) => {
                    BytesMut::extend_from_slice(&mut merged, data);
                    last.data = merged.freeze();
                    return;
                }
                // Somebody else has it, too.
                Err(shared) => last.data = shared,
            }
        }
        self.chunks.push_back(Chunk { source, data: Bytes::copy_from_slice(data) });
    }

    pub(crate) fn push_chunk(&mut self, chunk: Chunk) {
        self.bytes += chunk.data.len();
        self.chunks.push_back(chunk);
    }

    pub(crate) fn take_all(&mut self) -> VecDeque<Chunk> {
        self.bytes = 0;
        std::mem::take(&mut self.chunks)
    }

    /// The first of the wanted streams.
    pub(crate) fn pop(&mut self, wanted: Wanted) -> Option<Chunk> {
        let at = self.chunks.iter().position(|chunk| wanted[chunk.source as usize])?;
        let chunk = self.chunks.remove(at)?;
        self.bytes -= chunk.data.len();
        Some(chunk)
    }

    /// As much of the first as there is room for.
    pub(crate) fn fill(&mut self, wanted: Wanted, buffer: &mut ReadBuf<'_>) -> Option<Source> {
        let at = self.chunks.iter().position(|chunk| wanted[chunk.source as usize])?;
        let chunk = &mut self.chunks[at];
        let source = chunk.source;
        let data = chunk.data.split_to(chunk.data.len().min(buffer.remaining()));
        if chunk.data.is_empty() {
            self.chunks.remove(at);
        }
        self.bytes -= data.len();
        buffer.put_slice(&data);
        Some(source)
    }

    /// Holds no more than that many bytes. Says how many are gone.
    pub(crate) fn forget_oldest(&mut self, most: usize) -> u64 {
        let before = self.bytes;
        while self.bytes > most
            && let Some(oldest) = self.chunks.front_mut()
        {
            let gone = oldest.data.len().min(self.bytes - most);
            oldest.data.advance(gone);
            if oldest.data.is_empty() {
                self.chunks.pop_front();
            }
            self.bytes -= gone;
        }
        (before - self.bytes) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_become_one_and_keep_their_order() {
        let mut held = Held::default();
        for number in 0..100_000u32 {
            held.push(Source::Stdout, &[number as u8]);
        }
        held.push(Source::Stderr, b"error");
        held.push(Source::Stdout, b"last");
        assert_eq!(held.bytes(), 100_009);
        assert!(held.chunks.len() <= 100_000 / MERGED + 3, "{} chunks", held.chunks.len());
        assert_eq!(&held.pop([false, true]).expect("there").data[..], b"error");
        let mut bytes = Vec::new();
        while let Some(chunk) = held.pop([true, false]) {
            bytes.extend_from_slice(&chunk.data);
        }
        assert_eq!(held.bytes(), 0);
        assert!(bytes[..100_000].iter().enumerate().all(|(number, byte)| *byte == number as u8));
        assert_eq!(&bytes[100_000..], b"last");
    }

    #[test]
    fn a_piece_that_somebody_else_has_stays_as_it_is() {
        let mut held = Held::default();
        held.push(Source::Stdout, b"one");
        let copy = held.iter().next().expect("there").clone();
        held.push(Source::Stdout, b"two");
        assert_eq!((&copy.data[..], held.chunks.len()), (&b"one"[..], 2));
    }
}
