//! The terminal you can hand to an agent: a command is vetted against a policy, run at the speed the machine allows, and
//! answered with typed results.
//!
//! ```
//! # #[cfg(unix)]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use vetty::{Policy, Terminal};
//!
//! let terminal = Terminal::new(Policy::builder().allow("echo *").deny("echo secret").build()?);
//!
//! let output = terminal.execute("echo hello").await?;
//! assert_eq!((output.stdout_text(), output.code()), ("hello\n".into(), Some(0)));
//!
//! let refused = terminal.execute("echo secret").await.unwrap_err();
//! assert_eq!(refused.code(), "COMMAND_DENIED");
//! # Ok(())
//! # }
//! # #[cfg(not(unix))]
//! # fn main() {}
//! ```
//!
//! # What may run
//! [`Policy`] decides, and refuses what it does not know: see [`Policy::builder`] and [`Terminal::check`].
//!
//! # Ways to run
//! [`Terminal::execute`] captures and waits; [`Command`] has options and three verbs: [`Command::run`],
//! [`Command::spawn`] for a [`Process`] whose output streams, [`Command::start`] for the background.
//!
//! # Ends
//! Dropping a future or a [`Process`] kills the whole tree. So does a timeout, a cancelled token, [`Handle::kill`] and the
//! drop of the last [`Terminal`]. No end needs the runtime to be idle, and none leaves a zombie.
#![forbid(unsafe_code)]

mod approval;
mod audit;
mod capture;
mod command;
mod config;
mod egress;
mod error;
mod explain;
mod handle;
mod held;
mod launch;
mod load;
mod output;
mod process;
mod pump;
mod quota;
mod registry;
mod run;
mod sandbox;
mod session;
mod shell;
mod side;
mod streams;
mod support;
mod tap;
mod terminal;

pub use approval::Approval;
pub use audit::{
    AuditConfig, AuditEvent, AuditEvents, AuditHead, AuditKind, AuditProblem, AuditReport, ConfigChange,
    OnFull, RedactConfig, verify as verify_audit_lines, verify_audit,
};
pub use capture::Omitted;
pub use command::{Command, CommandLine};
pub use config::{Cells, Config, History, MaxCells, OutputConfig, Quotas, Replies, Retain, Sessions};
pub use error::Error;
pub use handle::{Captured, Handle, Kill};
pub use output::{Chunk, EndReason, Limit, Output, Source};
pub use process::Process;
pub use registry::Listed;
pub use sandbox::Enforced;
pub use session::{
    Foreground, ForegroundState, Match, Reader, Secret, Session, SessionEvent, SessionEvents, SessionScreen,
    SessionTap, TapChunk, Wait, Waited,
};
pub use support::{LevelSupport, Support, support};
pub use tap::Tap;
pub use terminal::Terminal;

pub use tokio_util::sync::CancellationToken;
pub use vetty_policy as policy;
pub use vetty_policy::{ConfigError, Denial, Explanation, Lint, Policy, Verdict};
pub use vetty_process::{
    Exit, KillScope, LineMode, PipeWriter as Stdin, Signal, Size, SizeError, SpawnError,
};
pub use vetty_sandbox::{
    Feature, Level, LimitsConfig as Limits, Metadata, Network, SandboxConfig, UnixSockets,
};

pub use regex;
pub use vetty_screen as screen;
