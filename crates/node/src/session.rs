//! The addon's session: a program on a terminal that JavaScript reads, types to and waits for.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use napi::Env;
use napi::bindgen_prelude::{BufferSlice, Either3, Function, Null, Object, Undefined};
use napi_derive::napi;
use serde_json::{Value, json};
use vetty::{Error, Foreground, Secret, Session, SessionTap, Size, TapChunk, Waited};

use crate::callback::{Told, WakeUp, tell, tell_now_or_later, told};
use crate::condition::WaitFor;
use crate::outcome::{Outcome, exit};
use crate::process::NativeProcess;
use crate::reading::Reading;
use crate::screen::NativeScreen;
use crate::terminal::Cancellation;

/// A program on a terminal.
#[napi]
pub struct NativeSession {
    session: Arc<Session>,
    reading: Mutex<Option<Arc<Reading>>>,
}

impl NativeSession {
    pub(crate) fn new(session: Session) -> NativeSession {
        NativeSession { session: Arc::new(session), reading: Mutex::default() }
    }

    /// `{ json, process, session }`
    pub(crate) fn into_js(self, env: &Env) -> napi::Result<Object<'_>> {
        let handle = self.session.handle();
        let mut object = Outcome::started(&handle).into_js(env)?;
        object.set("process", NativeProcess::listed(handle))?;
        object.set("session", self)?;
        Ok(object)
    }
}

#[napi]
impl NativeSession {
    /// Claims the output for a reader; `false` while there is another one. Calls back with true when `read` may have
    /// something. Holds no event loop.
    #[napi(ts_args_type = "callback: (ready: boolean | undefined) => void")]
    pub fn claim(&self, callback: Function<'_, Told<bool>, ()>) -> napi::Result<bool> {
        let Ok(reader) = self.session.reader() else {
            return Ok(false);
        };
        *self.reading() = Some(Reading::new(reader, WakeUp::new(&callback)?));
        Ok(true)
    }

