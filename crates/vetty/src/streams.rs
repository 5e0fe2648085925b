//! The two output streams of a run and who pulls them: nobody yet, a reader, or the capture.
//!
//! Whoever pulls reads from the kernel itself, under one lock, so that bytes keep their order and a reader costs no task
//! hop. After the child's death the pump alone reads what is left, whoever pulled before.

mod redaction;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use vetty_process::PipeReader;

use crate::capture::{Capture, Captured};
use crate::held::Held;
use crate::output::{Chunk, Output, Source};
use crate::session::watch::Watch;
use crate::side::{READ_SIZE, Reading, Side, scratch};
use crate::tap::Taps;

/// What the pump reads in one go before it lets others run.
const BUDGET: usize = 1024 * 1024;
/// What may come to wait for a reader after the child's death: what both pipes can hold, and a little more.
const LAST_WORDS: usize = 2 * PipeReader::GROWN_SIZE + READ_SIZE;

/// What may wait for a tap before its run is slowed.
const TAP_BACKLOG: usize = 1024 * 1024;

/// Which streams, by [`Source`].
pub(crate) type Wanted = [bool; 2];
/// Both.
pub(crate) const BOTH: Wanted = [true, true];

/// Who pulls a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pull {
    /// Nobody yet: a little is held, then the child waits.
    Held,
    /// A reader, at its own speed.
    Reader,
    /// Nobody wants it: it drains into the capture.
    Drain,
    /// Somebody looks at it as it comes, and nobody takes it: the newest is held.
    Watched,
}

pub(crate) struct Streams {
    sides: [Side; 2],
    /// Read already, for a reader to come.
    held: Held,
    high_water_mark: usize,
    /// Bytes that may be written, both streams; `None` once it was exceeded and said.
    limit: Option<u64>,
    /// The child is dead: only the pump reads.
    last_words: bool,
    /// Bytes that waited for a reader or a tap when the child died.
    waiting_at_death: usize,
    /// Set by a reader's error or the end of the run: a reader finds the end behind what is held.
    finished: bool,
    next_side: usize,
    last_read: Instant,
    readers: [Option<Waker>; 2],
    taps: Taps,
    pump: Option<Waker>,
    /// Of a session: looks at all that is read.
    watch: Option<Watch>,
    /// Bytes that were held for a reader and are gone.
    lost: u64,
}

/// What the pump found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pumped {
    /// Every stream is at its end.
    Ended,
    /// More than may wait for a reader was written after the child's death.
    Flooded,
    /// More was written than the limit allows. Said once.
    OverLimit,
}

impl Streams {
    pub(crate) fn new(
        stdout: Option<Reading>,
        stderr: Option<Reading>,
        pull: Pull,
        capture_limit: usize,
        high_water_mark: usize,
        limit: Option<u64>,
    ) -> Streams {
        let side = |source, pipe| Side::new(source, pipe, pull, Capture::new(capture_limit));
        Streams {
            sides: [side(Source::Stdout, stdout), side(Source::Stderr, stderr)],
            held: Held::default(),
            high_water_mark,
            limit,
            last_words: false,
            waiting_at_death: 0,
            finished: false,
            next_side: 0,
            last_read: Instant::now(),
            readers: [None, None],
            taps: Taps::default(),
            pump: None,
            watch: None,
            lost: 0,
        }
    }

    /// Changes who pulls. What was held for a reader goes into the capture when nobody will read it.
    pub(crate) fn set_pull(&mut self, pull: Pull) {
        if self.sides.iter().all(|side| side.pull == pull) {
            return;
        }
        self.sides.iter_mut().for_each(|side| side.pull = pull);
        if pull == Pull::Drain {
            for chunk in self.held.take_all() {
                self.sides[chunk.source as usize].capture.push(&chunk.data);
            }
        }
        self.wake_pump();
    }

    /// Claims streams for a reader or gives them back. What the capture had of a stream comes first for its new reader.
    pub(crate) fn claim(&mut self, wanted: Wanted, pull: Pull) {
        for index in (0..2).filter(|index| wanted[*index]) {
            let side = &mut self.sides[index];
            if side.pull == Pull::Drain && pull != Pull::Drain {
                let data = side.capture.take().bytes;
                if !data.is_empty() {
                    self.waiting_at_death += data.len();
                    self.held.push_chunk(Chunk { source: side.source, data });
                }
            }
            side.pull = pull;
        }
        self.wake_pump();
    }

    /// For a new reader after the end: what was drained of its streams lies in the output.
    pub(crate) fn give_back(&mut self, wanted: Wanted, output: &Output) {
        for (index, data) in [&output.stdout, &output.stderr].into_iter().enumerate() {
            let side = &mut self.sides[index];
            if wanted[index] && side.pull == Pull::Drain && !data.is_empty() {
                side.pull = Pull::Held;
                self.held.push_chunk(Chunk { source: side.source, data: data.clone() });
            }
        }
    }

