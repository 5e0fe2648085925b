//! The crate against a real sshd on the loopback.
#![cfg(target_os = "linux")]

mod channels;
mod login;
mod server;
mod trust;
