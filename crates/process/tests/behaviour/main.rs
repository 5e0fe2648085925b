//! What the crate promises, watched from inside real children. `ladder` runs all of it again on every rung.
#![cfg(target_os = "linux")]

#[macro_use]
mod host;

mod cancel;
mod confine;
mod descent;
mod errors;
mod exit;
mod hygiene;
mod identity;
mod ladder;
mod program;
mod pty;
mod pty_unavailable;
mod storm;
mod streams;
mod tree;
