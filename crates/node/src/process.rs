//! The addon's process: a run that JavaScript reads, writes, watches and ends.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use napi::Env;
use napi::bindgen_prelude::{BufferSlice, Function, Object, PromiseRaw, spawn};
use napi_derive::napi;
use tokio::io::{AsyncWriteExt, ReadBuf};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use vetty::{CancellationToken, Chunk, Handle, Kill, Process, Signal, Source, Stdin, Tap};

use crate::callback::{Piece, Told, name, piece, tell, tell_now_or_later, told};
use crate::outcome::{Outcome, exit};
use crate::terminal::Cancellation;

/// A run.
#[napi]
pub struct NativeProcess {
    handle: Handle,
    shared: Arc<Shared>,
    stdin: Arc<AsyncMutex<Option<Stdin>>>,
}

/// What [`NativeProcess::read_now`] read.
#[napi(object, object_from_js = false)]
pub struct ReadNow {
    /// Whose it is; null after the last byte.
    pub source: Option<&'static str>,
    /// In bytes.
    pub length: u32,
}

/// What a pending read holds on to.
struct Shared {
    /// Absent of a run that is only listed: then its output is listened to, not taken.
    process: Option<Process>,
    tap: Mutex<Option<Pin<Box<Tap>>>>,
}

impl NativeProcess {
    fn new(handle: Handle, process: Option<Process>, stdin: Option<Stdin>) -> NativeProcess {
        NativeProcess {
            handle,
            shared: Arc::new(Shared { process, tap: Mutex::new(None) }),
            stdin: Arc::new(AsyncMutex::new(stdin)),
        }
    }

    /// Only listed, not owned.
    pub(crate) fn listed(handle: Handle) -> NativeProcess {
        NativeProcess::new(handle, None, None)
    }

    /// Waits for readers.
    pub(crate) fn held(mut process: Process) -> NativeProcess {
        let stdin = process.stdin.take();
        let writable = stdin.is_some();
        let started = NativeProcess::new(process.handle(), Some(process), stdin);
        if writable {
            started.close_input_at_the_end();
        }
        started
    }

    /// Nobody reads it any more then, and a collector may come late.
    fn close_input_at_the_end(&self) {
        let handle = self.handle.clone();
        let stdin = Arc::clone(&self.stdin);
        spawn(async move {
            handle.wait().await;
            stdin.lock().await.take();
        });
    }

    /// The input, in the order of the calls of this: their tasks may begin in any other.
    fn turn_of_input(&self) -> impl Future<Output = OwnedMutexGuard<Option<Stdin>>> + Send + use<> {
        let mut turn = Box::pin(Arc::clone(&self.stdin).lock_owned());
        // Whoever was polled is in the queue.
        let now = turn.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        async move {
            match now {
                Poll::Ready(stdin) => stdin,
                Poll::Pending => turn.await,
            }
        }
    }

    /// Drains into its capture; [`NativeProcess::next_tapped`] hears it all.
    pub(crate) fn tapped(process: Process) -> NativeProcess {
        let started = NativeProcess::held(process);
        started.listen();
        started.drain_unread();
        started
    }

    /// `{ json, process }`
    pub(crate) fn into_js(self, env: &Env) -> napi::Result<Object<'_>> {
        let mut object = Outcome::started(&self.handle).into_js(env)?;
        object.set("process", self)?;
        Ok(object)
    }
}

#[napi]
impl NativeProcess {
    /// Begins to listen beside whoever reads.
    #[napi]
    pub fn listen(&self) {
        let mut tap = self.shared.tap.lock().unwrap_or_else(PoisonError::into_inner);
        tap.get_or_insert_with(|| Box::pin(self.handle.tap()));
    }

