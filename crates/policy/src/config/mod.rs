//! The policy's section of a configuration: its keys, defaults and what may stand there.

mod choices;
mod error;
mod nearest;
mod number;
mod rule;
pub mod section;

pub use choices::{Access, DotDot, Fallback, PathGrant, Profile, StrictArgs};
pub use error::{ConfigError, ConfigErrorCode};
pub(crate) use nearest::nearest;
pub use rule::{Entry, Flags, Rule};

use crate::environment::{self, Environment};
use crate::pattern::Effect;
use crate::platform::Platform;
use crate::rule::Rules;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// What may run, where, and with which environment.
///
/// Keys are camelCase in JSON and JavaScript; snake_case is taken too (TOML, Rust). [`Config::default`] permits
/// nothing: `commands.allow` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
pub struct Config {
    /// Directories that commands may run in; the first is the default one. `/` is anywhere. Empty: the directory
    /// of the process that builds the policy, alone.
    pub workspaces: Vec<String>,
    /// Further places that path arguments may name.
    pub paths: Vec<PathGrant>,
    /// Which commands.
    #[serde(deserialize_with = "section::object")]
    pub commands: Commands,
    /// Which variables reach the child.
    #[serde(deserialize_with = "section::object")]
    pub env: EnvConfig,
    /// Default time limit of a call, in milliseconds; 0 is none.
    #[serde(deserialize_with = "section::whole")]
    pub timeout: u64,
    /// Run as this user.
    #[serde(deserialize_with = "number::id")]
    pub uid: Option<u32>,
    /// Run as this group.
    #[serde(deserialize_with = "number::id")]
    pub gid: Option<u32>,
    /// A built-in rule set.
    pub profile: Option<Profile>,
}

impl Config {
    /// The top-level keys of this section, for whoever composes it with others.
    pub const KEYS: [&'static str; 8] =
        ["workspaces", "paths", "commands", "env", "timeout", "uid", "gid", "profile"];

    /// Reads a configuration.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key: an unknown one, a wrong type (null is no default), a number that is
    /// negative, fractional or none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Config, ConfigError> {
        let config: Config = section::read("", deserializer)?;
        config.validate()?;
        Ok(config)
    }

    /// Checks what the types do not say: names, ranges, signals.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        for (i, path) in self.workspaces.iter().enumerate() {
            check_path(&format!("workspaces[{i}]"), path)?;
        }
        for (i, grant) in self.paths.iter().enumerate() {
            check_path(&format!("paths[{i}]"), &grant.path)?;
        }
        if let Some(element) = self.commands.search_path.iter().flatten().position(|path| path.contains('\0'))
        {
            return Err(ConfigError::new(
                format!("commands.searchPath[{element}]"),
                "expected a directory, got a text with a NUL byte",
            ));
        }
        if !SIGNALS.contains(&self.commands.kill_signal.as_str()) {
            return Err(ConfigError::new(
                "commands.killSignal",
                format_args!("expected a signal's name like SIGTERM, got {:?}", self.commands.kill_signal),
            ));
        }
        for (name, value) in &self.env.set {
            environment::check_variable(name, value)
                .map_err(|problem| ConfigError::new(format!("env.set.{}", name.escape_debug()), problem))?;
        }
        if let Some(id) = [("uid", self.uid), ("gid", self.gid)].iter().find(|id| id.1 == Some(u32::MAX)) {
            return Err(ConfigError::new(
                id.0,
                "expected a user or group number, got the one that means none",
            ));
        }
        Ok(())
    }
}

impl Config {
    /// Compiles the patterns and globs, as far as no machine is needed for it.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the entry.
    pub fn check_patterns(&self, platform: Platform) -> Result<(), ConfigError> {
        let agent = self.profile.is_some();
        let Commands { allow, deny, ask, .. } = &self.commands;
        Rules::new("commands.allow", allow.as_deref().unwrap_or_default(), Effect::Permit, platform, agent)?;
        Rules::new("commands.deny", deny, Effect::Forbid, platform, agent)?;
        Rules::new("commands.ask", ask, Effect::Forbid, platform, agent)?;
        Environment::new(&self.env, platform).map(drop)
    }
}

fn check_path(key: &str, path: &str) -> Result<(), ConfigError> {
    let problem = if path.is_empty() {
        "expected a directory, got an empty text"
    } else if path.contains('\0') {
        "expected a directory, got a text with a NUL byte"
    } else if path == "~" || path.starts_with("~/") {
        "expected a directory, got one that starts with ~, which only a shell expands: write it out"
    } else {
        return Ok(());
    };
    Err(ConfigError::new(key, problem))
}

impl Default for Config {
    fn default() -> Config {
        Config {
            workspaces: Vec::new(),
            paths: Vec::new(),
            commands: Commands::default(),
            env: EnvConfig::default(),
            timeout: 30_000,
            uid: None,
            gid: None,
            profile: None,
        }
    }
}

/// Which commands, in which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
pub struct Commands {
    /// What a command gets that no pattern matches. `None`: [`Fallback::Allow`] where `allow` is written out as an
    /// empty list, else [`Fallback::Deny`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub default: Option<Fallback>,
    /// What may run. `None`: the key is absent, and nothing is permitted.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub allow: Option<Vec<Entry>>,
    /// What may not; it wins.
    pub deny: Vec<Entry>,
    /// What must be approved; what is needs no entry of `allow`.
    pub ask: Vec<Entry>,
    /// More arguments (argv\[0\] not counted) are refused. `None`: 10, with a profile 256.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "number::given_count")]
    pub max_args: Option<u32>,
    /// Which characters are refused. `None`: [`StrictArgs::Every`], with a profile [`StrictArgs::Unquoted`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub strict_args: Option<StrictArgs>,
    /// What becomes of `..` in path arguments. `None`: [`DotDot::Refuse`], with a profile [`DotDot::Resolve`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub dot_dot: Option<DotDot>,
    /// Never a shell; `false`: lines with shell syntax go to the shell that `allow` names.
    pub no_shell: bool,
    /// Where bare program names are looked up. `None`: the PATH of the process that builds the policy.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub search_path: Option<Vec<String>>,
    /// First signal of a kill, a timeout or an abort.
    pub kill_signal: String,
    /// From that signal to SIGKILL, in milliseconds; 0 is SIGKILL at once.
    #[serde(deserialize_with = "section::whole")]
    pub kill_grace: u64,
    /// Windows: CREATE_NO_WINDOW.
    pub windows_hide: bool,
    /// Windows: pass arguments unquoted; refused where that would change their number.
    pub windows_verbatim_arguments: bool,
}

impl Default for Commands {
    fn default() -> Commands {
        Commands {
            default: None,
            allow: None,
            deny: Vec::new(),
            ask: Vec::new(),
            max_args: None,
            strict_args: None,
            dot_dot: None,
            no_shell: true,
            search_path: None,
            kill_signal: "SIGTERM".to_owned(),
            kill_grace: 2_000,
            windows_hide: false,
            windows_verbatim_arguments: false,
        }
    }
}

/// Which variables reach the child.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
pub struct EnvConfig {
    /// Globs over names; empty lets through all that is not denied. `None`: `NODE_ENV` and `PATH`, and what the
    /// profile adds.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub allow: Option<Vec<String>>,
    /// Globs over names; they win. `None`: `HOME` and `SSH_*`, but for what the profile lets through.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub deny: Option<Vec<String>>,
    /// Fixed values, past the filters.
    pub set: BTreeMap<String, String>,
}

/// A key that may be absent but not null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The signals that have a name on the supported systems.
const SIGNALS: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];