    /// What no reader has claimed goes into the capture, what was held as well.
    pub(crate) fn drain_unread(&mut self) {
        if self.sides.iter().all(|side| side.pull != Pull::Held) {
            return;
        }
        for chunk in self.held.take_all() {
            let side = &mut self.sides[chunk.source as usize];
            if side.pull == Pull::Held {
                side.capture.push(&chunk.data);
            } else {
                self.held.push_chunk(chunk);
            }
        }
        self.sides.iter_mut().filter(|side| side.pull == Pull::Held).for_each(|side| side.pull = Pull::Drain);
        self.wake_pump();
    }

    /// Reads no more of them, and lets the writer know.
    pub(crate) fn close(&mut self, wanted: Wanted) {
        for index in (0..2).filter(|index| wanted[*index]) {
            self.sides[index].pipe = None;
            self.wake_reader(index);
        }
        self.wake_pump();
    }

    /// What is known of both streams now, for a tap: what was captured, then what is held.
    pub(crate) fn open_tap(&mut self) -> usize {
        let captured = self.sides.iter().map(|side| (side.source, side.capture.snapshot().bytes));
        let known = captured.map(|(source, data)| Chunk { source, data }).chain(self.held.iter().cloned());
        let known = known.filter(|chunk| !chunk.data.is_empty()).collect();
        self.taps.open(known)
    }

    /// The same of a run that has ended: what it was captured of lies in its output.
    pub(crate) fn open_tap_of(&mut self, output: &Output) -> usize {
        let captured = [(Source::Stdout, &output.stdout), (Source::Stderr, &output.stderr)];
        let captured = captured.into_iter().filter(|(_, data)| !data.is_empty());
        self.taps.open(captured.map(|(source, data)| Chunk { source, data: data.clone() }).collect())
    }

    pub(crate) fn close_tap(&mut self, key: usize) {
        self.taps.close(key);
        self.wake_pump();
    }

