//! The addon behind `@vetty/terminal`: translates between JavaScript and `vetty`, and decides nothing.

// `deny`, not `forbid`: what `#[napi]` expands to registers itself by an `unsafe` constructor that it allows.
#![deny(unsafe_code)]

use napi_derive::napi;

/// The version of the addon, which is the version of the npm package it was built for.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
