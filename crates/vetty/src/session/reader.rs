//! The lossless reader of a session.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use super::Driving;
use crate::Process;
use crate::output::Source;

/// The output of a session, in order, from what was held on. Dropping it gives the session back: another reader goes on
/// where this one stopped.
pub struct Reader<'a> {
    process: &'a Process,
    _driving: Driving<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(process: &'a Process, driving: Driving<'a>) -> Reader<'a> {
        Reader { process, _driving: driving }
    }
}

impl Stream for Reader<'_> {
    type Item = Bytes;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.process.poll_chunk(&[Source::Stdout], cx).map(|chunk| chunk.map(|chunk| chunk.data))
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
