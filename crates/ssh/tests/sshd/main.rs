//! The crate against a real sshd on the loopback.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod channels;
mod config;
mod files;
mod fleet;
mod login;
mod pool;
mod scripted;
mod server;
mod trust;
