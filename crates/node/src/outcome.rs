//! How a run ended, as JSON and copies of its bytes.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use napi::Env;
use napi::bindgen_prelude::{BufferSlice, Object};
use serde_json::{Value, json};
use vetty::{Enforced, Exit, Handle, Omitted, Output};

/// What a promise of the addon resolves with: `json`, and bytes that JSON has no room for. It is never rejected.
pub(crate) struct Outcome {
    json: Value,
    output: Option<Arc<Output>>,
}

impl Outcome {
    pub(crate) fn of(result: Result<Arc<Output>, vetty::Error>) -> Outcome {
        match result {
            Ok(output) => Outcome { json: json!({ "result": facts(&output) }), output: Some(output) },
            Err(error) => {
                let output = match &error {
                    vetty::Error::Timeout { output, .. } => Some(Arc::clone(output)),
                    vetty::Error::Aborted { output } => output.clone(),
                    _ => None,
                };
                let result = output.as_deref().map(facts);
                Outcome { json: json!({ "error": crate::error::error(&error), "result": result }), output }
            }
        }
    }

    /// Of a run that goes on.
    pub(crate) fn started(handle: &Handle) -> Outcome {
        let result = json!({
            "id": handle.id(),
            "pid": handle.pid(),
            "argv": handle.argv(),
            "startedAt": milliseconds(handle.started_at()),
            "kill": handle.kill_scope().as_str(),
            "enforced": enforced(handle.enforced()),
        });
        Outcome { json: json!({ "result": result }), output: None }
    }

    pub(crate) fn into_js(self, env: &Env) -> napi::Result<Object<'_>> {
        let mut object = Object::new(env)?;
        object.set("json", self.json.to_string())?;
        if let Some(output) = self.output {
            for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
                if !bytes.is_empty() {
                    object.set(name, BufferSlice::copy_from(env, bytes)?)?;
                }
            }
        }
        Ok(object)
    }
}

fn facts(output: &Output) -> Value {
    json!({
        "id": output.id,
        "pid": output.pid,
        "argv": output.argv,
        "exit": exit(&output.exit),
        "reason": output.reason.as_str(),
        "limit": output.limit.map(vetty::Limit::as_str),
        "bytes": { "stdout": output.stdout_bytes, "stderr": output.stderr_bytes },
        "omitted": { "stdout": output.stdout_omitted.map(omitted), "stderr": output.stderr_omitted.map(omitted) },
        "incomplete": output.incomplete,
        "survivors": output.survivors,
        "startedAt": milliseconds(output.started_at),
        "durationMs": output.duration.as_secs_f64() * 1000.0,
        "kill": output.kill_scope.as_str(),
        "enforced": enforced(&output.enforced),
    })
}

fn enforced(enforced: &Enforced) -> Value {
    json!({
        "level": enforced.level.as_str(),
        "features": enforced.features.iter().map(|feature| feature.as_str()).collect::<Vec<_>>(),
        "degraded": enforced.degraded.iter().map(|feature| feature.as_str()).collect::<Vec<_>>(),
    })
}

fn omitted(omitted: Omitted) -> Value {
    json!({ "offset": omitted.offset, "bytes": omitted.bytes })
}

/// The JavaScript `Exit`.
pub(crate) fn exit(exit: &Exit) -> Value {
    let (mut signal, mut core_dumped, mut lost) = (None, false, None);
    match exit {
        Exit::Signaled { signal: by, core_dumped: dumped } => {
            (signal, core_dumped) = (Some(by.name()), *dumped)
        }
        Exit::Lost(reason) => lost = Some(reason),
        _ => {}
    }
    json!({ "exitCode": exit.code(), "signal": signal, "coreDumped": core_dumped, "lost": lost })
}

/// Since the epoch, as a `Date` counts.
pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