    /// Gives it back, and what was read for it already.
    #[napi(ts_return_type = "Uint8Array | null")]
    pub fn release<'env>(&self, env: &'env Env) -> napi::Result<Option<BufferSlice<'env>>> {
        let rest = self.reading().take().map(|reading| reading.release());
        rest.filter(|rest| !rest.is_empty()).map(|rest| BufferSlice::copy_from(env, &rest)).transpose()
    }

    /// What comes next; null at the end; undefined if nothing is there yet, then the reader's callback comes.
    #[napi(ts_return_type = "Uint8Array | null | undefined")]
    pub fn read<'env>(&self, env: &'env Env) -> napi::Result<Either3<BufferSlice<'env>, Null, Undefined>> {
        let polled = match &*self.reading() {
            Some(reading) => reading.poll(|data| BufferSlice::copy_from(env, data)),
            None => Poll::Ready(None),
        };
        Ok(match polled {
            Poll::Ready(Some(data)) => Either3::A(data?),
            Poll::Ready(None) => Either3::B(Null),
            Poll::Pending => Either3::C(()),
        })
    }

    /// Types bytes as they are. Calls back with null when the terminal has taken them, at once if it does so at once; else
    /// with the error as JSON; with `ABORTED` if `cancel` happened. Holds no event loop.
    #[napi(
        ts_args_type = "data: Uint8Array, cancel: Cancellation | undefined | null, callback: (failure: string | null | undefined) => void"
    )]
    pub fn write(
        &self,
        data: &[u8],
        cancel: Option<&Cancellation>,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let (session, data) = (Arc::clone(&self.session), data.to_vec());
        self.typed(cancel, callback, async move { session.write(data).await })
    }

    /// The same, as a person types.
    #[napi(
        ts_args_type = "text: string, cancel: Cancellation | undefined | null, callback: (failure: string | null | undefined) => void"
    )]
    pub fn send(
        &self,
        text: String,
        cancel: Option<&Cancellation>,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let session = Arc::clone(&self.session);
        self.typed(cancel, callback, async move { session.send(&text).await })
    }

    /// The same, as a terminal pastes.
    #[napi(
        ts_args_type = "text: string, cancel: Cancellation | undefined | null, callback: (failure: string | null | undefined) => void"
    )]
    pub fn paste(
        &self,
        text: String,
        cancel: Option<&Cancellation>,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let session = Arc::clone(&self.session);
        self.typed(cancel, callback, async move { session.paste(&text).await })
    }

    /// Types bytes, as they are or as a person does, and leaves no copy of them.
    #[napi(
        ts_args_type = "data: Uint8Array, asTyped: boolean, cancel: Cancellation | undefined | null, callback: (failure: string | null | undefined) => void"
    )]
    pub fn write_secret(
        &self,
        data: &[u8],
        as_typed: bool,
        cancel: Option<&Cancellation>,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let (session, secret) = (Arc::clone(&self.session), Secret::from(data));
        self.typed(cancel, callback, async move {
            if as_typed { session.send_secret(&secret).await } else { session.write(secret.expose()).await }
        })
    }

    /// A copy of the output for one more reader; `callback` as that of `claim`.
    #[napi(
        ts_args_type = "maxBytes: number, replay: boolean, callback: (ready: boolean | undefined) => void"
    )]
    pub fn tap(
        &self,
        max_bytes: f64,
        replay: bool,
        callback: Function<'_, Told<bool>, ()>,
    ) -> napi::Result<NativeTap> {
        let tap = self.session.tap(max_bytes as usize, replay);
        Ok(NativeTap { tap: Mutex::new(Some(tap)), wake_up: WakeUp::new(&callback)? })
    }

    /// Changes the size, after what was written before.
    #[napi(
        ts_args_type = "cols: number, rows: number, width: number, height: number, callback: (failure: string | null | undefined) => void"
    )]
    pub fn resize(
        &self,
        cols: u32,
        rows: u32,
        width: u16,
        height: u16,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let size = match Size::new(cols, rows) {
            Ok(size) if (width, height) == (0, 0) => size,
            Ok(size) => size.with_pixels(width, height),
            Err(error) => return Err(napi::Error::from_reason(error.to_string())),
        };
        let session = Arc::clone(&self.session);
        self.typed(None, callback, async move { session.resize(size).await })
    }

    /// Waits for a condition as JSON; types `text` before, if there is one, and looks only at what comes after it. Calls
    /// back with what came, or with an error, as JSON. Holds no event loop.
    #[napi(
        ts_args_type = "condition: string, text: string | undefined | null, secret: boolean, cancel: Cancellation, callback: (json: string | null | undefined) => void"
    )]
    pub fn wait(
        &self,
        condition: String,
        text: Option<String>,
        secret: bool,
        cancel: &Cancellation,
        callback: Function<'_, Told<String>, ()>,
    ) -> napi::Result<()> {
        let session = Arc::clone(&self.session);
        let cancel = cancel.token();
        let wait =
            WaitFor::from_json(&condition).map_err(|error| napi::Error::from_reason(error.to_string()))?;
        let coming = async move {
            let wait = match wait.into_wait() {
                Ok(wait) => wait,
                Err(error) => return json!({ "error": error }),
            };
            let waiting = async {
                match text {
                    Some(text) if secret => session.send_secret_until(&Secret::from(text), wait).await,
                    Some(text) => session.send_until(&text, wait).await,
                    None => session.wait(wait).await,
                }
            };
            match cancel.run_until_cancelled(waiting).await {
                Some(Ok(waited)) => json!({ "result": came(&waited) }),
                Some(Err(error)) => json!({ "error": failed(&error) }),
                None => json!({ "error": { "kind": "AbortError" } }),
            }
        };
        tell(&callback, coming, |_, json: Value| Ok(told(Some(json.to_string()))))
    }

    /// What it shows; null if it was opened without a screen.
    #[napi]
    pub fn screen(&self) -> Option<NativeScreen> {
        self.session.screen().ok().map(NativeScreen::new)
    }

    /// Who has the terminal, as JSON.
    #[napi]
    pub fn foreground(&self) -> String {
        foreground(&self.session.foreground()).to_string()
    }

    /// `[cols, rows]`
    #[napi]
    pub fn size(&self) -> Vec<u32> {
        let size = self.session.size();
        vec![size.cols().into(), size.rows().into()]
    }

    /// Bytes that no reader will see.
    #[napi]
    pub fn lost(&self) -> f64 {
        self.session.lost() as f64
    }

    /// The terminal's file.
    #[napi]
    pub fn terminal_name(&self) -> &str {
        self.session.terminal_name()
    }

    /// The number of our end's descriptor, while the program runs: to be asked about, not to be read.
    #[napi]
    pub fn descriptor(&self) -> Option<i32> {
        self.session.descriptor()
    }

    fn reading(&self) -> MutexGuard<'_, Option<Arc<Reading>>> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(crate) fn typed(
        &self,
        cancel: Option<&Cancellation>,
        callback: Function<'_, Told<String>, ()>,
        typing: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) -> napi::Result<()> {
        let cancel = cancel.map(Cancellation::token);
        let typed = async move {
            let typed = match cancel {
                Some(cancel) => cancel.run_until_cancelled(typing).await,
                None => Some(typing.await),
            };
            match typed {
                Some(Ok(())) => None,
                Some(Err(error)) => Some(crate::error::error(&error).to_string()),
                None => Some("ABORTED".to_owned()),
            }
        };
        tell_now_or_later(callback, typed)
    }
}