    /// What comes next in a tap; the end after the last byte.
    pub(crate) fn poll_tap(&mut self, key: usize, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        match self.taps.poll(key, cx) {
            Poll::Ready(chunk) => {
                self.wake_pump();
                Poll::Ready(chunk)
            }
            Poll::Pending if self.finished => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Bytes read so far, both streams.
    pub(crate) fn total(&self) -> u64 {
        self.sides.iter().map(|side| side.total).sum()
    }

    pub(crate) fn totals(&self) -> [u64; 2] {
        [self.sides[0].total, self.sides[1].total]
    }

    pub(crate) fn captured(&self) -> [Captured; 2] {
        [self.sides[0].capture.snapshot(), self.sides[1].capture.snapshot()]
    }

    pub(crate) fn take_captured(&mut self) -> [Captured; 2] {
        [self.sides[0].capture.take(), self.sides[1].capture.take()]
    }

    pub(crate) fn last_read(&self) -> Instant {
        self.last_read
    }

    fn waiting(&self) -> usize {
        self.held.bytes().max(self.taps.backlog())
    }

    /// Looks at all that will be read.
    pub(crate) fn watch_with(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    /// Of a session.
    pub(crate) fn watch(&mut self) -> Option<&mut Watch> {
        self.watch.as_mut()
    }

    /// Bytes that no reader will see.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Holds no more than it may.
    fn forget_oldest(&mut self) {
        self.lost += self.held.forget_oldest(self.high_water_mark);
    }

    fn at_end(&self) -> bool {
        self.sides.iter().all(|side| side.pipe.is_none())
    }

    /// From now on only the pump reads.
    pub(crate) fn child_died(&mut self) {
        self.last_words = true;
        for side in &self.sides {
            if let Some(Reading::Terminal(pty)) = &side.pipe {
                pty.leader_ended();
            }
        }
        self.waiting_at_death = self.waiting();
        self.last_read = Instant::now();
    }

    /// No more will come. Says whether a stream was not at its end.
    pub(crate) fn finish(&mut self) -> bool {
        let incomplete = !self.at_end();
        self.sides.iter_mut().for_each(|side| side.pipe = None);
        (0..2).for_each(|index| self.give_rest(index));
        self.finished = true;
        self.wake_reader(0);
        self.wake_reader(1);
        self.taps.wake();
        if let Some(watch) = &mut self.watch {
            watch.end();
        }
        incomplete
    }

    fn wake_pump(&mut self) {
        if let Some(waker) = self.pump.take() {
            waker.wake();
        }
    }

    fn wake_reader(&mut self, side: usize) {
        if let Some(waker) = self.readers[side].take() {
            waker.wake();
        }
    }

    /// The pump's share: reads what no reader reads. Pending while there is nothing to do.
    pub(crate) fn poll_pump(&mut self, cx: &mut Context<'_>) -> Poll<Pumped> {
        self.pump = Some(cx.waker().clone());
        // Whoever waits for the streams waits for what a screen makes of them, too.
        let has_screen = self.watch.as_ref().is_some_and(Watch::has_screen);
        let mut budget = if has_screen { BUDGET / 16 } else { BUDGET };
        loop {
            if self.limit.is_some_and(|limit| self.total() > limit) {
                self.limit = None;
                return Poll::Ready(Pumped::OverLimit);
            }
            if self.at_end() {
                return Poll::Ready(Pumped::Ended);
            }
            if self.last_words && self.waiting() > self.waiting_at_death + LAST_WORDS {
                return Poll::Ready(Pumped::Flooded);
            }
            let mut read = 0;
            for index in 0..2 {
                if self.pump_may_read(index) {
                    read += self.pump_side(index, cx);
                }
            }
            if read == 0 && !self.at_end() {
                return Poll::Pending;
            }
            budget = budget.saturating_sub(read);
            if budget == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }

    fn pump_may_read(&self, side: usize) -> bool {
        match self.sides[side].pull {
            Pull::Drain => self.last_words || self.taps.backlog() < TAP_BACKLOG,
            Pull::Held => self.last_words || self.held.bytes() < self.high_water_mark,
            Pull::Watched => true,
            Pull::Reader => self.last_words,
        }
    }

    /// One read; 0 if there was nothing, or no more.
    fn pump_side(&mut self, index: usize, cx: &mut Context<'_>) -> usize {
        scratch(|buffer| {
            let side = &mut self.sides[index];
            let Some(pipe) = side.pipe.as_mut() else { return 0 };
            let length = match Pin::new(pipe).poll_read(cx, buffer) {
                Poll::Pending => return 0,
                Poll::Ready(Ok(())) => buffer.filled().len(),
                Poll::Ready(Err(error)) => {
                    tracing::debug!(%error, "a pipe cannot be read any more");
                    0
                }
            };
            if length == 0 {
                side.pipe = None;
                self.give_rest(index);
                self.wake_reader(index);
                return 0;
            }
            side.total += length as u64;
            let data = buffer.filled();
            match &mut side.redaction {
                Some(redaction) => {
                    let shown = redaction.push(data);
                    self.give(index, &shown);
                }
                None => self.give(index, data),
            }
            self.last_read = Instant::now();
            length
        })
    }

    /// The share of a reader of both streams.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        self.set_pull(Pull::Reader);
        self.poll_read_from(BOTH, cx)
    }

    /// The share of a reader that has claimed some streams: what is held of them, else what it reads itself.
    pub(crate) fn poll_read_from(&mut self, wanted: Wanted, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        if let Some(chunk) = self.held.pop(wanted) {
            return Poll::Ready(Some(chunk));
        }
        let read = ready!(self.poll_sides(wanted, cx, Side::poll_chunk));
        Poll::Ready(read.inspect(|chunk| {
            self.taps.push(chunk);
            if let Some(watch) = &mut self.watch {
                watch.see(&chunk.data);
            }
        }))
    }

    /// The same into memory of the reader's. What is held comes first.
    pub(crate) fn poll_read_into(
        &mut self,
        wanted: Wanted,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Option<Source>> {
        if let Some(source) = self.held.fill(wanted, buffer) {
            return Poll::Ready(Some(source));
        }
        if self.sides.iter().any(|side| side.redaction.is_some()) {
            // It may become more than there is room for.
            let Some(chunk) = ready!(self.poll_read_from(wanted, cx)) else { return Poll::Ready(None) };
            self.held.push_chunk(chunk);
            return Poll::Ready(self.held.fill(wanted, buffer));
        }
        let before = buffer.filled().len();
        let source = ready!(self.poll_sides(wanted, cx, |side, cx| side.poll_into(cx, buffer)));
        let data = &buffer.filled()[before..];
        if let Some(source) = source
            && self.taps.any()
        {
            self.taps.push(&Chunk { source, data: Bytes::copy_from_slice(data) });
        }
        if let Some(watch) = &mut self.watch {
            watch.see(data);
        }
        Poll::Ready(source)
    }

    /// Lets the wanted sides read, in turn, until one has something.
    fn poll_sides<T>(
        &mut self,
        wanted: Wanted,
        cx: &mut Context<'_>,
        mut read: impl FnMut(&mut Side, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<Option<T>> {
        if self.finished || self.none_open(wanted) {
            return Poll::Ready(None);
        }
        if !self.last_words {
            for _ in 0..2 {
                self.next_side ^= 1;
                if !wanted[self.next_side] {
                    continue;
                }
                if let Poll::Ready(read) = read(&mut self.sides[self.next_side], cx) {
                    self.last_read = Instant::now();
                    if self.limit.is_some_and(|limit| self.total() > limit) {
                        self.wake_pump();
                    }
                    match read {
                        Ok(read) => {
                            if self.sides[self.next_side].pipe.is_none() {
                                self.wake_pump();
                            }
                            return Poll::Ready(Some(read));
                        }
                        Err(error) => {
                            if error.kind() != io::ErrorKind::UnexpectedEof {
                                tracing::debug!(%error, "a pipe cannot be read any more");
                            }
                            self.wake_pump();
                        }
                    }
                }
            }
            if self.none_open(wanted) {
                return Poll::Ready(None);
            }
        }
        for index in (0..2).filter(|index| wanted[*index]) {
            self.readers[index] = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn none_open(&self, wanted: Wanted) -> bool {
        (0..2).all(|index| !wanted[index] || self.sides[index].pipe.is_none())
    }
}
