//! Calls back into JavaScript: once each, holding no event loop, and with nothing after the environment's end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use napi::bindgen_prelude::{Buffer, BufferSlice, Either, FnArgs, Function, JsValuesTupleIntoVec, spawn};
use napi::threadsafe_function::{ThreadsafeCallContext, ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use vetty::Source;

use crate::host_end::is_over;

/// Undefined once the environment has ended. Deno calls back even then, when what JavaScript would go on with is gone.
pub(crate) type Told<T> = Either<Option<T>, ()>;

pub(crate) fn told<T>(value: Option<T>) -> Told<T> {
    if is_over() { Either::B(()) } else { Either::A(value) }
}

/// The source and the bytes of a chunk, as arguments.
pub(crate) type Piece = FnArgs<(Told<String>, Option<Buffer>)>;

pub(crate) fn piece(env: &Env, chunk: Option<(Source, Bytes)>) -> napi::Result<Piece> {
    let Some((source, data)) = chunk else {
        return Ok((told(None), None).into());
    };
    let data = BufferSlice::copy_from(env, &data)?.into_buffer(env)?;
    Ok((told(Some(name(source).to_owned())), Some(data)).into())
}

pub(crate) fn name(source: Source) -> &'static str {
    match source {
        Source::Stdout => "stdout",
        Source::Stderr => "stderr",
    }
}

/// Calls back with what comes, once. A promise would hold the event loop for as long as it is pending.
pub(crate) fn tell<T: Send + 'static, Args: JsValuesTupleIntoVec + 'static>(
    callback: &Function<'_, Args, ()>,
    coming: impl Future<Output = T> + Send + 'static,
    mut arguments: impl FnMut(&Env, T) -> napi::Result<Args> + 'static,
) -> napi::Result<()> {
    let callback = callback
        .build_threadsafe_function::<T>()
        .weak::<true>()
        .build_callback(move |ThreadsafeCallContext { env, value }| arguments(&env, value))?;
    spawn(async move {
        callback.call(coming.await, ThreadsafeFunctionCallMode::NonBlocking);
    });
    Ok(())
}

/// A waker that calls back with `true`, again and again: there may be something now. Holds no event loop.
pub(crate) struct WakeUp {
    callback: ThreadsafeFunction<(), (), Told<bool>, Status, false, true>,
}

impl WakeUp {
    pub(crate) fn new(callback: &Function<'_, Told<bool>, ()>) -> napi::Result<Arc<WakeUp>> {
        let callback = callback
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build_callback(|_| Ok(told(Some(true))))?;
        Ok(Arc::new(WakeUp { callback }))
    }

    pub(crate) fn wake_up(&self) {
        self.callback.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }
}

impl Wake for WakeUp {
    fn wake(self: Arc<Self>) {
        self.wake_up();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_up();
    }
}

/// The same, before it returns if what comes is there: that costs no other thread.
pub(crate) fn tell_now_or_later<T: Send + 'static>(
    callback: Function<'_, Told<T>, ()>,
    coming: impl Future<Output = Option<T>> + Send + 'static,
) -> napi::Result<()>
where
    Told<T>: JsValuesTupleIntoVec,
{
    let mut coming: Pin<Box<dyn Future<Output = Option<T>> + Send>> = Box::pin(coming);
    match coming.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => callback.call(told(value)),
        Poll::Pending => tell(&callback, coming, |_, value| Ok(told(value))),
    }
}
