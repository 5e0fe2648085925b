//! Where it runs: programs and terminals on other hosts, through the SSH servers that are there.
//!
//! A [`Target`] says whom to reach and how the host and the user prove who they are. [`Connection::dial`] verifies the
//! host's key, by this crate's own reading of known_hosts, and logs in. A [`Command`] is then spawned or executed on it; a
//! [`Pool`] keeps connections for many commands, and dials again when one is lost.
//!
//! ```no_run
//! # async fn example() -> Result<(), vetty_ssh::Error> {
//! use vetty_ssh::{Command, Connection, Target};
//!
//! let target = Target::new("ssh://deploy@web1.example".parse()?);
//! let connection = Connection::dial(&target).await?;
//! let output = connection.execute(&Command::new("uname").arg("-sr"), "").await?;
//! println!("{}: {}", output.exit, String::from_utf8_lossy(&output.stdout));
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - Nothing is sent to a host whose key is not accepted, but the key exchange. Each hop of a way is verified by itself.
//! - A server opens nothing here: forwarded ports, the agent and X11 are refused, and the agent is never forwarded.
//! - All that comes is taken from the connection at all times; what waits for a reader is bounded. One terminal that
//!   nobody reads stops no other.
//! - An exit is known when the channel has closed, after the last byte. Where there is no status it is
//!   [`Exit::Lost`] with the reason, never 0.
//! - [`Child::close`] leaves no process of the program's group and session behind, with or without a terminal.
//!
//! # What does not
//!
//! - The remote login shell must be a POSIX shell: the protocol carries a line, which [`quote`] writes for such a one.
//! - A process that leaves its session (`setsid`, daemons) is not found when the program is closed.
//! - SSH cannot slow one channel alone in this implementation: output that nobody reads in time is dropped and counted,
//!   or with [`Overflow::Wait`] the whole connection waits.
//! - The library below does not overwrite the answers to keyboard-interactive questions in memory, only passwords.
#![forbid(unsafe_code)]

mod agent_socket;
pub mod auth;
mod channel;
mod config;
mod connection;
mod error;
mod files;
mod fleet;
mod host;
mod host_key;
pub mod known_hosts;
mod pool;
mod quote;
mod target;

pub use channel::{Child, Chunk, Closed, Command, Ending, Output, Overflow};
pub use config::Configuration;
pub use connection::Connection;
pub use error::{Error, HostKeyRefusal, Phase};
pub use files::{Transfer, Transferred};
pub use fleet::{ExitPolicy, Fleet, FleetEvent, FleetOptions, FleetRun, Outcome, Summary};
pub use host::{Host, HostError, MAX_RANGE};
pub use host_key::{HostKeys, Receipt, Trust};
pub use pool::{Dials, Loss, Pool};
pub use quote::{QuoteError, quote};
pub use target::{Limits, MAX_HOPS, Target};

pub use vetty_process::{Exit, Signal, Size};
