//! The parent's ends of a child's pipes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::sys;

#[cfg(unix)]
type Read = tokio::net::unix::pipe::Receiver;
#[cfg(unix)]
type Write = tokio::net::unix::pipe::Sender;
#[cfg(windows)]
type Read = sys::ReadEnd;
#[cfg(windows)]
type Write = tokio::process::ChildStdin;

/// What the child writes. Not buffered: each read is one system call into the caller's buffer, cancel-safe.
#[derive(Debug)]
pub struct PipeReader {
    pipe: Read,
    grown: bool,
}

impl PipeReader {
    /// The size of a new pipe on Linux; a read that fills it shows a writer in bulk.
    pub const INITIAL_SIZE: usize = 64 * 1024;
    /// What a pipe is enlarged to, and no more than what an unprivileged user may have (pipe(7)).
    pub const GROWN_SIZE: usize = 1024 * 1024;

    pub(crate) fn new(end: sys::ReadEnd) -> io::Result<PipeReader> {
        Ok(PipeReader {
            pipe: end.register()?,
            grown: false,
        })
    }

    /// Whether a full read has been seen and the pipe enlarged: a reader may want a larger buffer then.
    pub fn is_bulk(&self) -> bool {
        self.grown
    }
}

impl AsyncRead for PipeReader {
    /// Reads what is there. After the first read of [`PipeReader::INITIAL_SIZE`] the pipe is enlarged, which makes bulk
    /// output 1.4 to 4 times as fast; all users' pipes share a quota, so it is not done before.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.pipe).poll_read(cx, buffer);
        if !self.grown && buffer.filled().len() - before >= PipeReader::INITIAL_SIZE {
            self.grown = true;
            sys::grow_pipe(&self.pipe, PipeReader::GROWN_SIZE);
        }
        polled
    }
}

/// What the child reads. Dropping it is the end of the child's input.
#[derive(Debug)]
pub struct PipeWriter {
    pipe: Write,
}

impl PipeWriter {
    pub(crate) fn new(end: sys::WriteEnd) -> io::Result<PipeWriter> {
        Ok(PipeWriter {
            pipe: end.register()?,
        })
    }
}

impl AsyncWrite for PipeWriter {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}
