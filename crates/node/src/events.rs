//! The addon's events of a session.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use napi::Env;
use napi::bindgen_prelude::{BufferSlice, Either3, Function, Null, Undefined};
use napi_derive::napi;
use serde_json::{Value, json};
use vetty::screen::Event;
use vetty::{SessionEvent, SessionEvents};

use crate::callback::{Told, WakeUp};
use crate::outcome::exit;
use crate::screen::command;
use crate::session::NativeSession;

/// What a session's output says beside text.
#[napi]
pub struct NativeEvents {
    events: Mutex<Option<SessionEvents>>,
    wake_up: Arc<WakeUp>,
}

/// One event.
#[napi(object, object_from_js = false)]
pub struct Happened<'env> {
    /// The JavaScript event without its bytes.
    pub json: String,
    /// Of a clipboard or a picture.
    pub data: Option<BufferSlice<'env>>,
}

#[napi]
impl NativeSession {
    /// Listens; calls back with true when `read` may have something. Holds no event loop.
    #[napi(ts_args_type = "callback: (ready: boolean | undefined) => void")]
    pub fn events(&self, callback: Function<'_, Told<bool>, ()>) -> napi::Result<NativeEvents> {
        let events = self.session().events();
        Ok(NativeEvents { events: Mutex::new(Some(events)), wake_up: WakeUp::new(&callback)? })
    }
}

#[napi]
impl NativeEvents {
    /// The next event; null behind the last; undefined if there is none yet, then the callback comes.
    #[napi(ts_return_type = "Happened | null | undefined")]
    pub fn read<'env>(&self, env: &'env Env) -> napi::Result<Either3<Happened<'env>, Null, Undefined>> {
        let waker = Waker::from(Arc::clone(&self.wake_up));
        let polled = match &mut *self.events() {
            Some(events) => Pin::new(events).poll_next(&mut Context::from_waker(&waker)),
            None => Poll::Ready(None),
        };
        Ok(match polled {
            Poll::Ready(Some(event)) => {
                let (json, data) = told(event);
                let data = data.map(|data| BufferSlice::copy_from(env, &data)).transpose()?;
                Either3::A(Happened { json: json.to_string(), data })
            }
            Poll::Ready(None) => Either3::B(Null),
            Poll::Pending => Either3::C(()),
        })
    }

    /// Listens no more.
    #[napi]
    pub fn close(&self) {
        self.events().take();
    }

    fn events(&self) -> MutexGuard<'_, Option<SessionEvents>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The JavaScript `SessionEvent`, and its bytes.
fn told(event: SessionEvent) -> (Value, Option<Vec<u8>>) {
    let json = match event {
        SessionEvent::Screen(Event::Clipboard { selection, data }) => {
            return (json!({ "type": "clipboard", "selection": selection }), Some(data));
        }
        SessionEvent::Screen(Event::Image(image)) => {
            let json = json!({
                "type": "image",
                "protocol": image.protocol,
                "at": image.at,
                "pixels": image.pixels.map(|(width, height)| json!({ "width": width, "height": height })),
                "cells": image.cells.map(|(cols, rows)| json!({ "cols": cols, "rows": rows })),
                "bytes": image.bytes,
                "file": image.file.as_ref().map(|file| &file.path),
            });
            return (json, image.payload);
        }
        SessionEvent::Screen(event) => of_screen(event),
        SessionEvent::Resize(size) => {
            json!({ "type": "resize", "size": { "cols": size.cols(), "rows": size.rows() } })
        }
        SessionEvent::Lag(dropped) => json!({ "type": "lag", "dropped": dropped }),
        SessionEvent::Exit(at) => json!({ "type": "exit", "exit": exit(&at) }),
        _ => Value::Null,
    };
    (json, None)
}

fn of_screen(event: Event) -> Value {
    match event {
        Event::Title(title) => json!({ "type": "title", "title": title }),
        Event::Bell => json!({ "type": "bell" }),
        Event::Cwd(uri) => json!({ "type": "cwd", "uri": uri }),
        Event::Notification { title, body } => {
            json!({ "type": "notification", "title": title, "body": body })
        }
        Event::Progress { state, percent } => {
            json!({ "type": "progress", "state": state, "percent": percent })
        }
        Event::ClipboardRead { selection } => json!({ "type": "clipboardRead", "selection": selection }),
        Event::Command(mark) => json!({ "type": "command", "command": command(&mark) }),
        Event::AlternateScreen(active) => json!({ "type": "alternateScreen", "active": active }),
        _ => Value::Null,
    }
}