    /// Stops listening.
    #[napi]
    pub fn unlisten(&self) {
        self.shared.tap.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Calls back with what was heard next, its source and its bytes, or with null at the end. Holds no event loop.
    #[napi(ts_args_type = "callback: (source: string | null | undefined, data: Uint8Array | null) => void")]
    pub fn next_tapped(&self, callback: Function<'_, Piece, ()>) -> napi::Result<()> {
        let shared = Arc::clone(&self.shared);
        tell(&callback, async move { poll_fn(|cx| shared.poll_tap(cx)).await.map(parts) }, piece)
    }

    /// What was heard already, without waiting; null if nothing was.
    #[napi(ts_return_type = "{ source: string, data: Uint8Array } | null")]
    pub fn next_tapped_now<'env>(&self, env: &'env Env) -> napi::Result<Option<Object<'env>>> {
        match self.shared.poll_tap(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(chunk)) => js_chunk(env, &chunk).map(Some),
            Poll::Ready(None) | Poll::Pending => Ok(None),
        }
    }

    /// Claims streams for a reader, or gives them back; bit 0 is standard output, bit 1 standard error.
    #[napi]
    pub fn claim(&self, streams: u32, claimed: bool) {
        if let Some(process) = &self.shared.process {
            process.claim(sources(streams), claimed);
        }
    }

    /// Closes our end of streams.
    #[napi]
    pub fn close_output(&self, streams: u32) {
        if let Some(process) = &self.shared.process {
            process.close_output(sources(streams));
        }
    }

    /// Lets what no reader has claimed drain into the capture.
    #[napi]
    pub fn drain_unread(&self) {
        if let Some(process) = &self.shared.process {
            process.drain_unread();
        }
    }

    /// What claimed streams give now, into `buffer`; null if there is nothing to be read without waiting. On this thread: a
    /// read costs less than two hops.
    #[napi]
    pub fn read_now(&self, mut buffer: BufferSlice<'_>, streams: u32) -> Option<ReadNow> {
        let process = self.shared.process.as_ref()?;
        let mut buffer = ReadBuf::new(&mut buffer);
        match process.poll_read(sources(streams), &mut Context::from_waker(Waker::noop()), &mut buffer) {
            Poll::Pending => None,
            Poll::Ready(source) => Some(ReadNow {
                source: source.map(name),
                length: u32::try_from(buffer.filled().len()).unwrap_or(u32::MAX),
            }),
        }
    }

    /// Calls back with what claimed streams give next, its source and its bytes, or with null at the end. `cancel` ends the
    /// wait, not the stream, and gives null. Holds no event loop.
    #[napi(
        ts_args_type = "streams: number, cancel: Cancellation, callback: (source: string | null | undefined, data: Uint8Array | null) => void"
    )]
    pub fn next(
        &self,
        streams: u32,
        cancel: &Cancellation,
        callback: Function<'_, Piece, ()>,
    ) -> napi::Result<()> {
        let shared = Arc::clone(&self.shared);
        let cancel = cancel.token();
        let next = async move {
            let mut cancelled = pin!(cancel.cancelled());
            poll_fn(|cx| {
                if cancelled.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(None);
                }
                match &shared.process {
                    Some(process) => process.poll_chunk(sources(streams), cx),
                    None => shared.poll_tap(cx),
                }
            })
            .await
            .map(parts)
        };
        tell(&callback, next, piece)
    }

    /// Calls back when all was accepted; with `CLOSED` if the other end is closed, `ABORTED` if `cancel` happened. Holds no
    /// event loop.
    #[napi(
        ts_args_type = "data: Uint8Array, cancel: Cancellation | undefined | null, callback: (failure: string | null | undefined) => void"
    )]
    pub fn write(
        &self,
        data: &[u8],
        cancel: Option<&Cancellation>,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let turn = self.turn_of_input();
        let data = data.to_vec();
        let cancel = cancel.map_or_else(CancellationToken::new, Cancellation::token);
        let written = async move {
            let write = async {
                let mut stdin = turn.await;
                let Some(pipe) = stdin.as_mut() else {
                    return Some("CLOSED");
                };
                pipe.write_all(&data).await.is_err().then_some("CLOSED")
            };
            let failure = cancel.run_until_cancelled(write).await.unwrap_or(Some("ABORTED"));
            failure.map(str::to_owned)
        };
        tell_now_or_later(callback, written)
    }

    /// Closes the input, behind what is being written.
    #[napi]
    pub fn end<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let turn = self.turn_of_input();
        env.spawn_future(async move {
            turn.await.take();
            Ok(())
        })
    }

    /// Calls back once, with the exit as JSON, after the last byte. Holds no event loop.
    #[napi(ts_args_type = "callback: (exit: string | undefined) => void")]
    pub fn watch(&self, callback: Function<'_, Told<String>, ()>) -> napi::Result<()> {
        let handle = self.handle.clone();
        let ended = async move { exit(&handle.wait().await.exit).to_string() };
        tell(&callback, ended, |_, exit| Ok(told(Some(exit))))
    }

    /// The exit as JSON, once the last byte was read.
    #[napi]
    pub fn ended(&self) -> Option<String> {
        self.handle.output().map(|output| exit(&output.exit).to_string())
    }

    /// How it ended, once the last byte was read.
    #[napi(ts_return_type = "object | null")]
    pub fn outcome<'env>(&self, env: &'env Env) -> napi::Result<Option<Object<'env>>> {
        self.handle.output().map(|output| Outcome::of(Ok(output)).into_js(env)).transpose()
    }

    /// The exit as JSON, as soon as the program has ended.
    #[napi]
    pub fn exit(&self) -> Option<String> {
        self.handle.exit().map(|ended| exit(&ended).to_string())
    }

    /// One signal to the program alone; `false` if it has ended.
    #[napi]
    pub fn signal(&self, name: String) -> bool {
        name.parse().is_ok_and(|signal: Signal| self.handle.signal(signal))
    }

    /// One signal to the whole tree; `false` if the program has ended.
    #[napi]
    pub fn signal_tree(&self, name: String) -> bool {
        name.parse().is_ok_and(|signal: Signal| self.handle.signal_tree(signal))
    }

    /// Asks for the end of the tree; `false` if the program has ended.
    #[napi]
    pub fn kill(&self, signal: Option<String>, grace: Option<f64>) -> bool {
        let signal = signal.and_then(|name| name.parse().ok());
        self.handle.kill(Kill { signal, grace: grace.map(|grace| Duration::from_secs_f64(grace / 1000.0)) })
    }
}

impl Shared {
    fn poll_tap(&self, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        match self.tap.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(tap) => tap.as_mut().poll_next(cx),
            None => Poll::Ready(None),
        }
    }
}

fn sources(streams: u32) -> &'static [Source] {
    match streams {
        1 => &[Source::Stdout],
        2 => &[Source::Stderr],
        _ => &[Source::Stdout, Source::Stderr],
    }
}

fn parts(chunk: Chunk) -> (Source, Bytes) {
    (chunk.source, chunk.data)
}

fn js_chunk<'env>(env: &'env Env, chunk: &Chunk) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("source", name(chunk.source))?;
    object.set("data", BufferSlice::copy_from(env, &chunk.data)?)?;
    Ok(object)
}
