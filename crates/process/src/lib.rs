//! How it runs: starts children, carries their bytes, waits for them and ends them with all they started.
//!
//! The crate knows nothing of policies. A [`Command`] says what to execute, [`Command::spawn`] starts it on one of a few
//! permanent threads (never on the caller's), and the [`Child`] that comes back is waited for without a signal handler.
//!
//! On Linux a child is born by `clone3` with the parent's memory shared until `execve`, so that the cost of a spawn does
//! not grow with the parent. Where the kernel or a container's filter refuses that call, the next rung of the ladder takes
//! over: `clone`, then the standard library's spawn. [`Rung::in_force`] tells which one is used.
//!
//! ```
//! # #[cfg(unix)]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use tokio::io::AsyncReadExt;
//! use vetty_process::{Command, Exit, Stdio};
//!
//! let mut child = Command::new("/bin/echo").arg("hello").stdout(Stdio::Pipe).spawn().await?;
//! let mut text = String::new();
//! child.stdout.take().expect("asked for a pipe").read_to_string(&mut text).await?;
//! child.exited().await;
//! assert_eq!((text.as_str(), child.reap()), ("hello\n", Exit::Exited(0)));
//! # Ok(())
//! # }
//! # #[cfg(not(unix))]
//! # fn main() {}
//! ```
#![deny(unsafe_op_in_unsafe_fn)]

mod beneath;
mod child;
mod command;
mod error;
mod exit;
mod orphans;
mod pipe;
mod private_log;
mod pty;
mod rung;
mod shell;
mod signal;
mod spawner;
mod staff;
mod support;
mod sys;
mod tree;
mod tree_limits;

pub use beneath::{Part, read_beneath};
pub use child::Child;
pub use command::{Command, Stdio};
pub use error::{Phase, SpawnError};
pub use exit::Exit;
pub use pipe::{PipeReader, PipeWriter};
pub use private_log::open_private_log;
pub use pty::{LineMode, Pty, Size, SizeError};
pub use rung::Rung;
pub use shell::default_shell;
pub use signal::{Signal, UnknownSignal};
pub use support::{features, namespace_obstacle, needs_user_namespace, user_is_root};
pub use tree::{Containment, KillScope, Tree};
pub use tree_limits::{Exceeded, TreeLimits};

pub use vetty_sandbox::{Confinement, Feature, Resource, ResourceLimit};
