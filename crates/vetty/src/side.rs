//! One of the two output streams of a run, and the ways to read it.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::io::poll_read_buf;
use vetty_process::{PipeReader, Pty};

use crate::audit::redact::Redaction;
use crate::capture::Capture;
use crate::output::{Chunk, Source};
use crate::streams::Pull;

/// The most that one read takes.
pub(crate) const READ_SIZE: usize = 256 * 1024;

/// Where an output stream comes from.
pub(crate) enum Reading {
    Pipe(PipeReader),
    Terminal(Arc<Pty>),
}

impl Reading {
    /// Whether much comes at a time.
    fn is_bulk(&self) -> bool {
        matches!(self, Reading::Pipe(pipe) if pipe.is_bulk())
    }
}

impl AsyncRead for Reading {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Reading::Pipe(pipe) => Pin::new(pipe).poll_read(cx, buffer),
            Reading::Terminal(pty) => pty.poll_read(cx, buffer),
        }
    }
}

/// One output stream of a run.
pub(crate) struct Side {
    pub(crate) source: Source,
    /// Until its end.
    pub(crate) pipe: Option<Reading>,
    pub(crate) pull: Pull,
    pub(crate) capture: Capture,
    /// Bytes read so far.
    pub(crate) total: u64,
    pub(crate) buffer: BytesMut,
    /// Hides secrets in what is read.
    pub(crate) redaction: Option<Redaction>,
}

impl Side {
    pub(crate) fn new(source: Source, pipe: Option<Reading>, pull: Pull, capture: Capture) -> Side {
        Side { source, pipe, pull, capture, total: 0, buffer: BytesMut::new(), redaction: None }
    }

    /// A chunk in memory of its own. The end is an error.
    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Chunk>> {
        loop {
            let chunk = ready!(self.poll_raw(cx));
            let Some(redaction) = &mut self.redaction else { return Poll::Ready(chunk) };
            let shown = match &chunk {
                Ok(chunk) => redaction.push(&chunk.data),
                Err(_) => redaction.finish(),
            };
            if !shown.is_empty() {
                if chunk.is_err() {
                    self.redaction = None;
                }
                return Poll::Ready(Ok(Chunk { source: self.source, data: shown.into() }));
            }
            chunk?;
        }
    }

    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Chunk>> {
        let Some(pipe) = self.pipe.as_mut() else {
            return Poll::Pending;
        };
        let polled =
            if pipe.is_bulk() { poll_into_own(pipe, &mut self.buffer, cx) } else { poll_into_copy(pipe, cx) };
        let data = ready!(polled);
        self.count(data.as_ref().map(Bytes::len))?;
        Poll::Ready(data.map(|data| Chunk { source: self.source, data }))
    }

    /// The same into memory of the reader's.
    pub(crate) fn poll_into(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Source>> {
        let Some(pipe) = self.pipe.as_mut() else {
            return Poll::Pending;
        };
        let before = buffer.filled().len();
        let read = ready!(Pin::new(pipe).poll_read(cx, buffer));
        self.count(read.as_ref().map(|()| buffer.filled().len() - before))?;
        Poll::Ready(Ok(self.source))
    }

    /// After a read of so many bytes. An error, and none at all, are the end.
    fn count(&mut self, read: Result<usize, &io::Error>) -> io::Result<()> {
        let length = read.unwrap_or(0);
        self.total += length as u64;
        if length == 0 {
            self.pipe = None;
            return Err(read.err().map_or(io::ErrorKind::UnexpectedEof, io::Error::kind).into());
        }
        Ok(())
    }
}

/// Little output: read where there is room, keep only what came.
fn poll_into_copy(pipe: &mut Reading, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
    scratch(|buffer| {
        ready!(Pin::new(pipe).poll_read(cx, buffer))?;
        Poll::Ready(Ok(Bytes::copy_from_slice(buffer.filled())))
    })
}

/// Much output: read without a copy, into memory that comes back when the reader drops its chunks.
fn poll_into_own(pipe: &mut Reading, own: &mut BytesMut, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
    own.reserve(READ_SIZE);
    let length = ready!(poll_read_buf(Pin::new(pipe), cx, own))?;
    let data = own.split_to(length);
    Poll::Ready(Ok(if length < READ_SIZE / 4 { Bytes::copy_from_slice(&data) } else { data.freeze() }))
}

/// Lends memory to read into: one a thread, not one a stream.
pub(crate) fn scratch<T>(work: impl FnOnce(&mut ReadBuf<'_>) -> T) -> T {
    thread_local! {
        static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.resize(READ_SIZE, 0);
        work(&mut ReadBuf::new(scratch))
    })
}
