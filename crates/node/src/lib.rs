//! The addon behind `@vetty/terminal`: translates between JavaScript and `vetty`, and decides nothing.
//!
//! Data crosses as JSON text, bytes as copies (a host may forbid memory that it does not own). A function that can fail
//! gives `{ error }` in its JSON: the facade makes the error, in a frame of the caller.

// `deny`, not `forbid`: what `#[napi]` expands to registers itself by an `unsafe` constructor that it allows.
#![deny(unsafe_code)]
// What `#[napi]` exports is not exported from a test build, and a test build is all that clippy makes of it.
#![cfg_attr(test, allow(dead_code))]

pub mod audit;
mod call;
mod callback;
mod condition;
mod error;
mod events;
pub mod host_end;
mod keys;
pub mod lock;
mod outcome;
mod pictures;
mod process;
mod reading;
mod screen;
mod session;
pub mod support;
mod terminal;

use napi_derive::napi;

/// The version of the addon, which is the version of the npm package it was built for.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The words of a line; null if it is none.
#[napi]
pub fn words(line: String) -> Option<Vec<String>> {
    vetty::policy::CommandLine::parse(&line).ok().map(vetty::policy::CommandLine::into_words)
}

/// The names that [`vetty::Signal`] knows on this platform.
#[napi]
pub fn signals() -> Vec<&'static str> {
    vetty::Signal::NAMED.iter().filter(|(signal, _)| signal.as_raw() != 0).map(|(_, name)| *name).collect()
}
