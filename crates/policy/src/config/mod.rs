//! The policy's section of a configuration: its keys, defaults and what may stand there.

mod error;
mod number;
mod object;

pub use error::{ConfigError, ConfigErrorCode};

use crate::environment;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// What may run, where, and with which environment.
///
/// Keys are camelCase in JSON and JavaScript; snake_case is taken too (TOML, Rust). [`Config::default`] permits
/// nothing: `commands.allow` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// Directories that commands may run in; the first is the default one. `/` is anywhere. Empty: the directory
    /// of the process that builds the policy, alone.
    pub workspaces: Vec<String>,
    /// Further places that path arguments may name.
    pub paths: Vec<PathGrant>,
    /// Which commands.
    #[serde(deserialize_with = "object::only")]
    pub commands: Commands,
    /// Which variables reach the child.
    #[serde(deserialize_with = "object::only")]
    pub env: EnvConfig,
    /// Default time limit of a call, in milliseconds; 0 is none.
    #[serde(deserialize_with = "number::milliseconds")]
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
    pub const KEYS: [&'static str; 8] = [
        "workspaces",
        "paths",
        "commands",
        "env",
        "timeout",
        "uid",
        "gid",
        "profile",
    ];

    /// Reads a configuration.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key: an unknown one, a wrong type (null is no default), a number that is
    /// negative, fractional or none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Config, ConfigError> {
        let object::Only(config) = serde_path_to_error::deserialize::<_, object::Only<Config>>(deserializer)?;
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
        if let Some(element) = self
            .commands
            .search_path
            .iter()
            .flatten()
            .position(|path| path.contains('\0'))
        {
            return Err(ConfigError::new(
                format!("commands.searchPath[{element}]"),
                "expected a directory, got a text with a NUL byte",
            ));
        }
        if !SIGNALS.contains(&self.commands.kill_signal.as_str()) {
            return Err(ConfigError::new(
                "commands.killSignal",
                format_args!(
                    "expected a signal's name like SIGTERM, got {:?}",
                    self.commands.kill_signal
                ),
            ));
        }
        for (name, value) in &self.env.set {
            environment::check_variable(name, value)
                .map_err(|problem| ConfigError::new(format!("env.set.{}", name.escape_debug()), problem))?;
        }
        if let Some(id) = [("uid", self.uid), ("gid", self.gid)]
            .iter()
            .find(|id| id.1 == Some(u32::MAX))
        {
            return Err(ConfigError::new(
                id.0,
                "expected a user or group number, got the one that means none",
            ));
        }
        if self.profile.is_some() {
            return Err(ConfigError::new(
                "profile",
                "expected null, got \"agent\": this version has no profiles",
            ));
        }
        Ok(())
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
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Commands {
    /// What a command gets that no pattern matches. `None`: [`Fallback::Allow`] where `allow` is written out as an
    /// empty list, else [`Fallback::Deny`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub default: Option<Fallback>,
    /// Patterns of what may run. `None`: the key is absent, and nothing is permitted.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub allow: Option<Vec<String>>,
    /// Patterns of what may not; they win.
    pub deny: Vec<String>,
    /// Patterns of what must be approved.
    pub ask: Vec<String>,
    /// More arguments (argv\[0\] not counted) are refused.
    #[serde(alias = "max_args", deserialize_with = "number::count")]
    pub max_args: u32,
    /// Which characters are refused.
    #[serde(alias = "strict_args")]
    pub strict_args: StrictArgs,
    /// What becomes of `..` in path arguments.
    #[serde(alias = "dot_dot")]
    pub dot_dot: DotDot,
    /// Never a shell; `false`: lines with shell syntax go to the shell that `allow` names.
    #[serde(alias = "no_shell")]
    pub no_shell: bool,
    /// Where bare program names are looked up. `None`: the PATH of the process that builds the policy.
    #[serde(
        alias = "search_path",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub search_path: Option<Vec<String>>,
    /// First signal of a kill, a timeout or an abort.
    #[serde(alias = "kill_signal")]
    pub kill_signal: String,
    /// From that signal to SIGKILL, in milliseconds; 0 is SIGKILL at once.
    #[serde(alias = "kill_grace", deserialize_with = "number::milliseconds")]
    pub kill_grace: u64,
    /// Windows: CREATE_NO_WINDOW.
    #[serde(alias = "windows_hide")]
    pub windows_hide: bool,
    /// Windows: pass arguments unquoted; refused where that would change their number.
    #[serde(alias = "windows_verbatim_arguments")]
    pub windows_verbatim_arguments: bool,
}

impl Default for Commands {
    fn default() -> Commands {
        Commands {
            default: None,
            allow: None,
            deny: Vec::new(),
            ask: Vec::new(),
            max_args: 10,
            strict_args: StrictArgs::Every,
            dot_dot: DotDot::Refuse,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EnvConfig {
    /// Globs over names; empty lets through all that is not denied.
    pub allow: Vec<String>,
    /// Globs over names; they win.
    pub deny: Vec<String>,
    /// Fixed values, past the filters.
    pub set: BTreeMap<String, String>,
}

impl Default for EnvConfig {
    fn default() -> EnvConfig {
        let list = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        EnvConfig {
            allow: list(["NODE_ENV", "PATH"]),
            deny: list(["HOME", "SSH_*"]),
            set: BTreeMap::new(),
        }
    }
}

/// What a command gets that no pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// It is refused.
    Deny,
    /// It may run.
    Allow,
    /// It must be approved.
    Ask,
}

/// Which characters of a command are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StrictArgs {
    /// Shell metacharacters, CR, LF and ESC, in any word (`true`).
    Every,
    /// Only what a shell would act on, and ESC (`'unquoted'`).
    Unquoted,
    /// None (`false`).
    Off,
}

impl Serialize for StrictArgs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            StrictArgs::Every => serializer.serialize_bool(true),
            StrictArgs::Unquoted => serializer.serialize_str("unquoted"),
            StrictArgs::Off => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for StrictArgs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StrictArgs, D::Error> {
        struct Setting;
        impl Visitor<'_> for Setting {
            type Value = StrictArgs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or \"unquoted\"")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<StrictArgs, E> {
                Ok(if value { StrictArgs::Every } else { StrictArgs::Off })
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<StrictArgs, E> {
                match value {
                    "unquoted" => Ok(StrictArgs::Unquoted),
                    _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
                }
            }
        }
        deserializer.deserialize_any(Setting)
    }
}

/// What becomes of `..` in path arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DotDot {
    /// They are refused.
    Refuse,
    /// They are resolved physically, and the result is held to the workspaces.
    Resolve,
}

/// A built-in rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Profile {
    /// For commands that an agent writes.
    Agent,
}

/// A place that path arguments may name: a text, or `{ path, access }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathGrant {
    /// A directory or a file.
    pub path: String,
    /// What may be done there. A filter cannot tell reading from writing; the sandbox can.
    pub access: Access,
}

/// What may be done at a [`PathGrant`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Reading.
    #[default]
    Read,
    /// Reading and writing.
    Write,
}

impl<'de> Deserialize<'de> for PathGrant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PathGrant, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Spelled {
            path: String,
            #[serde(default)]
            access: Access,
        }
        struct Grant;
        impl<'de> Visitor<'de> for Grant {
            type Value = PathGrant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path or { path, access }")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<PathGrant, E> {
                Ok(PathGrant {
                    path: path.to_owned(),
                    access: Access::default(),
                })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PathGrant, A::Error> {
                let Spelled { path, access } =
                    Deserialize::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(PathGrant { path, access })
            }
        }
        deserializer.deserialize_any(Grant)
    }
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
