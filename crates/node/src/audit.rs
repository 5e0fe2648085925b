//! The addon's audit: events as they are recorded, the end of a trail, and whether a file is what was written.

use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use napi::Env;
use napi::bindgen_prelude::{Function, PromiseRaw};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use vetty::{AuditEvents, AuditHead};

use crate::callback::{Told, WakeUp};

/// The events of a terminal, for one listener.
#[napi]
pub struct NativeAudit {
    listening: Mutex<Listening>,
}

#[derive(Default)]
struct Listening {
    /// Until its end.
    events: Option<AuditEvents>,
    wake_up: Option<Arc<WakeUp>>,
}

impl NativeAudit {
    pub(crate) fn new(events: AuditEvents) -> NativeAudit {
        NativeAudit { listening: Mutex::new(Listening { events: Some(events), wake_up: None }) }
    }

    fn listening(&self) -> MutexGuard<'_, Listening> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[napi]
impl NativeAudit {
    /// Calls back with true when `take` may have something. Holds no event loop.
    #[napi(ts_args_type = "callback: (ready: boolean | undefined) => void")]
    pub fn listen(&self, callback: Function<'_, Told<bool>, ()>) -> napi::Result<()> {
        self.listening().wake_up = Some(WakeUp::new(&callback)?);
        Ok(())
    }

    /// The events since the last call, each as JSON.
    #[napi]
    pub fn take(&self) -> Vec<String> {
        let mut listening = self.listening();
        let waker = listening.wake_up.clone().map_or_else(|| Waker::noop().clone(), Waker::from);
        let mut taken = Vec::new();
        while let Some(events) = &mut listening.events {
            match Pin::new(events).poll_next(&mut Context::from_waker(&waker)) {
                Poll::Ready(Some(event)) => taken.push(event.json().to_owned()),
                Poll::Ready(None) => *listening = Listening::default(),
                Poll::Pending => break,
            }
        }
        taken
    }

    /// Hears no more.
    #[napi]
    pub fn stop(&self) {
        *self.listening() = Listening::default();
    }
}

/// An `AuditHead` as JavaScript has it.
#[derive(Deserialize)]
struct Head {
    sequence: u64,
    hash: String,
}

pub(crate) fn head(head: &AuditHead) -> Value {
    json!({ "sequence": head.sequence, "hash": head.hash })
}

/// What an audit file is, as JSON; `head` is the expected one, as JSON. The file is read on another thread.
#[napi]
pub fn verify_audit<'env>(
    env: &'env Env,
    path: String,
    expected: Option<String>,
) -> napi::Result<PromiseRaw<'env, String>> {
    let expected: Option<Head> = expected
        .map(|head| serde_json::from_str(&head))
        .transpose()
        .map_err(|error| napi::Error::from_reason(error.to_string()))?;
    let expected = expected.map(|head| AuditHead::new(head.sequence, head.hash));
    env.spawn_future(async move {
        let shown = path.clone();
        let verified =
            tokio::task::spawn_blocking(move || vetty::verify_audit(path, expected.as_ref())).await;
        let verified = verified.map_err(|error| napi::Error::from_reason(error.to_string()))?;
        Ok(match verified {
            Ok(report) => json!({
                "ok": report.is_ok(),
                "events": report.events,
                "head": head(&report.head),
                "torn": report.torn,
                "problem": report.problem.map(vetty::AuditProblem::as_str),
                "brokenAt": report.broken_at,
            }),
            Err(error) => {
                let code = match error.kind() {
                    ErrorKind::NotFound => "ENOENT",
                    ErrorKind::PermissionDenied => "EACCES",
                    ErrorKind::IsADirectory => "EISDIR",
                    _ => "EIO",
                };
                let message = format!("The audit file {shown} cannot be read: {error}");
                json!({ "error": { "kind": "VettyError", "code": code, "message": message } })
            }
        }
        .to_string())
    })
}
