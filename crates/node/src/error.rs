//! Errors as data, for the facade to make its own of.

use serde_json::{Value, json};
use vetty::policy::ConfigError;
use vetty::{Error, Verdict};

/// What the facade makes a `VettyError` of: `kind` is its class.
pub(crate) fn error(error: &Error) -> Value {
    let (code, message) = (error.code(), error.to_string());
    match error {
        Error::Refused(denial) => refusal(denial.verdict()),
        Error::Config(error) => config(error),
        Error::Spawn(error) => json!({
            "kind": "SpawnError",
            "code": code,
            "message": message,
            "errno": error.errno(),
            "syscall": error.phase().syscall(),
            "phase": error.phase().as_str(),
            "path": error.path().map(|path| path.to_string_lossy()),
        }),
        Error::Timeout { limit, .. } => {
            json!({ "kind": "TimeoutError", "code": code, "message": message, "limit": limit.as_str() })
        }
        Error::Aborted { .. } => json!({ "kind": "AbortError", "code": code, "message": message }),
        Error::Busy { .. }
        | Error::TooManySessions { .. }
        | Error::InputFull
        | Error::Ended
        | Error::Locked
        | Error::NoScreen
        | Error::Closed => {
            json!({ "kind": "StateError", "code": code, "message": message })
        }
        Error::SizeTooLarge { .. } => {
            json!({ "kind": "ConfigError", "code": code, "message": message, "key": "size" })
        }
        Error::UnknownKey(_) => {
            json!({ "kind": "ConfigError", "code": code, "message": message, "key": "keys" })
        }
        _ => json!({ "kind": "VettyError", "code": code, "message": message }),
    }
}

pub(crate) fn refusal(verdict: &Verdict) -> Value {
    json!({ "kind": "PolicyError", "verdict": verdict })
}

pub(crate) fn config(error: &ConfigError) -> Value {
    json!({
        "kind": "ConfigError",
        "code": error.code().as_str(),
        "message": error.to_string(),
        "key": error.key(),
        "file": error.file().map(|file| file.to_string_lossy()),
    })
}
