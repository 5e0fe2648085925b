//! The configuration that the main thread has made final, for the workers that start later.

use std::sync::{Mutex, PoisonError};

use napi_derive::napi;

static LOCKED: Mutex<Option<String>> = Mutex::new(None);

/// Keeps a configuration as JSON; the first one stays.
#[napi]
pub fn lock_config(json: String) {
    LOCKED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(json);
}

/// What [`lock_config`] keeps.
#[napi]
pub fn locked_config() -> Option<String> {
    LOCKED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
