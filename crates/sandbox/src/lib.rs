//! What a program may touch: compiles the configuration of a sandbox to data that a child applies to itself before it
//! executes the program.
//!
//! The crate knows nothing of policies and starts nothing. [`Confinement::compile`] makes a Landlock ruleset (an open
//! descriptor), a seccomp program (plain instructions) and the order to drop capabilities; whoever spawns applies them, in
//! the child, last before `execve`. All of it holds for whatever the program starts, and cannot be undone. For the level
//! `isolate` it also plans namespaces and what of the file system is in view ([`Isolation`]).
//!
//! Nothing is best effort: what a configuration asks and the kernel lacks is an error that names the [`Feature`], unless
//! its owner listed it in `allowDegraded`.
//!
//! # Limitations
//! Landlock grants and never takes back: a place inside of a writable place is writable. Neither it nor seccomp holds
//! modes, owners, times and extended attributes to places, hides that a file exists, or keeps a program from watching a
//! directory (`inotify`). Bounds of memory and processes for a whole tree are the control groups' matter.
#![forbid(unsafe_code)]

mod config;
mod confinement;
mod feature;
mod grants;
mod hosts;
mod isolation;
mod limits;
mod protect;
mod seccomp;
mod support;

pub use config::{Level, Metadata, Network, SandboxConfig, SandboxConfigError, UnixSockets};
pub use confinement::{Confinement, Unconfinable};
pub use feature::Feature;
pub use grants::Surroundings;
pub use hosts::{Hosts, PROXY_PORT, is_public};
pub use isolation::{Isolation, ViewStep};
pub use limits::{LimitsConfig, Resource, ResourceLimit};
pub use seccomp::{Instruction, Machine};
pub use support::{PrivateDirectory, Ruleset, kernel_features};
