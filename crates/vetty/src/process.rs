//! A program on pipes whose output streams while it runs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::io::ReadBuf;
use vetty_process::{Exit, PipeWriter, Signal};

use crate::handle::Handle;
use crate::output::{Chunk, EndReason, Output, Source};
use crate::streams::{Pull, Wanted};
use crate::terminal::{Terminal, ended_well};
use crate::{Error, Kill};

/// A program on pipes: a stream of chunks, in the order in which they were read.
///
/// Before the first poll a little output is held (`output.highWaterMark`), then the program waits. While it is polled the
/// reader's speed is the program's. [`Process::status`] and [`Process::wait`] let what nobody reads drain into the bounded
/// capture, so that they never hang on a full pipe. The stream ends with the last byte; after the program's death it ends
/// also when a descendant keeps the pipe and is silent for `output.drainGrace`.
///
/// Dropping it kills the tree.
pub struct Process {
    /// The program's standard input, with [`Command::stdin_pipe`](crate::Command::stdin_pipe). Dropping it is the end of
    /// input. A write after the program's end is `BrokenPipe`.
    pub stdin: Option<PipeWriter>,
    handle: Handle,
    /// A process keeps its terminal alive.
    _terminal: Terminal,
    /// Whether the drop is the end of the tree.
    owns: bool,
}

impl Process {
    pub(crate) fn new(handle: Handle, terminal: Terminal) -> Process {
        Process { stdin: None, handle, _terminal: terminal, owns: true }
    }

    pub(crate) fn into_background(mut self) -> Handle {
        self.owns = false;
        self.handle()
    }

    pub(crate) fn handle_ref(&self) -> &Handle {
        &self.handle
    }

    /// To signal, kill or watch it from elsewhere.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// `term_` and 32 hex digits.
    pub fn id(&self) -> &str {
        self.handle.id()
    }

    /// The child's process number.
    pub fn pid(&self) -> i32 {
        self.handle.pid()
    }

    /// Asks for the end of the whole tree, see [`Handle::kill`].
    pub fn kill(&self, kill: Kill) -> bool {
        self.handle.kill(kill)
    }

    /// Claims streams for [`Process::poll_chunk`], or gives them back: a stream that was given back is held again.
    pub fn claim(&self, from: &[Source], claimed: bool) {
        let pull = if claimed { Pull::Reader } else { Pull::Held };
        self.handle.run().claim(wanted(from), pull);
    }

    /// Lets what no reader has claimed drain into the capture, now and from now on.
    pub fn drain_unread(&self) {
        self.handle.run().drain_unread();
    }

    /// Closes our end of streams: a program that writes to one gets SIGPIPE.
    pub fn close_output(&self, from: &[Source]) {
        self.handle.run().streams().close(wanted(from));
    }

    /// The next chunk of streams that were claimed; `None` after their last byte. One reader at a time a stream.
    pub fn poll_chunk(&self, from: &[Source], cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        self.handle.run().streams().poll_read_from(wanted(from), cx)
    }

    /// What claimed streams give next, as much as there is room for in `buffer` (which must have some), and whose it is;
    /// `None` after their last byte. One reader at a time a stream.
    pub fn poll_read(
        &self,
        from: &[Source],
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Option<Source>> {
        self.handle.run().streams().poll_read_into(wanted(from), cx, buffer)
    }

    /// Waits for the child's end, not for its last byte. What nobody reads drains into the capture. Cancel-safe.
    pub async fn status(&self) -> Exit {
        self.handle.run().drain();
        self.handle.leader_ended().await
    }

    /// Waits for the last byte. What nobody reads drains into the capture. Cancel-safe. A run that was killed by its
    /// handle comes back as an output with that reason.
    ///
    /// # Errors
    /// [`Error::Timeout`] and [`Error::Aborted`] (by its token), with what there was until then.
    pub async fn wait(&self) -> Result<Arc<Output>, Error> {
        self.handle.run().drain();
        ended_well(self.handle.wait().await, Some(EndReason::Killed))
    }
}

fn wanted(from: &[Source]) -> Wanted {
    [from.contains(&Source::Stdout), from.contains(&Source::Stderr)]
}

impl Stream for Process {
    type Item = io::Result<Chunk>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.handle.run().streams().poll_read(cx).map(|chunk| chunk.map(Ok))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.owns {
            return;
        }
        // Now, not when the runtime finds the time; the pump reaps, or its own drop does.
        if self.handle.exit().is_none() {
            self.handle.kill(Kill { signal: Some(Signal::KILL), grace: None });
            self.handle.run().signal_tree(Signal::KILL);
        }
        self.handle.run().drain();
    }
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("handle", &self.handle).finish_non_exhaustive()
    }
}
