//! What may run: judges a command against a policy.
//!
//! A [`Request`] and a [`Policy`] make a [`Vetted`] command or a [`Denial`], without looking at anything; a [`Host`]
//! turns what passed into a [`Permit`], or refuses it for what it finds there. Only a `Permit` is to be executed.
//!
//! ```
//! use vetty_policy::{Code, FakeHost, Platform, Policy, Request};
//!
//! let host = FakeHost::new(Platform::Linux, "/srv/project")
//!     .executable("/usr/bin/git")
//!     .search_path(["/usr/bin"]);
//! let policy = Policy::builder().workspace("/srv/project").allow("git *").deny("git push").build_on(&host)?;
//!
//! let permit = policy.judge(&Request::new("git log --oneline"))?.bind(&host)?;
//! assert_eq!(permit.program(), "/usr/bin/git");
//! assert_eq!(permit.argv(), ["git", "log", "--oneline"]);
//!
//! let denial = policy.judge(&Request::new("git push --force")).unwrap_err();
//! assert_eq!(denial.code(), Code::CommandDenied);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limitations
//!
//! A filter sees words. What a permitted program does with them, with the files it reads or with what it starts, is
//! the sandbox's matter. Places that arguments name are judged when the command is bound, not when it opens them.

#![forbid(unsafe_code)]

mod arguments;
mod bind;
mod builder;
mod command_line;
mod config;
mod environment;
mod explain;
mod file;
mod host;
mod judge;
mod lint;
mod options;
mod path;
mod pattern;
mod permit;
mod platform;
mod policy;
mod profile;
mod program;
mod request;
mod rule;
mod script;
mod shell;
mod verdict;
mod workspace;

pub use bind::Vetted;
pub use builder::PolicyBuilder;
pub use command_line::{CommandLine, Malformed, text_from_utf16};
pub use config::{
    Access, Commands, Config, ConfigError, ConfigErrorCode, DotDot, Entry, EnvConfig, Fallback, Flags,
    PathGrant, Profile, Rule, StrictArgs, section,
};
pub use explain::{Considered, Explanation, RuleEffect};
pub use file::PolicyFile;
pub use host::{FakeHost, FileIdentity, FileInfo, FileKind, Host, OpenDirectory, Resolved, ThisMachine};
pub use lint::Lint;
pub use permit::{Directory, Permit, PermitParts};
pub use platform::Platform;
pub use policy::Policy;
pub use request::{CommandInput, Request};
pub use verdict::{Code, Denial, RuleRef, Verdict};
