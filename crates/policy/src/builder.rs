//! A policy from Rust, key by key.

use crate::config::{
    Access, Commands, Config, ConfigError, DotDot, Entry, EnvConfig, Fallback, PathGrant, Profile, StrictArgs,
};
use crate::host::{Host, ThisMachine};
use crate::policy::Policy;
use std::time::Duration;

/// Makes a [`Policy`]. Nothing is permitted until [`allow`](PolicyBuilder::allow) says so.
///
/// Mistakes are reported by [`build`](PolicyBuilder::build), under the key that a configuration file would have.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct PolicyBuilder {
    config: Config,
    /// Names to drop beside the default ones.
    denied: Vec<String>,
}

impl PolicyBuilder {
    /// Adds a directory that commands may run in; the first is the default one.
    pub fn workspace(mut self, path: impl Into<String>) -> PolicyBuilder {
        self.config.workspaces.push(path.into());
        self
    }

    /// Adds a place that arguments may name for reading.
    pub fn path_read(self, path: impl Into<String>) -> PolicyBuilder {
        self.path(path.into(), Access::Read)
    }

    /// Adds a place that arguments may name for writing.
    pub fn path_write(self, path: impl Into<String>) -> PolicyBuilder {
        self.path(path.into(), Access::Write)
    }

    fn path(mut self, path: String, access: Access) -> PolicyBuilder {
        self.config.paths.push(PathGrant { path, access });
        self
    }

    fn commands(&mut self) -> &mut Commands {
        &mut self.config.commands
    }

    fn env(&mut self) -> &mut EnvConfig {
        &mut self.config.env
    }

    /// Judges by what is known of the programs that agents run, with defaults of its own for all that is not set.
    pub fn profile(mut self, profile: Profile) -> PolicyBuilder {
        self.config.profile = Some(profile);
        self
    }

    /// Permits what matches: a pattern, or a [`Rule`](crate::Rule).
    pub fn allow(mut self, entry: impl Into<Entry>) -> PolicyBuilder {
        self.commands().allow.get_or_insert_with(Vec::new).push(entry.into());
        self
    }

    /// Permits all that nothing forbids.
    pub fn allow_all(mut self) -> PolicyBuilder {
        self.commands().default = Some(Fallback::Allow);
        self
    }

    /// Forbids what matches; wins over all else.
    pub fn deny(mut self, entry: impl Into<Entry>) -> PolicyBuilder {
        self.commands().deny.push(entry.into());
        self
    }

    /// Makes what matches need an approval, which is then enough to run.
    pub fn ask(mut self, entry: impl Into<Entry>) -> PolicyBuilder {
        self.commands().ask.push(entry.into());
        self
    }

    /// What a command gets that no pattern matches.
    pub fn fallback(mut self, fallback: Fallback) -> PolicyBuilder {
        self.commands().default = Some(fallback);
        self
    }

    /// Refuses more arguments than this. Default 10.
    pub fn max_args(mut self, count: u32) -> PolicyBuilder {
        self.commands().max_args = Some(count);
        self
    }

    /// Which characters are refused. Default: [`StrictArgs::Every`].
    pub fn strict_args(mut self, strict: StrictArgs) -> PolicyBuilder {
        self.commands().strict_args = Some(strict);
        self
    }

    /// What becomes of `..` in path arguments. Default: [`DotDot::Refuse`].
    pub fn dot_dot(mut self, dot_dot: DotDot) -> PolicyBuilder {
        self.commands().dot_dot = Some(dot_dot);
        self
    }

    /// `false`: lines with shell syntax go to the shell that `allow` names. Default `true`.
    pub fn no_shell(mut self, no_shell: bool) -> PolicyBuilder {
        self.commands().no_shell = no_shell;
        self
    }

    /// Where bare program names are looked up. Default: this process' PATH.
    pub fn search_path<I: IntoIterator<Item = S>, S: Into<String>>(mut self, elements: I) -> PolicyBuilder {
        self.commands().search_path = Some(elements.into_iter().map(Into::into).collect());
        self
    }

    /// First signal of a kill, a timeout or an abort. Default `SIGTERM`.
    pub fn kill_signal(mut self, name: impl Into<String>) -> PolicyBuilder {
        self.commands().kill_signal = name.into();
        self
    }

    /// From that signal to SIGKILL. Default 2 seconds.
    pub fn kill_grace(mut self, grace: Duration) -> PolicyBuilder {
        self.commands().kill_grace = milliseconds(grace);
        self
    }

    /// Windows: no console window. Default `false`.
    pub fn windows_hide(mut self, hide: bool) -> PolicyBuilder {
        self.commands().windows_hide = hide;
        self
    }

    /// Windows: arguments are passed unquoted. Default `false`.
    pub fn windows_verbatim_arguments(mut self, verbatim: bool) -> PolicyBuilder {
        self.commands().windows_verbatim_arguments = verbatim;
        self
    }

    /// Lets variables through. The first call replaces the default, `NODE_ENV` and `PATH`.
    pub fn env_allow(mut self, glob: impl Into<String>) -> PolicyBuilder {
        self.env().allow.get_or_insert_with(Vec::new).push(glob.into());
        self
    }

    /// Lets through all variables that nothing denies or guards.
    pub fn env_allow_all(mut self) -> PolicyBuilder {
        self.env().allow = Some(Vec::new());
        self
    }

    /// Drops variables, beside the default, `HOME` and `SSH_*`.
    pub fn env_deny(mut self, glob: impl Into<String>) -> PolicyBuilder {
        self.denied.push(glob.into());
        self
    }

    /// Drops no variable but what was or will be denied by name: the default is left out.
    pub fn env_deny_nothing(mut self) -> PolicyBuilder {
        self.env().deny.get_or_insert_with(Vec::new);
        self
    }

    /// Fixes a variable, past the filters.
    pub fn env_set(mut self, name: impl Into<String>, value: impl Into<String>) -> PolicyBuilder {
        self.env().set.insert(name.into(), value.into());
        self
    }

    /// Default time limit of a call; zero is none. Default 30 seconds.
    pub fn timeout(mut self, limit: Duration) -> PolicyBuilder {
        self.config.timeout = milliseconds(limit);
        self
    }

    /// Run as this user.
    pub fn uid(mut self, uid: u32) -> PolicyBuilder {
        self.config.uid = Some(uid);
        self
    }

    /// Run as this group.
    pub fn gid(mut self, gid: u32) -> PolicyBuilder {
        self.config.gid = Some(gid);
        self
    }

    /// Compiles the policy for this machine.
    ///
    /// # Errors
    /// As [`Policy::new`].
    pub fn build(self) -> Result<Policy, ConfigError> {
        self.build_on(&ThisMachine)
    }

    /// Compiles the policy for another machine.
    ///
    /// # Errors
    /// As [`Policy::new`].
    pub fn build_on(self, host: &dyn Host) -> Result<Policy, ConfigError> {
        let PolicyBuilder { mut config, denied } = self;
        if !denied.is_empty() {
            if config.env.deny.is_none() {
                crate::profile::fill(&mut config, host.platform());
            }
            config.env.deny.get_or_insert_default().extend(denied);
        }
        Policy::new(config, host)
    }
}

/// Part of a millisecond counts as one: a limit is never lost by rounding.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
