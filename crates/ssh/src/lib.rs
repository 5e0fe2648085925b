//! Where it runs.
#![forbid(unsafe_code)]
#![allow(missing_docs)]

mod agent_socket;
pub mod auth;
mod channel;
mod connection;
mod error;
mod host;
mod host_key;
pub mod known_hosts;
mod quote;
mod target;

pub use channel::{Child, Chunk, Closed, Command, Ending, Output, Overflow};
pub use connection::Connection;
pub use error::{Error, HostKeyRefusal, Phase};
pub use host::{Host, HostError, MAX_RANGE};
pub use host_key::{HostKeys, Receipt, Trust};
pub use quote::{QuoteError, quote};
pub use target::{Limits, MAX_HOPS, Target};
pub use vetty_process::{Exit, Signal, Size};