/// One more reader of a session, who slows nobody.
#[napi]
pub struct NativeTap {
    tap: Mutex<Option<SessionTap>>,
    wake_up: Arc<WakeUp>,
}

/// What a tap heard next.
#[napi(object, object_from_js = false)]
pub struct Heard<'env> {
    /// Never empty.
    pub data: BufferSlice<'env>,
    /// Bytes that went before it and are gone.
    pub lag: f64,
}

#[napi]
impl NativeTap {
    /// What was heard next; null at the end; undefined if nothing was yet, then the callback comes.
    #[napi(ts_return_type = "Heard | null | undefined")]
    pub fn read<'env>(&self, env: &'env Env) -> napi::Result<Either3<Heard<'env>, Null, Undefined>> {
        let waker = Waker::from(Arc::clone(&self.wake_up));
        let polled = match &mut *self.tap() {
            Some(tap) => Pin::new(tap).poll_next(&mut Context::from_waker(&waker)),
            None => Poll::Ready(None),
        };
        Ok(match polled {
            Poll::Ready(Some(TapChunk { data, lag })) => {
                Either3::A(Heard { data: BufferSlice::copy_from(env, &data)?, lag: lag as f64 })
            }
            Poll::Ready(None) => Either3::B(Null),
            Poll::Pending => Either3::C(()),
        })
    }

    /// Listens no more.
    #[napi]
    pub fn close(&self) {
        self.tap().take();
    }

    fn tap(&self) -> MutexGuard<'_, Option<SessionTap>> {
        self.tap.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn came(waited: &Waited) -> Value {
    let found = waited.found.as_ref().map(|found| {
        let groups: Vec<_> =
            found.groups.iter().map(|group| group.as_deref().map(String::from_utf8_lossy)).collect();
        json!({ "text": String::from_utf8_lossy(&found.bytes), "groups": groups, "at": found.at })
    });
    json!({
        "index": waited.index,
        "match": found,
        "exit": waited.exit.as_ref().map(exit),
        "durationMs": waited.duration.as_secs_f64() * 1000.0,
        "sequence": waited.sequence,
    })
}

fn failed(error: &Error) -> Value {
    let mut facts = crate::error::error(error);
    if let Error::WaitTimeout { idle, foreground: at, screen, .. } = error {
        facts["kind"] = "WaitError".into();
        facts["idleMs"] = (idle.as_secs_f64() * 1000.0).into();
        facts["foreground"] = foreground(at);
        facts["screen"] = json!(screen);
    }
    if let Error::SessionEnded { exit: at, idle, screen, .. } = error {
        facts["kind"] = "WaitError".into();
        facts["exit"] = exit(at);
        facts["idleMs"] = (idle.as_secs_f64() * 1000.0).into();
        facts["screen"] = json!(screen);
    }
    facts
}

/// The JavaScript `Foreground`.
fn foreground(at: &Foreground) -> Value {
    json!({
        "pid": at.pid,
        "name": at.name,
        "state": at.state.as_str(),
        "echo": at.line_mode.is_some_and(|mode| mode.echo),
        "canonical": at.line_mode.is_some_and(|mode| mode.canonical),
    })
}
