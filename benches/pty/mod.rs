//! Sessions on pseudo-terminals, beside pty-process and portable-pty.
//!
//! vetty is measured as its users have it, policy and pump included, but for the spawn call; a peer in the way that its
//! documentation shows. In turn, in one run.

mod flow;
mod idle;
mod peers;
mod screen;
mod spawn;

pub use flow::{echo, never_reads, slow_reader, throughput};
pub use idle::{COUNTED, hold, idle};
pub use screen::screens;
pub use spawn::{calls, runs};
